"""Reminders of proofreading: of the day on which a student looks again, and of the last day of the cohort."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend.days import ZONE, day_of
from backend.enrollment.records import Cohort, Student
from backend.history.operations import happened
from backend.history.rules import SYSTEM, Fact
from backend.proofreading.queries import AT_A_TIME, await_last_day
from backend.proofreading.records import Reminder
from backend.proofreading.rules import Table, reminder_days
from backend.records import begin_write


def remind_student(session: Session, *, reminder_id: int, table: Table, now: datetime) -> bool:
    """The day has come: it is told once. False when it is not needed, or its last day was moved."""
    begin_write(session)
    reminder = session.get(Reminder, reminder_id, with_for_update={"of": Reminder})
    if reminder is None or reminder.told_at is not None or reminder.dropped_at is not None:
        session.rollback()
        return False
    if reminder.run_id is None:
        cohort = session.get_one(Student, reminder.student_id).cohort
        day = day_of(reminder.due_at)
        last_day = cohort.proofread_by if cohort else None
        if day not in reminder_days(last_day, table=table, today=day - timedelta(days=1)):
            reminder.dropped_at = now
            session.commit()
            return False
    reminder.told_at = now
    verb = "reminder.look_again" if reminder.run_id is not None else "reminder.last_day"
    happened(session, Fact(verb, reminder.id, owner_id=reminder.student_id), actor=SYSTEM, now=now)
    session.commit()
    return True


def move_reminders(sessions: sessionmaker[Session], *, cohort_id: int, table: Table, now: datetime) -> None:
    """A cohort's last day was moved, or students came into it: reminders of another day go, those of this day are set.

    Doing it twice is harmless.
    """
    last = 0
    while True:
        with sessions() as session:
            begin_write(session)
            students, waiting = await_last_day(session, cohort_id=cohort_id, after=last, limit=AT_A_TIME)
            if not students:
                return
            last = students[-1].id
            cohort = session.get_one(Cohort, cohort_id)
            days = set(reminder_days(cohort.proofread_by, table=table, today=day_of(now)))
            standing = _last_day_reminders(session, [student.id for student in students])
            for student in students:
                wanted = days if student.id in waiting else set()
                there = {day_of(reminder.due_at): reminder for reminder in standing.get(student.id, ())}
                for day in there.keys() - wanted:
                    there[day].dropped_at = now
                for day in sorted(wanted - there.keys()):
                    remind_on(session, student.id, None, day, table=table, now=now)
            session.commit()


def _last_day_reminders(session: Session, student_ids: Sequence[int]) -> dict[int, list[Reminder]]:
    """Student id -> reminders of the cohort's last day that are still to come."""
    found: dict[int, list[Reminder]] = {}
    query = select(Reminder).where(
        Reminder.student_id.in_(student_ids),
        Reminder.run_id.is_(None),
        Reminder.told_at.is_(None),
        Reminder.dropped_at.is_(None),
    )
    for reminder in session.scalars(query):
        found.setdefault(reminder.student_id, []).append(reminder)
    return found


def remind_on(session: Session, student_id: int, run_id: int | None, day: date, *, table: Table, now: datetime) -> None:
    due = datetime.combine(day, time(table.remind_hour), ZONE)
    reminder = Reminder(student_id=student_id, run_id=run_id, due_at=due)
    session.add(reminder)
    session.flush()
    wait = max(0, round((due - now).total_seconds()))
    fact = Fact("reminder.set", reminder.id, owner_id=student_id, facts={"wait_seconds": wait})
    happened(session, fact, actor=SYSTEM, now=now)


def drop_reminders(session: Session, student_id: int, now: datetime, *, of_runs: bool = False) -> None:
    """of_runs: only those of a day to look again; the cohort's last day is still called to mind."""
    query = select(Reminder).where(
        Reminder.student_id == student_id, Reminder.told_at.is_(None), Reminder.dropped_at.is_(None)
    )
    for reminder in session.scalars(query.where(Reminder.run_id.is_not(None)) if of_runs else query):
        reminder.dropped_at = now
