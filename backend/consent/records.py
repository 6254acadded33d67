"""Answers to consent questions. Only added; withdrawing closes an answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.records import Record, UtcDateTime


class Consent(Record):
    """A student agreed to one purpose in one version of its text."""

    __tablename__ = "consent"
    __table_args__ = (Index(None, "student_id", "purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    purpose: Mapped[str] = mapped_column(String(32))  # see config/consent.toml
    version: Mapped[str] = mapped_column(String(16))
    text_sha256: Mapped[str] = mapped_column(String(64))  # of the text shown, in the language shown
    language: Mapped[str] = mapped_column(String(8))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
