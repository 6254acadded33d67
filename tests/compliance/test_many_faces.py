"""Other people in a raw picture: the whole picture counts, not only the part that is cut out."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from backend.adapters.faces import FaceNetworks
from backend.compliance.codes import Code
from backend.compliance.findings import Finding, Mode, PictureVerdict, Verdict
from backend.demo.pictures import Studio as DemoStudio
from backend.demo.pictures import Wish
from tests import images
from tests.compliance.conftest import Judge
from tests.compliance.portraits import Studio
from tests.compliance.test_engine import wide_picture


def many_faces(judge: Judge, content: bytes, mode: Mode = Mode.CAPTURE) -> Finding:
    finding = judge(content, mode=mode).finding(Code.MANY_FACES)
    assert finding is not None
    return finding


def with_neighbour(studio: Studio, width: int) -> bytes:
    """A raw picture with a second head of that width at its right edge, outside any frame."""
    raw = wide_picture(studio)
    face = studio.face
    left, top = (int(part) for part in face.points.min(axis=0) - 40)
    right, bottom = (int(part) for part in face.points.max(axis=0) + 40)
    head = studio.straight[max(0, top) : bottom, max(0, left) : right]
    head = np.asarray(cv2.resize(head, (width, round(width * head.shape[0] / head.shape[1]))), np.uint8)
    raw[40 : 40 + head.shape[0], 1600 - width :] = head
    return images.jpeg(raw)


def test_two_people_side_by_side_are_sent_back(analyser: FaceNetworks, judge: Judge) -> None:
    content = DemoStudio(analyser).take(Wish(people=2))
    finding = many_faces(judge, content)
    assert (finding.verdict, finding.value) == (Verdict.BAD, 2)
    assert finding.reason == "outside"
    assert judge(content, mode=Mode.CAPTURE).verdict is PictureVerdict.RETAKE


@pytest.mark.parametrize(("width", "counted"), [(100, 1), (160, 1), (420, 2)])
def test_a_neighbour_counts_and_a_small_face_that_is_cut_off_does_not(
    studio: Studio, judge: Judge, width: int, counted: int
) -> None:
    assert many_faces(judge, with_neighbour(studio, width)).value == counted


def test_the_mark_of_a_neighbour_stays_on_the_judged_picture(studio: Studio, judge: Judge) -> None:
    finding = many_faces(judge, with_neighbour(studio, 420))
    assert finding.marks
    assert all(0 <= x <= 480 and 0 <= y <= 640 for mark in finding.marks for x, y in mark.points)


@pytest.mark.parametrize("share", [0.3, 0.4])
def test_less_than_half_a_face_at_the_edge_is_left_to_a_person(share: float, studio: Studio, judge: Judge) -> None:
    beside = images.on_wall(studio.person, right=round(240 + (0.5 - share) * images.FACE_WIDTH))
    finding = many_faces(judge, images.jpeg(images.on_wall(studio.person, beside)), Mode.FINAL)
    assert (finding.verdict, finding.reason) == (Verdict.UNKNOWN, "at_the_edge")
    assert all(x > 470 for mark in finding.marks for x, _ in mark.points)
    alone = many_faces(judge, images.jpeg(images.on_wall(studio.person)), Mode.FINAL)
    assert alone.verdict is Verdict.OK
