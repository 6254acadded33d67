"""CENTERING: the face stands in the middle (R34)."""

from __future__ import annotations

from backend.compliance.checks.check import EVERYWHERE, Check, Observation
from backend.compliance.codes import Code
from backend.compliance.face import Face
from backend.compliance.findings import Mark
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule


def measure(face: Face, width: int) -> float:
    """Pixels from the picture's middle to the face's axis, positive when the face is to the viewer's right.

    Source: R34, 教毕指〔2017〕99号, which gives no number.
    """
    return face.axis - width / 2


def look(prepared: Prepared, rule: Rule) -> Observation:
    value = measure(prepared.subject, prepared.width) * prepared.scale
    axis, middle, bottom = prepared.subject.axis, prepared.width / 2, float(prepared.height)
    marks = (
        Mark("line", ((axis, 0.0), (axis, bottom))),
        Mark("line", ((middle, 0.0), (middle, bottom)), "limit"),
    )
    return Observation(abs(value), marks, reason="left" if value < 0 else "right")


CHECK = Check(Code.CENTERING, look, modes=EVERYWHERE, needs_face=True)
