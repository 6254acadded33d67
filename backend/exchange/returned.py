"""Returned photos beside the accepted ones: a person says whether it is the same person and the right record."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from backend.centres.rules import Scope
from backend.enrollment.queries import in_scope
from backend.enrollment.records import Student
from backend.errata.operations import open_case
from backend.errata.rules import Form, Origin, Reason
from backend.errors import NotFound, Outdated
from backend.exchange.records import ReturnedCheck, ReturnedPhoto
from backend.exchange.rules import Answer
from backend.history.operations import record_fact
from backend.history.rules import Actor, Fact
from backend.photos.records import Photo, PhotoVersion
from backend.photos.rules import State
from backend.records import begin_write


def next_returned(session: Session, *, scope: Scope, after: int = 0) -> ReturnedPhoto | None:
    """The first returned photo after `after` that nobody has looked at, of a student with an accepted photo."""
    query = _waiting(scope).where(ReturnedPhoto.id > after).order_by(ReturnedPhoto.id).limit(1)
    return session.scalars(query).first()


def returned_counts(session: Session, *, scope: Scope) -> dict[str, int]:
    """How many wait, were found the same, and were found wrong."""
    answers = (
        select(ReturnedCheck.answer, func.count(ReturnedCheck.id))
        .join(Student, Student.id == ReturnedCheck.student_id)
        .where(*in_scope(scope))
        .group_by(ReturnedCheck.answer)
    )
    found: dict[str, int] = dict(session.execute(answers).all())
    waiting = session.scalar(_waiting(scope).with_only_columns(func.count(ReturnedPhoto.id))) or 0
    return {"waiting": waiting} | {answer.value: found.get(answer.value, 0) for answer in Answer}


def returned_in_scope(session: Session, *, scope: Scope, returned_id: int) -> ReturnedPhoto:
    row = session.get(ReturnedPhoto, returned_id)
    if row is None or not scope.covers(row.student.centre_id):
        raise NotFound(returned=returned_id)
    return row


def accepted_version(session: Session, student_id: int) -> PhotoVersion:
    """The accepted photo of a student. Raises NotFound when there is none."""
    version = session.scalars(
        select(PhotoVersion)
        .join(Photo, and_(Photo.id == PhotoVersion.photo_id, Photo.current == PhotoVersion.number))
        .where(Photo.student_id == student_id, Photo.state == State.ACCEPTED)
    ).one_or_none()
    if version is None:
        raise NotFound(student=student_id)
    return version


def answer_returned(
    session: Session,
    *,
    scope: Scope,
    returned_id: int,
    answer: Answer,
    reason: Reason | None,
    actor: Actor,
    now: datetime,
) -> ReturnedCheck:
    """Keep what the person says. A wrong one opens the errata case 数据检查勘误表, which the student completes.

    Raises Outdated when somebody has answered already, NotFound outside the scope.
    """
    row = returned_in_scope(session, scope=scope, returned_id=returned_id)
    if _answered(session, returned_id):
        raise Outdated(returned=returned_id)
    student_id, file_name, case_id = row.student_id, row.file_name, None
    version_id = accepted_version(session, student_id).id
    if answer is Answer.WRONG:
        case = open_case(
            session,
            student_id=student_id,
            form=Form.DATA_CHECK,
            reason=reason or Reason.PAPER_PHOTO,
            values={"where": "disc"} if reason is not Reason.PRINTED_DATA else {},
            origin=Origin.STAFF,
            actor=actor,
            now=now,
        )
        case_id = case.id
    session.rollback()
    begin_write(session)
    session.get(ReturnedPhoto, returned_id, with_for_update={"of": ReturnedPhoto})  # two people, one answer
    if _answered(session, returned_id):
        raise Outdated(returned=returned_id)
    check = ReturnedCheck(
        student_id=student_id,
        version_id=version_id,
        returned_id=returned_id,
        returned_file=file_name,
        answer=answer.value,
        reason=(reason or Reason.PAPER_PHOTO).value if answer is Answer.WRONG else "",
        case_id=case_id,
        checked_by=actor.known_id,
        checked_at=now,
    )
    session.add(check)
    session.flush()
    facts = {"answer": check.answer, "reason": check.reason}
    record_fact(session, Fact("returned.checked", check.id, owner_id=student_id, facts=facts), actor=actor, now=now)
    session.commit()
    return check


def note_returned_seen(session: Session, *, returned_id: int, student_id: int, actor: Actor, now: datetime) -> None:
    """Every look at a returned photo is in the history."""
    begin_write(session)
    record_fact(session, Fact("returned.seen", returned_id, owner_id=student_id, facts={}), actor=actor, now=now)
    session.commit()


def _answered(session: Session, returned_id: int) -> bool:
    query = select(ReturnedCheck.id).where(ReturnedCheck.returned_id == returned_id).limit(1)
    return session.scalar(query) is not None


def _waiting(scope: Scope) -> Select[ReturnedPhoto]:
    answered = select(ReturnedCheck.returned_id).where(ReturnedCheck.returned_id.is_not(None))
    return (
        select(ReturnedPhoto)
        .join(Student, Student.id == ReturnedPhoto.student_id)
        .join(Photo, and_(Photo.student_id == Student.id, Photo.state == State.ACCEPTED))
        .where(*in_scope(scope), ReturnedPhoto.id.not_in(answered))
    )
