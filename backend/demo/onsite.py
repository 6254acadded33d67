"""A capture session of the invented college: published, with people in its slots."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.centres.rules import ALL_CENTRES
from backend.days import day_of
from backend.enrollment.records import Student
from backend.history.rules import SYSTEM, Actor, ActorKind
from backend.onsite.operations import change_session, plan_session, sign_up
from backend.onsite.rules import Action


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
