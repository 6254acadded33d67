"""The stages and the one next thing, for every combination of facts."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime

import pytest

from backend.photos.rules import State
from backend.progress.rules import (
    WAITS_FOR,
    Facts,
    Party,
    Stage,
    StageState,
    Step,
    Witness,
    deadline,
    next_step,
    stages,
)

AT = datetime(2026, 11, 2, 2, tzinfo=UTC)
LATER = datetime(2026, 11, 3, 2, tzinfo=UTC)


def facts(
    *, confirmed: bool, before: bool = False, reported: bool = False, consented: bool = True, photo: State | None = None
) -> Facts:
    return Facts(
        confirmed_at=AT if confirmed else None,
        confirmed_before=before,
        reported_at=AT if reported else None,
        consented=consented,
        photo=photo,
        photo_at=AT if photo else None,
        decided_at=LATER if photo in (State.ACCEPTED, State.RETURNED) else None,
    )


EVERY = [
    facts(confirmed=confirmed, before=before, reported=reported, consented=consented, photo=photo)
    for confirmed, before, reported, consented in itertools.product((True, False), repeat=4)
    for photo in (None, *State)
]

SETTLED: dict[tuple[bool, State | None], Step] = {  # (consented, photo) -> what comes next, the data being confirmed
    (True, None): Step.TAKE_PHOTO,
    (True, State.NEEDS_RETAKE): Step.RETAKE_MACHINE,
    (True, State.READY_FOR_REVIEW): Step.WAIT_REVIEW,
    (True, State.RETURNED): Step.RETAKE_RETURNED,
    (True, State.ACCEPTED): Step.DONE_FOR_NOW,
    (True, State.WITHDRAWN): Step.TAKE_PHOTO,
    (False, None): Step.CONSENT,
    (False, State.NEEDS_RETAKE): Step.CONSENT,
    (False, State.READY_FOR_REVIEW): Step.WAIT_REVIEW,
    (False, State.RETURNED): Step.CONSENT,
    (False, State.ACCEPTED): Step.DONE_FOR_NOW,
    (False, State.WITHDRAWN): Step.CONSENT,
}


@pytest.mark.parametrize("known", EVERY, ids=str)
def test_every_combination_has_one_next_step(known: Facts) -> None:
    if known.reported_at:
        expected = Step.WAIT_CORRECTION
    elif not known.confirmed_at:
        expected = Step.VERIFY_AGAIN if known.confirmed_before else Step.VERIFY
    else:
        expected = SETTLED[known.consented, known.photo]
    assert next_step(known) is expected


@pytest.mark.parametrize("known", EVERY, ids=str)
def test_exactly_one_stage_is_current_and_nothing_is_done_without_a_witness(known: Facts) -> None:
    rows = stages(known)
    assert [row.stage for row in rows] == list(Stage)
    assert [row.state for row in rows].count(StageState.CURRENT) == 1
    for row in rows:
        assert (row.state is StageState.DONE) == (row.witness is not None)
        assert (row.witness is None) == (row.since is None)


@pytest.mark.parametrize("known", EVERY, ids=str)
def test_no_stage_before_the_current_one_is_open(known: Facts) -> None:
    states = [row.state for row in stages(known)]
    assert StageState.TODO not in states[: states.index(StageState.CURRENT)]


@pytest.mark.parametrize(
    ("known", "current"),
    [
        (facts(confirmed=False), Stage.VERIFY),
        (facts(confirmed=True, reported=True), Stage.VERIFY),
        (facts(confirmed=True), Stage.CAPTURE),
        (facts(confirmed=True, photo=State.NEEDS_RETAKE), Stage.CAPTURE),
        (facts(confirmed=True, photo=State.READY_FOR_REVIEW), Stage.REVIEW),
        (facts(confirmed=True, photo=State.RETURNED), Stage.CAPTURE),
        (facts(confirmed=True, photo=State.WITHDRAWN), Stage.CAPTURE),
        (facts(confirmed=True, photo=State.ACCEPTED), Stage.HAND_OVER),
        (facts(confirmed=False, before=True, photo=State.ACCEPTED), Stage.VERIFY),
    ],
    ids=str,
)
def test_the_current_stage_is_the_first_without_evidence(known: Facts, current: Stage) -> None:
    assert next(row.stage for row in stages(known) if row.state is StageState.CURRENT) is current


def test_the_evidence_names_who_says_it_and_since_when() -> None:
    rows = {row.stage: row for row in stages(facts(confirmed=True, photo=State.ACCEPTED))}
    assert (rows[Stage.VERIFY].witness, rows[Stage.VERIFY].since) == (Witness.STUDENT, AT)
    assert (rows[Stage.CAPTURE].witness, rows[Stage.CAPTURE].since) == (Witness.STUDENT, AT)
    assert (rows[Stage.REVIEW].witness, rows[Stage.REVIEW].since) == (Witness.CENTRE, LATER)


def test_it_is_said_for_every_step_who_is_waited_for() -> None:
    assert set(WAITS_FOR) == set(Step)
    waiting = {step for step, party in WAITS_FOR.items() if party is Party.CENTRE}
    assert waiting == {Step.WAIT_CORRECTION, Step.WAIT_REVIEW, Step.DONE_FOR_NOW}


@pytest.mark.parametrize("step", Step)
def test_a_deadline_is_shown_only_when_the_student_has_to_act(step: Step) -> None:
    verify, capture = date(2026, 12, 1), date(2026, 12, 31)
    found = deadline(step, verify_by=verify, capture_by=capture)
    if WAITS_FOR[step] is Party.CENTRE:
        assert found is None
    else:
        assert found == (verify if step in (Step.VERIFY, Step.VERIFY_AGAIN) else capture)
