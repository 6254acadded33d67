"""Notices, links and counts of scans."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.centres.records import Centre
from backend.records import Record, UtcDateTime


class Notice(Record):
    """A notice of the college (centre_id None) or of one centre, leading to one task."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    centre_id: Mapped[int | None] = mapped_column(ForeignKey("centre.id"))
    title: Mapped[str] = mapped_column(String(60))
    body: Mapped[str] = mapped_column(Text)  # Markdown
    task: Mapped[str] = mapped_column(String(16))  # see notices.rules.Task
    deadline: Mapped[date | None] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(16))  # see notices.rules.NoticeState
    created_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revision: Mapped[int] = mapped_column(default=1)  # counts edits: a stale form is refused

    centre: Mapped[Centre | None] = relationship(lazy="joined")
    links: Mapped[list[NoticeLink]] = relationship(order_by="NoticeLink.centre_id")


class NoticeLink(Record):
    """The short address of one notice for one centre, as printed in the QR."""

    __tablename__ = "notice_link"
    __table_args__ = (UniqueConstraint("notice_id", "centre_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"))
    centre_id: Mapped[int] = mapped_column(ForeignKey("centre.id"))
    token: Mapped[str] = mapped_column(String(12), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)

    notice: Mapped[Notice] = relationship(lazy="joined", innerjoin=True, overlaps="links")
    centre: Mapped[Centre] = relationship(lazy="joined", innerjoin=True)


class ScanCount(Record):
    """Scans of one link on one day (Asia/Shanghai). Nothing about who scanned."""

    __tablename__ = "scan_count"

    link_id: Mapped[int] = mapped_column(ForeignKey("notice_link.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    scans: Mapped[int]

    def __repr__(self) -> str:
        return f"<ScanCount {self.link_id} {self.day}>"
