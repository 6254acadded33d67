"""The decision table of proofreading: every row, every combination of answers and facts."""

from __future__ import annotations

import itertools
import tomllib
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from backend.errata.rules import REASONS, Reason
from backend.errata.rules import Form as ErratumForm
from backend.proofreading.rules import (
    Facts,
    Form,
    Kind,
    LookAgain,
    NotAnswered,
    ProofFacts,
    ProofStep,
    after_working_days,
    decide,
    has_graduated,
    known_inputs,
    most_questions_left,
    next_question,
    pauses_of,
    proof_step,
    questions_before,
    read_table,
    reminder_days,
)
from backend.settings import PROJECT

NOW = datetime(2026, 11, 2, 2, tzinfo=UTC)
TODAY = date(2026, 11, 2)
DATA = tomllib.loads((PROJECT / "config" / "proofreading.toml").read_text())
TABLE = read_table(DATA)
OVER, WITHIN = date(2026, 9, 2), date(2027, 9, 2)


def facts(**values: Any) -> Facts:
    return Facts(**{"today": TODAY, "now": NOW, "over_from": OVER, **values})


EVERY_FACTS = [
    Facts(TODAY, NOW, exempt=exempt, graduated=graduated, over_from=over, pressed_at=pressed, captured=captured)
    for exempt, graduated, over, pressed, captured in itertools.product(
        (False, True),
        (None, False, True),
        (OVER, TODAY, TODAY + timedelta(days=1), None),
        (None, NOW, NOW - timedelta(hours=24), NOW - timedelta(hours=24) + timedelta(seconds=1)),
        (None, True),
    )
]


def test_every_combination_of_inputs_leads_to_exactly_one_row() -> None:
    names = [name for name in TABLE.inputs if name != "exempt"]
    reached: Counter[str] = Counter()
    for values in itertools.product(*(TABLE.inputs[name] for name in names)):
        for exempt in TABLE.inputs["exempt"]:
            known = {**dict(zip(names, values, strict=True)), "exempt": exempt}
            rows = [row.id for row in TABLE.rows if row.holds_for(known)]
            assert len(rows) == 1, f"{known}: {rows}"
            reached[rows[0]] += 1
    assert set(reached) == {row.id for row in TABLE.rows}


@cache
def _ways(known: Facts) -> list[dict[str, str]]:
    """Every way through the questions that these facts leave open."""
    ways, started = [], [dict[str, str]()]
    while started:
        answers = started.pop()
        question = next_question(answers, known, TABLE)
        if question is None:
            ways.append(answers)
        else:
            started += [{**answers, question: value} for value in TABLE.inputs[question]]
    return ways


def test_every_way_through_the_questions_ends_in_one_outcome_whatever_is_known() -> None:
    reached = set()
    for known in EVERY_FACTS:
        for answers in _ways(known):
            outcome = decide(answers, known, TABLE)
            reached.add(outcome.row.id)
            # nothing was asked that the data say, nothing twice, nothing that the row does not hang on
            assert not set(answers) & set(known_inputs(known, TABLE))
            assert questions_before(answers, known, TABLE) == list(answers)
            assert len(answers) <= 5
            assert (outcome.row.kind is Kind.FORM) == (outcome.row.form is not None)
    assert reached == {row.id for row in TABLE.rows}


def test_no_answer_more_than_needed_is_asked() -> None:
    for known in EVERY_FACTS:
        for answers in _ways(known):
            row = decide(answers, known, TABLE).row
            for question in answers:
                rows = {decide(way, known, TABLE).row.id for way in _ways(known) if way.keys() == answers.keys()}
                assert question in row.when or len(rows) > 1


def test_an_answer_to_a_question_that_no_longer_matters_changes_nothing() -> None:
    answers = {"sees": "nothing", "account": "same", "person": "other", "swapped": "yes", "data": "wrong"}
    assert decide(answers, facts(), TABLE).row.id == "account_same"
    assert questions_before(answers, facts(), TABLE) == ["sees", "account"]


def test_an_open_question_is_not_decided() -> None:
    with pytest.raises(NotAnswered):
        decide({"sees": "photo"}, facts(), TABLE)


OTHER = {"sees": "photo", "person": "other"}
NO_PHOTO = {"sees": "no_photo", "graduated": "no"}

# answers, facts -> row, form, who acts, day to look again: as the two source documents say it
CASES = [
    ({"sees": "photo", "person": "me", "data": "right"}, facts(), "right", None, "student", None),
    ({**OTHER, "swapped": "yes"}, facts(), "swapped", Form.IMAGE_INFO, "student centre college", None),
    ({**OTHER, "swapped": "no"}, facts(), "photo_over", Form.PHOTO, "student centre college", None),
    (
        {**OTHER, "swapped": "no", "choice": "recapture"},
        facts(over_from=WITHIN, graduated=False),
        *("recapture", None, "student unit", date(2026, 11, 16)),
    ),
    (
        {**OTHER, "swapped": "no", "choice": "wait"},
        facts(over_from=WITHIN, graduated=False),
        *("wait", None, "student", WITHIN),
    ),
    (
        {**OTHER, "swapped": "no"},
        facts(over_from=WITHIN, graduated=True),
        *("within_graduated", None, "student centre", None),
    ),
    ({**OTHER, "swapped": "unsure"}, facts(), "swap_unsure", None, "student centre", None),
    (
        {"sees": "photo", "person": "me", "data": "wrong"},
        facts(),
        *("data_wrong", Form.DATA, "student centre college", None),
    ),
    ({"sees": "wrong_button", "pressed": "within"}, facts(), "button_within", None, "student", TODAY),
    (
        {"sees": "wrong_button", "pressed": "over"},
        facts(),
        *("button_over", Form.DELETE_CONCLUSION, "student centre college", None),
    ),
    ({"sees": "no_button"}, facts(graduated=True), "graduate_linked", None, "student", None),
    ({"sees": "no_button"}, facts(graduated=False), "no_button_enrolled", None, "student centre", None),
    ({**NO_PHOTO, "captured": "no"}, facts(), "not_captured", None, "student unit", date(2026, 11, 16)),
    (
        {**NO_PHOTO, "captured": "yes", "capture_data": "right"},
        facts(),
        *("not_uploaded", None, "student unit", date(2026, 11, 16)),
    ),
    (
        {**NO_PHOTO, "captured": "yes", "capture_data": "several"},
        facts(),
        *("find_photo", None, "student", date(2026, 11, 3)),
    ),
    (
        {**NO_PHOTO, "captured": "yes", "capture_data": "other_wrong"},
        facts(),
        *("find_photo", None, "student", date(2026, 11, 3)),
    ),
    (
        {**NO_PHOTO, "captured": "yes", "capture_data": "identity"},
        facts(),
        *("capture_identity", Form.IMAGE_INFO, "student centre college", None),
    ),
    (
        {**NO_PHOTO, "captured": "yes", "capture_data": "unsure"},
        facts(),
        *("capture_unsure", None, "student centre", None),
    ),
    (
        {"sees": "no_photo"},
        facts(graduated=True),
        *("graduate_unlinked", Form.PHOTO, "student centre college", date(2026, 11, 9)),
    ),
    ({"sees": "nothing", "account": "unchecked"}, facts(), "account_check", None, "student", TODAY),
    ({"sees": "nothing", "account": "differs"}, facts(), "account_check", None, "student", TODAY),
    ({"sees": "nothing", "account": "same"}, facts(), "account_same", None, "student centre college", None),
    ({}, facts(exempt=True), "exempt", None, "student", None),
]


@pytest.mark.parametrize(("answers", "known", "row", "form", "way", "day"), CASES, ids=lambda value: str(value)[:40])
def test_a_row_says_who_acts_with_which_form_and_when_to_look_again(
    answers: dict[str, str], known: Facts, row: str, form: Form | None, way: str, day: date | None
) -> None:
    outcome = decide(answers, known, TABLE)
    assert (outcome.row.id, outcome.row.form, outcome.look_again_on) == (row, form, day)
    assert " ".join(outcome.row.way) == way


def test_every_row_has_its_case_above() -> None:
    assert {row for _, _, row, *_ in CASES} == {row.id for row in TABLE.rows}


def test_every_row_names_its_source_and_what_no_document_says_is_ours_or_asked_of_the_centre() -> None:
    for row in TABLE.rows:
        assert row.source.startswith(("校对方法", "工作要求", "ours"))
        assert row.source.startswith("ours") == (row.kind is Kind.ASK_CENTRE)
        assert (row.look_again is LookAgain.DAYS) == (row.days > 0)
    for section in ("exempt", "status"):
        assert DATA[section]["source"]
    assert all(entry["source"] for entry in DATA["waits"] + DATA["pauses"])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"when": {"sees": "photos"}}, "asks for sees"),
        ({"when": {"weather": "fine"}}, "asks for weather"),
        ({"kind": "perhaps"}, "perhaps"),
        ({"way": ["teacher"]}, "teacher"),
        ({"form": "letter"}, "letter"),
        ({"look_again": "soon"}, "soon"),
        ({"id": "swapped"}, "two rows"),
    ],
)
def test_a_table_that_does_not_fit_together_stops_the_start(change: dict[str, Any], says: str) -> None:
    rows = [{**DATA["rows"][0], **change}, *DATA["rows"][1:]]
    with pytest.raises(ValueError, match=says):
        read_table({**DATA, "rows": rows})


@pytest.mark.parametrize(
    ("pressed_at", "answer"),
    [
        (NOW, "within"),
        (NOW - timedelta(hours=24) + timedelta(seconds=1), "within"),
        (NOW - timedelta(hours=24), "over"),
        (NOW - timedelta(days=40), "over"),
    ],
)
def test_the_window_is_24_hours_to_the_second(pressed_at: datetime, answer: str) -> None:
    assert known_inputs(facts(pressed_at=pressed_at), TABLE)["pressed"] == answer


@pytest.mark.parametrize(
    ("over_from", "answer"),
    [(TODAY, "over"), (TODAY + timedelta(days=1), "within"), (None, "within"), (OVER, "over")],
)
def test_study_time_is_a_fact_and_never_a_question(over_from: date | None, answer: str) -> None:
    assert known_inputs(facts(over_from=over_from), TABLE)["studied"] == answer


@pytest.mark.parametrize(
    ("status", "graduated_on", "known"),
    [
        ("毕业", None, True),
        ("已毕业", None, True),
        ("注册学籍", date(2026, 7, 1), True),
        ("注册学籍", date(2027, 1, 15), False),
        ("报到入学", None, False),
        ("休学", None, None),
        ("", None, None),
    ],
)
def test_the_colleges_word_says_whether_somebody_has_graduated(
    status: str, graduated_on: date | None, known: bool | None
) -> None:
    assert has_graduated(status, graduated_on, table=TABLE, today=TODAY) is known


def test_a_change_of_status_stops_the_clock_unless_the_data_say_otherwise() -> None:
    first, last = date(2025, 3, 1), date(2025, 8, 31)
    for kind, counts, pauses in [
        ("suspended", None, 1),
        ("suspended", True, 0),
        ("retained", None, 1),
        ("transferred", None, 0),
        ("transferred", False, 1),
        ("something new", None, 0),
    ]:
        assert len(pauses_of([(kind, first, last, counts)], TABLE)) == pauses


def test_working_days_leave_out_the_weekend() -> None:
    friday = date(2026, 11, 6)
    assert after_working_days(friday, 0) == friday
    assert after_working_days(friday, 1) == date(2026, 11, 9)
    assert after_working_days(date(2026, 11, 7), 1) == date(2026, 11, 9)
    assert after_working_days(friday, 10) == date(2026, 11, 20)


def test_the_usual_waits_are_data() -> None:
    day = date(2026, 11, 30)
    found = {wait.route: wait.after(day) for wait in TABLE.waits}
    assert found == {"agency": day, "unit": date(2027, 2, 28), "online": date(2026, 12, 14)}


def test_the_last_day_is_called_to_mind_two_weeks_and_three_days_before_it() -> None:
    last = date(2027, 3, 31)
    assert reminder_days(last, table=TABLE, today=TODAY) == [date(2027, 3, 17), date(2027, 3, 28)]
    assert reminder_days(last, table=TABLE, today=date(2027, 3, 17)) == [date(2027, 3, 28)]
    assert reminder_days(None, table=TABLE, today=TODAY) == []


def test_the_progress_counts_the_longest_way_that_is_left() -> None:
    assert most_questions_left({}, facts(graduated=False), TABLE) == 3
    assert most_questions_left({}, facts(graduated=False, over_from=WITHIN), TABLE) == 4
    for known in EVERY_FACTS:
        for answers in _ways(known):
            assert most_questions_left(answers, known, TABLE) == 0
            assert most_questions_left({}, known, TABLE) >= len(answers)


EVERY_PROOF = [
    ProofFacts(*values)
    for values in itertools.product(
        (None, False, True),
        *[(False, True)] * 3,
        (None, False, True),
        (None, False, True),
        (None, *Kind),
        *[(False, True)] * 2,
    )
]


def test_every_combination_has_one_step_and_every_step_comes_up() -> None:
    assert {proof_step(known) for known in EVERY_PROOF} == set(ProofStep)


def test_a_wrong_conclusion_is_never_called_done() -> None:
    for known in EVERY_PROOF:
        if known.all_right is False and not known.not_asked:
            assert proof_step(known) is not ProofStep.DONE


def test_without_a_photo_nothing_is_asked_to_be_concluded() -> None:
    for known in EVERY_PROOF:
        if not known.linked and not known.seen:
            assert proof_step(known) is not ProofStep.TO_CONCLUDE


@pytest.mark.parametrize(
    ("known", "step"),
    [
        (ProofFacts(), ProofStep.NOT_LINKED),
        (ProofFacts(linked=False), ProofStep.NOT_LINKED),
        (ProofFacts(linked=False, expected=True), ProofStep.NO_PHOTO),
        (ProofFacts(linked=True), ProofStep.TO_CONCLUDE),
        (ProofFacts(linked=True, seen=True), ProofStep.TO_CONCLUDE),
        (ProofFacts(linked=True, not_asked=True), ProofStep.DONE),
        (ProofFacts(not_asked=True), ProofStep.NOT_LINKED),
        (ProofFacts(linked=True, all_right=True), ProofStep.TO_CLICK),
        (ProofFacts(linked=True, all_right=True, clicked=True), ProofStep.DONE),
        (ProofFacts(linked=True, all_right=True, clicked=False), ProofStep.TO_CLICK),
        (ProofFacts(linked=True, all_right=False), ProofStep.FIND_WAY),
        (ProofFacts(linked=True, all_right=False, kind=Kind.FORM), ProofStep.IN_HANDS),
        (ProofFacts(linked=True, all_right=False, kind=Kind.FORM, mine=True), ProofStep.FORM_MINE),
        (ProofFacts(linked=True, all_right=False, kind=Kind.SELF), ProofStep.LOOK_AGAIN),
        (ProofFacts(linked=True, all_right=False, kind=Kind.SELF, settled=True), ProofStep.FIND_WAY),
        (ProofFacts(linked=True, all_right=False, kind=Kind.ASK_CENTRE), ProofStep.ASK_CENTRE),
        (ProofFacts(kind=Kind.DONE, not_asked=True), ProofStep.DONE),
    ],
    ids=str,
)
def test_where_a_student_stands(known: ProofFacts, step: ProofStep) -> None:
    assert proof_step(known) is step


def test_the_forms_and_their_reasons_are_those_of_the_errata_cases() -> None:
    for row in TABLE.rows:
        if row.form is not None and row.form is not Form.DATA:
            assert Reason(row.reason) in REASONS[ErratumForm(row.form.value)], row.id
        else:
            assert row.reason == ""
