"""What is worn on a head, and the hair, foreheads and light that must not be taken for it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from backend.compliance.checks.face import headwear
from backend.compliance.checks.face.on_head import hairband, hem, pieces
from backend.compliance.checks.face.on_head import rows as even_rows
from backend.compliance.codes import Code
from backend.compliance.findings import Verdict
from tests import accessories, drawings, images
from tests.compliance.conftest import Judge, finding
from tests.compliance.portraits import Studio
from tests.drawings import Share


def test_a_grey_band_is_even_and_a_forehead_in_more_light_is_none() -> None:
    skin, height = (65.0, 14.0, 18.0), 5
    strands = np.random.default_rng(5).normal(0, 5, (60, 50))
    hair = np.dstack([20 + strands, np.full((60, 50), 2.0), np.full((60, 50), 3.0)]).astype(np.float32)
    here = np.ones((60, 50), bool)
    banded, lit, dyed = hair.copy(), hair.copy(), hair + np.array([25, 0, 0], np.float32)
    banded[40:48] = np.array([50, 0.5, -2]) + np.random.default_rng(6).normal(0, 1.5, (8, 50, 1))
    lit[40:] = (74, 13, 16)
    assert even_rows.even(banded, here, skin, skin, height, 60) == pytest.approx(1)
    for right in (hair, lit, dyed):
        assert even_rows.even(right, here, skin, skin, height, 60) == 0


def test_a_forehead_in_less_light_than_the_skin_between_the_brows_is_like_the_cheeks() -> None:
    rows = np.full((60, 50, 3), (2.5, 1.0, 1.0), np.float32)
    rows[..., 0] += np.random.default_rng(5).normal(0, 0.5, (60, 50))
    rows[36:] = (40.0, 20.0, 21.0)
    here, between_brows, hairline = np.ones((60, 50), bool), (63.0, 15.0, 15.0), 45.0
    assert even_rows.even(rows, here, between_brows, (42.0, 20.0, 21.0), 5, hairline) == 0
    assert even_rows.even(rows, here, between_brows, (63.0, 15.0, 15.0), 5, hairline) > 0.9, "cloth of that colour"


def test_shaded_skin_under_the_hairline_is_no_piece_in_the_hair() -> None:
    """It has the hue of the lit skin and more colour; a clip that has as much is of another hue."""
    foreign = pieces._foreign(((4.0, 1.0, 1.0), (71.0, 13.6, 22.2), (76.0, -14.0, -41.0)))

    def seen(a: float, b: float) -> bool:
        row, column = (round(part / pieces.GRID + pieces.TINTS / 2) for part in (a, b))
        return bool(foreign[row, column])

    assert not seen(28.5, 37.1)
    assert seen(63, 12), "pink"
    assert seen(0, 65), "yellow"
    assert seen(45, 25), "red"


@pytest.mark.parametrize("skin", [(30.0, 7.0, 8.0), (65.0, 14.0, 18.0)], ids=["dark", "fair"])
def test_cloth_on_the_forehead_is_even_and_of_another_tint_on_any_skin(skin: tuple[float, float, float]) -> None:
    rng = np.random.default_rng(5)

    def forehead(lightness: float, a: float, b: float, rough: float) -> NDArray[np.float32]:
        """(60, 50, 3) CIELAB under the hairline, its lightness off by that share."""
        spread = lightness * (1 + rng.normal(0, rough, (60, 50)))
        return np.dstack([spread, np.full((60, 50), a), np.full((60, 50), b)]).astype(np.float32)

    def worn(rows: NDArray[np.float32], hairline: float = 0, between_brows: tuple[float, float, float] = skin) -> float:
        return even_rows.even(rows, np.ones((60, 50), bool), between_brows, skin, 5, hairline)

    light, a, b = skin
    brown, black = (29.0, 7.0, 15.0, 0.05), (0.4 * light, 1.0, 1.0, 0.07)
    assert worn(forehead(*brown)) > 0.9
    assert worn(forehead(*black)) > 0.9
    assert worn(forehead(light, a, b, 0.05)) == 0, "bare skin, matt"
    assert worn(forehead(1.1 * light, 0.9 * a, 0.9 * b, 0.05)) == 0, "bare skin in more light"
    assert worn(forehead(0.4 * light, 1, 1, 0.2)) == 0, "a fringe"
    assert worn(forehead(*black), hairline=70) == 0, "short black hair, before the forehead begins"
    assert worn(forehead(light, a, b, 0.05), between_brows=(95, 0, 1)) == 0, "white rims between the brows"


@pytest.mark.parametrize("colour", [(180, 40, 90), (40, 70, 150), (40, 110, 80), (30, 30, 33), (130, 130, 134)])
def test_a_headband_that_leaves_the_hair_above_it_in_sight_is_doubted(
    colour: tuple[int, int, int], studio: Studio, judge: Judge
) -> None:
    worn = drawings.with_band(studio.straight, studio.face, colour)
    assert finding(judge, worn, Code.HEADWEAR).verdict is Verdict.DOUBT
    assert finding(judge, studio.straight, Code.HEADWEAR).verdict is Verdict.OK


def test_a_cap_in_the_colour_of_the_hair_is_seen_by_its_hem(
    studio: Studio, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(headwear, "measure", lambda *seen: 0.0)
    monkeypatch.setattr(even_rows, "band", lambda *seen: 0.0)
    everything = np.ones(studio.straight.shape[:2], np.float32)
    hair = drawings.hair_of(studio.straight, studio.face, everything, images.HEAD_TOP)
    cap = drawings.with_felt(studio.straight, studio.face, everything, images.HEAD_TOP, hair, low=0.4)
    assert finding(judge, cap, Code.HEADWEAR).verdict is Verdict.DOUBT
    assert finding(judge, studio.straight, Code.HEADWEAR).value == 0


@pytest.mark.parametrize("tone", [1.0, 0.6], ids=["as she is", "darker"])
@pytest.mark.parametrize("colour", [(92, 64, 48), (70, 60, 50), (38, 35, 35)], ids=["brown", "grey", "black"])
def test_a_half_cap_worn_down_to_the_brows_is_doubted_on_any_skin(
    colour: tuple[int, int, int], tone: float, studio: Studio, judge: Judge
) -> None:
    everything = np.ones(studio.straight.shape[:2], np.float32)
    bare = images.scaled(studio.straight, tone)
    worn = drawings.with_felt(bare, studio.face, everything, images.HEAD_TOP, colour, low=0.85, high=0.4)
    assert finding(judge, worn, Code.HEADWEAR).verdict is Verdict.DOUBT
    assert finding(judge, bare, Code.HEADWEAR).verdict is Verdict.OK


def test_a_cap_in_nearly_the_skins_colour_is_no_bald_head() -> None:
    rng = np.random.default_rng(5)
    skin = 30.0, 6.0, 7.0

    def dome(spread: float) -> NDArray[np.float32]:
        """(n, 3) CIELAB 6 CIEDE2000 off the skin, the lightness spread as given."""
        return np.column_stack([rng.normal(29, spread, 500), np.full(500, 8.0), np.full(500, 16.0)]).astype(np.float32)

    assert headwear.measure(dome(4), skin, (0, 0), 0.038) > 0.8
    assert headwear.measure(dome(4), skin, (0, 0), None) == 0, "bare skin has the hue of the face"
    assert headwear.measure(dome(16), skin, (0, 0), 0.038) == 0, "bare skin shines"


def test_the_even_outline_of_a_bald_head_is_no_hem() -> None:
    rows, columns = np.mgrid[0:60, 0:60].astype(np.float32)
    head = rows > 3 + 12 * ((columns - 29.5) / 30) ** 2
    share = cv2.GaussianBlur(head.astype(np.float32), (0, 0), 0.7)[..., None]
    lab = share * np.float32((70, 12, 18)) + (1 - share) * np.float32((75, -15, -35))
    brows = np.full(60, 60, np.float32)
    assert hem.hem(lab, head, brows, 70) == 0
    assert hem.hem(lab, np.ones_like(head), brows, 70) > 0.5


def test_a_hem_has_skin_below_it_and_lies_over_the_brows() -> None:
    rows, columns = np.mgrid[0:60, 0:60].astype(np.float32)
    here, low = np.ones((60, 60), bool), np.full(60, 60, np.float32)

    def edge(at: NDArray[np.float32], above: tuple[int, ...], below: tuple[int, ...]) -> NDArray[np.float32]:
        """(60, 60, 3) CIELAB with that colour above the row `at` of each column and the other below."""
        share = cv2.GaussianBlur(np.clip(rows - at + 0.5, 0, 1), (0, 0), 0.7)[..., None]
        return np.asarray((1 - share) * np.float32(above) + share * np.float32(below))

    even = 30 + 2 * ((columns - 29.5) / 30) ** 2
    ragged = even + np.random.default_rng(3).integers(-3, 4, 60)
    brown, skin, black = (31, 7, 16), (26, 9, 11), (5, 0, 0)
    assert hem.hem(edge(even, brown, skin), here, low, 26) > 0.9, "brown cloth before dark skin"
    assert hem.hem(edge(even, (80, 2, 8), (70, 12, 18)), here, low, 70) > 0.9, "beige cloth before fair skin"
    assert hem.hem(edge(even, brown, black), here, low, 26) == 0, "nothing as dark is skin"
    assert hem.hem(edge(even, brown, skin), here, np.full(60, 20, np.float32), 26) == 0, "the edge of a brow"
    assert hem.hem(edge(ragged, black, skin), here, low, 26) == 0, "a hairline"


@pytest.mark.parametrize("colour", [(40, 90, 210), (230, 75, 115), (30, 150, 90)])
def test_something_coloured_in_the_hair_is_doubted(colour: tuple[int, int, int], studio: Studio, judge: Judge) -> None:
    clips = drawings.with_clips(studio.straight, studio.face, images.HEAD_TOP, 2, colour)
    assert finding(judge, clips, Code.HEADWEAR).verdict is Verdict.DOUBT
    grey = drawings.with_clips(studio.straight, studio.face, images.HEAD_TOP, 2, (120, 118, 116))  # may be a shine
    assert finding(judge, grey, Code.HEADWEAR).verdict is Verdict.OK


@pytest.mark.parametrize("colour", [(240, 120, 160), (40, 80, 190)], ids=["pink", "blue"])
def test_coloured_headphones_are_doubted_by_their_cups(
    colour: tuple[int, int, int], studio: Studio, judge: Judge
) -> None:
    worn = accessories.with_headphones(studio.straight, studio.face, on_head(studio), images.HEAD_TOP, colour)
    eyes = int(studio.face.eye_middle[1])
    worn[:eyes] = studio.straight[:eyes]  # the band under the hair
    assert finding(judge, worn, Code.HEADWEAR).verdict is Verdict.DOUBT


def test_red_hair_with_strands_is_no_red_cloth() -> None:
    rng = np.random.default_rng(5)
    skin = 65.0, 14.0, 18.0
    red = np.column_stack([rng.normal(43, 10, 500), np.full(500, 29.0), np.full(500, 24.0)]).astype(np.float32)
    wine = red * np.array([1, 1.2, 0.5], np.float32)
    assert headwear.measure(red, skin, (0, 0), 0.06) == 0
    assert headwear.measure(red, skin, (0, 0), 0.046) > 0.5, "without strands"
    assert headwear.measure(red * np.array([1, 1.4, 1.4], np.float32), skin, (0, 0), 0.06) > 0.5, "no hair is as red"
    assert headwear.measure(np.tile(red.mean(axis=0), (500, 1)), skin, (0, 0), 0.06) > 0.5, "without shine"
    assert headwear.measure(wine, skin, (0, 0), 0.06) > 0.5, "wine is no ginger"


def on_head(studio: Studio) -> Share:
    """(h, w): 1 on the portrait, whose curls reach past her temples."""
    return studio.analyser.person(studio.straight)


@pytest.mark.parametrize(
    ("colour", "place"),
    [
        ((240, 240, 240), 0.25),
        ((16, 16, 20), 0.25),
        ((150, 152, 156), 0.25),
        ((240, 240, 240), 0.6),
        ((16, 16, 20), 0.6),
    ],
)
def test_a_hairband_is_doubted_by_its_two_edges(
    colour: tuple[int, int, int], place: float, studio: Studio, judge: Judge
) -> None:
    banded = accessories.with_hairband(
        studio.straight, studio.face, on_head(studio), images.HEAD_TOP, colour, place=place, width=0.06
    )
    assert finding(judge, banded, Code.HEADWEAR).verdict is Verdict.DOUBT


@pytest.mark.parametrize("light", [0.2, 0.5])
def test_light_round_the_hair_is_no_hairband(light: float, studio: Studio, judge: Judge) -> None:
    lit = accessories.with_ring_of_light(studio.straight, studio.face, on_head(studio), images.HEAD_TOP, light)
    assert finding(judge, lit, Code.HEADWEAR).value == 0


def test_a_band_has_two_even_edges_from_side_to_side() -> None:
    rng = np.random.default_rng(4)
    down, across = np.mgrid[0 : hairband.ROWS, 0 : hairband.COLUMNS].astype(np.float32)
    along = across / (hairband.COLUMNS - 1) * 2 - 1
    person = np.ones(down.shape, bool)
    hair = np.dstack([20 + rng.normal(0, 2, down.shape), 3 + 0 * down, 6 + 0 * down]).astype(np.float32)
    curve = 30 - 12 * along**2

    def over(rows: NDArray[np.float32], share: NDArray[np.float32], lightness: float) -> NDArray[np.float32]:
        soft = cv2.GaussianBlur(share.astype(np.float32), (0, 0), 0.8)[..., None]
        return np.asarray(rows * (1 - soft) + np.float32((lightness, 2, 4)) * soft)

    band = (down > curve) & (down < curve + 9)
    assert hairband.band(over(hair, band, 45), person) > 0.9, "lighter than the hair"
    assert hairband.band(over(hair + np.float32((50, 0, 0)), band, 30), person) > 0.9, "darker"
    assert hairband.band(over(over(hair, down > curve, 70), band, 45), person) > 0.9, "between hair and forehead"
    assert hairband.band(over(hair, band & (along < 0), 45), person) < 0.6, "a clip on one side"
    assert hairband.band(over(hair, down > curve, 70), person) == 0, "a hairline, however even"
    assert hairband.band(over(hair, np.abs(along) < 0.1, 60), person) == 0, "a parting"
    ragged = rng.integers(-3, 4, hairband.COLUMNS)
    assert hairband.band(over(hair, (down > curve + ragged) & (down < curve + 9 - ragged), 45), person) < 0.6, "a gleam"
