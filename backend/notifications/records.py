"""The inbox, the ways out of the house that a person has chosen, and what went out by them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.history.records import BigId
from backend.records import Encrypted, Record, UtcDateTime


class Message(Record):
    """A message to a student; its words are made when it is read, in the reader's language."""

    __tablename__ = "message"
    __table_args__ = (Index(None, "student_id", "read_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    kind: Mapped[str] = mapped_column(String(40))  # key of the words in area `message`
    entry_id: Mapped[int] = mapped_column(BigId, unique=True)  # the history entry it tells of: once
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ChannelChoice(Record):
    """What a student wants to be told by one channel, and where. WeChat's address is the binding."""

    __tablename__ = "channel_choice"
    __table_args__ = (
        UniqueConstraint("student_id", "channel"),
        CheckConstraint("channel IN ('wechat', 'mail', 'sms')", name="channel"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    student_id: Mapped[int] = mapped_column(ForeignKey("student.id"))
    channel: Mapped[str] = mapped_column(String(8))  # see notifications.rules.Channel
    wanted: Mapped[bool] = mapped_column(default=True)
    address: Mapped[str | None] = mapped_column(Encrypted("channel_choice.address"))
    language: Mapped[str] = mapped_column(String(8))  # of the messages by this channel
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the code came back; nothing is sent before
    code_mark: Mapped[str | None] = mapped_column(String(32))  # from which, with our key, the code is made
    code_sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    code_failures: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None] = mapped_column(String(40))  # why the last message did not arrive for good
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Delivery(Record):
    """One message by one channel."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("message_id", "channel"),
        Index(None, "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    channel: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(12))  # see notifications.rules.DeliveryState
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(40))  # why it was not sent, as a code
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    message: Mapped[Message] = relationship(lazy="joined", innerjoin=True)
