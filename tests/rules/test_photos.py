"""What may happen to a photo; comparing two tries; a reviewer's reasons as findings."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backend.compliance.codes import Code
from backend.compliance.findings import Finding, Mark, Mode, Severity, Verdict
from backend.errors import NotAllowed
from backend.photos.rules import Action, State, compare, faulted, is_usable, may, may_undo, next_state
from tests.factories import report

ALLOWED = {
    None: {Action.SUBMIT, Action.SUBMIT_DEFECT},
    State.NEEDS_RETAKE: {Action.SUBMIT, Action.SUBMIT_DEFECT, Action.OBJECT},
    State.READY_FOR_REVIEW: {Action.SUBMIT, Action.SUBMIT_DEFECT, Action.WITHDRAW, Action.ACCEPT, Action.RETURN},
    State.RETURNED: {Action.SUBMIT, Action.SUBMIT_DEFECT, Action.OBJECT, Action.UNDO, Action.UNIT_TAKES},
    State.ACCEPTED: {Action.UNDO, Action.UNIT_REFUSES},
    State.WITHDRAWN: {Action.SUBMIT, Action.SUBMIT_DEFECT},
}


@pytest.mark.parametrize(("state", "action"), list(itertools.product((None, *State), Action)))
def test_every_pair_of_state_and_action_is_decided(state: State | None, action: Action) -> None:
    assert may(state, action) == (action in ALLOWED[state])
    if may(state, action):
        assert next_state(state, action) in State
    else:
        with pytest.raises(NotAllowed):
            next_state(state, action)


@pytest.mark.parametrize("state", [state for state in (None, *State) if may(state, Action.SUBMIT)])
def test_a_good_picture_always_goes_to_a_person_and_a_defect_never(state: State | None) -> None:
    assert next_state(state, Action.SUBMIT) is State.READY_FOR_REVIEW
    assert next_state(state, Action.SUBMIT_DEFECT) is State.NEEDS_RETAKE


def test_a_decision_can_be_undone_for_exactly_its_time() -> None:
    at = datetime(2026, 11, 2, tzinfo=UTC)
    assert may_undo(decided_at=at, seconds=60, now=at + timedelta(seconds=60))
    assert not may_undo(decided_at=at, seconds=60, now=at + timedelta(seconds=60, microseconds=1))


def finding(code: Code, verdict: Verdict, severity: Severity = Severity.HARD) -> Finding:
    mark = Mark("line", ((0.0, 38.0), (480.0, 38.0)))
    return Finding(code, verdict, severity, 38.0, "px", 50.0, 110.0, "R35", marks=(mark,))


def test_the_comparison_names_what_got_better_and_what_got_worse() -> None:
    before = report(
        findings=(
            finding(Code.HEAD_TOP, Verdict.BAD),
            finding(Code.EYE_LINE, Verdict.OK),
            finding(Code.BLUR, Verdict.DOUBT),
            finding(Code.BG_COLOR, Verdict.BAD),
        )
    )
    now = report(
        findings=(
            finding(Code.HEAD_TOP, Verdict.OK),
            finding(Code.EYE_LINE, Verdict.UNKNOWN),
            finding(Code.BLUR, Verdict.DOUBT),
            finding(Code.BG_COLOR, Verdict.BAD, Severity.SOFT),
            finding(Code.NO_FACE, Verdict.BAD),
        )
    )
    change = compare(before, now)
    assert change.better == (Code.HEAD_TOP, Code.BG_COLOR)
    assert change.worse == (Code.EYE_LINE,)


def test_two_equal_tries_differ_in_nothing() -> None:
    same = report(findings=(finding(Code.HEAD_TOP, Verdict.BAD),))
    assert compare(same, same).better == compare(same, same).worse == ()


def test_a_reviewers_reason_keeps_the_machines_measurement_and_drawing() -> None:
    (found,) = faulted(report(findings=(finding(Code.HEAD_TOP, Verdict.DOUBT),)), [Code.HEAD_TOP])
    assert found.forces_retake
    assert (found.value, len(found.marks)) == (38.0, 1)


def test_a_value_that_the_machine_found_right_does_not_speak_against_the_reviewer() -> None:
    (found,) = faulted(report(findings=(finding(Code.HEAD_TOP, Verdict.OK),)), [Code.HEAD_TOP])
    assert found.forces_retake
    assert found.value is None


def test_a_reason_that_no_machine_can_see_is_a_finding_without_a_measurement() -> None:
    (found,) = faulted(report(), [Code.MAKEUP])
    assert found.forces_retake
    assert (found.code, found.value, found.marks) == (Code.MAKEUP, None, ())


def test_a_raw_picture_without_a_frame_cannot_become_a_registration_photo() -> None:
    framed = report()
    assert is_usable(framed)
    assert not is_usable(replace(framed, frame=None))
    assert is_usable(replace(framed, mode=Mode.FINAL, frame=None))
