"""NO_FACE: there is a face (R02)."""

from __future__ import annotations

from backend.compliance.checks.check import EVERYWHERE, Check, Observation
from backend.compliance.codes import Code
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule


def measure(found: int, presence: float) -> float:
    """How sure the face model is of the largest face, 0..1; 0 when the detector found none. Source: R02."""
    return presence if found else 0.0


def look(prepared: Prepared, rule: Rule) -> Observation:
    presence = prepared.face.mesh.presence if prepared.face else 0.0
    return Observation(measure(len(prepared.faces), presence))


CHECK = Check(Code.NO_FACE, look, modes=EVERYWHERE)
