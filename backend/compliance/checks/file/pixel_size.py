"""PIXEL_SIZE: 480x640 pixels, or a frame with at least as many (R27)."""

from __future__ import annotations

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.findings import Mode
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule

WIDTH, HEIGHT = 480, 640


def measure(width: int, height: int, *, exact: bool) -> float:
    """How far the size is from 480x640, as a factor: 1 is right.

    exact: every difference counts; else more pixels are as good, and only missing ones count (below 1).
    Source: R27, 教毕指〔2017〕99号.
    """
    factor = min(width / WIDTH, height / HEIGHT)
    if not exact:
        return min(1.0, factor)
    return factor if factor < 1 else max(width / WIDTH, height / HEIGHT)


def look(prepared: Prepared, rule: Rule) -> Observation:
    width, height = prepared.file.size
    return Observation(measure(width, height, exact=prepared.mode is Mode.FINAL))


CHECK = Check(Code.PIXEL_SIZE, look)
