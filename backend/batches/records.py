"""Batches and the photos in them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.capture.records import CaptureRound, CaptureUnit
from backend.centres.records import Centre
from backend.enrollment.records import Student
from backend.records import Record, UtcDateTime


class Batch(Record):
    """Photos of one centre and round for one unit."""

    __tablename__ = "batch"
    __table_args__ = (UniqueConstraint("round_id", "centre_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("capture_round.id"))
    centre_id: Mapped[int] = mapped_column(ForeignKey("centre.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("capture_unit.id"))
    number: Mapped[int]  # counts within centre and round
    format: Mapped[str] = mapped_column(String(40))  # a key of config/capture.toml [formats]; stays as it was begun
    state: Mapped[str] = mapped_column(String(12))  # see batches.rules.State
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # of the last sealing; no personal data
    sealed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handed_on: Mapped[date | None] = mapped_column(Date)
    reference: Mapped[str] = mapped_column(String(80), default="")  # number of the hand-over or receipt
    received_on: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revision: Mapped[int] = mapped_column(default=1)

    round: Mapped[CaptureRound] = relationship(lazy="joined", innerjoin=True)
    centre: Mapped[Centre] = relationship(lazy="joined", innerjoin=True)
    unit: Mapped[CaptureUnit] = relationship(lazy="joined", innerjoin=True)


class BatchItem(Record):
    """One photo with its one record. serial: its place in the batch, given when it is sealed."""

    __tablename__ = "batch_item"
    __table_args__ = (UniqueConstraint("batch_id", "student_id"), Index(None, "student_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("photo_version.id"))
    file_name: Mapped[str] = mapped_column(String(64))  # the registration file: its SHA-256 is its name in the store
    serial: Mapped[int | None]
    bytes: Mapped[int | None]  # known once the sealing has read the file
    answer: Mapped[str | None] = mapped_column(String(12))  # see batches.rules.Answer
    reason: Mapped[str] = mapped_column(Text, default="")  # why the unit refused it
    source: Mapped[str | None] = mapped_column(String(40))  # of the answer: "import 7" a file, "batch 3" by hand
    said_on: Mapped[date | None] = mapped_column(Date)  # the day of the answer, as the file or the receipt has it

    student: Mapped[Student] = relationship(lazy="joined", innerjoin=True)
