"""The roster for screens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from backend.centres.rules import Scope
from backend.enrollment.pinyin import first_letters, is_letters, sounds_like
from backend.enrollment.records import (
    Cohort,
    Correction,
    CorrectionEvidence,
    EnrollmentConfirmation,
    StatusChange,
    Student,
)
from backend.enrollment.rules import VERIFIED_FIELDS, CorrectionState, DataDisputed, DataNotConfirmed
from backend.errors import NotFound

MOST_NAMES = 20_000  # of one letter: databases take a bounded number of values


def list_cohorts(session: Session) -> Sequence[Cohort]:
    """All cohorts, the newest code first, and after them those that are closed."""
    return session.scalars(select(Cohort).order_by(Cohort.active.desc(), Cohort.code.desc())).all()


def count_in_cohort(session: Session, cohort_id: int) -> int:
    """How many students it has."""
    return session.scalar(select(func.count(Student.id)).where(Student.cohort_id == cohort_id)) or 0


def registered_values(student: Student) -> dict[str, str]:
    """Field -> registered value as plain text, in the order in which the student verifies them.

    The ID number is whole: mask it before it is shown.
    """
    values = {field: getattr(student, field) for field in VERIFIED_FIELDS if field != "centre"}
    values["entry_date"] = student.entry_date.isoformat()
    return {**values, "centre": student.centre.name}


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


def status_changes_of(session: Session, student_ids: Sequence[int]) -> Sequence[StatusChange]:
    """Changes of status of these students, the earliest first."""
    return session.scalars(
        select(StatusChange).where(StatusChange.student_id.in_(student_ids)).order_by(StatusChange.first_day)
    ).all()


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


def in_scope(scope: Scope, centre_id: int | None = None) -> list[ColumnElement[bool]]:
    """Conditions on Student: the centres of the scope, and of these one when it is given."""
    conditions: list[ColumnElement[bool]] = []
    if scope.centre_id is not None:
        conditions.append(Student.centre_id == scope.centre_id)
    if centre_id is not None:
        conditions.append(Student.centre_id == centre_id)
    return conditions


def name_or_number_has(text: str) -> list[ColumnElement[bool]]:
    """Condition on Student: part of the name or of the student number, in capitals or not; none for ""."""
    part = text.strip()
    if not part:
        return []
    return [Student.name.icontains(part, autoescape=True) | Student.student_number.icontains(part, autoescape=True)]


def is_meant(session: Session, text: str, where: Sequence[ColumnElement[bool]]) -> list[ColumnElement[bool]]:
    """Condition on Student: part of the name or number, or the first letters of the name's pinyin; none for "".

    where: among whom is looked. Of 100,000 students the names that begin with another letter are left out at once,
    so that few are spelled.
    """
    part = text.strip()
    if not is_letters(part):
        return name_or_number_has(part)
    first = part[0].lower()
    names = session.scalars(select(Student.name).where(*where).distinct())
    known = [name for name in names if name and first in first_letters(name[0]) and sounds_like(name, part)]
    return [or_(*name_or_number_has(part), Student.name.in_(known[:MOST_NAMES]))]


def students_named(session: Session, *, scope: Scope, text: str, limit: int) -> Sequence[Student]:
    """Students of the scope who are meant by this text, by number; nobody for an empty text."""
    if not text.strip():
        return []
    query = select(Student).where(*in_scope(scope), *is_meant(session, text, in_scope(scope)))
    return session.scalars(query.order_by(Student.student_number).limit(limit)).all()


def corrections_in(
    session: Session, *, scope: Scope, decided: bool, centre_id: int | None = None, offset: int = 0, limit: int = 50
) -> tuple[Sequence[Correction], int]:
    """Reports of the scope and how many there are: the open ones, oldest first; or the closed ones, newest first."""
    query = select(Correction).join(Student, Student.id == Correction.student_id).where(*in_scope(scope, centre_id))
    if decided:
        query = query.where(Correction.state != CorrectionState.SUBMITTED)
        query = query.order_by(Correction.decided_at.desc(), Correction.id.desc())
    else:
        query = query.where(Correction.state == CorrectionState.SUBMITTED)
        query = query.order_by(Correction.submitted_at, Correction.id)
    total = session.scalar(query.order_by(None).with_only_columns(func.count(Correction.id))) or 0
    return session.scalars(query.offset(offset).limit(limit)).all(), total


def open_corrections(session: Session, *, scope: Scope) -> dict[int, tuple[int, datetime]]:
    """Centre id -> number of open reports, and when the oldest was made."""
    rows = session.execute(
        select(Student.centre_id, func.count(Correction.id), func.min(Correction.submitted_at))
        .join(Student, Student.id == Correction.student_id)
        .where(Correction.state == CorrectionState.SUBMITTED, *in_scope(scope))
        .group_by(Student.centre_id)
    )
    return {centre_id: (count, oldest) for centre_id, count, oldest in rows}


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
