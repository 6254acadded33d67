"""Whether a picture has room for a frame in all three windows is decided apart from the search for the frame."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.compliance.codes import Code
from backend.compliance.normalise import Head, has_room, propose
from backend.compliance.standard import load_standard
from backend.settings import PROJECT

BASE = load_standard(PROJECT / "config" / "photo-standard.toml").profile("base")
ROUNDING = 1.5  # pixels of the written picture: a frame has whole pixels, and one of 160 widths


def misses(head: Head, size: tuple[int, int]) -> float:
    """Pixels by which the proposed frame misses its worst window; negative inside all three."""
    frame = propose(head, size, BASE)
    assert frame is not None
    scale = 480 / frame.width
    placed = {
        Code.HEAD_TOP: (head.top - frame.y) * scale,
        Code.EYE_LINE: (head.eyes - frame.y) * scale,
        Code.FACE_WIDTH: head.width * scale,
    }
    bands = {code: BASE.rule(code).band for code in placed}
    return max(max((bands[code].low or 0) - value, value - (bands[code].high or 0)) for code, value in placed.items())


@settings(max_examples=300, deadline=None)
@given(
    width=st.integers(900, 4000),
    height=st.floats(0.8, 1.8),
    face=st.floats(0.36, 0.9),
    top=st.floats(0.0, 0.5),
    eyes=st.floats(0.5, 1.4),
)
def test_a_picture_with_room_gets_a_frame_in_all_windows_and_one_without_has_none(
    width: int, height: float, face: float, top: float, eyes: float
) -> None:
    size = width, int(width * height)
    head = Head(top=top * size[1], eyes=top * size[1] + eyes * face * width, axis=width / 2, width=face * width)
    if has_room(head, size, BASE):
        assert misses(head, size) <= ROUNDING
    else:
        assert misses(head, size) > 0


def test_a_head_in_the_middle_of_a_large_picture_has_room_and_one_at_the_edge_has_none() -> None:
    size = 3000, 4000
    assert has_room(Head(top=1000, eyes=1700, axis=1500, width=900), size, BASE)
    assert not has_room(Head(top=0, eyes=700, axis=1500, width=900), size, BASE)
    assert not has_room(Head(top=1000, eyes=1700, axis=1500, width=2200), size, BASE), "the face fills the picture"
