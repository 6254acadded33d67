"""NO_FACE: there is a face (R02)."""

from __future__ import annotations

from backend.compliance.checks.check import EVERYWHERE, Check, Observation
from backend.compliance.codes import Code
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule


def measure(presence: float | None) -> float:
    """How sure the face model is of the largest face, 0..1; 0 when there is none. Source: R02."""
    return presence or 0.0


def look(prepared: Prepared, rule: Rule) -> Observation:
    return Observation(measure(None if prepared.face is None else prepared.face.mesh.presence))


CHECK = Check(Code.NO_FACE, look, modes=EVERYWHERE)
