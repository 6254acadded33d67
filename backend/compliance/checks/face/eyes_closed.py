"""EYES_CLOSED: both eyes are naturally open (R11)."""

from __future__ import annotations

from math import exp, sqrt

import numpy as np

from backend.compliance.checks.check import EVERYWHERE, Check, Observation
from backend.compliance.checks.face import glasses_tint
from backend.compliance.codes import Code
from backend.compliance.colour import chroma_of
from backend.compliance.face import (
    BLINK,
    CHEEKS,
    LEFT_EYE,
    LEFT_IRIS,
    LEFT_LIDS,
    RIGHT_EYE,
    RIGHT_IRIS,
    RIGHT_LIDS,
    SMILE,
    Face,
)
from backend.compliance.findings import Mark
from backend.compliance.observed import Grey
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median, row_percentiles
from backend.compliance.regions import Patch
from backend.compliance.standard import Rule

NOTHING_SEEN = 0.5  # contrast of the eyes, of that in open ones, below which there is neither iris nor white
WINKING = 0.72  # of the wider eye's opening; the most uneven open eyes seen: 0.77
BLINKING = 0.25  # of both eyes at once; open ones up to 0.22
IRIS = 0.19  # over the width of the eye; open from 0.2, narrow ones included
WINKING_IRIS = 0.66  # of the other eye's; open from 0.69
OPENING = 0.23  # height in sight and GAPS times the gap; open from 0.244, shut ones that only this tells up to 0.2
WINKING_OPENING = 0.6  # of the other eye's; open from 0.7, shut up to 0.45
HALF_CLOSED, BLINKED = 0.183, 3.5  # openness: right from 0.195, narrow eyes too; at three tenths mostly below
# the same height: with so much in sight neither a blink nor the gap tells anything, on a smiling face with less. Narrow
# and deep-set eyes have from 0.3; drawn at a fifth and at three tenths, on faces that do not smile, up to 0.34
PLAIN, SMILING, PLAIN_SMILING = 0.35, 0.3, 0.28
GAPS = 2.0  # a dark eye's shaded whites are hard to see, but there the points see the lids apart
BESIDE_LIDS = 0.08  # of the width of the eye, by which the points of its lids may be off
DARKER = 0.1  # than white: an iris at least, in shares of the lightness
BESIDE_SKIN, BESIDE_WHITE = 0.6, 0.2  # of the lid's colour beside it, 0.6 - 0.2 darker; of half of it, 0.3 - 0.2
WELL_LIT = 60.0  # L* of a cheek; in less light everything stands out less


def measure(face: Face) -> float:
    """The gap between the lids of the narrower eye over the length of the face (eyes to chin), 0 .. about 0.15,
    lowered by how much the expression model sees that eye blink.

    Neither is enough alone: naturally narrow eyes have a small gap without a blink, and behind painted or swollen lids
    the points keep a gap that the blink gives away.
    Source: R11, 教毕指〔2017〕99号; the ratio is EyesOpen of ISO/IEC 29794-5.
    """
    return min(gaps(face))


def gaps(face: Face) -> tuple[float, float]:
    """What `measure` takes the lesser of: the left eye and the right."""
    left = gap(face, LEFT_LIDS) * (1 - face.shape(BLINK[1:]))
    right = gap(face, RIGHT_LIDS) * (1 - face.shape(BLINK[:1]))
    return left / face.length, right / face.length


def uneven(face: Face) -> bool:
    """Whether one eye is so much narrower than the other that it may be winking."""
    both = gaps(face)
    return min(both) < WINKING * max(both)


def iris_height(patch: Patch, pupil: float, outline: Grey, cheek: float) -> float:
    """How high the dark part of an eye stands over the pupil, over the width of the eye: an iris 0.2 and more, the
    line of lashes of a closed eye up to 0.1.

    Dark is what is nearer to the darkest row than to the cheek: blue eyes and a lightened face have less of a step, not
    a lower one. pupil: its column; cheek: L* of the cheek under the eye.
    """
    wide, (_, y) = float(np.ptp(outline[:, 0])), outline.mean(axis=0)
    columns = slice(max(0, int(pupil - 0.12 * wide - patch.left)), max(0, int(pupil + 0.12 * wide - patch.left)) + 1)
    rows = slice(max(0, int(y - 0.3 * wide - patch.top)), max(0, int(y + 0.3 * wide - patch.top)))
    part = patch.lab[rows, columns, 0]
    if not part.size:
        raise ValueError("the eye is outside the picture")
    lightness = row_percentiles(part, 50)
    dark = lightness < (cheek + float(lightness.min())) / 2
    return np.count_nonzero(dark) / max(wide, 1.0)


def in_sight(patch: Patch, pupil: float, outline: Grey) -> float:
    """How high what can be seen between the lids stands, over the width of the eye: open 0.2 to 0.45, shut up to 0.16.

    Counted are rows whose middle, the iris, is darker than the eye on both sides of it. These are white, and white has
    less colour than the lid: lashes and folds can be as dark as an iris, but have skin beside them, and beside skin
    more darkness is asked. Ratios of lightness, and colour over that of the lid: the tone of the skin cancels out.
    pupil: its column. Raises ValueError when the eye is not on the picture.
    """
    (left, top), (right, bottom) = outline.min(axis=0), outline.max(axis=0)
    wide = float(right - left)
    rows = top - BESIDE_LIDS * wide, bottom + BESIDE_LIDS * wide
    iris = _part(patch, (pupil - 0.1 * wide, pupil + 0.1 * wide), rows)
    sides = [_part(patch, at, rows) for at in ((left, pupil - 0.15 * wide), (pupil + 0.15 * wide, right))]
    lid = _part(patch, (pupil - 0.3 * wide, pupil + 0.3 * wide), (top - 0.32 * wide, top - 0.12 * wide))
    light = np.minimum(*(_ranked(side[..., 0], 0.9) for side in sides))
    colour = np.maximum(*(_ranked(_colour(side), 0.1) for side in sides)) / max(median(_colour(lid)), 1e-3)
    darker = 1 - _ranked(iris[..., 0], 0.25) / np.maximum(light, 10)
    asked = np.maximum(BESIDE_SKIN * np.minimum(colour, 1.2) - BESIDE_WHITE, DARKER)
    return np.count_nonzero(darker > asked) / max(wide, 1.0)


def openness(face: Face, opening: float) -> float:
    """How open eyes are of which so much is in sight: open from 0.195, narrow ones included, mostly from 0.25.

    opening: the lesser of `in_sight` and GAPS times the gap, of both eyes. Less of it counts where the expression model
    sees both eyes blink, and where the points keep the lids further apart (over the width of the iris, which is the
    same on everybody) than they are: an eye that is narrow by nature has both little in sight and a small gap.
    """
    blink = min(face.shape(BLINK[:1]), face.shape(BLINK[1:]))
    iris = (face.distance(*LEFT_IRIS[::2]) + face.distance(*RIGHT_IRIS[::2])) / 2
    apart = min(gap(face, LEFT_LIDS), gap(face, RIGHT_LIDS)) / max(iris, 1.0)
    return opening * exp(-BLINKED * blink) / sqrt(max(apart, 0.01))


def _part(patch: Patch, columns: tuple[float, float], rows: tuple[float, float]) -> Grey:
    """(h, w, 3) CIELAB from the first column and row to the last. Raises ValueError when nothing of it is there."""
    (first, last), (upper, lower) = (
        (max(0, round(float(a - off))), max(0, round(float(b - off))) + 1)
        for (a, b), off in ((columns, patch.left), (rows, patch.top))
    )
    part = patch.lab[upper:lower, first:last]
    if not part.size:
        raise ValueError("the eye is outside the picture")
    return part


def _colour(lab: Grey) -> Grey:
    """The strength of the colour over its lightness."""
    return np.asarray(chroma_of(lab[..., 1], lab[..., 2]) / np.maximum(lab[..., 0], 8))


def _ranked(rows: Grey, share: float) -> Grey:
    """That percentile of each row."""
    return np.asarray(np.sort(rows, axis=1)[:, round(share * (rows.shape[1] - 1))])


def gap(face: Face, lids: tuple[tuple[int, int], ...]) -> float:
    return max(face.distance(upper, lower) for upper, lower in lids)


def look(prepared: Prepared, rule: Rule) -> Observation:
    face = prepared.subject
    marks = (Mark("outline", face.outline(LEFT_EYE)), Mark("outline", face.outline(RIGHT_EYE)))
    value = measure(face)
    if prepared.regions is not None and (uneven(face) or not _seen(prepared, face) or not _irises(prepared, face)):
        # the points keep a gap where lids lie over the eyes, the more the larger the eyes are; a person looks
        value = min(value, rule.of(prepared.mode).asked(0.0))
    return Observation(value, marks)


def _irises(prepared: Prepared, face: Face) -> bool:
    """Whether both eyes show an iris and white beside it, and about as much of both."""
    heights, openings = [], []
    for eye, (pupil, _), cheek, apart in zip((LEFT_EYE, RIGHT_EYE), face.pupils, CHEEKS, gaps(face), strict=True):
        outline, lightness = face.polygon(eye), median(prepared.parts.whole.inside(face.polygon(cheek))[:, 0])
        heights.append(iris_height(prepared.parts.eyes, pupil, outline, lightness))
        openings.append(in_sight(prepared.parts.eyes, pupil, outline) + GAPS * apart)
    high = min(heights) >= max(IRIS, WINKING_IRIS * max(heights))
    opening = min(openings)
    wide = opening >= max(OPENING, WINKING_OPENING * max(openings))
    return high and wide and not _half_closed(face, opening)


def _half_closed(face: Face, opening: float) -> bool:
    """Whether both lids may be half closed. opening: as in `openness`."""
    if opening >= (PLAIN_SMILING if face.shape(SMILE) > SMILING else PLAIN):
        return False
    blinking = min(face.shape(BLINK[:1]), face.shape(BLINK[1:])) > BLINKING
    return blinking or openness(face, opening) < HALF_CLOSED


def _seen(prepared: Prepared, face: Face) -> bool:
    """Whether irises and whites stand out. Behind dark lenses nothing does either: those have a check of their own."""
    whole = prepared.parts.whole
    brightness, contrast = glasses_tint.ratios(prepared.parts.eyes, whole, face)
    cheek = median(whole.inside(face.polygon(CHEEKS[0]))[:, 0])
    return contrast >= NOTHING_SEEN * min(1.0, cheek / WELL_LIT) or brightness < glasses_tint.LENS


CHECK = Check(Code.EYES_CLOSED, look, modes=EVERYWHERE, needs_face=True)
