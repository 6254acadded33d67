"""The roster with its photos: who has none, whose was returned, who is done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, lazyload

from backend.centres.rules import Scope
from backend.enrollment.queries import in_scope, name_or_number_has
from backend.enrollment.records import Student
from backend.photos.queue import is_silent
from backend.photos.records import Photo
from backend.photos.rules import State


class PhotoFilter(StrEnum):
    """By what a roster is narrowed."""

    NONE = "none"  # no photo was sent, or it was taken back
    RETAKE = "retake"  # the machine found a clear defect
    WAITING = "waiting"  # waits for a person of the centre
    RETURNED = "returned"
    SILENT = "silent"  # returned long ago, and nothing new came
    ACCEPTED = "accepted"


def roster(
    session: Session,
    *,
    scope: Scope,
    text: str,
    centre_id: int | None,
    photo: PhotoFilter | None,
    silent_before: datetime,
    offset: int,
    limit: int,
) -> tuple[Sequence[tuple[Student, Photo | None]], int]:
    """Students with their photos by student number, and how many there are in all. text: part of name or number."""
    query = (
        select(Student, Photo)
        .options(lazyload(Photo.student))  # joined, it would drop the students without a photo
        .select_from(Student)
        .outerjoin(Photo, Photo.student_id == Student.id)
        .where(*in_scope(scope, centre_id), *name_or_number_has(text))
    )
    if photo is not None:
        query = query.where(_condition(photo, silent_before))
    total = session.scalar(query.with_only_columns(func.count(Student.id))) or 0
    rows = session.execute(query.order_by(Student.student_number, Student.id).offset(offset).limit(limit))
    return [(student, found) for student, found in rows], total


def roster_counts(
    session: Session, *, scope: Scope, text: str, centre_id: int | None, silent_before: datetime
) -> dict[PhotoFilter, int]:
    """How many students each filter would leave."""
    sums = [func.count(Student.id).filter(_condition(kind, silent_before)) for kind in PhotoFilter]
    query = (
        select(*sums)
        .select_from(Student)
        .outerjoin(Photo, Photo.student_id == Student.id)
        .where(*in_scope(scope, centre_id), *name_or_number_has(text))
    )
    return dict(zip(PhotoFilter, session.execute(query).one(), strict=True))


def _condition(photo: PhotoFilter, silent_before: datetime) -> ColumnElement[bool]:
    match photo:
        case PhotoFilter.NONE:
            return or_(Photo.id.is_(None), Photo.state == State.WITHDRAWN)
        case PhotoFilter.RETAKE:
            return Photo.state == State.NEEDS_RETAKE
        case PhotoFilter.WAITING:
            return Photo.state == State.READY_FOR_REVIEW
        case PhotoFilter.RETURNED:
            return Photo.state == State.RETURNED
        case PhotoFilter.SILENT:
            return is_silent(silent_before)
        case PhotoFilter.ACCEPTED:
            return Photo.state == State.ACCEPTED
