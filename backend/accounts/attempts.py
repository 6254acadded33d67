"""Counting wrong attempts against guessing; one person has one counter."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Attempts
from backend.accounts.rules import LockedOut, Policy, lock_until
from backend.enrollment.records import Student
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


def forget_attempts(session: Session, name: str) -> None:
    attempts = session.get(Attempts, blind_index("attempts.key", name))
    if attempts is not None:
        session.delete(attempts)


def account_name(session: Session, kind: str, typed: str) -> str:
    """The name that the account bears, from what was typed: an alumnus may type the certificate number instead.

    One person has one counter of attempts, whichever number was typed.
    """
    typed = plain_number(typed)
    if kind != "student" or session.scalar(select(Student.id).where(Student.student_number == typed)):
        return typed
    return session.scalar(select(Student.student_number).where(Student.certificate_number == typed)) or typed


def plain_number(typed: str) -> str:
    """A number as it is meant: without spaces, the full-width digits of Chinese keyboards narrowed."""
    return "".join(unicodedata.normalize("NFKC", typed).split())
