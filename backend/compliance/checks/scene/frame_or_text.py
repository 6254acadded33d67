"""FRAME_OR_TEXT: nothing but the portrait: no frame, text or watermark (R06)."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.compliance.checks.check import Check, Observation
from backend.compliance.checks.scene.letters import Letter
from backend.compliance.checks.scene.text import text_rows
from backend.compliance.codes import Code
from backend.compliance.face import CHIN, OVAL
from backend.compliance.findings import Mark
from backend.compliance.observed import Mask, Rgb
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule

DEEPEST = 48  # a frame is looked for within this many pixels of each edge, and a quarter of the picture
STEP = 9  # grey levels across a frame's inner edge
UNEVEN = 12  # of them, between the 5th and the 95th percentile, and more: no frame
WHOLE = 0.9  # of the edge's length
FAR = 24  # pixels at half size from the person, where nothing on the wall is loose hair
PART = 0.55  # of it where another edge has a frame of that depth: clothes in its colour end it lower down


def measure(
    rgb: Rgb, grey: Rgb, face: Mask, head: Mask | None = None, wall: Mask | None = None
) -> tuple[float, tuple[Mark, ...]]:
    """1 for a frame on three or four sides, 0.7 for two sides or a row of letters, else 0; and where they are.

    grey: (h, w) uint8; face: (h, w), where text is not looked for; head: (h, w), where faint text is not; wall: at half
    size, where a watermark is.
    Letters stay a doubt: they may be printed on the clothes.
    Source: R06, 教毕指〔2017〕99号.
    """
    deep = min(DEEPEST, min(grey.shape) // 4) + 2
    edges = (grey[:deep], grey[::-1][:deep], grey[:, :deep].T, grey[:, ::-1][:, :deep].T)
    strips = [np.ascontiguousarray(edge) for edge in edges]
    whole = [_frame(strip) for strip in strips]
    known = frozenset(whole) - {0}
    depths = tuple(
        depth or (_frame(strip, PART, known) if known else 0) for depth, strip in zip(whole, strips, strict=True)
    )
    sides = sum(depth > 0 for depth in depths)
    rows = text_rows(rgb, face, head, wall)
    value = 1.0 if sides >= 3 else 0.7 if sides == 2 or rows else 0.0
    inner = (_inside(depths, grey.shape[1], grey.shape[0]),) if sides >= 2 else ()
    return value, (*inner, *(_box(row) for row in rows))


def _inside(depths: tuple[int, ...], width: int, height: int) -> Mark:
    """What a frame leaves of the picture. depths: from the upper, lower, left and right edge."""
    top, bottom, left, right = depths
    return Mark("box", ((float(left), float(top)), (float(width - right), float(height - bottom))))


def _frame(grey: Rgb, share: float = WHOLE, known: frozenset[int] = frozenset()) -> int:
    """How many rows deep a frame at the upper edge is, 0 for none: an even stripe ended by a straight line.

    share: of the edge's length between two frames as deep that the line takes; known: depths, one of which it must have
    to a row, if any.
    """
    steps = cv2.absdiff(grey[1:], grey[:-1])
    steps = cv2.max(steps[:-1], steps[1:])  # a line softened by compression spreads over two rows
    between = grey.shape[1] - 2 * np.arange(len(steps))  # the line ends where those of the sides begin
    clear = cv2.threshold(steps, STEP, 1, cv2.THRESH_BINARY)[1]
    along = cv2.reduce(clear, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S).ravel() / between
    depths = [int(depth) for depth in np.flatnonzero(along >= share) if depth >= 2]
    if known:
        depths = [depth for depth in depths if any(abs(depth - other) <= 1 for other in known)]
    if not depths:
        return 0
    spreads = _spreads(grey[: depths[-1]])
    return next((depth for depth in depths if spreads[depth - 1] < UNEVEN), 0)


def _spreads(grey: Rgb) -> NDArray[np.float64]:
    """How many levels lie between the 5th and the 95th percentile of the first row, of the first two, and so on."""
    rows, across = grey.shape
    levels = np.bincount((256 * np.arange(rows)[:, None] + grey).ravel(), minlength=256 * rows).reshape(rows, 256)
    up_to = levels.cumsum(axis=0).cumsum(axis=1)  # pixels of so many rows up to a level
    last = across * np.arange(1, rows + 1) - 1

    def ranked(percent: float) -> NDArray[np.float64]:
        place = percent / 100 * last
        below = place.astype(int)
        low, high = ((up_to <= rank[:, None]).sum(axis=1) for rank in (below, np.minimum(below + 1, last)))
        return np.asarray(low + (place - below) * (high - low))

    return ranked(95) - ranked(5)


def _box(row: list[Letter]) -> Mark:
    left, top = min(letter.x for letter in row), min(letter.y for letter in row)
    right, bottom = max(letter.x + letter.width for letter in row), max(letter.foot for letter in row)
    return Mark("box", ((float(left), float(top)), (float(right), float(bottom))))


def look(prepared: Prepared, rule: Rule) -> Observation:
    face = np.zeros(prepared.rgb.shape[:2], np.uint8)
    cv2.fillPoly(face, [np.round(prepared.subject.polygon(OVAL)).astype(np.int32)], 1)
    value, marks = measure(prepared.rgb, prepared.grey, np.asarray(face > 0), _head(prepared), _wall(prepared))
    return Observation(value, marks)


def _head(prepared: Prepared) -> Mask | None:
    if prepared.person is None:
        return None
    head = np.asarray(prepared.person > 0.5)
    head[max(0, int(prepared.subject.point(CHIN)[1])) :] = False
    return head


def _wall(prepared: Prepared) -> Mask | None:
    parts = prepared.regions
    return None if parts is None else parts.background & (parts.away > FAR)


CHECK = Check(Code.FRAME_OR_TEXT, look, needs_face=True)
