"""What a check is: a code, the modes it runs in, and a way to look at a prepared picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2

from backend.compliance.codes import Code
from backend.compliance.findings import Finding, Mark, Mode, Verdict
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Band, Rule

EVERYWHERE = frozenset({Mode.FINAL, Mode.CAPTURE, Mode.FRAME})
FILES = frozenset({Mode.FINAL, Mode.CAPTURE})
FINAL_ONLY = frozenset({Mode.FINAL})


@dataclass(frozen=True)
class Observation:
    """What a look at a picture gives.

    value:  the measured number, judged by the band; None when there is none.
    reason: without a value, why it could not be measured; with one, which variant of the advice fits.
    clear:  there is nothing to measure and nothing to object to (no lenses, so no reflections).
    """

    value: float | None
    marks: tuple[Mark, ...] = ()
    reason: str | None = None
    clear: bool = False


Look = Callable[[Prepared, Rule], Observation]
Where = Callable[[Prepared], tuple[Mark, ...]]


@dataclass(frozen=True)
class Check:
    """One requirement. `look` measures; the rule's band judges.

    where: what to draw when the finding is not right and `look` gave no marks.
    """

    code: Code
    look: Look
    modes: frozenset[Mode] = FILES
    needs_face: bool = False
    where: Where | None = None

    def applies(self, prepared: Prepared) -> bool:
        """Whether there is anything to look at: without a face the report says only that, and what the file is."""
        return prepared.mode in self.modes and not (self.needs_face and prepared.face is None)


def find(check: Check, prepared: Prepared, rule: Rule) -> Finding:
    """Run one check. What cannot be measured becomes UNKNOWN; it never stops the others."""
    try:
        observation = check.look(prepared, rule)
    except (ArithmeticError, ValueError, IndexError, cv2.error):
        # too few pixels for a mean, an empty region, a degenerate polygon: this check alone says "unknown"
        observation = Observation(None, reason="not_measurable")
    finding = judge(check.code, observation, rule, rule.of(prepared.mode))
    if check.where is None or finding.marks or finding.verdict in (Verdict.OK, Verdict.UNKNOWN):
        return finding
    return replace(finding, marks=check.where(prepared))


def judge(code: Code, observation: Observation, rule: Rule, band: Band) -> Finding:
    value, reason = observation.value, observation.reason
    if value is not None and not abs(value) < 1e12:  # also catches "not a number"
        value, reason = None, "not_measurable"
    if value is None:
        verdict = Verdict.OK if observation.clear else Verdict.UNKNOWN
    else:
        verdict = band.judge(value)
        value = _tidy(value, rule.unit)
        if verdict is Verdict.OK:
            reason = None
        elif reason is None:
            reason = band.side(value)
    return Finding(
        code=code,
        verdict=verdict,
        severity=rule.severity,
        value=value,
        unit=rule.unit,
        low=None if band.low is None else _tidy(band.low, rule.unit),
        high=None if band.high is None else _tidy(band.high, rule.unit),
        requirement=rule.requirement,
        reason=reason,
        marks=observation.marks,
    )


DIGITS = {"px": 0, "d": 0, "bit": 0, "dpi": 0, "KB": 1, "°": 1, "ΔE": 1, "L*": 1}


def digits_of(unit: str) -> int:
    """Digits after the point that a value of that unit is told with."""
    return DIGITS.get(unit, 4)


def _tidy(value: float, unit: str) -> float:
    """As many digits as a person reads in that unit; whole numbers without a point."""
    rounded = round(value, digits_of(unit))
    return int(rounded) if rounded == int(rounded) else rounded
