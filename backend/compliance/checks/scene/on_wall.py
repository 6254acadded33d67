"""What stands on a wall and is too small, too near the hair or too faint for steep edges: patches and straight lines.

Seen at a quarter of the picture's size, where grain is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from backend.compliance.colour import Lab, shades
from backend.compliance.observed import Grey, Mask
from backend.compliance.prepare import Prepared
from backend.compliance.regions import FACTOR, Regions

CELL = 2  # pixels at half size
UNLIKE = 8.0  # CIELAB units from the wall's usual colour
SHARP = 1.2  # CIELAB units per pixel at half size: a patch has an edge, a corner in the shade has none
FAINT = 1.3  # CIELAB units of a step beyond half the change round it; in soft light of any depth it is below 0
LIGHT = 1.2  # L* of a step: corners from 2.8; where soft light falls off, a JPEG has steps of colour alone, up to 0.75
NEAR = 10  # pixels at half size from the person, where lines may be hair
LEANING = 8  # a line leans by one column in so many rows at most
FEWEST = 12  # cells, below which nothing is looked at
# what stands behind the shoulders
COARSE = 4  # pixels at half size: one in so many is looked at, along and across
BESIDE_HAIR = 0.6  # face widths from the axis: hair that the mask takes for the wall hangs closer
REACHED = 2  # cells below the eyes, to which long hair goes up
BOTH = 0.5  # of a thing that is on the other side, too
NOBODY = 0.3  # of the person mask, which is not sure of a chair
OFF_WALL = 18.0  # CIELAB
NO_SHADE = 0.42  # of the wall's lightness: no shadow on white or grey is so dark
EVERY = 2  # of a line's cells one in so many is looked at

_BLOCK = np.ones((3, 3), np.uint8)
_SUM = np.ones((1, 3), np.float32)


@dataclass(frozen=True)
class Found:
    """size: cells of a patch, or cells along a line, 0 for none; box: left, top, width, height at half size."""

    size: int = 0
    box: tuple[int, int, int, int] = (0, 0, 0, 0)


@dataclass(frozen=True)
class Wall:
    """lab: (h, w, 3) means of cells; the rest of one pixel each, of that size."""

    lab: Grey
    background: Mask
    person: Mask
    away: Grey
    steepness: Grey


def wall_of(parts: Regions) -> Wall:
    height, width = (side // CELL * CELL for side in parts.background.shape)
    cells = slice(None, height, CELL), slice(None, width, CELL)
    size = width // CELL, height // CELL
    # at a half exactly the same means as INTER_AREA gives, in a third of the time
    small = cv2.resize(parts.lab[:height, :width], size, interpolation=cv2.INTER_LINEAR)
    return Wall(
        np.asarray(small), parts.background[cells], parts.person[cells], parts.away[cells], parts.steepness[cells]
    )


def patch(wall: Wall, usual: Lab) -> Found:
    """The largest patch in another colour than the wall that nowhere touches the person: hair does.

    usual: CIELAB of most of the wall.
    """
    apart = cv2.subtract(wall.lab, np.array((*usual, 0.0)))
    near = cv2.dilate(wall.person.astype(np.uint8), _BLOCK)
    unlike = ((_squared(apart) > UNLIKE**2) & (near == 0)).astype(np.uint8)
    unlike = cv2.morphologyEx(unlike, cv2.MORPH_OPEN, _BLOCK)
    if cv2.countNonZero(unlike) < FEWEST:
        return Found()
    _, labels, stats, _ = cv2.connectedComponentsWithStats(unlike, connectivity=8)
    area = stats[:, cv2.CC_STAT_AREA].copy()
    area[labels[cv2.dilate(near, _BLOCK) > 0]] = 0  # the rest of the picture, too
    sharp = cv2.dilate((wall.steepness > SHARP**2).astype(np.uint8), _BLOCK) > 0
    for label in np.argsort(area)[::-1]:
        if area[label] < FEWEST:
            break
        inside = (labels == label).astype(np.uint8)
        rim = (inside - cv2.erode(inside, _BLOCK)) > 0
        if np.count_nonzero(sharp & rim) > 0.5 * np.count_nonzero(rim):
            return _found(int(area[label]), stats[label])
    return Found()


def behind(prepared: Prepared) -> Found:
    """The largest thing beside the shoulders that is neither the person nor a shade of the wall: the back of a chair.

    The person mask knows better than to take it for a part of the person, but is not sure of the wall, either.
    """
    parts, face = prepared.parts, prepared.subject
    if prepared.person is None or not len(parts.wall):
        return Found()
    first = max(0, int(face.eye_middle[1] * FACTOR) // COARSE)
    lab = parts.lab[COARSE * first :: COARSE, ::COARSE]
    height, width = lab.shape[:2]
    step = round(COARSE / FACTOR)
    nobody = prepared.person[step * first :: step, ::step][:height, :width] < NOBODY
    beside = np.abs(np.arange(width) * step - face.axis) > BESIDE_HAIR * face.width
    wall = parts.usual_wall
    apart = np.square(lab - np.array(wall, np.float32)).sum(axis=2) > OFF_WALL**2
    there = np.nonzero(apart & nobody & beside)
    if len(there[0]) < FEWEST:
        return Found()
    colours = lab[there]
    unlike = np.zeros((height, width), np.uint8)
    unlike[there] = ~shades(colours, wall) | (colours[:, 0] < NO_SHADE * wall[0])
    thing = cv2.erode(unlike, _BLOCK)
    if cv2.countNonZero(thing) == 0:
        return Found()
    _, labels, stats, _ = cv2.connectedComponentsWithStats(thing, connectivity=8)
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    if hangs(labels == largest, apart & beside, face.axis / step):
        return Found()
    left, top, wide, high = (int(part) * COARSE for part in stats[largest][:4])
    return Found(int(stats[largest, cv2.CC_STAT_AREA]), (left, top + COARSE * first, wide, high))


def hangs(thing: Mask, apart: Mask, axis: float) -> bool:
    """Whether a thing goes up to the eyes with whatever is no wall there, and has no like on the other side: long hair.

    The back of a chair ends below them, or stands on both sides. Each (h, w), the first row at the eyes; axis: of the
    face, a column.
    """
    _, labels = cv2.connectedComponents(apart.astype(np.uint8), connectivity=8)
    if not np.isin(labels[:REACHED], np.unique(labels[thing])).any():
        return False
    rows, columns = np.nonzero(thing)
    across = np.round(2 * axis - columns).astype(int)
    there = (across >= 0) & (across < thing.shape[1])
    alike = apart[rows[there], across[there]]
    return int(np.count_nonzero(alike)) < BOTH * max(1, len(alike))


def line(wall: Wall) -> Found:
    """The longest straight line or step of light, upright or level: the corner of a room, a door, tiles."""
    inner = wall.background & (wall.away > NEAR)
    upright = _longest(wall.lab[::EVERY], inner[::EVERY])
    level = _longest(np.ascontiguousarray(wall.lab[:, ::EVERY].transpose(1, 0, 2)), inner[:, ::EVERY].T)
    if upright.size >= level.size:
        return upright
    top, left, wide, high = level.box
    return Found(level.size, (left, top, high, wide))


def _longest(lab: Grey, inner: Mask) -> Found:
    """Of the upright ones. A step counts as far as it is sharper than the change round it."""
    here, around = _step(lab[:, 2:-2], 2), _step(lab, 6)
    lighter = np.abs(lab[:, 4:-2, 0] - lab[:, 2:-4, 0]) > LIGHT
    steps = np.zeros(inner.shape, np.uint8)
    steps[:, 3:-3] = (here - 0.5 * around > FAINT) & lighter & inner[:, 3:-3]
    if cv2.countNonZero(steps) < FEWEST // EVERY:
        return Found()
    _, _, stats, _ = cv2.connectedComponentsWithStats(steps, connectivity=8)
    stats[:, (cv2.CC_STAT_TOP, cv2.CC_STAT_HEIGHT)] *= EVERY
    lengths, widths = stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_WIDTH]
    lengths = np.where(widths <= 3 + lengths / LEANING, lengths, 0)
    lengths[0] = 0  # the rest of the picture
    longest = int(np.argmax(lengths))
    return _found(int(lengths[longest]), stats[longest])


def _step(lab: Grey, over: int) -> Grey:
    """(h, w - over): CIELAB units between the cells on both sides of each."""
    return np.asarray(cv2.sqrt(_squared(cv2.subtract(lab[:, over:], lab[:, :-over]))))


def _squared(apart: Any) -> Any:
    return cv2.transform(cv2.multiply(apart, apart), _SUM)


def _found(size: int, stats: Any) -> Found:
    left, top, width, height = (int(part) * CELL for part in stats[:4])
    return Found(size, (left, top, width, height))
