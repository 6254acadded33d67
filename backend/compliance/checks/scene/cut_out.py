"""What a cut-out leaves round a person: a rim that is neither of the person nor of the wall."""

from __future__ import annotations

import cv2
import numpy as np

from backend.compliance.observed import Grey, Mask
from backend.compliance.ranks import median_colour

EVERY = 8  # pixels of the outline at half size from one look across it to the next
INSIDE, OUTSIDE = 10, 9  # pixels at half size that a look reaches into the person and out to the wall
ENDS = 2  # pixels at either end that say what the person and the wall look like there
CLEAR = 20.0  # CIELAB units from everything between the two; hair, its shine and soft edges stay below
WALL = 12.0  # CIELAB units within which a look ends on the wall
FEWEST = 25  # looks, below which a share says nothing


def rim_of(lab: Grey, person: Mask, wall: Grey) -> tuple[float, Grey]:
    """The share of the outline with a rim in a colour of its own, 0..1, and where: (n, 2) pixels at half size.

    lab: (h, w, 3) CIELAB at half size; person: (h, w) of the same size; wall: (k, 3) CIELAB of the background. Hair and
    soft edges mix the person's colour with the wall's, so they lie on the line between the two; a rim of the wall that
    was there before does not. Source: R03 (no treatment); ours. Right pictures: up to 0.36.
    Raises ValueError when there is too little outline before the wall.
    """
    soft = cv2.GaussianBlur(person.astype(np.uint8) * 255, (7, 7), 1.5)
    outlines, _ = cv2.findContours((soft > 127).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        raise ValueError("no outline")
    points = max(outlines, key=len)[::EVERY, 0, :]
    height, width = person.shape
    room = OUTSIDE + 1
    x, y = points.T
    points = points[(x > room) & (x < width - room) & (y > room) & (y < height - room)]
    if len(points) < FEWEST:
        raise ValueError("too little outline")
    x, y = points.T
    beside = [soft[there].astype(np.float32) for there in ((y, x - 1), (y, x + 1), (y - 1, x), (y + 1, x))]
    out = np.stack([beside[0] - beside[1], beside[2] - beside[3]], axis=1)
    out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-6)
    steps = np.arange(-INSIDE, OUTSIDE + 0.5, 0.5, dtype=np.float32)
    looks = points[:, None, :].astype(np.float32) + out[:, None, :] * steps[:, None]
    seen_there = cv2.remap(lab, looks[..., 0], looks[..., 1], cv2.INTER_LINEAR)
    inner, outer = seen_there[:, : 2 * ENDS].mean(axis=1), seen_there[:, -2 * ENDS :].mean(axis=1)
    walled = np.linalg.norm(outer - np.array(median_colour(wall[::10]), np.float32), axis=1) < WALL
    if np.count_nonzero(walled) < FEWEST:
        raise ValueError("too little outline before the wall")
    rim = _off_the_line(np.asarray(seen_there[:, 2 * ENDS : -2 * ENDS]), inner, outer)[walled] > CLEAR
    return float(rim.mean()), np.asarray(points[walled][rim], dtype=np.float32)


def _off_the_line(between: Grey, inner: Grey, outer: Grey) -> Grey:
    """(n,): how far the colours of each look lie from the line between its ends, at the worst three in a row."""
    line = inner - outer
    length = np.maximum(np.square(line).sum(axis=1), 1e-6)
    along = np.einsum("ijk,ik->ij", between - outer[:, None], line) / length[:, None]
    nearest = outer[:, None] + np.clip(along, 0, 1)[..., None] * line[:, None]
    nearest -= between
    apart = np.sqrt(np.einsum("ijk,ijk->ij", nearest, nearest))
    return np.asarray((apart[:, :-2] + apart[:, 1:-1] + apart[:, 2:]).max(axis=1) / 3)
