"""BG_UNIFORM: the background is even, without gradient (R07)."""

from __future__ import annotations

from math import hypot

import cv2
import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.observed import Grey, Mask
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import percentile
from backend.compliance.standard import Rule

BLOCK = 4  # pixels at half size: folds of a curtain are wider, noise is not
MOSTLY = 0.4  # of a block


def measure(lab: Grey, background: Mask) -> float:
    """Spread of the background's colour over blocks: 95th minus 5th percentile of L*, a*, b* as one length; 0 is flat.

    lab: (h, w, 3) float32 CIELAB. Means of blocks, so that noise and a few stray pixels do not count as a gradient.
    Raises ValueError when less than eight blocks are mostly background. Source: R07, no number given.
    """
    blocks = block_means(lab, background)
    if len(blocks) < 8:
        raise ValueError("too little background")
    channels = [np.ascontiguousarray(blocks[:, channel]) for channel in range(3)]
    return hypot(*(percentile(channel, 95) - percentile(channel, 5) for channel in channels))


def block_means(lab: Grey, background: Mask) -> Grey:
    """(n, 3): the mean colour of each small block that is mostly background."""
    height, width = (side // BLOCK * BLOCK for side in background.shape)
    size = width // BLOCK, height // BLOCK
    inside = background[:height, :width].astype(np.float32)
    shares = cv2.resize(inside, size, interpolation=cv2.INTER_AREA)  # the mean of each block
    masked = cv2.bitwise_and(lab, lab, mask=background.view(np.uint8))[:height, :width]  # 0 elsewhere
    means = cv2.resize(masked, size, interpolation=cv2.INTER_AREA)
    chosen = shares > MOSTLY
    return np.asarray(means[chosen] / shares[chosen][:, None])


def look(prepared: Prepared, rule: Rule) -> Observation:
    return Observation(measure(prepared.parts.lab, prepared.parts.background))


CHECK = Check(Code.BG_UNIFORM, look, needs_face=True)
