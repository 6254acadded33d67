"""Staff who come in through the college's single sign-on: only accounts that somebody has linked by hand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.operations import start_session
from backend.accounts.records import Account, SignIn
from backend.accounts.rules import Method, Policy, SignOnUnknown, sign_on_name_problem
from backend.accounts.staff import managed_account
from backend.errors import Invalid
from backend.history.operations import record_fact
from backend.history.rules import SYSTEM, Actor, Fact
from backend.records import begin_write, exact_index


def sign_in_by_name(
    session: Session, *, name: str, outside: str | None, subject: str | None, device: str, policy: Policy, now: datetime
) -> str:
    """Start a session for the member of staff whom the sign-on server calls `name`; gives the token for the cookie.

    outside: what the server calls this session (CAS: the ticket), subject: what it calls the person whatever the
    claim with the name (OpenID Connect: sub); by either it can end the session.
    Raises SignOnUnknown when no open account bears the name: nobody gets an account by signing in.
    """
    begin_write(session)
    account = session.scalars(
        select(Account).where(Account.kind == "staff", Account.sign_on_name == name.strip())
    ).one_or_none()
    if not name.strip() or account is None or not account.active:
        raise SignOnUnknown(name=name)
    token = start_session(
        session,
        account,
        device=device,
        policy=policy,
        now=now,
        method=Method.SIGN_ON,
        outside_index=_outside_index(outside) if outside else None,
        subject_index=_subject_index(subject) if subject else None,
    )
    session.commit()
    return token


def end_outside_sessions(session: Session, *, outside: str | None, subject: str | None, now: datetime) -> int:
    """The sign-on server says that its session `outside` has ended, or, without one, all of `subject`.

    So have ours that came from it; one that began with a password here goes on. Gives their number.
    """
    if outside:
        meant = SignIn.outside_index == _outside_index(outside)
    elif subject:
        meant = SignIn.subject_index == _subject_index(subject)
    else:
        return 0
    begin_write(session)
    found = session.scalars(select(SignIn).where(meant, SignIn.ended_at.is_(None)).with_for_update(of=SignIn)).all()
    for entry in found:
        entry.ended_at = now
        record_fact(session, Fact("account.signed_out", entry.account_id), actor=SYSTEM, now=now)
    session.commit()
    return len(found)


def set_sign_on_name(
    session: Session, *, account_id: int, name: str, creator: Account | None, actor: Actor, now: datetime
) -> None:
    """Link a staff account with a name of the single sign-on, or take the link away (empty name).

    creator: who does it, None for the command line.
    Raises NotFound and NotAllowed as for every change of a staff account, Invalid when the name is taken.
    """
    name = name.strip()
    problem = sign_on_name_problem(name)
    begin_write(session)
    account = managed_account(session, account_id, creator)
    holder = session.scalar(select(Account.id).where(Account.sign_on_name == name)) if name else None
    if holder is not None and holder != account_id:
        problem = "sign_on_taken"
    if problem is not None:
        raise Invalid({"sign_on_name": problem})
    account.sign_on_name = name or None
    verb = "account.sign_on_linked" if name else "account.sign_on_unlinked"
    record_fact(session, Fact(verb, account_id), actor=actor, now=now)
    session.commit()


def _outside_index(outside: str) -> bytes:
    return exact_index("sign_in.outside", outside)


def _subject_index(subject: str) -> bytes:
    return exact_index("sign_in.subject", subject)
