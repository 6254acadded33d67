"""Capture sessions for screens: the list, the slots, the numbers with their gaps, who is ready."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.capture.records import CaptureRoundCohort
from backend.centres.rules import Scope
from backend.enrollment.records import Student
from backend.errors import NotFound
from backend.onsite.records import CaptureCode, CaptureSession, CaptureSlot, CheckIn, SignUp, TeamList
from backend.onsite.rules import CodeState, Number, Place, State


def sessions_in(session: Session, *, scope: Scope, offset: int, limit: int) -> tuple[Sequence[CaptureSession], int]:
    """Sessions of the scope, the latest day first, and how many there are."""
    query = select(CaptureSession)
    if scope.centre_id is not None:
        query = query.where(CaptureSession.centre_id == scope.centre_id)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(CaptureSession.held_on.desc(), CaptureSession.id.desc())
    return session.scalars(ordered.offset(offset).limit(limit)).all(), total


def session_in_scope(session: Session, *, scope: Scope, session_id: int) -> CaptureSession:
    found = session.get(CaptureSession, session_id)
    if found is None or not scope.covers(found.centre_id):
        raise NotFound(session=session_id)
    return found


def sessions_for(session: Session, student: Student) -> Sequence[CaptureSession]:
    """What the student may sign up for or has to do with: published sessions of the own centre and cohort."""
    return session.scalars(
        select(CaptureSession)
        .join(CaptureRoundCohort, CaptureRoundCohort.round_id == CaptureSession.round_id)
        .where(
            CaptureSession.centre_id == student.centre_id,
            CaptureRoundCohort.cohort_id == student.cohort_id,
            CaptureSession.state.in_((State.OPEN, State.RUNNING, State.DONE)),
        )
        .order_by(CaptureSession.held_on, CaptureSession.id)
    ).all()


def sessions_listed(session: Session, student: Student) -> list[CaptureSession]:
    """The same for a list: what is over comes last, and only where the student had a place or came."""
    mine = {number for number, place in sign_ups_of(session, student.id).items() if place.state != Place.WITHDRAWN}
    found = [one for one in sessions_for(session, student) if one.state != State.DONE or one.id in mine]
    return sorted(found, key=lambda one: one.state == State.DONE)


def session_for(session: Session, student: Student, *, session_id: int) -> CaptureSession:
    found = next((known for known in sessions_for(session, student) if known.id == session_id), None)
    if found is None:
        raise NotFound(session=session_id)
    return found


def session_at_door(session: Session, student: Student, *, token: str) -> CaptureSession:
    """The session whose QR hangs at the door, if it is the student's. Raises NotFound."""
    found = next((known for known in sessions_for(session, student) if known.door_token == token), None)
    if found is None:
        raise NotFound(door="unknown")
    return found


def sign_ups_of(session: Session, student_id: int) -> dict[int, SignUp]:
    """Session -> the student's sign-up."""
    return {found.session_id: found for found in session.scalars(select(SignUp).where(SignUp.student_id == student_id))}


def taken(session: Session, session_id: int) -> dict[int, int]:
    """Slot -> places taken."""
    rows = session.execute(
        select(SignUp.slot_id, func.count())
        .join(CaptureSlot, CaptureSlot.id == SignUp.slot_id)
        .where(CaptureSlot.session_id == session_id, SignUp.state != Place.WITHDRAWN)
        .group_by(SignUp.slot_id)
    )
    return {row[0]: row[1] for row in rows if row[0] is not None}


def people_in(session: Session, session_id: int) -> Sequence[SignUp]:
    """Everybody who signed up or came, by number, then by slot."""
    query = (
        select(SignUp)
        .outerjoin(CaptureSlot, CaptureSlot.id == SignUp.slot_id)
        .where(SignUp.session_id == session_id, SignUp.state != Place.WITHDRAWN)
        .order_by(SignUp.sequence.is_(None), SignUp.sequence, CaptureSlot.begins_at, SignUp.id)
    )
    return session.scalars(query).all()


def numbers_of(session: Session, session_id: int) -> list[Number]:
    """Every number given, in order; one whose person left has nobody."""
    query = select(CheckIn).where(CheckIn.session_id == session_id).order_by(CheckIn.sequence)
    return [
        Number(given.sequence, None if given.left_at else given.student_id, given.at)
        for given in session.scalars(query)
    ]


def newest_list(session: Session, session_id: int) -> TeamList | None:
    """The list that the team brought back last, with its lines."""
    query = select(TeamList).where(TeamList.session_id == session_id).order_by(TeamList.id.desc())
    return session.scalars(query.limit(1)).one_or_none()


def code_of(session: Session, *, student_id: int, round_id: int) -> CaptureCode | None:
    return session.scalars(
        select(CaptureCode).where(CaptureCode.round_id == round_id, CaptureCode.student_id == student_id)
    ).one_or_none()


def codes_of(session: Session, *, round_id: int, student_ids: Sequence[int]) -> dict[int, CodeState]:
    """Student -> whether their code reads; who has none is missing."""
    found = dict.fromkeys(student_ids, CodeState.MISSING)
    query = select(CaptureCode.student_id, CaptureCode.reading).where(
        CaptureCode.round_id == round_id, CaptureCode.student_id.in_(student_ids)
    )
    return found | {row[0]: CodeState(row[1]) for row in session.execute(query)}


def files_in_use(session: Session) -> set[str]:
    return set(session.scalars(select(CaptureCode.file_name)))
