"""A rim of a foreign colour along the head, as a bad cut-out leaves it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.compliance.face import CHIN, Face
from backend.compliance.ranks import median_colour
from backend.compliance.regions import FACTOR, Regions

EVERY = 4  # rows at half size
BELOW = 6  # rows under the top of the head, where the outline is nearly level
DEEP, OUT = 12, 10  # pixels at half size looked at within and beyond the outline
WITHIN = 5  # of the deepest ones, whose mean is the colour of hair or skin there
FOREIGN = 16.0  # CIELAB units from every mixture of that colour and the wall's
FEWEST = 15  # rows


def foreign_rim(parts: Regions, face: Face) -> float:
    """The share of the head's outline, above the chin, along which two pixels side by side are no mixture of what lies
    within and of the wall, 0..1; 0 where too little can be seen."""
    top, chin = int(np.argmax(parts.person.any(axis=1))) + BELOW, int(face.point(CHIN)[1] * FACTOR)
    rows = np.arange(max(top, 0), min(chin, parts.person.shape[0]), EVERY)
    person = parts.person[rows]
    seen = person.any(axis=1)
    rows, person = rows[seen], person[seen]
    if len(rows) < FEWEST or not len(parts.wall):
        return 0.0
    left, right = np.argmax(person, axis=1), person.shape[1] - 1 - np.argmax(person[:, ::-1], axis=1)
    inwards = np.arange(DEEP, -OUT, -1)
    columns = np.concatenate([left[:, None] + inwards, right[:, None] - inwards])
    across = parts.lab[np.concatenate([rows, rows])[:, None], np.clip(columns, 0, person.shape[1] - 1)]
    apart = _from_mixtures(across, np.asarray(median_colour(parts.wall), np.float32))[:, WITHIN:-3]
    return float(np.mean(np.minimum(apart[:, :-1], apart[:, 1:]).max(axis=1) > FOREIGN))


def _from_mixtures(across: NDArray[np.float32], wall: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, k): how far each colour of (n, k, 3) is from the line between the mean of the first and the wall."""
    within = across[:, :WITHIN].mean(axis=1, keepdims=True)
    way = wall - within
    share = np.sum((across - within) * way, axis=2) / np.maximum(np.sum(way * way, axis=2), 1e-6)
    nearest = within + np.clip(share, 0, 1)[..., None] * way
    return np.asarray(np.linalg.norm(across - nearest, axis=2), dtype=np.float32)
