"""The way through the engine: frame, registration file, report, threads, standard."""

from __future__ import annotations

import io
import json
import tomllib
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from backend.adapters.faces import FaceNetworks
from backend.compliance.assess import assess
from backend.compliance.checks.check import Check, Observation, find
from backend.compliance.codes import Code
from backend.compliance.colour import difference
from backend.compliance.decode import open_source
from backend.compliance.findings import Mode, Report, Verdict
from backend.compliance.normalise import Frame, Head, cut, propose, write
from backend.compliance.standard import Band, Standard, StandardError, standard_from
from backend.settings import PROJECT
from tests import images
from tests.compliance.conftest import Judge
from tests.compliance.portraits import Studio

SHARMA = (  # pairs and differences of the table in Sharma, Wu, Dalal 2005
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
    ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0011), 7.2195),
    ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((90.8027, -2.0831, 1.441), (91.1528, -1.6435, 0.0447), 1.4441),
    ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
)


@pytest.mark.parametrize(("first", "second", "expected"), SHARMA)
def test_the_colour_difference_agrees_with_the_published_table(first: Any, second: Any, expected: float) -> None:
    assert difference(first, second) == pytest.approx(expected, abs=1e-4)
    assert difference(second, first) == pytest.approx(expected, abs=1e-4)


def wide_picture(studio: Studio) -> np.ndarray:
    """A raw picture with much room round the portrait."""
    picture = np.full((2000, 1600, 3), images.LIGHT_BLUE, np.uint8)
    portrait = np.asarray(Image.fromarray(studio.straight).resize((960, 1280)))
    picture[720:2000, 320:1280] = portrait
    return picture


def test_a_capture_with_room_lands_in_all_windows(studio: Studio, judge: Judge) -> None:
    report = judge(images.jpeg(wide_picture(studio)), mode=Mode.CAPTURE)
    assert report.frame is not None
    for code in (Code.HEAD_TOP, Code.EYE_LINE, Code.FACE_WIDTH, Code.CENTERING, Code.PIXEL_SIZE, Code.SIZE_HIGH):
        assert report.finding(code).verdict is Verdict.OK, code  # type: ignore[union-attr]


def test_the_registration_file_is_what_the_standard_asks_for(
    studio: Studio, analyser: FaceNetworks, standard: Standard
) -> None:
    content = images.jpeg(wide_picture(studio))
    first, second = (
        assess(content, file_name="a.jpg", mode=Mode.CAPTURE, standard=standard, profile="base", analyser=analyser)
        for _ in range(2)
    )
    written = first.registration_jpeg
    assert written is not None
    assert written == second.registration_jpeg  # repeatable to the byte
    assert first.judged_jpeg == written
    assert 20 * 1024 <= len(written) <= 40 * 1024
    with Image.open(io.BytesIO(written)) as image:
        assert (image.size, image.mode, image.info["dpi"]) == ((480, 640), "RGB", (300, 300))
        assert not image.getexif()
    again = assess(written, file_name="a.jpg", mode=Mode.FINAL, standard=standard, profile="base", analyser=analyser)
    assert again.report.finding(Code.JPEG_QUALITY).verdict is Verdict.OK  # type: ignore[union-attr]


@pytest.mark.parametrize("top", [200.0, 300.0, 400.0])
@pytest.mark.parametrize("height", [0.75, 0.95, 1.1])
def test_every_head_with_room_gets_a_frame_inside_all_windows(top: float, height: float, standard: Standard) -> None:
    profile = standard.profile("base")
    width = 600.0
    head = Head(top=top + 600, eyes=top + 600 + height * width, axis=2000.0, width=width)
    frame = propose(head, (4000, 5000), profile)
    assert frame is not None
    scale = 480 / frame.width
    assert 50 <= (head.top - frame.y) * scale <= 110
    assert 200 <= (head.eyes - frame.y) * scale <= 300
    assert 180 <= head.width * scale <= 300
    assert frame.height * 3 == frame.width * 4


def test_a_head_at_the_edge_gets_the_best_frame_there_is(standard: Standard) -> None:
    frame = propose(Head(top=5, eyes=500, axis=500, width=500), (1000, 1300), standard.profile("base"))
    assert frame is not None
    assert 0 <= frame.x <= 1000 - frame.width
    assert 0 <= frame.y <= 1300 - frame.height


def test_without_a_face_only_the_file_and_the_missing_face_are_reported(judge: Judge) -> None:
    report = judge(images.jpeg(np.full((640, 480, 3), 220, np.uint8)), mode=Mode.CAPTURE)
    assert [finding.code for finding in report.hard_bad] == [Code.NO_FACE]
    assert report.finding(Code.EYES_CLOSED) is None


def test_a_report_survives_json(studio: Studio, judge: Judge) -> None:
    report = judge(images.jpeg(studio.straight))
    assert Report.from_dict(json.loads(json.dumps(report.as_dict()))) == report
    with pytest.raises(ValueError, match="version"):
        Report.from_dict({**report.as_dict(), "version": 99})


def test_a_check_that_cannot_measure_says_unknown_and_does_not_stop_the_others(standard: Standard) -> None:
    from tests.compliance.test_engine_parts import prepared

    def fails(prepared: Any, rule: Any) -> Observation:
        raise ValueError("too few pixels")

    finding = find(Check(Code.BLUR, fails), prepared(), standard.profile("base").rule(Code.BLUR))
    assert (finding.verdict, finding.reason) == (Verdict.UNKNOWN, "not_measurable")


def test_eight_threads_say_the_same_as_one(studio: Studio, judge: Judge) -> None:
    # different pictures at the same time: whatever two threads shared would show one the other's
    walls = [(100, 197, 255), (255, 255, 255), (240, 240, 240), (200, 60, 60)]
    pictures = [
        (images.jpeg(np.roll(images.on_wall(studio.person, wall), shift, axis=1)), mode)
        for wall in walls
        for shift, mode in ((0, Mode.FINAL), (-40, Mode.FINAL), (25, Mode.CAPTURE), (0, Mode.FRAME))
    ]

    def judged(picture: tuple[bytes, Mode]) -> Report:
        return replace(judge(picture[0], mode=picture[1]), milliseconds=0)

    alone = [judged(picture) for picture in pictures]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(judged, pictures * 2)) == alone * 2


def test_a_limit_itself_is_inside_and_tolerance_is_not_doubt() -> None:
    band = Band(low=50, high=110, bad_low=42, bad_high=118, tolerance=3)
    judged = [band.judge(value) for value in (50, 110, 47, 113, 46.9, 42, 41.9, 118.1)]
    ok, doubt, bad = Verdict.OK, Verdict.DOUBT, Verdict.BAD
    assert judged == [ok, ok, ok, ok, doubt, doubt, bad, bad]


def test_what_is_only_asked_about_is_never_bad_and_right_values_stay() -> None:
    band = Band(low=50, high=110, bad_low=42, bad_high=118)
    assert [band.judge(band.asked(value)) for value in (0, 60, 500)] == [Verdict.DOUBT, Verdict.OK, Verdict.DOUBT]
    assert Band(high=1).asked(7) == 7


def raw_standard() -> dict[str, Any]:
    with (PROJECT / "config" / "photo-standard.toml").open("rb") as file:
        return tomllib.load(file)


def broken(*path: str, value: Any) -> dict[str, Any]:
    data = deepcopy(raw_standard())
    place: Any = data
    for key in path[:-1]:
        place = place.setdefault(key, {})
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (broken("checks", "head_top", "hihg", value=1), "hihg"),
        (broken("checks", "head_top", "source", value=None), "source"),
        (broken("checks", "head_top", value=None), "head_top"),
        (broken("checks", "head_top", "low", value=500), "order"),
        (broken("checks", "head_top", "low", value="fifty"), "number"),
        (broken("checks", "bg_color", "colours", value=[[1, 2]]), "colour"),
        (broken("profiles", "base", "checks", value={"nose": {"source": "x"}}), "nose"),
        (broken("profiles", "base", "checks", value={"blur": {"high": 1}}), "source"),
        (broken("target", "depth", value=24), "depth"),
        (broken("surprise", value=1), "surprise"),
    ],
)
def test_a_faulty_standard_stops_the_start(data: dict[str, Any], message: str) -> None:
    with pytest.raises(StandardError, match=message):
        standard_from(data)


def test_profiles_override_only_what_they_name(standard: Standard) -> None:
    base, fujian = standard.profile("base"), standard.profile("xinhua-fujian")
    assert fujian.rule(Code.BG_COLOR).colours == ((100, 197, 255),)
    assert fujian.rule(Code.HEAD_TOP) == base.rule(Code.HEAD_TOP)
    with pytest.raises(StandardError, match="no profile"):
        standard.profile("mars")


def test_white_is_wrong_where_only_blue_is_allowed(studio: Studio, judge: Judge) -> None:
    white = images.jpeg(images.on_wall(studio.person, (255, 255, 255)))
    assert judge(white).finding(Code.BG_COLOR).verdict is Verdict.OK  # type: ignore[union-attr]
    assert judge(white, profile="xinhua-fujian").finding(Code.BG_COLOR).verdict is Verdict.BAD  # type: ignore[union-attr]


def test_the_frame_on_record_gives_the_registration_file_again_to_the_byte(
    studio: Studio, analyser: FaceNetworks, standard: Standard
) -> None:
    content = images.jpeg(wide_picture(studio))
    made = assess(content, file_name="a.jpg", mode=Mode.CAPTURE, standard=standard, profile="base", analyser=analyser)
    assert made.report.frame is not None
    target = standard.profile("base").target
    again = write(cut(open_source(content, standard.intake), Frame(*made.report.frame), target), target)
    assert again == made.registration_jpeg


def test_a_head_that_the_raw_picture_cuts_off_is_said_and_sent_back(studio: Studio, judge: Judge) -> None:
    whole = wide_picture(studio)
    cut_off = judge(images.jpeg(whole[930:]), mode=Mode.CAPTURE)
    finding = cut_off.finding(Code.HEAD_TOP)
    assert finding is not None
    assert (finding.verdict, finding.reason) == (Verdict.BAD, "cut")
    little = judge(images.jpeg(whole[860:]), mode=Mode.CAPTURE).finding(Code.HEAD_TOP)
    assert little is not None
    assert (little.verdict, little.reason) == (Verdict.DOUBT, "low")


@pytest.mark.parametrize(
    ("size", "kind", "times"), [((4000, 4001), "PNG", 1), ((4000, 4001), "JPEG", 0), ((900, 1200), "PNG", 0)]
)
def test_the_networks_make_room_for_large_pictures_that_are_held_whole(
    size: tuple[int, int], kind: str, times: int, judge: Judge, analyser: FaceNetworks, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    monkeypatch.setattr(analyser, "make_room", lambda: made.append(True))
    judge(images.encoded(np.full((*size, 3), 200, np.uint8), kind), mode=Mode.CAPTURE)
    assert len(made) == times
