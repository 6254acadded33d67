"""The official way of a student, as stages with evidence, and the one next thing to do. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from backend.photos.rules import State


class Stage(StrEnum):
    """The official steps, in their order."""

    VERIFY = "verify"  # 核对学籍: the student confirms the registered data
    CAPTURE = "capture"  # 采集照片: a photo is submitted
    REVIEW = "review"  # 中心审核: a person of the centre accepts it
    HAND_OVER = "hand_over"  # 报送: the capture unit has it
    LINKED = "linked"  # 学信网已有照片
    PROOFREAD = "proofread"  # 校对: the student says at 学信网 that it is right
    REGISTRABLE = "registrable"  # 可注册


class StageState(StrEnum):
    DONE = "done"  # there is evidence
    CURRENT = "current"  # the first stage without
    TODO = "todo"  # later


class Witness(StrEnum):
    """Who says that a stage is done."""

    STUDENT = "student"
    CENTRE = "centre"


class Step(StrEnum):
    """The one next thing, as the student sees it."""

    VERIFY = "verify"  # check the registered data
    VERIFY_AGAIN = "verify_again"  # the data changed after the student had confirmed them
    WAIT_CORRECTION = "wait_correction"  # reported data are being looked at
    CONSENT = "consent"  # agree to the handling of the photo
    TAKE_PHOTO = "take_photo"
    RETAKE_MACHINE = "retake_machine"  # the check found a clear defect
    RETAKE_RETURNED = "retake_returned"  # the centre returned the photo with reasons
    WAIT_REVIEW = "wait_review"  # the centre looks at the photo
    DONE_FOR_NOW = "done_for_now"  # accepted: nothing to do until the hand-over


class Party(StrEnum):
    """Whom everybody waits for."""

    STUDENT = "student"
    CENTRE = "centre"


@dataclass(frozen=True)
class Facts:
    """What is known about one student. Times are aware; None: it has not happened.

    confirmed_at:     the data in their present version were confirmed
    confirmed_before: an earlier version was confirmed
    reported_at:      a report of wrong data is open since then
    photo, photo_at:  state of the photo and when its newest version was submitted
    decided_at:       the standing decision on the newest version
    """

    confirmed_at: datetime | None = None
    confirmed_before: bool = False
    reported_at: datetime | None = None
    consented: bool = False
    photo: State | None = None
    photo_at: datetime | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True)
class StageRow:
    """One stage with who says that it is done, and since when."""

    stage: Stage
    state: StageState
    witness: Witness | None = None
    since: datetime | None = None


def stages(facts: Facts) -> tuple[StageRow, ...]:
    """All seven stages; exactly one is current: the first without evidence. The last four have no evidence yet."""
    evidence = _evidence(facts)
    rows: list[StageRow] = []
    for stage in Stage:
        if stage in evidence:
            rows.append(StageRow(stage, StageState.DONE, *evidence[stage]))
        else:
            seen = any(row.state is StageState.CURRENT for row in rows)
            rows.append(StageRow(stage, StageState.TODO if seen else StageState.CURRENT))
    return tuple(rows)


def _evidence(facts: Facts) -> dict[Stage, tuple[Witness, datetime | None]]:
    found: dict[Stage, tuple[Witness, datetime | None]] = {}
    if facts.confirmed_at is not None and facts.reported_at is None:
        found[Stage.VERIFY] = (Witness.STUDENT, facts.confirmed_at)
    if facts.photo in (State.READY_FOR_REVIEW, State.ACCEPTED):
        found[Stage.CAPTURE] = (Witness.STUDENT, facts.photo_at)
    if facts.photo is State.ACCEPTED:
        found[Stage.REVIEW] = (Witness.CENTRE, facts.decided_at)
    return found


AFTER_PHOTO: dict[State, Step] = {
    State.NEEDS_RETAKE: Step.RETAKE_MACHINE,
    State.READY_FOR_REVIEW: Step.WAIT_REVIEW,
    State.RETURNED: Step.RETAKE_RETURNED,
    State.ACCEPTED: Step.DONE_FOR_NOW,
    State.WITHDRAWN: Step.TAKE_PHOTO,
}


def next_step(facts: Facts) -> Step:
    """The one next thing. The data come first: a photo of a record that is disputed helps nobody."""
    if facts.reported_at is not None:
        return Step.WAIT_CORRECTION
    if facts.confirmed_at is None:
        return Step.VERIFY_AGAIN if facts.confirmed_before else Step.VERIFY
    step = AFTER_PHOTO[facts.photo] if facts.photo is not None else Step.TAKE_PHOTO
    if not facts.consented and step in CAPTURE_STEPS:
        return Step.CONSENT
    return step


CAPTURE_STEPS = frozenset({Step.TAKE_PHOTO, Step.RETAKE_MACHINE, Step.RETAKE_RETURNED})
VERIFY_STEPS = frozenset({Step.VERIFY, Step.VERIFY_AGAIN})

WAITS_FOR: dict[Step, Party] = {
    Step.VERIFY: Party.STUDENT,
    Step.VERIFY_AGAIN: Party.STUDENT,
    Step.WAIT_CORRECTION: Party.CENTRE,
    Step.CONSENT: Party.STUDENT,
    Step.TAKE_PHOTO: Party.STUDENT,
    Step.RETAKE_MACHINE: Party.STUDENT,
    Step.RETAKE_RETURNED: Party.STUDENT,
    Step.WAIT_REVIEW: Party.CENTRE,
    Step.DONE_FOR_NOW: Party.CENTRE,
}


def deadline(step: Step, *, verify_by: date | None, capture_by: date | None) -> date | None:
    """The cohort's date until which the student does this step; None when nothing is asked of the student."""
    if step in VERIFY_STEPS:
        return verify_by
    return capture_by if step in CAPTURE_STEPS or step is Step.CONSENT else None
