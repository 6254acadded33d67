"""Signing in and out, passwords, one-time codes, staff accounts."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.passwords import hash_password, password_fits
from backend.accounts.records import Account, Attempts, SignIn
from backend.accounts.rules import (
    CENTRE_ROLES,
    LockedOut,
    Policy,
    Role,
    SignInFailed,
    WeakPassword,
    lock_until,
    may_manage,
    password_problem,
    scope_of,
)
from backend.centres.records import Centre
from backend.enrollment.records import Student
from backend.enrollment.rules import normalised_id_number, normalised_name
from backend.errors import Invalid, NotAllowed, NotFound
from backend.history.operations import happened, record_fact
from backend.history.rules import Actor, ActorKind, Fact
from backend.records import begin_write, blind_index, insert_into


def count_attempt(session: Session, *, name: str, policy: Policy, now: datetime) -> None:
    """Count an attempt *before* it is looked at, so that parallel guesses cannot outrun the limit.

    Raises LockedOut with the time until which the name waits. A success takes the count back (forget_attempts).
    """
    begin_write(session)
    key = blind_index("attempts.key", name)
    # two first attempts at the same moment: one makes the row, both wait for each other at it
    first = insert_into(session, Attempts).values(key=key, failures=0, last_at=now)
    session.execute(first.on_conflict_do_nothing())
    attempts = session.get_one(Attempts, key, with_for_update={"of": Attempts})
    if attempts.locked_until is not None and attempts.locked_until > now:
        raise LockedOut(until=attempts.locked_until)
    if attempts.locked_until is not None or now - attempts.last_at > timedelta(minutes=policy.lockout_minutes):
        attempts.failures, attempts.locked_until = 0, None
    attempts.failures += 1
    attempts.last_at = now
    attempts.locked_until = lock_until(
        failures=attempts.failures, limit=policy.lockout_failures, minutes=policy.lockout_minutes, now=now
    )
    session.commit()


def sign_in(
    session: Session, *, kind: str, login: str, password: str, device: str, policy: Policy, now: datetime
) -> str:
    """Start a session on one device; gives the token for its cookie, of which we keep the hash only.

    kind: "student" or "staff". login: staff name, student number, or an alumnus's certificate number.
    Raises SignInFailed or LockedOut.
    """
    login = _account_name(session, kind, login)
    count_attempt(session, name=f"{kind}:{login}", policy=policy, now=now)
    account = session.scalars(select(Account).where(Account.kind == kind, Account.login == login)).one_or_none()
    fits = password_fits(account.password_hash if account else None, password, memory_kib=policy.password_memory_kib)
    if account is None or not fits or not account.active:
        raise SignInFailed()
    begin_write(session)
    _forget_attempts(session, f"{kind}:{login}")
    token = _start(session, account, device=device, policy=policy, now=now)
    session.commit()
    return token


def activate(
    session: Session,
    *,
    number: str,
    name: str,
    id_number: str,
    password: str,
    device: str,
    policy: Policy,
    now: datetime,
) -> str:
    """A person of the roster makes the account and is signed in; gives the token for the cookie.

    number: student number, or certificate number of an alumnus. Raises SignInFailed when the three do not belong
    together or the account exists already (not told apart), LockedOut, WeakPassword.
    """
    number, id_number = _account_name(session, "student", number), normalised_id_number(id_number)
    check_password(password, kind="student", policy=policy, personal=(number, id_number[-6:], name))
    count_attempt(session, name=f"student:{number}", policy=policy, now=now)
    password_hash = hash_password(password, memory_kib=policy.password_memory_kib)
    begin_write(session)
    student = session.scalars(
        select(Student).where(Student.student_number == number).with_for_update(of=Student)
    ).one_or_none()
    if (
        student is None
        or normalised_name(student.name) != normalised_name(name)
        or student.id_number_index != blind_index("student.id_number", id_number)
        or session.scalar(select(Account.id).where(Account.student_id == student.id)) is not None
    ):
        raise SignInFailed()
    account = Account(
        kind="student",
        login=student.student_number,
        display_name=student.name,
        password_hash=password_hash,
        student_id=student.id,
        created_at=now,
    )
    session.add(account)
    session.flush()
    _forget_attempts(session, f"student:{number}")
    token = _start(session, account, device=device, policy=policy, now=now)
    actor = Actor(ActorKind.STUDENT, account.id)
    happened(session, Fact("student.activated", student.id, owner_id=student.id), actor=actor, now=now)
    session.commit()
    return token


def reopen_activation(session: Session, *, student_id: int, actor: Actor, now: datetime) -> None:
    """Staff who have checked the person let them choose a new password: the account goes, its devices sign out."""
    begin_write(session)
    account = session.scalars(
        select(Account).where(Account.student_id == student_id).with_for_update(of=Account)
    ).one_or_none()
    if account is None:
        raise NotFound(student=student_id)
    for entry in session.scalars(select(SignIn).where(SignIn.account_id == account.id)):
        session.delete(entry)
    session.flush()
    session.delete(account)
    happened(session, Fact("student.activation_reopened", student_id, owner_id=student_id), actor=actor, now=now)
    session.commit()


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
    account = _with_own_password(session, account_id, current, policy=policy, now=now)
    check_password(new, kind=account.kind, policy=policy, personal=(account.login, account.display_name, current))
    password_hash = hash_password(new, memory_kib=policy.password_memory_kib)
    begin_write(session)
    account = session.get_one(Account, account_id, with_for_update={"of": Account})
    account.password_hash = password_hash
    account.must_change_password = False
    _forget_attempts(session, f"{account.kind}:{account.login}")
    _end_all(session, account_id, now, but=keep_sign_in)
    record_fact(session, Fact("account.password_changed", account_id), actor=actor, now=now)
    session.commit()


def check_password(password: str, *, kind: str, policy: Policy, personal: tuple[str, ...]) -> None:
    """Raises WeakPassword with the reason."""
    min_length = policy.min_length_staff if kind == "staff" else policy.min_length_student
    problem = password_problem(password, min_length=min_length, personal=personal)
    if problem is not None:
        raise WeakPassword(reason=problem, min_length=min_length)


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
    _forget_attempts(session, f"totp:{account_id}")
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
    _with_own_password(session, account_id, password, policy=policy, now=now)
    begin_write(session)
    account = session.get_one(Account, account_id, with_for_update={"of": Account})
    _forget_attempts(session, f"{account.kind}:{account.login}")
    account.totp_secret, account.totp_confirmed_at, account.totp_last_step = None, None, None
    record_fact(session, Fact("account.totp_removed", account_id), actor=actor, now=now)
    session.commit()


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
    if centre_id is not None and session.get(Centre, centre_id) is None:
        problems["centre_id"] = "unknown_centre"
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
    account = _managed(session, account_id, creator)
    account.active = active
    if not active:
        _end_all(session, account_id, now)
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
    account = _managed(session, account_id, creator)
    account.password_hash, account.must_change_password = password_hash, True
    account.totp_secret, account.totp_confirmed_at, account.totp_last_step = None, None, None
    _end_all(session, account_id, now)
    _forget_attempts(session, f"staff:{account.login}")
    _forget_attempts(session, f"totp:{account_id}")
    record_fact(session, Fact("account.reset", account_id), actor=actor, now=now)
    session.commit()
    return first


def _managed(session: Session, account_id: int, creator: Account) -> Account:
    """A staff account that the creator manages; not their own. Raises NotFound outside their centres, NotAllowed."""
    account = session.get(Account, account_id, with_for_update={"of": Account})
    if account is None or account.kind != "staff":
        raise NotFound(account=account_id)
    scope = scope_of(creator.role, creator.centre_id)
    if scope.centre_id is not None and account.centre_id != scope.centre_id:
        raise NotFound(account=account_id)
    if account.id == creator.id or not may_manage(
        creator.role or "", creator.centre_id, account.role or "", account.centre_id
    ):
        raise NotAllowed(account=account_id)
    return account


def _with_own_password(session: Session, account_id: int, password: str, *, policy: Policy, now: datetime) -> Account:
    """The account, once its own password was given again; wrong ones count. Raises SignInFailed, LockedOut."""
    account = session.get_one(Account, account_id)
    count_attempt(session, name=f"{account.kind}:{account.login}", policy=policy, now=now)
    account = session.get_one(Account, account_id)
    if not password_fits(account.password_hash, password, memory_kib=policy.password_memory_kib):
        raise SignInFailed()
    return account


def _end_all(session: Session, account_id: int, now: datetime, *, but: int | None = None) -> None:
    for entry in session.scalars(select(SignIn).where(SignIn.account_id == account_id, SignIn.ended_at.is_(None))):
        if entry.id != but:
            entry.ended_at = now


def _account_name(session: Session, kind: str, typed: str) -> str:
    """The name that the account bears, from what was typed: an alumnus may type the certificate number instead.

    One person has one counter of attempts, whichever number was typed.
    """
    typed = _plain(typed)
    if kind != "student" or session.scalar(select(Student.id).where(Student.student_number == typed)):
        return typed
    return session.scalar(select(Student.student_number).where(Student.certificate_number == typed)) or typed


def _plain(typed: str) -> str:
    """A number as it is meant: without spaces, the full-width digits of Chinese keyboards narrowed."""
    return "".join(unicodedata.normalize("NFKC", typed).split())


def _start(session: Session, account: Account, *, device: str, policy: Policy, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    hours = policy.hours_staff if account.kind == "staff" else policy.hours_student
    session.add(
        SignIn(
            token_hash=_token_hash(token),
            account_id=account.id,
            device=device,
            created_at=now,
            seen_at=now,
            expires_at=now + timedelta(hours=hours),
        )
    )
    actor = Actor(ActorKind.STAFF if account.kind == "staff" else ActorKind.STUDENT, account.id)
    record_fact(session, Fact("account.signed_in", account.id), actor=actor, now=now)
    return token


def _forget_attempts(session: Session, name: str) -> None:
    attempts = session.get(Attempts, blind_index("attempts.key", name))
    if attempts is not None:
        session.delete(attempts)


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _totp_step(secret: str, code: str, now: datetime) -> int | None:
    """The 30-second step that the code belongs to, one step either way allowed; None when it fits none."""
    if not secret:
        return None
    totp = pyotp.TOTP(secret)
    typed = _plain(code).encode()
    current = int(now.timestamp()) // 30
    for step in (current, current - 1, current + 1):
        if secrets.compare_digest(totp.generate_otp(step).encode(), typed):
            return step
    return None
