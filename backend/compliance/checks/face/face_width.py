"""FACE_WIDTH: from cheek to cheek (R37)."""

from __future__ import annotations

from backend.compliance.checks.check import EVERYWHERE, Check, Observation
from backend.compliance.codes import Code
from backend.compliance.face import LEFT_CHEEK, RIGHT_CHEEK, Face
from backend.compliance.findings import Mark
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule


def measure(face: Face) -> float:
    """Pixels from the left to the right edge of the face at the roots of the ears. Source: R37, 教毕指〔2017〕99号."""
    return face.width


def look(prepared: Prepared, rule: Rule) -> Observation:
    face = prepared.subject
    return Observation(
        measure(face) * prepared.scale, (Mark("line", (face.point(LEFT_CHEEK), face.point(RIGHT_CHEEK))),)
    )


CHECK = Check(Code.FACE_WIDTH, look, modes=EVERYWHERE, needs_face=True)
