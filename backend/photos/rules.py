"""What may happen to a photo, as a table. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from backend.errors import DomainError, NotAllowed


class State(StrEnum):
    NEEDS_RETAKE = "needs_retake"  # the machine found a clear defect; the student retakes, or asks for a person
    READY_FOR_REVIEW = "ready_for_review"  # waits for a person of the centre
    RETURNED = "returned"  # a person asked for another picture, with reasons; the student may object once
    ACCEPTED = "accepted"  # a person of the centre accepted it; handed on from here
    WITHDRAWN = "withdrawn"  # the student took it back before a decision


class Action(StrEnum):
    SUBMIT = "submit"  # a picture without a clear defect
    SUBMIT_DEFECT = "submit_defect"  # a picture with a clear defect, kept as a version
    OBJECT = "object"  # the student asks that a person looks (again)
    WITHDRAW = "withdraw"
    ACCEPT = "accept"
    RETURN = "return"
    UNDO = "undo"  # the reviewer takes the decision back, for a minute


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
    CAMERA = "camera"  # file input that asked for the camera, or our camera page
    ALBUM = "album"  # chosen from the album or the disk
    UNKNOWN = "unknown"


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


class DraftGone(DomainError):
    """The checked picture was deleted after its time, or belongs to somebody else."""

    code = "draft_gone"


def may_undo(*, decided_at: datetime, seconds: int, now: datetime) -> bool:
    return now - decided_at <= timedelta(seconds=seconds)
