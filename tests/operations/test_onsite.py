"""Capture sessions, verb by verb: what each refuses by itself, whoever asks and from whichever page."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.capture.records import CaptureRound
from backend.centres.records import Centre
from backend.centres.rules import ALL_CENTRES, Scope
from backend.enrollment.records import Student
from backend.errors import Invalid, NotAllowed, NotFound, Outdated
from backend.history.records import HistoryEntry
from backend.history.rules import Actor, ActorKind
from backend.onsite.operations import (
    change_session,
    check_in,
    drop_code,
    edit_session,
    give_slot_back,
    keep_list,
    leave_queue,
    note_captured,
    note_list_taken,
    plan_session,
    settle_line,
    sign_up,
)
from backend.onsite.records import CaptureSession, CaptureSlot, SignUp, TeamLine
from backend.onsite.rules import Action, DoorClosed, Match, ResultLine, SlotFull
from tests.conftest import Clock
from tests.factories import Factory

STUDENT = Actor(ActorKind.STUDENT)


class Day:
    """A draft of today: two slots of one place each, two students of the centre, one of another centre."""

    def __init__(self, make: Factory, session: Session, clock: Clock) -> None:
        self.session, self.clock = session, clock
        centre, self.elsewhere = make.centre(), make.centre()
        cohort = make.cohort()
        self.lin, self.wu = (make.student(centre, cohort_id=cohort.id) for _ in range(2))
        self.stranger: Student = make.student(self.elsewhere, cohort_id=cohort.id)
        today = clock().date()
        found = CaptureRound(
            code="R", name="春季", opens_on=today, closes_on=today, created_at=clock(), cohorts=[cohort]
        )
        session.add(found)
        session.commit()
        self.scope, self.other = Scope(centre.id), Scope(self.elsewhere.id)
        self.staff = Actor(ActorKind.STAFF, make.staff(centre=centre).id)
        self.plan: dict[str, Any] = {
            "round_id": found.id,
            "centre_id": centre.id,
            "texts": {"title": "上午", "place": "201"},
            "held_on": today,
            "begins": time(13),
            "ends": time(14),
            "minutes": 30,
            "capacity": 1,
            "today": today,
        }
        self.id = plan_session(session, scope=self.scope, actor=self.staff, now=clock(), **self.plan).id

    def found(self) -> CaptureSession:
        return self.session.get_one(CaptureSession, self.id, populate_existing=True)

    def slots(self) -> list[int]:
        return [slot.id for slot in self.found().slots]

    def do(self, *actions: Action) -> None:
        for action in actions:
            seen = self.found().revision
            change_session(self.session, **self.by_staff(), seen_revision=seen, action=action)

    def by_staff(self, scope: Scope | None = None) -> dict[str, Any]:
        return {"scope": scope or self.scope, "session_id": self.id, "actor": self.staff, "now": self.clock()}

    def edit(self, *, scope: Scope | None = None, seen: int | None = None, **change: Any) -> CaptureSession:
        self.session.rollback()
        seen = self.found().revision if seen is None else seen
        return edit_session(self.session, **self.by_staff(scope), seen_revision=seen, **(self.plan | change))

    def sign_up(self, student: Student, slot: int = 0) -> SignUp:
        self.session.rollback()
        slot_id = self.slots()[slot]
        here = {"session_id": self.id, "slot_id": slot_id, "actor": STUDENT, "now": self.clock()}
        return sign_up(self.session, student_id=student.id, **here)

    def check_in(self, student: Student, scope: Scope | None = None) -> SignUp:
        self.session.rollback()
        return check_in(self.session, **self.by_staff(scope), student_id=student.id)

    def entries(self) -> int:
        self.session.rollback()
        return self.session.scalar(select(func.count()).select_from(HistoryEntry)) or 0


@pytest.fixture
def day(make: Factory, session: Session, clock: Clock) -> Day:
    return Day(make, session, clock)


def test_a_draft_gets_new_slots_and_what_people_have_seen_is_never_edited(day: Day) -> None:
    seen = day.found().revision
    day.edit(minutes=20, capacity=4)
    assert len(day.slots()) == 3
    with pytest.raises(Outdated):
        day.edit(seen=seen)
    with pytest.raises(NotFound):
        day.edit(scope=day.other)
    with pytest.raises(NotFound):
        day.edit(centre_id=day.elsewhere.id)
    with pytest.raises(Invalid) as wrong:
        day.edit(capacity=0)
    assert wrong.value.problems == {"capacity": "capacity"}
    day.do(Action.PUBLISH)
    day.sign_up(day.lin)
    slots, entries = day.slots(), day.entries()
    # somebody has a place: the session can neither shrink nor move under them
    for change in ({"capacity": 1}, {"minutes": 60}, {"held_on": date(2026, 12, 1)}):
        with pytest.raises(NotAllowed):
            day.edit(**change)
    assert (day.slots(), day.entries()) == (slots, entries)
    assert day.session.scalar(select(func.count()).select_from(CaptureSlot)) == len(slots)


def test_a_session_is_planned_and_changed_by_its_own_centre_on_a_fresh_page(day: Day) -> None:
    with pytest.raises(NotFound):
        plan_session(day.session, scope=day.other, actor=day.staff, now=day.clock(), **day.plan)
    with pytest.raises(NotFound):
        change_session(day.session, **day.by_staff(day.other), seen_revision=1, action=Action.PUBLISH)
    with pytest.raises(Outdated):
        change_session(day.session, **day.by_staff(), seen_revision=9, action=Action.PUBLISH)
    with pytest.raises(NotAllowed):
        change_session(day.session, **day.by_staff(), seen_revision=day.found().revision, action=Action.FINISH)
    with pytest.raises(NotFound):
        note_list_taken(day.session, **day.by_staff(day.other), people=1, roster=True)


def test_a_closed_centre_plans_no_new_session_and_mends_the_planned_one(day: Day) -> None:
    centre = day.session.get_one(Centre, day.found().centre_id)
    centre.active = False
    day.session.commit()
    with pytest.raises(Invalid) as wrong:
        plan_session(day.session, scope=Scope(centre.id), actor=day.staff, now=day.clock(), **day.plan)
    assert wrong.value.problems == {"centre": "closed_centre"}
    day.edit(capacity=3)


def test_a_place_is_taken_by_who_takes_part_while_sign_up_is_open(day: Day) -> None:
    with pytest.raises(NotAllowed):
        day.sign_up(day.lin)  # a draft
    day.do(Action.PUBLISH)
    with pytest.raises(NotFound):
        day.sign_up(day.stranger)
    with pytest.raises(NotFound):  # a slot of no session, or of another one
        sign_up(day.session, student_id=day.lin.id, session_id=day.id, slot_id=999, actor=STUDENT, now=day.clock())
    with pytest.raises(NotFound):
        give_slot_back(day.session, student_id=day.lin.id, session_id=day.id, actor=STUDENT, now=day.clock())
    day.sign_up(day.lin)
    with pytest.raises(SlotFull):
        day.sign_up(day.wu)
    day.do(Action.START)
    with pytest.raises(NotAllowed):
        day.sign_up(day.wu, 1)
    day.check_in(day.lin)
    with pytest.raises(NotAllowed):
        give_slot_back(day.session, student_id=day.lin.id, session_id=day.id, actor=STUDENT, now=day.clock())


def test_a_slot_that_has_begun_takes_nobody(day: Day) -> None:
    day.do(Action.PUBLISH)
    day.clock.move(hours=24)
    with pytest.raises(NotAllowed):
        day.sign_up(day.lin)


def test_a_number_is_given_at_an_open_door_to_people_of_the_session(day: Day) -> None:
    day.do(Action.PUBLISH)
    with pytest.raises(DoorClosed):
        day.check_in(day.lin)
    day.do(Action.START)
    with pytest.raises(NotFound):
        day.check_in(day.stranger)
    with pytest.raises(NotFound):
        day.check_in(day.lin, day.other)
    with pytest.raises(NotFound):
        leave_queue(day.session, **day.by_staff(), student_id=day.lin.id)
    first = day.check_in(day.lin).sequence
    assert day.check_in(day.lin).sequence == first
    with pytest.raises(NotFound):
        leave_queue(day.session, **day.by_staff(day.other), student_id=day.lin.id)
    leave_queue(day.session, **day.by_staff(), student_id=day.lin.id)
    with pytest.raises(NotAllowed):
        leave_queue(day.session, **day.by_staff(), student_id=day.lin.id)
    assert day.check_in(day.wu).sequence == 2
    note_captured(day.session, **day.by_staff(), student_ids=[day.wu.id])
    with pytest.raises(NotAllowed):
        day.check_in(day.wu)


def test_only_who_stands_in_the_queue_of_a_session_that_ran_is_noted_as_captured(day: Day) -> None:
    with pytest.raises(NotAllowed):
        note_captured(day.session, **day.by_staff(), student_ids=[day.lin.id])
    day.do(Action.PUBLISH, Action.START)
    day.check_in(day.lin)
    entries = day.entries()
    with pytest.raises(NotFound):  # one of the two is not there: nobody is noted
        note_captured(day.session, **day.by_staff(), student_ids=[day.lin.id, day.wu.id])
    with pytest.raises(NotFound):
        note_captured(day.session, **day.by_staff(day.other), student_ids=[day.lin.id])
    assert day.entries() == entries
    assert note_captured(day.session, **day.by_staff(), student_ids=[day.lin.id]) == 1
    assert note_captured(day.session, **day.by_staff(), student_ids=[day.lin.id]) == 0


def test_a_line_that_does_not_agree_is_settled_with_a_reason_and_no_other_line_is(day: Day) -> None:
    day.do(Action.PUBLISH, Action.START)
    day.check_in(day.lin)
    matched = [(ResultLine(2, 1, None), Match.RIGHT, day.lin.id), (ResultLine(3, 9, None), Match.UNKNOWN, None)]
    with pytest.raises(NotFound):
        keep_list(day.session, **day.by_staff(day.other), matched=matched)
    keep_list(day.session, **day.by_staff(), matched=matched)
    right, unknown = day.session.scalars(select(TeamLine.id).order_by(TeamLine.row)).all()
    say = {"decision": "void", "note": "写错了"}
    with pytest.raises(NotAllowed):
        settle_line(day.session, **day.by_staff(), line_id=right, **say)
    with pytest.raises(NotFound):
        settle_line(day.session, **day.by_staff(day.other), line_id=unknown, **say)
    other = plan_session(day.session, scope=ALL_CENTRES, actor=day.staff, now=day.clock(), **day.plan)
    with pytest.raises(NotFound):  # a line of another session
        settle_line(day.session, **(day.by_staff() | {"session_id": other.id}), line_id=unknown, **say)
    with pytest.raises(Invalid) as wrong:
        settle_line(day.session, **day.by_staff(), line_id=unknown, decision="holder", note="")
    assert wrong.value.problems == {"decision": "nobody_there", "note": "note_needed"}
    settle_line(day.session, **day.by_staff(), line_id=unknown, **say)


def test_a_code_that_nobody_added_cannot_be_taken_back(day: Day) -> None:
    where = {"round_id": day.plan["round_id"], "actor": STUDENT, "now": day.clock()}
    with pytest.raises(NotFound):
        drop_code(day.session, student_id=day.lin.id, **where)
