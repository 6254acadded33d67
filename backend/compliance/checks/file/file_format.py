"""FILE_FORMAT: the registration file is a JPEG (R30)."""

from __future__ import annotations

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule


def measure(kind: str, allowed: tuple[str, ...]) -> float:
    """1 when the type found in the content is allowed, else 0. Source: R30, 教毕指〔2017〕99号."""
    return 1.0 if kind in allowed else 0.0


def look(prepared: Prepared, rule: Rule) -> Observation:
    return Observation(measure(prepared.file.metadata.kind, rule.names))


CHECK = Check(Code.FILE_FORMAT, look)
