"""Rounds, the units they work with, and the route of each centre."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.centres.records import Centre
from backend.enrollment.records import Cohort
from backend.records import Record, UtcDateTime


class CaptureUnit(Record):
    """Who captures or takes files: an agency of Xinhua, or another unit that the ministry named."""

    __tablename__ = "capture_unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    province: Mapped[str] = mapped_column(String(32))
    address: Mapped[str] = mapped_column(String(160), default="")
    contact: Mapped[str] = mapped_column(String(80), default="")
    format: Mapped[str] = mapped_column(String(40))  # a key of config/capture.toml [formats]
    rosters_allowed: Mapped[bool] = mapped_column(default=False)  # names and ID numbers may go there
    rosters_reason: Mapped[str] = mapped_column(Text, default="")
    active: Mapped[bool] = mapped_column(default=True)


class CaptureRound(Record):
    """One campaign of capturing, for one or several cohorts."""

    __tablename__ = "capture_round"
    __table_args__ = (CheckConstraint("closes_on >= opens_on", name="dates"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    opens_on: Mapped[date] = mapped_column(Date)
    closes_on: Mapped[date] = mapped_column(Date)
    code_needed: Mapped[bool] = mapped_column(default=True)  # 图像采集码: every student brings one
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    cohorts: Mapped[list[Cohort]] = relationship(secondary="capture_round_cohort", order_by=Cohort.code)


class CaptureRoundCohort(Record):
    """A cohort that takes part in a round."""

    __tablename__ = "capture_round_cohort"

    round_id: Mapped[int] = mapped_column(ForeignKey("capture_round.id"), primary_key=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), primary_key=True)


class CentreRoute(Record):
    """The route of one centre in one round, to which unit, and what a student pays there."""

    __tablename__ = "centre_route"
    __table_args__ = (
        UniqueConstraint("round_id", "centre_id"),
        Index(None, "centre_id"),
        CheckConstraint("price_fen IS NULL OR price_fen >= 0", name="price"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("capture_round.id"))
    centre_id: Mapped[int] = mapped_column(ForeignKey("centre.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("capture_unit.id"))
    route: Mapped[str] = mapped_column(String(16))  # see capture.rules.Route
    price_fen: Mapped[int | None]  # per student, in 分; None: not agreed yet
    note: Mapped[str] = mapped_column(Text, default="")  # for the centre's students: how it goes there

    centre: Mapped[Centre] = relationship(lazy="joined", innerjoin=True)
    unit: Mapped[CaptureUnit | None] = relationship(lazy="joined")
    round: Mapped[CaptureRound] = relationship(lazy="joined", innerjoin=True)
