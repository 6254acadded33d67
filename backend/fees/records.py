"""Fees, movements of money, and the lists that went to the unit."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.capture.records import CaptureRound
from backend.enrollment.records import Student
from backend.records import Record, UtcDateTime


class Fee(Record):
    """What one student owes in one round. The centre is kept: a student who moves pays where it was charged."""

    __tablename__ = "fee"
    __table_args__ = (
        UniqueConstraint("round_id", "student_id"),
        Index(None, "centre_id", "round_id", "state"),
        CheckConstraint("amount_fen >= 0", name="amount"),
        CheckConstraint("state IN ('owed', 'paid', 'refunded', 'waived')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("capture_round.id"))
    centre_id: Mapped[int] = mapped_column(ForeignKey("centre.id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    amount_fen: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))  # see fees.rules.State
    receipt: Mapped[str | None] = mapped_column(String(60), unique=True)  # of the payment that stands
    remittance_id: Mapped[int | None] = mapped_column(ForeignKey("fee_remittance.id"))  # its payment went to the unit
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revision: Mapped[int] = mapped_column(default=1)

    student: Mapped[Student] = relationship(lazy="joined", innerjoin=True)
    round: Mapped[CaptureRound] = relationship(lazy="joined", innerjoin=True)
    movements: Mapped[list[FeeMovement]] = relationship(order_by="FeeMovement.id")


class FeeMovement(Record):
    """One thing that happened to a fee. Only added. amount_fen: positive into the centre's hands, negative out."""

    __tablename__ = "fee_movement"
    __table_args__ = (Index(None, "fee_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    fee_id: Mapped[int] = mapped_column(ForeignKey("fee.id"))
    action: Mapped[str] = mapped_column(String(12))  # see fees.rules.Action
    amount_fen: Mapped[int]
    method: Mapped[str | None] = mapped_column(String(12))  # see fees.rules.Method; None: no money moved
    receipt: Mapped[str | None] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int]  # the account
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class FeeSerial(Record):
    """The last number of receipts of one centre and round."""

    __tablename__ = "fee_serial"

    centre_id: Mapped[int] = mapped_column(ForeignKey("centre.id"), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("capture_round.id"), primary_key=True)
    last: Mapped[int]


class FeeRemittance(Record):
    """Money that a centre handed to the unit, with the list of names behind it."""

    __tablename__ = "fee_remittance"
    __table_args__ = (Index(None, "centre_id", "round_id"), CheckConstraint("people >= 1", name="people"))

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("capture_round.id"))
    centre_id: Mapped[int] = mapped_column(ForeignKey("centre.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("capture_unit.id"))
    amount_fen: Mapped[int]
    people: Mapped[int]
    method: Mapped[str] = mapped_column(String(12))
    reference: Mapped[str] = mapped_column(String(80), default="")
    remitted_on: Mapped[date] = mapped_column(Date)
    by_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
