"""COMPRESSION: no visible blocks of a strong compression (R05)."""

from __future__ import annotations

import cv2
import numpy as np

from backend.compliance.checks.check import FINAL_ONLY, Check, Observation
from backend.compliance.codes import Code
from backend.compliance.observed import Grey, Rgb
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule


def measure(grey: Rgb) -> float:
    """How much larger the steps are at every eighth column or row than elsewhere; 1 means no blocks.

    grey: (h, w) uint8, at least 32x32. Also finds a strong earlier compression under a later gentle one, as long
    as the picture was not scaled between. Source: R05, R31; no number given.
    """
    return max(_along(grey), _along(np.ascontiguousarray(grey.T)))


def _along(grey: Rgb) -> float:
    apart = cv2.absdiff(grey[:, 1:], grey[:, :-1])
    steps = np.asarray(cv2.reduce(apart, 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F), dtype=np.float32).ravel()
    phases = np.array([_usual(steps[phase::8]) for phase in range(8)])
    return float((phases.max() + 0.05) / (np.median(phases) + 0.05))


def _usual(steps: Grey) -> float:
    """The mean without the smallest and largest sixths: a collar or a table's edge along one line is no block."""
    few = len(steps) // 6
    return float(np.sort(steps)[few : len(steps) - few].mean())


def look(prepared: Prepared, rule: Rule) -> Observation:
    return Observation(measure(prepared.grey))


CHECK = Check(Code.COMPRESSION, look, modes=FINAL_ONLY)
