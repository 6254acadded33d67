"""BG_SHADOW: the head throws no shadow on the background (R07)."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

import cv2
import numpy as np

from backend.compliance import places
from backend.compliance.checks.check import Check, Observation
from backend.compliance.checks.scene.background import lab_pixels
from backend.compliance.codes import Code
from backend.compliance.colour import COLOURED, Lab, shades
from backend.compliance.face import CHIN, OVAL, Face
from backend.compliance.findings import Mark, Verdict
from backend.compliance.observed import Grey
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median, median_colour
from backend.compliance.regions import FACTOR, Regions
from backend.compliance.standard import Rule

STEP = 12  # rows at half size
THIN = 2  # every second column is enough for medians of soft light
FEWEST = 15  # pixels of those columns
SMOOTH = 1.6  # L* of fine detail: a shadow is soft, loose hair is not
# a shadow close behind the head, which the person mask takes for a part of it (all ours)
SHADE = 0.3, 0.93  # of the wall's lightness: a shade of the wall
PALE = 0.3  # of the wall's chroma: between hair and wall it fades
BESIDE = 0.9  # face widths from the axis
CLOSE = 0.02  # of the square of the face's width: right pictures up to 0.012, shadows of 22 % and more from 0.028
SOFT = 2.5  # L* of fine detail before white and grey: the shine of short hair is a shade of them, too, from 4.2
OPENING = np.ones((3, 3), np.uint8)


@dataclass(frozen=True)
class Deepest:
    """depth: in L*; x, y: of the middle of the strip, at half size; limit: darker than this, in L*, is the shadow."""

    depth: float
    x: float
    y: float
    limit: float


def measure(parts: Regions, face: Face) -> Deepest | None:
    """How much darker the background is right beside the head than further out, and where; None when nowhere.

    Compares, side by side and step by step from the head top to the shoulders, a strip near the person with the
    background further out at the same height. Strips with fine detail are loose hair and do not count.
    Source: R07, no number given.
    """
    smooth, detail = parts.whole.smooth[:, ::THIN], parts.whole.detail[:, ::THIN]
    width, axis = face.width * FACTOR, face.axis * FACTOR
    wall, away = parts.background[:, ::THIN], parts.away[:, ::THIN]
    near, far = wall & (away < 0.24 * width), wall & (away > 0.4 * width)
    middle = int(np.clip(np.ceil(axis / THIN), 0, smooth.shape[1]))
    deepest: Deepest | None = None
    overall = median(smooth[wall])
    top = int(np.argmax(parts.person.any(axis=1)))
    bottom = int(min(smooth.shape[0], (face.point(CHIN)[1] + 0.5 * face.width) * FACTOR))
    starts = np.arange(top, bottom, STEP)
    for side in (slice(None, middle), slice(middle, None)):
        # the pixels from above to below, so that a strip of rows is a run of them
        rows, columns = np.nonzero(near[:, side])
        light, fine = smooth[:, side][rows, columns], detail[:, side][rows, columns]
        beside = rows.searchsorted([starts, starts + STEP + 4])
        rows_far, columns_far = np.nonzero(far[:, side])
        light_far = smooth[:, side][rows_far, columns_far]
        around = rows_far.searchsorted([starts - STEP, starts + 2 * STEP])
        for row, first, end, first_far, end_far in zip(*np.vstack([starts, beside, around]).tolist(), strict=True):
            if end - first < FEWEST or _mean(fine[first:end]) > SMOOTH:
                continue
            enough = end_far - first_far >= FEWEST
            reference = median(light_far[first_far:end_far]) if enough else overall
            depth = reference - median(light[first:end])
            if depth > (deepest.depth if deepest else 0.0):
                column = THIN * ((side.start or 0) + float(columns[first:end].mean()))
                deepest = Deepest(depth, column, row + STEP / 2, reference - depth / 2)
    return deepest


def hidden(regions: Regions, wall: Lab, face: Face) -> Deepest | None:
    """The shadow that lies so close to the head that the mask takes it for the person; None where there is none.

    Looks beside the face, above the chin, for what is no certain wall and yet a darker shade of it. Source: R07, no
    number given.
    """
    width, axis, chin = face.width * FACTOR, face.axis * FACTOR, face.point(CHIN)[1] * FACTOR
    left, right = max(0, int(axis - BESIDE * width)), int(axis + BESIDE * width)
    part = slice(0, max(1, int(chin))), slice(left, max(left + 1, right))
    lab = regions.lab[part]
    lightness = regions.whole.lightness[part]
    unsure = (~regions.background[part]).astype(np.uint8)
    cv2.fillPoly(unsure, [np.round(face.polygon(OVAL) * FACTOR - (left, 0)).astype(np.int32)], 0)
    darkest, lightest = (share * wall[0] for share in SHADE)
    shade = shades(lab, wall, palest=PALE) & (lightness > darkest) & (lightness < lightest) & (unsure > 0)
    thick = cv2.morphologyEx(shade.astype(np.uint8), cv2.MORPH_OPEN, OPENING)
    if cv2.countNonZero(thick) < CLOSE * width**2:
        return None
    _, labels, stats, middles = cv2.connectedComponentsWithStats(thick)
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    inside = labels == largest
    if stats[largest, cv2.CC_STAT_AREA] < CLOSE * width**2:
        return None
    if hypot(*wall[1:]) <= COLOURED and _mean(regions.whole.detail[part][inside]) > SOFT:
        return None
    depth = wall[0] - median(lightness[inside])
    x, y = middles[largest]
    return Deepest(depth, left + float(x), float(y), wall[0] - depth / 2)


def _mean(values: Grey) -> float:
    return float(np.add.reduce(values)) / len(values)  # an eighth of what numpy's mean takes for so few


def look(prepared: Prepared, rule: Rule) -> Observation:
    parts = prepared.parts
    deepest = measure(parts, prepared.subject)
    if deepest is None or rule.of(prepared.mode).judge(deepest.depth) is Verdict.OK:
        close = hidden(parts, median_colour(lab_pixels(prepared)), prepared.subject)
        if close is not None:
            mark = Mark("points", ((close.x / FACTOR, close.y / FACTOR),))
            return Observation(rule.of(prepared.mode).asked(close.depth), (mark,))
    if deepest is None:
        return Observation(0.0)
    if rule.of(prepared.mode).judge(deepest.depth) is Verdict.OK:
        return Observation(deepest.depth)
    return Observation(deepest.depth, _drawn(prepared, deepest))


def _drawn(prepared: Prepared, deepest: Deepest) -> tuple[Mark, ...]:
    """The wall near the head that is darker by half of the depth; a cross at the deepest if that is only specks."""
    smooth = prepared.parts.whole.smooth
    near = prepared.parts.away < 0.5 * prepared.subject.width * FACTOR
    dark = np.asarray(prepared.parts.background & near & (smooth < deepest.limit))
    return places.first_of(places.outlined(dark), (Mark("points", ((deepest.x / FACTOR, deepest.y / FACTOR),)),))


CHECK = Check(Code.BG_SHADOW, look, needs_face=True)
