"""BG_UNIFORM: the background is even, without gradient (R07)."""

from __future__ import annotations

from math import hypot

import cv2
import numpy as np

from backend.compliance import places
from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.findings import Mark
from backend.compliance.observed import Grey, Mask
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import percentile
from backend.compliance.standard import Rule

BLOCK = 4  # pixels at half size: folds of a curtain are wider, noise is not
LEAST_APART = 2.0  # CIELAB from the usual colour: less is not to be seen
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


def uneven(prepared: Prepared) -> tuple[Mark, ...]:
    """The blocks far from the usual colour of the wall; all of it where none stands out.

    Far is half of what the outermost twentieth is off: a few blocks with loose hair in them say nothing of the wall.
    """
    lab, background = prepared.parts.lab, prepared.parts.background
    height, width = (side // BLOCK * BLOCK for side in background.shape)
    cells = np.zeros((height // BLOCK, width // BLOCK), bool)
    shares = cv2.resize(background[:height, :width].astype(np.float32), cells.shape[::-1], interpolation=cv2.INTER_AREA)
    means = block_means(lab, background)
    apart = np.linalg.norm(means - np.median(means, axis=0), axis=1)
    cells[shares > MOSTLY] = apart > max(LEAST_APART, 0.5 * percentile(apart, 95))
    whole = np.repeat(np.repeat(cells, BLOCK, axis=0), BLOCK, axis=1)
    return places.first_of(places.outlined(whole), places.wall(prepared))


def look(prepared: Prepared, rule: Rule) -> Observation:
    return Observation(measure(prepared.parts.lab, prepared.parts.background))


CHECK = Check(Code.BG_UNIFORM, look, needs_face=True, where=uneven)
