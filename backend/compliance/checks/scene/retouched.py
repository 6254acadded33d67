"""RETOUCHED: skin still shows its texture (R03). Only ever a question to the reviewer."""

from __future__ import annotations

import cv2
import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.face import CHEEKS, LEFT_EYE, RIGHT_EYE, Face
from backend.compliance.observed import Rgb
from backend.compliance.prepare import Prepared
from backend.compliance.regions import grown
from backend.compliance.standard import Rule


def measure(rgb: Rgb, face: Face) -> float:
    """Fine texture of the cheeks over that of the eyes: beauty filters flatten the skin and leave the eyes sharp.

    A ratio, so that focus, contrast and skin tone cancel out. Source: R03, 教毕指〔2017〕99号; no number given.
    """
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    fine = grey - cv2.GaussianBlur(grey, (0, 0), 2)
    cheeks = _mask(rgb, [face.polygon(part) for part in CHEEKS])
    eyes = _mask(rgb, [grown(face.polygon(part), 1.2, 1.8) for part in (LEFT_EYE, RIGHT_EYE)])
    return float(fine[cheeks].std() / max(float(fine[eyes].std()), 0.5))


def _mask(rgb: Rgb, polygons: list[np.ndarray]) -> np.ndarray:
    mask = np.zeros(rgb.shape[:2], np.uint8)
    for polygon in polygons:
        cv2.fillPoly(mask, [np.round(polygon).astype(np.int32)], 1)
    if mask.sum() < 50:
        raise ValueError("too few pixels")
    return mask > 0


def look(prepared: Prepared, rule: Rule) -> Observation:
    return Observation(measure(prepared.rgb, prepared.subject))


CHECK = Check(Code.RETOUCHED, look, needs_face=True)
