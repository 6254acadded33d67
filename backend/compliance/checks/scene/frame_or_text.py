"""FRAME_OR_TEXT: nothing but the portrait: no frame, text or watermark (R06)."""

from __future__ import annotations

import cv2
import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.face import OVAL
from backend.compliance.findings import Mark
from backend.compliance.observed import Grey, Mask
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule

DEEPEST = 48  # a frame is looked for within this many pixels of each edge
STEP = 9.0  # grey levels across a frame's inner edge
WHOLE = 0.9  # of the edge's length
STROKE = 26  # grey levels between a stroke of text and what is round it
LETTERS = 5  # that stand in one row


def measure(grey: Grey, face: Mask) -> tuple[float, tuple[Mark, ...]]:
    """1 when there is a frame or a row of letters, 0.7 for half a frame or a short row, 0 without; and where.

    grey: (h, w) float32; face: where text is not looked for. Source: R06, 教毕指〔2017〕99号.
    """
    sides = [depth for depth in (_frame(grey), _frame(grey[::-1]), _frame(grey.T), _frame(grey.T[::-1])) if depth]
    rows = text_rows(grey, face)
    longest = max((len(row) for row in rows), default=0)
    marks = tuple(_box(row) for row in rows)
    if len(sides) >= 3 or longest >= LETTERS + 2:
        return 1.0, marks
    if len(sides) == 2 or longest >= LETTERS:
        return 0.7, marks
    return 0.0, ()


def _frame(grey: Grey) -> int:
    """How many rows deep a frame at the upper edge is, 0 for none: an even stripe ended by a straight line."""
    steps = np.abs(np.diff(grey[: DEEPEST + 2], axis=0))
    steps = np.maximum(steps[:-1], steps[1:])  # a line softened by compression spreads over two rows
    along = np.mean(steps > STEP, axis=1)
    for depth in np.flatnonzero(along >= WHOLE):
        stripe = grey[: max(1, int(depth))]
        if depth >= 2 and float(np.percentile(stripe, 95) - np.percentile(stripe, 5)) < 12:
            return int(depth)
    return 0


Letter = tuple[int, int, int, int]  # x, y, width, height


def text_rows(grey: Grey, face: Mask) -> list[list[Letter]]:
    """Rows of at least LETTERS small shapes of one height, side by side, lighter or darker than what is round them."""
    pixels = grey.astype(np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (13, 13))
    rows: list[list[Letter]] = []
    for operation in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
        strokes = (cv2.morphologyEx(pixels, operation, kernel) > STROKE).astype(np.uint8)
        strokes[face] = 0
        rows.extend(_rows(_letters(strokes)))
    return rows


def _letters(strokes: np.ndarray) -> list[Letter]:
    count, _, stats, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    found = []
    for x, y, width, height, area in stats[1:count]:
        fits = 6 <= height <= 44 and 2 <= width <= 1.6 * height and 0.15 <= area / (width * height) <= 0.95
        if fits and area >= 12:
            found.append((int(x), int(y), int(width), int(height)))
    return sorted(found)


def _rows(letters: list[Letter]) -> list[list[Letter]]:
    rows = []
    rest = list(letters)
    while rest:
        row = [rest.pop(0)]
        for letter in list(rest):
            last = row[-1]
            apart = letter[0] - (last[0] + last[2])
            same_height = abs(letter[3] - last[3]) <= 0.35 * max(letter[3], last[3])
            same_line = abs((letter[1] + letter[3]) - (last[1] + last[3])) <= 0.3 * last[3]
            if same_height and same_line and -2 <= apart <= 1.4 * last[3]:
                row.append(letter)
                rest.remove(letter)
        if len(row) >= LETTERS:
            rows.append(row)
    return rows


def _box(row: list[Letter]) -> Mark:
    left, top = min(letter[0] for letter in row), min(letter[1] for letter in row)
    right = max(letter[0] + letter[2] for letter in row)
    bottom = max(letter[1] + letter[3] for letter in row)
    return Mark("box", ((float(left), float(top)), (float(right), float(bottom))))


def look(prepared: Prepared, rule: Rule) -> Observation:
    grey = cv2.cvtColor(prepared.rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    face = np.zeros(grey.shape, np.uint8)
    cv2.fillPoly(face, [np.round(prepared.subject.polygon(OVAL)).astype(np.int32)], 1)
    value, marks = measure(grey, face > 0)
    return Observation(value, marks)


CHECK = Check(Code.FRAME_OR_TEXT, look, needs_face=True)
