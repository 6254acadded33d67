"""NOISE: tones are clean, without grain (R05)."""

from __future__ import annotations

import cv2
import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.observed import Mask, Rgb
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median
from backend.compliance.standard import Rule

_DETAIL = np.array([1, -2, 1], np.float32)  # along rows and columns
_GAIN = 6 * 0.6745  # of the kernel, and from a median of absolute values to a standard deviation
FEWEST = 125


def measure(grey: Rgb, parts: tuple[Mask, ...]) -> float:
    """Standard deviation of the noise in grey levels 0..255, in the calmest of the parts.

    grey: (h, w) uint8; parts: masks at half size of areas that should be smooth (background, skin). The calmest counts,
    so that a structured wall or freckles are not noise. Raises ValueError when no part is large enough.
    Source: R05; Immerkaer, "Fast noise variance estimation", 1996, with a median.
    """
    # each pixel of the masks stands for every second one of these
    # each pixel of the masks stands for every second one of these
    fine = cv2.sepFilter2D(grey, cv2.CV_16S, _DETAIL, _DETAIL)[::2, ::2]
    height, width = parts[0].shape
    detail = np.abs(fine[:height, :width])
    parts = tuple(part[: detail.shape[0], : detail.shape[1]] for part in parts)
    levels = [median(detail[part]) / _GAIN for part in parts if np.count_nonzero(part) >= FEWEST]
    if not levels:
        raise ValueError("no calm part")
    return min(levels)


def look(prepared: Prepared, rule: Rule) -> Observation:
    regions = prepared.parts
    return Observation(measure(prepared.grey, (regions.background, regions.skin)))


CHECK = Check(Code.NOISE, look, needs_face=True)
