"""What a system's token may do, how long things are kept, and how a call to a webhook is signed. Pure."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from backend.accounts.rules import Permission, Role, permissions_of
from backend.errors import DomainError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
TRANSLATED = ip_network("64:ff9b::/96")  # an IPv4 address in the last four bytes (RFC 6052)


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


class Answered(Exception):
    """The change under this idempotency key was made by another request, which was answered so."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


KEPT_FOR = timedelta(hours=24)  # an answer under its idempotency key
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
    if verb in ("photo.accepted", "photo.returned", "photo.unit_refused"):
        return Event.PHOTO_DECIDED
    subject, _, what = verb.partition(".")
    # a draft is the student's own until it is sent
    told = subject in _CASES and "state" in facts and what != "opened" and facts["state"] != "draft"
    return Event.CASE_CHANGED if told else None


def address_problem(address: str, *, plain: bool, own: Sequence[Network] = ()) -> str | None:
    """Why a webhook's address cannot be taken.

    plain: http is good enough (development, tests); own: networks inside that may be called. What a name stands for is
    looked at before each call: see adapters.outside.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "address"
    if parts.scheme not in (("https", "http") if plain else ("https",)) or not host or port == 0:
        return "address"
    if parts.username is not None or parts.fragment or not address.isascii() or not address.isprintable():
        return "address"
    return "address" if " " in address else "inside" if _names_inside(host, own) else None


def _names_inside(host: str, own: Sequence[Network]) -> bool:
    try:
        return is_inside(ip_address(host), own=own)
    except ValueError:  # a name
        this_machine = host == "localhost" or host.endswith(".localhost")
        return this_machine and is_inside(ip_address("127.0.0.1"), own=own)


def is_inside(address: Address, *, own: Sequence[Network]) -> bool:
    """Is this an address of our own machine or house, where a stranger's words must not be sent?

    own: networks of the house that may be called all the same. An IPv4 address inside an IPv6 one counts as itself.
    """
    if isinstance(address, IPv6Address):
        within = address.ipv4_mapped or address.sixtofour
        if within is None and address in TRANSLATED:
            within = IPv4Address(int(address) & 0xFFFFFFFF)
        if within is not None:
            return is_inside(within, own=own)
    if any(address in network for network in own):
        return False
    return not address.is_global or address.is_multicast or address.is_reserved


def signature(secret: str, *, timestamp: int, body: str) -> str:
    """What proves that a call is ours: HMAC-SHA256 over "<timestamp>.<body>", in hex."""
    return hmac.new(secret.encode(), f"{timestamp}.{body}".encode(), hashlib.sha256).hexdigest()


def wait_after(attempts: int) -> timedelta | None:
    """How long to wait after the `attempts`-th failed call; None when it was the last."""
    return None if attempts >= ATTEMPTS else timedelta(seconds=FIRST_WAIT * 2 ** (attempts - 1))
