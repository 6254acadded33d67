"""The inbox for screens."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.notifications.records import Message


def inbox(session: Session, student_id: int, *, limit: int = 100) -> Sequence[Message]:
    """The student's messages, newest first."""
    return session.scalars(
        select(Message).where(Message.student_id == student_id).order_by(Message.id.desc()).limit(limit)
    ).all()


def unread_count(session: Session, student_id: int) -> int:
    query = select(func.count()).where(Message.student_id == student_id, Message.read_at.is_(None))
    return session.scalar(query.select_from(Message)) or 0
