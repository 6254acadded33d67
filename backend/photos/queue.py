"""What waits for a person: the reviewers' queue, its order, and how long it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, not_, or_, select
from sqlalchemy.orm import Session

from backend.centres.rules import Scope
from backend.compliance.findings import PictureVerdict
from backend.enrollment.queries import in_scope
from backend.enrollment.records import Student
from backend.photos.queries import by_reviewers
from backend.photos.records import Decision, Photo, PhotoVersion
from backend.photos.rules import Action, Part, State

ORDER = (Photo.objected.desc(), Photo.submitted_at, Photo.id)  # objections first, then the oldest


@dataclass(frozen=True)
class QueueFilter:
    """The part of the queue that somebody works on. None: all.

    not_by: without the scans that this account handed in, which it may not accept
    """

    centre_id: int | None = None
    part: Part | None = None
    not_by: int | None = None


def waiting(
    session: Session, *, scope: Scope, only: QueueFilter, offset: int = 0, limit: int = 50
) -> tuple[Sequence[tuple[Photo, PhotoVersion]], int]:
    """Photos that wait, each with its newest version, in the order of the queue; and how many there are in all."""
    rows = session.execute(_queue(scope, only).order_by(*ORDER).offset(offset).limit(limit))
    return [(photo, version) for photo, version in rows], waiting_count(session, scope=scope, only=only)


def waiting_count(session: Session, *, scope: Scope, only: QueueFilter) -> int:
    return session.scalar(_queue(scope, only).with_only_columns(func.count(Photo.id))) or 0


def next_waiting(
    session: Session, *, scope: Scope, only: QueueFilter, after: Photo
) -> tuple[Photo, PhotoVersion] | None:
    """The photo that follows `after` in the queue, whether or not that one still waits itself."""
    same = or_(
        Photo.submitted_at > after.submitted_at,
        and_(Photo.submitted_at == after.submitted_at, Photo.id > after.id),
    )
    later = or_(Photo.objected.is_(False), same) if after.objected else and_(Photo.objected.is_(False), same)
    row = session.execute(_queue(scope, only).where(later).order_by(*ORDER).limit(1)).one_or_none()
    return None if row is None else (row[0], row[1])


def part_counts(session: Session, *, scope: Scope, centre_id: int | None) -> dict[Part, int]:
    """How many photos of each part wait; every part is there."""
    whole = _queue(scope, QueueFilter(centre_id))
    columns = [func.sum(case((_is_part(part), 1), else_=0)) for part in Part]
    row = session.execute(whole.with_only_columns(*columns)).one()
    return {part: count or 0 for part, count in zip(Part, row, strict=True)}


@dataclass(frozen=True)
class Heap:
    """How many lie there, and since when the oldest does."""

    count: int = 0
    oldest: datetime | None = None

    def __add__(self, other: Heap) -> Heap:
        times = [time for time in (self.oldest, other.oldest) if time is not None]
        return Heap(self.count + other.count, min(times, default=None))


@dataclass(frozen=True)
class DeskCounts:
    """What lies on the reviewers' desk. `waiting` includes `objected`; `returned` includes `silent`."""

    waiting: Heap = Heap()
    objected: Heap = Heap()
    returned: Heap = Heap()  # oldest: when the picture was submitted
    silent: Heap = Heap()  # returned, and no new picture came; oldest: when it was returned
    accepted: Heap = Heap()

    def __add__(self, other: DeskCounts) -> DeskCounts:
        return DeskCounts(
            self.waiting + other.waiting,
            self.objected + other.objected,
            self.returned + other.returned,
            self.silent + other.silent,
            self.accepted + other.accepted,
        )


def desk_counts(session: Session, *, scope: Scope, silent_before: datetime) -> dict[int, DeskCounts]:
    """Centre id -> its counts. silent: returned before that time, and nothing new since."""
    query = (
        select(Student.centre_id, Photo.state, Photo.objected, func.count(Photo.id), func.min(Photo.submitted_at))
        .join(Student, Student.id == Photo.student_id)
        .where(*in_scope(scope))
        .group_by(Student.centre_id, Photo.state, Photo.objected)
    )
    counts: dict[int, DeskCounts] = {}
    for centre_id, state, objected, count, oldest in session.execute(query):
        heap = Heap(count, oldest)
        part = {
            State.READY_FOR_REVIEW: DeskCounts(waiting=heap, objected=heap if objected else Heap()),
            State.RETURNED: DeskCounts(returned=heap),
            State.ACCEPTED: DeskCounts(accepted=heap),
        }.get(State(state), DeskCounts())
        counts[centre_id] = counts.get(centre_id, DeskCounts()) + part
    silent = (
        select(Student.centre_id, func.count(Photo.id), func.min(returned_at()))
        .select_from(Photo)
        .join(Student, Student.id == Photo.student_id)
        .where(*in_scope(scope), is_silent(silent_before))
        .group_by(Student.centre_id)
    )
    for centre_id, count, oldest in session.execute(silent):
        counts[centre_id] += DeskCounts(silent=Heap(count, oldest))
    return counts


def all_counts(counts: Iterable[DeskCounts]) -> DeskCounts:
    """The sum over centres."""
    return sum(counts, DeskCounts())


def returned_at() -> ColumnElement[datetime]:
    """When the newest version of a Photo row got its last decision that stands."""
    return (
        select(func.max(Decision.decided_at))
        .join(PhotoVersion, PhotoVersion.id == Decision.version_id)
        .where(PhotoVersion.photo_id == Photo.id, PhotoVersion.number == Photo.current, Decision.undone_at.is_(None))
        .correlate(Photo)
        .scalar_subquery()
    )


def accepted_at() -> ColumnElement[datetime]:
    """When the newest version of a Photo row was last accepted by a decision that stands."""
    return (
        select(func.max(Decision.decided_at))
        .join(PhotoVersion, PhotoVersion.id == Decision.version_id)
        .where(
            PhotoVersion.photo_id == Photo.id,
            PhotoVersion.number == Photo.current,
            Decision.undone_at.is_(None),
            Decision.action == Action.ACCEPT.value,
        )
        .correlate(Photo)
        .scalar_subquery()
    )


def is_silent(before: datetime) -> ColumnElement[bool]:
    """A Photo row was returned before that time, and nothing new came."""
    return and_(Photo.state == State.RETURNED, returned_at() < before)


def decided_since(session: Session, *, reviewer_id: int, since: datetime) -> int:
    """How many decisions of a reviewer stand from that time on."""
    query = select(func.count(Decision.id)).where(
        Decision.reviewer_id == reviewer_id,
        Decision.decided_at >= since,
        Decision.undone_at.is_(None),
        by_reviewers(),
    )
    return session.scalar(query) or 0


def undoable(session: Session, *, reviewer_id: int, since: datetime) -> tuple[Decision, Photo] | None:
    """The reviewer's newest decision since that time which can still be taken back, with its photo."""
    query = (
        select(Decision, Photo)
        .join(PhotoVersion, PhotoVersion.id == Decision.version_id)
        .join(Photo, and_(Photo.id == PhotoVersion.photo_id, Photo.current == PhotoVersion.number))
        .where(
            Decision.reviewer_id == reviewer_id,
            Decision.decided_at >= since,
            Decision.undone_at.is_(None),
            by_reviewers(),
            Photo.state.in_((State.ACCEPTED, State.RETURNED)),
        )
        .order_by(Decision.id.desc())
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1])


def _queue(scope: Scope, only: QueueFilter) -> Select[Photo, PhotoVersion]:
    query = (
        select(Photo, PhotoVersion)
        .select_from(Photo)
        .join(Student, Student.id == Photo.student_id)
        .join(PhotoVersion, and_(PhotoVersion.photo_id == Photo.id, PhotoVersion.number == Photo.current))
        .where(Photo.state == State.READY_FOR_REVIEW, *in_scope(scope, only.centre_id))
    )
    if only.not_by is not None:
        query = query.where(or_(PhotoVersion.submitted_by.is_(None), PhotoVersion.submitted_by != only.not_by))
    return query if only.part is None else query.where(_is_part(only.part))


def _is_part(part: Part) -> ColumnElement[bool]:
    """Every photo that waits is in exactly one part."""
    defect = PhotoVersion.verdict == PictureVerdict.RETAKE.value
    if part is Part.RED:
        return or_(Photo.objected.is_(True), defect)
    fine = PhotoVersion.verdict == PictureVerdict.PASS.value
    return and_(Photo.objected.is_(False), fine if part is Part.GREEN else and_(not_(fine), not_(defect)))
