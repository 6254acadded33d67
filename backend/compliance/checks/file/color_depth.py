"""COLOR_DEPTH: 24 bits per pixel (R29)."""

from __future__ import annotations

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule


def measure(bits: int) -> float:
    """Bits per pixel as stored: 24 true colour, 8 grey or palette, 32 CMYK. Source: R29, 教毕指〔2017〕99号."""
    return float(bits)


def look(prepared: Prepared, rule: Rule) -> Observation:
    return Observation(measure(prepared.file.metadata.bits))


CHECK = Check(Code.COLOR_DEPTH, look)
