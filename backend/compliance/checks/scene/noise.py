"""NOISE: tones are clean, without grain (R05)."""

from __future__ import annotations

import cv2
import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.observed import Grey, Mask, Rgb
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median
from backend.compliance.standard import Rule

_DETAIL = np.array([1, -2, 1], np.float32)  # along rows and columns
_GAIN = 6 * 0.6745  # of the kernel, and from a median of absolute values to a standard deviation
FEWEST = 125
# how much a deviation at half size counts beside one at full size (ours): there a clean picture has next to none, and
# coarse or coloured grain has all of its own; skin has pores
COARSE, COARSE_SKIN = 2.5, 1.1


def measure(grey: Rgb, wall: Mask, skin: Mask) -> float:
    """Standard deviation of the noise in grey levels 0..255, in the calmer of the two parts.

    grey: (h, w) uint8; wall, skin: masks at half size of areas that should be smooth. The calmer one counts, so that a
    structured wall or freckles are not noise, at full size and, COARSE times, at half size; the skin alone at half size
    COARSE_SKIN times: a noisy person before a drawn wall. Raises ValueError when neither part is large enough.
    Source: R05; Immerkaer, "Fast noise variance estimation", 1996, with a median.
    """
    # each pixel of the masks stands for every second one of these
    fine = _detail(grey)[::2, ::2]
    coarse = _detail(np.asarray(cv2.resize(grey, wall.shape[::-1], interpolation=cv2.INTER_AREA), dtype=np.uint8))
    levels = [_level(fine, part) for part in (wall, skin)]
    coarse_wall, coarse_skin = (_level(coarse, part) for part in (wall, skin))
    found = [level for level in levels if level is not None]
    if not found:
        raise ValueError("no calm part")
    calmer = min(level for level in (coarse_wall, coarse_skin) if level is not None)
    return max(min(found), COARSE * calmer, COARSE_SKIN * (coarse_skin or 0.0))


def _detail(grey: Rgb) -> Grey:
    return np.asarray(cv2.sepFilter2D(grey, cv2.CV_16S, _DETAIL, _DETAIL))


def _level(detail: Grey, part: Mask) -> float | None:
    """None when too little of the part can be seen."""
    part = part[: detail.shape[0], : detail.shape[1]]
    if np.count_nonzero(part) < FEWEST:
        return None
    return median(np.abs(detail[: part.shape[0], : part.shape[1]][part])) / _GAIN


def look(prepared: Prepared, rule: Rule) -> Observation:
    regions = prepared.parts
    return Observation(measure(prepared.grey, regions.background, regions.skin))


CHECK = Check(Code.NOISE, look, needs_face=True)
