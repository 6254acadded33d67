"""Signing in with a bound WeChat account, binding and unbinding; permissions for one message."""

from __future__ import annotations

import base64
import json
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.accounts.operations import start_session
from backend.accounts.records import Account
from backend.accounts.rules import Method, Policy
from backend.errors import NotAllowed, NotFound
from backend.history.operations import record_fact
from backend.history.rules import Actor, Fact
from backend.ports import WechatPlatform
from backend.records import Unsealable, begin_write, exact_index, installed_keys
from backend.wechat.records import WechatBinding, WechatPermission
from backend.wechat.rules import SCENES, TICKET_LASTS, App, BoundElsewhere, SnapshotVisitor, StaleTicket, WechatUnknown

PLACE = b"wechat.ticket"


def sign_in_with_code(
    session: Session,
    *,
    platform: WechatPlatform,
    app: App,
    code: str,
    device: str,
    policy: Policy,
    now: datetime,
) -> str:
    """A session for whoever WeChat says stands behind `code`; gives the token for the cookie or the bearer.

    code: of the silent authorisation (official account) or of wx.login (mini program); WeChat takes it once.
    Raises WechatUnknown with a ticket for bind_wechat when the WeChat account is bound to nobody, SnapshotVisitor,
    WechatTrouble.
    """
    openid = openid_of(platform, app=app, code=code)
    begin_write(session)
    binding = _binding_of(session, app, openid)
    if binding is None or not binding.account.active:
        raise WechatUnknown(sealed_ticket(app, openid, now=now))
    method = Method.MINI if app is App.MINI else Method.WECHAT
    token = start_session(session, binding.account, device=device, policy=policy, now=now, method=method)
    session.commit()
    return token


def openid_of(platform: WechatPlatform, *, app: App, code: str) -> str:
    """Whom WeChat means by a code. Raises SnapshotVisitor for a virtual account, WechatTrouble."""
    visitor = platform.visitor(code) if app is App.OFFICIAL else platform.mini_visitor(code)
    if visitor.snapshot:
        raise SnapshotVisitor()
    return visitor.openid


def bind_wechat(session: Session, *, account_id: int, ticket: str, actor: Actor, now: datetime) -> None:
    """Bind the WeChat account that the ticket stands for; another one of the same person is replaced.

    Raises StaleTicket, BoundElsewhere, NotAllowed for staff.
    """
    app, openid = opened_ticket(ticket, now=now)
    begin_write(session)
    account = session.get_one(Account, account_id, with_for_update={"of": Account})
    if account.kind != "student":
        raise NotAllowed(wechat="students only")
    other = _binding_of(session, app, openid)
    if other is not None:
        if other.account_id != account_id:
            raise BoundElsewhere()
        session.rollback()
        return
    mine = session.scalars(
        select(WechatBinding).where(WechatBinding.account_id == account_id, WechatBinding.app == app.value)
    ).one_or_none()
    if mine is not None:
        session.delete(mine)
        session.flush()
    session.add(
        WechatBinding(
            account_id=account_id,
            app=app.value,
            openid=openid,
            openid_index=_index(app, openid),
            bound_at=now,
        )
    )
    record_fact(session, Fact("account.wechat_bound", account_id, facts={"app": app.value}), actor=actor, now=now)
    session.commit()


def unbind_wechat(session: Session, *, account_id: int, app: App, actor: Actor, now: datetime) -> None:
    """The WeChat account signs nobody in any more and gets no messages. Raises NotFound when none is bound."""
    begin_write(session)
    mine = session.scalars(
        select(WechatBinding).where(WechatBinding.account_id == account_id, WechatBinding.app == app.value)
    ).one_or_none()
    if mine is None:
        raise NotFound(wechat=account_id)
    session.delete(mine)
    record_fact(session, Fact("account.wechat_unbound", account_id, facts={"app": app.value}), actor=actor, now=now)
    session.commit()


def note_follower(session: Session, *, openid: str, follows: bool) -> None:
    """WeChat tells that somebody follows the official account, or does not any more. Strangers are not kept."""
    begin_write(session)
    binding = _binding_of(session, App.OFFICIAL, openid)
    if binding is not None:
        binding.follows = follows
    session.commit()


def next_scene(session: Session, *, account_id: int) -> int | None:
    """The number under which the next permission is asked for; None without a binding. Reads only."""
    binding_id = session.scalar(
        select(WechatBinding.id).where(WechatBinding.account_id == account_id, WechatBinding.app == App.OFFICIAL.value)
    )
    if binding_id is None:
        return None
    last = session.scalar(select(func.max(WechatPermission.scene)).where(WechatPermission.binding_id == binding_id))
    return 1 + (last or 0) % SCENES


def allow_message(session: Session, *, account_id: int, openid: str, scene: int, now: datetime) -> bool:
    """The person allowed one message at WeChat's page. False when it was another WeChat account, or counted before."""
    begin_write(session)
    binding = _binding_of(session, App.OFFICIAL, openid)
    if binding is None or binding.account_id != account_id or not 0 <= scene <= SCENES:
        session.rollback()
        return False
    known = select(WechatPermission.id).where(
        WechatPermission.binding_id == binding.id, WechatPermission.scene == scene
    )
    if session.scalar(known) is not None:
        session.rollback()
        return False
    session.add(WechatPermission(binding_id=binding.id, scene=scene, given_at=now))
    session.commit()
    return True


def use_permission(session: Session, *, openid: str) -> int | None:
    """Take the oldest permission for a message away and give its number; None when there is none."""
    begin_write(session)
    found = session.scalars(
        select(WechatPermission)
        .join(WechatBinding, WechatBinding.id == WechatPermission.binding_id)
        .where(WechatBinding.openid_index == _index(App.OFFICIAL, openid))
        .order_by(WechatPermission.given_at, WechatPermission.id)
        .limit(1)
        .with_for_update(of=WechatPermission)
    ).one_or_none()
    if found is None:
        session.rollback()
        return None
    scene = found.scene
    session.delete(found)
    session.commit()
    return scene


def sealed_ticket(app: App, openid: str, *, now: datetime) -> str:
    """Who somebody is at WeChat, sealed, for the cookie or the app until a normal sign-in has said who it is here."""
    text = json.dumps([app.value, openid, now.isoformat()]).encode()
    return base64.urlsafe_b64encode(installed_keys().seal(text, PLACE)).decode()


def opened_ticket(ticket: str, *, now: datetime) -> tuple[App, str]:
    """Raises StaleTicket when it is too old or not ours."""
    try:
        app, openid, at = json.loads(installed_keys().unseal(base64.urlsafe_b64decode(ticket), PLACE))
    except (Unsealable, ValueError):
        raise StaleTicket() from None
    if now - datetime.fromisoformat(at) > TICKET_LASTS:
        raise StaleTicket()
    return App(app), openid


def _binding_of(session: Session, app: App, openid: str) -> WechatBinding | None:
    return session.scalars(
        select(WechatBinding).where(WechatBinding.app == app.value, WechatBinding.openid_index == _index(app, openid))
    ).one_or_none()


def _index(app: App, openid: str) -> bytes:
    return exact_index("wechat_binding.openid", f"{app.value}:{openid}")
