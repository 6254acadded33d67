"""Text on a picture: rows of letters and lines of signs, found by their strokes and by their one colour."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.compliance.observed import Mask, Rgb

THICKEST = 15  # pixels of a stroke
STROKE = 0.45  # of the strongest contrast near by: strokes stand out from their own surroundings, faint or plain
NEAR = 19  # pixels
FAINTEST, FAINT = 10, 12  # levels of contrast below which nothing counts; of white on nearly white
ON_HEAD = 12  # levels more that are asked on the head, where strands of hair stand side by side
CORE = 0.75  # of the strongest contrast in a letter: its strokes without their soft edges
SAME, ALIKE = 8, 0.12  # letters of a row share a colour, within so many levels or that share of their contrast
EVEN, SOLID = 10, 0.4  # and each is of one colour: hair and folds are not
SPARSE = 0.04  # of the picture
MOST = 70  # shapes looked at in each search
SMALLEST = 12  # pixels of a letter
DOT = 0.68  # of its box that a dot or a square of patterned clothes fills
PLAIN = 28  # levels of contrast that a line of signs of several shapes has: stubble and pores stand as dense
STACKED, DENSE = 1.4, 1.2  # strokes over each other, and side by side in a square, of such a line
LETTERS = 5  # that stand in one row
SEEDS = 2  # letters that begin a row: where it crosses an edge of the picture's own parts, the others are looked for
BESIDE = 8  # heights of a letter to each side
LEAST_TINT, TINT = 14, 0.16  # levels by which they differ in each channel when saved again, or share of their contrast
PRINTED, THIN = 5, 0.32  # letters on one line to the pixel, whose thin strokes may differ by more of their contrast
FULLEST = 0.25  # of the strip about a line of text that is strokes
ALONE = 0.78  # of what has that colour between their upper and lower ends is those letters
AGAIN, ASIDE = (0.8, 2.6), 1.5  # heights of a row above and below it, and to each side, where a pattern repeats it
SAME_AGAIN, REPEATED = 0.58, 8  # correlation with its repetition: text up to 0.50, patterns from 0.66; letters compared
# signs on a wall that make a watermark, right pictures have up to 13 (two raw ones, others up to 2); pixels of one; of
# the specks that are smaller: in grain up to 0.13, faint watermarks mostly from 0.2
SCATTERED, LEAST_SIGN, GRAIN = 20, 10, 0.16
MOST_ROWS = 8  # begun rows that are looked at

# above which contrast a stroke stands out, by the strongest near by
_FLOOR = np.maximum(np.rint(STROKE * np.arange(256)), FAINTEST).astype(np.uint8)


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


def text_rows(rgb: Rgb, face: Mask, head: Mask | None = None, wall: Mask | None = None) -> list[list[Letter]]:
    """Rows of at least LETTERS small shapes of one height and one colour, side by side on one line.

    face: (h, w), where nothing is looked for; head: (h, w), where no row of letters begins, because strands of hair
    stand side by side: one that begins beside it goes on there. wall: at half size, well away from the person, where
    SCATTERED small shapes are given as one row: a watermark all over it, however it is turned.
    """
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (THICKEST, THICKEST))
    red, green, blue = cv2.split(rgb)  # many times as fast as min and max along the last axis
    weakest, strongest = cv2.min(cv2.min(red, green), blue), cv2.max(cv2.max(red, green), blue)
    outside = ~face * np.uint8(255)
    beside, less = (outside, None) if head is None else (outside & ~(head * np.uint8(255)), head * np.uint8(ON_HEAD))
    rows: list[list[Letter]] = []
    begun: list[list[Letter]] = []
    scattered: list[Letter] = []
    for operation in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):  # bright strokes, dark strokes
        # white strokes stand out in the weakest channel, dark ones in the strongest, coloured ones in either
        weak, strong = (
            _outside(cv2.morphologyEx(channel, operation, kernel), outside, less) for channel in (weakest, strongest)
        )
        contrast = cv2.max(weak, strong)
        near = cv2.dilate(contrast, cv2.getStructuringElement(cv2.MORPH_RECT, (NEAR, NEAR)))
        strokes = cv2.compare(contrast, cv2.LUT(near, _FLOOR), cv2.CMP_GT)
        lines = _lines(strokes, contrast, rgb)
        shapes = _shapes(cv2.bitwise_and(strokes, beside))
        searches = [_rows(_letters(shapes, contrast, rgb)), lines]
        if wall is not None:
            scattered = max(scattered, _on_wall(shapes[1], wall), key=len)
        if operation == cv2.MORPH_TOPHAT:
            faint = cv2.threshold(cv2.bitwise_and(weak, beside), FAINT, 255, cv2.THRESH_BINARY)[1]
            searches.append(_rows(_letters(_shapes(faint), weak, rgb)))
        for row in (row for found in searches for row in found):
            (rows if len(row) >= LETTERS else begun).append(row)
    if not rows:
        rows = [row for row in (_joined(row, begun) for row in begun) if len(row) >= PRINTED]
    if not rows:
        begun = sorted(begun, key=lambda row: row[0].contrast)[-MOST_ROWS:]
        rows = [row for row in (completed(row, rgb) for row in begun) if len(row) >= LETTERS]
    rows = [row for row in rows if not (head is not None and _strands(row, head)) and not repeated(row, rgb)]
    return [*rows, scattered] if scattered else rows


def _on_wall(stats: NDArray[Any], wall: Mask) -> list[Letter]:
    """What has the size of a sign or of one of its strokes, and its middle on the wall; nothing in the grain of a wall,
    where there are many times as many specks."""
    x, y, width, height, area = stats[1:].T  # without the rest of the picture
    rows, columns = (
        np.minimum((y + height // 2) // 2, len(wall) - 1),
        np.minimum((x + width // 2) // 2, wall.shape[1] - 1),
    )
    on, large = wall[rows, columns], area >= LEAST_SIGN
    signs = on & large & (height >= 5) & (height <= 44) & (width >= 3) & (width <= 60)
    if np.count_nonzero(signs) < max(SCATTERED, GRAIN * np.count_nonzero(on & ~large)):
        return []
    return [Letter(left, top, wide, high, (), 0) for left, top, wide, high in stats[1:][signs][:, :4].tolist()]


def _shapes(strokes: Any) -> tuple[Any, Any]:
    """The connected shapes: (h, w) labels, and left, top, width, height and pixels of each, (n, 5); the first is the
    rest of the picture. strokes: (h, w) uint8, 0 elsewhere.
    """
    inked = cv2.countNonZero(strokes)
    if not 0 < inked < SPARSE * strokes.size:
        # half the time of OpenCV's usual algorithm on pictures of this size
        return cv2.connectedComponentsWithStatsWithAlgorithm(strokes, 8, cv2.CV_32S, cv2.CCL_BBDT)[1:3]
    # of few strokes their pixels alone: OpenCV looks at all of the picture for its statistics, in twice the time
    count, labels = cv2.connectedComponentsWithAlgorithm(strokes, 8, cv2.CV_32S, cv2.CCL_BBDT)
    x, y = cv2.findNonZero(strokes).reshape(-1, 2).T
    label = labels[y, x]
    stats, ends = np.zeros((count, 5), np.int32), np.zeros((count, 2), np.int32)
    stats[:, cv2.CC_STAT_AREA] = np.bincount(label, minlength=count)
    # of several pixels of a shape the last one stays: backwards that is the first
    stats[label[::-1], cv2.CC_STAT_TOP], ends[label, 1] = y[::-1], y
    order = np.argsort(x.astype(np.int16), kind="stable")
    label, x = label[order], x[order]
    stats[label[::-1], cv2.CC_STAT_LEFT], ends[label, 0] = x[::-1], x
    stats[:, 2:4] = ends - stats[:, :2] + 1
    return labels, stats


def _joined(first: list[Letter], begun: list[list[Letter]]) -> list[Letter]:
    """A begun row and what goes on in its line, to the pixel: thin strokes, whose colour is never quite their own."""
    row = list(first)
    for letter in sorted((letter for other in begun for letter in other), key=lambda letter: letter.x):
        last, apart = row[-1], letter.x - (row[-1].x + row[-1].width)
        in_line = abs(letter.foot - last.foot) <= 1 and abs(letter.height - last.height) <= 1
        if in_line and 0 <= apart <= 4.5 * last.height and _alike(letter, first[0], THIN):
            row.append(letter)
    return row


def completed(row: list[Letter], rgb: Rgb) -> list[Letter]:
    """The letters of a begun row and others beside them of the same colour, whatever they stand on.

    Only the row itself where its colour is on other things beside it, too: a garment, skin, hair.
    """
    height = max(letter.height for letter in row)
    above, left = max(0, min(letter.y for letter in row) - height), max(0, row[0].x - BESIDE * height)
    below, right = max(letter.foot for letter in row) + height, row[-1].x + row[-1].width + BESIDE * height
    colour = np.sort([letter.colour for letter in row], axis=0)[len(row) // 2]
    levels = max(LEAST_TINT, TINT * row[0].contrast)
    same = cv2.inRange(np.ascontiguousarray(rgb[above:below, left:right]), colour - levels, colour + levels)
    if cv2.countNonZero(same) > FULLEST * same.size:
        return row
    stats = cv2.connectedComponentsWithStatsWithAlgorithm(same, 8, cv2.CV_32S, cv2.CCL_BBDT)[2][1:]
    letters = [
        Letter(left + int(x), above + int(y), int(width), int(height), row[0].colour, row[0].contrast)
        for x, y, width, height, area in stats[_like_letters(stats)]
    ]
    best = max(_rows(sorted(letters, key=lambda letter: letter.x)), key=len, default=row)
    all_of_it = cv2.countNonZero(same[best[0].y - above : best[0].foot - above])
    strokes = sum(
        cv2.countNonZero(same[letter.y - above : letter.foot - above, letter.x - left : letter.x + letter.width - left])
        for letter in best
    )
    return best if strokes >= ALONE * all_of_it else row


def _strands(row: list[Letter], head: Mask) -> bool:
    """Whether a row lies wholly on the head: the strands of a fringe side by side, and the skin between them."""
    return all(head[letter.y + letter.height // 2, letter.x + letter.width // 2] for letter in row)


def repeated(row: list[Letter], rgb: Rgb) -> bool:
    """Whether the row comes once more close above or below it: dots, checks and plaid, and the gaps between them.

    Compared are the bright and the dark strokes of up to REPEATED letters, moved to each place there; the edge of a
    collar, which goes on above and below any text, is neither.
    """
    row = row[:REPEATED]
    height = max(letter.height for letter in row)
    left, right = row[0].x, max(letter.x + letter.width for letter in row)
    top, bottom = min(letter.y for letter in row), max(letter.foot for letter in row)
    aside, near, far = (round(part * height) for part in (ASIDE, *AGAIN))
    first, above = max(0, left - aside), max(0, top - far)
    grey = cv2.cvtColor(np.ascontiguousarray(rgb[above : bottom + far, first : right + aside]), cv2.COLOR_RGB2GRAY)
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (THICKEST, THICKEST))
    for operation in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
        strokes = cv2.morphologyEx(grey, operation, kernel)
        own = strokes[top - above : bottom - above, left - first : right - first]
        for part in (strokes[: max(0, bottom - near - above)], strokes[top + near - above :]):
            if part.shape[0] >= own.shape[0]:
                alike = cv2.matchTemplate(part, own, cv2.TM_CCOEFF_NORMED)
                if float(alike.max()) > SAME_AGAIN:
                    return True
    return False


def _outside(contrast: Any, outside: Any, less: Any) -> Any:
    kept = cv2.bitwise_and(contrast, outside)
    return kept if less is None else cv2.subtract(kept, less)


def _lines(strokes: Any, contrast: Any, rgb: Rgb) -> list[list[Letter]]:
    """Lines of signs that are made of several shapes each, as Chinese is: strokes close together in a long box.

    strokes: (h, w) uint8, 0 elsewhere; contrast: (h, w) uint8. Each line is given as LETTERS equal parts of its box.
    Upright ones, whose signs stand further apart, are looked for at a quarter of the picture's size.
    """
    half = cv2.threshold(cv2.resize(strokes, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), 60, 255, 0)[1]
    quarter = cv2.threshold(cv2.resize(half, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), 60, 255, 0)[1]
    lines = [_line(box, strokes, contrast, rgb) for box in _boxes(half, (7, 3), 2)]
    turned = strokes.T, contrast.T, rgb.transpose(1, 0, 2)
    upright = [_line(box, *turned) for box in _boxes(cv2.transpose(quarter), (5, 3), 4)]
    lines += [[replace(one, x=one.y, y=one.x, width=one.height, height=one.width) for one in line] for line in upright]
    return [line for line in lines if line]


def _boxes(strokes: Any, gap: tuple[int, int], up: int) -> list[list[int]]:
    """Long flat boxes that are full of strokes, as x, y, width, height in pixels of the picture.

    strokes: reduced by `up`; gap: columns and rows between strokes that are bridged.
    """
    closed = cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, gap))
    stats = cv2.connectedComponentsWithStatsWithAlgorithm(closed, 8, cv2.CV_32S, cv2.CCL_BBDT)[2]
    width, height, area = (stats[:, place] for place in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA))
    fits = (height >= 12 // up) & (height <= 48 // up) & (width >= 3 * height) & (area >= 0.6 * width * height)
    return [list(map(int, box)) for box in up * stats[fits][:, :4]]


def _line(box: list[int], strokes: Any, contrast: Any, rgb: Rgb) -> list[Letter]:
    x, y, width, height = box
    part = slice(y, y + height), slice(x, x + width)
    ink = strokes[part] > 0
    down = int(np.count_nonzero(ink[1:] & ~ink[:-1])) / max(1, int(np.count_nonzero(ink.any(axis=0))))
    across = int(np.count_nonzero(ink[:, 1:] & ~ink[:, :-1])) / width
    strength = np.where(ink, contrast[part], 0)
    colour = _one_colour(rgb[part], strength)
    if colour is None or strength.max() < PLAIN or down < STACKED or across < DENSE:
        return []
    step = width // LETTERS
    return [Letter(x + step * place, y, step, height, colour, int(strength.max())) for place in range(LETTERS)]


def _one_colour(rgb: Rgb, strength: Any) -> tuple[float, ...] | None:
    """The colour of strokes without their soft edges; None where they have several. strength: 0 beside them."""
    strongest = int(strength.max())
    core = np.sort(rgb[strength >= CORE * strongest], axis=0)
    quarter, middle, most = (core[len(core) * part // 4].astype(int) for part in (1, 2, 3))
    if int((most - quarter).max()) > max(EVEN, SOLID * strongest):
        return None
    return tuple(float(level) for level in middle)


def _letters(shapes: tuple[Any, Any], contrast: Any, rgb: Rgb) -> list[Letter]:
    """Shapes of the size of letters whose strokes, softened edges aside, have one colour.

    shapes: as `_shapes` gives them; contrast: (h, w) uint8.
    """
    labels, stats = shapes
    area, fits = stats[:, cv2.CC_STAT_AREA], _like_letters(stats)
    fits[0] = False  # the rest of the picture
    candidates = np.flatnonzero(fits)
    if len(candidates) < SEEDS:
        return []
    if len(candidates) > MOST:  # a busy picture: text would be among its larger shapes
        candidates = candidates[np.argsort(area[candidates])[-MOST:]]
    candidates = candidates[_in_company(stats[candidates])]
    letters = (_letter(stats[label], labels, int(label), contrast, rgb) for label in candidates)
    return sorted((letter for letter in letters if letter is not None), key=lambda letter: letter.x)


def _like_letters(stats: NDArray[Any]) -> NDArray[np.bool_]:
    """Which of OpenCV's connected shapes have the size and the fullness of a letter, and are no dot or square."""
    width, height, area = (stats[:, place] for place in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA))
    box = width * height
    fits = (height >= 7) & (height <= 44) & (width >= 2) & (width <= 1.6 * height) & (area >= SMALLEST)
    fits &= (area >= 0.15 * box) & (area <= 0.95 * box)
    return np.asarray(fits & ~((area >= DOT * box) & (width >= 0.75 * height)))


def _letter(stats: NDArray[Any], labels: Any, label: int, contrast: Any, rgb: Rgb) -> Letter | None:
    x, y, width, height = (int(part) for part in stats[:4])
    box = slice(y, y + height), slice(x, x + width)
    strength = np.where(labels[box] == label, contrast[box], 0)
    colour = _one_colour(rgb[box], strength)
    return None if colour is None else Letter(x, y, width, height, colour, int(strength.max()))


def _in_company(stats: NDArray[Any]) -> NDArray[np.bool_]:
    """Which boxes can be part of a row, judged by place and height alone: far cheaper than looking at each shape."""
    x, y, width, height = (stats[:, place].astype(np.float32) for place in range(4))
    foot, end = y + height, x + width
    apart = x[None, :] - end[:, None]  # from each to each other one on its right
    linked = np.abs(height[:, None] - height) <= 0.35 * np.maximum(height[:, None], height)
    linked &= np.abs(foot[:, None] - foot) <= 0.3 * height[:, None]
    linked &= (apart >= -2) & (apart <= 2.2 * height[:, None])
    chained = (linked | linked.T | np.eye(len(x), dtype=bool)).astype(np.float32)
    for _ in range(3):  # chains of up to eight links
        chained = (chained @ chained > 0).astype(np.float32)
    return np.asarray(chained.sum(axis=1) >= SEEDS)


def _rows(letters: list[Letter]) -> list[list[Letter]]:
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


def _alike(letter: Letter, first: Letter, share: float = ALIKE) -> bool:
    apart = max(abs(one - other) for one, other in zip(letter.colour, first.colour, strict=True))
    return apart <= max(SAME, share * min(letter.contrast, first.contrast))


def _follows(letter: Letter, last: Letter) -> bool:
    apart = letter.x - (last.x + last.width)
    same_height = abs(letter.height - last.height) <= 0.35 * max(letter.height, last.height)
    return same_height and abs(letter.foot - last.foot) <= 0.3 * last.height and -2 <= apart <= 2.2 * last.height
