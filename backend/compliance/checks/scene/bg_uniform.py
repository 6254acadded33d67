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
WIDER = 3.0  # blocks: light that falls off changes over more, folds and stripes over less
CLEAR_OF = 30  # pixels at half size from the person: loose hair is no fold
FEWEST = 60  # blocks
FOLDS = 1.4  # L*: right pictures have up to 0.6, with loose curls up to 1.1; folds of 7 % from 2.3, creases from 1.5


def measure(lab: Grey, background: Mask) -> float:
    """Spread of the background's colour over blocks: 95th minus 5th percentile of L*, a*, b* as one length; 0 is flat.

    lab: (h, w, 3) float32 CIELAB. Means of blocks, so that noise and a few stray pixels do not count as a gradient.
    Raises ValueError when less than eight blocks are mostly background. Source: R07, no number given.
    """
    return spread(*blocks_of(lab, background))


def spread(sums: Grey, shares: Grey) -> float:
    """`measure` of what `blocks_of` gives."""
    blocks = _means(sums, shares)
    if len(blocks) < 8:
        raise ValueError("too little background")
    channels = [np.ascontiguousarray(blocks[:, channel]) for channel in range(3)]
    return hypot(*(percentile(channel, 95) - percentile(channel, 5) for channel in channels))


def block_means(lab: Grey, background: Mask) -> Grey:
    """(n, 3): the mean colour of each small block that is mostly background."""
    return _means(*blocks_of(lab, background))


def _means(sums: Grey, shares: Grey) -> Grey:
    chosen = shares > MOSTLY
    return np.asarray(sums[chosen] / shares[chosen][:, None])


def blocks_of(lab: Grey, background: Mask) -> tuple[Grey, Grey]:
    """(h, w, 3) means over blocks of what is background, 0 elsewhere; (h, w) the share of it in each."""
    height, width = (side // BLOCK * BLOCK for side in background.shape)
    size = width // BLOCK, height // BLOCK
    inside = background[:height, :width].astype(np.float32)
    shares = cv2.resize(inside, size, interpolation=cv2.INTER_AREA)  # the mean of each block
    masked = cv2.bitwise_and(lab, lab, mask=background.view(np.uint8))[:height, :width]
    return np.asarray(cv2.resize(masked, size, interpolation=cv2.INTER_AREA)), np.asarray(shares)


def folds(sums: Grey, shares: Grey, away: Grey) -> float:
    """Spread of lightness between neighbouring blocks, L*: folds of a curtain, creases, shadows of blinds; 0 is smooth.

    10th to 90th percentile of what differs from the blocks round it, so that neither light that falls off softly nor a
    thing on the wall counts; 0 where too little wall can be seen. sums, shares: of `blocks_of`; away: distance to the
    person, pixels at half size.
    """
    light = np.ascontiguousarray(sums[..., 0])
    around = cv2.GaussianBlur(light, (0, 0), WIDER) / np.maximum(cv2.GaussianBlur(shares, (0, 0), WIDER), 1e-3)
    rows, columns = (slice(BLOCK // 2, side * BLOCK, BLOCK) for side in shares.shape)
    whole = (shares > 0.99) & (away[rows, columns] > CLEAR_OF)
    whole[:1] = whole[-1:] = False
    whole[:, :1] = whole[:, -1:] = False
    if np.count_nonzero(whole) < FEWEST:
        return 0.0
    apart = (light - around)[whole]
    return percentile(apart, 90) - percentile(apart, 10)


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
    parts, band = prepared.parts, rule.of(prepared.mode)
    blocks = blocks_of(parts.lab, parts.background)
    value = spread(*blocks)
    if band.high is not None:
        value = max(value, band.asked(band.high * folds(*blocks, parts.away) / FOLDS))
    return Observation(value)


CHECK = Check(Code.BG_UNIFORM, look, needs_face=True, where=uneven)
