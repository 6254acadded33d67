"""EYE_TILT: the eyes are level (X03)."""

from __future__ import annotations

from backend.compliance.checks.check import EVERYWHERE, Check, Observation
from backend.compliance.codes import Code
from backend.compliance.face import Face
from backend.compliance.findings import Mark
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule


def measure(face: Face) -> float:
    """Degrees between the line of the pupils and the horizontal, positive when the viewer's right eye is lower.

    Source: X03 (capture units: the pupils on one horizontal line), no number given.
    """
    return face.tilt


def look(prepared: Prepared, rule: Rule) -> Observation:
    face = prepared.subject
    left, right = face.pupils
    level = Mark("line", ((left[0], face.eye_middle[1]), (right[0], face.eye_middle[1])), "limit")
    return Observation(abs(measure(face)), (Mark("line", face.pupils), level))


CHECK = Check(Code.EYE_TILT, look, modes=EVERYWHERE, needs_face=True)
