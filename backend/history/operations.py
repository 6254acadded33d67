"""Adding to the history, and to the work that follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from backend.follow_ups import jobs_after
from backend.history.records import HistoryEntry, HistoryHead
from backend.history.rules import Actor, ActorKind, Fact, entry_hash
from backend.ports import JobQueue


def happened(session: Session, fact: Fact, *, actor: Actor, now: datetime) -> HistoryEntry:
    """Write what happened and what follows from it, in the transaction of the caller, who commits.

    The jobs go to the queue that the session was made with (session.info["queue"]).
    """
    entry = record_fact(session, fact, actor=actor, now=now)
    queue: JobQueue = session.info["queue"]
    for job in jobs_after(fact, entry_id=entry.id):
        queue.enqueue(session, kind=job.kind, payload=job.payload, run_at=now + job.delay, key=job.key)
    session.flush()
    return entry


def record_fact(session: Session, fact: Fact, *, actor: Actor, now: datetime) -> HistoryEntry:
    """Chain one entry in the transaction of the caller, who commits.

    Call it late in the operation: from here to the commit all other writers of the history wait.
    """
    head = session.scalars(select(HistoryHead).where(HistoryHead.id == 1).with_for_update(of=HistoryHead)).one()
    entry = HistoryEntry(
        id=head.entry_id + 1,
        at=now,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        verb=fact.verb,
        subject_kind=fact.subject_kind,
        subject_id=fact.subject_id,
        owner_id=fact.owner_id,
        facts=fact.facts,
        previous_hash=head.hash,
        hash=b"",
    )
    entry.hash = hash_of(entry)
    head.entry_id = entry.id
    head.hash = entry.hash
    session.add(entry)
    session.flush()
    return entry


def happened_many(session: Session, facts: Sequence[Fact], *, actor: Actor, now: datetime) -> None:
    """`happened` for many facts at once (an import): one lock, one statement, and the follow-ups of each."""
    if not facts:
        return
    head = session.scalars(select(HistoryHead).where(HistoryHead.id == 1).with_for_update(of=HistoryHead)).one()
    queue: JobQueue = session.info["queue"]
    rows: list[dict[str, Any]] = []
    for fact in facts:
        row: dict[str, Any] = {
            "id": head.entry_id + 1,
            "at": now,
            "verb": fact.verb,
            "subject_kind": fact.subject_kind,
            "subject_id": fact.subject_id,
            "owner_id": fact.owner_id,
            "facts": fact.facts,
            "previous_hash": head.hash,
        }
        told = {key: value for key, value in row.items() if key != "id"}
        found = entry_hash(entry_id=head.entry_id + 1, actor=actor, **told)
        rows.append({**row, "actor_kind": actor.kind.value, "actor_id": actor.id, "hash": found})
        head.entry_id, head.hash = head.entry_id + 1, found
        for job in jobs_after(fact, entry_id=head.entry_id):
            queue.enqueue(session, kind=job.kind, payload=job.payload, run_at=now + job.delay, key=job.key)
    session.execute(insert(HistoryEntry), rows)
    session.flush()


def hash_of(entry: HistoryEntry) -> bytes:
    """What the entry's hash must be, from everything else it says."""
    return entry_hash(
        entry_id=entry.id,
        at=entry.at,
        actor=Actor(ActorKind(entry.actor_kind), entry.actor_id),
        verb=entry.verb,
        subject_kind=entry.subject_kind,
        subject_id=entry.subject_id,
        owner_id=entry.owner_id,
        facts=entry.facts,
        previous_hash=entry.previous_hash,
    )
