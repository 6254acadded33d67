"""COMPRESSION: no visible blocks of a strong compression (R05)."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.compliance.checks.check import FINAL_ONLY, Check, Observation
from backend.compliance.codes import Code
from backend.compliance.observed import Grey, Rgb
from backend.compliance.prepare import Prepared
from backend.compliance.regions import Regions
from backend.compliance.standard import Rule

AS_STEPS = 9.0  # steps that unevenly used levels count as (ours): 0.222 is doubted; right pictures up to 0.214
CRUSHED, BURNT = 4, 235
FEWEST = 400  # pixels of skin at half size
_BOX = np.ones(9, np.float32) / 9


def measure(grey: Rgb) -> float:
    """How much larger the steps are at every eighth column or row than elsewhere; 1 means no blocks.

    grey: (h, w) uint8, at least 32x32. Also finds a strong earlier compression under a later gentle one, as long
    as the picture was not scaled between. Source: R05, R31; no number given.
    """
    return max(_along(grey), _along(np.ascontiguousarray(grey.T)))


def banded(levels: NDArray[np.uint8]) -> float:
    """How unevenly smooth skin uses the levels, 0..2: few, each by many pixels, where tones were thrown away.

    levels: (n,) of one channel; what is burnt or crushed does not count. The histogram against itself smoothed over
    nine levels; 0 when too little is left.
    """
    used = np.bincount(levels, minlength=256).astype(np.float32)
    used[:CRUSHED], used[BURNT:] = 0, 0
    if used.sum() < FEWEST:
        return 0.0
    return float(np.abs(used - np.convolve(used, _BOX, "same")).sum() / used.sum())


def _bands(parts: Regions) -> float:
    """Of three parts of the face, one below the other, the least: a mask, a phone or a fringe may have one colour."""
    rows = np.flatnonzero(parts.skin.any(axis=1))
    green, edges = np.ascontiguousarray(parts.rgb[..., 1]), np.linspace(rows[0], rows[-1] + 1, 4).astype(int)
    thirds = (slice(start, end) for start, end in pairwise(edges))
    return min(banded(green[third][parts.skin[third]]) for third in thirds)


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
    value, parts = measure(prepared.grey), prepared.regions
    if parts is None or not parts.skin.any():
        return Observation(value)
    # a filter makes such tones, too: a person looks
    return Observation(max(value, rule.of(prepared.mode).asked(AS_STEPS * _bands(parts))))


CHECK = Check(Code.COMPRESSION, look, modes=FINAL_ONLY)
