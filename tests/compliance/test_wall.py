"""The wall: what lies close behind a person, where the mask errs both ways, and what is no corner of a room."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from backend.compliance.checks.scene.on_wall import Wall, hangs, line
from backend.compliance.codes import Code
from backend.compliance.face import CHIN, FOREHEAD, LEFT_CHEEK, RIGHT_CHEEK
from backend.compliance.findings import Verdict
from tests import drawings, images
from tests.compliance.conftest import Judge
from tests.compliance.portraits import Studio
from tests.images import LIGHT_BLUE, Rgb, jpeg

WALL = {Code.BG_COLOR, Code.BG_UNIFORM, Code.BG_SHADOW, Code.BG_OBJECT}


def hair_of(studio: Studio) -> np.ndarray:
    """The colour of the hair above the forehead."""
    x, y = studio.face.point(FOREHEAD)
    above = studio.straight[int(y) - 25 : int(y) - 5, int(x) - 40 : int(x) + 40].reshape(-1, 3)
    return np.asarray(np.percentile(above, 20, axis=0))


def with_hair_behind(studio: Studio, colour: np.ndarray, wall: tuple[int, int, int] = LIGHT_BLUE) -> Rgb:
    """Long hair beside the neck, hanging behind the shoulders."""
    face, canvas = studio.face, np.empty((640, 480, 3), np.uint8)
    canvas[:] = wall
    (left, y), (right, _), (_, chin) = (face.point(point) for point in (LEFT_CHEEK, RIGHT_CHEEK, CHIN))
    out, end = 0.17 * face.width, chin + 0.8 * face.width
    shape = [
        (left, y),
        (left - out, chin),
        (left - 0.6 * out, end),
        (right + 0.6 * out, end),
        (right + out, chin),
        (right, y),
    ]
    cv2.fillPoly(canvas, [np.round(shape).astype(np.int32)], colour.tolist(), cv2.LINE_AA)
    return images.on_wall(studio.person, canvas)


@pytest.mark.parametrize("wall", [LIGHT_BLUE, (255, 255, 255)])
def test_long_hair_behind_the_neck_is_no_shadow_on_the_wall(
    wall: tuple[int, int, int], studio: Studio, judge: Judge
) -> None:
    report = judge(jpeg(with_hair_behind(studio, hair_of(studio), wall)))
    assert {finding.code for finding in report.findings if finding.verdict is not Verdict.OK} & WALL == set()


def test_something_else_beside_the_neck_is_still_an_object(studio: Studio, judge: Judge) -> None:
    report = judge(jpeg(with_hair_behind(studio, np.array((40, 160, 60)))))
    assert {finding.code for finding in report.findings if finding.verdict is not Verdict.OK} & WALL


@pytest.mark.parametrize("depth", [0.38, 0.6])
def test_a_shadow_close_to_the_head_is_asked_about(depth: float, studio: Studio, judge: Judge) -> None:
    finding = judge(jpeg(images.with_shadow(studio.person, depth, right=20, soft=4))).finding(Code.BG_SHADOW)
    assert finding is not None
    assert finding.verdict is Verdict.DOUBT
    (mark,) = finding.marks
    assert mark.points[0][0] > studio.face.axis  # it falls to the right


def _wall_with_a_step(*, light: float, colour: float) -> Wall:
    """A wall whose right half is lighter, and bluer, by so many CIELAB units; nobody stands before it."""
    lab = np.full((160, 120, 3), (76.0, -13.0, -33.0), np.float32)
    lab[:, 60:] += (light, 0.0, -colour)
    nobody = np.zeros((160, 120), bool)
    return Wall(lab, ~nobody, nobody, np.full((160, 120), 99.0, np.float32), np.zeros((160, 120), np.float32))


def test_the_corner_of_a_room_is_a_step_of_light_and_not_of_colour_alone() -> None:
    assert line(_wall_with_a_step(light=2.8, colour=0.7)).size > 100
    assert line(_wall_with_a_step(light=0.7, colour=2.8)).size == 0  # what a JPEG makes of soft light


@pytest.mark.parametrize("wall", [drawings.blinds(depth=0.07), drawings.creased(depth=0.34)])
def test_stripes_of_shadow_and_creases_are_asked_about_and_light_that_falls_off_as_far_is_not(
    wall: Rgb, studio: Studio, judge: Judge
) -> None:
    finding = judge(jpeg(images.on_wall(studio.person, wall))).finding(Code.BG_UNIFORM)
    assert finding is not None
    assert finding.verdict is Verdict.DOUBT
    finding = judge(jpeg(images.on_wall(studio.person, images.gradient(LIGHT_BLUE, (94, 185, 240))))).finding(
        Code.BG_UNIFORM
    )
    assert finding is not None
    assert finding.verdict is Verdict.OK


@pytest.mark.parametrize("colour", [(40, 40, 45), (125, 125, 130)])
def test_the_back_of_a_chair_is_neither_the_person_nor_the_wall(
    colour: tuple[int, int, int], studio: Studio, judge: Judge
) -> None:
    """The person mask is sure of neither, so that it belongs to no region."""
    seated = images.on_wall(studio.person, drawings.chair(studio.face, 0.4, colour))
    finding = judge(jpeg(seated)).finding(Code.BG_OBJECT)
    assert finding is not None
    assert finding.verdict is Verdict.DOUBT
    assert any(mark.points[0][1] > studio.face.eye_middle[1] for mark in finding.marks)


def test_what_hangs_on_one_side_from_the_height_of_the_eyes_is_hair() -> None:
    apart, thing = np.zeros((2, 40, 60), bool)
    apart[:, 50:] = thing[15:30, 50:] = True
    assert hangs(thing, apart, 29.5)
    assert not hangs(thing, apart & thing, 29.5)  # the upper edge of a chair stands before the wall
    assert not hangs(thing, apart | apart[:, ::-1], 29.5)  # a high chair has two sides
