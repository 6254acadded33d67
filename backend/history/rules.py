"""Who acts, what a fact is, and how an entry is chained. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

CHAIN_START = bytes(32)


class ActorKind(StrEnum):
    STUDENT = "student"  # a student or an alumnus, signed in or activating
    STAFF = "staff"  # somebody of a centre or of the college
    SYSTEM = "system"  # the worker, the set-up, a command line


@dataclass(frozen=True)
class Actor:
    """Who does it. `id` is the account's, None for the system and for people not signed in yet."""

    kind: ActorKind
    id: int | None = None

    @property
    def known_id(self) -> int:
        """The account's id, where only somebody signed in can act."""
        if self.id is None:
            raise ValueError("nobody is signed in")
        return self.id


SYSTEM = Actor(ActorKind.SYSTEM)


@dataclass(frozen=True)
class Fact:
    """What happened: `verb` on one subject. A fact that changes a state says the new one as facts["state"].

    verb:     "photo.accepted", always "<subject kind>.<past tense>"
    owner_id: id of the student whom it concerns, None when it is about nobody in particular
    facts:    JSON values without personal data
    """

    verb: str
    subject_id: int | None
    owner_id: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def subject_kind(self) -> str:
        return self.verb.partition(".")[0]


def entry_hash(
    *,
    entry_id: int,
    at: datetime,
    actor: Actor,
    verb: str,
    subject_kind: str,
    subject_id: int | None,
    owner_id: int | None,
    facts: dict[str, Any],
    previous_hash: bytes,
) -> bytes:
    """SHA-256 over the entry in canonical JSON and the hash before it."""
    text = json.dumps(
        [
            entry_id,
            at.astimezone(UTC).isoformat(timespec="microseconds"),
            actor.kind.value,
            actor.id,
            verb,
            subject_kind,
            subject_id,
            owner_id,
            facts,
        ],
        sort_keys=True,
        ensure_ascii=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(previous_hash + text.encode()).digest()
