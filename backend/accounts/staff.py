"""Staff accounts: made, closed, opened and reset by those who keep them."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.attempts import forget_attempts
from backend.accounts.operations import end_all_sign_ins
from backend.accounts.passwords import hash_password
from backend.accounts.records import Account
from backend.accounts.rules import CENTRE_ROLES, Policy, Role, may_manage, scope_of
from backend.centres.queries import is_open
from backend.centres.records import Centre
from backend.errors import Invalid, NotAllowed, NotFound
from backend.history.operations import record_fact
from backend.history.rules import Actor, Fact
from backend.records import begin_write


def create_staff(
    session: Session,
    *,
    login: str,
    display_name: str,
    role: Role,
    centre_id: int | None,
    password: str | None,
    creator: Account | None,
    policy: Policy,
    actor: Actor,
    now: datetime,
) -> tuple[Account, str]:
    """A staff account, and its first password (made up when None is given, to be changed at the first sign-in).

    creator: the staff account that does it, None for the command line.
    Raises NotAllowed when the creator may not, Invalid when the name is taken or role and centre do not fit.
    """
    if creator is not None and not may_manage(creator.role or "", creator.centre_id, role, centre_id):
        raise NotAllowed(role=role.value)
    problems = {}
    if (role in CENTRE_ROLES) != (centre_id is not None):
        problems["centre_id"] = "role_and_centre"
    login, display_name = login.strip(), display_name.strip()
    if not login or len(login) > 64 or not login.isascii() or not login.isprintable() or " " in login:
        problems["login"] = "staff_login"
    if len(display_name) > 60:
        problems["display_name"] = "name_long"
    begin_write(session)
    if session.scalar(select(Account.id).where(Account.kind == "staff", Account.login == login)):
        problems["login"] = "login_taken"
    if centre_id is not None and not is_open(session, centre_id):
        closed = session.get(Centre, centre_id) is not None
        problems["centre_id"] = "closed_centre" if closed else "unknown_centre"
    if problems:
        raise Invalid(problems)
    first = password or secrets.token_urlsafe(9)
    account = Account(
        kind="staff",
        login=login,
        display_name=display_name or login,
        password_hash=hash_password(first, memory_kib=policy.password_memory_kib),
        role=role.value,
        centre_id=centre_id,
        must_change_password=password is None,
        created_at=now,
    )
    session.add(account)
    session.flush()
    record_fact(session, Fact("account.created", account.id, facts={"role": role.value}), actor=actor, now=now)
    session.commit()
    return account, first


def set_staff_active(
    session: Session, *, account_id: int, active: bool, creator: Account, actor: Actor, now: datetime
) -> None:
    """Close a staff account (its devices sign out at once) or open it again."""
    begin_write(session)
    account = managed_account(session, account_id, creator)
    account.active = active
    if not active:
        end_all_sign_ins(session, account_id, now)
    verb = "account.opened" if active else "account.closed"
    record_fact(session, Fact(verb, account_id), actor=actor, now=now)
    session.commit()


def reset_staff(
    session: Session, *, account_id: int, creator: Account, policy: Policy, actor: Actor, now: datetime
) -> str:
    """Somebody lost the password or the phone: a new first password, codes set up afresh, all devices signed out.

    Gives the first password, to be shown once. Raises NotFound, NotAllowed.
    """
    first = secrets.token_urlsafe(9)
    password_hash = hash_password(first, memory_kib=policy.password_memory_kib)
    begin_write(session)
    account = managed_account(session, account_id, creator)
    account.password_hash, account.must_change_password = password_hash, True
    account.totp_secret, account.totp_confirmed_at, account.totp_last_step = None, None, None
    end_all_sign_ins(session, account_id, now)
    forget_attempts(session, f"staff:{account.login}")
    forget_attempts(session, f"totp:{account_id}")
    record_fact(session, Fact("account.reset", account_id), actor=actor, now=now)
    session.commit()
    return first


def managed_account(session: Session, account_id: int, creator: Account | None) -> Account:
    """A staff account that the creator manages (None: the command line); not their own.

    Raises NotFound outside their centres, NotAllowed.
    """
    account = session.get(Account, account_id, with_for_update={"of": Account})
    if account is None or account.kind != "staff":
        raise NotFound(account=account_id)
    if creator is None:
        return account
    scope = scope_of(creator.role, creator.centre_id)
    if scope.centre_id is not None and account.centre_id != scope.centre_id:
        raise NotFound(account=account_id)
    if account.id == creator.id or not may_manage(
        creator.role or "", creator.centre_id, account.role or "", account.centre_id
    ):
        raise NotAllowed(account=account_id)
    return account
