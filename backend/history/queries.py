"""Reading the history: for the check of the chain, for a subject's page, for «who looked at my photo»."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.history.operations import hash_of
from backend.history.records import HistoryEntry, HistoryHead
from backend.history.rules import CHAIN_START


def broken_links(session: Session) -> Iterator[str]:
    """One sentence for each entry that was changed, lost or put in between."""
    previous_id, previous_hash = 0, CHAIN_START
    for entry in _all_entries(session):
        if entry.id != previous_id + 1:
            yield f"history: entries {previous_id + 1} to {entry.id - 1} are missing"
        if entry.previous_hash != previous_hash:
            yield f"history: entry {entry.id} does not follow the one before it"
        if entry.hash != hash_of(entry):
            yield f"history: entry {entry.id} was changed after it was written"
        previous_id, previous_hash = entry.id, entry.hash
    head = session.get(HistoryHead, 1)
    if head is None or (head.entry_id, head.hash) != (previous_id, previous_hash):
        yield "history: its end was cut off"


def _all_entries(session: Session, at_once: int = 1000) -> Iterator[HistoryEntry]:
    """The whole chain in order, a thousand at a time."""
    last = 0
    while found := session.scalars(
        select(HistoryEntry).where(HistoryEntry.id > last).order_by(HistoryEntry.id).limit(at_once)
    ).all():
        yield from found
        last = found[-1].id
        session.expunge_all()


def entries_of(session: Session, subject_kind: str, subject_id: int) -> Sequence[HistoryEntry]:
    """Everything that happened to one subject, oldest first."""
    return session.scalars(
        select(HistoryEntry)
        .where(HistoryEntry.subject_kind == subject_kind, HistoryEntry.subject_id == subject_id)
        .order_by(HistoryEntry.id)
    ).all()


def entries_about(
    session: Session, owner_id: int, *, verbs: Sequence[str] | None = None, limit: int = 100
) -> Sequence[HistoryEntry]:
    """The newest entries that concern one student, newest first."""
    query = select(HistoryEntry).where(HistoryEntry.owner_id == owner_id)
    if verbs is not None:
        query = query.where(HistoryEntry.verb.in_(verbs))
    return session.scalars(query.order_by(HistoryEntry.id.desc()).limit(limit)).all()


def last_states(session: Session, subject_kind: str) -> dict[int, str]:
    """Subject id -> the state that its last entry with a state gave it."""
    states: dict[int, str] = {}
    query = (
        select(HistoryEntry.subject_id, HistoryEntry.facts)
        .where(HistoryEntry.subject_kind == subject_kind)
        .order_by(HistoryEntry.id)
    )
    for subject_id, facts in session.execute(query):
        if subject_id is not None and "state" in facts:
            states[subject_id] = facts["state"]
    return states
