"""BG_UNIFORM: the background is even, without gradient (R07)."""

from __future__ import annotations

import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.checks.scene.background import lab_pixels
from backend.compliance.codes import Code
from backend.compliance.observed import Grey
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule


def measure(pixels: Grey) -> float:
    """Spread of the background's colour: 95th minus 5th percentile of L*, a* and b*, as one length; 0 is flat.

    pixels: (n, 3) float32 CIELAB. Percentiles resist a few stray pixels. Source: R07, no number given.
    """
    low, high = np.percentile(pixels, (5, 95), axis=0)
    return float(np.linalg.norm(high - low))


def look(prepared: Prepared, rule: Rule) -> Observation:
    return Observation(measure(lab_pixels(prepared)))


CHECK = Check(Code.BG_UNIFORM, look, needs_face=True)
