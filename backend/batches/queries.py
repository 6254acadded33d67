"""Batches for screens and packages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from backend.batches.records import Batch, BatchItem
from backend.batches.rules import STANDS, Answer, Person
from backend.capture.records import CaptureRoundCohort
from backend.centres.rules import Scope
from backend.consent.records import Consent
from backend.enrollment.queries import name_or_number_has
from backend.enrollment.records import Student
from backend.errors import NotFound
from backend.photos.records import Decision, Photo, PhotoVersion
from backend.photos.rules import State as PhotoState

HAND_OVER_CONSENT = "hand_over"  # see config/consent.toml


def batches_in(session: Session, *, scope: Scope, offset: int, limit: int) -> tuple[Sequence[Batch], int]:
    """Batches of the scope, the newest first, and how many there are."""
    query = select(Batch)
    if scope.centre_id is not None:
        query = query.where(Batch.centre_id == scope.centre_id)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    return session.scalars(query.order_by(Batch.id.desc()).offset(offset).limit(limit)).all(), total


def batch_in_scope(session: Session, *, scope: Scope, batch_id: int) -> Batch:
    batch = session.get(Batch, batch_id)
    if batch is None or not scope.covers(batch.centre_id):
        raise NotFound(batch=batch_id)
    return batch


def items_of(session: Session, batch_id: int, *, text: str = "") -> Sequence[BatchItem]:
    """Photos of a batch by student number; text: only of students with it in their name or number."""
    query = select(BatchItem).join(Student, Student.id == BatchItem.student_id).where(BatchItem.batch_id == batch_id)
    query = query.where(*name_or_number_has(text))
    return session.scalars(query.order_by(Student.student_number, BatchItem.id)).all()


def progress_of(session: Session, batch_id: int) -> tuple[int, int]:
    """How many photos the sealing has read, and of how many."""
    row = session.execute(select(func.count(BatchItem.bytes), func.count()).where(BatchItem.batch_id == batch_id)).one()
    return row[0], row[1]


def counts_of(session: Session, batch_ids: Collection[int]) -> dict[int, int]:
    """Batch -> number of photos."""
    rows = session.execute(
        select(BatchItem.batch_id, func.count()).where(BatchItem.batch_id.in_(batch_ids)).group_by(BatchItem.batch_id)
    )
    return {row[0]: row[1] for row in rows}


def people_of(session: Session, batch_id: int) -> list[Person]:
    """The records of a sealed batch in the order of their serial numbers."""
    query = select(BatchItem).where(BatchItem.batch_id == batch_id, BatchItem.serial.is_not(None))
    return [
        Person(
            serial=item.serial or 0,
            student_number=item.student.student_number,
            name=item.student.name,
            gender=item.student.gender,
            id_number=item.student.id_number,
            level=item.student.level,
            programme=item.student.programme,
        )
        for item in session.scalars(query.order_by(BatchItem.serial))
    ]


def photos_at_hand(
    session: Session,
    batch: Batch,
    *,
    settled_before: datetime,
    student_ids: Collection[int] | None,
    agreed: bool = True,
) -> list[tuple[int, int, str]]:
    """(student, version, registration file) of accepted photos that no standing batch of the round has.

    What the unit refused is free again: once a new picture is accepted, a new batch takes it.

    Only of students who agree to the hand-over; agreed=False: only of those who do not.
    """
    query = _at_hand(batch, settled_before=settled_before, agreed=agreed)
    if student_ids is not None:
        query = query.where(Student.id.in_(student_ids))
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def students_at_hand(
    session: Session, batch: Batch, *, settled_before: datetime, text: str, offset: int, limit: int
) -> tuple[Sequence[Student], int]:
    """Students whose photos can be put into the batch now, by number, and how many; text: part of name or number."""
    at_hand = _at_hand(batch, settled_before=settled_before, agreed=True).where(*name_or_number_has(text))
    total = session.scalar(select(func.count()).select_from(at_hand.order_by(None).subquery())) or 0
    query = at_hand.with_only_columns(Student).offset(offset).limit(limit)
    return session.scalars(query).all(), total


def _at_hand(batch: Batch, *, settled_before: datetime, agreed: bool) -> Select[int, int, str]:
    """Accepted photos of the batch's round and centre that can go into a batch, by student number."""
    willing = Student.id.in_(_willing())
    taken = (
        select(BatchItem.student_id)
        .join(Batch, Batch.id == BatchItem.batch_id)
        .where(
            Batch.round_id == batch.round_id,
            Batch.state.in_(STANDS),
            BatchItem.answer.is_distinct_from(Answer.REFUSED.value),
        )
    )
    open_to_undo = select(Decision.version_id).where(Decision.undone_at.is_(None), Decision.decided_at > settled_before)
    # a finished file that passed as it was sent is its own registration file
    file_name = func.coalesce(PhotoVersion.registration_file, PhotoVersion.original_file)
    return (
        select(Student.id, PhotoVersion.id, file_name)
        .join(Photo, Photo.student_id == Student.id)
        .join(PhotoVersion, (PhotoVersion.photo_id == Photo.id) & (PhotoVersion.number == Photo.current))
        .join(CaptureRoundCohort, CaptureRoundCohort.cohort_id == Student.cohort_id)
        .where(
            CaptureRoundCohort.round_id == batch.round_id,
            Student.centre_id == batch.centre_id,
            Photo.state == PhotoState.ACCEPTED,
            Student.id.not_in(taken),
            willing if agreed else ~willing,
            PhotoVersion.id.not_in(open_to_undo),
        )
        .order_by(Student.student_number)
    )


def same_photos(session: Session, batch_id: int) -> list[tuple[int, int]]:
    """(serial, serial of the first) of photos that are, byte for byte, the photo of an earlier record: one is wrong."""
    query = select(BatchItem).where(BatchItem.batch_id == batch_id, BatchItem.serial.is_not(None))
    first: dict[str, int] = {}
    found = []
    for item in session.scalars(query.order_by(BatchItem.serial)):
        serial = item.serial or 0
        if first.setdefault(item.file_name, serial) != serial:
            found.append((serial, first[item.file_name]))
    return found


def unwilling_in(session: Session, batch_id: int) -> Sequence[BatchItem]:
    """Photos of a batch whose students do not agree to the hand-over, or no longer."""
    query = select(BatchItem).where(BatchItem.batch_id == batch_id, BatchItem.student_id.not_in(_willing()))
    return session.scalars(query.order_by(BatchItem.serial)).all()


def _willing() -> Select[int]:
    return select(Consent.student_id).where(Consent.purpose == HAND_OVER_CONSENT, Consent.withdrawn_at.is_(None))
