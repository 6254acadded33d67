"""Signing in and out, devices, passwords, one-time codes."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.attempts import account_name, count_attempt, forget_attempts, plain_number
from backend.accounts.passwords import hash_password, password_fits
from backend.accounts.records import Account, SignIn
from backend.accounts.rules import (
    Method,
    Policy,
    SignInFailed,
    WeakPassword,
    may_use_password,
    password_problem,
)
from backend.errors import NotAllowed, NotFound
from backend.history.operations import record_fact
from backend.history.rules import Actor, ActorKind, Fact
from backend.records import begin_write


def sign_in(
    session: Session,
    *,
    kind: str,
    login: str,
    password: str,
    device: str,
    policy: Policy,
    now: datetime,
    method: Method = Method.PASSWORD,
) -> str:
    """Start a session on one device; gives the token for its cookie, of which we keep the hash only.

    kind: "student" or "staff". login: staff name, student number, or an alumnus's certificate number.
    method: Method.TOKEN for a program, whose token comes back in a header.
    Raises SignInFailed or LockedOut.
    """
    login = account_name(session, kind, login)
    count_attempt(session, name=f"{kind}:{login}", policy=policy, now=now)
    account = session.scalars(select(Account).where(Account.kind == kind, Account.login == login)).one_or_none()
    fits = password_fits(account.password_hash if account else None, password, memory_kib=policy.password_memory_kib)
    if account is None or not fits or not account.active:
        raise SignInFailed()
    if not may_use_password(policy, kind=kind, role=account.role):
        raise SignInFailed()
    begin_write(session)
    forget_attempts(session, f"{kind}:{login}")
    token = start_session(session, account, device=device, policy=policy, now=now, method=method)
    session.commit()
    return token


def start_session(
    session: Session,
    account: Account,
    *,
    device: str,
    policy: Policy,
    now: datetime,
    method: Method = Method.PASSWORD,
    outside_index: bytes | None = None,
    subject_index: bytes | None = None,
) -> str:
    """A session in the transaction of the caller, who has made sure who it is; gives the token for the cookie."""
    token = secrets.token_urlsafe(32)
    hours = policy.hours_staff if account.kind == "staff" else policy.hours_student
    session.add(
        SignIn(
            token_hash=_token_hash(token),
            account_id=account.id,
            device=device,
            method=method.value,
            outside_index=outside_index,
            subject_index=subject_index,
            created_at=now,
            seen_at=now,
            expires_at=now + timedelta(hours=hours),
        )
    )
    actor = Actor(ActorKind.STAFF if account.kind == "staff" else ActorKind.STUDENT, account.id)
    facts = {} if method is Method.PASSWORD else {"by": method.value}
    record_fact(session, Fact("account.signed_in", account.id, facts=facts), actor=actor, now=now)
    return token


def resume(session: Session, *, token: str, policy: Policy, now: datetime) -> SignIn | None:
    """The sign-in that a cookie stands for; None when it has ended, expired or lain idle. Reads only."""
    found = session.scalars(select(SignIn).where(SignIn.token_hash == _token_hash(token))).one_or_none()
    if found is None or found.ended_at is not None or found.expires_at <= now or not found.account.active:
        return None
    idle = timedelta(minutes=policy.idle_minutes_staff)
    return None if found.account.kind == "staff" and now - found.seen_at > idle else found


def note_seen(session: Session, *, sign_in_id: int, now: datetime) -> None:
    """The device was used. Called at most once a minute, not at every request."""
    begin_write(session)
    found = session.get(SignIn, sign_in_id)
    if found is not None and found.ended_at is None:
        found.seen_at = now
    session.commit()


def end_sign_in(session: Session, *, account_id: int, sign_in_id: int, actor: Actor, now: datetime) -> None:
    """Sign one of the person's own devices out."""
    begin_write(session)
    found = session.get(SignIn, sign_in_id, with_for_update={"of": SignIn})
    if found is None or found.account_id != account_id:
        raise NotFound(sign_in=sign_in_id)
    if found.ended_at is None:
        found.ended_at = now
        record_fact(session, Fact("account.signed_out", account_id), actor=actor, now=now)
    session.commit()


def end_other_sign_ins(session: Session, *, account_id: int, but: int, actor: Actor, now: datetime) -> int:
    """Sign all of the person's devices out except this one; gives how many they were."""
    begin_write(session)
    others = (SignIn.account_id == account_id, SignIn.ended_at.is_(None), SignIn.id != but)
    found = session.scalars(select(SignIn).where(*others).with_for_update(of=SignIn)).all()
    for entry in found:
        entry.ended_at = now
    if found:
        fact = Fact("account.signed_out", account_id, facts={"devices": len(found)})
        record_fact(session, fact, actor=actor, now=now)
    session.commit()
    return len(found)


def end_all_sign_ins(session: Session, account_id: int, now: datetime, *, but: int | None = None) -> None:
    for entry in session.scalars(select(SignIn).where(SignIn.account_id == account_id, SignIn.ended_at.is_(None))):
        if entry.id != but:
            entry.ended_at = now


def change_password(
    session: Session,
    *,
    account_id: int,
    current: str,
    new: str,
    keep_sign_in: int,
    policy: Policy,
    actor: Actor,
    now: datetime,
) -> None:
    """Set a new password; all other devices sign out. Raises SignInFailed when `current` is wrong, WeakPassword."""
    account = with_own_password(session, account_id, current, policy=policy, now=now)
    check_password(new, kind=account.kind, policy=policy, personal=(account.login, account.display_name, current))
    password_hash = hash_password(new, memory_kib=policy.password_memory_kib)
    begin_write(session)
    account = session.get_one(Account, account_id, with_for_update={"of": Account})
    account.password_hash = password_hash
    account.must_change_password = False
    forget_attempts(session, f"{account.kind}:{account.login}")
    end_all_sign_ins(session, account_id, now, but=keep_sign_in)
    record_fact(session, Fact("account.password_changed", account_id), actor=actor, now=now)
    session.commit()


def check_password(password: str, *, kind: str, policy: Policy, personal: tuple[str, ...]) -> None:
    """Raises WeakPassword with the reason."""
    min_length = policy.min_length_staff if kind == "staff" else policy.min_length_student
    problem = password_problem(password, min_length=min_length, personal=personal)
    if problem is not None:
        raise WeakPassword(reason=problem, min_length=min_length)


def with_own_password(session: Session, account_id: int, password: str, *, policy: Policy, now: datetime) -> Account:
    """The account, once its own password was given again; wrong ones count. Raises SignInFailed, LockedOut."""
    account = session.get_one(Account, account_id)
    count_attempt(session, name=f"{account.kind}:{account.login}", policy=policy, now=now)
    account = session.get_one(Account, account_id)
    if not password_fits(account.password_hash, password, memory_kib=policy.password_memory_kib):
        raise SignInFailed()
    return account


def begin_totp(session: Session, *, account_id: int) -> str:
    """A fresh secret for the authenticator app, valid once a first code confirms it. Gives the secret (base32)."""
    begin_write(session)
    account = session.get_one(Account, account_id, with_for_update={"of": Account})
    if account.totp_confirmed_at is not None:
        raise NotAllowed(totp="confirmed")
    account.totp_secret = account.totp_secret or pyotp.random_base32()
    session.commit()
    return account.totp_secret


def give_totp(
    session: Session,
    *,
    account_id: int,
    sign_in_id: int,
    code: str,
    policy: Policy,
    actor: Actor,
    now: datetime,
) -> None:
    """The one-time code of this sign-in; the first one confirms the secret. A code works once.

    Raises SignInFailed or LockedOut.
    """
    count_attempt(session, name=f"totp:{account_id}", policy=policy, now=now)
    begin_write(session)
    account = session.get_one(Account, account_id, with_for_update={"of": Account})
    step = _totp_step(account.totp_secret or "", code, now)
    if step is None or step <= (account.totp_last_step or 0):
        raise SignInFailed()
    account.totp_last_step = step
    if account.totp_confirmed_at is None:
        account.totp_confirmed_at = now
        record_fact(session, Fact("account.totp_confirmed", account_id), actor=actor, now=now)
    forget_attempts(session, f"totp:{account_id}")
    session.get_one(SignIn, sign_in_id).second_factor = True
    session.commit()


def remove_totp(
    session: Session, *, account_id: int, password: str, policy: Policy, actor: Actor, now: datetime
) -> None:
    """Staff switch their one-time codes off, where the policy leaves it to them; the password is asked again.

    Raises NotAllowed when codes are required, SignInFailed, LockedOut.
    """
    if policy.staff_totp_required:
        raise NotAllowed(totp="required")
    with_own_password(session, account_id, password, policy=policy, now=now)
    begin_write(session)
    account = session.get_one(Account, account_id, with_for_update={"of": Account})
    forget_attempts(session, f"{account.kind}:{account.login}")
    account.totp_secret, account.totp_confirmed_at, account.totp_last_step = None, None, None
    record_fact(session, Fact("account.totp_removed", account_id), actor=actor, now=now)
    session.commit()


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _totp_step(secret: str, code: str, now: datetime) -> int | None:
    """The 30-second step that the code belongs to, one step either way allowed; None when it fits none."""
    if not secret:
        return None
    totp = pyotp.TOTP(secret)
    typed = plain_number(code).encode()
    current = int(now.timestamp()) // 30
    for step in (current, current - 1, current + 1):
        if secrets.compare_digest(totp.generate_otp(step).encode(), typed):
            return step
    return None
