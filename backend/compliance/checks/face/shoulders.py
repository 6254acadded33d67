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

OUT = 0.78  # face widths from the axis: past the neck, on the shoulders of slim and of broad people

Point = tuple[float, float]


def measure(left: Point, right: Point) -> float:
    """Degrees of the line between the two shoulders, positive when the viewer's right one is lower.

    Source: R13, 教毕指〔2017〕99号; no number given.
    """
    return degrees(atan2(right[1] - left[1], right[0] - left[0]))


def shoulders(person: Grey, face: Face) -> tuple[Point, Point] | None:
    """Where the outline of the person is met left and right below the chin; None when a side is not on the picture."""
    found = []
    chin = int(max(0, min(person.shape[0] - 1, face.point(CHIN)[1])))
    for x in (face.axis - OUT * face.width, face.axis + OUT * face.width):
        if not 2 <= x < person.shape[1] - 2:
            return None
        rows = np.flatnonzero(person[chin:, int(x)] > 0.5)
        if rows.size == 0:
            return None
        found.append((x, float(chin + rows[0])))
    return found[0], found[1]


def look(prepared: Prepared, rule: Rule) -> Observation:
    both = None if prepared.person is None else shoulders(prepared.person, prepared.subject)
    if both is None:
        # a close crop or long hair: the position of the face is judged by its own checks
        return Observation(None, clear=True, reason="not_seen")
    return Observation(abs(measure(*both)), (Mark("line", both),))


CHECK = Check(Code.SHOULDERS, look, needs_face=True)
