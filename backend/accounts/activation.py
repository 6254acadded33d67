"""The first time: a person of the roster makes the account."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.attempts import account_name, count_attempt, forget_attempts
from backend.accounts.operations import check_password, start_session
from backend.accounts.passwords import hash_password
from backend.accounts.records import Account, SignIn
from backend.accounts.rules import Method, Policy, SignInFailed
from backend.enrollment.records import Student
from backend.enrollment.rules import normalised_id_number, normalised_name
from backend.errors import NotFound
from backend.history.operations import happened
from backend.history.rules import Actor, ActorKind, Fact
from backend.records import begin_write, blind_index


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
    method: Method = Method.PASSWORD,
) -> str:
    """A person of the roster makes the account and is signed in; gives the token for the cookie.

    method: Method.TOKEN for a program, whose token comes back in a header.
    number: student number, or certificate number of an alumnus. Raises SignInFailed when the three do not belong
    together or the account exists already (not told apart), LockedOut, WeakPassword.
    """
    number, id_number = account_name(session, "student", number), normalised_id_number(id_number)
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
    forget_attempts(session, f"student:{number}")
    token = open_account(
        session,
        student=student,
        password_hash=password_hash,
        device=device,
        policy=policy,
        now=now,
        method=method,
    )
    session.commit()
    return token


def open_account(
    session: Session,
    *,
    student: Student,
    password_hash: str,
    device: str,
    policy: Policy,
    now: datetime,
    method: Method = Method.PASSWORD,
) -> str:
    """Make the account of a person who was proved to be this student, and sign in; gives the token for the cookie.

    The caller has locked the student, knows that there is no account, and commits.
    """
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
    token = start_session(session, account, device=device, policy=policy, now=now, method=method)
    actor = Actor(ActorKind.STUDENT, account.id)
    happened(session, Fact("student.activated", student.id, owner_id=student.id), actor=actor, now=now)
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
