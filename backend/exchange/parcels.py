"""Discs that came back with their prints, for screens: who is in the parcel, in its order, what was said of whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, exists, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from backend.centres.rules import Scope
from backend.enrollment.queries import in_scope
from backend.enrollment.records import Student
from backend.errors import NotFound
from backend.exchange.records import Import, ImportProblem, ReturnedCheck, ReturnedPhoto, ReturnedReport
from backend.exchange.rules import Answer, ImportState, Medium, Obstacle
from backend.photos.records import Photo, PhotoVersion
from backend.photos.rules import State

# the order in which the unit counted; numbers of one parcel have one width, or are plain numbers
ORDER = (func.length(ReturnedPhoto.sequence), ReturnedPhoto.sequence, ReturnedPhoto.id)


@dataclass(frozen=True)
class Count:
    """How far a check is: how many are right, wrong, missing, and how many there are to look at at all."""

    answers: Mapping[Answer, int]
    total: int

    @property
    def done(self) -> int:
        return sum(self.answers.values())

    @property
    def left(self) -> int:
        return self.total - self.done


@dataclass(frozen=True)
class Parcel:
    """One disc with its prints. people: of the scope; blocked: photos that nobody is asked to compare."""

    import_id: int
    returned_on: date
    disc: Count
    paper: Count
    people: int
    blocked: int


@dataclass(frozen=True)
class Line:
    """One person of a parcel with what was said. obstacle: why the file of the disc is not compared."""

    photo: ReturnedPhoto
    photo_state: State | None  # of the student's photo here
    obstacle: Obstacle | None
    checks: Mapping[Medium, ReturnedCheck]


def parcels_in(session: Session, *, scope: Scope) -> list[Parcel]:
    """Every disc with students of the scope, the newest first."""
    rows = session.execute(
        select(ReturnedPhoto.import_id, func.max(ReturnedPhoto.returned_on))
        .join(Student, Student.id == ReturnedPhoto.student_id)
        .where(*in_scope(scope))
        .group_by(ReturnedPhoto.import_id)
        .order_by(ReturnedPhoto.import_id.desc())
    ).all()
    return [_parcel(session, scope, import_id, day) for import_id, day in rows]


def parcel_in(session: Session, *, scope: Scope, import_id: int) -> Parcel:
    """Raises NotFound when no student of the scope is on the disc."""
    day = session.scalar(
        select(func.max(ReturnedPhoto.returned_on))
        .join(Student, Student.id == ReturnedPhoto.student_id)
        .where(ReturnedPhoto.import_id == import_id, *in_scope(scope))
    )
    if day is None:
        raise NotFound(run=import_id)
    return _parcel(session, scope, import_id, day)


def _parcel(session: Session, scope: Scope, import_id: int, day: date) -> Parcel:
    of_import = (ReturnedPhoto.import_id == import_id, *in_scope(scope))
    base = select(func.count(ReturnedPhoto.id)).join(Student, Student.id == ReturnedPhoto.student_id).where(*of_import)
    people = session.scalar(base) or 0
    blocked = session.scalar(base.where(~comparable(Medium.DISC))) or 0
    counts = {}
    for medium in Medium:
        answers = session.execute(
            select(ReturnedCheck.answer, func.count(ReturnedPhoto.id))
            .join(Student, Student.id == ReturnedPhoto.student_id)
            .join(ReturnedCheck, _of_this_picture(medium))
            .where(*of_import, comparable(medium))
            .group_by(ReturnedCheck.answer)
        )
        found: dict[str, int] = dict(iter(answers))
        total = session.scalar(base.where(comparable(medium))) or 0
        counts[medium] = Count({answer: found.get(answer.value, 0) for answer in Answer}, total)
    return Parcel(import_id, day, counts[Medium.DISC], counts[Medium.PAPER], people, blocked)


def lines_of_parcel(session: Session, *, scope: Scope, import_id: int) -> list[Line]:
    """Everybody of the scope on this disc, in the order of the parcel."""
    photos = session.scalars(
        select(ReturnedPhoto)
        .join(Student, Student.id == ReturnedPhoto.student_id)
        .where(ReturnedPhoto.import_id == import_id, *in_scope(scope))
        .order_by(*ORDER)
    ).all()
    ids = [photo.student_id for photo in photos]
    states = {row[0]: State(row[1]) for row in session.execute(_states(ids))}
    checks = session.scalars(
        select(ReturnedCheck).where(ReturnedCheck.student_id.in_(ids), ReturnedCheck.undone_at.is_(None))
    ).all()
    by_picture: dict[tuple[int, str], dict[Medium, ReturnedCheck]] = {}
    for check in checks:
        by_picture.setdefault((check.student_id, check.returned_file), {})[Medium(check.medium)] = check
    newest = dict(iter(session.execute(_newest(ids))))
    return [
        Line(
            photo,
            states.get(photo.student_id),
            _obstacle(photo, states.get(photo.student_id), newest[photo.student_id]),
            by_picture.get((photo.student_id, photo.file_name), {}),
        )
        for photo in photos
    ]


def line_of(session: Session, *, scope: Scope, returned_id: int) -> Line:
    """One photo that came back, with what is known of it. Raises NotFound."""
    photo = returned_in_scope(session, scope=scope, returned_id=returned_id)
    state = session.execute(_states([photo.student_id])).first()
    newest = session.execute(_newest([photo.student_id])).one()
    checks = {medium: check for medium in Medium if (check := standing_check(session, photo, medium)) is not None}
    known = State(state[1]) if state else None
    return Line(photo, known, _obstacle(photo, known, newest[1]), checks)


def _states(student_ids: Collection[int]) -> Select[int, str]:
    return select(Photo.student_id, Photo.state).where(Photo.student_id.in_(student_ids))


def _newest(student_ids: Collection[int]) -> Select[int, int]:
    return (
        select(ReturnedPhoto.student_id, func.max(ReturnedPhoto.id))
        .where(ReturnedPhoto.student_id.in_(student_ids))
        .group_by(ReturnedPhoto.student_id)
    )


def _obstacle(photo: ReturnedPhoto, state: State | None, newest: int) -> Obstacle | None:
    if newest != photo.id:
        return Obstacle.REPLACED
    return None if state is State.ACCEPTED else Obstacle.NO_ACCEPTED


def next_in_parcel(
    session: Session, *, scope: Scope, import_id: int, medium: Medium, after: ReturnedPhoto | None = None
) -> ReturnedPhoto | None:
    """The next photo, in the order of the parcel, that nobody has said anything of."""
    query = (
        select(ReturnedPhoto)
        .join(Student, Student.id == ReturnedPhoto.student_id)
        .where(
            ReturnedPhoto.import_id == import_id,
            *in_scope(scope),
            comparable(medium),
            ~exists().where(_of_this_picture(medium)),
        )
        .order_by(*ORDER)
        .limit(1)
    )
    if after is not None:
        place = tuple_(func.length(after.sequence), after.sequence, after.id)
        query = query.where(tuple_(*ORDER) > place)
    return session.scalars(query).first()


def waiting_returned(session: Session, *, scope: Scope) -> int:
    """How many files of discs nobody has compared yet, for the desk."""
    query = (
        select(func.count(ReturnedPhoto.id))
        .join(Student, Student.id == ReturnedPhoto.student_id)
        .where(*in_scope(scope), comparable(Medium.DISC), ~exists().where(_of_this_picture(Medium.DISC)))
    )
    return session.scalar(query) or 0


def comparable(medium: Medium) -> ColumnElement[bool]:
    """Is a person asked about this photo? The newest of its student; its file only beside an accepted photo.

    A print without an accepted photo is still held against the record: name, number, whether it is there.
    """
    later = aliased(ReturnedPhoto)
    newest = ~exists().where(later.student_id == ReturnedPhoto.student_id, later.id > ReturnedPhoto.id)
    if medium is Medium.PAPER:
        return newest
    return and_(newest, exists().where(Photo.student_id == ReturnedPhoto.student_id, Photo.state == State.ACCEPTED))


def _of_this_picture(medium: Medium) -> ColumnElement[bool]:
    """What stands of this file of this student."""
    return and_(
        ReturnedCheck.student_id == ReturnedPhoto.student_id,
        ReturnedCheck.returned_file == ReturnedPhoto.file_name,
        ReturnedCheck.medium == medium.value,
        ReturnedCheck.undone_at.is_(None),
    )


def returned_in_scope(session: Session, *, scope: Scope, returned_id: int) -> ReturnedPhoto:
    row = session.get(ReturnedPhoto, returned_id)
    if row is None or not scope.covers(row.student.centre_id):
        raise NotFound(returned=returned_id)
    return row


def standing_check(session: Session, photo: ReturnedPhoto, medium: Medium) -> ReturnedCheck | None:
    """What somebody has said of this picture, and has not taken back."""
    query = select(ReturnedCheck).join(ReturnedPhoto, _of_this_picture(medium)).where(ReturnedPhoto.id == photo.id)
    return session.scalars(query).first()


def last_answer(session: Session, *, scope: Scope, import_id: int, medium: Medium, by: int) -> ReturnedCheck | None:
    """The newest answer of this person in this parcel, which they may take back."""
    return session.scalars(
        select(ReturnedCheck)
        .join(ReturnedPhoto, _of_this_picture(medium))
        .join(Student, Student.id == ReturnedCheck.student_id)
        .where(ReturnedPhoto.import_id == import_id, ReturnedCheck.checked_by == by, *in_scope(scope))
        .order_by(ReturnedCheck.id.desc())
        .limit(1)
    ).first()


def accepted_versions(session: Session, student_ids: Collection[int]) -> dict[int, PhotoVersion]:
    """Student -> the accepted photo; students without one are left out."""
    rows = session.execute(
        select(Photo.student_id, PhotoVersion)
        .join(PhotoVersion, and_(PhotoVersion.photo_id == Photo.id, PhotoVersion.number == Photo.current))
        .where(Photo.student_id.in_(student_ids), Photo.state == State.ACCEPTED)
    )
    return dict(iter(rows))


def reports_of(session: Session, returned_id: int) -> dict[str, ReturnedReport]:
    """Side -> what the machine found, where it has looked already."""
    rows = session.scalars(select(ReturnedReport).where(ReturnedReport.returned_id == returned_id))
    return {report.side: report for report in rows}


def unplaced_of(session: Session, *, scope: Scope, import_id: int) -> Sequence[ImportProblem]:
    """Photos of the disc that were laid to nobody, each with its reason; for whoever may see the import."""
    run = session.get(Import, import_id)
    if run is None or run.state != ImportState.DONE or (scope.centre_id not in (None, run.centre_id)):
        return []
    query = select(ImportProblem).where(ImportProblem.import_id == import_id)
    return session.scalars(query.order_by(ImportProblem.row, ImportProblem.id)).all()
