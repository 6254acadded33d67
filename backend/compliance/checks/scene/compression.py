"""COMPRESSION: no visible blocks of a strong compression (R05)."""

from __future__ import annotations

import cv2
import numpy as np

from backend.compliance.checks.check import FINAL_ONLY, Check, Observation
from backend.compliance.codes import Code
from backend.compliance.observed import Grey
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule


def measure(grey: Grey) -> float:
    """How much larger the steps are at every eighth column or row than elsewhere; 1 means no blocks.

    grey: (h, w) float32, at least 32x32. Also finds a strong earlier compression under a later gentle one, as long
    as the picture was not scaled between. Source: R05, R31; no number given.
    """
    return max(_along(grey), _along(grey.T))


def _along(grey: Grey) -> float:
    steps = np.abs(np.diff(grey, axis=1)).mean(axis=0)
    phases = np.array([steps[phase::8].mean() for phase in range(8)])
    return float((phases.max() + 0.05) / (np.median(phases) + 0.05))


def look(prepared: Prepared, rule: Rule) -> Observation:
    return Observation(measure(cv2.cvtColor(prepared.rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)))


CHECK = Check(Code.COMPRESSION, look, modes=FINAL_ONLY)
