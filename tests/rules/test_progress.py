"""The stages and the one next thing, for every combination of facts."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from backend.photos.rules import State
from backend.progress.rules import (
    AFTER_LINKED,
    PROOFREAD_STEPS,
    WAITS_FOR,
    Facts,
    Party,
    StageState,
    Step,
    deadline,
    next_step,
    stages,
)
from backend.proofreading.rules import ProofStep
from backend.proofreading.stages import Evidence, Stage, Witness

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


@pytest.mark.parametrize("photo", [None, State.NEEDS_RETAKE, State.RETURNED, State.WITHDRAWN])
def test_who_the_unit_has_captured_itself_is_asked_for_no_photo(photo: State | None) -> None:
    known = facts(confirmed=True, photo=photo)
    there = Evidence(Stage.HAND_OVER, Witness.CENTRE, True, LATER, "session 1")
    assert next_step(replace(known, evidence=(there,))) is Step.AT_UNIT
    refused = Evidence(Stage.HAND_OVER, Witness.UNIT, False, LATER)
    assert next_step(replace(known, evidence=(there, refused))) is next_step(known)


def test_it_is_said_for_every_step_who_is_waited_for() -> None:
    assert set(WAITS_FOR) == set(Step)
    waiting = {step for step, party in WAITS_FOR.items() if party is Party.CENTRE}
    assert waiting == {
        *(Step.WAIT_CORRECTION, Step.WAIT_REVIEW, Step.DONE_FOR_NOW, Step.AT_UNIT),
        *(Step.WAIT_FORM, Step.ASK_CENTRE),
    }
    assert {step for step, party in WAITS_FOR.items() if party is Party.COLLEGE} == {Step.WAIT_REGISTER}


@pytest.mark.parametrize("step", Step)
def test_a_deadline_is_shown_only_when_the_student_has_to_act(step: Step) -> None:
    verify, capture, proofread = date(2026, 12, 1), date(2026, 12, 31), date(2027, 3, 31)
    found = deadline(step, verify_by=verify, capture_by=capture, proofread_by=proofread)
    if WAITS_FOR[step] is not Party.STUDENT or step is Step.LOOK_AGAIN:  # that day is the student's own
        assert found is None
    elif step in (Step.VERIFY, Step.VERIFY_AGAIN):
        assert found == verify
    else:
        assert found == (proofread if step in PROOFREAD_STEPS else capture)


@pytest.mark.parametrize("proof", ProofStep)
def test_a_photo_at_chsi_comes_before_the_way_of_the_photo_here(proof: ProofStep) -> None:
    for known in EVERY:
        step = next_step(replace(known, proof=proof))
        if known.reported_at:
            assert step is Step.WAIT_CORRECTION
        elif proof is ProofStep.NOT_LINKED:
            assert step is next_step(known)
        else:
            assert step is AFTER_LINKED[proof]


def test_every_step_of_proofreading_has_its_next_step() -> None:
    assert set(AFTER_LINKED) == set(ProofStep) - {ProofStep.NOT_LINKED}


def word(stage: Stage, witness: Witness, holds: bool = True, at: datetime = AT) -> Evidence:
    return Evidence(stage, witness, holds, at)


@pytest.mark.parametrize(("weak", "strong"), list(itertools.combinations(Witness, 2)))
@pytest.mark.parametrize("holds", [True, False])
def test_the_stronger_witness_stands_and_the_weaker_is_shown(weak: Witness, strong: Witness, holds: bool) -> None:
    said = (word(Stage.PROOFREAD, strong, holds), word(Stage.PROOFREAD, weak, not holds, LATER))
    known = replace(facts(confirmed=True, photo=State.ACCEPTED), evidence=said)
    row = next(row for row in stages(known) if row.stage is Stage.PROOFREAD)
    assert row.word == said[0]
    assert row.against == (said[1],)
    assert (row.state is StageState.DONE) is holds


def test_witnesses_who_agree_contradict_nothing() -> None:
    said = (word(Stage.LINKED, Witness.COLLEGE), word(Stage.LINKED, Witness.STUDENT))
    assert all(row.against == () for row in stages(replace(facts(confirmed=True), evidence=said)))


def test_a_photo_that_chsi_has_was_handed_over_whoever_brought_it_there() -> None:
    rows = {
        row.stage: row
        for row in stages(replace(facts(confirmed=False), evidence=(word(Stage.LINKED, Witness.COLLEGE),)))
    }
    assert [row.state for row in rows.values()] == [
        *[StageState.OVERTAKEN] * 4,
        *(StageState.DONE, StageState.CURRENT, StageState.TODO),
    ]
    assert rows[Stage.HAND_OVER].witness is None


def test_a_stage_that_somebody_denies_is_not_overtaken() -> None:
    said = (word(Stage.LINKED, Witness.COLLEGE, False), word(Stage.PROOFREAD, Witness.STUDENT))
    rows = {row.stage: row for row in stages(replace(facts(confirmed=True, photo=State.ACCEPTED), evidence=said))}
    assert rows[Stage.LINKED].state is StageState.CURRENT
    assert rows[Stage.HAND_OVER].state is StageState.OVERTAKEN


def test_when_everything_is_proven_no_stage_is_current() -> None:
    said = tuple(word(stage, Witness.COLLEGE) for stage in Stage)
    assert {row.state for row in stages(replace(facts(confirmed=True), evidence=said))} == {StageState.DONE}


EVERY_WORD = [
    Evidence(stage, witness, holds, AT)
    for stage in (Stage.HAND_OVER, Stage.LINKED, Stage.PROOFREAD, Stage.REGISTRABLE)
    for witness in (Witness.STUDENT, Witness.COLLEGE)
    for holds in (True, False)
]


def test_with_any_two_words_at_most_one_stage_is_current_and_done_has_a_witness() -> None:
    for one, other in itertools.combinations(EVERY_WORD, 2):
        for known in EVERY[:12]:
            rows = stages(replace(known, evidence=(one, other)))
            states = [row.state for row in rows]
            assert states.count(StageState.CURRENT) <= 1
            for row in rows:
                assert (row.state is StageState.DONE) == (row.witness is not None)
