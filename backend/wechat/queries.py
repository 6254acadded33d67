"""Bindings for screens and for sending."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.records import exact_index
from backend.wechat.records import WechatBinding, WechatPermission
from backend.wechat.rules import App


def binding_of(session: Session, account_id: int, app: App = App.OFFICIAL) -> WechatBinding | None:
    """The WeChat account that somebody has bound."""
    return session.scalars(
        select(WechatBinding).where(WechatBinding.account_id == account_id, WechatBinding.app == app.value)
    ).one_or_none()


def openid_of_student(session: Session, student_id: int) -> str | None:
    """Where the official account reaches a student; None when nothing is bound."""
    return session.scalar(
        select(WechatBinding.openid)
        .join(Account, Account.id == WechatBinding.account_id)
        .where(Account.student_id == student_id, Account.active, WechatBinding.app == App.OFFICIAL.value)
    )


def student_behind(session: Session, openid: str) -> int | None:
    """The student who has bound this follower of the official account."""
    return session.scalar(
        select(Account.student_id)
        .join(WechatBinding, Account.id == WechatBinding.account_id)
        .where(
            WechatBinding.app == App.OFFICIAL.value,
            WechatBinding.openid_index == exact_index("wechat_binding.openid", f"{App.OFFICIAL.value}:{openid}"),
            Account.active,
        )
    )


def permissions_left(session: Session, binding_id: int) -> int:
    """How many messages the person has allowed that were not sent yet."""
    query = select(func.count()).select_from(WechatPermission).where(WechatPermission.binding_id == binding_id)
    return session.scalar(query) or 0
