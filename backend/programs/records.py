"""Tokens of other systems, answers kept under idempotency keys, webhooks and their calls."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.accounts.records import Account
from backend.centres.records import Centre
from backend.history.records import BigId
from backend.records import Encrypted, Record, UtcDateTime


class ApiToken(Record):
    """Lets another system in. It was shown once; the table has its hash."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    name: Mapped[str] = mapped_column(String(60))  # which system
    grants: Mapped[list[str]] = mapped_column(JSON)  # see programs.rules.Grant
    centre_id: Mapped[int | None] = mapped_column(ForeignKey("centre.id"))  # this centre only; None: all
    made_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    centre: Mapped[Centre | None] = relationship(lazy="joined")
    maker: Mapped[Account] = relationship(lazy="joined", innerjoin=True)


class KeptAnswer(Record):
    """What was answered to a change, for whoever sends it again under the same key."""

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("asker", "key_hash"), Index(None, "claimed_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    asker: Mapped[str] = mapped_column(String(32))  # "account:5" or "token:3"
    key_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    request_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    claimed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[int | None]  # None only within the transaction of the change
    body: Mapped[str | None] = mapped_column(Encrypted("idempotency_key.body"))

    def __repr__(self) -> str:
        return "<KeptAnswer>"


class Webhook(Record):
    """An address of another system that is told of events."""

    __tablename__ = "webhook"
    __table_args__ = (Index(None, "token_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_id: Mapped[int] = mapped_column(ForeignKey("api_token.id"))
    address: Mapped[str] = mapped_column(String(500))
    events: Mapped[list[str]] = mapped_column(JSON)  # see programs.rules.Event
    secret: Mapped[str] = mapped_column(Encrypted("webhook.secret"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    token: Mapped[ApiToken] = relationship(lazy="joined", innerjoin=True)


class WebhookDelivery(Record):
    """One event on its way to one webhook. An event goes there once, however often it is announced."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (UniqueConstraint("webhook_id", "entry_id"), Index(None, "state", "made_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id"))
    entry_id: Mapped[int] = mapped_column(BigId)  # of the history
    event: Mapped[str] = mapped_column(String(24))
    body: Mapped[str] = mapped_column(Text)  # numbers, codes and states; no personal data
    state: Mapped[str] = mapped_column(String(8))  # see programs.rules.DeliveryState
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(String(40), default="")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    webhook: Mapped[Webhook] = relationship(lazy="joined", innerjoin=True)
