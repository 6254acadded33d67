"""Bulk uploads, the ZIPs that came in, and their files."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.accounts.records import Account
from backend.enrollment.records import Student
from backend.photos.records import ScannedPicture
from backend.records import Encrypted, Record, UtcDateTime


class BulkUpload(Record):
    """One pile of files of one centre."""

    __tablename__ = "bulk_upload"
    __table_args__ = (Index(None, "centre_id"), Index(None, "state", "expires_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    centre_id: Mapped[int] = mapped_column(ForeignKey("centre.id"))
    state: Mapped[str] = mapped_column(String(12))  # see bulk.rules.UploadState
    working: Mapped[bool] = mapped_column(default=False)  # a job is open that takes its files on
    opened_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)  # put off by everything that somebody does with it

    opener: Mapped[Account] = relationship(lazy="joined", innerjoin=True)


class BulkArchive(Record):
    """A ZIP of an upload: `done` of `total` files are unpacked; total 0 until it was opened."""

    __tablename__ = "bulk_archive"
    __table_args__ = (Index(None, "upload_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    upload_id: Mapped[int] = mapped_column(ForeignKey("bulk_upload.id"))
    file_name: Mapped[str | None] = mapped_column(String(64))  # name in the file store; None once it is unpacked
    label: Mapped[str] = mapped_column(Encrypted("bulk_archive.label"))  # the file's own name
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(String(24), default="")  # why it was refused as a whole (SheetRefused.reason)
    sent_by: Mapped[int] = mapped_column(ForeignKey("account.id"))


class BulkItem(Record):
    """One file. What it comes to is worked out by bulk.rules from this, its student and the student's photo."""

    __tablename__ = "bulk_item"
    __table_args__ = (
        UniqueConstraint("upload_id", "mark"),
        Index(None, "picture_id"),
        Index(None, "student_id"),
        Index(None, "version_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    upload_id: Mapped[int] = mapped_column(ForeignKey("bulk_upload.id"))
    mark: Mapped[bytes] = mapped_column(LargeBinary(16))  # blind index of content and path: the same file sent again
    path: Mapped[str] = mapped_column(Encrypted("bulk_item.path"))  # the file's name with folders; may hold ID numbers
    content_hash: Mapped[str] = mapped_column(String(64))  # SHA-256 of the content; "size:N" when it was not sent
    bytes: Mapped[int]
    problem: Mapped[str] = mapped_column(String(24), default="")  # why the content was not kept
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("scanned_picture.id"))
    match: Mapped[str] = mapped_column(String(24), default="")  # bulk.rules.Match: why no student was found
    student_id: Mapped[int | None] = mapped_column(ForeignKey("student.id"))
    assigned_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # who named the student by hand
    dropped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # to be handed in; the worker does it
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    words: Mapped[str] = mapped_column(Encrypted("bulk_item.words"), default="")  # why in spite of a clear defect
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None again when the centre took it back
    version_id: Mapped[int | None] = mapped_column(ForeignKey("photo_version.id"))  # stays when it was taken back

    picture: Mapped[ScannedPicture | None] = relationship(lazy="joined")
    student: Mapped[Student | None] = relationship(lazy="joined")
