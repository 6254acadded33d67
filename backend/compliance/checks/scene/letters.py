"""Letters on a picture: shapes of their size and of one colour, and the rows that they stand in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.compliance.checks.scene.strokes import Shapes
from backend.compliance.observed import Rgb

CORE = 0.75  # of the strongest contrast in a letter: its strokes without their soft edges
SAME, ALIKE = 8, 0.12  # letters of a row share a colour, within so many levels or that share of their contrast
EVEN, SOLID = 10, 0.4  # and each is of one colour: hair and folds are not
MOST = 70  # shapes looked at in each search
SMALLEST = 12  # pixels of a letter
DOT = 0.68  # of its box that a dot or a square of patterned clothes fills
TURNED = [1, 0, 3, 2, 4]  # the columns of statistics, of the picture on its side
SEEDS = 2  # letters that begin a row: where it crosses an edge of the picture's own parts, the others are looked for


@dataclass(frozen=True)
class Letter:
    """A shape that could be a letter: its box in pixels, the colour of its strokes and how far they stand out."""

    x: int
    y: int
    width: int
    height: int
    colour: tuple[float, ...]
    contrast: int

    @property
    def foot(self) -> int:
        return self.y + self.height


def one_colour(rgb: Rgb, strength: Any) -> tuple[float, ...] | None:
    """The colour of strokes without their soft edges; None where they have several. strength: 0 beside them."""
    strongest = int(strength.max())
    core = rgb[strength >= CORE * strongest]
    core.sort(axis=0)
    quarter, middle, most = core[[len(core) * part // 4 for part in (1, 2, 3)]].tolist()
    if max(high - low for low, high in zip(quarter, most, strict=True)) > max(EVEN, SOLID * strongest):
        return None
    return tuple(map(float, middle))


def letters_of(shapes: Shapes, contrast: Any, rgb: Rgb) -> list[Letter]:
    """Shapes of the size of letters whose strokes, softened edges aside, have one colour, from left to right.

    contrast: (h, w) uint8.
    """
    found = _candidates(shapes.stats, SEEDS)
    letters = (_letter(shapes.stats[place], shapes, int(shapes.label[place]), contrast, rgb) for place in found)
    return sorted((letter for letter in letters if letter is not None), key=lambda letter: letter.x)


def upright_rows(shapes: Shapes, contrast: Any, rgb: Rgb, least: int) -> list[list[Letter]]:
    """Rows of at least so many letters on their side, below each other: on one line and as wide to the pixel."""
    found = _candidates(shapes.stats[:, TURNED], least)
    if len(found) < least:
        return []
    letters = (_letter(shapes.stats[place], shapes, int(shapes.label[place]), contrast, rgb) for place in found)
    rows = rows_of(sorted((turned(letter) for letter in letters if letter is not None), key=lambda letter: letter.x))
    rows = [in_line(row) for row in rows]
    return [[turned(letter) for letter in row] for row in rows if len(row) >= least]


def in_line(row: list[Letter]) -> list[Letter]:
    """Those letters of a row that are as high as most and end on the same line, to the pixel."""
    foot, height = (sorted(ends)[len(row) // 2] for ends in zip(*((one.foot, one.height) for one in row), strict=True))
    return [one for one in row if abs(one.foot - foot) <= 1 and abs(one.height - height) <= 1]


def turned(letter: Letter) -> Letter:
    """The letter of the picture on its side, rows and columns exchanged."""
    return replace(letter, x=letter.y, y=letter.x, width=letter.height, height=letter.width)


def _candidates(stats: NDArray[Any], least: int) -> NDArray[np.intp]:
    """Which shapes may be letters of a row of so many. stats: (n, 5), as of `Shapes`."""
    found = np.flatnonzero(like_letters(stats))
    if len(found) < least:
        return found[:0]
    if len(found) > MOST:  # a busy picture: text would be among its larger shapes
        found = found[np.argsort(stats[found, cv2.CC_STAT_AREA])[-MOST:]]
    return found[_in_company(stats[found], least)]


def like_letters(stats: NDArray[Any]) -> NDArray[np.bool_]:
    """Which of OpenCV's connected shapes have the size and the fullness of a letter, and are no dot or square."""
    width, height, area = (stats[:, place] for place in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA))
    box = width * height
    fits = (height >= 7) & (height <= 44) & (width >= 2) & (width <= 1.6 * height) & (area >= SMALLEST)
    fits &= (area >= 0.15 * box) & (area <= 0.95 * box)
    return np.asarray(fits & ~((area >= DOT * box) & (width >= 0.75 * height)))


def _letter(stats: NDArray[Any], shapes: Shapes, label: int, contrast: Any, rgb: Rgb) -> Letter | None:
    x, y, width, height = stats[:4].tolist()
    box = slice(y, y + height), slice(x, x + width)
    strength = contrast[box] * (shapes.labels[box] == label)
    colour = one_colour(rgb[box], strength)
    return None if colour is None else Letter(x, y, width, height, colour, int(strength.max()))


def _in_company(stats: NDArray[Any], least: int) -> NDArray[np.bool_]:
    """Which boxes can be part of a row of so many, judged by place and height alone: that is cheap."""
    x, y, width, height = (stats[:, place].astype(np.float32) for place in range(4))
    foot, end = y + height, x + width
    apart = x[None, :] - end[:, None]  # from each to each other one on its right
    linked = np.abs(height[:, None] - height) <= 0.35 * np.maximum(height[:, None], height)
    linked &= np.abs(foot[:, None] - foot) <= 0.3 * height[:, None]
    linked &= (apart >= -2) & (apart <= 2.2 * height[:, None])
    np.fill_diagonal(linked, val=False)
    if least <= 2 or np.count_nonzero(linked) < least - 1:
        return np.asarray((linked.any(axis=0) | linked.any(axis=1)) & (least <= 2))
    chained = (linked | linked.T | np.eye(len(x), dtype=bool)).astype(np.float32)
    for _ in range(3):  # chains of up to eight links
        chained = (chained @ chained > 0).astype(np.float32)
    return np.asarray(chained.sum(axis=1) >= least)


def rows_of(letters: list[Letter]) -> list[list[Letter]]:
    rows, rest = [], list(letters)
    while rest:
        row = [rest.pop(0)]
        for letter in list(rest):
            if letter.x > row[-1].x + row[-1].width + 100:  # sorted: nothing further right can follow
                break
            if _follows(letter, row[-1]) and _alike(letter, row[0]):
                row.append(letter)
                rest.remove(letter)
        if len(row) >= SEEDS:
            rows.append(row)
    return rows


def unlike(letter: Letter, first: Letter) -> float:
    """By how many levels their colours differ, in the channel where they differ most."""
    return max(abs(one - other) for one, other in zip(letter.colour, first.colour, strict=True))


def _alike(letter: Letter, first: Letter) -> bool:
    return unlike(letter, first) <= max(SAME, ALIKE * min(letter.contrast, first.contrast))


def _follows(letter: Letter, last: Letter) -> bool:
    apart = letter.x - (last.x + last.width)
    same_height = abs(letter.height - last.height) <= 0.35 * max(letter.height, last.height)
    return same_height and abs(letter.foot - last.foot) <= 0.3 * last.height and -2 <= apart <= 2.2 * last.height
