"""Every time somebody of the desk turned to a student: only added."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.records import Encrypted, Record, UtcDateTime


class Contact(Record):
    """One reminder or one call. Never changed: a call that was noted wrongly gets another note."""

    __tablename__ = "contact"
    __table_args__ = (
        Index(None, "student_id", "at"),
        CheckConstraint("way IN ('reminder', 'call')", name="way"),
        CheckConstraint("(way = 'call') = (outcome IS NOT NULL)", name="outcome"),
        CheckConstraint("(way = 'reminder') = (template IS NOT NULL)", name="template"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    way: Mapped[str] = mapped_column(String(12))  # see chasing.rules.Way
    template: Mapped[str | None] = mapped_column(String(12))  # of a reminder, see chasing.rules.Template
    outcome: Mapped[str | None] = mapped_column(String(16))  # of a call, see chasing.rules.Outcome
    note: Mapped[str] = mapped_column(Encrypted("contact.note"), default="")
    by_id: Mapped[int]  # the account
    at: Mapped[datetime] = mapped_column(UtcDateTime)
