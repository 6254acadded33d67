"""What the points alone do not tell: the second cue of a check, and what it must not be taken in by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from backend.adapters.faces import FaceNetworks
from backend.compliance.checks.face import (
    eye_tilt,
    eyes_closed,
    eyes_hidden,
    face_covered,
    glasses_reflect,
    glasses_tint,
    half_face,
    head_pose,
    mouth_open,
    shoulders,
    wire,
)
from backend.compliance.checks.scene import color_cast, overexposed
from backend.compliance.codes import Code
from backend.compliance.face import (
    BLINK,
    BROW_LINES,
    CHEEKS,
    LEFT_EYE,
    LEFT_IRIS,
    LEFT_LIDS,
    OUTER_LIPS,
    RIGHT_EYE,
    RIGHT_LIDS,
    SMILE,
    Face,
)
from backend.compliance.findings import Verdict
from backend.compliance.prepare import find_face
from backend.compliance.regions import Patch, grown, regions_of
from backend.compliance.standard import Standard
from tests import accessories, drawings, images
from tests.compliance.conftest import Judge, finding
from tests.compliance.portraits import Studio
from tests.images import LIGHT_BLUE, Rgb


def painted(studio: Studio, outlines: list[np.ndarray]) -> Rgb:
    """Skin of the cheek, softly, over these parts."""
    face, rgb = studio.face, studio.straight
    cheek = np.round(face.polygon(CHEEKS[0])).astype(np.int32)
    inside = np.zeros(rgb.shape[:2], np.uint8)
    cv2.fillPoly(inside, [cheek], 1)
    skin = np.median(rgb[inside > 0], axis=0)
    mask = np.zeros(rgb.shape[:2], np.float32)
    for outline in outlines:
        cv2.fillPoly(mask, [np.round(outline).astype(np.int32)], 1.0)
    soft = cv2.GaussianBlur(mask, (0, 0), 2)[..., None]
    return np.asarray(rgb * (1 - soft) + skin * soft, dtype=np.uint8)


@pytest.mark.parametrize("colour", [(240, 180, 195), (220, 195, 165), (185, 35, 40)])
def test_a_face_behind_a_mask_is_covered_not_missing(
    colour: tuple[int, int, int], studio: Studio, judge: Judge
) -> None:
    """The detector's box reaches down to the foot of the mask, where the points are found only at a second look."""
    masked = drawings.with_cloth_mask(studio.straight, studio.face, colour, folds=True)
    assert finding(judge, masked, Code.NO_FACE).verdict is Verdict.OK
    assert finding(judge, masked, Code.FACE_COVERED).verdict is not Verdict.OK


def test_a_dark_face_in_strong_noise_is_noisy_not_missing(studio: Studio, judge: Judge, analyser: FaceNetworks) -> None:
    dark = np.asarray(255 * (studio.straight / 255) ** 3, np.uint8)
    noise = cv2.GaussianBlur(np.random.default_rng(11).normal(0, 1, dark.shape).astype(np.float32), (0, 0), 1.2)
    noisy = np.asarray(np.clip(dark + 40 * noise / noise.std(), 0, 255), np.uint8)
    assert not analyser.faces(noisy)
    assert finding(judge, noisy, Code.NO_FACE).verdict is Verdict.OK
    assert finding(judge, noisy, Code.NOISE).verdict is not Verdict.OK


def test_behind_a_mask_the_network_is_not_sure_of_a_face_at_first(studio: Studio, analyser: FaceNetworks) -> None:
    masked = drawings.with_cloth_mask(studio.straight, studio.face, (240, 180, 195), folds=True)
    covered, _ = find_face(masked, analyser, blendshapes=True)
    bare, _ = find_face(studio.straight, analyser, blendshapes=True)
    assert covered is not None
    assert bare is not None
    assert face_covered.unsure(covered, lips_seen=0.2)
    assert not face_covered.unsure(bare, lips_seen=0.02)
    nearly = Face(replace(bare.mesh, presence=0.999999))
    assert face_covered.unsure(nearly, lips_seen=0.067)
    assert not face_covered.unsure(nearly, lips_seen=0.09)


def test_a_pale_mask_of_the_tint_of_dark_skin_is_far_lighter(studio: Studio, analyser: FaceNetworks) -> None:
    face = studio.face
    below = np.arange(640, dtype=np.float32)[:, None] > face.point(2)[1]
    whole = drawings.oval(studio.straight, face, 1.02, 4)
    darker = drawings.mixed(studio.straight, images.scaled(studio.straight, 0.34), whole)
    lit_from_below = drawings.mixed(darker, drawings.stops_darker(darker, -0.5), np.asarray(whole * below, np.float32))
    masked = drawings.with_cloth_mask(darker, face, drawings.skin_of(darker, face) * 2.6, folds=True)
    bare, lit, pale = (
        face_covered.lighter(regions_of(rgb, analyser.person(rgb), face).whole, face)
        for rgb in (darker, lit_from_below, masked)
    )
    assert bare < lit < face_covered.LIGHTER < pale


@pytest.mark.parametrize("colour", [(28, 22, 20), (90, 55, 35)])
def test_a_lock_narrower_than_the_eye_hides_it(
    colour: tuple[int, int, int], studio: Studio, analyser: FaceNetworks, judge: Judge
) -> None:
    rgb, axis = studio.straight.copy(), round(studio.face.axis)  # both halves alike, so that only the lock is uneven
    wide = rgb.shape[1] - axis
    rgb[:, axis:] = rgb[:, axis - wide : axis][:, ::-1]
    face, _ = find_face(rgb, analyser, blendshapes=True)
    assert face is not None
    assert finding(judge, rgb, Code.EYES_HIDDEN).verdict is Verdict.OK
    assert finding(judge, images.with_lock(rgb, face, 0.1, colour), Code.EYES_HIDDEN).verdict is Verdict.DOUBT


@pytest.mark.parametrize("share", [0.6, 0.8, 0.95])
def test_a_window_mirrored_before_the_iris(share: float, studio: Studio, judge: Judge) -> None:
    bare = drawings.with_window_glare(studio.straight, studio.face, 0.0, 0.0)
    mirrored = drawings.with_window_glare(studio.straight, studio.face, share, 0.0)
    assert finding(judge, bare, Code.GLASSES_REFLECT).verdict is Verdict.OK
    assert finding(judge, mirrored, Code.GLASSES_REFLECT).verdict is not Verdict.OK


@pytest.mark.parametrize("colour", [(255, 240, 200), (190, 225, 255), (180, 245, 205)])
def test_a_faint_gleam_in_a_colour_that_skin_has_not(
    colour: tuple[int, int, int], studio: Studio, judge: Judge
) -> None:
    gleaming = drawings.with_square_glasses(studio.straight, studio.face, glare=0.6, glare_colour=colour)
    assert finding(judge, gleaming, Code.GLASSES_REFLECT).verdict is not Verdict.OK


def test_parted_lips_on_very_dark_skin(studio: Studio, analyser: FaceNetworks) -> None:
    """Nothing in a mouth is dark beside such cheeks, but it is beside the own lips."""
    face_only = drawings.oval(studio.straight, studio.face, 1.02, 4)
    darker = drawings.mixed(studio.straight, images.scaled(studio.straight, 0.36), face_only)
    closed = drawings.mixed(  # she smiles: lips over the teeth
        darker, (96, 64, 58), drawings.area(darker, studio.face.polygon(OUTER_LIPS), 1.0)
    )
    values = []
    for drawn in (closed, drawings.mouth_of(closed, studio.face, 0.4, 0.05, (62, 20, 22))):
        face, _ = find_face(drawn, analyser, blendshapes=True)
        assert face is not None
        values.append(mouth_open.inside_of_mouth(regions_of(drawn, analyser.person(drawn), face), face))
    assert values[0] < 0.03
    assert values[1] > 0.05


def test_a_dark_red_beard_round_closed_lips_is_no_open_mouth(studio: Studio, analyser: FaceNetworks) -> None:
    face = studio.face
    (left, nose), (right, _), (_, chin) = (face.point(index) for index in (50, 280, 152))
    bearded = drawings.area(studio.straight, np.array([(left, nose), (right, nose), (right, chin), (left, chin)]), 2.0)
    bearded *= 1 - drawings.area(studio.straight, grown(face.polygon(OUTER_LIPS), 1.0, 1.5), 1.0)
    drawn = drawings.mixed(studio.straight, (62, 34, 26), bearded)
    closed = drawings.mixed(drawn, (150, 90, 85), drawings.area(drawn, face.polygon(OUTER_LIPS), 1.0))
    assert mouth_open.inside_of_mouth(regions_of(closed, analyser.person(closed), face), face) < 0.03


@pytest.mark.parametrize("gains", [(0.75, 0.9, 1.0), (1.0, 0.81, 0.81), (1.0, 0.9, 0.75)])
def test_light_tints_wall_and_eyes_a_wall_of_another_colour_only_itself(
    gains: tuple[float, float, float], studio: Studio, analyser: FaceNetworks
) -> None:
    def off(rgb: Rgb) -> float:
        regions = regions_of(rgb, analyser.person(rgb), studio.face)
        return color_cast.measure_light(regions.tones(regions.background), regions.each_eye(studio.face))

    other_wall = images.on_wall(studio.person, [part * gain for part, gain in zip(LIGHT_BLUE, gains, strict=True)])
    other_wall = images.rolled(other_wall, -studio.person[2].tilt)
    assert off(studio.straight) == 0.0
    assert off(images.scaled(studio.straight, *gains)) > 0.05
    assert off(other_wall) < 0.05


def test_a_turn_is_told_from_a_lean_and_from_eyes_that_stay_on_the_camera(studio: Studio) -> None:
    points = studio.face.mesh.points

    def seen(moved: NDArray[np.float32]) -> float:
        return head_pose.yaw(Face(replace(studio.face.mesh, points=moved)))

    turn, lean = ([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]] for a in np.radians((12, 10)))
    turned, leaning, looking = points.copy(), points.copy(), points.copy()
    turned[:, [0, 2]] = points[:, [0, 2]] @ np.array(turn).astype(np.float32)
    leaning[:, :2] = points[:, :2] @ np.array(lean).astype(np.float32)
    looking[468:, 0] += 6
    assert abs(seen(turned) - seen(points)) == pytest.approx(12, abs=2.5)
    assert seen(leaning) == pytest.approx(seen(points), abs=0.1)
    assert seen(looking) == seen(points)


@pytest.mark.parametrize(("yaw", "pitch"), [(15, 0), (-15, 0), (0, 25), (0, -25)])
def test_a_head_that_is_turned_or_nodded_is_doubted(yaw: float, pitch: float, studio: Studio, judge: Judge) -> None:
    moved = drawings.turned(studio.straight, studio.face, yaw, pitch)
    assert finding(judge, moved, Code.HEAD_POSE).verdict is not Verdict.OK
    assert finding(judge, studio.straight, Code.HEAD_POSE).verdict is Verdict.OK


def test_a_head_that_leans_is_seen_where_uneven_eyes_hide_it(studio: Studio) -> None:
    eyes_off = dict.fromkeys((*LEFT_EYE, *LEFT_IRIS, 468), 0.06 * studio.face.eye_distance)

    def leaning(degrees: float) -> Face:
        points = studio.face.mesh.points.copy()
        points[list(eyes_off), 1] += list(eyes_off.values())
        turn = np.array(cv2.getRotationMatrix2D((240.0, 300.0), -degrees, 1.0))
        points[:, :2] = points[:, :2] @ turn[:, :2].T + turn[:, 2]
        return Face(replace(studio.face.mesh, points=points))

    upright, askew = leaning(0), leaning(8)
    assert abs(upright.tilt) == pytest.approx(3.4, abs=0.2)
    assert abs(eye_tilt.head(upright)) < abs(upright.tilt)
    assert eye_tilt.head(askew) - eye_tilt.head(upright) == pytest.approx(8, abs=0.1)
    assert eye_tilt.head(askew) > askew.tilt


def test_hair_on_one_shoulder_is_no_shoulder(studio: Studio) -> None:
    face, person = studio.face, np.zeros((640, 480), np.float32)
    level = round(face.point(152)[1] + 0.7 * face.length)
    person[level:] = 1
    edge = round(face.axis + 0.9 * face.width)
    person[level - 60 :, edge - 25 : edge] = 1
    both = shoulders.shoulders(person, face)
    assert both is not None
    assert shoulders.measure(*both) == 0
    assert shoulders.shoulders(np.zeros_like(person), face) is None


@pytest.mark.parametrize("cups", [(240, 240, 240), (130, 132, 136)], ids=["white", "grey"])
def test_headphones_cover_the_ears(cups: tuple[int, int, int], studio: Studio, judge: Judge) -> None:
    bare = images.with_long_hair(studio.straight, studio.face, (214, 160, 130))
    assert finding(judge, bare, Code.EARS_HIDDEN).verdict is Verdict.OK
    everything = np.ones(bare.shape[:2], np.float32)
    worn = accessories.with_headphones(bare, studio.face, everything, images.HEAD_TOP, cups)
    assert finding(judge, worn, Code.EARS_HIDDEN).verdict is Verdict.DOUBT


def test_a_wire_that_hangs_from_an_ear_is_doubted_and_drawn(studio: Studio, judge: Judge) -> None:
    bare = images.with_long_hair(studio.straight, studio.face, (214, 160, 130))
    wired = accessories.with_earphones(bare, studio.face, (240, 240, 240), wire=True)
    found = finding(judge, wired, Code.EARS_HIDDEN)
    assert found.verdict is Verdict.DOUBT
    assert [mark.kind for mark in found.marks] == ["line"]
    buds = accessories.with_earphones(bare, studio.face, (240, 240, 240))
    assert finding(judge, buds, Code.EARS_HIDDEN).verdict is Verdict.OK, "not seen without its wire"


@pytest.mark.parametrize("ground", [60, 170], ids=["dark", "fair"])
def test_a_wire_is_thin_and_goes_past_the_whole_jaw(ground: int, studio: Studio) -> None:
    face, far = studio.face, studio.face.axis - 0.5 * studio.face.width

    def line(level: int, thick: int, last: float) -> Rgb:
        """A level picture with a line from the ear down to `last` face lengths below the chin."""
        grey = np.full((640, 480), ground, np.uint8)
        ends = (far, face.eye_middle[1]), (far + 0.1 * face.width, face.point(152)[1] + last * face.length)
        cv2.line(grey, *(tuple(round(part) for part in end) for end in ends), level, thick, cv2.LINE_AA)
        return grey

    assert wire.hanging(line(255, 3, 0.5), face) is not None
    assert wire.hanging(line(0, 3, 0.5), face) is None, "a strand of hair"
    assert wire.hanging(line(ground + 15, 3, 0.5), face) is None, "hardly to be seen"
    assert wire.hanging(line(255, 3, -0.2), face) is None, "an ear-ring"
    assert wire.hanging(line(255, 40, 0.5), face) is None, "hair, a collar"
    strands = np.minimum(line(255, 3, 0.5), np.roll(line(0, 3, 0.5), 9, axis=1))
    assert wire.hanging(np.minimum(strands, np.roll(line(0, 3, 0.5), -9, axis=1)), face) is None, "between strands"


def test_hair_as_light_as_the_skin_over_both_ears_is_doubted(studio: Studio, judge: Judge) -> None:
    bare = images.with_long_hair(studio.straight, studio.face, (214, 160, 130))
    top = round(studio.face.point(10)[1])
    bare[:top][np.abs(bare[:top].astype(int) - LIGHT_BLUE).sum(axis=2) > 60] = (126, 118, 106)  # ash blond above
    assert finding(judge, bare, Code.EARS_HIDDEN).verdict is Verdict.OK
    over = images.with_long_hair(bare, studio.face, (126, 118, 106))
    assert finding(judge, over, Code.EARS_HIDDEN).verdict is Verdict.DOUBT


def test_one_ear_behind_hair_is_doubted_and_that_one_is_drawn(studio: Studio, judge: Judge) -> None:
    bare = images.with_long_hair(studio.straight, studio.face, (214, 160, 130))
    assert finding(judge, bare, Code.EARS_HIDDEN).verdict is Verdict.OK
    found = finding(judge, images.with_long_hair(bare, studio.face, only_left=True), Code.EARS_HIDDEN)
    assert found.verdict is Verdict.DOUBT
    assert [mark.points[0][0] < studio.face.axis for mark in found.marks] == [True]


def test_a_mouth_that_the_points_take_for_closed_is_seen_by_its_inside(
    studio: Studio, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mouth_open, "measure", lambda face: 0.0)
    wide = images.with_open_mouth(studio.straight, studio.face, 0.2)
    assert finding(judge, wide, Code.MOUTH_OPEN).verdict is Verdict.DOUBT
    assert finding(judge, studio.straight, Code.MOUTH_OPEN).verdict is Verdict.OK


def test_a_hand_before_the_mouth_is_seen_by_the_missing_lips(studio: Studio, judge: Judge) -> None:
    covered = painted(studio, [grown(studio.face.polygon(OUTER_LIPS), 1.6, 2.4)])
    assert finding(judge, covered, Code.FACE_COVERED).verdict is Verdict.DOUBT
    assert finding(judge, studio.straight, Code.FACE_COVERED).verdict is Verdict.OK


def test_fingers_over_one_half_of_the_mouth_are_seen_by_the_other_half(
    studio: Studio, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(face_covered, "lips", lambda patch, face: 1.0)
    (left, top), (_, bottom) = studio.face.point(61), studio.face.point(152)
    middle = (left + studio.face.point(291)[0]) / 2
    half = np.array([(left - 15, top - 20), (middle, top - 20), (middle, bottom), (left - 15, bottom)], np.float32)
    found = finding(judge, painted(studio, [half]), Code.FACE_COVERED)
    assert found.verdict is Verdict.DOUBT
    assert finding(judge, studio.straight, Code.FACE_COVERED).verdict is Verdict.OK


def test_a_hand_at_the_cheek_is_seen_by_skin_beside_the_jaw(studio: Studio, judge: Judge) -> None:
    found = finding(judge, drawings.with_hand_at_cheek(studio.straight, studio.face), Code.FACE_COVERED)
    assert found.verdict is Verdict.DOUBT
    assert [mark.kind for mark in found.marks] == ["box"]
    assert found.marks[0].points[0][0] > studio.face.axis


def test_eyes_in_which_nothing_stands_out_are_doubted(studio: Studio, judge: Judge) -> None:
    lids = painted(studio, [grown(studio.face.polygon(part), 1.5, 3.0) for part in (LEFT_EYE, RIGHT_EYE)])
    assert finding(judge, lids, Code.EYES_CLOSED).verdict is not Verdict.OK


@pytest.mark.parametrize("only_left", [False, True])
def test_half_closed_eyes_are_doubted_when_the_points_keep_a_gap(
    only_left: bool, studio: Studio, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eyes_closed, "measure", lambda face: 0.06)
    monkeypatch.setattr(eyes_closed, "uneven", lambda face: False)
    narrowed = drawings.eyes_narrowed(studio.straight, studio.face, 0.1, only_left=only_left)
    assert finding(judge, narrowed, Code.EYES_CLOSED).verdict is Verdict.DOUBT
    assert finding(judge, studio.straight, Code.EYES_CLOSED).verdict is Verdict.OK


def test_eyes_narrow_by_nature_are_more_open_than_wide_ones_half_closed(studio: Studio) -> None:
    face = studio.face
    assert face.mesh.blendshapes is not None

    def opened(lids: float, blink: float) -> Face:
        """The lids so many times as far apart, both eyes blinking so much."""
        points, shapes = face.mesh.points.copy(), face.mesh.blendshapes.copy()
        for upper, lower in (*LEFT_LIDS, *RIGHT_LIDS):
            middle = (points[upper, 1] + points[lower, 1]) / 2
            points[[upper, lower], 1] = middle + lids * (points[[upper, lower], 1] - middle)
        shapes[list(BLINK)] = blink
        return Face(replace(face.mesh, points=points, blendshapes=shapes))

    seen = 0.29  # as much is in sight of both
    assert eyes_closed.openness(opened(0.6, 0.2), seen) > eyes_closed.openness(opened(1.0, 0.2), seen)
    assert eyes_closed.openness(opened(1.0, 0.1), seen) > eyes_closed.openness(opened(1.0, 0.25), seen)


@pytest.mark.parametrize(
    ("opening", "smile", "half"), [(0.2, 0.9, True), (0.3, 0.0, True), (0.3, 0.9, False), (0.36, 0.0, False)]
)
def test_eyes_of_which_much_is_in_sight_are_no_half_closed_ones_whatever_the_blink(
    opening: float, smile: float, half: bool, studio: Studio
) -> None:
    """A smile narrows the eyes: on it less counts as much."""
    expressions = np.zeros(52, np.float32)
    expressions[list(BLINK)], expressions[list(SMILE)] = 0.4, smile
    face = replace(studio.face, mesh=replace(studio.face.mesh, blendshapes=expressions))
    assert eyes_closed._half_closed(face, opening) is half


@pytest.mark.parametrize("draw", [drawings.eyes_narrowed, drawings.lids_lowered])
@pytest.mark.parametrize("only_left", [False, True])
def test_shut_eyes_are_doubted_when_long_lashes_stand_as_high_as_an_iris(
    only_left: bool, draw: Callable[..., Rgb], studio: Studio, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    # what points, expressions and the height of the dark tell of some people
    monkeypatch.setattr(eyes_closed, "gaps", lambda face: (0.05, 0.05))
    monkeypatch.setattr(eyes_closed, "BLINKING", 1.0)
    monkeypatch.setattr(eyes_closed, "NOTHING_SEEN", 0.0)
    monkeypatch.setattr(eyes_closed, "iris_height", lambda *seen: 0.3)
    shut = draw(studio.straight, studio.face, 0.08, only_left=only_left)
    assert finding(judge, shut, Code.EYES_CLOSED).verdict is Verdict.DOUBT
    assert finding(judge, studio.straight, Code.EYES_CLOSED).verdict is Verdict.OK


@pytest.mark.parametrize("light", [1.0, 0.35])
def test_an_iris_has_white_beside_it_and_lashes_have_skin_whatever_the_skins_tone(light: float) -> None:
    rows, columns = np.mgrid[0:60, 0:100].astype(np.float32)
    outline = np.array([(30, 30), (50, 23), (70, 30), (50, 37)], np.float32)
    skin, white, dark = np.float32((62, 14, 18)), np.float32((72, 2, 4)), np.float32((24, 6, 8))
    lashes = np.where((np.abs(rows - 30) < 7)[..., None] & (np.abs(columns - 50) < 18)[..., None], dark * 1.7, skin)
    eye = np.where(((columns - 50) / 20) ** 2 + ((rows - 30) / 7) ** 2 < 1, 1, 0)[..., None]
    eye = np.where(eye > 0, np.where(np.hypot(columns - 50, rows - 30)[..., None] < 8, dark, white), skin)
    opened, shut = (
        eyes_closed.in_sight(Patch((lab * light).astype(np.float32), 0, 0, 1.0), 50.0, outline) for lab in (eye, lashes)
    )
    assert opened > 0.25
    assert shut == 0


def test_a_pale_reflection_over_an_eye_is_seen_by_what_is_dark_no_more(
    studio: Studio, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glasses_reflect, "measure", lambda eyes, whole, face: (0.0, 0.0))
    glare = images.with_glasses(studio.straight, studio.face, glare=0.5)
    assert finding(judge, glare, Code.GLASSES_REFLECT).verdict is Verdict.DOUBT
    closed = painted(studio, [grown(studio.face.polygon(part), 1.5, 3.0) for part in (LEFT_EYE, RIGHT_EYE)])
    for other in (images.with_glasses(studio.straight, studio.face), closed):
        assert finding(judge, other, Code.GLASSES_REFLECT).verdict is Verdict.OK


def test_grey_lenses_before_dark_skin_are_seen_by_the_lids(
    studio: Studio, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the white of an eye three times as bright as the cheek, its contrast below 0.7
    monkeypatch.setattr(glasses_tint, "ratios", lambda eyes, whole, face: (1.5, 0.65))
    grey = drawings.with_square_glasses(studio.straight, studio.face, tint=0.45)
    assert finding(judge, grey, Code.GLASSES_TINT).verdict is Verdict.DOUBT
    assert finding(judge, studio.straight, Code.GLASSES_TINT).verdict is Verdict.OK


def test_a_burnt_fortieth_of_the_skin_is_doubted(standard: Standard) -> None:
    band = standard.profile("base").rule(Code.OVEREXPOSED).band
    wall = np.full((100, 3), 252, np.uint8)
    skin = np.full((800, 3), 200, np.uint8)
    skin[:8, 0] = 255  # a gleam
    assert band.judge(overexposed.measure(skin, wall)) is Verdict.OK
    skin[:20, 0] = 255
    assert band.judge(overexposed.measure(skin, wall)) is Verdict.DOUBT


def test_browner_skin_before_a_wall_in_its_own_colour_is_never_sent_back(studio: Studio, judge: Judge) -> None:
    large, alpha, face, top = studio.person
    browner = images.scaled(large, 1.0, 0.72, 0.42)
    before_blue = images.on_wall((browner, alpha, face, top))
    assert finding(judge, before_blue, Code.COLOR_CAST).verdict is Verdict.DOUBT
    everything = images.scaled(images.on_wall(studio.person), 1.0, 0.72, 0.42)
    assert finding(judge, everything, Code.COLOR_CAST).verdict is Verdict.BAD


@pytest.mark.parametrize("gains", [(0.75, 0.9, 1.0), (1.0, 0.65, 0.95)])
def test_light_that_leaves_the_skin_in_its_range_is_seen_on_the_whites_of_the_eyes(
    gains: tuple[float, float, float], studio: Studio, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(color_cast, "measure", lambda skin: 0.0)
    tinted = images.scaled(studio.straight, *gains)
    assert finding(judge, tinted, Code.COLOR_CAST).verdict is Verdict.DOUBT
    assert finding(judge, studio.straight, Code.COLOR_CAST).verdict is Verdict.OK
    lenses = images.with_glasses(tinted, studio.face, tint=0.85)
    assert finding(judge, lenses, Code.COLOR_CAST).verdict is Verdict.OK  # nothing is seen of the eyes


@pytest.mark.parametrize("colour", [(0, 0, 0), (200, 30, 40), (255, 255, 255)])
def test_text_is_found_in_any_colour(colour: tuple[int, int, int], studio: Studio, judge: Judge) -> None:
    drawn = studio.straight.copy()
    cv2.putText(drawn, "2026 11 02", (20, 40), cv2.FONT_HERSHEY_SIMPLEX, 0.7, colour, 2, cv2.LINE_AA)
    found = finding(judge, drawn, Code.FRAME_OR_TEXT)
    assert found.verdict is Verdict.DOUBT
    (left, top), (right, bottom) = found.marks[0].points
    assert left < 40
    assert right > 120
    assert 15 < top < bottom < 60


def test_an_allowed_quality_is_no_visible_compression(studio: Studio, judge: Judge) -> None:
    assert finding(judge, studio.straight, Code.COMPRESSION, quality=60).verdict is Verdict.OK


@pytest.mark.parametrize("colour", [(90, 230, 155), (115, 140, 255), (180, 100, 240)])
def test_the_soft_gleam_of_a_coating_is_a_reflection(
    colour: tuple[int, int, int], studio: Studio, judge: Judge
) -> None:
    gleam = drawings.with_coating(studio.straight, studio.face, 0.6, colour)
    assert finding(judge, gleam, Code.GLASSES_REFLECT).verdict is not Verdict.OK
    clear = drawings.with_coating(studio.straight, studio.face, 0.0, colour)
    assert finding(judge, clear, Code.GLASSES_REFLECT).verdict is Verdict.OK


@pytest.mark.parametrize("at", [-0.35, 0.35])
def test_a_pale_window_beside_the_iris_is_a_reflection(at: float, studio: Studio, judge: Judge) -> None:
    dim = images.scaled(studio.straight, 0.6)
    mirrored = drawings.with_window_glare(dim, studio.face, 0.6, at)
    assert finding(judge, mirrored, Code.GLASSES_REFLECT).verdict is Verdict.DOUBT
    clear = drawings.with_window_glare(dim, studio.face, 0.0, at)
    assert finding(judge, clear, Code.GLASSES_REFLECT).verdict is Verdict.OK


def test_wide_whites_of_eyes_in_dark_skin_are_no_window(
    studio: Studio, analyser: FaceNetworks, monkeypatch: pytest.MonkeyPatch
) -> None:
    face = studio.face
    whites = sum(drawings.area(studio.straight, face.polygon(eye)) for eye in (LEFT_EYE, RIGHT_EYE))
    dark = images.scaled(studio.straight, 0.35)
    wide = drawings.mixed(dark, (205, 205, 205), np.asarray(whites, np.float32))
    parts = regions_of(wide, analyser.person(wide), face)
    monkeypatch.setattr(glasses_reflect, "RIM", np.ones((3, 3), np.uint8))  # her eyes are narrow
    assert glasses_reflect.faint(parts.eyes, parts.whole, face)[1] == 0
    monkeypatch.setattr(glasses_reflect, "BEYOND", -1.0)
    assert glasses_reflect.faint(parts.eyes, parts.whole, face)[1] > glasses_reflect.PANES


@pytest.mark.parametrize("skin", [(30.0, 7.0, 8.0), (70.0, 14.0, 18.0)], ids=["dark", "fair"])
def test_a_lock_as_light_as_the_skin_over_one_brow_is_told_by_its_tint(
    skin: tuple[float, float, float], studio: Studio
) -> None:
    lab = np.full((320, 240, 3), skin, np.float32)
    assert not eyes_hidden.one_brow_covered(Patch(lab, 0, 0, 0.5), studio.face)
    brow = studio.face.polygon(BROW_LINES[0])[:, 0] / 2
    eyes = int(studio.face.eye_middle[1] / 2)
    lab[:eyes, int(brow.min()) : int(brow.mean())] = (skin[0], 0, 0)
    assert eyes_hidden.one_brow_covered(Patch(lab, 0, 0, 0.5), studio.face)
    lab[:] = (skin[0], 0, 0)
    assert not eyes_hidden.one_brow_covered(Patch(lab, 0, 0, 0.5), studio.face), "both alike"


def test_light_of_two_colours_is_doubted(studio: Studio, judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(half_face, "measure", lambda left, right: 0.0)  # the portrait has a darker side
    mixed = finding(judge, drawings.two_lights(studio.straight, studio.face, 0.6), Code.HALF_FACE)
    assert (mixed.verdict, mixed.reason) == (Verdict.DOUBT, "colours")
    assert finding(judge, drawings.two_lights(studio.straight, studio.face, 0.1), Code.HALF_FACE).verdict is Verdict.OK


@pytest.mark.parametrize("skin", [(222, 180, 155), (82, 60, 48)])
def test_light_of_two_colours_is_measured_alike_on_any_skin(skin: tuple[int, int, int]) -> None:
    left = np.tile(np.array(skin, np.uint8), (50, 1))
    warm = np.asarray(left * np.array((1.0, 0.95, 0.85)), np.uint8)
    assert half_face.two_lights(left, np.asarray(left * 0.8, np.uint8)) < half_face.TWO_LIGHTS
    assert half_face.two_lights(warm, left) > half_face.TWO_LIGHTS


def test_the_shadows_of_the_same_light_are_no_light_of_two_colours() -> None:
    """A picture with much contrast has more colour where it is darker; a tint of its own stays when like meets like."""
    light = np.linspace(0.25, 1, 400)[:, None]
    skin = np.asarray(255 * (np.array((0.9, 0.62, 0.47)) * light) ** 1.5, np.uint8)
    shaded, lit = skin[:300], skin[100:]
    assert half_face.two_lights(shaded, shaded) == 0
    assert half_face.two_lights(shaded, lit) < half_face.TWO_LIGHTS
    assert half_face.two_lights(shaded, np.asarray(lit * np.array((1.0, 0.93, 0.8)), np.uint8)) > half_face.TWO_LIGHTS


def test_a_garment_that_the_mask_takes_for_the_wall_is_doubted(
    studio: Studio, analyser: FaceNetworks, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = studio.straight.copy()
    low, left = studio.face.point(152)[1] + 0.3 * studio.face.length, studio.face.axis - 0.3 * studio.face.width
    gone[round(low) :, : round(left)] = images.LIGHT_BLUE
    seen = analyser.person

    def person(rgb: Rgb, *, small: bool = False) -> np.ndarray:
        mask = seen(rgb, small=small).copy()
        mask[round(low) :, : round(left)] = 0
        return mask

    monkeypatch.setattr(analyser, "person", person)
    found = finding(judge, gone, Code.CLOTH_LIKE_BG)
    assert found.verdict is Verdict.DOUBT
    ((mark_left, top), (right, bottom)) = found.marks[0].points
    assert mark_left < right < left
    assert low < top < bottom
    # orange beside the collar: no person there, but no wall either
    assert finding(judge, studio.straight, Code.CLOTH_LIKE_BG).verdict is Verdict.OK


def test_a_rim_across_the_pupils_covers_the_eyes_and_one_round_them_does_not(studio: Studio, judge: Judge) -> None:
    face, across = studio.face, studio.straight.copy()
    for x, y in face.pupils:
        reach = 0.17 * face.width
        cv2.line(across, (round(x - reach), round(y)), (round(x + reach), round(y)), (92, 70, 62), 5, cv2.LINE_AA)
    round_them = images.with_glasses(studio.straight, face)
    assert finding(judge, across, Code.GLASSES_FRAME).verdict is Verdict.DOUBT
    assert finding(judge, round_them, Code.GLASSES_FRAME).verdict is Verdict.OK
