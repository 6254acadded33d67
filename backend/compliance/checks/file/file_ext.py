"""FILE_EXT: the file's name ends in .jpg (R33)."""

from __future__ import annotations

from pathlib import PurePath

from backend.compliance.checks.check import FINAL_ONLY, Check, Observation
from backend.compliance.codes import Code
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule


def measure(name: str, allowed: tuple[str, ...]) -> float:
    """1 when the ending is allowed, upper or lower case, else 0. Source: R33, 教毕指〔2017〕99号."""
    return 1.0 if PurePath(name).suffix.lower() in allowed else 0.0


def look(prepared: Prepared, rule: Rule) -> Observation:
    if prepared.file.name is None:
        return Observation(None, clear=True, reason="no_name")
    return Observation(measure(prepared.file.name, rule.names))


CHECK = Check(Code.FILE_EXT, look, modes=FINAL_ONLY)
