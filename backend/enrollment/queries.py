"""The roster for screens."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.centres.rules import Scope
from backend.enrollment.records import Correction, CorrectionEvidence, EnrollmentConfirmation, Student
from backend.enrollment.rules import CorrectionState, DataDisputed, DataNotConfirmed
from backend.errors import NotFound


def confirmation_of(session: Session, student: Student) -> EnrollmentConfirmation | None:
    """The student's confirmation of the data in their present version."""
    return session.scalars(
        select(EnrollmentConfirmation).where(
            EnrollmentConfirmation.student_id == student.id,
            EnrollmentConfirmation.data_version == student.data_version,
        )
    ).one_or_none()


def corrections_of(session: Session, student_id: int) -> Sequence[Correction]:
    """The student's reports, newest first."""
    return session.scalars(
        select(Correction).where(Correction.student_id == student_id).order_by(Correction.id.desc())
    ).all()


def open_correction(session: Session, student_id: int) -> Correction | None:
    return session.scalars(
        select(Correction).where(Correction.student_id == student_id, Correction.state == CorrectionState.SUBMITTED)
    ).first()


def may_capture(session: Session, *, student: Student) -> None:
    """Raises DataDisputed or DataNotConfirmed: nothing is captured for a record that the student disputes."""
    if open_correction(session, student.id) is not None:
        raise DataDisputed(student=student.id)
    if confirmation_of(session, student) is None:
        raise DataNotConfirmed(student=student.id)


def student_in_scope(session: Session, *, scope: Scope, student_id: int) -> Student:
    student = session.get(Student, student_id)
    if student is None or not scope.covers(student.centre_id):
        raise NotFound(student=student_id)
    return student


def search_students(
    session: Session,
    *,
    scope: Scope,
    text: str = "",
    centre_id: int | None = None,
    offset: int = 0,
    limit: int = 50,
) -> tuple[Sequence[Student], int]:
    """Students of the scope by part of name or student number, and how many there are in all."""
    query = select(Student)
    if scope.centre_id is not None:
        query = query.where(Student.centre_id == scope.centre_id)
    if centre_id is not None:
        query = query.where(Student.centre_id == centre_id)
    if text.strip():
        part = text.strip()
        query = query.where(
            Student.name.contains(part, autoescape=True) | Student.student_number.contains(part, autoescape=True)
        )
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    page = session.scalars(query.order_by(Student.student_number).offset(offset).limit(limit)).all()
    return page, total


def corrections_in(session: Session, *, scope: Scope, state: CorrectionState, limit: int = 200) -> Sequence[Correction]:
    """Reports of the scope in one state, oldest first."""
    query = select(Correction).join(Student, Student.id == Correction.student_id).where(Correction.state == state)
    if scope.centre_id is not None:
        query = query.where(Student.centre_id == scope.centre_id)
    return session.scalars(query.order_by(Correction.submitted_at).limit(limit)).all()


def correction_in_scope(session: Session, *, scope: Scope, correction_id: int) -> Correction:
    correction = session.get(Correction, correction_id)
    if correction is None or not scope.covers(correction.student.centre_id):
        raise NotFound(correction=correction_id)
    return correction


def own_evidence(session: Session, *, student_id: int, evidence_id: int) -> CorrectionEvidence:
    evidence = session.scalars(
        select(CorrectionEvidence)
        .join(Correction, Correction.id == CorrectionEvidence.correction_id)
        .where(CorrectionEvidence.id == evidence_id, Correction.student_id == student_id)
    ).one_or_none()
    if evidence is None:
        raise NotFound(evidence=evidence_id)
    return evidence


def files_in_use(session: Session) -> set[str]:
    """Names of all files that evidence refers to."""
    return set(session.scalars(select(CorrectionEvidence.file_name)))
