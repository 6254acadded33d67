"""Letters that stand on several things at once: a date over skin and a white collar is one row all the same."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from backend.compliance.checks.scene.frame_or_text import _spreads, measure
from backend.compliance.checks.scene.letters import Letter
from backend.compliance.checks.scene.strokes import LEAST_SIGN, SPARSE, TALLEST_SIGN, connected
from backend.compliance.checks.scene.text import completed, printed, text_rows
from tests.compliance.unimportant import decoded
from tests.drawings import dots, with_signs, with_tiled_signs
from tests.images import Rgb, jpeg

FAIR, BROWN, DARK = (205, 172, 152), (110, 80, 66), (70, 50, 40)
CLOTH = (243, 244, 247)
Colour = tuple[int, int, int]


def beside_a_collar(skin: Colour, edge: int) -> Rgb:
    """240x120, skin left of the edge and cloth right of it, both with grain."""
    rgb = np.empty((120, 240, 3), np.float32)
    rgb[:, :edge], rgb[:, edge:] = skin, CLOTH
    grain = np.random.default_rng(7).normal(0, 1.5, rgb.shape[:2])
    return np.clip(cv2.GaussianBlur(rgb, (0, 0), 1.2) + grain[..., None], 0, 255).astype(np.uint8)


def rows(rgb: Rgb) -> int:
    saved = decoded(jpeg(rgb, 90))
    return len(text_rows(saved, np.zeros(saved.shape[:2], bool)))


@pytest.mark.parametrize("edge", [70, 100, 130])
@pytest.mark.parametrize(
    ("skin", "words", "colour"),
    [
        (BROWN, "'26 11 2", (250, 200, 60)),
        (DARK, "'26 11 2", (255, 140, 30)),
        (FAIR, "COPY 26", (150, 150, 150)),
        (DARK, "COPY 26", (150, 150, 150)),
    ],
)
def test_letters_on_skin_and_cloth(skin: Colour, words: str, colour: Colour, edge: int) -> None:
    drawn = beside_a_collar(skin, edge)
    assert rows(drawn) == 0
    cv2.putText(drawn, words, (24, 60), cv2.FONT_HERSHEY_SIMPLEX, 0.9, colour, 2, cv2.LINE_AA)
    assert rows(drawn) >= 1


def test_a_thin_date_whose_strokes_never_have_quite_their_colour() -> None:
    drawn = beside_a_collar(BROWN, 140)
    cv2.putText(drawn, "2026-11-02 08:30", (24, 60), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1, cv2.LINE_AA)
    assert rows(drawn) >= 1


def test_what_has_the_colour_of_much_beside_it_is_no_text() -> None:
    """Gaps in a collar, through which the skin is seen, are of one height and one colour, too."""
    drawn = beside_a_collar(FAIR, 20)
    gaps = [Letter(left, 40, 9, 20, FAIR, 75) for left in (72, 96, 120, 144, 168)]
    for gap in gaps:
        drawn[gap.y : gap.foot, gap.x : gap.x + gap.width] = FAIR
        drawn[gap.y : gap.y + 4, gap.x : gap.x + 4] = CLOTH
    assert completed(gaps[:3], drawn) == gaps[:3]
    drawn[:, :20] = CLOTH
    assert len(completed(gaps[:3], drawn)) == 5


def framed(sides: str) -> Rgb:
    """480x640, a wall with grain over a white garment that takes the lowest third, and white stripes on these sides."""
    grain = np.random.default_rng(5).normal(0, 1.5, (640, 480))[..., None]
    rgb = np.clip(np.full((640, 480, 3), (100, 197, 255)) + grain, 0, 254).astype(np.uint8)
    rgb[420:] = 250
    for side, part in {"t": rgb[:12], "b": rgb[-12:], "l": rgb[:, :12], "r": rgb[:, -12:]}.items():
        if side in sides:
            part[:] = 255
    return rgb


@pytest.mark.parametrize(("sides", "value"), [("tblr", 1.0), ("tlr", 1.0), ("lr", 0.0), ("t", 0.0), ("", 0.0)])
def test_a_white_frame_that_white_clothes_hide_below(sides: str, value: float) -> None:
    rgb = framed(sides)
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    assert measure(rgb, grey, np.zeros(grey.shape, bool))[0] == value


def test_dots_and_squares_of_clothes_are_no_letters() -> None:
    drawn = beside_a_collar(FAIR, 1)
    for left in range(20, 220, 28):
        cv2.circle(drawn, (left, 40), 5, (40, 60, 140), -1, cv2.LINE_AA)
        cv2.rectangle(drawn, (left - 5, 70), (left + 5, 80), (40, 60, 140), -1)
    assert rows(drawn) == 0
    cv2.putText(drawn, "OOOOOO", (20, 110), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (40, 60, 140), 2, cv2.LINE_AA)
    assert rows(drawn) >= 1


@pytest.mark.parametrize("colour", [(20, 20, 20), (200, 40, 40), (60, 90, 170)])
@pytest.mark.parametrize("edge", [1, 239])
def test_a_line_of_signs_made_of_several_shapes(colour: Colour, edge: int) -> None:
    drawn = beside_a_collar(FAIR, edge)
    drawn = with_signs(drawn, colour, 24, 50)
    assert rows(drawn) >= 1


def test_specks_as_dense_as_signs_are_no_line() -> None:
    """Stubble under a chin."""
    drawn = beside_a_collar(FAIR, 239)
    drawn = with_signs(drawn, (197, 164, 144), 24, 50)
    assert rows(drawn) == 0


@pytest.mark.parametrize("width", [6, 24, 40])
def test_a_frame_however_wide(width: int) -> None:
    rgb = framed("")
    grey = cv2.cvtColor(cv2.copyMakeBorder(rgb[width:-width, width:-width], *[width] * 4, cv2.BORDER_CONSTANT), 7)
    assert measure(np.dstack([grey] * 3), grey, np.zeros(grey.shape, bool))[0] == 1.0


def test_a_line_in_the_middle_of_a_small_picture_is_no_frame() -> None:
    """Between two frames that deep hardly anything would be left, so that a short line would do."""
    grey = np.full((92, 90), 200, np.uint8)
    grey[42:50, 20:70] = 120
    assert measure(np.dstack([grey] * 3), grey, np.ones(grey.shape, bool))[0] == 0.0


@pytest.mark.parametrize(("rows", "across", "levels"), [(1, 7, 256), (5, 480, 3), (48, 90, 40), (50, 480, 256)])
def test_spreads_of_stripes_are_those_of_percentiles(rows: int, across: int, levels: int) -> None:
    grey = np.random.default_rng(rows).integers(0, levels, (rows, across)).astype(np.uint8)
    wanted = [np.subtract(*np.percentile(grey[: row + 1], (95, 5))) for row in range(rows)]
    assert _spreads(grey) == pytest.approx(wanted)


def wall_with(grain: float) -> Rgb:
    noise = np.random.default_rng(3).normal(0, grain, (640, 480))[..., None]
    return np.clip(np.full((640, 480, 3), (100, 197, 255)) + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("colour", [(20, 20, 20), (200, 40, 40), (255, 255, 255)])
def test_signs_below_each_other(colour: Colour) -> None:
    wall = wall_with(1.5)
    found = text_rows(decoded(jpeg(with_signs(wall, colour, 430, 60, upright=True), 90)), np.zeros((640, 480), bool))
    assert found
    for row in found:
        assert row[0].x == pytest.approx(430, abs=14)
        assert row[-1].foot - row[0].y == pytest.approx(144, abs=30)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(("ground", "colour"), [((240, 240, 240), (30, 40, 80)), ((35, 35, 38), (150, 150, 150))])
def test_gaps_between_the_dots_of_clothes_are_no_letters(turned: bool, ground: Colour, colour: Colour) -> None:
    spotted = dots(24, 8, turned=turned) if turned else dots(32, 10)
    share = cv2.GaussianBlur(spotted.astype(np.float32), (0, 0), 0.7)[..., None]
    cloth = decoded(jpeg((np.float32(ground) * (1 - share) + np.float32(colour) * share).astype(np.uint8), 90))
    assert text_rows(cloth, np.zeros((640, 480), bool)) == []


@pytest.mark.parametrize(("colour", "share"), [((128, 128, 128), 0.15), ((20, 20, 20), 0.12), ((255, 255, 255), 0.12)])
@pytest.mark.parametrize("degrees", [-30, 30, 45])
def test_a_faint_watermark_all_over_the_wall(colour: Colour, share: float, degrees: float) -> None:
    nobody, wall = np.zeros((640, 480), bool), np.ones((320, 240), bool)
    marked = decoded(jpeg(with_tiled_signs(wall_with(1.5), colour, share, degrees), 90))
    (signs,) = text_rows(marked, nobody, None, wall)
    assert len(signs) >= 60
    assert text_rows(marked, nobody, None, ~wall) == []


@pytest.mark.parametrize("grain", [0.0, 1.5, 4.0])
def test_the_grain_of_a_wall_is_no_watermark(grain: float) -> None:
    wall = np.ones((320, 240), bool)
    assert text_rows(decoded(jpeg(wall_with(grain), 90)), np.zeros((640, 480), bool), None, wall) == []


@pytest.mark.parametrize("share", [0.0, 0.001, 0.02, SPARSE, 0.2])
def test_few_shapes_and_many_are_measured_alike(share: float) -> None:
    strokes = (np.random.default_rng(4).random((640, 480)) < share).astype(np.uint8) * 255
    cv2.line(strokes, (3, 639), (479, 0), 255 if share else 0, 1)
    cv2.putText(strokes, "2026-11-02", (200, 600), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 1)
    shapes = connected(strokes)
    _, known, wanted, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    area, tall = wanted[1:, cv2.CC_STAT_AREA], wanted[1:, cv2.CC_STAT_HEIGHT]
    assert len(shapes.stats) == np.count_nonzero((area >= LEAST_SIGN) & (tall <= TALLEST_SIGN))
    assert len(shapes.specks) == np.count_nonzero(area < LEAST_SIGN)
    for label, stats in zip(shapes.label, shapes.stats, strict=True):
        row, column = np.argwhere(shapes.labels == label)[0]
        assert (stats == wanted[known[row, column]]).all()
    for column, row in shapes.specks:
        there = known[row : row + LEAST_SIGN, column : column + LEAST_SIGN]
        assert wanted[np.unique(there), cv2.CC_STAT_AREA].min() < LEAST_SIGN


@pytest.mark.parametrize("upright", [False, True])
@pytest.mark.parametrize("scale", [0.7, 0.8])
def test_digits_that_touch(scale: float, *, upright: bool) -> None:
    wall = np.ascontiguousarray(np.rot90(wall_with(1.5)) if upright else wall_with(1.5))
    cv2.putText(wall, "F202400001", (12, 40), cv2.FONT_HERSHEY_SIMPLEX, scale, (10, 10, 10), 2, cv2.LINE_AA)
    drawn = np.ascontiguousarray(np.rot90(wall, -1) if upright else wall)
    assert text_rows(decoded(jpeg(drawn, 90)), np.zeros((640, 480), bool))


@pytest.mark.parametrize("quarters", [1, -1])
@pytest.mark.parametrize("colour", [(30, 60, 190), (20, 20, 20), (255, 255, 255)])
def test_letters_on_their_side_below_each_other(colour: Colour, quarters: int) -> None:
    on_side = np.ascontiguousarray(np.rot90(wall_with(1.5), quarters))
    cv2.putText(on_side, "2026-11-02", (20, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.7, colour, 2, cv2.LINE_AA)
    drawn = decoded(jpeg(np.ascontiguousarray(np.rot90(on_side, -quarters)), 90))
    found = text_rows(drawn, np.zeros((640, 480), bool))
    assert found
    boxes = [letter for row in found for letter in row]
    assert max(one.foot for one in boxes) - min(one.y for one in boxes) == pytest.approx(128, abs=35)


@pytest.mark.parametrize("words", ["SAMPLE 2026", "PHOTO COPY"])
def test_white_letters_of_which_only_some_stand_on_skin(words: str) -> None:
    drawn = np.full((120, 420, 3), (246, 247, 248), np.uint8)
    drawn[:, 190:260] = BROWN
    drawn = cv2.GaussianBlur(drawn, (0, 0), 1.2)
    assert rows(drawn) == 0
    cv2.putText(drawn, words, (20, 70), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (255, 255, 255), 3, cv2.LINE_AA)
    assert rows(drawn) >= 1


@pytest.mark.parametrize(("down", "colour", "count"), [(0, (243, 246, 255), 6), (2, (243, 246, 255), 5), (0, FAIR, 5)])
def test_thin_strokes_have_another_colour_on_skin_than_on_cloth(down: int, colour: Colour, count: int) -> None:
    skin = [Letter(left, 614, 8, 12, (254, 235, 227), 98) for left in (291, 301, 311, 322)]
    cloth = [Letter(346, 615, 8, 11, (240, 241, 245), 32), Letter(377, 614 + down, 9, 12, colour, 32)]
    assert len(printed([*skin, *cloth])) == count


@pytest.mark.parametrize("ground", [(40, 40, 48), (30, 60, 120)])
@pytest.mark.parametrize("what", ["buttons", "rings", "stripes"])
def test_buttons_and_stripes_below_each_other_are_no_letters(what: str, ground: Colour) -> None:
    cloth = np.full((640, 480, 3), ground, np.uint8)
    for row in range(420, 620, 22):
        if what == "stripes":
            cv2.line(cloth, (222, row), (258, row + 14), (220, 200, 120), 5, cv2.LINE_AA)
        else:
            cv2.circle(cloth, (240, row), 5, (240, 238, 230), 2, cv2.LINE_AA)
            cv2.circle(cloth, (240, row), 2, (240, 238, 230) if what == "buttons" else ground, 1, cv2.LINE_AA)
    assert text_rows(decoded(jpeg(cloth, 90)), np.zeros((640, 480), bool)) == []
