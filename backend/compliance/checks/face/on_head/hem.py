"""The hem of something worn over the brows: one even edge from side to side, whatever the colours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.compliance.checks.face.curves import changes, fitted, like_the_others, most_voted, places
from backend.compliance.checks.face.on_head import columns
from backend.compliance.face import BROW_LINES, FOREHEAD, Face
from backend.compliance.observed import Grey, Mask
from backend.compliance.ranks import median
from backend.compliance.regions import FACTOR, Regions

STEP = 5.0  # least step between rows, CIELAB with its channels added up
ABOVE, COLUMNS = 0.14, 0.3  # face lengths over the hairline from which a hem lies; face widths beside the axis
CURVES = np.arange(-1.5, 7, 1.5), np.linspace(-2.4, 2.4, 5)  # rows by which a hem bends and leans at its ends
BELOW_BROWS = 2.0  # rows below the mesh's line of the brows: caps are worn down to them
ENOUGH_VOTES, HEMS = 0.45, 2  # of the columns, before a curve is looked at; how many curves are
NEAR, ERROR = 1.2, 0.35  # rows: what a curve is fitted to, and what lies on it
IN_SHADE = 0.5  # of the face's L*: skin below a hem has more, and the other side of a fringe or a band less
HEM = 0.54, 0.36  # of the columns: hairlines reach 0.62, caps and bands mostly 0.9; the limit lies at 0.72


def worn(parts: Regions, face: Face, first: int, between_brows: float, lightness: float) -> float:
    """How surely there is one: 0 .. 1. first: row of the head's top; between_brows: row; lightness: as in `hem`."""
    highest = max(first, int((face.point(FOREHEAD)[1] - ABOVE * face.length) * FACTOR))
    across = columns(face, COLUMNS)
    place = slice(highest, max(0, int(between_brows) + 2)), across
    rows = parts.lab[place]
    brows = np.array(sorted(face.outline(BROW_LINES[0] + BROW_LINES[1]))) * FACTOR
    line = np.interp(np.arange(across.start, across.start + rows.shape[1]), brows[:, 0], brows[:, 1])
    return hem(rows, parts.person[place], np.asarray(line + BELOW_BROWS - highest, dtype=np.float32), lightness)


def hem(rows: Grey, person: Mask, brows: Grey, lightness: float) -> float:
    """How surely an even edge over the brows is the hem of something worn: 0 a hairline or none .. 1.

    rows: as in `band`, from a little above the hairline. person: (h, w), where they show the person. brows: (w,), the
    row in each column below which brows break a hem. lightness: L* of the face. From side to side a hem is one even
    curve with cloth above and skin below, whatever their colours; hairlines, fringes and curls leave every such curve.
    Only neighbouring rows are compared, so that the tone of the skin and the light on it cancel out.

    1. In each column every row with a steeper step than the rows beside it votes for the curves through it.
    2. The curves with most votes are fitted to the steps near them, to a fraction of a row.
    3. The columns are counted whose step lies on the curve and goes from the same colour to the same colour.
    """
    height, width = rows.shape[:2]
    if height < 14 or width < 20:
        return 0.0
    change, steps = changes(rows)
    inside = person[: len(steps)].copy()
    inside[2:] &= person[: len(steps) - 2]
    steps[~inside] = 0  # the edge of the head itself
    inner = steps[1:-1]
    edge = (inner >= steps[:-2]) & (inner > steps[2:]) & (inner > STEP)
    edge &= np.arange(2.5, len(inner) + 2.5)[:, None] < brows
    row, column = np.nonzero(edge)
    row += 1
    place = places(steps, row, column)
    x = np.linspace(-1, 1, width, dtype=np.float32)
    best = 0.0
    powers = np.stack([np.ones_like(x), x, x * x])
    for curve in most_voted(place, column, len(steps), _shapes(x), votes=ENOUGH_VOTES, most=HEMS):
        on = np.abs(place - fitted(curve, place, column, powers, NEAR)[column]) < ERROR
        if not on.any() or median(rows[np.minimum(row[on] + 4, height - 1), column[on], 0]) < IN_SHADE * lightness:
            continue
        same = like_the_others(change[row[on], column[on]])
        best = max(best, float(np.count_nonzero(same)) / width)
    none, sure = HEM
    return float(np.clip((best - none) / sure, 0, 1))


def _shapes(x: Grey) -> NDArray[np.intp]:
    """(k, w) rows off the one on the axis."""
    bends, leans = (grid.reshape(-1, 1) for grid in np.meshgrid(*CURVES))
    return np.asarray(np.rint(bends * x * x + leans * x), dtype=np.intp)
