"""The live view: one hint, the most useful one, and no flicker."""

from __future__ import annotations

import itertools

import numpy as np
from PIL import Image

from backend.compliance.codes import Code
from backend.compliance.findings import Mode, Report
from backend.compliance.hints import FRAMES_BEFORE_CHANGE, Hint, Shown, next_hint, steady
from tests.compliance.conftest import Judge
from tests.compliance.portraits import Studio
from tests.images import jpeg


def frame(studio: Studio, **moved: float) -> bytes:
    picture = Image.fromarray(studio.moved(**moved))  # type: ignore[arg-type]
    return jpeg(np.asarray(picture.resize((360, 480))), 80)


def hints(reports: list[Report]) -> list[Hint | None]:
    shown, seen = Shown(), []
    for report in reports:
        shown = steady(shown, report)
        seen.append(shown.hint)
    return seen


def test_the_distance_comes_before_the_smile(studio: Studio, judge: Judge) -> None:
    far = judge(frame(studio, zoom=0.6), mode=Mode.FRAME)
    assert next_hint(far) == Hint(Code.FACE_WIDTH, "low")
    right = judge(frame(studio), mode=Mode.FRAME)
    assert next_hint(right) == Hint(Code.MOUTH_OPEN, "high")  # all that is left: the portrait smiles


def test_where_the_head_ends_is_asked_when_nothing_stands_before_it(studio: Studio, judge: Judge) -> None:
    right, far = (judge(frame(studio, zoom=zoom), mode=Mode.FRAME) for zoom in (1.0, 0.6))
    assert right.finding(Code.HEAD_TOP) is not None
    assert far.finding(Code.HEAD_TOP) is None  # the hint is the distance, wherever the head ends
    high = judge(frame(studio, zoom=1.2, down=-35), mode=Mode.FRAME)
    assert next_hint(high) == Hint(Code.HEAD_TOP, "low")


def test_nobody_in_view_is_said_first(judge: Judge) -> None:
    empty = judge(jpeg(np.full((480, 360, 3), 210, np.uint8)), mode=Mode.FRAME)
    assert next_hint(empty) == Hint(Code.NO_FACE, "low")


def test_a_shaking_hand_at_a_limit_does_not_make_the_hint_flicker(studio: Studio, judge: Judge) -> None:
    # a sequence round the width limit, where frame by frame the hint would change back and forth
    zooms = [0.80, 0.84, 0.81, 0.85, 0.82, 0.86, 0.81, 0.85, 0.83, 0.86, 0.82, 0.85]
    reports = [judge(frame(studio, zoom=zoom), mode=Mode.FRAME) for zoom in zooms]
    shown = hints(reports)
    changes = sum(first != second for first, second in itertools.pairwise(shown))
    assert changes <= 1, shown


def test_a_solved_problem_gives_way_after_a_few_frames(studio: Studio, judge: Judge) -> None:
    far, near = (judge(frame(studio, zoom=zoom), mode=Mode.FRAME) for zoom in (0.6, 1.0))
    shown = hints([far] * FRAMES_BEFORE_CHANGE + [near] * FRAMES_BEFORE_CHANGE)
    assert shown[FRAMES_BEFORE_CHANGE - 1] == Hint(Code.FACE_WIDTH, "low")
    assert shown[-2] == Hint(Code.FACE_WIDTH, "low")
    assert shown[-1] == Hint(Code.MOUTH_OPEN, "high")
