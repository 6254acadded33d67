"""What may happen to a photo, as a table. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median

from backend.compliance.codes import Code
from backend.compliance.findings import Finding, Mode, PictureVerdict, Report, Severity, Verdict
from backend.errors import DomainError, Invalid, NotAllowed


class State(StrEnum):
    NEEDS_RETAKE = "needs_retake"  # the machine found a clear defect; the student retakes, or asks for a person
    READY_FOR_REVIEW = "ready_for_review"  # waits for a person of the centre
    RETURNED = "returned"  # a person, or the capture unit, asked for another picture; the student may object once
    ACCEPTED = "accepted"  # a person of the centre accepted it; handed on from here
    WITHDRAWN = "withdrawn"  # the student took it back before a decision


class Part(StrEnum):
    """Parts of the reviewers' queue: how much of a person's attention each photo needs."""

    GREEN = "green"  # the machine found nothing, and nobody objects
    ORANGE = "orange"  # the machine is not sure of something
    RED = "red"  # the student asks for a person, against a clear defect or against a return


class Action(StrEnum):
    SUBMIT = "submit"  # a picture without a clear defect
    SUBMIT_DEFECT = "submit_defect"  # a picture with a clear defect, kept as a version
    OBJECT = "object"  # the student asks that a person looks (again)
    WITHDRAW = "withdraw"
    ACCEPT = "accept"
    RETURN = "return"
    UNDO = "undo"  # the reviewer takes the decision back, for a minute
    UNIT_REFUSES = "unit_refuses"  # the capture unit did not take the accepted photo: another one is needed
    UNIT_TAKES = "unit_takes"  # that was written down by mistake: it stands accepted again


TRANSITIONS: dict[tuple[State | None, Action], State] = {
    (None, Action.SUBMIT): State.READY_FOR_REVIEW,
    (None, Action.SUBMIT_DEFECT): State.NEEDS_RETAKE,
    (State.NEEDS_RETAKE, Action.SUBMIT): State.READY_FOR_REVIEW,
    (State.NEEDS_RETAKE, Action.SUBMIT_DEFECT): State.NEEDS_RETAKE,
    (State.NEEDS_RETAKE, Action.OBJECT): State.READY_FOR_REVIEW,
    (State.READY_FOR_REVIEW, Action.SUBMIT): State.READY_FOR_REVIEW,
    (State.READY_FOR_REVIEW, Action.SUBMIT_DEFECT): State.NEEDS_RETAKE,
    (State.READY_FOR_REVIEW, Action.WITHDRAW): State.WITHDRAWN,
    (State.READY_FOR_REVIEW, Action.ACCEPT): State.ACCEPTED,
    (State.READY_FOR_REVIEW, Action.RETURN): State.RETURNED,
    (State.RETURNED, Action.SUBMIT): State.READY_FOR_REVIEW,
    (State.RETURNED, Action.SUBMIT_DEFECT): State.NEEDS_RETAKE,
    (State.RETURNED, Action.OBJECT): State.READY_FOR_REVIEW,
    (State.RETURNED, Action.UNDO): State.READY_FOR_REVIEW,
    (State.ACCEPTED, Action.UNDO): State.READY_FOR_REVIEW,
    (State.ACCEPTED, Action.UNIT_REFUSES): State.RETURNED,
    (State.RETURNED, Action.UNIT_TAKES): State.ACCEPTED,
    (State.WITHDRAWN, Action.SUBMIT): State.READY_FOR_REVIEW,
    (State.WITHDRAWN, Action.SUBMIT_DEFECT): State.NEEDS_RETAKE,
}


def next_state(state: State | None, action: Action) -> State:
    """The state after the action. Raises NotAllowed when the table has no such row."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise NotAllowed(state=state and state.value, action=action.value) from None


def may(state: State | None, action: Action) -> bool:
    return (state, action) in TRANSITIONS


class Source(StrEnum):
    LIVE = "live"  # our camera page
    CAMERA = "camera"  # file input that asked for the camera
    ALBUM = "album"  # chosen from the album or the disk
    SCANNED = "scanned"  # a file that the centre had, handed in for the student
    UNKNOWN = "unknown"


def is_allowed(source: Source, *, live_only: bool) -> bool:
    """A profile may ask for a picture taken now. What the phone says of it cannot be proved: the reviewer decides."""
    return not live_only or source in (Source.LIVE, Source.CAMERA)


class AlreadyObjected(DomainError):
    """One objection per version has been made."""

    code = "already_objected"


class UndoTooLate(DomainError):
    """The minute is over; facts: seconds."""

    code = "undo_too_late"


class ReasonMissing(DomainError):
    """A return without a reason, or with one that is not on the list."""

    code = "reason_missing"


class ConsentMissing(DomainError):
    """The student has not agreed to the handling of the photo."""

    code = "consent_missing"


class OwnScan(DomainError):
    """Whoever handed a scan in for a student does not accept it: a colleague or the registry looks at it."""

    code = "own_scan"


class DraftGone(DomainError):
    """The checked picture was deleted after its time, or belongs to somebody else."""

    code = "draft_gone"


class SentBefore(DomainError):
    """The picture with this key of the phone is a version already; facts: version (its number)."""

    code = "sent_before"


class NoUsableFrame(DomainError):
    """A raw picture in which the engine found no frame: no registration file can come of it."""

    code = "no_usable_frame"


def may_decide(action: Action, *, submitted_by: int | None, reviewer_id: int | None) -> bool:
    """Four eyes: a scan is accepted by somebody else than who handed it in. Sending it back is open to everybody."""
    return action is not Action.ACCEPT or submitted_by is None or submitted_by != reviewer_id


def words_that_count(verdict: PictureVerdict, words: str) -> str | None:
    """A student's words to the person who looks: kept with a defect or a doubt, without meaning when nothing was found.

    Raises Invalid for a clear defect without words: such a picture is handed in only with a reason to look at it.
    """
    words = words.strip()
    if verdict is PictureVerdict.RETAKE and not words:
        raise Invalid({"ask": "needed"})
    return words or None if verdict is not PictureVerdict.PASS else None


def is_usable(report: Report) -> bool:
    """Can this picture become a registration file? A raw one needs a frame around a face."""
    return report.mode is Mode.FINAL or report.frame is not None


@dataclass(frozen=True)
class Comparison:
    """What changed from one try to the next, in the order of the checks."""

    better: tuple[Code, ...]
    worse: tuple[Code, ...]


def compare(before: Report, now: Report) -> Comparison:
    """Which findings of two reports got better or worse; checks that ran only once are left out."""
    known = {finding.code: _weight(finding) for finding in before.findings}
    steps = [
        (finding.code, _weight(finding) - known[finding.code]) for finding in now.findings if finding.code in known
    ]
    return Comparison(
        better=tuple(code for code, step in steps if step < 0), worse=tuple(code for code, step in steps if step > 0)
    )


def faulted(report: Report, codes: Sequence[Code]) -> tuple[Finding, ...]:
    """A reviewer's reasons as findings: with the machine's drawing, and its value where that speaks for the reason.

    A person's word is a reason for another picture, whatever the machine said.
    """
    measured = {finding.code: finding for finding in report.findings}
    return tuple(_faulted(measured.get(code), code) for code in codes)


def _faulted(measured: Finding | None, code: Code) -> Finding:
    if measured is None:
        return Finding(code, Verdict.BAD, Severity.HARD, None, "", None, None, "")
    value = None if measured.verdict is Verdict.OK else measured.value
    return replace(measured, verdict=Verdict.BAD, severity=Severity.HARD, value=value)


def _weight(finding: Finding) -> int:
    """0 fine, 1 a person looks, 2 another picture is needed."""
    return 2 if finding.forces_retake else int(finding.needs_a_look)


MAX_TEXT = 500  # characters that a reviewer writes, to the student or to colleagues


def text_problems(reasons: Sequence[str], text_student: str, text_staff: str) -> dict[str, str]:
    """Field -> what is wrong with a reviewer's words. Whoever says "other" writes out what it is."""
    texts = {"text_student": text_student.strip(), "text_staff": text_staff.strip()}
    problems = {field: "too_long" for field, text in texts.items() if len(text) > MAX_TEXT}
    if Code.OTHER in reasons and not texts["text_student"]:
        problems["text_student"] = "text_needed"
    return problems


def may_undo(*, decided_at: datetime, seconds: int, now: datetime) -> bool:
    return now - decided_at <= timedelta(seconds=seconds)


BREAK_SECONDS = 300  # a longer time between two decisions was something else than looking at one photo


def median_pace(decided: Sequence[datetime]) -> float | None:
    """Seconds from one decision to the next, the middle of all; None for fewer than two. `decided`: in order."""
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(decided)]
    return median(found) if (found := [gap for gap in gaps if gap <= BREAK_SECONDS]) else None
