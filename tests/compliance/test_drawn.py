"""Every finding that is not right shows where on the picture, or there is a written reason why it cannot."""

from __future__ import annotations

import pytest

from backend.compliance.checks import NOT_DRAWN
from backend.compliance.codes import Code
from backend.compliance.findings import Verdict
from tests.compliance.conftest import Judge
from tests.compliance.portraits import SERIES, Studio


@pytest.mark.parametrize("code", SERIES, ids=lambda code: code.value.lower())
def test_the_clear_case_is_drawn_inside_the_picture(code: Code, studio: Studio, judge: Judge) -> None:
    report = judge(SERIES[code](studio)[-1])
    finding = report.finding(code)
    assert finding is not None
    if code in NOT_DRAWN:
        assert finding.marks == ()
        return
    assert finding.marks
    width, height = report.judged_size
    for mark in finding.marks:
        assert len(mark.points) >= {"outline": 3, "points": 1}.get(mark.kind, 2)
        middle_x = sum(x for x, _ in mark.points) / len(mark.points)
        middle_y = sum(y for _, y in mark.points) / len(mark.points)
        assert -0.1 * width <= middle_x <= 1.1 * width
        assert -0.1 * height <= middle_y <= 1.1 * height


def test_what_is_not_drawn_says_why() -> None:
    assert all(NOT_DRAWN.values())


def test_an_uneven_wall_is_drawn_where_it_is_uneven(studio: Studio, judge: Judge) -> None:
    report = judge(SERIES[Code.BG_UNIFORM](studio)[-1])
    finding = report.finding(Code.BG_UNIFORM)
    assert finding is not None
    assert finding.verdict is not Verdict.OK
    assert all(mark.kind == "outline" for mark in finding.marks)
