"""What the check found in a picture, as every operation says it."""

from __future__ import annotations

from pydantic import Field

from backend.compliance.findings import Report
from backend.views.api.contract import Answer


class Finding(Answer):
    """One check's answer: see docs/compliance.md for the codes."""

    code: str = Field(examples=["HEAD_TOP"])
    verdict: str = Field(examples=["ok"])
    severity: str = Field(examples=["hard"])
    value: float | None = Field(examples=[0.09])
    low: float | None = Field(examples=[0.05])
    high: float | None = Field(examples=[0.13])
    reason: str | None = Field(examples=["low"])


def findings_of(report: Report) -> list[Finding]:
    return [
        Finding(
            code=found.code.value,
            verdict=found.verdict.value,
            severity=found.severity.value,
            value=found.value,
            low=found.low,
            high=found.high,
            reason=found.reason,
        )
        for found in report.findings
    ]
