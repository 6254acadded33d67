"""Where students stand, and how long a review usually takes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.consent.queries import with_consent
from backend.enrollment.records import Correction, EnrollmentConfirmation, Student
from backend.enrollment.rules import CorrectionState
from backend.photos.operations import PHOTO_CONSENT
from backend.photos.queries import by_reviewers, newest_decisions, photos_of
from backend.photos.records import Decision, Photo, PhotoVersion
from backend.photos.rules import State
from backend.progress.rules import Facts
from backend.proofreading.queries import proofreadings_of
from backend.proofreading.rules import Table

ENOUGH = 5  # fewer reviews say nothing about the usual time
NEWEST = 200  # how many reviews the usual time is taken from


def facts_of(session: Session, student: Student, *, table: Table, college: str, now: datetime) -> Facts:
    """table, college: config/proofreading.toml, and the college's name for its list of universities."""
    return facts_of_many(session, [student], table=table, college=college, now=now)[student.id]


def facts_of_many(
    session: Session, students: Sequence[Student], *, table: Table, college: str, now: datetime
) -> dict[int, Facts]:
    """Student id -> what is known, with one question for each table, however many students (a page of them) are asked.

    table, college: as for facts_of.
    """
    ids = [student.id for student in students]
    proofreadings = proofreadings_of(session, students, table=table, college=college, now=now)
    confirmed: dict[int, dict[int, datetime]] = {student_id: {} for student_id in ids}
    for given in session.scalars(select(EnrollmentConfirmation).where(EnrollmentConfirmation.student_id.in_(ids))):
        confirmed[given.student_id][given.data_version] = given.confirmed_at
    reports = select(Correction.student_id, Correction.submitted_at).where(
        Correction.student_id.in_(ids), Correction.state == CorrectionState.SUBMITTED
    )
    reported = {row[0]: row[1] for row in session.execute(reports.order_by(Correction.id.desc()))}
    agreed = with_consent(session, student_ids=ids, purpose=PHOTO_CONSENT)
    photos = photos_of(session, ids)
    decided = newest_decisions(session, [photo.id for photo in photos.values()])
    found = {}
    for student in students:
        photo, own = photos.get(student.id), confirmed[student.id]
        found[student.id] = Facts(
            confirmed_at=own.get(student.data_version),
            confirmed_before=any(version < student.data_version for version in own),
            reported_at=reported.get(student.id),
            consented=student.id in agreed,
            photo=State(photo.state) if photo else None,
            photo_at=photo.submitted_at if photo else None,
            decided_at=decided.get(photo.id) if photo else None,
            evidence=tuple(proofreadings[student.id].evidence),
            proof=proofreadings[student.id].step,
        )
    return found


def usual_review_time(session: Session, *, centre_id: int) -> timedelta | None:
    """Median time from submitting to the decision, over the newest reviews of one centre; None when too few."""
    times = session.execute(
        select(PhotoVersion.submitted_at, Decision.decided_at)
        .join(PhotoVersion, PhotoVersion.id == Decision.version_id)
        .join(Photo, Photo.id == PhotoVersion.photo_id)
        .join(Student, Student.id == Photo.student_id)
        .where(Student.centre_id == centre_id, Decision.undone_at.is_(None), by_reviewers())
        .order_by(Decision.id.desc())
        .limit(NEWEST)
    ).all()
    if len(times) < ENOUGH:
        return None
    return timedelta(seconds=median((decided - submitted).total_seconds() for submitted, decided in times))
