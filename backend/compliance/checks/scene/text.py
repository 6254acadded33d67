"""Text on a picture: rows of letters and lines of signs, found by their strokes and by their one colour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

from backend.compliance.checks.scene.letters import (
    Letter,
    letters_of,
    like_letters,
    rows_of,
    turned,
    unlike,
    upright_rows,
)
from backend.compliance.checks.scene.signs import sign_lines, signs_on_wall
from backend.compliance.checks.scene.strokes import connected, standing_out, strokes_of
from backend.compliance.observed import Mask, Rgb

ON_HEAD = 12  # levels of contrast more that are asked on the head, where strands of hair stand side by side
LETTERS = 5  # that stand in one row
BESIDE = 8  # heights of a letter to each side
LEAST_TINT, TINT = 14, 0.16  # levels by which they differ in each channel when saved again, or share of their contrast
# letters on one line to the pixel; levels of contrast of the first; share of it by which their thin strokes may differ;
# heights from one to the next, over a dash or a stop: right pictures have up to 4, once their patterns are left out
PRINTED, CLEAR, THIN, APART = 5, 40, 0.32, 4.5
FULLEST = 0.25  # of the strip about a line of text that is strokes
ALONE = 0.78  # of what has that colour between their upper and lower ends is those letters
WHITE = 235  # levels of the least channel of white letters, which go on over white clothes
FAINT, PALE = 9, (3, 5)  # levels by which these stand out there, or to which they share the colour of the first ones
CLOTH = 6  # levels between the colours of such letters
AGAIN, ASIDE = (0.8, 2.6), 1.5  # heights of a row above and below it, and to each side, where a pattern repeats it
SAME_AGAIN, REPEATED = 0.58, 8  # correlation with its repetition: text up to 0.50, patterns from 0.66; letters compared
TURN, MARGIN = (0.6, 2.4), 2  # heights from a letter to its repetition along the row; pixels beside it
# correlation with it: buttons and stripes from 0.82, text up to 0.67, of few different digits up to 0.79
SAME_IN_TURN = 0.8
MOST_ROWS = 8  # begun rows that are looked at


def text_rows(rgb: Rgb, face: Mask, head: Mask | None = None, wall: Mask | None = None) -> list[list[Letter]]:
    """Rows of at least LETTERS small shapes of one height and one colour, side by side on one line or, on their side,
    below each other.

    face: (h, w), where nothing is looked for; head: (h, w), where no row of letters begins, because strands of hair
    stand side by side: one that begins beside it goes on there. wall: at half size, well away from the person, where
    SCATTERED small shapes are given as one row: a watermark all over it, however it is turned.
    """
    red, green, blue = cv2.split(rgb)  # many times as fast as min and max along the last axis
    weakest, strongest = cv2.min(cv2.min(red, green), blue), cv2.max(cv2.max(red, green), blue)
    hidden: Any = face * np.uint8(255)
    if head is not None:
        hidden = cv2.max(hidden, head * np.uint8(ON_HEAD))
    beside = cv2.threshold(hidden, 0, 255, cv2.THRESH_BINARY_INV)[1]
    letters: list[list[Letter]] = []
    rows: list[list[Letter]] = []
    begun: list[list[Letter]] = []
    upright: list[list[Letter]] = []
    white: list[list[Letter]] = []
    scattered: list[Letter] = []
    for operation in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):  # bright strokes, dark strokes
        # white strokes stand out in the weakest channel, dark ones in the strongest, coloured ones in either
        contrast = cv2.max(standing_out(weakest, operation), standing_out(strongest, operation))
        contrast = cv2.subtract(contrast, hidden)
        strokes = strokes_of(contrast)
        shapes = connected(cv2.bitwise_and(strokes, beside))
        if wall is not None:
            scattered = max(scattered, signs_on_wall(shapes, wall), key=len)
        letters.append(letters_of(shapes, contrast, rgb))
        level = rows_of(letters[-1])
        upright += upright_rows(shapes, contrast, rgb, PRINTED)
        if operation == cv2.MORPH_TOPHAT:
            white = [row for row in level if min(_colour(row)) >= WHITE]
        lines, standing = sign_lines(strokes, contrast, rgb)
        upright += standing
        for row in (*level, *lines):
            (rows if len(row) >= LETTERS else begun).append(row)
    rows = rows or _gone_on(letters, begun, white, rgb)
    rows = [row for row in rows if not repeated(row, rgb)]
    on_side = rgb.transpose(1, 0, 2)
    for row in upright:
        lying = [turned(letter) for letter in row]
        if not repeated(lying, on_side) and not in_turn(lying, on_side):
            rows.append(row)
    rows = [row for row in rows if head is None or not _strands(row, head)]
    return [*rows, scattered] if scattered else rows


def _gone_on(
    letters: list[list[Letter]], begun: list[list[Letter]], white: list[list[Letter]], rgb: Rgb
) -> list[list[Letter]]:
    """Rows of which the search found parts only, by the first way in which any is whole."""
    rows = [row for row in map(printed, letters) if len(row) >= PRINTED and not in_turn(row, rgb)]
    if not rows:
        begun = sorted(begun, key=lambda row: row[0].contrast)[-MOST_ROWS:]
        rows = [row for row in (completed(row, rgb) for row in begun) if len(row) >= LETTERS]
    return rows or [row for row in (over_white(row, rgb) for row in white) if len(row) >= PRINTED]


def _colour(row: list[Letter]) -> Any:
    """The middle one of the colours of its letters, channel by channel."""
    return np.sort([letter.colour for letter in row], axis=0)[len(row) // 2]


def printed(letters: list[Letter]) -> list[Letter]:
    """The longest row of those on one line and of one height, to the pixel: thin strokes are never quite of their own
    colour, and of another one on skin than on cloth. letters: from left to right.
    """
    if len(letters) < PRINTED:
        return []
    feet, heights = (np.array(ends) for ends in ([one.foot for one in letters], [one.height for one in letters]))
    level = (abs(feet[:, None] - feet) <= 1) & (abs(heights[:, None] - heights) <= 1)
    best: list[Letter] = []
    for place in np.flatnonzero(np.count_nonzero(level, axis=1) >= PRINTED):
        first = letters[place]
        row = [first]
        for other in np.flatnonzero(level[place, place + 1 :]) + place + 1 if first.contrast >= CLEAR else ():
            letter, end = letters[other], row[-1].x + row[-1].width
            strongest = max(letter.contrast, first.contrast)
            if -1 <= letter.x - end <= APART * first.height and unlike(letter, first) <= THIN * strongest:
                row.append(letter)
        best = max(best, row, key=len)
    return best


def completed(row: list[Letter], rgb: Rgb) -> list[Letter]:
    """The letters of a begun row and others beside them of the same colour, whatever they stand on.

    Only the row itself where its colour is on other things beside it, too: a garment, skin, hair.
    """
    height = max(letter.height for letter in row)
    above, left = max(0, min(letter.y for letter in row) - height), max(0, row[0].x - BESIDE * height)
    below, right = max(letter.foot for letter in row) + height, row[-1].x + row[-1].width + BESIDE * height
    colour = _colour(row)
    levels = max(LEAST_TINT, TINT * row[0].contrast)
    same = cv2.inRange(np.ascontiguousarray(rgb[above:below, left:right]), colour - levels, colour + levels)
    if cv2.countNonZero(same) > FULLEST * same.size:
        return row
    stats = cv2.connectedComponentsWithStatsWithAlgorithm(same, 8, cv2.CV_32S, cv2.CCL_BBDT)[2][1:]
    letters = [
        Letter(left + int(x), above + int(y), int(width), int(height), row[0].colour, row[0].contrast)
        for x, y, width, height, area in stats[like_letters(stats)]
    ]
    best = max(rows_of(sorted(letters, key=lambda letter: letter.x)), key=len, default=row)
    all_of_it = cv2.countNonZero(same[best[0].y - above : best[0].foot - above])
    strokes = sum(
        cv2.countNonZero(same[letter.y - above : letter.foot - above, letter.x - left : letter.x + letter.width - left])
        for letter in best
    )
    return best if strokes >= ALONE * all_of_it else row


def over_white(row: list[Letter], rgb: Rgb) -> list[Letter]:
    """The white letters of a begun row and others of their white on its line, to the pixel: where they stand on white
    clothes each is parted from these by another limit.
    """
    height = max(letter.height for letter in row)
    above, left = max(0, min(letter.y for letter in row) - height // 2), max(0, row[0].x - BESIDE * height)
    below, right = max(letter.foot for letter in row) + height // 2, row[-1].x + row[-1].width + BESIDE * height
    strip = np.ascontiguousarray(rgb[above:below, left:right])
    colour = _colour(row)
    found = [
        Letter(left + x, above + y, width, high, tuple(colour), row[0].contrast)
        for strokes in _whites(strip, colour)
        for x, y, width, high in _letters_within(strokes, strip, colour)
    ]
    best: list[Letter] = []
    for foot, high in {(one.foot, one.height) for one in found}:
        line = [one for one in found if abs(one.foot - foot) <= 1 and abs(one.height - high) <= 1]
        best = max(best, _apart(line), key=len)
    return best


def _whites(strip: Rgb, colour: Any) -> Iterator[Any]:
    yield cv2.threshold(standing_out(strip.min(axis=2), cv2.MORPH_TOPHAT), FAINT, 255, cv2.THRESH_BINARY)[1]
    for levels in PALE:
        yield cv2.inRange(strip, colour - levels, colour + levels)


def _letters_within(strokes: Any, strip: Rgb, colour: Any) -> Iterator[list[int]]:
    """The boxes of what may be letters of that colour and does not reach out of the strip. strokes: (h, w) uint8."""
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(strokes, 8, cv2.CV_32S, cv2.CCL_BBDT)
    fits = like_letters(stats)
    fits[0] = False  # the rest of the strip
    for label in np.flatnonzero(fits):
        x, y, width, height = stats[label, :4].tolist()
        part = slice(y, y + height), slice(x, x + width)
        if y > 0 and y + height < len(strip):
            ink = np.sort(strip[part][labels[part] == label], axis=0)
            if abs(ink[len(ink) // 2] - colour).max() <= CLOTH:
                yield [x, y, width, height]


def _apart(line: list[Letter]) -> list[Letter]:
    """The longest row of letters of which none lies over another and none is far from the next."""
    kept: list[Letter] = []
    for one in sorted(line, key=lambda one: one.width):
        if all(one.x + one.width <= other.x or other.x + other.width <= one.x for other in kept):
            kept.append(one)
    rows: list[list[Letter]] = [[]]
    for one in sorted(kept, key=lambda one: one.x):
        if rows[-1] and one.x - (rows[-1][-1].x + rows[-1][-1].width) > 2.5 * one.height:
            rows.append([])
        rows[-1].append(one)
    return max(rows, key=len)


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
    for operation in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
        strokes = standing_out(grey, operation)
        own = strokes[top - above : bottom - above, left - first : right - first]
        for part in (strokes[: max(0, bottom - near - above)], strokes[top + near - above :]):
            if part.shape[0] >= own.shape[0]:
                alike = cv2.matchTemplate(part, own, cv2.TM_CCOEFF_NORMED)
                if float(alike.max()) > SAME_AGAIN:
                    return True
    return False


def in_turn(row: list[Letter], rgb: Rgb) -> bool:
    """Whether the row repeats itself from one letter, or two, to the next: buttons, the stripes of a tie, a zip.

    Compared are its bright and its dark strokes with the same moved along it.
    """
    height = max(letter.height for letter in row)
    left, right = row[0].x, max(letter.x + letter.width for letter in row)
    top, bottom = max(0, min(letter.y for letter in row) - MARGIN), max(letter.foot for letter in row) + MARGIN
    grey = cv2.cvtColor(np.ascontiguousarray(rgb[top:bottom, left:right]), cv2.COLOR_RGB2GRAY)
    length = right - left
    nearest, furthest = (round(part * max(height, length / len(row))) for part in TURN)
    for operation in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
        strokes = standing_out(grey, operation)
        own = strokes[:, : max(length // 2, length - furthest)]
        alike = cv2.matchTemplate(strokes, own, cv2.TM_CCOEFF_NORMED)[0, nearest:]
        if alike.size and float(alike.max()) > SAME_IN_TURN:
            return True
    return False
