"""Bindings, one-time permissions, and the credentials that WeChat lends us."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.accounts.records import Account
from backend.records import Encrypted, Record, UtcDateTime


class WechatBinding(Record):
    """A student's account at one of our WeChat doors. It goes with the account."""

    __tablename__ = "wechat_binding"
    __table_args__ = (
        UniqueConstraint("app", "openid_index"),
        UniqueConstraint("account_id", "app"),
        CheckConstraint("app IN ('official', 'mini')", name="app"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    app: Mapped[str] = mapped_column(String(8))  # see wechat.rules.App
    openid: Mapped[str] = mapped_column(Encrypted("wechat_binding.openid"))
    openid_index: Mapped[bytes] = mapped_column(LargeBinary(16))
    follows: Mapped[bool | None]  # follows the official account; None: WeChat has not said
    bound_at: Mapped[datetime] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship(lazy="joined", innerjoin=True, viewonly=True)


class WechatPermission(Record):
    """The person allowed one message (一次性订阅消息): one permission, one message."""

    __tablename__ = "wechat_permission"
    __table_args__ = (UniqueConstraint("binding_id", "scene"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    binding_id: Mapped[int] = mapped_column(ForeignKey("wechat_binding.id", ondelete="CASCADE"))
    scene: Mapped[int]  # 0..10000; WeChat counts one permission for each number
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WechatCredential(Record):
    """The access token or the page ticket, for all hosts; refreshed by the one that holds the lease."""

    __tablename__ = "wechat_credential"

    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    value: Mapped[str | None] = mapped_column(Encrypted("wechat_credential.value"))
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resting_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # WeChat said "too often": not asked till then

    def __repr__(self) -> str:
        return "<WechatCredential>"
