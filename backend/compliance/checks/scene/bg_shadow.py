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
from backend.compliance.observed import Grey, Mask
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


def measure(lightness: Grey, background: Mask, person: Mask, away: Grey, face: Face) -> Deepest | None:
    """How much darker the background is right beside the head than further out, and where; None when nowhere.

    lightness: (h, w) L* at half size; away: distance to the person. Compares, side by side and step by step from the
    head top to the shoulders, a strip near the person with the background further out at the same height. Strips with
    fine detail are loose hair and do not count.
    Source: R07, no number given.
    """
    smooth = np.asarray(cv2.GaussianBlur(lightness, (0, 0), 1.5), dtype=np.float32)[:, ::THIN]
    detail = np.abs(lightness[:, ::THIN] - smooth)
    width, axis = face.width * FACTOR, face.axis * FACTOR
    wall, away = background[:, ::THIN], away[:, ::THIN]
    near, far = wall & (away < 0.24 * width), wall & (away > 0.4 * width)
    middle = int(np.clip(np.ceil(axis / THIN), 0, smooth.shape[1]))
    deepest: Deepest | None = None
    overall = median(smooth[wall])
    top = int(np.argmax(person.any(axis=1)))
    bottom = int(min(lightness.shape[0], (face.point(CHIN)[1] + 0.5 * face.width) * FACTOR))
    for side in (slice(None, middle), slice(middle, None)):
        for row in range(top, bottom, STEP):
            here, around = slice(row, row + STEP + 4), slice(max(0, row - STEP), row + 2 * STEP)
            beside = near[here, side]
            if np.count_nonzero(beside) < FEWEST or _mean(detail[here, side][beside]) > SMOOTH:
                continue
            light = smooth[around, side][far[around, side]]
            reference = median(light) if len(light) >= FEWEST else overall
            depth = reference - median(smooth[here, side][beside])
            if depth > (deepest.depth if deepest else 0.0):
                column = THIN * ((side.start or 0) + float(np.nonzero(beside)[1].mean()))
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
    lightness = np.ascontiguousarray(lab[..., 0])
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
    detail = np.abs(lightness - cv2.GaussianBlur(lightness, (0, 0), 1.5))
    if hypot(*wall[1:]) <= COLOURED and _mean(detail[inside]) > SOFT:
        return None
    depth = wall[0] - median(lightness[inside])
    x, y = middles[largest]
    return Deepest(depth, left + float(x), float(y), wall[0] - depth / 2)


def _mean(values: Grey) -> float:
    return float(np.add.reduce(values)) / len(values)  # an eighth of what numpy's mean takes for so few


def look(prepared: Prepared, rule: Rule) -> Observation:
    parts = prepared.parts
    lightness = np.ascontiguousarray(parts.lab[..., 0])
    deepest = measure(lightness, parts.background, parts.person, parts.away, prepared.subject)
    if deepest is None or rule.of(prepared.mode).judge(deepest.depth) is Verdict.OK:
        close = hidden(parts, median_colour(lab_pixels(prepared)), prepared.subject)
        if close is not None:
            mark = Mark("points", ((close.x / FACTOR, close.y / FACTOR),))
            return Observation(rule.of(prepared.mode).asked(close.depth), (mark,))
    if deepest is None:
        return Observation(0.0)
    if rule.of(prepared.mode).judge(deepest.depth) is Verdict.OK:
        return Observation(deepest.depth)
    return Observation(deepest.depth, _drawn(prepared, lightness, deepest))


def _drawn(prepared: Prepared, lightness: Grey, deepest: Deepest) -> tuple[Mark, ...]:
    """The wall near the head that is darker by half of the depth; a cross at the deepest if that is only specks."""
    smooth = cv2.GaussianBlur(lightness, (0, 0), 1.5)
    near = prepared.parts.away < 0.5 * prepared.subject.width * FACTOR
    dark = np.asarray(prepared.parts.background & near & (smooth < deepest.limit))
    return places.first_of(places.outlined(dark), (Mark("points", ((deepest.x / FACTOR, deepest.y / FACTOR),)),))


CHECK = Check(Code.BG_SHADOW, look, needs_face=True)
