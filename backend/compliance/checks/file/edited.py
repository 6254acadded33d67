"""EDITED: no program that beautifies or edits is named in the file, and nobody was cut out (R03)."""

from __future__ import annotations

from backend.compliance.checks.check import Check, Observation
from backend.compliance.checks.scene import cut_out
from backend.compliance.codes import Code
from backend.compliance.findings import Mark, Verdict
from backend.compliance.prepare import Prepared
from backend.compliance.regions import FACTOR
from backend.compliance.standard import Rule

SHOWN = 24  # places of a rim that are drawn


def measure(software: str, programs: tuple[str, ...]) -> float:
    """1 when the program named in the metadata is one of those, else 0; no name says nothing. Source: R03."""
    named = software.casefold()
    return 1.0 if any(program.casefold() in named for program in programs) else 0.0


def look(prepared: Prepared, rule: Rule) -> Observation:
    named = measure(prepared.file.original.software, rule.names)
    if named or prepared.regions is None:
        return Observation(named)
    try:
        share, where = cut_out.rim_of(prepared.parts.lab, prepared.parts.person, prepared.parts.wall)
    except ValueError:  # a close picture, or no wall: a file says nothing either
        return Observation(named)
    if rule.of(prepared.mode).judge(share) is Verdict.OK:
        return Observation(share)
    some = where[:: max(1, len(where) // SHOWN)] / FACTOR
    return Observation(share, (Mark("points", tuple((float(x), float(y)) for x, y in some)),), reason="cut_out")


CHECK = Check(Code.EDITED, look)
