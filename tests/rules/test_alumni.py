"""Graduates without a photo: every combination has one way, every state × action × party is decided."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from backend.accounts.rules import Role
from backend.alumni.rules import (
    FINAL,
    QUESTIONS,
    SCANS_SEEN_BY,
    STEPS,
    WAITS_FOR,
    Answers,
    CaseAction,
    CaseState,
    Likeness,
    Party,
    Route,
    RulesProblem,
    actions_of,
    combinations,
    completed,
    due_on,
    first_state,
    graduated,
    keep_days,
    may_act,
    may_see_scans,
    missing_to_endorse,
    missing_to_submit,
    next_question,
    package_path,
    party_of,
    read_rules,
    route_of,
    text_problem,
)
from backend.errors import NotAllowed
from backend.settings import PROJECT

DATA = tomllib.loads((PROJECT / "config" / "alumni.toml").read_text())
RULES = read_rules(DATA)
TODAY = date(2026, 11, 2)


def expected(answers: Answers) -> Route:
    """The college's three cases and what is around them, said a second time without the table."""
    if answers.linked == "yes":
        return Route.NOTHING
    if answers.graduated == "since":
        return Route.ASK_CENTRE
    if answers.captured == "unknown":
        return Route.CHECK_FIRST
    return {
        ("yes", "yes"): Route.BIND,
        ("no", "no"): Route.CAPTURE,
        ("yes", "no"): Route.SCANS,
        ("no", "yes"): Route.CHECK_FIRST,
    }[answers.diploma, answers.captured]


@pytest.mark.parametrize("answers", combinations(), ids=str)
def test_every_combination_has_exactly_the_way_of_the_rule(answers: Answers) -> None:
    assert route_of(RULES, answers) is expected(answers)


def test_the_combinations_are_all_there_are() -> None:
    assert len(set(combinations())) == 2 * 2 * 2 * 3
    assert {route_of(RULES, answers) for answers in combinations()} == set(Route)


@pytest.mark.parametrize("answers", combinations(), ids=str)
def test_the_questions_asked_lead_to_the_same_way_and_no_further(answers: Answers) -> None:
    given: dict[str, str] = {}
    while (question := next_question(RULES, given)) is not None:
        assert question not in given
        given[question] = getattr(answers, question)
    assert route_of(RULES, completed(given)) is expected(answers)
    assert len(given) <= len(QUESTIONS)


def test_who_says_no_photo_is_asked_three_questions_at_most() -> None:
    asked = []
    given = {"linked": "no"}
    while (question := next_question(RULES, given)) is not None:
        asked.append(question)
        given[question] = {"graduated": "before", "diploma": "yes", "captured": "no"}[question]
    assert asked == ["graduated", "diploma", "captured"]
    assert next_question(RULES, {"linked": "no", "graduated": "since"}) is None
    assert next_question(RULES, {"linked": "yes"}) is None


def broken(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    data = deepcopy(DATA)
    change(data)
    return data


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda data: data["triage"].pop(), id="a row missing"),
        pytest.param(lambda data: data["triage"].append(dict(data["triage"][2])), id="a row twice"),
        pytest.param(lambda data: data["triage"][0].update(route="elsewhere"), id="an unknown way"),
        pytest.param(lambda data: data["route"].pop("scans"), id="a way without needs"),
        pytest.param(lambda data: data["days"].update(forever=1), id="an unknown number"),
        pytest.param(lambda data: data["package"].update(name="{serial}{ending}"), id="files of one name"),
        pytest.param(lambda data: data["package"].update(name="{serial}{paper}{id_number}"), id="an unknown place"),
    ],
)
def test_a_table_that_leaves_a_gap_stops_the_start(change: Callable[[dict[str, Any]], None]) -> None:
    with pytest.raises(RulesProblem):
        read_rules(broken(change))


def test_every_row_and_every_number_has_a_source() -> None:
    tables = [*DATA["triage"], *DATA["route"].values(), DATA["days"], DATA["retention"], DATA["package"]]
    assert all(table["source"].strip() for table in tables)
    assert DATA["boundary_source"]


@pytest.mark.parametrize(
    ("day", "says"), [(date(2019, 8, 31), "before"), (date(2019, 9, 1), "since"), (date(2018, 7, 1), "before")]
)
def test_the_boundary_is_the_first_of_september(day: date, says: str) -> None:
    assert graduated(RULES, day) == says


# ---------------------------------------------------------------- who may do what

S, C, R = Party.STUDENT, Party.CENTRE, Party.REGISTRY
A = CaseAction

# (state) -> action -> who, for the way of the scans, which has every desk; said a second time
SCANS_TABLE: dict[CaseState, dict[CaseAction, set[Party]]] = {
    CaseState.WITH_STUDENT: {A.SUBMIT: {S}, A.WITHDRAW: {S}, A.CLOSE: {C, R}},
    CaseState.RETURNED: {A.SUBMIT: {S}, A.WITHDRAW: {S}, A.CLOSE: {C, R}},
    CaseState.AT_CENTRE: {A.RETURN: {C, R}, A.REROUTE: {C, R}, A.ENDORSE: {C}, A.WITHDRAW: {S}, A.CLOSE: {C, R}},
    CaseState.AT_COLLEGE: {
        A.APPROVE: {R},
        A.RETURN: {R},
        A.SEND_BACK: {R},
        A.REROUTE: {R},
        A.CLOSE: {R},
        A.WITHDRAW: {S},
    },
    CaseState.APPROVED: {A.SEND: {R}, A.SEND_BACK: {R}},
    CaseState.SENT: {A.CONFIRM: {S, R}, A.REPORT_MISSING: {S}, A.CLOSE: {R}},
}


@pytest.mark.parametrize("state", list(CaseState))
@pytest.mark.parametrize("action", list(CaseAction))
@pytest.mark.parametrize("party", [*Party, None])
def test_state_action_and_party_are_all_decided(state: CaseState, action: CaseAction, party: Party | None) -> None:
    allowed = party in SCANS_TABLE.get(state, {}).get(action, set())
    assert may_act(party, Route.SCANS, state, action) is allowed


@pytest.mark.parametrize("route", [Route.BIND, Route.CHECK_FIRST])
def test_who_checks_at_chsi_reports_the_result_and_submits_nothing(route: Route) -> None:
    mine = set(actions_of(S, route, CaseState.WITH_STUDENT))
    assert mine == {A.REPORT_FOUND, A.REPORT_MISSING, A.WITHDRAW}
    assert A.ENDORSE not in actions_of(C, route, CaseState.AT_CENTRE)
    assert A.REROUTE in actions_of(C, route, CaseState.AT_CENTRE)  # the centre leads on: no dead end


@pytest.mark.parametrize("route", sorted(set(Route) - {Route.NOTHING}))
@pytest.mark.parametrize("state", sorted(set(CaseState) - FINAL))
def test_whoever_a_case_waits_for_can_do_something_that_moves_it_on(route: Route, state: CaseState) -> None:
    reached = {first_state(route)}
    # leading to another way leads to that one's first state
    here = {pair: step for pair, step in STEPS.items() if route in step.routes and pair[1] is not A.REROUTE}
    while more := {step.state for (before, _), step in here.items() if before in reached} - reached:
        reached |= more
    if state in reached:
        onward = set(actions_of(WAITS_FOR[state], route, state)) - {A.WITHDRAW, A.CLOSE}
        assert onward, f"{route} {state}: a dead end"


def test_what_has_ended_stays_ended() -> None:
    assert not any(state in FINAL for state, _ in STEPS)


def test_nothing_is_opened_for_a_photo_that_is_there() -> None:
    with pytest.raises(NotAllowed):
        first_state(Route.NOTHING)
    assert first_state(Route.ASK_CENTRE) is CaseState.AT_CENTRE
    assert first_state(Route.SCANS) is CaseState.WITH_STUDENT


@pytest.mark.parametrize(
    ("role", "party"),
    [
        (Role.CENTRE_STAFF, C),
        (Role.CENTRE_HEAD, C),
        (Role.REGISTRY, R),
        (Role.ADMINISTRATOR, None),
        (None, None),
    ],
)
def test_a_role_plays_one_part(role: Role | None, party: Party | None) -> None:
    assert party_of(role) is party


# ---------------------------------------------------------------- the scans


@pytest.mark.parametrize("state", list(CaseState))
def test_the_centre_sees_scans_at_its_desk_and_the_registry_after_submission(state: CaseState) -> None:
    assert may_see_scans(C, state) is (state is CaseState.AT_CENTRE)
    submitted = {CaseState.AT_CENTRE, CaseState.AT_COLLEGE, CaseState.APPROVED, CaseState.SENT}
    assert may_see_scans(R, state) is (state in submitted)
    assert not may_see_scans(None, state)
    assert S not in SCANS_SEEN_BY  # the graduate's own ones go another way


@pytest.mark.parametrize("state", list(CaseState))
def test_scans_are_kept_while_a_desk_needs_them_and_no_longer(state: CaseState) -> None:
    days = keep_days(RULES, state)
    assert (days is None) is (state in (CaseState.AT_CENTRE, CaseState.AT_COLLEGE, CaseState.APPROVED))
    assert keep_days(RULES, CaseState.WITHDRAWN) == 0
    assert keep_days(RULES, CaseState.DONE) == 30


def test_each_desk_has_its_days() -> None:
    assert due_on(RULES, CaseState.WITH_STUDENT, today=TODAY) == date(2027, 1, 1)
    assert due_on(RULES, CaseState.AT_CENTRE, today=TODAY) == date(2026, 11, 12)
    assert due_on(RULES, CaseState.AT_COLLEGE, today=TODAY) == date(2026, 11, 17)
    assert due_on(RULES, CaseState.SENT, today=TODAY) == date(2026, 11, 9)
    assert due_on(RULES, CaseState.DONE, today=TODAY) is None


def test_a_way_names_what_is_missing() -> None:
    scans, capture = RULES.needs[Route.SCANS], RULES.needs[Route.CAPTURE]
    assert missing_to_submit(scans, papers={"diploma"}, photo_accepted=False) == ("id_front", "id_back", "photo")
    everything = {"diploma", "id_front", "id_back", "photo"}
    assert missing_to_submit(scans, papers=everything, photo_accepted=False) == ()
    assert missing_to_endorse(scans, papers=everything, photo_accepted=False, prints=0) == ("sheet",)
    assert missing_to_endorse(scans, papers=everything | {"sheet"}, photo_accepted=False, prints=0) == ()
    assert missing_to_submit(capture, papers=set(), photo_accepted=False) == ("capture",)
    assert missing_to_endorse(capture, papers=set(), photo_accepted=True, prints=1) == ("prints",)
    assert missing_to_endorse(capture, papers=set(), photo_accepted=True, prints=2) == ()


def test_the_id_number_weighs_more_than_name_and_certificate_together() -> None:
    by_number = Likeness(id_number=True, certificate_number=False, name=False)
    by_the_rest = Likeness(id_number=False, certificate_number=True, name=True)
    assert by_number.strength > by_the_rest.strength > 0


def test_a_name_in_a_package_cannot_step_out_of_it() -> None:
    path = package_path(
        "{certificate_number}_{name}/{serial}_{paper}{ending}",
        serial=7,
        paper="diploma",
        ending=".jpg",
        certificate_number="999997201806000001",
        student_number="F1",
        name="../阿依努尔·买买提/\n",
    )
    assert path == "999997201806000001__阿依努尔·买买提__/007_diploma.jpg"


@pytest.mark.parametrize(
    ("text", "needed", "why"),
    [
        ("  ", True, "text_needed"),
        ("", False, None),
        ("长" * 500, True, None),
        ("长" * 501, False, "text_too_long"),
    ],
)
def test_a_text_is_there_and_not_endless(text: str, needed: bool, why: str | None) -> None:
    assert text_problem(text, needed=needed) == why
