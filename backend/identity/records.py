"""Identity reviews, their steps and their evidence."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.enrollment.records import Student
from backend.records import Encrypted, Record, UtcDateTime


class IdentityCase(Record):
    """One student's identity is reviewed. The mark is encrypted: nobody finds out by looking at the table."""

    __tablename__ = "identity_review"
    __table_args__ = (Index(None, "student_id"), Index(None, "state", "due_on"))

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    mark: Mapped[str] = mapped_column(Encrypted("identity_review.mark"))  # see identity.rules.Mark
    state: Mapped[str] = mapped_column(String(16))  # see identity.rules.State
    state_since: Mapped[datetime] = mapped_column(UtcDateTime)
    due_on: Mapped[date | None] = mapped_column(Date)
    round: Mapped[str] = mapped_column(String(40))  # see config/identity.toml; "" while there is none
    source: Mapped[str] = mapped_column(String(80))  # which download or letter says so
    revision: Mapped[int] = mapped_column(default=1)  # counts changes: a stale page is refused
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    evidence_deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # see identity.retention

    student: Mapped[Student] = relationship(lazy="joined", innerjoin=True)
    steps: Mapped[list[IdentityStep]] = relationship(order_by="IdentityStep.number")
    evidence: Mapped[list[IdentityEvidence]] = relationship(order_by="IdentityEvidence.id")


class IdentityStep(Record):
    """One thing that was done with a review, with its reason. Only added; never shown to the student."""

    __tablename__ = "identity_step"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("identity_review.id"))
    number: Mapped[int]
    action: Mapped[str] = mapped_column(String(16))  # see identity.rules.Action; "opened" for the first
    state_after: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[int | None]  # the account
    text: Mapped[str] = mapped_column(Encrypted("identity_step.text"), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class IdentityEvidence(Record):
    """A picture or PDF that belongs to a review."""

    __tablename__ = "identity_evidence"
    __table_args__ = (Index(None, "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("identity_review.id"))
    kind: Mapped[str] = mapped_column(String(24))  # see config/identity.toml
    file_name: Mapped[str] = mapped_column(String(64))  # name in the file store
    media_type: Mapped[str] = mapped_column(String(40))
    bytes: Mapped[int]
    pages: Mapped[int] = mapped_column(default=1)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
