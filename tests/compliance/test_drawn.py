"""Every finding that is not right shows where on the picture, or there is a written reason why it cannot."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from backend.compliance.checks import NOT_DRAWN
from backend.compliance.codes import Code
from backend.compliance.findings import Mark, Verdict
from tests import images
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


def area(marks: tuple[Mark, ...]) -> float:
    """Share of a picture of 480x640 within the outlines."""
    inside = (cv2.contourArea(np.array(mark.points, np.float32)) for mark in marks if mark.kind == "outline")
    return sum(inside) / (480 * 640)


def test_loose_hair_in_the_wall_does_not_hide_where_it_is_uneven(studio: Studio, judge: Judge) -> None:
    graded = images.on_wall(studio.person, images.gradient(images.LIGHT_BLUE, (255, 255, 255)))
    strands = graded.copy()
    for row in range(130, 200, 12):
        cv2.line(strands, (400, row), (450, row + 8), (20, 15, 15), 4)
    plain, with_hair = (judge(images.jpeg(picture)).finding(Code.BG_UNIFORM) for picture in (graded, strands))
    assert plain is not None
    assert with_hair is not None
    assert area(with_hair.marks) > 0.8 * area(plain.marks) > 0.08


@pytest.mark.parametrize("depth", [0.2, 0.5])
def test_a_shadow_is_drawn_as_far_as_it_reaches(depth: float, studio: Studio, judge: Judge) -> None:
    finding = judge(images.jpeg(images.with_shadow(studio.person, depth))).finding(Code.BG_SHADOW)
    assert finding is not None
    outline = np.array([point for mark in finding.marks for point in mark.points])
    assert {mark.kind for mark in finding.marks} == {"outline"}
    assert outline[:, 0].min() > 240  # it falls to the right
    assert np.ptp(outline[:, 1]) > 250  # from beside the hair to the shoulder
    assert 0.005 < area(finding.marks) < 0.1
