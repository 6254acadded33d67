"""A band across the hair or the forehead, whatever its colour: two even edges from side to side, one under the other.

A parting, a streak and a gleam reach nowhere from side to side, or not along one curve; hairlines are one edge alone.
"""

from __future__ import annotations

from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.compliance.checks.face.curves import changes, fitted, like_the_others, most_voted, places
from backend.compliance.face import Face
from backend.compliance.observed import Grey, Mask
from backend.compliance.regions import FACTOR, Regions

# the skull unrolled: rows from above its top down, columns from side to side
ROWS, COLUMNS, SIDE = 72, 40, 52.0  # degrees from the axis to each side
FIRST, LAST = 1.02, 0.5  # of the way from the middle of the eyes to the top of the head
WIDE = 0.56  # face widths from the axis to the side of the skull
STEP = 5.0  # least step between rows, CIELAB with its channels added up
CURVES = np.arange(-28, 5, 3.0), np.linspace(-5, 5, 5)  # rows by which a band bends and leans at its ends
BENT_LESS = 0.3  # of the bend, at the ends
ENOUGH_VOTES, EDGES = 0.6, 3  # of the columns, before a curve is looked at; how many are, lighter and darker ones
NEAR, ERROR = 1.5, 0.8  # rows: what a curve is fitted to, and what lies on it
THIN, BROAD, UNEVEN = 3.0, 34.0, 2.5  # rows between both edges; how many times as far apart in one place as in another
BAND = 0.48, 0.28  # of the columns: hair reaches 0.47, a rim of another wall round it 0.57; the limit lies at 0.62
LEAST_SEEN = 0.6  # of the columns: above the rest the upper edge is that of the head


def worn(parts: Regions, face: Face, top: float) -> float:
    """How surely there is one: 0 none .. 1. top: row of the head's top, in pixels of the picture."""
    none, sure = BAND
    return float(np.clip((band(*unrolled(parts, face, top)) - none) / sure, 0, 1))


def unrolled(parts: Regions, face: Face, top: float) -> tuple[Grey, Mask]:
    """(ROWS, COLUMNS, 3) CIELAB of the skull's front, and where it shows the person.

    A row is an arc round the middle of the eyes, half an ellipse that goes to the top of the head and to its sides.
    """
    x, y = face.axis * FACTOR, face.eye_middle[1] * FACTOR
    across = np.asarray(x + WIDE * face.width * FACTOR * _ACROSS, np.float32)
    down = np.asarray(y - (y - top * FACTOR) * _UP, np.float32)
    lab = cv2.remap(parts.lab, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    person = cv2.remap(parts.person.view(np.uint8), across, down, cv2.INTER_NEAREST)
    pairs = person[:, ::2], person[:, 1::2]
    return np.asarray((lab[:, ::2] + lab[:, 1::2]) / 2), np.asarray(np.minimum(*pairs) > 0)


_TURN = np.radians(np.linspace(-SIDE, SIDE, 2 * COLUMNS))
_OUT = np.linspace(FIRST, LAST, ROWS)[:, None]
_ACROSS, _UP = _OUT * np.sin(_TURN), _OUT * np.cos(_TURN)
_X = np.linspace(-1, 1, COLUMNS, dtype=np.float32)
_POWERS = np.stack([_X**power for power in range(5)])
_BENDS, _LEANS = (grid.reshape(-1, 1) for grid in np.meshgrid(*CURVES))
_SHAPES = np.rint(_BENDS * _X**2 * (1 - BENT_LESS * _X**2) + _LEANS * _X).astype(np.intp)


def band(rows: Grey, person: Mask) -> float:
    """The share of the columns in which both edges of a band lie, 0 .. 1. rows, person: as `unrolled` gives them.

    1. In each column every row with a steeper step than the rows beside it votes for the curves through it, steps to
       what is lighter and steps to what is darker apart.
    2. Of each the curves with most votes are fitted to the steps near them.
    3. For two curves one under the other the columns are counted in which both have a step of theirs.
    """
    change, steps = changes(rows)
    height = len(steps)
    steps[~(person[:height] & person[3:])] = 0  # the edge of the head itself
    inner = steps[1:-1]
    row, column = np.nonzero((inner >= steps[:-2]) & (inner > steps[2:]) & (inner > STEP))
    row += 1
    place, change = places(steps, row, column), change[row, column]
    voted = []
    for kind in (change[:, 0] > 0, change[:, 0] <= 0):
        curves = most_voted(place[kind], column[kind], height, _SHAPES, votes=ENOUGH_VOTES, most=EDGES)
        voted += [(curve, kind) for curve in curves]
    if len(voted) < 2:
        return 0.0
    edges = [_edge(curve, place[kind], column[kind], change[kind]) for curve, kind in voted]
    best = 0.0
    for (one, on_one), (other, on_other) in combinations(edges, 2):
        apart = one - other if one[0] > other[0] else other - one
        if not THIN < apart[COLUMNS // 2] < BROAD or apart.max() > UNEVEN * apart.min():
            continue
        first = np.clip(np.minimum(one, other), 0, height).astype(np.intp)
        seen = max(float(np.count_nonzero(person[first, np.arange(COLUMNS)])), LEAST_SEEN * COLUMNS)
        best = max(best, np.count_nonzero(on_one & on_other) / seen)
    return best


def _edge(curve: Grey, place: Grey, column: NDArray[np.intp], change: Grey) -> tuple[Grey, Mask]:
    """The curve through the edges near it, and the columns in which one lies on it that is like the others."""
    curve = fitted(curve, place, column, _POWERS, NEAR)
    near = np.abs(place - curve[column]) < ERROR
    on = np.zeros(COLUMNS, bool)
    if near.any():
        on[column[near][like_the_others(change[near])]] = True
    return curve, on
