"""SHOULDERS: both shoulders at one height (R13, X05)."""

from __future__ import annotations

from math import atan2, degrees

import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.face import CHIN, Face
from backend.compliance.findings import Mark
from backend.compliance.observed import Grey
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule

# face widths from the axis: past the neck and most hair, on the shoulders of slim and of broad people
COLUMNS = tuple(float(out) for out in np.arange(0.78, 1.11, 0.04))

Point = tuple[float, float]


def measure(left: Point, right: Point) -> float:
    """Degrees of the line between the two shoulders, positive when the viewer's right one is lower.

    Source: R13, 教毕指〔2017〕99号; no number given.
    """
    return degrees(atan2(right[1] - left[1], right[0] - left[0]))


def shoulders(person: Grey, face: Face) -> tuple[Point, Point] | None:
    """Where the outline of the person is met left and right below the chin; None when a side is not on the picture.

    Of several pairs the one whose line leans as half of the others do more and half less: hair on a shoulder, a collar
    and a fold move a few of them.
    """
    chin = int(max(0, min(person.shape[0] - 1, face.point(CHIN)[1])))
    pairs = []
    for out in COLUMNS:
        left, right = (_met(person, face.axis + way * out * face.width, chin) for way in (-1, 1))
        if left is not None and right is not None:
            pairs.append((left, right))
    pairs.sort(key=lambda pair: measure(*pair))
    return pairs[len(pairs) // 2] if pairs else None


def _met(person: Grey, x: float, chin: int) -> Point | None:
    """Where the outline is met in that column, going down from the chin's height."""
    if not 2 <= x < person.shape[1] - 2:
        return None
    inside = person[chin:, int(x)] > 0.5
    row = int(inside.argmax())
    return (x, float(chin + row)) if inside[row] else None


def look(prepared: Prepared, rule: Rule) -> Observation:
    both = None if prepared.person is None else shoulders(prepared.person, prepared.subject)
    if both is None:
        # a close crop or long hair: the position of the face is judged by its own checks
        return Observation(None, clear=True, reason="not_seen")
    return Observation(abs(measure(*both)), (Mark("line", both),))


CHECK = Check(Code.SHOULDERS, look, needs_face=True)
