"""BG_SHADOW: the head throws no shadow on the background (R07)."""

from __future__ import annotations

import cv2
import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.face import CHIN, Face
from backend.compliance.findings import Mark
from backend.compliance.observed import Grey, Mask
from backend.compliance.prepare import Prepared
from backend.compliance.regions import FACTOR
from backend.compliance.standard import Rule

STEP = 12  # rows at half size
FEWEST = 30
SMOOTH = 1.6  # L* of fine detail: a shadow is soft, loose hair is not


def measure(lab: Grey, background: Mask, person: Mask, face: Face) -> tuple[float, tuple[float, float] | None]:
    """How much darker the background is right beside the head than further out, in L*; and where, at half size.

    Compares, side by side and step by step from the head top to the shoulders, a strip near the person with the
    background further out at the same height. Strips with fine detail are loose hair and do not count.
    Source: R07, no number given.
    """
    lightness = lab[..., 0]
    smooth = cv2.GaussianBlur(lightness, (0, 0), 1.5)
    detail = np.abs(lightness - smooth)
    away = cv2.distanceTransform((~person).astype(np.uint8), cv2.DIST_L2, 3)
    width, axis = face.width * FACTOR, face.axis * FACTOR
    near, far = background & (away < 0.24 * width), background & (away > 0.4 * width)
    columns = np.arange(lab.shape[1])[None, :]
    deepest, where = 0.0, None
    overall = float(np.median(smooth[background]))
    top = int(np.argmax(person.any(axis=1)))
    bottom = int(min(lab.shape[0], (face.point(CHIN)[1] + 0.5 * face.width) * FACTOR))
    for side in (columns < axis, columns >= axis):
        near_side, far_side = near & side, far & side
        for row in range(top, bottom, STEP):
            beside = near_side[row : row + STEP + 4]
            if beside.sum() < FEWEST or np.mean(detail[row : row + STEP + 4][beside]) > SMOOTH:
                continue
            out = far_side[max(0, row - STEP) : row + 2 * STEP]
            light = smooth[max(0, row - STEP) : row + 2 * STEP][out]
            reference = float(np.median(light)) if len(light) >= FEWEST else overall
            depth = reference - float(np.median(smooth[row : row + STEP + 4][beside]))
            if depth > deepest:
                deepest, where = depth, (float(np.nonzero(beside)[1].mean()), row + STEP / 2)
    return deepest, where


def look(prepared: Prepared, rule: Rule) -> Observation:
    parts = prepared.parts
    value, where = measure(parts.lab, parts.background, parts.person, prepared.subject)
    marks = () if where is None else (Mark("points", ((where[0] / FACTOR, where[1] / FACTOR),)),)
    return Observation(value, marks)


CHECK = Check(Code.BG_SHADOW, look, needs_face=True)
