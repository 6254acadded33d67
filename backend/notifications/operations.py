"""Telling people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.history.records import HistoryEntry
from backend.notifications.records import Message
from backend.photos.records import Decision
from backend.records import begin_write

# facts of the history that the words of a message may use
SHOWN_FACTS = ("version", "verdict", "reasons", "state", "decision")


def tell_student(session: Session, *, student_id: int, message: str, entry_id: int, now: datetime) -> bool:
    """Put the message about one history entry into the student's inbox, once. False when nothing was to be told.

    A decision that was taken back before it was told is not told.
    """
    begin_write(session)
    told = session.scalar(select(Message.id).where(Message.entry_id == entry_id)) is not None
    entry = session.get_one(HistoryEntry, entry_id)
    decision_id = entry.facts.get("decision")
    decision = session.get(Decision, decision_id) if decision_id is not None else None
    if told or (decision is not None and decision.undone_at is not None):
        session.rollback()
        return False
    facts = {name: entry.facts[name] for name in SHOWN_FACTS if name in entry.facts}
    session.add(Message(student_id=student_id, kind=message, entry_id=entry_id, facts=facts, created_at=now))
    session.commit()
    return True


def mark_read(session: Session, *, student_id: int, now: datetime) -> None:
    """The student has opened the inbox."""
    begin_write(session)
    unread = select(Message).where(Message.student_id == student_id, Message.read_at.is_(None))
    for message in session.scalars(unread):
        message.read_at = now
    session.commit()
