"""BG_UNIFORM: the background is even, without gradient (R07)."""

from __future__ import annotations

import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.observed import Grey, Mask
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule

BLOCK = 16


def measure(lab: Grey, background: Mask) -> float:
    """Spread of the background's colour over blocks: 95th minus 5th percentile of L*, a*, b* as one length; 0 is flat.

    lab: (h, w, 3) float32 CIELAB. Medians of blocks, so that noise and a few stray pixels do not count as a gradient.
    Raises ValueError when less than eight blocks are mostly background. Source: R07, no number given.
    """
    blocks = block_medians(lab, background)
    if len(blocks) < 8:
        raise ValueError("too little background")
    low, high = np.percentile(blocks, (5, 95), axis=0)
    return float(np.linalg.norm(high - low))


def block_medians(lab: Grey, background: Mask) -> Grey:
    """(n, 3): the median colour of each block of 16x16 that is mostly background."""
    height, width = (side // BLOCK * BLOCK for side in background.shape)
    tiles = lab[:height, :width].reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK, 3).swapaxes(1, 2)
    inside = background[:height, :width].reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK).swapaxes(1, 2)
    counts = inside.sum(axis=(2, 3))
    chosen = np.argwhere(counts > BLOCK * BLOCK * 0.4)
    return np.array([np.median(tiles[row, column][inside[row, column]], axis=0) for row, column in chosen])


def look(prepared: Prepared, rule: Rule) -> Observation:
    return Observation(measure(prepared.parts.lab, prepared.parts.background))


CHECK = Check(Code.BG_UNIFORM, look, needs_face=True)
