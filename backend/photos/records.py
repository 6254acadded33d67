"""Drafts, photos, versions and decisions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.enrollment.records import Student
from backend.records import Record, UtcDateTime


class PhotoDraft(Record):
    """A picture that was checked and may be submitted. Deleted with its files soon after."""

    __tablename__ = "photo_draft"
    # a draft's number is never given again: a version remembers the draft it was
    __table_args__ = (
        Index(None, "student_id"),
        Index(None, "expires_at"),
        Index(None, "student_id", "upload_key", unique=True),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    upload_key: Mapped[str | None] = mapped_column(String(36))  # made by the phone, one for each picture
    original_file: Mapped[str] = mapped_column(String(64))  # name in the file store = SHA-256 of the content
    judged_file: Mapped[str] = mapped_column(String(64))  # the 480x640 picture that screens draw on
    registration_file: Mapped[str | None] = mapped_column(String(64))  # normalised file, capture mode only
    source: Mapped[str] = mapped_column(String(16))  # see photos.rules.Source
    report: Mapped[dict[str, Any]] = mapped_column(JSON)  # compliance.findings.Report.as_dict()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ScannedPicture(Record):
    """A picture that a centre sent in bulk, not yet anybody's version; judged once for each content and profile."""

    __tablename__ = "scanned_picture"
    __table_args__ = (UniqueConstraint("original_file", "profile"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    original_file: Mapped[str] = mapped_column(String(64))
    profile: Mapped[str] = mapped_column(String(40))
    # nothing of these until the machine has looked; then either an assessment or why there is none
    judged_file: Mapped[str | None] = mapped_column(String(64))
    registration_file: Mapped[str | None] = mapped_column(String(64))
    verdict: Mapped[str | None] = mapped_column(String(16))  # compliance.findings.PictureVerdict
    usable: Mapped[bool] = mapped_column(default=False)  # a registration file can come of it
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON, deferred=True)  # large, and lists need the verdict only
    unreadable: Mapped[str | None] = mapped_column(String(24))  # one of compliance.decode.UNREADABLE_REASONS
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def is_checked(self) -> bool:
        return self.verdict is not None or self.unreadable is not None


class Photo(Record):
    """The photo of one student: where it stands. What was submitted is in the versions."""

    __tablename__ = "photo"
    __table_args__ = (Index(None, "state", "submitted_at"), CheckConstraint("current >= 1", name="current"))

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"), unique=True)
    state: Mapped[str] = mapped_column(String(24))  # see photos.rules.State
    current: Mapped[int]  # number of the newest version
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)  # of the newest version
    revision: Mapped[int] = mapped_column(default=1)  # counts changes: a stale page is refused
    objected: Mapped[bool] = mapped_column(default=False)  # the newest version: the student asked for a person

    student: Mapped[Student] = relationship(lazy="joined", innerjoin=True)
    versions: Mapped[list[PhotoVersion]] = relationship(order_by="PhotoVersion.number")


class PhotoVersion(Record):
    """One submitted picture with the report it got. Never changed."""

    __tablename__ = "photo_version"
    __table_args__ = (
        UniqueConstraint("photo_id", "number"),
        UniqueConstraint("photo_id", "draft_id"),
        Index(None, "photo_id", "upload_key", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    photo_id: Mapped[int] = mapped_column(ForeignKey("photo.id"))
    number: Mapped[int]  # 1, 2, ...
    # the draft it was: submitting one twice makes one version. A centre's scan was none: minus its number stands there
    draft_id: Mapped[int]
    upload_key: Mapped[str | None] = mapped_column(String(36))  # of that draft: a late second sending finds the version
    original_file: Mapped[str] = mapped_column(String(64))
    judged_file: Mapped[str] = mapped_column(String(64))
    registration_file: Mapped[str | None] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(16))
    verdict: Mapped[str] = mapped_column(String(16))  # compliance.findings.PictureVerdict
    edition: Mapped[str] = mapped_column(String(40))
    profile: Mapped[str] = mapped_column(String(40))
    report: Mapped[dict[str, Any]] = mapped_column(JSON)
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # the member of staff who handed a scan in for the student; None: the student did it
    submitted_by: Mapped[int | None]  # an account; no key, for SQLite would have to write the table anew

    decisions: Mapped[list[Decision]] = relationship(order_by="Decision.id")


class Decision(Record):
    """What a reviewer decided on one version; `undone_at` when it was taken back."""

    __tablename__ = "decision"
    __table_args__ = (Index(None, "version_id"), Index(None, "sheet"), Index(None, "reviewer_id", "decided_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("photo_version.id"))
    action: Mapped[str] = mapped_column(String(16))  # "accept", "return", or "unit_refuses": see photos.refusals
    reasons: Mapped[list[str]] = mapped_column(JSON)  # codes of compliance.codes
    text_student: Mapped[str] = mapped_column(Text, default="")
    text_staff: Mapped[str] = mapped_column(Text, default="")
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # what one press decided on: a contact sheet, or the unit's receipt ("batch 3"); None: decided one by one
    sheet: Mapped[str | None] = mapped_column(String(32))


class Objection(Record):
    """The student's word against a return, once per version, or the wish that a person looks."""

    __tablename__ = "objection"
    __table_args__ = (UniqueConstraint("version_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("photo_version.id"))
    text: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CheckCount(Record):
    """Pictures that were checked on one day (Asia/Shanghai), and how often what was found. Nothing about whose.

    found: the verdict of the whole picture (each picture once), or the code of a finding that asks for another one.
    cohort_id: 0 for students of no cohort, since a key has no empty column.
    """

    __tablename__ = "check_count"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    centre_id: Mapped[int] = mapped_column(ForeignKey("centre.id"), primary_key=True)
    cohort_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    found: Mapped[str] = mapped_column(String(24), primary_key=True)
    pictures: Mapped[int]

    def __repr__(self) -> str:
        return f"<CheckCount {self.day} {self.found}>"
