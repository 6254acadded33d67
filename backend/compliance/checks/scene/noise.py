"""NOISE: tones are clean, without grain (R05)."""

from __future__ import annotations

import cv2
import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.observed import Grey, Mask
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule

_DETAIL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
_GAIN = 6 * 0.6745  # of the kernel, and from a median of absolute values to a standard deviation
FEWEST = 500


def measure(grey: Grey, parts: tuple[Mask, ...]) -> float:
    """Standard deviation of the noise in grey levels 0..255, in the calmest of the parts.

    grey: (h, w) float32; parts: masks of areas that should be smooth (background, skin). The calmest counts, so that
    a structured wall or freckles are not noise. Raises ValueError when no part is large enough.
    Source: R05; Immerkaer, "Fast noise variance estimation", 1996, with a median.
    """
    detail = np.abs(cv2.filter2D(grey, -1, _DETAIL))
    levels = [float(np.median(detail[part])) / _GAIN for part in parts if part.sum() >= FEWEST]
    if not levels:
        raise ValueError("no calm part")
    return min(levels)


def look(prepared: Prepared, rule: Rule) -> Observation:
    regions = prepared.parts
    size = prepared.width, prepared.height
    grey = cv2.cvtColor(prepared.rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    parts = [
        cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
        for mask in (regions.background, regions.skin)
    ]
    return Observation(measure(grey, (np.asarray(parts[0]), np.asarray(parts[1]))))


CHECK = Check(Code.NOISE, look, needs_face=True)
