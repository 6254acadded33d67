"""Capture sessions of the invented college: one with people in its slots, and one whose team brought its list back."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.centres.rules import ALL_CENTRES, Scope
from backend.days import ZONE, day_of
from backend.demo.people import PEOPLE
from backend.enrollment.records import Student
from backend.history.rules import SYSTEM, Actor, ActorKind
from backend.onsite.operations import change_session, check_in, keep_list, leave_queue, plan_session, sign_up
from backend.onsite.queries import numbers_of
from backend.onsite.records import CaptureSession
from backend.onsite.rules import Action, ResultLine, match_results

LISTED = 25  # and every third person after: came to the session that is over
WALKED_OFF = 3  # whose number, counted from 0, is a gap


def load_session(session: Session, *, centre_id: int, round_id: int, now: datetime) -> None:
    """A morning of next week at one centre; five of its students have a slot."""
    planned = plan_session(
        session,
        scope=ALL_CENTRES,
        round_id=round_id,
        centre_id=centre_id,
        texts={
            "title": "期末考试第一天上午",
            "place": "教学楼 2 楼 201 室",
            "note": "身份证、图像采集码；深色有领上衣，不要穿蓝色。",
        },
        held_on=day_of(now) + timedelta(days=6),
        begins=time(9),
        ends=time(11, 30),
        minutes=30,
        capacity=3,
        today=day_of(now),
        actor=SYSTEM,
        now=now,
    )
    session_id, slots = planned.id, [slot.id for slot in planned.slots]
    change_session(
        session,
        scope=ALL_CENTRES,
        session_id=session_id,
        seen_revision=planned.revision,
        action=Action.PUBLISH,
        actor=SYSTEM,
        now=now,
    )
    members = select(Student.id).where(Student.centre_id == centre_id, Student.cohort_id.is_not(None))
    people = session.scalars(members.order_by(Student.id).limit(5)).all()
    for number, student_id in enumerate(people):
        sign_up(
            session,
            student_id=student_id,
            session_id=session_id,
            slot_id=slots[number // 3],
            actor=Actor(ActorKind.STUDENT),
            now=now,
        )


def load_past_session(session: Session, *, centre_id: int, round_id: int, now: datetime) -> None:
    """A morning of three days ago: five people came without a slot, one left, and the team's list has slips in it."""
    day = day_of(now) - timedelta(days=3)
    morning = datetime.combine(day, time(9), ZONE)
    planned = plan_session(
        session,
        scope=ALL_CENTRES,
        round_id=round_id,
        centre_id=centre_id,
        texts={"title": "期中考试后补采", "place": "教学楼 2 楼 203 室", "note": ""},
        held_on=day,
        begins=time(9),
        ends=time(10),
        minutes=30,
        capacity=5,
        today=day,
        actor=SYSTEM,
        now=morning - timedelta(days=4),
    )
    desk = session.scalars(select(Account.id).where(Account.centre_id == centre_id).order_by(Account.id)).first()
    actor = Actor(ActorKind.STAFF, desk)
    here: dict[str, Any] = {"scope": Scope(centre_id), "session_id": planned.id, "actor": actor}
    for action, then in ((Action.PUBLISH, morning - timedelta(days=4)), (Action.START, morning)):
        revision = session.get_one(CaptureSession, here["session_id"]).revision
        change_session(session, **here, seen_revision=revision, action=action, now=then)
    numbers = [person.student_number for person in PEOPLE[LISTED::3][:5]]
    people = session.scalars(select(Student).where(Student.student_number.in_(numbers)).order_by(Student.id)).all()
    came = [(student.id, student.id_number) for student in people]
    for place, (student_id, _) in enumerate(came):
        check_in(session, **here, student_id=student_id, now=morning + timedelta(minutes=4 * place))
    leaver = came[WALKED_OFF][0]
    leave_queue(session, **here, student_id=leaver, now=morning + timedelta(minutes=25))
    revision = session.get_one(CaptureSession, here["session_id"]).revision
    change_session(
        session, **here, seen_revision=revision, action=Action.FINISH, now=morning + timedelta(hours=1, minutes=10)
    )
    known = {id_number: student_id for student_id, id_number in came if student_id != leaver}
    first, second, third, _, last = (id_number for _, id_number in came)
    # numbers 2 and 3 changed places, 4 is a gap, 8 was never given, and one line has no number
    lines = ((1, first), (2, third), (3, second), (4, None), (5, last), (8, None), (None, None))
    read = [ResultLine(row, number, id_number) for row, (number, id_number) in enumerate(lines, 2)]
    matched = match_results(read, numbers_of(session, here["session_id"]), known)
    keep_list(session, **here, matched=matched, now=now - timedelta(days=1))
