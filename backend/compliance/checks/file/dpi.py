"""DPI: the file states 300 dots per inch (R28)."""

from __future__ import annotations

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule


def measure(density: tuple[float, float]) -> float:
    """The lower of the horizontal and vertical density, in dots per inch. Source: R28, 教毕指〔2017〕99号."""
    return min(density)


def look(prepared: Prepared, rule: Rule) -> Observation:
    density = prepared.file.metadata.dpi
    if density is None:
        # nothing wrong is stated, and our own export writes the density
        return Observation(None, clear=True, reason="not_stated")
    return Observation(measure(density))


CHECK = Check(Code.DPI, look)
