"""RED_EYE: pupils are not red from the flash (R25)."""

from __future__ import annotations

import cv2
import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.face import LEFT_IRIS, LEFT_PUPIL, RIGHT_IRIS, RIGHT_PUPIL, Face
from backend.compliance.findings import Mark
from backend.compliance.observed import Rgb
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule

TIMES = 1.9  # brown eyes reach 1.4
LEAST = 30


def measure(rgb: Rgb, face: Face) -> float:
    """The share of the iris and pupil that is flash red, on the redder eye, 0..1.

    Flash red: red at least 1.9 times green and blue, plus 30 of 255, which brown eyes do not reach.
    Source: R25, 教毕指〔2017〕99号; no number given.
    """
    return max(_share(rgb, face, LEFT_PUPIL, LEFT_IRIS), _share(rgb, face, RIGHT_PUPIL, RIGHT_IRIS))


def _share(rgb: Rgb, face: Face, pupil: int, iris: tuple[int, ...]) -> float:
    x, y = face.point(pupil)
    radius = max(2.0, float(np.mean([face.distance(pupil, edge) for edge in iris])) * 0.8)
    reach = round(radius) + 1
    left, top = max(0, round(x) - reach), max(0, round(y) - reach)
    part = rgb[top : max(top, round(y) + reach + 1), left : max(left, round(x) + reach + 1)]
    mask = np.zeros(part.shape[:2], np.uint8)
    cv2.circle(mask, (round(x) - left, round(y) - top), round(radius), 1, -1)
    pixels = part[mask > 0].astype(np.float32)
    if not len(pixels):
        raise ValueError("the eye is outside the picture")
    return float(np.mean(pixels[:, 0] > TIMES * pixels[:, 1:].max(axis=1) + LEAST))


def look(prepared: Prepared, rule: Rule) -> Observation:
    return Observation(measure(prepared.rgb, prepared.subject), (Mark("points", prepared.subject.pupils),))


CHECK = Check(Code.RED_EYE, look, needs_face=True)
