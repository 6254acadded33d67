"""What a system's token may do, how long things are kept, and how a call to a webhook is signed. Pure."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from backend.accounts.rules import Permission, Role, permissions_of
from backend.errors import DomainError


class Grant(StrEnum):
    """What a token of another system may be used for."""

    STUDENTS = "students.read"  # students with the stage at which they stand
    MATCHES = "matches.read"  # for whom 学信网 has a photo
    DECISIONS = "decisions.read"  # decisions on photos
    WEBHOOKS = "webhooks.keep"  # be told of what happens


# nobody gives a token more than they may do themselves
BEHIND: dict[Grant, Permission] = {
    Grant.STUDENTS: Permission.STUDENT_VIEW,
    Grant.MATCHES: Permission.STUDENT_VIEW,
    Grant.DECISIONS: Permission.PHOTO_REVIEW,
    Grant.WEBHOOKS: Permission.TOKEN_KEEP,
}


class Event(StrEnum):
    """What a webhook can be told of."""

    PHOTO_DECIDED = "photo.decided"
    CASE_CHANGED = "case.changed"


class DeliveryState(StrEnum):
    WAITING = "waiting"  # not taken yet; tried again until it is
    SENT = "sent"  # the other system took it
    DEAD = "dead"  # given up after the last attempt


class KeyReused(DomainError):
    """An idempotency key came again with another request."""

    code = "key_reused"


class KeyBusy(DomainError):
    """The first request with this idempotency key is still being worked on."""

    code = "key_busy"


KEPT_FOR = timedelta(hours=24)  # an answer under its idempotency key
BUSY_FOR = timedelta(minutes=5)  # then a request that never came to its end is forgotten
LONGEST_DAYS = 365  # life of a token
MAX_WEBHOOKS = 10  # of one token
ATTEMPTS = 8  # calls to a webhook before it is given up: over about an hour
FIRST_WAIT = 30  # seconds; doubles each time

_CASES = ("erratum", "correction", "alumni_case")  # identity reviews are not told: few people know of them


def grants_of(role: str | None) -> tuple[Grant, ...]:
    """What a member of staff of this role may give to a token."""
    if role is None or Permission.TOKEN_KEEP not in permissions_of("staff", Role(role)):
        return ()
    return tuple(grant for grant in Grant if BEHIND[grant] in permissions_of("staff", Role(role)))


def event_of(verb: str, facts: Mapping[str, Any]) -> Event | None:
    """The event that a fact is for other systems; None when it concerns them not."""
    if verb in ("photo.accepted", "photo.returned"):
        return Event.PHOTO_DECIDED
    subject, _, what = verb.partition(".")
    # a draft is the student's own until it is sent
    told = subject in _CASES and "state" in facts and what != "opened" and facts["state"] != "draft"
    return Event.CASE_CHANGED if told else None


def address_problem(address: str, *, plain: bool) -> str | None:
    """Why a webhook's address cannot be taken. plain: http is good enough (same machine, tests)."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "address"
    if parts.scheme not in (("https", "http") if plain else ("https",)) or not host or port == 0:
        return "address"
    if parts.username is not None or parts.fragment or not address.isascii() or not address.isprintable():
        return "address"
    local = host in ("localhost", "::1") or host.startswith(("127.", "169.254.", "0.", "[::"))
    return "address" if " " in address or (local and not plain) else None


def signature(secret: str, *, timestamp: int, body: str) -> str:
    """What proves that a call is ours: HMAC-SHA256 over "<timestamp>.<body>", in hex."""
    return hmac.new(secret.encode(), f"{timestamp}.{body}".encode(), hashlib.sha256).hexdigest()


def wait_after(attempts: int) -> timedelta | None:
    """How long to wait after the `attempts`-th failed call; None when it was the last."""
    return None if attempts >= ATTEMPTS else timedelta(seconds=FIRST_WAIT * 2 ** (attempts - 1))
