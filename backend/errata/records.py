"""Errata cases, the steps they went through, their evidence and the photos that belong to them."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.enrollment.records import Student
from backend.records import Encrypted, Record, UtcDateTime


class ErratumCase(Record):
    """One form of one student (and, for a swap, of the other student too) on its way to the correction."""

    __tablename__ = "erratum"
    __table_args__ = (
        Index(None, "student_id"),
        Index(None, "other_student_id"),
        Index(None, "state", "due_on"),
        CheckConstraint("student_id <> other_student_id", name="two_students"),
        CheckConstraint("state <> 'sent' OR handed_over_on IS NOT NULL", name="handed_over"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    form: Mapped[str] = mapped_column(String(24))  # see errata.rules.Form
    title: Mapped[str] = mapped_column(String(24))  # which of the form's names; see config/forms.toml
    reason: Mapped[str] = mapped_column(String(24))  # see errata.rules.Reason
    origin: Mapped[str] = mapped_column(String(16))  # see errata.rules.Origin
    state: Mapped[str] = mapped_column(String(16))  # see errata.rules.State
    state_since: Mapped[datetime] = mapped_column(UtcDateTime)
    due_on: Mapped[date | None] = mapped_column(Date)  # until when whoever must act acts
    look_again_on: Mapped[date | None] = mapped_column(Date)  # when the student looks at 学信网 again
    handed_over_on: Mapped[date | None] = mapped_column(Date)
    round: Mapped[str] = mapped_column(String(40), default="")  # the round it was handed over in
    revision: Mapped[int] = mapped_column(default=1)  # counts changes: a stale page is refused
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    evidence_deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # see errata.retention
    statement: Mapped[str] = mapped_column(Encrypted("erratum.statement"), default="")
    kept_values: Mapped[str] = mapped_column(Encrypted("erratum.kept_values"), default="{}")  # JSON of the columns
    # the other student of a swap: as the student wrote it, and whom staff found
    other_name: Mapped[str] = mapped_column(Encrypted("erratum.other_name"), default="")
    other_number: Mapped[str] = mapped_column(Encrypted("erratum.other_number"), default="")
    other_student_id: Mapped[int | None] = mapped_column(ForeignKey("student.id"))
    other_agrees: Mapped[bool | None]
    other_answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    student: Mapped[Student] = relationship(lazy="joined", innerjoin=True, foreign_keys=[student_id])
    other: Mapped[Student | None] = relationship(foreign_keys=[other_student_id])
    steps: Mapped[list[ErratumStep]] = relationship(order_by="ErratumStep.number")
    evidence: Mapped[list[ErratumEvidence]] = relationship(
        order_by="ErratumEvidence.id", primaryjoin="and_(ErratumCase.id == ErratumEvidence.case_id, "
        "ErratumEvidence.removed_at.is_(None))", viewonly=True,
    )  # fmt: skip
    photos: Mapped[list[ErratumPhoto]] = relationship(order_by="ErratumPhoto.id")

    @property
    def values(self) -> dict[str, str]:
        """Column -> what was written into it."""
        return dict(json.loads(self.kept_values))

    @values.setter
    def values(self, values: dict[str, str]) -> None:
        self.kept_values = json.dumps(values, ensure_ascii=False)

    @property
    def photo(self) -> ErratumPhoto | None:
        """The newest picture that goes with the form."""
        return self.photos[-1] if self.photos else None


class ErratumStep(Record):
    """One thing that was done with a case. Only added."""

    __tablename__ = "erratum_step"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("erratum.id"))
    number: Mapped[int]  # 1, 2, ...
    action: Mapped[str] = mapped_column(String(16))  # see errata.rules.Action; "open" for the first
    state_after: Mapped[str] = mapped_column(String(16))
    party: Mapped[str] = mapped_column(String(16))  # see errata.rules.Party
    actor_id: Mapped[int | None]  # the account
    text: Mapped[str] = mapped_column(Encrypted("erratum_step.text"), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ErratumEvidence(Record):
    """A picture or PDF that belongs to a case."""

    __tablename__ = "erratum_evidence"
    __table_args__ = (Index(None, "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("erratum.id"))
    kind: Mapped[str] = mapped_column(String(24))  # see config/forms.toml
    file_name: Mapped[str] = mapped_column(String(64))  # name in the file store
    media_type: Mapped[str] = mapped_column(String(40))
    bytes: Mapped[int]
    pages: Mapped[int] = mapped_column(default=1)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the student took it out; the file is swept up


class ErratumPhoto(Record):
    """The right e-photo that goes with a form, with the report of the same check that every photo passes."""

    __tablename__ = "erratum_photo"
    __table_args__ = (Index(None, "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("erratum.id"))
    original_file: Mapped[str] = mapped_column(String(64))
    judged_file: Mapped[str] = mapped_column(String(64))
    verdict: Mapped[str] = mapped_column(String(16))  # compliance.findings.PictureVerdict
    report: Mapped[dict[str, Any]] = mapped_column(JSON)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
