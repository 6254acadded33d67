"""HEAD_TOP: from the upper edge to the top of the head (R35)."""

from __future__ import annotations

from backend.compliance.checks.check import EVERYWHERE, Check, Observation
from backend.compliance.codes import Code
from backend.compliance.findings import Mark, Mode
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule

CUT = 1.0  # pixels from the upper edge, below which the head goes on beyond it


def measure(top: float) -> float:
    """Pixels between the upper edge and the top of the head, hair included; 0 when the head touches the edge.

    Source: R35, 教毕指〔2017〕99号 (头顶发际). A loose strand does not count: see `prepare.head_top`.
    """
    return max(0.0, top)


def look(prepared: Prepared, rule: Rule) -> Observation:
    if prepared.head_top is None:
        return Observation(None, reason="not_measurable")
    row = measure(prepared.head_top)
    middle, half = prepared.subject.axis, 0.4 * prepared.subject.width
    marks = [Mark("line", ((middle - half, row), (middle + half, row)))]
    for limit in (rule.band.low, rule.band.high):
        if limit is not None:
            there = limit / prepared.scale
            marks.append(Mark("line", ((0.0, there), (float(prepared.width), there)), "limit"))
    cut_off = row < CUT and prepared.mode is not Mode.FRAME  # a person before the camera is told to make room anyway
    return Observation(row * prepared.scale, tuple(marks), reason="cut" if cut_off else None)


CHECK = Check(Code.HEAD_TOP, look, modes=EVERYWHERE, needs_face=True)
