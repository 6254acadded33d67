"""The verbs of chasing: remind a selection, write down a call."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.centres.rules import Scope
from backend.chasing.queries import reachable, reminding
from backend.chasing.records import Contact
from backend.chasing.rules import VERBS, Outcome, Reminders, Template, Way, call_problems
from backend.days import day_of
from backend.enrollment.queries import in_scope
from backend.enrollment.records import Cohort, Student
from backend.errors import Invalid, NotFound
from backend.history.operations import happened_many, record_fact
from backend.history.rules import Actor, Fact
from backend.records import begin_write


def remind(
    session: Session, *, scope: Scope, student_ids: Collection[int], rules: Reminders, actor: Actor, now: datetime
) -> int:
    """Send each student of the selection the reminder of the cause, as far as the rules let it; gives how many got one.

    The students' rows are locked first: two people who press at the same time remind nobody twice.
    Raises Invalid for more students than one press may remind.
    """
    _locked(session, scope, student_ids, rules)
    plan = reminding(session, scope=scope, student_ids=student_ids, rules=rules, now=now)
    chosen = [(template, row.student_id) for template, rows in plan.reached.items() for row in rows]
    return _send(session, chosen, actor=actor, now=now)


def remind_of(
    session: Session,
    *,
    scope: Scope,
    student_ids: Collection[int],
    template: Template,
    rules: Reminders,
    actor: Actor,
    now: datetime,
) -> int:
    """Send everybody of the selection this one reminder, whatever the missing list says of them; gives how many got it.

    Accounts and the pause between two reminders count as in remind. Raises Invalid for too many students.
    """
    inside = _locked(session, scope, student_ids, rules)
    reached, _ = reachable(session, inside, rules=rules, now=now)
    return _send(session, [(template, student_id) for student_id in reached], actor=actor, now=now)


def _locked(session: Session, scope: Scope, student_ids: Collection[int], rules: Reminders) -> Sequence[int]:
    """Those of the selection inside the scope, their rows locked."""
    if len(student_ids) > rules.most:
        raise Invalid({"student": "too_many"})
    begin_write(session)
    locked = select(Student.id).where(Student.id.in_(student_ids), *in_scope(scope)).order_by(Student.id)
    return session.scalars(locked.with_for_update(of=Student)).all()


def _send(session: Session, chosen: Sequence[tuple[Template, int]], *, actor: Actor, now: datetime) -> int:
    until = _last_days(session, [student_id for _, student_id in chosen])
    made = [
        Contact(student_id=student_id, way=Way.REMINDER.value, template=template.value, by_id=actor.known_id, at=now)
        for template, student_id in chosen
    ]
    session.add_all(made)
    session.flush()
    facts = []
    for (template, student_id), contact in zip(chosen, made, strict=True):
        day = until.get(student_id)
        told = {"until": day.isoformat()} if day is not None and day >= day_of(now) else {}
        facts.append(Fact(VERBS[template], contact.id, owner_id=student_id, facts=told))
    happened_many(session, facts, actor=actor, now=now)
    session.commit()
    return len(made)


def note_call(
    session: Session, *, scope: Scope, student_id: int, outcome: str, note: str, actor: Actor, now: datetime
) -> Contact:
    """Somebody called a student. Only added. Raises Invalid by field, NotFound outside the scope."""
    note = note.strip()
    problems = call_problems(outcome, note)
    if problems:
        raise Invalid(problems)
    begin_write(session)
    if session.scalar(select(Student.id).where(Student.id == student_id, *in_scope(scope))) is None:
        raise NotFound(student=student_id)
    said = Outcome(outcome)
    contact = Contact(
        student_id=student_id, way=Way.CALL.value, outcome=said.value, note=note, by_id=actor.known_id, at=now
    )
    session.add(contact)
    session.flush()
    facts = {"outcome": said.value}
    record_fact(session, Fact("contact.called", contact.id, owner_id=student_id, facts=facts), actor=actor, now=now)
    session.commit()
    return contact


def _last_days(session: Session, student_ids: Collection[int]) -> dict[int, date]:
    """Until when each student's cohort is captured, where a day is set."""
    query = select(Student.id, Cohort.capture_by).join(Cohort, Cohort.id == Student.cohort_id)
    rows = session.execute(query.where(Student.id.in_(student_ids)))
    return {student_id: day for student_id, day in rows if day is not None}
