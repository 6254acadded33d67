"""Linked photos, lines of the college's downloads, conclusions, runs of the wizard, reminders, evidence of stages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.records import Encrypted, Record, UtcDateTime


class LinkedPhoto(Record):
    """The photo that 学信网 shows for a student, as staff brought it here. Only added; the newest of a kind counts."""

    __tablename__ = "linked_photo"
    __table_args__ = (Index(None, "student_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    kind: Mapped[str] = mapped_column(String(16))  # see proofreading.rules.ImageKind
    file_name: Mapped[str] = mapped_column(String(64))  # name in the file store = SHA-256 of the content
    media_type: Mapped[str] = mapped_column(String(40))
    witness: Mapped[str] = mapped_column(String(16))  # see proofreading.stages.Witness: who brought it
    source: Mapped[str] = mapped_column(String(60))
    as_of: Mapped[date] = mapped_column(Date)  # the day on which it was seen at 学信网
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    added_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class ChsiRecord(Record):
    """One line about a student of a download from 学信网. Only added; the newest by its date counts."""

    __tablename__ = "chsi_record"
    __table_args__ = (Index(None, "student_id", "as_of"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    as_of: Mapped[date] = mapped_column(Date)
    has_photo: Mapped[bool | None]
    proofreading: Mapped[str] = mapped_column(String(16))  # see proofreading.rules.AtChsi
    review: Mapped[str] = mapped_column(String(60))  # 原始学历审核状态, the college's word
    remark: Mapped[str] = mapped_column(Encrypted("chsi_record.remark"))  # 审核备注
    identity_review: Mapped[str] = mapped_column(Encrypted("chsi_record.identity_review"))  # rules.IdentityReview
    witness: Mapped[str] = mapped_column(String(16))  # see proofreading.stages.Witness: who says so
    source: Mapped[str] = mapped_column(String(60))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class Conclusion(Record):
    """What the student said about the linked photo and the data. Only added: a changed answer is a new row.

    `window_until` is that of the first answer of its round; a round ends when the college deletes the conclusion.
    """

    __tablename__ = "conclusion"
    __table_args__ = (Index(None, "student_id"), CheckConstraint("round >= 1", name="round"))

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    linked_photo_id: Mapped[int | None] = mapped_column(ForeignKey("linked_photo.id"))  # None: seen at 学信网 only
    round: Mapped[int]
    photo_right: Mapped[bool]
    data_right: Mapped[bool]
    data_version: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    window_until: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def all_right(self) -> bool:
        return self.photo_right and self.data_right


class ConclusionDeletion(Record):
    """The college has deleted the conclusion at 学信网: the student concludes again, in a new round."""

    __tablename__ = "conclusion_deletion"

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"), index=True)
    round: Mapped[int]  # the round that ended
    source: Mapped[str] = mapped_column(String(60))
    deleted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WizardRun(Record):
    """One way through the questions. One is open at a time; a finished one keeps its outcome."""

    __tablename__ = "wizard_run"
    __table_args__ = (Index(None, "student_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    given: Mapped[dict[str, Any]] = mapped_column(JSON)  # answers that the page which led here had already
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)  # input -> answer; answers of a way not taken stay
    outcome: Mapped[str | None] = mapped_column(String(24))  # id of a row of config/proofreading.toml
    look_again_on: Mapped[date | None] = mapped_column(Date)
    case_id: Mapped[int | None]  # the errata case that was opened
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # a newer run, or a new conclusion, took its place


class Reminder(Record):
    """A day on which the student is told to look again, or that the last day comes near."""

    __tablename__ = "reminder"
    __table_args__ = (Index(None, "student_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("wizard_run.id"))  # None: the cohort's last day
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dropped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # no longer needed


class StageEvidence(Record):
    """One witness's word on one stage: reached, or not. Only added; the newest of a witness counts."""

    __tablename__ = "stage_evidence"
    __table_args__ = (Index(None, "student_id", "stage"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    stage: Mapped[str] = mapped_column(String(16))  # see proofreading.stages
    witness: Mapped[str] = mapped_column(String(16))
    holds: Mapped[bool]
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    source: Mapped[str] = mapped_column(String(60))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
