"""Why 学信网 has no photo of a student, as far as anybody knows, and what comes next. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backend.photos.rules import State


class Cause(StrEnum):
    """The one cause that must be dealt with first."""

    IDENTITY = "identity"  # an identity review is under way
    DISPUTED = "disputed"  # the student reported registered data as wrong
    ERRATUM = "erratum"  # an erratum form is on its way
    NOT_LINKED = "not_linked"  # the unit has the photo, 学信网 has not linked it
    CAPTURED = "captured"  # the unit's team took the photo on site, says the centre; the unit has not said so yet
    SENT = "sent"  # handed over, says the centre; the unit has not answered yet
    REJECTED = "rejected"  # the unit rejected the photo
    NOT_AGREED = "not_agreed"  # accepted here, and the student does not agree to the hand-over
    NO_CODE = "no_code"  # the photo is accepted, the capture code is missing
    NOT_SENT = "not_sent"  # accepted here, not handed over yet
    WAITING = "waiting"  # waits for the centre's review
    FAILED = "failed"  # returned, or a clear defect: a new photo is needed
    NOT_ACTIVE = "not_active"  # has not activated the account
    NOT_CONFIRMED = "not_confirmed"  # has not confirmed the registered data
    NOT_CAPTURED = "not_captured"  # no photo yet


class Next(StrEnum):
    """Who does what."""

    REVIEW_IDENTITY = "review_identity"
    DECIDE_REPORT = "decide_report"
    FOLLOW_CASE = "follow_case"
    ASK_UNIT = "ask_unit"
    AWAIT_RECEIPT = "await_receipt"
    RETAKE = "retake"
    FETCH_CODE = "fetch_code"
    HAND_OVER = "hand_over"
    ASK_AGREEMENT = "ask_agreement"
    REVIEW_PHOTO = "review_photo"
    ACTIVATE = "activate"
    CONFIRM = "confirm"
    CAPTURE = "capture"


@dataclass(frozen=True)
class MissingFacts:
    """What is known of a student without a photo at 学信网. None: nobody says.

    unit_has: the capture unit's word on the photo; newer: the photo was submitted, or accepted, after that word;
    captured, sent: the centre's word since then that the unit took the picture itself, or got the present photo;
    has_code: a capture code that reads is here;
    agrees: to the hand-over: without it the centre sends nothing, whatever else is ready
    """

    identity: bool = False
    disputed: bool = False
    erratum: bool = False
    unit_has: bool | None = None
    photo: State | None = None
    active: bool = False
    confirmed: bool = False
    has_code: bool | None = None
    agrees: bool = True
    newer: bool = False
    captured: bool = False
    sent: bool = False


def cause_of(facts: MissingFacts) -> Cause:
    """One cause for every combination of facts: what stops everything else comes first."""
    if facts.identity:
        return Cause.IDENTITY
    if facts.disputed:
        return Cause.DISPUTED
    if facts.erratum:
        return Cause.ERRATUM
    if facts.unit_has:
        return Cause.NOT_LINKED
    if facts.captured:
        return Cause.CAPTURED
    if facts.sent:
        return Cause.SENT
    if facts.unit_has is False and not _moved_on(facts):
        return Cause.REJECTED
    if facts.photo is State.ACCEPTED and not facts.agrees:
        return Cause.NOT_AGREED
    if facts.photo is State.ACCEPTED:
        return Cause.NO_CODE if facts.has_code is False else Cause.NOT_SENT
    if facts.photo is State.READY_FOR_REVIEW:
        return Cause.WAITING
    if facts.photo in (State.RETURNED, State.NEEDS_RETAKE):
        return Cause.FAILED
    if not facts.active:
        return Cause.NOT_ACTIVE
    return Cause.NOT_CAPTURED if facts.confirmed else Cause.NOT_CONFIRMED


def _moved_on(facts: MissingFacts) -> bool:
    """Is the photo another one than the unit refused, or being looked at again?"""
    return facts.photo is not None and (facts.newer or facts.photo is State.READY_FOR_REVIEW)


NEXT: dict[Cause, Next] = {
    Cause.IDENTITY: Next.REVIEW_IDENTITY,
    Cause.DISPUTED: Next.DECIDE_REPORT,
    Cause.ERRATUM: Next.FOLLOW_CASE,
    Cause.NOT_LINKED: Next.ASK_UNIT,
    Cause.CAPTURED: Next.AWAIT_RECEIPT,
    Cause.SENT: Next.AWAIT_RECEIPT,
    Cause.REJECTED: Next.RETAKE,
    Cause.NOT_AGREED: Next.ASK_AGREEMENT,
    Cause.NO_CODE: Next.FETCH_CODE,
    Cause.NOT_SENT: Next.HAND_OVER,
    Cause.WAITING: Next.REVIEW_PHOTO,
    Cause.FAILED: Next.RETAKE,
    Cause.NOT_ACTIVE: Next.ACTIVATE,
    Cause.NOT_CONFIRMED: Next.CONFIRM,
    Cause.NOT_CAPTURED: Next.CAPTURE,
}


class Change(StrEnum):
    """Against the list before."""

    NEW = "new"  # on the newest list for the first time
    SOLVED = "solved"  # was on the list before; 学信网 has the photo now
