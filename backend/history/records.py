"""The chain of entries, and its head."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.records import Record, UtcDateTime

# SQLite counts rows by itself only in a column of the plain type INTEGER
BigId = BigInteger().with_variant(Integer, "sqlite")


class HistoryEntry(Record):
    """One thing that happened. `facts` holds numbers, codes and states, never personal data."""

    __tablename__ = "history_entry"
    __table_args__ = (
        Index(None, "subject_kind", "subject_id"),
        Index(None, "actor_kind", "actor_id"),
        Index(None, "owner_id", "verb"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)  # place in the chain, from 1
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[int | None]
    verb: Mapped[str] = mapped_column(String(48))
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[int | None] = mapped_column(BigId)
    owner_id: Mapped[int | None]  # the student whom it concerns
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class HistoryHead(Record):
    """The newest entry. One row; locking it puts writers in a line, so that the chain never forks."""

    __tablename__ = "history_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigId)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
