"""Tasks of notices, their life, short addresses, and who may write them. Pure."""

from __future__ import annotations

import secrets
import unicodedata
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from backend.centres.rules import Scope
from backend.days import ZONE
from backend.errors import DomainError, NotAllowed

# One member of each group that is misread when typed from a poster; the others of the group stand for it.
ALPHABET = "0123456789acdefhjkmnprtvwxy"
LOOK_ALIKES = str.maketrans({"o": "0", "i": "1", "l": "1", "z": "2", "s": "5", "b": "8", "g": "9", "q": "9", "u": "v"})
TOKEN_LENGTH = 8

MAX_TITLE = 60  # characters, as wide as the column
MAX_BODY = 5000  # characters of Markdown
LATE_DAYS = 30  # a poster still leads somewhere for so long after its deadline: whoever is late needs it most


class Task(StrEnum):
    VERIFY = "verify"  # check the registered data
    CAPTURE = "capture"  # take the photo
    PROOFREAD = "proofread"  # proofread at 学信网
    ERRATA = "errata"  # report what is wrong
    ALUMNI = "alumni"  # graduates without a photo


class NoticeState(StrEnum):
    DRAFT = "draft"  # seen by staff only
    PUBLISHED = "published"  # its links work
    WITHDRAWN = "withdrawn"  # its links say that it is over; final


class NoticeAction(StrEnum):
    WRITE = "write"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    ADD_LINKS = "add_links"  # for centres that came after publishing


NOTICE_TRANSITIONS: dict[tuple[NoticeState, NoticeAction], NoticeState] = {
    (NoticeState.DRAFT, NoticeAction.WRITE): NoticeState.DRAFT,
    (NoticeState.DRAFT, NoticeAction.PUBLISH): NoticeState.PUBLISHED,
    (NoticeState.DRAFT, NoticeAction.WITHDRAW): NoticeState.WITHDRAWN,
    (NoticeState.PUBLISHED, NoticeAction.WRITE): NoticeState.PUBLISHED,
    (NoticeState.PUBLISHED, NoticeAction.WITHDRAW): NoticeState.WITHDRAWN,
    (NoticeState.PUBLISHED, NoticeAction.ADD_LINKS): NoticeState.PUBLISHED,
}


class NoCentreToServe(DomainError):
    """A notice that no centre would have a link for."""

    code = "no_centre_to_serve"


def next_notice_state(state: NoticeState, action: NoticeAction) -> NoticeState:
    """Raises NotAllowed when this state forbids the action."""
    try:
        return NOTICE_TRANSITIONS[state, action]
    except KeyError:
        raise NotAllowed(state=state.value, action=action.value) from None


def may_write(scope: Scope, centre_id: int | None) -> bool:
    """May somebody of this scope write a notice of this centre (None: of the college)?"""
    return scope.centre_id is None or scope.centre_id == centre_id


def may_read(scope: Scope, centre_id: int | None) -> bool:
    """May staff of this scope see a notice of this centre? Those of the college are for everybody."""
    return centre_id is None or scope.covers(centre_id)


def notice_problems(*, title: str, body: str, deadline: date | None, today: date) -> dict[str, str]:
    """Field -> key of its sentence (area `notices.problem`). Empty when the notice can be kept."""
    problems = {}
    if not title:
        problems["title"] = "title_missing"
    elif len(title) > MAX_TITLE:
        problems["title"] = "title_long"
    if not body:
        problems["body"] = "body_missing"
    elif len(body) > MAX_BODY:
        problems["body"] = "body_long"
    if deadline is not None and deadline < today:
        problems["deadline"] = "deadline_past"
    return problems


def new_token() -> str:
    """8 characters, 27^8 (about 2.8e11) possibilities: short to print, hopeless to guess."""
    return "".join(secrets.choice(ALPHABET) for _ in range(TOKEN_LENGTH))


def read_token(typed: str) -> str | None:
    """The token that somebody typed from a poster; None when it cannot be one.

    Capitals, full-width letters, spaces, hyphens and look-alikes (O for 0, l for 1, ...) are forgiven.
    """
    plain = unicodedata.normalize("NFKC", typed).lower().replace(" ", "").replace("-", "").translate(LOOK_ALIKES)
    return plain if len(plain) == TOKEN_LENGTH and set(plain) <= set(ALPHABET) else None


def link_expires_at(*, link_days: int, deadline: date | None, now: datetime) -> datetime:
    """When a link made now ends: after `link_days`, or LATE_DAYS after the deadline's day, whichever is later."""
    usual = now + timedelta(days=link_days)
    if deadline is None:
        return usual
    return max(usual, datetime.combine(deadline + timedelta(days=LATE_DAYS + 1), time(), ZONE))


def is_open(state: NoticeState, *, expires_at: datetime, now: datetime) -> bool:
    """Does a link of this notice lead to its task now?"""
    return state is NoticeState.PUBLISHED and now < expires_at
