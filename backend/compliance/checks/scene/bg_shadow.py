"""BG_SHADOW: the head throws no shadow on the background (R07)."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from backend.compliance import places
from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.face import CHIN, Face
from backend.compliance.findings import Mark, Verdict
from backend.compliance.observed import Grey, Mask
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median
from backend.compliance.regions import FACTOR
from backend.compliance.standard import Rule

STEP = 12  # rows at half size
THIN = 2  # every second column is enough for medians of soft light
FEWEST = 15  # pixels of those columns
SMOOTH = 1.6  # L* of fine detail: a shadow is soft, loose hair is not


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


def _mean(values: Grey) -> float:
    return float(np.add.reduce(values)) / len(values)  # an eighth of what numpy's mean takes for so few


def look(prepared: Prepared, rule: Rule) -> Observation:
    parts = prepared.parts
    lightness = np.ascontiguousarray(parts.lab[..., 0])
    deepest = measure(lightness, parts.background, parts.person, parts.away, prepared.subject)
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
