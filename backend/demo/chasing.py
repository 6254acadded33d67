"""The desk has turned to two people of the missing list: one got a reminder, one did not answer the phone."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.centres.rules import Scope
from backend.chasing.operations import note_call, remind
from backend.chasing.rules import Outcome
from backend.demo.people import PEOPLE
from backend.enrollment.records import Student
from backend.history.rules import Actor, ActorKind
from backend.parts import Parts

REMINDED, CALLED = 18, 30  # places in PEOPLE: a photo was returned; an account was never activated


def load_contacts(session: Session, parts: Parts, *, now: datetime) -> None:
    """As the staff of the first centre would, the day before."""
    staff = session.scalars(select(Account).where(Account.login == "fz")).one()
    scope, actor = Scope(staff.centre_id), Actor(ActorKind.STAFF, staff.id)
    numbers = [PEOPLE[place].student_number for place in (REMINDED, CALLED)]
    rows = session.execute(select(Student.student_number, Student.id).where(Student.student_number.in_(numbers)))
    ids = dict(iter(rows))
    reminded, called = (ids[number] for number in numbers)
    then = now - timedelta(days=1)
    remind(session, scope=scope, student_ids={reminded}, rules=parts.reminders, actor=actor, now=then)
    note_call(
        session,
        scope=scope,
        student_id=called,
        outcome=Outcome.NOT_REACHED.value,
        note="白天上班不接电话，晚上七点以后再打",
        actor=actor,
        now=now - timedelta(hours=20),
    )
