"""Accounts and devices for screens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.accounts.records import Account, SignIn
from backend.centres.rules import Scope
from backend.enrollment.records import Student


def devices_of(session: Session, account_id: int, *, now: datetime) -> Sequence[SignIn]:
    """Devices signed in now, the last used first."""
    return session.scalars(
        select(SignIn)
        .where(SignIn.account_id == account_id, SignIn.ended_at.is_(None), SignIn.expires_at > now)
        .order_by(SignIn.seen_at.desc())
    ).all()


def staff_accounts(session: Session, *, scope: Scope) -> Sequence[Account]:
    """Staff of the scope, by centre and name. A centre's scope shows that centre's staff only."""
    query = select(Account).where(Account.kind == "staff")
    if scope.centre_id is not None:
        query = query.where(Account.centre_id == scope.centre_id)
    return session.scalars(query.order_by(Account.centre_id, Account.login)).all()


def people_of_centre(session: Session, centre_id: int) -> tuple[int, int]:
    """How many students a centre has, and how many staff accounts that are in use."""
    students = select(func.count(Student.id)).where(Student.centre_id == centre_id)
    staff = select(func.count(Account.id)).where(
        Account.kind == "staff", Account.centre_id == centre_id, Account.active
    )
    return session.scalar(students) or 0, session.scalar(staff) or 0


def accounts_by_id(session: Session, account_ids: set[int]) -> dict[int, Account]:
    """Account id -> account, for saying who did something and in which role."""
    return {found.id: found for found in session.scalars(select(Account).where(Account.id.in_(account_ids)))}


def account_of(session: Session, student_id: int) -> Account | None:
    """The account that a student has made; None before the activation."""
    return session.scalars(select(Account).where(Account.student_id == student_id)).one_or_none()


def names_of(session: Session, account_ids: set[int]) -> dict[int, str]:
    """Account id -> display name."""
    rows = session.execute(select(Account.id, Account.display_name).where(Account.id.in_(account_ids)))
    return dict(rows.all())
