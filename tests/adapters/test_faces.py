"""The models as they are run: what saves time answers as what it stands in for."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from backend.adapters.detector_net import network, weights_of
from backend.adapters.faces import DETECTION_SIDE, DETECTOR, MIN_SCORE, SEGMENTER, FaceNetworks
from backend.adapters.smaller_net import with_size
from backend.compliance.decode import Metadata
from backend.compliance.findings import Mode
from backend.compliance.prepare import FileFacts, head_top, prepare, with_head_top
from backend.settings import PROJECT
from tests.compliance.portraits import Studio

MODEL = (PROJECT / "models" / SEGMENTER).read_bytes()
YUNET = str(PROJECT / "models" / DETECTOR)


@pytest.fixture(scope="module")
def analyser() -> FaceNetworks:
    return FaceNetworks(PROJECT / "models")


def test_a_network_for_its_own_size_is_the_file_itself() -> None:
    assert with_size(MODEL, 256, 256) == MODEL


@pytest.mark.parametrize(("rows", "columns"), [(144, 208), (256, 128), (16, 256)])
def test_a_network_made_smaller_answers_in_that_size(rows: int, columns: int) -> None:
    net = cv2.dnn.readNetFromTFLite(np.frombuffer(with_size(MODEL, rows, columns), np.uint8))
    net.setInput(np.full((1, 3, rows, columns), 0.5, np.float32))
    assert net.forward().shape == (1, 1, rows, columns)


@pytest.mark.parametrize(("rows", "columns"), [(150, 256), (256, 100), (0, 256), (272, 256), (256, -16)])
def test_a_size_that_the_network_cannot_have_is_refused(rows: int, columns: int) -> None:
    with pytest.raises(ValueError, match="no size"):
        with_size(MODEL, rows, columns)


@pytest.mark.parametrize("content", [b"", b"no network at all", MODEL[:500], MODEL[: len(MODEL) // 2]])
def test_bytes_that_are_no_network_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="no network"):
        with_size(content, 144, 208)


@pytest.mark.parametrize("zoom", [0.85, 1.0, 1.2])
@pytest.mark.parametrize("down", [-20, 0, 25])
def test_the_part_round_the_head_shows_the_same_top(analyser: FaceNetworks, zoom: float, down: int) -> None:
    frame = np.asarray(cv2.resize(Studio(analyser).moved(zoom=zoom, down=down), (360, 480)), dtype=np.uint8)
    metadata = Metadata("JPEG", 24, "RGB", None, (), "", "")
    facts = FileFacts(None, 0, (360, 480), metadata, metadata)
    prepared = prepare(frame, mode=Mode.FRAME, file=facts, analyser=analyser)
    assert prepared.face is not None
    assert prepared.head_top is None
    seen = with_head_top(prepared, analyser).head_top
    assert seen == pytest.approx(head_top(analyser.person(frame), prepared.face), abs=3)  # 4 of 640 rows


def test_networks_that_made_room_come_back_with_the_same_answers(analyser: FaceNetworks) -> None:
    picture = Studio(analyser).moved()
    before = analyser.mesh(picture, analyser.faces(picture)[0]).points
    analyser.make_room()
    assert np.array_equal(analyser.mesh(picture, analyser.faces(picture)[0]).points, before)


@pytest.mark.parametrize("size", [(240, 320), (320, 240), (90, 120), (213, 320), (320, 311), (64, 320), (33, 40)])
def test_the_detector_finds_what_opencv_finds(analyser: FaceNetworks, size: tuple[int, int]) -> None:
    """Two faces, one half as large, on pictures of any shape up to the size that is looked at."""
    sitter = Studio(analyser).moved()
    picture = np.concatenate([sitter, np.pad(cv2.resize(sitter, (240, 320)), ((320, 0), (0, 0), (0, 0)))], axis=1)
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    known = cv2.FaceDetectorYN.create(YUNET, "", size, MIN_SCORE).detect(cv2.cvtColor(small, cv2.COLOR_RGB2BGR))[1]
    found = analyser.faces(small)
    assert max(size) <= DETECTION_SIDE
    assert len(found) == (0 if known is None else len(known))
    rows = [] if known is None else sorted(known.tolist(), key=lambda row: -row[2] * row[3])
    for box, row in zip(found, rows, strict=True):
        assert (box.x, box.y, box.width, box.height) == pytest.approx(row[:4], abs=0.01)
        assert (*box.left_eye, *box.right_eye) == pytest.approx(row[4:8], abs=0.01)
        assert box.score == pytest.approx(row[14], abs=1e-4)


@pytest.mark.parametrize(("rows", "columns"), [(320, 250), (0, 32), (-32, 32), (48, 64)])
def test_a_size_that_the_detector_cannot_have_is_refused(rows: int, columns: int) -> None:
    with pytest.raises(ValueError, match="no size"):
        network(weights_of(YUNET), rows, columns)


def test_a_thread_keeps_few_detectors(analyser: FaceNetworks) -> None:
    for side in (32, 64, 96, 128, 160):
        assert analyser.faces(np.zeros((side, 64, 3), np.uint8)) == ()
    assert [rows for rows, _ in analyser._nets()._detectors] == [96, 128, 160]
