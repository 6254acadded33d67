"""The inbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.history.records import BigId
from backend.records import Record, UtcDateTime


class Message(Record):
    """A message to a student; its words are made when it is read, in the reader's language."""

    __tablename__ = "message"
    __table_args__ = (Index(None, "student_id", "read_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    kind: Mapped[str] = mapped_column(String(40))  # key of the words in area `message`
    entry_id: Mapped[int] = mapped_column(BigId, unique=True)  # the history entry it tells of: once
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
