"""What the engine says about a picture: findings, and the report that gathers them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, cast

from backend.compliance.codes import Code

REPORT_VERSION = 1


class Verdict(StrEnum):
    """What one check says."""

    OK = "ok"  # measured, and inside its range
    DOUBT = "doubt"  # so near the limit that a person looks
    BAD = "bad"  # measured, and outside its range
    UNKNOWN = "unknown"  # could not be measured; never the same as bad


class Severity(StrEnum):
    """What a BAD finding leads to."""

    HARD = "hard"  # the student takes another picture
    SOFT = "soft"  # a reviewer decides


class PictureVerdict(StrEnum):
    """What becomes of the picture."""

    PASS = "pass"  # noqa: S105 - every check is OK
    REVIEW = "review"  # a person looks: a doubt, an unknown, or a soft BAD
    RETAKE = "retake"  # a hard BAD


class Mode(StrEnum):
    """What kind of picture is judged."""

    FINAL = "final"  # a finished registration file, as it stands
    CAPTURE = "capture"  # a raw picture: the engine proposes the frame and judges what would come out
    FRAME = "frame"  # one video frame: a few fast checks for a live hint


@dataclass(frozen=True)
class Mark:
    """Where on the picture a finding was measured, in pixels of the judged picture (x right, y down)."""

    kind: Literal["line", "box", "outline", "points"]  # a box has two points: upper left, lower right
    points: tuple[tuple[float, float], ...]
    tone: Literal["measured", "limit"] = "measured"


@dataclass(frozen=True)
class Finding:
    """One check's answer.

    value, low, high: in `unit`; low and high are the allowed range, None where that side is open.
    reason: why it is UNKNOWN, or which variant of the advice fits ("low", "high", "left", ...).
    """

    code: Code
    verdict: Verdict
    severity: Severity
    value: float | None
    unit: str
    low: float | None
    high: float | None
    requirement: str
    reason: str | None = None
    marks: tuple[Mark, ...] = ()

    @property
    def forces_retake(self) -> bool:
        return self.verdict is Verdict.BAD and self.severity is Severity.HARD

    @property
    def needs_a_look(self) -> bool:
        """A reviewer has to look at this: neither OK nor a clear reason for another picture."""
        return self.verdict is not Verdict.OK and not self.forces_retake


def picture_verdict(findings: tuple[Finding, ...]) -> PictureVerdict:
    """RETAKE with any hard BAD, REVIEW with anything else that is not OK, else PASS."""
    if any(finding.forces_retake for finding in findings):
        return PictureVerdict.RETAKE
    if any(finding.verdict is not Verdict.OK for finding in findings):
        return PictureVerdict.REVIEW
    return PictureVerdict.PASS


@dataclass(frozen=True)
class Report:
    """Everything the engine found on one picture.

    frame: x, y, width, height of the proposed crop in the oriented original; None in final mode or without a face.
    scale: judged pixels per pixel of the original; None without a frame.
    judged_size, original_size: (width, height) in pixels.
    """

    verdict: PictureVerdict
    findings: tuple[Finding, ...]
    mode: Mode
    edition: str
    profile: str
    frame: tuple[int, int, int, int] | None
    scale: float | None
    judged_size: tuple[int, int]
    original_size: tuple[int, int]
    milliseconds: float

    @property
    def hard_bad(self) -> tuple[Finding, ...]:
        """What sends the picture back, in the order of the checks."""
        return tuple(finding for finding in self.findings if finding.forces_retake)

    @property
    def doubts(self) -> tuple[Finding, ...]:
        """What a reviewer looks at: doubts, unknowns and soft BADs."""
        return tuple(finding for finding in self.findings if finding.needs_a_look)

    def finding(self, code: Code) -> Finding | None:
        """The finding of that code, or None when the check does not run in this mode."""
        return next((finding for finding in self.findings if finding.code is code), None)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON; `from_dict` gives the same report back."""
        return {
            "version": REPORT_VERSION,
            "verdict": self.verdict.value,
            "mode": self.mode.value,
            "edition": self.edition,
            "profile": self.profile,
            "frame": None if self.frame is None else list(self.frame),
            "scale": self.scale,
            "judged_size": list(self.judged_size),
            "original_size": list(self.original_size),
            "milliseconds": self.milliseconds,
            "findings": [_finding_as_dict(finding) for finding in self.findings],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Report:
        """A report from what `as_dict` gave. Raises ValueError for another version or unknown words."""
        if data.get("version") != REPORT_VERSION:
            raise ValueError(f"report version {data.get('version')!r}, expected {REPORT_VERSION}")
        frame = data["frame"]
        return cls(
            verdict=PictureVerdict(data["verdict"]),
            findings=tuple(_finding_from_dict(item) for item in data["findings"]),
            mode=Mode(data["mode"]),
            edition=data["edition"],
            profile=data["profile"],
            frame=None if frame is None else cast(tuple[int, int, int, int], tuple(int(part) for part in frame)),
            scale=data["scale"],
            judged_size=_size(data["judged_size"]),
            original_size=_size(data["original_size"]),
            milliseconds=data["milliseconds"],
        )


def _size(pair: list[int]) -> tuple[int, int]:
    return int(pair[0]), int(pair[1])


def _finding_as_dict(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code.value,
        "verdict": finding.verdict.value,
        "severity": finding.severity.value,
        "value": finding.value,
        "unit": finding.unit,
        "low": finding.low,
        "high": finding.high,
        "requirement": finding.requirement,
        "reason": finding.reason,
        "marks": [
            {"kind": mark.kind, "points": [list(point) for point in mark.points], "tone": mark.tone}
            for mark in finding.marks
        ],
    }


def _finding_from_dict(data: Mapping[str, Any]) -> Finding:
    marks = tuple(
        Mark(
            kind=item["kind"],
            points=tuple((float(x), float(y)) for x, y in item["points"]),
            tone=item["tone"],
        )
        for item in data["marks"]
    )
    return Finding(
        code=Code(data["code"]),
        verdict=Verdict(data["verdict"]),
        severity=Severity(data["severity"]),
        value=data["value"],
        unit=data["unit"],
        low=data["low"],
        high=data["high"],
        requirement=data["requirement"],
        reason=data["reason"],
        marks=marks,
    )
