"""Where one student stands, and how long a review usually takes."""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.consent.queries import has_consent
from backend.enrollment.queries import confirmation_of, open_correction
from backend.enrollment.records import EnrollmentConfirmation, Student
from backend.photos.operations import PHOTO_CONSENT
from backend.photos.queries import photo_of, standing_decision, versions_of
from backend.photos.records import Decision, Photo, PhotoVersion
from backend.photos.rules import State
from backend.progress.rules import Facts
from backend.proofreading.queries import proofreading_of
from backend.proofreading.rules import Table

ENOUGH = 5  # fewer reviews say nothing about the usual time
NEWEST = 200  # how many reviews the usual time is taken from


def facts_of(session: Session, student: Student, *, table: Table, college: str, now: datetime) -> Facts:
    """table, college: config/proofreading.toml, and the college's name for its list of universities."""
    confirmation = confirmation_of(session, student)
    correction = open_correction(session, student.id)
    photo = photo_of(session, student.id)
    decision = standing_decision(session, versions_of(session, photo.id)[0].id) if photo is not None else None
    proofreading = proofreading_of(session, student, table=table, college=college, now=now)
    return Facts(
        confirmed_at=confirmation.confirmed_at if confirmation else None,
        confirmed_before=_confirmed_before(session, student),
        reported_at=correction.submitted_at if correction else None,
        consented=has_consent(session, student_id=student.id, purpose=PHOTO_CONSENT),
        photo=State(photo.state) if photo else None,
        photo_at=photo.submitted_at if photo else None,
        decided_at=decision.decided_at if decision else None,
        evidence=tuple(proofreading.evidence),
        proof=proofreading.step,
    )


def usual_review_time(session: Session, *, centre_id: int) -> timedelta | None:
    """Median time from submitting to the decision, over the newest reviews of one centre; None when too few."""
    times = session.execute(
        select(PhotoVersion.submitted_at, Decision.decided_at)
        .join(PhotoVersion, PhotoVersion.id == Decision.version_id)
        .join(Photo, Photo.id == PhotoVersion.photo_id)
        .join(Student, Student.id == Photo.student_id)
        .where(Student.centre_id == centre_id, Decision.undone_at.is_(None))
        .order_by(Decision.id.desc())
        .limit(NEWEST)
    ).all()
    if len(times) < ENOUGH:
        return None
    return timedelta(seconds=median((decided - submitted).total_seconds() for submitted, decided in times))


def _confirmed_before(session: Session, student: Student) -> bool:
    query = select(EnrollmentConfirmation.id).where(
        EnrollmentConfirmation.student_id == student.id,
        EnrollmentConfirmation.data_version < student.data_version,
    )
    return session.scalar(query.limit(1)) is not None
