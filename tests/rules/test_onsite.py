"""Capture sessions: slots of a day, the door, numbers and the team's list, codes that read."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from backend.errors import NotAllowed
from backend.onsite.rules import (
    TRANSITIONS,
    Action,
    CodeSight,
    CodeState,
    DoorClosed,
    Match,
    Number,
    ResultLine,
    State,
    check_door,
    code_state,
    match_results,
    next_state,
    session_problems,
    slots_of,
)

DAY = date(2026, 12, 5)
PLAN: dict[str, Any] = {
    "held_on": DAY, "begins": time(9), "ends": time(11, 30), "minutes": 30, "capacity": 20, "today": DAY,
}  # fmt: skip
TEXTS = {"title": "第一天", "place": "2 楼", "note": ""}


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("action", list(Action))
def test_every_pair_is_decided(state: State, action: Action) -> None:
    if (state, action) in TRANSITIONS:
        assert next_state(state, action) is TRANSITIONS[state, action]
    else:
        with pytest.raises(NotAllowed):
            next_state(state, action)


def test_a_day_is_cut_into_whole_slots_in_local_time() -> None:
    slots = slots_of(DAY, begins=time(9), ends=time(10, 15), minutes=30)
    assert [(a.isoformat(), b.strftime("%H:%M")) for a, b in slots] == [
        ("2026-12-05T09:00:00+08:00", "09:30"),
        ("2026-12-05T09:30:00+08:00", "10:00"),
    ]


@pytest.mark.parametrize(
    ("change", "field", "why"),
    [
        ({"held_on": None}, "held_on", "date_needed"),
        ({"held_on": date(2026, 12, 4)}, "held_on", "date_past"),
        ({"ends": time(9)}, "ends", "times"),
        ({"begins": None}, "ends", "times"),
        ({"minutes": 4}, "minutes", "minutes"),
        ({"minutes": 200}, "minutes", "slots"),
        ({"begins": time(0), "ends": time(23, 59), "minutes": 5}, "minutes", "slots"),
        ({"capacity": 0}, "capacity", "capacity"),
        ({"capacity": 501}, "capacity", "capacity"),
    ],
)
def test_a_plan_that_cannot_be_says_where(change: dict[str, Any], field: str, why: str) -> None:
    assert session_problems(TEXTS, **PLAN) == {}
    assert session_problems(TEXTS, **{**PLAN, **change}) == {field: why}


def test_texts_are_needed_and_bounded() -> None:
    assert session_problems({"title": " ", "place": "长" * 121, "note": "长" * 501}, **PLAN) == {
        "title": "empty",
        "place": "too_long",
        "note": "too_long",
    }


def test_the_door_is_open_on_its_day_while_it_runs() -> None:
    morning = datetime(2026, 12, 4, 22, tzinfo=UTC)  # six in the morning of the 5th, in China
    check_door(State.RUNNING, held_on=DAY, now=morning)
    for state, now in (
        (State.OPEN, morning),
        (State.DONE, morning),
        (State.RUNNING, datetime(2026, 12, 5, 17, tzinfo=UTC)),
    ):
        with pytest.raises(DoorClosed):
            check_door(state, held_on=DAY, now=now)


def test_a_line_of_the_teams_list_is_right_only_when_number_and_person_agree() -> None:
    numbers = [Number(1, 11), Number(2, None), Number(3, 13), Number(4, 14)]
    people = {"A": 11, "C": 13, "D": 14}
    lines = [
        ResultLine(2, 1, "A"),
        ResultLine(3, 2, None),
        ResultLine(4, 3, "D"),
        ResultLine(5, 4, None),
        ResultLine(6, 4, "D"),
        ResultLine(7, 9, None),
        ResultLine(8, None, "A"),
        ResultLine(9, 3, "Z"),
    ]
    found = [(line.row, match, whose) for line, match, whose in match_results(lines, numbers, people)]
    assert found == [
        (2, Match.RIGHT, 11),
        (3, Match.GAP, None),
        (4, Match.SWAPPED, 14),
        (5, Match.RIGHT, 14),
        (6, Match.TWICE, 14),
        (7, Match.UNKNOWN, None),
        (8, Match.UNREADABLE, None),
        (9, Match.TWICE, None),
    ]


@pytest.mark.parametrize(
    ("sight", "state", "reason"),
    [
        (CodeSight(False, False, 0), CodeState.UNREADABLE, "no_code"),
        (CodeSight(True, False, 0), CodeState.UNREADABLE, "not_read"),
        (CodeSight(True, True, 1.9), CodeState.UNREADABLE, "too_small"),
        (CodeSight(True, True, 2.0), CodeState.READS, "reads"),
    ],
)
def test_a_code_reads_when_its_squares_are_large_enough(sight: CodeSight, state: CodeState, reason: str) -> None:
    assert code_state(sight) == (state, reason)
