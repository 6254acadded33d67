"""Accounts, their sign-ins, and the counters against guessing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.centres.records import Centre
from backend.enrollment.records import Student
from backend.records import Encrypted, Record, UtcDateTime


class Account(Record):
    """Somebody who signs in: a person of the roster (student_id) or a member of staff (role)."""

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("kind", "login"),
        CheckConstraint("(kind = 'student') = (student_id IS NOT NULL)", name="student_kind"),
        CheckConstraint("(kind = 'staff') = (role IS NOT NULL)", name="staff_role"),
        # an account's number is never given again: the history names people by it
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))  # "student" (alumni too) or "staff"
    login: Mapped[str] = mapped_column(String(64))  # student number, certificate number or staff name
    display_name: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str] = mapped_column(String(160))
    student_id: Mapped[int | None] = mapped_column(ForeignKey("student.id"), unique=True)
    role: Mapped[str | None] = mapped_column(String(24))  # see accounts.rules.Role
    centre_id: Mapped[int | None] = mapped_column(ForeignKey("centre.id"))
    totp_secret: Mapped[str | None] = mapped_column(Encrypted("account.totp_secret"))
    totp_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    totp_last_step: Mapped[int | None]  # the last 30-second step used: a code works once
    must_change_password: Mapped[bool] = mapped_column(default=False)
    # staff only: the name under which the college's single sign-on knows this person
    sign_on_name: Mapped[str | None] = mapped_column(String(128), index=True, unique=True)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    student: Mapped[Student | None] = relationship(lazy="joined")
    centre: Mapped[Centre | None] = relationship(lazy="joined")


class SignIn(Record):
    """One device that is signed in. The cookie holds a random token; the table only its hash."""

    __tablename__ = "sign_in"
    __table_args__ = (Index(None, "account_id", "ended_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    device: Mapped[str] = mapped_column(String(80))  # "WeChat, iPhone", from the user agent
    second_factor: Mapped[bool] = mapped_column(default=False)  # the one-time code was given
    method: Mapped[str] = mapped_column(String(12), default="password")  # see accounts.rules.Method
    outside_index: Mapped[bytes | None] = mapped_column(
        LargeBinary(16), index=True
    )  # the session at the sign-on server
    subject_index: Mapped[bytes | None] = mapped_column(LargeBinary(16), index=True)  # and the person there
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship(lazy="joined", innerjoin=True)


class Attempts(Record):
    """Wrong attempts in a row for one name, whether or not somebody of that name exists."""

    __tablename__ = "attempts"

    key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)  # keyed hash of kind and name
    failures: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def __repr__(self) -> str:
        return "<Attempts>"


class RateWindow(Record):
    """Requests counted in one window of one limit; see adapters/rate_limits.py."""

    __tablename__ = "rate_window"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    count: Mapped[int]
    ends_at: Mapped[float]  # seconds since 1970

    def __repr__(self) -> str:
        return "<RateWindow>"
