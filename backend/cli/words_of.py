"""The words of findings, for reports written without a browser."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

from backend.cli.checked import Checked
from backend.compliance.codes import MACHINE
from backend.compliance.findings import Finding, Verdict
from backend.settings import PROJECT

# why the system does not open a file; in English it says so itself
OPENING = {
    "No such file or directory": "没有这个文件",
    "Permission denied": "没有权限打开这个文件",
    "Input/output error": "文件读不出来，U 盘或硬盘可能坏了",
}


def sentences(done: Checked, language: str = "zh-CN") -> list[str]:
    """What is wrong and what to do, one sentence pair for each finding that is not OK; or why it cannot be read."""
    words = _words(language)
    if done.report is None:
        error = done.error or ""
        return [str(words["reason"].get(error) or (OPENING.get(error, error) if language == "zh-CN" else error))]
    colon, stop = ("：", "。") if language == "zh-CN" else (": ", ". ")
    return [
        _sentence(finding, words, colon, stop) for finding in done.report.findings if finding.verdict is not Verdict.OK
    ]


def names(language: str = "zh-CN") -> dict[str, str]:
    """What each code is called."""
    words = _words(language)
    return {code.value: str(words[code.value.lower()]["name"]) for code in MACHINE}


def _sentence(finding: Finding, words: dict[str, Any], colon: str, stop: str) -> str:
    own = words[finding.code.value.lower()]
    if finding.verdict is Verdict.UNKNOWN:
        return f"? {own['name']}{colon}{words['unknown'].get(finding.reason, words['unknown']['not_measurable'])}"
    wrong = own["wrong"].format(value=finding.value, low=finding.low, high=finding.high)
    mark = "✗" if finding.forces_retake else "?"
    return f"{mark} {wrong}{stop}{own.get(f'fix_{finding.reason}', own['fix'])}"


@cache
def _words(language: str) -> dict[str, Any]:
    with (PROJECT / "webapp" / "i18n" / language / "finding.toml").open("rb") as file:
        return tomllib.load(file)
