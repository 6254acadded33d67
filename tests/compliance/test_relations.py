"""More of a defect measures more of it, and the clear case is found. Each series goes from right to clearly wrong."""

from __future__ import annotations

from datetime import date

import pytest

from backend.compliance.checks.file import file_ext, too_old
from backend.compliance.codes import Code
from backend.compliance.findings import Report, Verdict
from tests.compliance.conftest import Judge
from tests.compliance.portraits import SERIES, Studio

BY_NAME = {Code.FILE_EXT, Code.TOO_OLD}  # relations on names and dates, below


def found(report: Report, code: Code) -> tuple[Verdict, float]:
    finding = report.finding(code)
    assert finding is not None
    assert finding.value is not None, finding.reason
    return finding.verdict, finding.value


@pytest.mark.parametrize("code", SERIES, ids=lambda code: code.value.lower())
def test_a_stronger_defect_measures_more_and_the_clear_case_is_found(code: Code, studio: Studio, judge: Judge) -> None:
    results = [found(judge(content), code) for content in SERIES[code](studio)]
    values = [value for _, value in results]
    assert values in (sorted(values), sorted(values, reverse=True)), values
    assert values[0] != values[-1], values
    assert results[-1][0] is not Verdict.OK, values


# the portrait at hand smiles, is a little soft and wears a patterned suit with her hair low on the forehead
NOT_FROM_RIGHT = {
    Code.MOUTH_OPEN, Code.BROWS_HIDDEN, Code.UPSCALED, Code.EARS_HIDDEN, Code.EYES_HIDDEN, Code.GLASSES_FRAME,
    Code.HEADWEAR, Code.HALF_FACE, Code.SHOULDERS, Code.BLUR,
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(set(SERIES) - NOT_FROM_RIGHT), ids=lambda code: code.value.lower())
def test_the_picture_without_the_defect_is_right(code: Code, studio: Studio, judge: Judge) -> None:
    assert found(judge(SERIES[code](studio)[0]), code)[0] is Verdict.OK


def test_only_the_ending_of_the_name_counts() -> None:
    allowed = (".jpg", ".jpeg")
    assert file_ext.measure("照片.JPG", allowed) == 1
    assert file_ext.measure("../../a.jpg", allowed) == 1
    assert file_ext.measure("a.jpg.exe", allowed) == 0
    assert file_ext.measure("jpg", allowed) == 0


def test_an_older_picture_has_more_days_and_a_wrong_clock_none() -> None:
    today = date(2026, 11, 2)
    assert too_old.measure(date(2025, 11, 1), today) > too_old.measure(date(2026, 10, 1), today) > 0
    assert too_old.measure(date(2027, 1, 1), today) == 0
    assert too_old.taken_on("2026:10:01 12:00:00") == date(2026, 10, 1)
    assert too_old.taken_on("0000:00:00 00:00:00") is None
    assert too_old.taken_on("gestern") is None
