"""Even curves through the edges of a part of the picture. Steps are told from the rows beside them, curves by votes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from backend.compliance.observed import Grey, Mask

BESIDE = 3  # rows on the axis within which a curve with less votes is the same
SAME_STEP = 0.4  # cosine: from cloth to skin, or from hair to band, all along
HALF_WEIGHT = 0.5  # rows off a curve at which an edge counts a quarter


def changes(rows: Grey) -> tuple[Grey, Grey]:
    """(h - 3, w, 3) the change of colour down the rows, and (h - 3, w) its size. rows: (h, w, 3) CIELAB."""
    pairs = rows[:-1] + rows[1:]
    change = np.asarray((pairs[2:] - pairs[:-2]) / 2, dtype=np.float32)
    return change, np.asarray(np.abs(change).sum(axis=2))


def like_the_others(change: Grey) -> Mask:
    """(n,): which of the changes, (n, 3), go from and to much the same colours as their mean."""
    usual = change.mean(axis=0)
    return np.asarray(change @ usual > SAME_STEP * np.sqrt(np.square(change).sum(axis=1) * (usual @ usual)))


def places(steps: Grey, row: NDArray[np.intp], column: NDArray[np.intp]) -> Grey:
    """(n,): where between the rows the edges lie whose steepest rows those are. steps: (h, w)."""
    above, here, below = (steps[row + shift, column] for shift in (-1, 0, 1))
    return np.asarray(row + np.clip((above - below) / (2 * np.minimum(above - 2 * here + below, -1e-3)), -0.5, 0.5))


def most_voted(
    place: Grey, column: NDArray[np.intp], height: int, shapes: NDArray[np.intp], *, votes: float, most: int
) -> Iterator[Grey]:
    """The curves, (w,) rows each, near which the most edges lie, those first.

    place, column: (n,) of the edges; shapes: (k, w) rows by which a curve may lie over or below where it crosses the
    axis; votes: least share of the columns; most: so many curves.
    """
    highest = int(np.abs(shapes).max())
    tall = height + 2 * highest
    starts = np.rint(place).astype(np.intp) - shapes[:, column] + highest + np.arange(len(shapes))[:, None] * tall
    counted = np.bincount(starts.ravel(), minlength=len(shapes) * tall).reshape(len(shapes), tall)
    near = counted[:, :-2] + counted[:, 1:-1] + counted[:, 2:]
    for _ in range(most):
        shape, start = divmod(int(near.argmax()), tall - 2)
        if near[shape, start] < votes * shapes.shape[1]:
            return
        yield shapes[shape] + (start + 1.0 - highest)
        near[:, max(0, start - BESIDE) : start + BESIDE + 1] = 0


def fitted(curve: Grey, place: Grey, column: NDArray[np.intp], powers: Grey, near: float) -> Grey:
    """The curve once more, as a sum of the powers, (k, w), through the edges near it: those further off count less.

    near: rows off the curve, beyond which an edge is none of its.
    """
    for _ in range(2):
        off = np.abs(place - curve[column])
        close = off < near
        at = powers[:, column[close]]
        weighted = at / np.square(1 + np.square(off[close] / HALF_WEIGHT))
        grid = weighted @ at.T + 1e-6 * np.eye(len(powers))
        curve = np.asarray(np.linalg.solve(grid, weighted @ place[close]) @ powers)
    return curve
