"""Which reminder fits which cause, how often one may be sent, and what a note of a call holds. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from backend.progress.causes import Cause


class Way(StrEnum):
    """How somebody from the desk turned to a student."""

    REMINDER = "reminder"
    CALL = "call"


class Outcome(StrEnum):
    """What came of a call."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    WRONG_NUMBER = "wrong_number"


class Template(StrEnum):
    """A reminder; its words are in the messages, as what VERBS says."""

    CONFIRM = "confirm"
    CAPTURE = "capture"
    RETAKE = "retake"
    CODE = "code"
    SESSION_CODE = "session_code"  # signed up for a session that needs a code that reads
    AGREE = "agree"


# a reminder -> what the history says; the message follows from it
VERBS: dict[Template, str] = {
    Template.CONFIRM: "contact.reminded_confirm",
    Template.CAPTURE: "contact.reminded_capture",
    Template.RETAKE: "contact.reminded_retake",
    Template.CODE: "contact.reminded_code",
    Template.SESSION_CODE: "contact.reminded_session_code",
    Template.AGREE: "contact.reminded_agree",
}


class Left(StrEnum):
    """Why a student of the selection gets no reminder."""

    NO_ACCOUNT = "no_account"  # has no inbox yet: call
    NOT_THEIRS = "not_theirs"  # the next step is the centre's or the college's, there is nothing to ask for
    TOO_SOON = "too_soon"  # was reminded a short while ago
    NOT_LISTED = "not_listed"  # not on the list any more


@dataclass(frozen=True)
class Reminders:
    """config/reminders.toml as read. most: students that one press reminds at most."""

    pause: timedelta
    most: int
    templates: Mapping[Cause, Template]


def read_reminders(data: Mapping[str, Any]) -> Reminders:
    """From the parsed TOML. Raises KeyError or ValueError for a table that cannot be used."""
    templates = {Cause(name): Template(table["template"]) for name, table in data["cause"].items()}
    return Reminders(timedelta(days=data["pause"]["days"]), int(data["selection"]["most"]), templates)


def left_out(
    rules: Reminders, *, cause: Cause | None, has_account: bool, last: datetime | None, now: datetime
) -> Left | None:
    """Why this student gets no reminder now; None when one goes out. last: when the student was last reminded."""
    if cause is None:
        return Left.NOT_LISTED
    if cause is Cause.NOT_ACTIVE or not has_account:
        return Left.NO_ACCOUNT
    if cause not in rules.templates:
        return Left.NOT_THEIRS
    return too_early(rules, has_account=has_account, last=last, now=now)


def too_early(rules: Reminders, *, has_account: bool, last: datetime | None, now: datetime) -> Left | None:
    """Why no reminder of anything reaches this student now; None when one does."""
    if not has_account:
        return Left.NO_ACCOUNT
    if last is not None and now - last < rules.pause:
        return Left.TOO_SOON
    return None


MAX_NOTE = 500


def call_problems(outcome: str, note: str) -> dict[str, str]:
    """Why a call cannot be written down, by field."""
    problems: dict[str, str] = {}
    if outcome not in set(Outcome):
        problems["outcome"] = "outcome_needed"
    if len(note) > MAX_NOTE:
        problems["note"] = "note_long"
    return problems
