"""RETOUCHED: skin still shows its texture (R03). Only ever a question to the reviewer."""

from __future__ import annotations

import cv2
import numpy as np

from backend.compliance import places
from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.face import CHEEKS, LEFT_EYE, RIGHT_EYE, Face
from backend.compliance.observed import Grey, Rgb
from backend.compliance.prepare import Prepared
from backend.compliance.regions import grown
from backend.compliance.standard import Rule

MARGIN = 10  # pixels that the blur needs round the parts


def measure(grey: Rgb, face: Face) -> float:
    """Fine texture of the cheeks over that of the eyes: beauty filters flatten the skin and leave the eyes sharp.

    grey: (h, w) uint8. A ratio, so that focus, contrast and skin tone cancel out.
    Source: R03, 教毕指〔2017〕99号; no number given.
    """
    cheek_outlines = [face.polygon(part) for part in CHEEKS]
    eye_outlines = [grown(face.polygon(part), 1.2, 1.8) for part in (LEFT_EYE, RIGHT_EYE)]
    every = np.concatenate(cheek_outlines + eye_outlines)
    corner = np.maximum(every.min(axis=0).astype(np.int32) - MARGIN, 0)
    left, top = (int(part) for part in corner)
    right, bottom = (int(part) + MARGIN for part in every.max(axis=0))
    part = grey[top : max(top, bottom), left : max(left, right)].astype(np.float32)
    if not part.size:
        raise ValueError("outside the picture")
    fine = part - cv2.GaussianBlur(part, (0, 0), 2)
    cheeks = _mask(part, [outline - corner for outline in cheek_outlines])
    eyes = _mask(part, [outline - corner for outline in eye_outlines])
    return float(fine[cheeks].std() / max(float(fine[eyes].std()), 0.5))


def _mask(grey: Grey, polygons: list[np.ndarray]) -> np.ndarray:
    mask = np.zeros(grey.shape, np.uint8)
    for polygon in polygons:
        cv2.fillPoly(mask, [np.round(polygon).astype(np.int32)], 1)
    if mask.sum() < 50:
        raise ValueError("too few pixels")
    return mask > 0


def look(prepared: Prepared, rule: Rule) -> Observation:
    return Observation(measure(prepared.grey, prepared.subject))


CHECK = Check(Code.RETOUCHED, look, needs_face=True, where=places.cheeks)
