"""SIZE_LOW: the registration file is not too small (R32)."""

from __future__ import annotations

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule


def measure(byte_count: int) -> float:
    """Size of the file in KB of 1024 bytes. Source: R32, 教毕指〔2017〕99号; channels state their own."""
    return byte_count / 1024


def look(prepared: Prepared, rule: Rule) -> Observation:
    return Observation(measure(prepared.file.byte_count))


CHECK = Check(Code.SIZE_LOW, look)
