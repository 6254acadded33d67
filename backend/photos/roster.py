"""The roster with its photos: who has none, whose was returned, who is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, lazyload

from backend.centres.rules import Scope
from backend.enrollment.queries import in_scope, is_meant
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


@dataclass(frozen=True)
class Asked:
    """Whom a roster is about, as conditions on Student."""

    conditions: tuple[ColumnElement[bool], ...]


def asked_for(
    session: Session, *, scope: Scope, text: str = "", centre_id: int | None = None, cohort_id: int | None = None
) -> Asked:
    """text: part of the name or number, or the first letters of the name's pinyin."""
    where = in_scope(scope, centre_id)
    if cohort_id is not None:
        where.append(Student.cohort_id == cohort_id)
    return Asked((*where, *is_meant(session, text, where)))


def roster(
    session: Session,
    *,
    asked: Asked,
    photo: PhotoFilter | None,
    silent_before: datetime,
    offset: int,
    limit: int,
) -> tuple[Sequence[tuple[Student, Photo | None]], int]:
    """Students with their photos by student number, and how many there are in all."""
    query = (
        select(Student, Photo)
        .options(lazyload(Photo.student))  # joined, it would drop the students without a photo
        .select_from(Student)
        .outerjoin(Photo, Photo.student_id == Student.id)
        .where(*asked.conditions)
    )
    if photo is not None:
        query = query.where(_condition(photo, silent_before))
    total = session.scalar(query.with_only_columns(func.count(Student.id))) or 0
    rows = session.execute(query.order_by(Student.student_number, Student.id).offset(offset).limit(limit))
    return [(student, found) for student, found in rows], total


def roster_counts(session: Session, *, asked: Asked, silent_before: datetime) -> dict[PhotoFilter, int]:
    """How many students each filter would leave."""
    sums = [func.count(Student.id).filter(_condition(kind, silent_before)) for kind in PhotoFilter]
    query = select(*sums).select_from(Student).outerjoin(Photo, Photo.student_id == Student.id).where(*asked.conditions)
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
