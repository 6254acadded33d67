"""The wire of an earphone: a thin light line that hangs from an ear, past the jaw, before whatever is there.

Dark ones are left to people: nothing tells them from a strand of loose hair.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.compliance.checks.face.curves import fitted, most_voted
from backend.compliance.face import CHIN, Face
from backend.compliance.observed import Grey, Rgb

# where it hangs, on each side: rows from the mouth's height to below the chin, in face lengths; columns in face widths
ABOVE, BELOW, NEAR, FAR = 0.62, 0.3, 0.28, 0.78
ROWS, COLUMNS = 48, 100  # so many of each are looked at: 2 and 1 pixels apart on a registration picture
THIN = 4  # columns to each side, where what is beside a wire begins
FAINT = 20.0  # grey levels that a line is lighter than both sides, least
BENDS, LEANS = np.arange(-32, 33, 4.0), np.linspace(-40, 40, 17)  # columns by which it bends and leans at its ends
# of the rows, before a curve is looked at; columns off it to what it is fitted to, and to what lies on it
VOTES, OFF, ON = 0.4, 2.0, 1.2
LIGHT, LONG = 32.0, 0.745  # levels above both sides; share of the rows: hair beside a jaw is none so long
# such places in a row, and share of what is as much darker than both sides: the wall between strands is no wire
ALONE, STRANDS = 1.25, 0.02


def hanging(grey: Rgb, face: Face) -> NDArray[np.float32] | None:
    """(n, 2), pixels along the wire, None where none hangs.

    grey: (h, w) uint8. It goes from top to bottom along one curve, lighter than both sides, and has no like beside it.
    """
    first = face.eye_middle[1] + ABOVE * face.length
    last = face.point(CHIN)[1] + BELOW * face.length
    down = np.linspace(first, last, ROWS, dtype=np.float32)
    for way in (-1, 1):
        across = np.asarray(face.axis + way * face.width * np.linspace(NEAR, FAR, COLUMNS), np.float32)
        columns, rows = np.meshgrid(across, down)
        part = cv2.remap(grey, columns, rows, cv2.INTER_LINEAR)
        soft = np.asarray(cv2.GaussianBlur(part, (0, 0), 0.8), dtype=np.float32)
        middle = soft[:, THIN:-THIN]
        inner, outer = soft[:, : -2 * THIN], soft[:, 2 * THIN :]
        line = _line(middle - np.maximum(inner, outer))
        if line is not None and np.count_nonzero(np.minimum(inner, outer) - middle > FAINT) < STRANDS * middle.size:
            return np.column_stack([np.interp(line + THIN, np.arange(COLUMNS), across), down]).astype(np.float32)
    return None


_DOWN = np.linspace(-1, 1, ROWS, dtype=np.float32)
_POWERS = np.stack([_DOWN**power for power in range(4)])
_BENDS, _LEANS = (grid.reshape(-1, 1) for grid in np.meshgrid(BENDS, LEANS))
_SHAPES = np.rint(_BENDS * _DOWN**2 + _LEANS * _DOWN).astype(np.intp)


def _line(ridge: Grey) -> Grey | None:
    """(ROWS,) columns of the one line that stands out from top to bottom, or None. ridge: levels above both sides."""
    inner = ridge[:, 1:-1]
    row, column = np.nonzero((inner >= ridge[:, :-2]) & (inner > ridge[:, 2:]) & (inner > FAINT))
    if not LONG * ROWS <= len(row) <= ALONE * ROWS or len(np.unique(row)) < LONG * ROWS:
        return None
    column += 1
    place = np.asarray(column, np.float32)
    for voted in most_voted(place, row, ridge.shape[1], _SHAPES, votes=VOTES, most=2):
        line = fitted(voted, place, row, _POWERS, OFF)
        on = np.abs(place - line[row]) < ON
        if len(np.unique(row[on])) > LONG * ROWS and np.median(ridge[row[on], column[on]]) > LIGHT:
            return line
    return None
