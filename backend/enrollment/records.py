"""Cohorts, students, what they confirmed, and what they reported as wrong."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.centres.records import Centre
from backend.records import Encrypted, Record, UtcDateTime


class Cohort(Record):
    """A batch (批次) of students with common deadlines."""

    __tablename__ = "cohort"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    verify_by: Mapped[date | None] = mapped_column(Date)
    capture_by: Mapped[date | None] = mapped_column(Date)
    proofread_by: Mapped[date | None] = mapped_column(Date)
    photo_profile: Mapped[str | None] = mapped_column(String(40))  # None: the centre's
    active: Mapped[bool] = mapped_column(default=True)  # False: closed, nobody new joins it


class Student(Record):
    """A person of the roster with the registered data as the college gave it. Alumni have a certificate number."""

    __tablename__ = "student"
    __table_args__ = (
        Index(None, "id_number_index"),
        Index(None, "centre_id", "name"),
        CheckConstraint("data_version >= 1", name="data_version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    centre_id: Mapped[int] = mapped_column(ForeignKey("centre.id"))
    cohort_id: Mapped[int | None] = mapped_column(ForeignKey("cohort.id"))
    student_number: Mapped[str] = mapped_column(String(32), unique=True)
    certificate_number: Mapped[str | None] = mapped_column(String(18), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    gender: Mapped[str] = mapped_column(String(8))  # "male", "female", "unknown"
    id_document: Mapped[str] = mapped_column(String(24))  # see enrollment.rules.IdDocument
    id_number: Mapped[str] = mapped_column(Encrypted("student.id_number"))
    id_number_index: Mapped[bytes] = mapped_column(LargeBinary(16))
    phone: Mapped[str | None] = mapped_column(Encrypted("student.phone"))
    level: Mapped[str] = mapped_column(String(24))  # 层次: 专科, 专升本, ...
    programme: Mapped[str] = mapped_column(String(80))  # 专业
    study_form: Mapped[str] = mapped_column(String(24))  # 学习形式
    entry_date: Mapped[date] = mapped_column(Date)
    study_years: Mapped[str] = mapped_column(String(8))  # 学制: "2.5"
    status: Mapped[str] = mapped_column(String(24))  # 学籍状态, as the college's list says it
    graduated_on: Mapped[date | None] = mapped_column(Date)
    data_version: Mapped[int] = mapped_column(default=1)  # counts changes of the registered data

    # unnested: around an account, or whatever else may have no student, this is an outer join as well; nested into one,
    # SQLite would read the whole roster for each account
    centre: Mapped[Centre] = relationship(lazy="joined", innerjoin="unnested")  # type: ignore[arg-type]
    cohort: Mapped[Cohort | None] = relationship(lazy="joined")


class StatusChange(Record):
    """A change of status (休学, 保留学籍, 转学): some stop the clock of study time. A return fills `last_day`."""

    __tablename__ = "status_change"
    __table_args__ = (
        Index(None, "student_id"),
        CheckConstraint("last_day IS NULL OR last_day >= first_day", name="days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    kind: Mapped[str] = mapped_column(String(16))  # a kind of [[pauses]] in config/proofreading.toml
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date | None] = mapped_column(Date)  # None: it goes on
    counts: Mapped[bool | None]  # do its days count as study time? None: as the table says
    source: Mapped[str] = mapped_column(String(60))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class EnrollmentConfirmation(Record):
    """The student said: my registered data, in this version, are right. Only added."""

    __tablename__ = "enrollment_confirmation"
    __table_args__ = (UniqueConstraint("student_id", "data_version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    data_version: Mapped[int]
    confirmed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Correction(Record):
    """A case: the student reported fields as wrong; staff decide."""

    __tablename__ = "correction"
    __table_args__ = (Index(None, "student_id"), Index(None, "state", "submitted_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    state: Mapped[str] = mapped_column(String(16))  # see enrollment.rules.CorrectionState
    data_version: Mapped[int]  # the version of the data that the student saw
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None]  # the account; accounts come after the roster, so no key refers to them
    answer: Mapped[str] = mapped_column(Text, default="")  # what staff tell the student

    student: Mapped[Student] = relationship(lazy="joined", innerjoin=True)
    fields: Mapped[list[CorrectionField]] = relationship(order_by="CorrectionField.id")
    evidence: Mapped[list[CorrectionEvidence]] = relationship(order_by="CorrectionEvidence.id")


class CorrectionField(Record):
    """One field of the case. Both values are kept encrypted: they may be ID numbers."""

    __tablename__ = "correction_field"
    __table_args__ = (UniqueConstraint("correction_id", "field"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    correction_id: Mapped[int] = mapped_column(ForeignKey("correction.id"))
    field: Mapped[str] = mapped_column(String(24))
    registered: Mapped[str] = mapped_column(Encrypted("correction_field.registered"))
    claimed: Mapped[str] = mapped_column(Encrypted("correction_field.claimed"))


class CorrectionEvidence(Record):
    """A picture or PDF that shows the right value."""

    __tablename__ = "correction_evidence"

    id: Mapped[int] = mapped_column(primary_key=True)
    correction_id: Mapped[int] = mapped_column(ForeignKey("correction.id"))
    file_name: Mapped[str] = mapped_column(String(64))  # name in the file store
    media_type: Mapped[str] = mapped_column(String(40))
    bytes: Mapped[int]
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # pages or pixels
