"""Parts of the picture, as masks at half size: background, face, clothes.

Half size because colours and spreads do not change with it and it is four times as fast.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from backend.compliance.face import (
    CHIN,
    LEFT_EYE,
    OUTER_LIPS,
    OVAL,
    RIGHT_EYE,
    Face,
)
from backend.compliance.observed import Grey, Mask, Rgb

FACTOR = 0.5
CERTAINLY_BACKGROUND = 0.15  # the person mask below this
EDGE = 7  # pixels at half size kept away from the person: hair wisps and the mask's own error


@dataclass(frozen=True)
class Regions:
    """Masks and colours at half size. lab: (h, w, 3) float32, L* 0..100, a*, b*."""

    rgb: Rgb
    lab: Grey
    background: Mask
    person: Mask
    skin: Mask
    clothes: Mask


def regions_of(rgb: Rgb, person: Grey, face: Face) -> Regions:
    height, width = rgb.shape[:2]
    size = max(1, round(width * FACTOR)), max(1, round(height * FACTOR))
    small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    alpha = cv2.resize(person, size, interpolation=cv2.INTER_AREA)
    lab = np.asarray(cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), dtype=np.float32)
    near_person = cv2.dilate((alpha > CERTAINLY_BACKGROUND).astype(np.uint8), np.ones((EDGE, EDGE), np.uint8))
    background = near_person == 0
    body = alpha > 0.5
    clothes = cv2.erode((alpha > 0.9).astype(np.uint8), np.ones((EDGE, EDGE), np.uint8)) > 0
    clothes[: int(min(size[1], (face.point(CHIN)[1] + 0.55 * face.length) * FACTOR))] = False
    return Regions(small, lab, background, body, _skin(size, face), clothes)


def _skin(size: tuple[int, int], face: Face) -> Mask:
    """Cheeks, nose, forehead below the hair and chin: the inside of the oval without eyes and mouth."""
    mask = np.zeros(size[::-1], np.uint8)
    oval = face.polygon(OVAL)
    inner = oval.mean(axis=0) + (oval - oval.mean(axis=0)) * 0.85
    cv2.fillPoly(mask, [_at(inner)], 1)
    for part, grow in ((LEFT_EYE, 2.2), (RIGHT_EYE, 2.2), (OUTER_LIPS, 1.2)):
        polygon = face.polygon(part)
        middle = polygon.mean(axis=0)
        cv2.fillPoly(mask, [_at(middle + (polygon - middle) * grow)], 0)
    return mask > 0


def _at(polygon: Grey) -> Grey:
    return np.round(polygon * FACTOR).astype(np.int32)
