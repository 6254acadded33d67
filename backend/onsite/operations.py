"""The verbs of capture on site: plan, sign up, check in, leave, take the team's list back; keep a capture code."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, TypedDict, Unpack

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from backend.capture.queries import round_of
from backend.capture.records import CaptureRoundCohort
from backend.centres.queries import centre_in_scope
from backend.centres.rules import Scope
from backend.enrollment.queries import student_in_scope
from backend.enrollment.records import Student
from backend.errors import Invalid, NotAllowed, NotFound, Outdated
from backend.history.operations import happened, record_fact
from backend.history.rules import Actor, Fact
from backend.onsite.records import CaptureCode, CaptureSession, CaptureSlot, CheckIn, SignUp, TeamLine, TeamList
from backend.onsite.rules import (
    Action,
    CodeState,
    Match,
    Place,
    ResultLine,
    SlotFull,
    State,
    check_door,
    decision_problems,
    next_state,
    session_problems,
    slots_of,
)
from backend.ports import FileStore
from backend.proofreading.operations import record_evidence
from backend.proofreading.stages import ON_SITE, Stage, Witness
from backend.records import begin_write


class Plan(TypedDict):
    """A session as it was typed in. texts: title, place, note; minutes: of a slot; capacity: people in a slot."""

    round_id: int
    centre_id: int
    texts: Mapping[str, str]
    held_on: date | None
    begins: time | None
    ends: time | None
    minutes: int | None
    capacity: int | None
    today: date


def plan_session(
    session: Session, *, scope: Scope, actor: Actor, now: datetime, **plan: Unpack[Plan]
) -> CaptureSession:
    """A new session as a draft, with its slots. Raises Invalid by field, NotFound outside the scope."""
    fields, slots = _checked(session, scope, plan, new=True)
    begin_write(session)
    planned = CaptureSession(**fields, state=State.DRAFT.value, door_token=secrets.token_hex(6), slots=slots)
    session.add(planned)
    session.flush()
    facts = {"state": planned.state, "slots": len(planned.slots)}
    record_fact(session, Fact("capture_session.planned", planned.id, facts=facts), actor=actor, now=now)
    session.commit()
    return planned


def edit_session(
    session: Session,
    *,
    scope: Scope,
    session_id: int,
    seen_revision: int,
    actor: Actor,
    now: datetime,
    **plan: Unpack[Plan],
) -> CaptureSession:
    """Put a draft right: nobody has seen it, so its slots are made anew.

    Raises Invalid by field, NotFound, Outdated, NotAllowed once it is published.
    """
    fields, slots = _checked(session, scope, plan, new=False)
    begin_write(session)
    found = _locked(session, scope, session_id)
    if found.revision != seen_revision:
        raise Outdated(session=session_id)
    if found.state != State.DRAFT:
        raise NotAllowed(state=found.state)
    for field, value in fields.items():
        setattr(found, field, value)
    session.execute(delete(CaptureSlot).where(CaptureSlot.session_id == session_id))
    for slot in slots:
        slot.session_id = session_id
    session.add_all(slots)
    found.revision += 1
    fact = Fact("capture_session.edited", session_id, facts={"slots": len(slots)})
    record_fact(session, fact, actor=actor, now=now)
    session.commit()
    return found


def _checked(session: Session, scope: Scope, plan: Plan, *, new: bool) -> tuple[dict[str, Any], list[CaptureSlot]]:
    """The columns and slots of a plan. Raises Invalid by field, NotFound outside the scope."""
    centre = centre_in_scope(session, scope=scope, centre_id=plan["centre_id"])
    round_of(session, plan["round_id"])
    held_on, begins, ends = plan["held_on"], plan["begins"], plan["ends"]
    minutes, capacity = plan["minutes"], plan["capacity"]
    problems = session_problems(
        plan["texts"],
        held_on=held_on,
        begins=begins,
        ends=ends,
        minutes=minutes,
        capacity=capacity,
        today=plan["today"],
    )
    if new and not centre.active:
        problems["centre"] = "closed_centre"
    if problems or not (held_on and begins and ends and minutes and capacity):
        raise Invalid(problems)
    fields = {field: plan["texts"].get(field, "").strip() for field in ("title", "place", "note")}
    slots = [
        CaptureSlot(begins_at=first, ends_at=last, capacity=capacity)
        for first, last in slots_of(held_on, begins=begins, ends=ends, minutes=minutes)
    ]
    return {"round_id": plan["round_id"], "centre_id": plan["centre_id"], "held_on": held_on, **fields}, slots


def change_session(
    session: Session,
    *,
    scope: Scope,
    session_id: int,
    seen_revision: int,
    action: Action,
    actor: Actor,
    now: datetime,
) -> CaptureSession:
    """Publish, start, finish, reopen or cancel. Whoever signed up for a cancelled session is told.

    Raises NotFound, Outdated, NotAllowed.
    """
    begin_write(session)
    found = _locked(session, scope, session_id)
    if found.revision != seen_revision:
        raise Outdated(session=session_id)
    found.state = next_state(State(found.state), action).value
    found.revision += 1
    fact = Fact(VERBS[action], found.id, facts={"state": found.state})
    record_fact(session, fact, actor=actor, now=now)
    if action is Action.CANCEL:
        query = select(SignUp).where(SignUp.session_id == session_id, SignUp.state == Place.SIGNED_UP)
        for sign_up in session.scalars(query.order_by(SignUp.id)):
            _place(session, sign_up, Place.WITHDRAWN, "sign_up.session_cancelled", actor=actor, now=now)
    session.commit()
    return found


VERBS = {
    Action.PUBLISH: "capture_session.published",
    Action.START: "capture_session.started",
    Action.FINISH: "capture_session.finished",
    Action.REOPEN: "capture_session.reopened",
    Action.CANCEL: "capture_session.cancelled",
}


def sign_up(session: Session, *, student_id: int, session_id: int, slot_id: int, actor: Actor, now: datetime) -> SignUp:
    """The student takes a place in a slot, or moves to another slot. Doing it twice changes nothing.

    Raises SlotFull, NotAllowed when sign-up is over or the person is in the queue, NotFound for other centres'
    sessions and other rounds' people.
    """
    begin_write(session)
    student = session.get_one(Student, student_id)
    slot = session.get(CaptureSlot, slot_id, with_for_update={"of": CaptureSlot})
    if slot is None or slot.session_id != session_id:
        raise NotFound(slot=slot_id)
    found = _locked(session, Scope(student.centre_id), session_id)
    _takes_part(session, student, found)
    if found.state != State.OPEN or slot.begins_at <= now:
        raise NotAllowed(state=found.state)
    mine = _sign_up_of(session, session_id, student_id)
    if mine is not None and mine.state not in (Place.SIGNED_UP, Place.WITHDRAWN):
        raise NotAllowed(state=mine.state)
    if mine is not None and mine.state == Place.SIGNED_UP and mine.slot_id == slot_id:
        session.rollback()
        return mine
    if taken_in(session, slot_id) >= slot.capacity:
        raise SlotFull(slot=slot_id)
    if mine is None:
        mine = SignUp(session_id=session_id, student_id=student_id, changed_at=now, state=Place.SIGNED_UP.value)
        session.add(mine)
    mine.slot_id = slot_id
    _place(session, mine, Place.SIGNED_UP, "sign_up.made", actor=actor, now=now)
    session.commit()
    return mine


def give_slot_back(session: Session, *, student_id: int, session_id: int, actor: Actor, now: datetime) -> SignUp:
    """The student cannot come: the place is free again. Raises NotFound, NotAllowed once in the queue."""
    begin_write(session)
    mine = _sign_up_of(session, session_id, student_id)
    if mine is None:
        raise NotFound(session=session_id)
    if mine.state != Place.SIGNED_UP:
        raise NotAllowed(state=mine.state)
    _place(session, mine, Place.WITHDRAWN, "sign_up.given_back", actor=actor, now=now)
    session.commit()
    return mine


def check_in(
    session: Session, *, scope: Scope, session_id: int, student_id: int, actor: Actor, now: datetime
) -> SignUp:
    """Bind the next number of the session to this person. Who stands in the queue already keeps their number.

    Somebody without a slot gets in too: the person is there. Raises DoorClosed, NotFound, NotAllowed when captured.
    """
    begin_write(session)
    found = _locked(session, scope, session_id)
    student = student_in_scope(session, scope=Scope(found.centre_id), student_id=student_id)
    _takes_part(session, student, found)
    check_door(State(found.state), held_on=found.held_on, now=now)
    mine = _sign_up_of(session, session_id, student_id)
    if mine is not None and mine.state == Place.IN_QUEUE:
        session.rollback()
        return mine
    if mine is not None and mine.state == Place.CAPTURED:
        raise NotAllowed(state=mine.state)
    if mine is None:
        mine = SignUp(session_id=session_id, student_id=student_id, changed_at=now, state=Place.SIGNED_UP.value)
        session.add(mine)
        session.flush()
    found.last_number += 1
    mine.sequence = found.last_number
    session.add(CheckIn(session_id=session_id, student_id=student_id, sequence=found.last_number, at=now))
    _place(session, mine, Place.IN_QUEUE, "sign_up.checked_in", actor=actor, now=now, sequence=found.last_number)
    session.commit()
    return mine


def leave_queue(
    session: Session, *, scope: Scope, session_id: int, student_id: int, actor: Actor, now: datetime
) -> SignUp:
    """The person left the queue: the number stays empty for ever. Raises NotFound, NotAllowed when not in the queue."""
    begin_write(session)
    _locked(session, scope, session_id)
    mine = _sign_up_of(session, session_id, student_id)
    if mine is None:
        raise NotFound(student=student_id)
    if mine.state != Place.IN_QUEUE:
        raise NotAllowed(state=mine.state)
    query = select(CheckIn).where(CheckIn.session_id == session_id, CheckIn.sequence == mine.sequence)
    session.scalars(query).one().left_at = now
    number, mine.sequence = mine.sequence, None
    _place(session, mine, Place.LEFT, "sign_up.left", actor=actor, now=now, sequence=number)
    session.commit()
    return mine


def note_captured(
    session: Session, *, scope: Scope, session_id: int, student_ids: Sequence[int], actor: Actor, now: datetime
) -> int:
    """The team's list has these people under their numbers: the centre's word that the unit has their pictures.

    Gives how many are new. Raises NotFound, NotAllowed.
    """
    begin_write(session)
    found = _locked(session, scope, session_id)
    if found.state not in (State.RUNNING, State.DONE):
        raise NotAllowed(state=found.state)
    new = 0
    for student_id in sorted(set(student_ids)):
        mine = _sign_up_of(session, session_id, student_id)
        if mine is None or mine.state not in (Place.IN_QUEUE, Place.CAPTURED):
            raise NotFound(student=student_id)
        if mine.state == Place.IN_QUEUE:
            _place(session, mine, Place.CAPTURED, "sign_up.captured", actor=actor, now=now, sequence=mine.sequence)
            # what the unit's team has under this number the unit has: the centre says so, until the receipt does
            record_evidence(
                session,
                student_id=student_id,
                stage=Stage.HAND_OVER,
                witness=Witness.CENTRE,
                holds=True,
                since=now,
                source=f"{ON_SITE}{session_id}",
                actor=actor,
                now=now,
            )
            new += 1
    session.commit()
    return new


def keep_list(
    session: Session,
    *,
    scope: Scope,
    session_id: int,
    matched: Sequence[tuple[ResultLine, Match, int | None]],
    actor: Actor,
    now: datetime,
) -> TeamList:
    """Keep the team's list as it was compared; it takes the place of an earlier one on the page. Raises NotFound."""
    begin_write(session)
    _locked(session, scope, session_id)
    lines = [
        TeamLine(row=line.row, sequence=line.sequence, match=match.value, student_id=whose)
        for line, match, whose in matched
    ]
    kept = TeamList(session_id=session_id, by_id=actor.known_id, at=now, lines=lines)
    session.add(kept)
    session.flush()
    facts = {"lines": len(lines), "wrong": sum(match is not Match.RIGHT for _, match, _ in matched)}
    record_fact(session, Fact("team_list.kept", kept.id, facts=facts), actor=actor, now=now)
    session.commit()
    return kept


def settle_line(
    session: Session,
    *,
    scope: Scope,
    session_id: int,
    line_id: int,
    decision: str,
    note: str,
    actor: Actor,
    now: datetime,
) -> TeamLine:
    """What staff found out about a line that does not agree; said again, the newest stands and all are in the history.

    Raises Invalid by field, NotFound, NotAllowed for a line that agrees.
    """
    begin_write(session)
    _locked(session, scope, session_id)
    line = session.get(TeamLine, line_id, with_for_update={"of": TeamLine})
    if line is None or session.get_one(TeamList, line.list_id).session_id != session_id:
        raise NotFound(line=line_id)
    if line.match == Match.RIGHT:
        raise NotAllowed(state=line.match)
    holder = session.scalar(
        select(CheckIn.student_id).where(
            CheckIn.session_id == session_id, CheckIn.sequence == line.sequence, CheckIn.left_at.is_(None)
        )
    )
    problems = decision_problems(decision, note, holder=holder, named=line.student_id)
    if problems:
        raise Invalid(problems)
    line.decision, line.note, line.decided_by, line.decided_at = decision, note.strip(), actor.known_id, now
    fact = Fact("team_line.settled", line.id, facts={"decision": decision, "match": line.match})
    record_fact(session, fact, actor=actor, now=now)
    session.commit()
    return line


def note_list_taken(
    session: Session, *, scope: Scope, session_id: int, people: int, roster: bool, actor: Actor, now: datetime
) -> None:
    """The sequence list left the platform as a file; whether it names people (roster) is in the history."""
    begin_write(session)
    _locked(session, scope, session_id)
    fact = Fact("capture_session.list_taken", session_id, facts={"people": people, "roster": roster})
    record_fact(session, fact, actor=actor, now=now)
    session.commit()


def keep_code(
    session: Session,
    *,
    files: FileStore,
    student_id: int,
    round_id: int,
    content: bytes,
    media_type: str,
    state: CodeState,
    reason: str,
    actor: Actor,
    now: datetime,
) -> CaptureCode:
    """Keep the picture of the student's capture code, in place of an earlier one, with whether it reads."""
    file_name = files.put(content)
    begin_write(session)
    session.get_one(Student, student_id, with_for_update={"of": Student})
    query = select(CaptureCode).where(CaptureCode.round_id == round_id, CaptureCode.student_id == student_id)
    code = session.scalars(query.with_for_update(of=CaptureCode)).one_or_none()
    if code is None:
        code = CaptureCode(round_id=round_id, student_id=student_id)
        session.add(code)
    code.file_name, code.media_type, code.reading, code.reason = file_name, media_type, state.value, reason
    code.added_at = now
    session.flush()
    fact = Fact("capture_code.kept", code.id, owner_id=student_id, facts={"reads": state is CodeState.READS})
    record_fact(session, fact, actor=actor, now=now)
    session.commit()
    return code


def drop_code(session: Session, *, student_id: int, round_id: int, actor: Actor, now: datetime) -> None:
    """The student takes the code's picture back; its file is swept up. Raises NotFound."""
    begin_write(session)
    query = select(CaptureCode).where(CaptureCode.round_id == round_id, CaptureCode.student_id == student_id)
    code = session.scalars(query).one_or_none()
    if code is None:
        raise NotFound(round=round_id)
    fact = Fact("capture_code.dropped", code.id, owner_id=student_id)
    session.delete(code)
    record_fact(session, fact, actor=actor, now=now)
    session.commit()


def taken_in(session: Session, slot_id: int) -> int:
    """How many places of a slot are taken."""
    query = select(func.count()).where(SignUp.slot_id == slot_id, SignUp.state != Place.WITHDRAWN)
    return session.scalar(query) or 0


def _locked(session: Session, scope: Scope, session_id: int) -> CaptureSession:
    """The session's row puts sign-ups and check-ins in a line."""
    found = session.get(CaptureSession, session_id, with_for_update={"of": CaptureSession})
    if found is None or not scope.covers(found.centre_id):
        raise NotFound(session=session_id)
    return found


def _takes_part(session: Session, student: Student, found: CaptureSession) -> None:
    query = select(CaptureRoundCohort.cohort_id).where(
        CaptureRoundCohort.round_id == found.round_id, CaptureRoundCohort.cohort_id == student.cohort_id
    )
    if student.centre_id != found.centre_id or session.scalar(query) is None:
        raise NotFound(session=found.id)


def _sign_up_of(session: Session, session_id: int, student_id: int) -> SignUp | None:
    query = select(SignUp).where(SignUp.session_id == session_id, SignUp.student_id == student_id)
    return session.scalars(query.with_for_update(of=SignUp)).one_or_none()


def _place(
    session: Session,
    mine: SignUp,
    place: Place,
    verb: str,
    *,
    actor: Actor,
    now: datetime,
    sequence: int | None = None,
) -> None:
    mine.state, mine.changed_at = place.value, now
    session.flush()
    facts: dict[str, object] = {"state": place.value}
    if sequence is not None:
        facts["sequence"] = sequence
    happened(session, Fact(verb, mine.id, owner_id=mine.student_id, facts=facts), actor=actor, now=now)
