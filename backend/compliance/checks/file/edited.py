"""EDITED: the file names a program that beautifies or edits (R03)."""

from __future__ import annotations

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule


def measure(software: str, programs: tuple[str, ...]) -> float:
    """1 when the program named in the metadata is one of those, else 0; no name says nothing. Source: R03."""
    named = software.casefold()
    return 1.0 if any(program.casefold() in named for program in programs) else 0.0


def look(prepared: Prepared, rule: Rule) -> Observation:
    return Observation(measure(prepared.file.original.software, rule.names))


CHECK = Check(Code.EDITED, look)
