"""The official way of a student, as stages with evidence, and the one next thing to do. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from backend.photos.rules import State
from backend.proofreading.rules import ProofStep
from backend.proofreading.stages import Evidence, Stage, Witness, standing


class StageState(StrEnum):
    DONE = "done"  # the standing evidence says so
    OVERTAKEN = "overtaken"  # no evidence of its own, but a later stage has it
    CURRENT = "current"  # the first stage without
    TODO = "todo"  # later


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
    AT_UNIT = "at_unit"  # the unit took the picture itself: nothing to do until 学信网 has it
    NO_PHOTO = "no_photo"  # handed over, but the college's download says that 学信网 has none: find out why
    PROOFREAD = "proofread"  # the photo is at 学信网: right or wrong?
    CLICK = "click"  # right here: press the button at 学信网 too
    FIND_WAY = "find_way"  # something is wrong: answer a few questions
    LOOK_AGAIN = "look_again"  # look at 学信网 again on a day
    FORM = "form"  # the student completes the form, or looks whether it is corrected
    WAIT_FORM = "wait_form"  # a form is on its way
    ASK_CENTRE = "ask_centre"  # a person of the centre decides
    WAIT_REGISTER = "wait_register"  # proofread: the college registers the diploma


class Party(StrEnum):
    """Whom everybody waits for."""

    STUDENT = "student"
    CENTRE = "centre"
    COLLEGE = "college"


@dataclass(frozen=True)
class Facts:
    """What is known about one student. Times are aware; None: it has not happened.

    confirmed_at:     the data in their present version were confirmed
    confirmed_before: an earlier version was confirmed
    reported_at:      a report of wrong data is open since then
    photo, photo_at:  state of the photo and when its newest version was submitted
    decided_at:       the standing decision on the newest version
    evidence:         what others say of the later stages, see proofreading.stages
    proof:            where the student stands in proofreading
    """

    confirmed_at: datetime | None = None
    confirmed_before: bool = False
    reported_at: datetime | None = None
    consented: bool = False
    photo: State | None = None
    photo_at: datetime | None = None
    decided_at: datetime | None = None
    evidence: tuple[Evidence, ...] = ()
    proof: ProofStep = ProofStep.NOT_LINKED


@dataclass(frozen=True)
class StageRow:
    """One stage with who says that it is done, and since when.

    word:    the standing evidence, which may say that the stage is not reached; None: nobody says anything
    against: words of weaker witnesses that say otherwise: shown, not hidden
    """

    stage: Stage
    state: StageState
    word: Evidence | None = None
    against: tuple[Evidence, ...] = ()

    @property
    def witness(self) -> Witness | None:
        return self.word.witness if self.word is not None and self.word.holds else None

    @property
    def since(self) -> datetime | None:
        return self.word.since if self.word is not None and self.word.holds else None


def stages(facts: Facts) -> tuple[StageRow, ...]:
    """All seven stages; at most one is current: the first that is neither reached nor overtaken by a later one.

    A photo that 学信网 has was handed over, whoever brought it there; a stage that somebody denies is not overtaken.
    """
    words = [*_own_evidence(facts), *facts.evidence]
    stands = {stage: standing(word for word in words if word.stage is stage) for stage in Stage}
    reached = [stage for stage, word in stands.items() if word is not None and word.holds]
    proven = max((ORDER[stage] for stage in reached if stage in LATER), default=-1)
    rows: list[StageRow] = []
    for stage, word in stands.items():
        if word is not None and word.holds:
            state = StageState.DONE
        elif word is None and ORDER[stage] < proven:
            state = StageState.OVERTAKEN
        else:
            seen = any(row.state is StageState.CURRENT for row in rows)
            state = StageState.TODO if seen else StageState.CURRENT
        against = tuple(w for w in words if w.stage is stage and word is not None and w.holds != word.holds)
        rows.append(StageRow(stage, state, word, against))
    return tuple(rows)


ORDER = {stage: number for number, stage in enumerate(Stage)}
LATER = frozenset({Stage.LINKED, Stage.PROOFREAD, Stage.REGISTRABLE})  # evidence of these overtakes what came before


def _own_evidence(facts: Facts) -> list[Evidence]:
    """What our own tables say of the first three stages."""
    found: list[Evidence] = []
    if facts.confirmed_at is not None and facts.reported_at is None:
        found.append(Evidence(Stage.VERIFY, Witness.STUDENT, True, facts.confirmed_at))
    if facts.photo in (State.READY_FOR_REVIEW, State.ACCEPTED) and facts.photo_at is not None:
        found.append(Evidence(Stage.CAPTURE, Witness.STUDENT, True, facts.photo_at))
    if facts.photo is State.ACCEPTED and facts.decided_at is not None:
        found.append(Evidence(Stage.REVIEW, Witness.CENTRE, True, facts.decided_at))
    return found


AFTER_PHOTO: dict[State, Step] = {
    State.NEEDS_RETAKE: Step.RETAKE_MACHINE,
    State.READY_FOR_REVIEW: Step.WAIT_REVIEW,
    State.RETURNED: Step.RETAKE_RETURNED,
    State.ACCEPTED: Step.DONE_FOR_NOW,
    State.WITHDRAWN: Step.TAKE_PHOTO,
}


def next_step(facts: Facts) -> Step:
    """The one next thing.

    The data come first: a photo of a record that is disputed helps nobody. A photo that is at 学信网 comes next,
    whoever brought it there; then the way of the photo here.
    """
    if facts.reported_at is not None:
        return Step.WAIT_CORRECTION
    if facts.proof is not ProofStep.NOT_LINKED:
        return AFTER_LINKED[facts.proof]
    if facts.confirmed_at is None:
        return Step.VERIFY_AGAIN if facts.confirmed_before else Step.VERIFY
    step = AFTER_PHOTO[facts.photo] if facts.photo is not None else Step.TAKE_PHOTO
    if step in CAPTURE_STEPS and _unit_has(facts):
        return Step.AT_UNIT
    if not facts.consented and step in CAPTURE_STEPS:
        return Step.CONSENT
    return step


def _unit_has(facts: Facts) -> bool:
    """By the word that stands; without a photo of ours, the unit took the picture itself."""
    word = standing(word for word in facts.evidence if word.stage is Stage.HAND_OVER)
    return word is not None and word.holds


AFTER_LINKED: dict[ProofStep, Step] = {
    ProofStep.NO_PHOTO: Step.NO_PHOTO,
    ProofStep.TO_CONCLUDE: Step.PROOFREAD,
    ProofStep.TO_CLICK: Step.CLICK,
    ProofStep.FIND_WAY: Step.FIND_WAY,
    ProofStep.LOOK_AGAIN: Step.LOOK_AGAIN,
    ProofStep.FORM_MINE: Step.FORM,
    ProofStep.IN_HANDS: Step.WAIT_FORM,
    ProofStep.ASK_CENTRE: Step.ASK_CENTRE,
    ProofStep.DONE: Step.WAIT_REGISTER,
}
CAPTURE_STEPS = frozenset({Step.TAKE_PHOTO, Step.RETAKE_MACHINE, Step.RETAKE_RETURNED})
PROOFREAD_STEPS = frozenset({Step.PROOFREAD, Step.CLICK, Step.FIND_WAY, Step.FORM, Step.NO_PHOTO})
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
    Step.AT_UNIT: Party.CENTRE,
    Step.NO_PHOTO: Party.STUDENT,
    Step.PROOFREAD: Party.STUDENT,
    Step.CLICK: Party.STUDENT,
    Step.FIND_WAY: Party.STUDENT,
    Step.LOOK_AGAIN: Party.STUDENT,
    Step.FORM: Party.STUDENT,
    Step.WAIT_FORM: Party.CENTRE,
    Step.ASK_CENTRE: Party.CENTRE,
    Step.WAIT_REGISTER: Party.COLLEGE,
}


def deadline(
    step: Step, *, verify_by: date | None, capture_by: date | None, proofread_by: date | None = None
) -> date | None:
    """The cohort's date until which the student does this step; None when nothing is asked of the student."""
    if step in VERIFY_STEPS:
        return verify_by
    if step in PROOFREAD_STEPS:
        return proofread_by
    return capture_by if step in CAPTURE_STEPS or step is Step.CONSENT else None
