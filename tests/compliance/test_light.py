"""Light and colour of the person alone, whatever the wall is like."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from backend.compliance.codes import Code
from backend.compliance.face import LEFT_EYE, RIGHT_EYE
from backend.compliance.findings import Verdict
from tests import drawings, images
from tests.compliance.conftest import Judge, finding
from tests.compliance.portraits import Studio
from tests.images import LIGHT_BLUE, Rgb


def changed(studio: Studio, change: Callable[[Rgb], Rgb]) -> Rgb:
    """The person changed, before the same wall."""
    large, alpha, face, top = studio.person
    return images.rolled(images.on_wall((change(large), alpha, face, top)), -face.tilt)


def less_colour(rgb: Rgb, left: float) -> Rgb:
    return np.asarray(rgb * left + images.grey(rgb) * (1 - left), np.uint8)


def test_a_grey_person_before_a_blue_wall_is_not_in_colour(studio: Studio, judge: Judge) -> None:
    grey = changed(studio, lambda rgb: less_colour(rgb, 0.0))
    assert finding(judge, grey, Code.NOT_COLOR).verdict is not Verdict.OK
    faded = changed(studio, lambda rgb: less_colour(rgb, 0.2))
    assert finding(judge, faded, Code.NOT_COLOR).verdict is not Verdict.OK
    paler = changed(studio, lambda rgb: less_colour(rgb, 0.5))
    assert finding(judge, paler, Code.NOT_COLOR).verdict is Verdict.OK


def test_a_person_in_the_dark_before_a_bright_wall_is_asked_about_and_never_sent_back(
    studio: Studio, judge: Judge
) -> None:
    found = [
        finding(judge, changed(studio, lambda rgb, by=by: drawings.stops_darker(rgb, by)), Code.UNDEREXPOSED)
        for by in (0, 3)
    ]
    assert [one.verdict for one in found] == [Verdict.OK, Verdict.DOUBT]
    assert found[1].reason == "against_light"
    everything = finding(judge, drawings.stops_darker(studio.straight, 3), Code.UNDEREXPOSED)
    assert (everything.verdict, everything.reason) == (
        Verdict.BAD,
        "low",
    )  # not only the person: no word of a bright wall


def test_a_person_darker_than_the_wall_unless_something_on_them_is_lit(studio: Studio, judge: Judge) -> None:
    face = studio.face
    darker = changed(studio, lambda rgb: drawings.stops_darker(rgb, 1.5))
    catchlights = darker.copy()
    for pupil in face.pupils:
        cv2.circle(catchlights, tuple(round(part) for part in pupil), 2, (250, 250, 250), -1, cv2.LINE_AA)
    assert finding(judge, darker, Code.UNDEREXPOSED).reason == "against_light"
    assert (
        finding(judge, images.with_clothes(darker, face, (120, 120, 124)), Code.UNDEREXPOSED).verdict is Verdict.DOUBT
    )
    for lit in (catchlights, images.with_clothes(darker, face, (225, 225, 228))):  # eyes in the shade of a brow
        assert finding(judge, lit, Code.UNDEREXPOSED).verdict is Verdict.OK


def test_a_shadow_over_the_upper_face_is_asked_about(studio: Studio, judge: Judge) -> None:
    rgb, face = studio.straight, studio.face
    rows = np.arange(rgb.shape[0], dtype=np.float32)[:, None]
    below = face.eye_middle[1] + 0.08 * face.length
    share = drawings.oval(rgb, face, 1.2) / (1 + np.exp((rows - below) / 4))
    shaded = drawings.mixed(rgb, drawings.stops_darker(rgb, 1.5), np.asarray(share, np.float32))
    found = finding(judge, shaded, Code.HALF_FACE)
    assert (found.verdict, found.reason) == (Verdict.DOUBT, "above")
    assert finding(judge, rgb, Code.HALF_FACE).reason != "above"


def with_rim(studio: Studio, colour: tuple[int, int, int], width: int) -> Rgb:
    """The wall that was there before, left round the person by a bad cut."""
    rgb, wall = studio.straight, np.array(LIGHT_BLUE, np.float32)
    person = (np.abs(rgb.astype(np.float32) - wall).sum(axis=2) > 60).astype(np.uint8)
    person = cv2.morphologyEx(person, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    wider = cv2.dilate(person, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * width + 1, 2 * width + 1)))
    return drawings.mixed(rgb, colour, np.asarray((wider > person).astype(np.float32)))


@pytest.mark.parametrize("colour", [(250, 250, 250), (70, 200, 70)], ids=["white", "green"])
def test_a_rim_round_the_person_is_a_sign_of_editing_and_drawn(
    studio: Studio, judge: Judge, colour: tuple[int, int, int]
) -> None:
    assert finding(judge, studio.straight, Code.EDITED).verdict is Verdict.OK
    found = finding(judge, with_rim(studio, colour, 5), Code.EDITED)
    assert (found.verdict, found.reason) == (Verdict.DOUBT, "cut_out")
    assert 1 < len(found.marks[0].points) < 60


def test_without_a_wall_beside_the_person_nothing_is_said_of_a_rim(studio: Studio, judge: Judge) -> None:
    close = cv2.resize(studio.straight[180:420, 150:330], (480, 640))
    assert finding(judge, np.asarray(close), Code.EDITED).verdict is Verdict.OK


@pytest.mark.parametrize("gamma", [1.0, 2.0], ids=["her own tone", "darker"])
def test_a_faded_picture_is_asked_about_and_never_sent_back(studio: Studio, judge: Judge, gamma: float) -> None:
    rgb = drawings.face_gamma(studio.straight, studio.face, gamma)
    half_contrast = np.asarray(64 + rgb * 0.5, np.uint8)
    for veiled in (drawings.lifted(rgb, 60), half_contrast):
        found = finding(judge, veiled, Code.OVEREXPOSED)
        assert (found.verdict, found.reason) == (Verdict.DOUBT, "faded")
    for right in (rgb, drawings.lifted(rgb, 10), drawings.stops_darker(rgb, 1)):
        assert finding(judge, right, Code.OVEREXPOSED).verdict is Verdict.OK


def test_what_covers_the_eyes_says_nothing_of_the_light(studio: Studio, judge: Judge) -> None:
    rgb, face = studio.straight, studio.face
    covered = (
        images.with_closed_eyes(rgb, face),
        images.with_glasses(rgb, face, tint=0.85),
        images.with_glasses(rgb, face, glare=0.6),
        drawings.with_square_glasses(rgb, face, glare=0.75),
    )
    for eyes in covered:
        assert finding(judge, eyes, Code.OVEREXPOSED).verdict is Verdict.OK
        assert finding(judge, eyes, Code.UNDEREXPOSED).verdict is Verdict.OK


@pytest.mark.parametrize("gamma", [0.8, 1.0, 2.0], ids=["lighter", "her own tone", "darker"])
def test_skin_of_any_tone_that_mirrors_a_lamp_is_shiny(studio: Studio, judge: Judge, gamma: float) -> None:
    face = studio.face
    rgb = drawings.face_gamma(studio.straight, face, gamma)
    found = finding(judge, drawings.with_shine(rgb, face, 0.45), Code.HIGHLIGHT)
    assert found.verdict is not Verdict.OK
    assert found.marks
    pale_rims = drawings.with_square_glasses(rgb, face, colour=(225, 225, 225), rim=3)  # not burnt, but light
    masked = images.with_mask(rgb, face, (25, 25, 28))
    for right in (rgb, drawings.with_gleam(rgb, face), pale_rims, masked):
        assert finding(judge, right, Code.HIGHLIGHT).verdict is Verdict.OK


@pytest.mark.parametrize("levels", [6, 12])
def test_few_levels_of_each_colour_are_asked_about(studio: Studio, judge: Judge, levels: int) -> None:
    assert finding(judge, drawings.posterised(studio.straight, levels), Code.COMPRESSION).verdict is Verdict.DOUBT
    for right in (studio.straight, images.with_fringe(studio.straight, studio.face)):
        assert finding(judge, right, Code.COMPRESSION).verdict is Verdict.OK


@pytest.mark.parametrize("wall", [LIGHT_BLUE, (252, 252, 252)], ids=["blue", "white"])
def test_clothes_in_a_shade_of_the_wall_are_asked_about(
    studio: Studio, judge: Judge, wall: tuple[int, int, int]
) -> None:
    rgb = images.on_wall(studio.person, wall)

    def of(colour: tuple[float, ...]) -> Verdict:
        return finding(judge, images.with_clothes(rgb, studio.face, colour), Code.CLOTH_LIKE_BG).verdict

    assert of(tuple(0.75 * part for part in wall)) is Verdict.DOUBT
    assert (of((160, 200, 230)) is Verdict.DOUBT) == (wall == LIGHT_BLUE)  # a light blue shirt
    for other in (
        (30, 60, 120),
        (70, 110, 160),
        (85, 130, 180),
        (60, 150, 160),
        (130, 130, 134),
        tuple(0.6 * part for part in wall),
    ):
        assert of(other) is Verdict.OK


def test_browner_skin_round_white_eyes_is_no_cast(studio: Studio, judge: Judge) -> None:
    """In yellow light the whites of the eyes are yellow, too."""
    rgb, face = studio.straight, studio.face
    browner = images.scaled(rgb, 0.6, 0.42, 0.2)
    eyes = cv2.dilate(sum(drawings.area(rgb, face.polygon(eye)) for eye in (LEFT_EYE, RIGHT_EYE)), np.ones((5, 5)))
    assert finding(judge, drawings.mixed(browner, rgb, eyes), Code.COLOR_CAST).verdict is Verdict.OK
    assert finding(judge, browner, Code.COLOR_CAST).verdict is Verdict.BAD
