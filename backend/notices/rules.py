"""Tasks of notices, their life, short addresses. Pure."""

from __future__ import annotations

import secrets
from datetime import datetime
from enum import StrEnum

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that can be misread when typed from a poster


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
    PUBLISH = "publish"
    WITHDRAW = "withdraw"


NOTICE_TRANSITIONS: dict[tuple[NoticeState, NoticeAction], NoticeState] = {
    (NoticeState.DRAFT, NoticeAction.PUBLISH): NoticeState.PUBLISHED,
    (NoticeState.DRAFT, NoticeAction.WITHDRAW): NoticeState.WITHDRAWN,
    (NoticeState.PUBLISHED, NoticeAction.WITHDRAW): NoticeState.WITHDRAWN,
}


def new_token() -> str:
    """8 characters, 31^8 (about 8.5e11) possibilities: short to print, hopeless to guess."""
    return "".join(secrets.choice(ALPHABET) for _ in range(8))


def is_open(state: NoticeState, *, expires_at: datetime, now: datetime) -> bool:
    """Does a link of this notice lead to its task now?"""
    return state is NoticeState.PUBLISHED and now < expires_at
