"""TOO_OLD: the picture was taken recently (R01)."""

from __future__ import annotations

from datetime import date

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule


def measure(taken: date, today: date) -> float:
    """Age of the picture in days; a date in the future (a wrong camera clock) counts as today. Source: R01."""
    return float(max(0, (today - taken).days))


def taken_on(stored: str) -> date | None:
    """The date of an Exif time "YYYY:MM:DD HH:MM:SS"; None for anything else, as for a camera that lost its clock."""
    try:
        day = date.fromisoformat(stored[:10].replace(":", "-"))
    except ValueError:
        return None
    return day if day.year >= 2000 else None


def look(prepared: Prepared, rule: Rule) -> Observation:
    taken = taken_on(prepared.file.original.taken)
    if taken is None or prepared.today is None:
        return Observation(None, clear=True, reason="not_stated")
    return Observation(measure(taken, prepared.today))


CHECK = Check(Code.TOO_OLD, look)
