"""The life of a notice, who writes it, and short addresses that survive being typed from a poster."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from backend.centres.rules import ALL_CENTRES, Scope
from backend.days import day_of
from backend.errors import NotAllowed
from backend.notices.rules import (
    ALPHABET,
    LOOK_ALIKES,
    MAX_BODY,
    MAX_TITLE,
    NOTICE_TRANSITIONS,
    NoticeAction,
    NoticeState,
    is_open,
    link_expires_at,
    may_read,
    may_write,
    new_token,
    next_notice_state,
    notice_problems,
    read_token,
)

NOW = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 2)


def test_every_state_can_be_reached_and_left_or_is_final() -> None:
    reached = {NoticeState.DRAFT, *NOTICE_TRANSITIONS.values()}
    left = {state for (state, _), then in NOTICE_TRANSITIONS.items() if then is not state}
    assert reached == set(NoticeState)
    assert left == set(NoticeState) - {NoticeState.WITHDRAWN}


def test_every_pair_of_state_and_action_is_decided() -> None:
    for state, action in product(NoticeState, NoticeAction):
        if (state, action) in NOTICE_TRANSITIONS:
            assert next_notice_state(state, action) is NOTICE_TRANSITIONS[state, action]
        else:
            with pytest.raises(NotAllowed):
                next_notice_state(state, action)


@pytest.mark.parametrize(
    ("scope", "centre_id", "writes", "reads"),
    [
        (ALL_CENTRES, None, True, True),
        (ALL_CENTRES, 1, True, True),
        (Scope(1), 1, True, True),
        (Scope(1), None, False, True),  # the college's notice: read and print, not write
        (Scope(1), 2, False, False),
        (Scope(-1), None, False, True),
    ],
)
def test_a_centre_writes_its_own_notices_and_reads_the_colleges(
    scope: Scope, centre_id: int | None, writes: bool, reads: bool
) -> None:
    assert (may_write(scope, centre_id), may_read(scope, centre_id)) == (writes, reads)


def test_a_token_has_no_two_characters_that_look_alike() -> None:
    assert not {chr(sign) for sign in LOOK_ALIKES} & set(ALPHABET)
    assert set(LOOK_ALIKES.values()) <= set(ALPHABET)
    assert len({new_token() for _ in range(500)}) == 500


@pytest.mark.parametrize(
    ("typed", "token"),
    [
        ("0125897v", "0125897v"),
        ("O1Z5B9TU", "012589tv"),
        ("oLzsbQtu", "012589tv"),
        (" 0125-897V ", "0125897v"),
        ("０１２５８９７Ｖ", "0125897v"),
        ("0125897", None),
        ("0125897vv", None),
        ("0125897!", None),
        ("", None),
    ],
)
def test_a_token_is_read_as_it_was_meant(typed: str, token: str | None) -> None:
    assert read_token(typed) == token


def test_a_link_outlives_its_deadline_by_thirty_days() -> None:
    far = link_expires_at(link_days=10, deadline=date(2026, 12, 1), now=NOW)
    assert far == datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # the end of 12-31 in China
    assert link_expires_at(link_days=90, deadline=date(2026, 11, 3), now=NOW) == NOW + timedelta(days=90)
    assert link_expires_at(link_days=10, deadline=None, now=NOW) == NOW + timedelta(days=10)


def test_a_link_is_open_while_published_and_not_expired() -> None:
    later = NOW + timedelta(seconds=1)
    assert is_open(NoticeState.PUBLISHED, expires_at=later, now=NOW)
    assert not is_open(NoticeState.PUBLISHED, expires_at=NOW, now=NOW)
    assert not is_open(NoticeState.WITHDRAWN, expires_at=later, now=NOW)


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ({}, {}),
        ({"title": ""}, {"title": "title_missing"}),
        ({"title": "采" * MAX_TITLE}, {}),
        ({"title": "采" * (MAX_TITLE + 1)}, {"title": "title_long"}),
        ({"body": ""}, {"body": "body_missing"}),
        ({"body": "字" * (MAX_BODY + 1)}, {"body": "body_long"}),
        ({"deadline": TODAY}, {}),
        ({"deadline": TODAY - timedelta(days=1)}, {"deadline": "deadline_past"}),
    ],
)
def test_what_is_wrong_is_said_by_field(change: dict[str, object], problems: dict[str, str]) -> None:
    notice = {"title": "采集通知", "body": "请按时完成。", "deadline": None, "today": TODAY, **change}
    assert notice_problems(**notice) == problems  # type: ignore[arg-type]


def test_a_scan_after_midnight_in_china_counts_on_the_new_day() -> None:
    assert day_of(datetime(2026, 11, 2, 15, 59, tzinfo=UTC)) == date(2026, 11, 2)
    assert day_of(datetime(2026, 11, 2, 16, 0, tzinfo=UTC)) == date(2026, 11, 3)
