"""Light and colour of the person alone, whatever the wall is like."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from backend.compliance.codes import Code
from backend.compliance.findings import Finding, Verdict
from tests import drawings, images
from tests.compliance.conftest import Judge
from tests.compliance.portraits import Studio
from tests.images import Rgb, jpeg


def finding(judge: Judge, rgb: Rgb, code: Code) -> Finding:
    found = judge(jpeg(rgb, 92)).finding(code)
    assert found is not None
    return found


def changed(studio: Studio, change: Callable[[Rgb], Rgb]) -> Rgb:
    """The person changed, before the same wall."""
    large, *rest = studio.person
    return images.rolled(images.on_wall((change(large), *rest)), -studio.person[2].tilt)  # type: ignore[arg-type]


def less_colour(rgb: Rgb, left: float) -> Rgb:
    grey = cv2.cvtColor(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return np.asarray(cv2.addWeighted(rgb, left, grey, 1 - left, 0), np.uint8)


def stops_darker(rgb: Rgb, stops: float) -> Rgb:
    return drawings.gamma(np.asarray(drawings.gamma(rgb, 2.2) * 2.0**-stops, np.uint8), 1 / 2.2)


def test_a_grey_person_before_a_blue_wall_is_not_in_colour(studio: Studio, judge: Judge) -> None:
    grey = changed(studio, lambda rgb: less_colour(rgb, 0.0))
    assert finding(judge, grey, Code.NOT_COLOR).verdict is not Verdict.OK
    faded = changed(studio, lambda rgb: less_colour(rgb, 0.2))
    assert finding(judge, faded, Code.NOT_COLOR).verdict is not Verdict.OK
    assert finding(judge, studio.straight, Code.NOT_COLOR).verdict is Verdict.OK


def test_a_person_in_the_dark_before_a_bright_wall_is_asked_about_and_never_sent_back(
    studio: Studio, judge: Judge
) -> None:
    found = [
        finding(judge, changed(studio, lambda rgb, by=by: stops_darker(rgb, by)), Code.UNDEREXPOSED) for by in (0, 3)
    ]
    assert [one.verdict for one in found] == [Verdict.OK, Verdict.DOUBT]
    assert found[1].reason == "against_light"


def test_a_shadow_over_the_upper_face_is_asked_about(studio: Studio, judge: Judge) -> None:
    rgb, face = studio.straight, studio.face
    rows = np.arange(rgb.shape[0], dtype=np.float32)[:, None]
    below = face.eye_middle[1] + 0.08 * face.length
    share = drawings.oval(rgb, face, 1.2) / (1 + np.exp((rows - below) / 4))
    shaded = drawings.mixed(rgb, stops_darker(rgb, 1.5), np.asarray(share, np.float32))
    found = finding(judge, shaded, Code.HALF_FACE)
    assert (found.verdict, found.reason) == (Verdict.DOUBT, "above")
    assert finding(judge, rgb, Code.HALF_FACE).reason != "above"
