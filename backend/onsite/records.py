"""Capture sessions, slots, who signed up, numbers given at the door, and capture codes."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.capture.records import CaptureRound
from backend.centres.records import Centre
from backend.enrollment.records import Student
from backend.records import Record, UtcDateTime


class CaptureSession(Record):
    """A day on which a team captures at a centre."""

    __tablename__ = "capture_session"
    __table_args__ = (Index(None, "centre_id", "held_on"), Index(None, "round_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("capture_round.id"))
    centre_id: Mapped[int] = mapped_column(ForeignKey("centre.id"))
    title: Mapped[str] = mapped_column(String(60))
    place: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(Text, default="")  # what to bring
    held_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(12))  # see onsite.rules.State
    door_token: Mapped[str] = mapped_column(String(16), unique=True)  # in the QR at the door
    last_number: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=1)

    centre: Mapped[Centre] = relationship(lazy="joined", innerjoin=True)
    round: Mapped[CaptureRound] = relationship(lazy="joined", innerjoin=True)
    slots: Mapped[list[CaptureSlot]] = relationship(order_by="CaptureSlot.begins_at")


class CaptureSlot(Record):
    """A part of a session's day for so many people."""

    __tablename__ = "capture_slot"
    __table_args__ = (UniqueConstraint("session_id", "begins_at"), CheckConstraint("capacity >= 1", name="capacity"))

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("capture_session.id"))
    begins_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    capacity: Mapped[int]


class SignUp(Record):
    """One student in one session. sequence: the number that stands; all numbers ever given are in CheckIn."""

    __tablename__ = "sign_up"
    __table_args__ = (
        UniqueConstraint("session_id", "student_id"),
        UniqueConstraint("session_id", "sequence"),
        Index(None, "slot_id"),
        Index(None, "student_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("capture_session.id"))
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("capture_slot.id"))  # None: came without a slot
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    state: Mapped[str] = mapped_column(String(12))  # see onsite.rules.Place
    sequence: Mapped[int | None]
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    student: Mapped[Student] = relationship(lazy="joined", innerjoin=True)
    slot: Mapped[CaptureSlot | None] = relationship(lazy="joined")
    session: Mapped[CaptureSession] = relationship()


class CheckIn(Record):
    """A number given at the door, to whom and when. A number is never given again. left_at: the person went away."""

    __tablename__ = "check_in"
    __table_args__ = (UniqueConstraint("session_id", "sequence"), Index(None, "student_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("capture_session.id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    sequence: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TeamList(Record):
    """A list that the team brought back, as it was laid beside the numbers."""

    __tablename__ = "team_list"
    __table_args__ = (Index(None, "session_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("capture_session.id"))
    by_id: Mapped[int]  # the account
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    lines: Mapped[list[TeamLine]] = relationship(order_by="TeamLine.row")


class TeamLine(Record):
    """One line of it. student_id: whom its number (where it is right) or its ID number means, which is not kept."""

    __tablename__ = "team_line"
    __table_args__ = (UniqueConstraint("list_id", "row"), Index(None, "student_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("team_list.id"))
    row: Mapped[int]
    sequence: Mapped[int | None]
    student_id: Mapped[int | None] = mapped_column(ForeignKey("student.id"))
    match: Mapped[str] = mapped_column(String(12))  # see onsite.rules.Match
    decision: Mapped[str | None] = mapped_column(String(12))  # see onsite.rules.Decision
    note: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[int | None]  # the account
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CaptureCode(Record):
    """The picture of a student's capture code for one round. Only whether it reads is noted, never what it says."""

    __tablename__ = "capture_code"
    __table_args__ = (UniqueConstraint("round_id", "student_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("capture_round.id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    file_name: Mapped[str] = mapped_column(String(64))  # name in the file store
    media_type: Mapped[str] = mapped_column(String(40))
    reading: Mapped[str] = mapped_column(String(12))  # see onsite.rules.CodeState
    reason: Mapped[str] = mapped_column(String(24))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
