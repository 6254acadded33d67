"""EYE_LINE: from the upper edge to the eyes (R36)."""

from __future__ import annotations

from backend.compliance.checks.check import EVERYWHERE, Check, Observation
from backend.compliance.codes import Code
from backend.compliance.face import Face
from backend.compliance.findings import Mark
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule


def measure(face: Face) -> float:
    """Pixels between the upper edge and the middle of the two pupils. Source: R36, 教毕指〔2017〕99号."""
    return face.eye_middle[1]


def look(prepared: Prepared, rule: Rule) -> Observation:
    value = measure(prepared.subject) * prepared.scale
    marks = [Mark("line", prepared.subject.pupils)]
    for limit in (rule.band.low, rule.band.high):
        if limit is not None:
            marks.append(
                Mark("line", ((0.0, limit / prepared.scale), (float(prepared.width), limit / prepared.scale)), "limit")
            )
    return Observation(value, tuple(marks))


CHECK = Check(Code.EYE_LINE, look, modes=EVERYWHERE, needs_face=True)
