"""Text whose signs are made of several shapes each, as Chinese is: dense lines, and watermarks all over a wall."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.compliance.checks.scene.letters import Letter, one_colour, turned
from backend.compliance.checks.scene.strokes import Shapes
from backend.compliance.observed import Mask, Rgb

PLAIN = 28  # levels of contrast that a line of signs of several shapes has: stubble and pores stand as dense
# strokes over each other, and side by side in a square, of such a line: Chinese mostly 2.5 and 2, digits that touch 1.2
# and 1.7; of what is plain no right picture has 1.2 side by side
STACKED, DENSE = 1.15, 1.2
FULL = 0.6  # of its box
PARTS = 5  # equal parts of its box as which a line is given
# signs on a wall that make a watermark, right pictures have up to 13 (two raw ones, others up to 2); of the specks that
# are smaller: in grain up to 0.13, faint watermarks mostly from 0.2
SCATTERED, GRAIN = 20, 0.16


def sign_lines(strokes: Any, contrast: Any, rgb: Rgb) -> tuple[list[list[Letter]], list[list[Letter]]]:
    """Lines of signs that are made of several shapes each, as Chinese is: strokes close together in a long box.

    strokes: (h, w) uint8, 0 elsewhere; contrast: (h, w) uint8. Each line is given as PARTS equal parts of its box;
    level ones first, then upright ones, whose signs stand further apart: they are looked for at a quarter of the
    picture's size.
    """
    half = cv2.threshold(cv2.resize(strokes, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), 60, 255, 0)[1]
    quarter = cv2.threshold(cv2.resize(half, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), 60, 255, 0)[1]
    level = [_line(box, strokes, contrast, rgb) for box in _boxes(half, (7, 3), 2)]
    on_side = strokes.T, contrast.T, rgb.transpose(1, 0, 2)
    upright = [_line(box, *on_side) for box in _boxes(cv2.transpose(quarter), (5, 3), 4)]
    return [line for line in level if line], [[turned(one) for one in line] for line in upright if line]


def _boxes(strokes: Any, gap: tuple[int, int], up: int) -> list[list[int]]:
    """Long flat boxes that are full of strokes, as x, y, width, height in pixels of the picture.

    strokes: reduced by `up`; gap: columns and rows between strokes that are bridged.
    """
    closed = cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, gap))
    # outlines of all shapes and of their holes take a third of the time of statistics, and few have such a box
    outlines = cv2.findContours(closed, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)[0]
    found = []
    for outline in outlines:
        box = cv2.boundingRect(outline)
        if 12 // up <= box[3] <= 48 // up and box[2] >= 3 * box[3] and _full(closed, box, outline):
            found.append([up * part for part in box])
    return found


def _full(closed: Any, box: Sequence[int], outline: Any) -> bool:
    """Whether a shape takes all of the box and fills it; False for a hole, round which outlines run the other way."""
    if cv2.contourArea(outline, oriented=True) > 0:
        return False
    x, y, width, height = box
    part = np.ascontiguousarray(closed[y : y + height, x : x + width])
    stats = cv2.connectedComponentsWithStatsWithAlgorithm(part, 8, cv2.CV_32S, cv2.CCL_BBDT)[2][1:]
    whole = (stats[:, cv2.CC_STAT_WIDTH] == width) & (stats[:, cv2.CC_STAT_HEIGHT] == height)
    return bool((whole & (stats[:, cv2.CC_STAT_AREA] >= FULL * width * height)).any())


def _line(box: list[int], strokes: Any, contrast: Any, rgb: Rgb) -> list[Letter]:
    x, y, width, height = box
    part = slice(y, y + height), slice(x, x + width)
    ink = strokes[part] > 0
    down = int(np.count_nonzero(ink[1:] & ~ink[:-1])) / max(1, int(np.count_nonzero(ink.any(axis=0))))
    across = int(np.count_nonzero(ink[:, 1:] & ~ink[:, :-1])) / width
    strength = np.where(ink, contrast[part], 0)
    colour = one_colour(rgb[part], strength)
    if colour is None or strength.max() < PLAIN or down < STACKED or across < DENSE:
        return []
    step = width // PARTS
    return [Letter(x + step * place, y, step, height, colour, int(strength.max())) for place in range(PARTS)]


def signs_on_wall(shapes: Shapes, wall: Mask) -> list[Letter]:
    """What has the size of a sign or of one of its strokes, and its middle on the wall; nothing in the grain of a wall,
    where there are many times as many specks. wall: at half size.
    """
    width, height = shapes.stats[:, cv2.CC_STAT_WIDTH], shapes.stats[:, cv2.CC_STAT_HEIGHT]
    signs = shapes.stats[(height >= 5) & (height <= 44) & (width >= 3) & (width <= 60), :4]
    if len(signs) < SCATTERED:
        return []
    x, y, width, height = signs.T
    signs = signs[_at(wall, x + width // 2, y + height // 2)]
    if len(signs) < max(SCATTERED, GRAIN * np.count_nonzero(_at(wall, *shapes.specks.T))):
        return []
    return [Letter(left, top, wide, high, (), 0) for left, top, wide, high in signs.tolist()]


def _at(wall: Mask, x: NDArray[Any], y: NDArray[Any]) -> Mask:
    return np.asarray(wall[np.minimum(y // 2, len(wall) - 1), np.minimum(x // 2, wall.shape[1] - 1)])
