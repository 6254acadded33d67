"""What a file of a bulk upload comes to: the table, row by row, and which row wins."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.bulk.rules import (
    ASSIGNABLE,
    RULES,
    TAKEABLE,
    Facts,
    Match,
    Problem,
    Standing,
    UploadAction,
    UploadClosed,
    UploadState,
    may_take,
    next_upload_state,
    plain_path,
    standing_of,
)
from backend.compliance.findings import PictureVerdict
from backend.exchange.photos import shown_path
from backend.photos.rules import Action, Source, State, is_allowed, may_decide

GOOD = Facts(verdict=PictureVerdict.PASS)

# what is different from a good file of a student who may hand in -> where it stands
ROWS = [
    ({}, Standing.READY),
    ({"verdict": PictureVerdict.REVIEW}, Standing.DOUBTFUL),
    ({"verdict": PictureVerdict.RETAKE}, Standing.RETAKE),
    ({"verdict": None}, Standing.DOUBTFUL),  # could not be judged: never good by itself
    ({"usable": False}, Standing.NO_FACE),
    ({"checked": False, "usable": False, "verdict": None}, Standing.CHECKING),
    ({"problem": Problem.TOO_BIG}, Standing.UNREADABLE),
    ({"problem": "empty", "match": Match.UNKNOWN}, Standing.UNREADABLE),
    ({"match": Match.NO_NUMBER}, Standing.NO_NUMBER),
    ({"match": Match.UNKNOWN}, Standing.UNKNOWN),
    ({"match": Match.NAME_DIFFERS}, Standing.NAME_DIFFERS),
    ({"match": Match.SEVERAL}, Standing.SEVERAL),
    ({"match": "a code of tomorrow"}, Standing.UNKNOWN),
    ({"rivals": 1}, Standing.SECOND_FILE),
    ({"same_picture": True}, Standing.SAME_PICTURE),
    ({"disputed": True, "consent": False}, Standing.DISPUTED),
    ({"confirmed": False, "consent": False}, Standing.UNCONFIRMED),
    ({"consent": False}, Standing.NO_CONSENT),
    ({"live_only": True}, Standing.LIVE_ONLY),
    ({"photo": State.ACCEPTED}, Standing.ACCEPTED),
    ({"photo": State.READY_FOR_REVIEW, "waits": "student"}, Standing.OWN_WAITING),
    ({"photo": State.READY_FOR_REVIEW, "waits": "centre"}, Standing.READY),  # a better scan takes the place of a scan
    ({"photo": State.READY_FOR_REVIEW, "waits": "centre", "sent_before": True}, Standing.SENT_BEFORE),
    ({"photo": State.RETURNED}, Standing.READY),
    ({"photo": State.RETURNED, "sent_before": True}, Standing.SENT_BEFORE),
    ({"photo": State.NEEDS_RETAKE}, Standing.READY),
    ({"photo": State.WITHDRAWN}, Standing.READY),
    ({"photo": State.WITHDRAWN, "sent_before": True}, Standing.SENT_BEFORE),  # the student said no to this one
    ({"asked": True}, Standing.ASKED),
    ({"asked": True, "consent": False}, Standing.NO_CONSENT),  # withdrawn while the worker was on its way
    ({"taken": True, "photo": State.READY_FOR_REVIEW, "sent_before": True}, Standing.TAKEN),
    ({"dropped": True, "match": Match.UNKNOWN}, Standing.DROPPED),
]


@pytest.mark.parametrize(("different", "standing"), ROWS)
def test_a_file_stands_where_the_table_says(different: dict[str, object], standing: Standing) -> None:
    assert standing_of(replace(GOOD, **different)) is standing  # type: ignore[arg-type]


def test_every_standing_has_one_row_and_every_row_was_tried() -> None:
    assert sorted(standing for standing, _ in RULES) == sorted(Standing)
    assert {standing for _, standing in ROWS} == set(Standing)


@pytest.mark.parametrize("standing", list(Standing))
def test_only_a_fine_picture_is_handed_in_and_a_defect_only_with_words(standing: Standing) -> None:
    assert may_take(standing, words="") is (standing in {Standing.READY, Standing.DOUBTFUL})
    with_words = {Standing.READY, Standing.DOUBTFUL, Standing.RETAKE}
    assert may_take(standing, words="病假") is (standing in with_words)
    assert set(TAKEABLE) < ASSIGNABLE


def test_a_finished_upload_stays_finished() -> None:
    assert next_upload_state("open", UploadAction.EXPIRE) is UploadState.EXPIRED
    for state in (UploadState.CLOSED, UploadState.EXPIRED):
        with pytest.raises(UploadClosed):
            next_upload_state(state, UploadAction.CLOSE)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("一班/202400001.jpg", "一班/202400001.jpg"),
        ("C:\\照片\\a.jpg", "C:/照片/a.jpg"),
        ("../../etc/passwd", "etc/passwd"),
        ("/./a.jpg", "a.jpg"),
        ("a\n\0b.jpg", "ab.jpg"),
        ("", "?"),
        ("x" * 300 + ".jpg", "x" * 236 + ".jpg"),
    ],
)
def test_a_path_is_words_and_never_a_way(sent: str, kept: str) -> None:
    assert plain_path(sent) == kept


def test_an_id_number_in_a_name_is_masked_on_the_screen() -> None:
    assert shown_path("一班/林小满_990101199602290043.jpg") == "一班/林小满_990*************43.jpg"
    assert shown_path("2024900001.jpg") == "2024900001.jpg"


def test_who_handed_a_scan_in_does_not_accept_it() -> None:
    assert may_decide(Action.ACCEPT, submitted_by=None, reviewer_id=1)
    assert may_decide(Action.ACCEPT, submitted_by=2, reviewer_id=1)
    assert not may_decide(Action.ACCEPT, submitted_by=1, reviewer_id=1)
    assert may_decide(Action.RETURN, submitted_by=1, reviewer_id=1)


def test_a_scan_was_not_taken_just_now() -> None:
    assert not is_allowed(Source.SCANNED, live_only=True)
