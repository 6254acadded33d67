"""Errata cases: every role, state and action is decided; the forms are data that cannot be half there."""

from __future__ import annotations

import copy
import tomllib
from datetime import date
from typing import Any

import pytest

from backend.accounts.rules import Role
from backend.errata.forms import cleaned, read_forms, value_problems
from backend.errata.rules import (
    FINAL,
    REASONS,
    STEPS,
    WAITS_FOR,
    Action,
    Form,
    Party,
    Reason,
    State,
    Urgency,
    actions_of,
    next_state,
    staff_party,
    urgency,
)
from backend.errors import NotAllowed
from backend.settings import PROJECT

DATA = tomllib.loads((PROJECT / "config" / "forms.toml").read_text())
A, P, S = Action, Party, State

# who -> state -> exactly what they may do, written down a second time: a change is a decision
TABLE: dict[Party | None, dict[State, set[Action]]] = {
    P.STUDENT: {
        S.DRAFT: {A.EDIT, A.SUBMIT, A.WITHDRAW},
        S.SUBMITTED: {A.WITHDRAW},
        S.WITH_COLLEGE: {A.WITHDRAW},
        S.SENT: {A.CONFIRM},
        S.CORRECTED: {A.CONFIRM, A.STILL_WRONG},
        S.RETURNED: {A.EDIT, A.SUBMIT, A.WITHDRAW},
    },
    P.OTHER: {S.SUBMITTED: {A.ANSWER}, S.WITH_COLLEGE: {A.ANSWER}},
    P.CENTRE: {
        S.DRAFT: {A.TAKE_BACK},
        S.SUBMITTED: {A.PAIR, A.OPINE, A.RETURN},
        S.SENT: {A.CORRECT},
        S.RETURNED: {A.CLOSE},
    },
    P.COLLEGE: {
        S.DRAFT: {A.TAKE_BACK},
        S.SUBMITTED: {A.PAIR, A.CLOSE},
        S.WITH_COLLEGE: {A.PAIR, A.DECIDE, A.RETURN, A.CLOSE},
        S.APPROVED: {A.SEND, A.RETURN, A.CLOSE},
        S.SENT: {A.CORRECT, A.RETURN, A.CLOSE},
        S.CORRECTED: {A.CLOSE},
        S.RETURNED: {A.CLOSE},
    },
    None: {},  # administrators, and staff of other centres
}


@pytest.mark.parametrize("party", [*Party, None])
@pytest.mark.parametrize("state", list(State))
def test_each_party_may_do_in_each_state_what_the_table_says(party: Party | None, state: State) -> None:
    allowed = TABLE[party].get(state, set())
    assert set(actions_of(state, party)) == allowed
    for action in Action:
        if action in allowed:
            assert next_state(state, action, party) is STEPS[state, action].to
        else:
            with pytest.raises(NotAllowed):
                next_state(state, action, party)


@pytest.mark.parametrize(
    ("role", "party"),
    [
        (Role.CENTRE_STAFF, P.CENTRE),
        (Role.CENTRE_HEAD, P.CENTRE),
        (Role.REGISTRY, P.COLLEGE),
        (Role.ADMINISTRATOR, None),
        (None, None),
    ],
)
def test_each_role_is_one_party(role: Role | None, party: Party | None) -> None:
    assert staff_party(role) is party


def test_whoever_must_act_can_act() -> None:
    for state, party in WAITS_FOR.items():
        if party is None:
            assert state in FINAL
        else:
            assert actions_of(state, party)


def test_nobody_leaves_a_final_state() -> None:
    assert not any(state in FINAL for state, _ in STEPS)


def test_the_four_forms_and_their_titles_are_data() -> None:
    forms = read_forms(DATA)
    titles = {form: [title.label["zh-CN"] for title in spec.titles] for form, spec in forms.forms.items()}
    assert titles == {
        Form.IMAGE_INFO: ["图像采集信息修改申请表"],
        Form.PHOTO: ["学信网电子照片修改申请表"],
        Form.DATA_CHECK: ["数据检查勘误表", "新华图片社数据勘误表"],
        Form.DELETE_CONCLUSION: ["图像采集信息修改申请表（删除校对结论）"],
    }
    assert {reason for reasons in REASONS.values() for reason in reasons} == set(Reason)


def test_each_state_that_waits_has_days_with_a_source() -> None:
    forms = read_forms(DATA)
    for state, party in WAITS_FOR.items():
        due = forms.due_on(state, since=date(2026, 11, 2))
        assert (due is None) is (party is None)
        if party is not None:
            assert due is not None
            assert due > date(2026, 11, 2)
            assert forms.waits[state].source


def _without(*path: str) -> dict[str, Any]:
    data = copy.deepcopy(DATA)
    place = data
    for name in path[:-1]:
        place = place[name]
    del place[path[-1]]
    return data


@pytest.mark.parametrize(
    "path",
    [
        ("wait", "sent"),
        ("form", "photo"),
        ("form", "photo", "reason", "not_me"),
        ("form", "photo", "title", "photo", "en"),
        ("form", "image_info", "reason", "swapped", "column", "seen", "kind"),
    ],
)
def test_a_file_of_forms_with_something_missing_stops_the_start(path: tuple[str, ...]) -> None:
    with pytest.raises((KeyError, ValueError)):
        read_forms(_without(*path))


def test_values_are_cleaned_and_what_no_column_asks_for_is_left_out() -> None:
    spec = read_forms(DATA).of(Form.IMAGE_INFO, Reason.CAPTURE_DATA)
    values = cleaned(spec, {"printed_name": " 陈 䶮㛃 ", "printed_number": "９９０１01199601010 01x", "secret": "x"})
    assert values == {"printed_name": "陈䶮㛃", "printed_number": "99010119960101001X"}
    assert value_problems(spec, {"printed_name": "陈"}) == {"printed_number": "needed"}


@pytest.mark.parametrize(
    ("value", "problem"),
    [("", "needed"), ("2026-13-01", "no_date"), ("2026-10-08", None), ("x" * 201, "too_long")],
)
def test_a_date_is_a_whole_date(value: str, problem: str | None) -> None:
    spec = read_forms(DATA).of(Form.DELETE_CONCLUSION, Reason.WRONG_CLICK)
    found = value_problems(spec, {"pressed": "photo_wrong", "pressed_on": value})
    assert found == ({"pressed_on": problem} if problem else {})


@pytest.mark.parametrize(
    ("due", "shown"),
    [
        (None, Urgency.NONE),
        (date(2026, 11, 1), Urgency.OVER),
        (date(2026, 11, 2), Urgency.SOON),
        (date(2026, 11, 4), Urgency.SOON),
        (date(2026, 11, 5), Urgency.NONE),
    ],
)
def test_a_day_passed_is_late_and_two_days_before_it_is_soon(due: date | None, shown: Urgency) -> None:
    assert urgency(due, today=date(2026, 11, 2)) is shown
