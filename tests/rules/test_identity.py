"""Identity reviews: who may do what in each state; rounds and what is asked for are data."""

from __future__ import annotations

import copy
import tomllib
from datetime import date

import pytest

from backend.accounts.rules import Role
from backend.errors import NotAllowed
from backend.identity.rules import (
    FINAL,
    STEPS,
    WAITS_FOR,
    Action,
    Mark,
    Party,
    State,
    actions_of,
    mark_of,
    next_state,
    read_rounds,
    staff_party,
)
from backend.settings import PROJECT

DATA = tomllib.loads((PROJECT / "config" / "identity.toml").read_text())
A, P, S = Action, Party, State

TABLE: dict[Party | None, dict[State, set[Action]]] = {
    P.STUDENT: {S.OPEN: {A.ADD, A.HAND_IN}},
    P.HEAD: {S.OPEN: {A.ADD, A.HAND_IN}, S.HANDED_IN: {A.ADD, A.ASK_AGAIN}},
    P.COLLEGE: {
        S.OPEN: {A.ADD, A.HAND_IN, A.CLOSE},
        S.HANDED_IN: {A.ADD, A.ASK_AGAIN, A.FILE, A.REFUSE, A.CLOSE},
        S.FILED: {A.CLEAR, A.REFUSE, A.ASK_AGAIN},
        S.NOT_CLEARED: {A.REOPEN, A.CLOSE},
    },
    None: {},  # ordinary staff of the centre, administrators
}


@pytest.mark.parametrize("party", [*Party, None])
@pytest.mark.parametrize("state", list(State))
def test_each_party_may_do_in_each_state_what_the_table_says(party: Party | None, state: State) -> None:
    allowed = TABLE[party].get(state, set())
    assert set(actions_of(state, party)) == allowed
    for action in set(Action) - allowed:
        with pytest.raises(NotAllowed):
            next_state(state, action, party)


def test_only_the_head_and_the_registry_are_parties_among_staff() -> None:
    assert {role: staff_party(role) for role in Role} == {
        Role.CENTRE_STAFF: None,
        Role.CENTRE_HEAD: P.HEAD,
        Role.REGISTRY: P.COLLEGE,
        Role.ADMINISTRATOR: None,
    }


def test_whoever_must_act_can_act_and_a_final_state_is_left_by_nobody() -> None:
    assert all(actions_of(state, party) for state, party in WAITS_FOR.items() if party)
    assert not any(state in FINAL for state, _ in STEPS)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("身份核验未通过", Mark.FAILED),
        ("身份核验 不确定", Mark.UNCERTAIN),
        ("备注：身份核验异常", Mark.ABNORMAL),
        ("身份核验通过", None),
        ("学籍异常", None),
        ("", None),
    ],
)
def test_a_mark_is_read_from_the_remark_of_the_download(text: str, mark: Mark | None) -> None:
    assert mark_of(text) is mark


def test_a_case_joins_the_first_round_that_still_takes_papers() -> None:
    rounds = read_rounds(DATA)
    first, second = rounds.rounds
    assert rounds.current(first.hand_in_by) == first
    assert rounds.current(date.fromordinal(first.hand_in_by.toordinal() + 1)) == second
    assert rounds.current(date(2099, 1, 1)) is None
    assert [first.due_on(state) for state in (S.OPEN, S.HANDED_IN, S.FILED, S.CLEARED)] == [
        first.hand_in_by,
        first.review_by,
        first.file_by,
        None,
    ]


def test_dates_out_of_order_stop_the_start() -> None:
    data = copy.deepcopy(DATA)
    next(iter(data["round"].values()))["file_by"] = date(2020, 1, 1)
    with pytest.raises(ValueError, match="out of order"):
        read_rounds(data)
