"""CLOTH_PATTERN: clothes without busy patterns or stripes (R24)."""

from __future__ import annotations

import cv2
import numpy as np

from backend.compliance import places
from backend.compliance.checks.check import Check, Observation
from backend.compliance.checks.scene.bg_object import steep
from backend.compliance.codes import Code
from backend.compliance.observed import Mask
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule

FEWEST = 400


def measure(edges: Mask, clothes: Mask) -> float:
    """The share of the clothes that is edge, 0..1: folds and a collar give little, stripes and prints much.

    Source: R24, 教毕指〔2017〕99号; no number given.
    """
    return float(edges[clothes].mean())


def look(prepared: Prepared, rule: Rule) -> Observation:
    clothes = cv2.erode(prepared.parts.clothes.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    if clothes.sum() < FEWEST:
        return Observation(None, clear=True, reason="no_clothes")
    return Observation(measure(steep(prepared.parts), np.asarray(clothes)))


CHECK = Check(Code.CLOTH_PATTERN, look, needs_face=True, where=places.clothes)
