"""Defects in shapes and colours other than the golden ones are found too, and what only looks like them is not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from backend.compliance.codes import Code
from backend.compliance.findings import Report, Verdict
from tests import drawings, images
from tests.compliance.conftest import Judge
from tests.compliance.portraits import Studio
from tests.images import Rgb

Draw = Callable[[Studio], Rgb]


def verdict(report: Report, code: Code) -> Verdict:
    finding = report.finding(code)
    assert finding is not None
    return finding.verdict


FOUND: dict[str, tuple[Code, Draw]] = {
    "a wink": (Code.EYES_CLOSED, lambda s: drawings.eyes_narrowed(s.straight, s.face, 0.08, only_left=True)),
    "lids drawn over large eyes": (Code.EYES_CLOSED, lambda s: images.with_closed_eyes(s.straight, s.face)),
    "pink lenses": (
        Code.GLASSES_TINT,
        lambda s: drawings.with_square_glasses(s.straight, s.face, tint=0.45, lens=(220, 60, 120)),
    ),
    "a green gleam": (
        Code.GLASSES_REFLECT,
        lambda s: drawings.with_square_glasses(s.straight, s.face, glare=0.8, glare_colour=(170, 240, 200)),
    ),
    "folds of a curtain": (Code.BG_UNIFORM, lambda s: images.on_wall(s.person, drawings.curtain())),
    "a faint corner of the room": (Code.BG_UNIFORM, lambda s: images.on_wall(s.person, drawings.edge_wall(share=0.92))),
    "a light switch": (
        Code.BG_OBJECT,
        lambda s: images.on_wall(s.person, drawings.with_thing((245, 245, 240), (14, 60, 50, 106))),
    ),
    "a light switch close to the hair": (
        Code.BG_OBJECT,
        lambda s: images.on_wall(s.person, drawings.with_thing((245, 245, 240), (36, 108, 72, 154))),
    ),
    "a white switch on a white wall": (
        Code.BG_OBJECT,
        lambda s: images.on_wall(s.person, drawings.with_thing((222, 220, 214), (36, 108, 72, 154), (252, 252, 252))),
    ),
    "a fainter corner of the room": (
        Code.BG_OBJECT,
        lambda s: images.on_wall(s.person, drawings.edge_wall(share=0.96)),
    ),
    "tiles": (Code.BG_OBJECT, lambda s: images.on_wall(s.person, drawings.tiles())),
    "a cream wall": (Code.BG_COLOR, lambda s: images.on_wall(s.person, (255, 248, 225))),
    "a pale pink wall": (Code.BG_COLOR, lambda s: images.on_wall(s.person, (255, 238, 240))),
    "corners cut round": (Code.BG_OBJECT, lambda s: drawings.rounded(s.straight, 40)),
}


@pytest.mark.parametrize("name", FOUND)
def test_other_shapes_of_a_defect_are_found(name: str, studio: Studio, judge: Judge) -> None:
    code, draw = FOUND[name]
    assert verdict(judge(images.jpeg(draw(studio))), code) is not Verdict.OK


def test_a_hardly_warmer_white_is_right(studio: Studio, judge: Judge) -> None:
    wall = images.on_wall(studio.person, (252, 250, 243))
    assert verdict(judge(images.jpeg(wall)), Code.BG_COLOR) is Verdict.OK


def test_white_rims_are_never_a_reason_for_another_picture(studio: Studio, judge: Judge) -> None:
    rims = drawings.with_square_glasses(studio.straight, studio.face, colour=(235, 235, 235), rim=3)
    assert verdict(judge(images.jpeg(rims)), Code.GLASSES_REFLECT) is not Verdict.BAD


def test_strands_of_a_fringe_are_no_text(studio: Studio, judge: Judge) -> None:
    fringe = drawings.with_short_fringe(studio.straight, studio.face)
    assert verdict(judge(images.jpeg(fringe)), Code.FRAME_OR_TEXT) is Verdict.OK


def test_grey_hair_over_white_clothes_is_not_washed_out(studio: Studio, judge: Judge) -> None:
    white = images.with_clothes(studio.straight, studio.face, (235, 235, 238))
    _, alpha, face, top = studio.person
    shape = np.repeat((alpha * 255).astype(np.uint8)[..., None], 3, axis=2)
    person = images.on_wall((shape, alpha, face, top), (0, 0, 0))[..., 0] / np.float32(255)
    grey = drawings.with_hair(white, studio.face, person, (1.0, 1.0, 1.03), 70)
    assert verdict(judge(images.jpeg(grey)), Code.OVEREXPOSED) is Verdict.OK
