"""Cases and applications for screens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from backend.alumni.applications import application_covered
from backend.alumni.records import AlumniApplication, AlumniCase, AlumniPackage, AlumniPackageItem
from backend.alumni.rules import FINAL, ApplicationState, CaseState, Likeness
from backend.centres.rules import Scope
from backend.enrollment.queries import in_scope
from backend.enrollment.records import Student
from backend.errors import NotFound


def case_of(session: Session, student_id: int) -> AlumniCase | None:
    """The student's newest case."""
    return session.scalars(
        select(AlumniCase).where(AlumniCase.student_id == student_id).order_by(AlumniCase.id.desc()).limit(1)
    ).one_or_none()


def own_case(session: Session, *, student_id: int, case_id: int) -> AlumniCase:
    case = session.get(AlumniCase, case_id)
    if case is None or case.student_id != student_id:
        raise NotFound(case=case_id)
    return case


def case_in_scope(session: Session, *, scope: Scope, case_id: int) -> AlumniCase:
    case = session.get(AlumniCase, case_id)
    if case is None or not scope.covers(case.student.centre_id):
        raise NotFound(case=case_id)
    return case


def cases_in(
    session: Session,
    *,
    scope: Scope,
    states: Sequence[CaseState],
    centre_id: int | None = None,
    offset: int = 0,
    limit: int = 50,
) -> tuple[Sequence[AlumniCase], int]:
    """Cases of the scope in these states and how many there are: the most urgent first, ended ones newest first."""
    query = (
        select(AlumniCase)
        .join(Student, Student.id == AlumniCase.student_id)
        .where(AlumniCase.state.in_([state.value for state in states]), *in_scope(scope, centre_id))
    )
    total = session.scalar(query.with_only_columns(func.count(AlumniCase.id))) or 0
    if set(states) <= FINAL:
        query = query.order_by(AlumniCase.since.desc(), AlumniCase.id.desc())
    else:
        query = query.order_by(AlumniCase.due_on, AlumniCase.id)
    return session.scalars(query.offset(offset).limit(limit)).all(), total


def count_by_state(session: Session, *, scope: Scope, centre_id: int | None = None) -> dict[str, int]:
    """State -> number of cases of the scope."""
    rows = session.execute(
        select(AlumniCase.state, func.count(AlumniCase.id))
        .join(Student, Student.id == AlumniCase.student_id)
        .where(*in_scope(scope, centre_id))
        .group_by(AlumniCase.state)
    )
    return dict(rows.all())


def applications_in(
    session: Session, *, scope: Scope, waiting: bool, offset: int = 0, limit: int = 50
) -> tuple[Sequence[AlumniApplication], int]:
    """Applications of the scope and how many there are: the waiting ones oldest first, or the decided newest first."""
    query = select(AlumniApplication).where(*_applications_of(scope))
    if waiting:
        query = query.where(AlumniApplication.state == ApplicationState.WAITING)
    else:
        query = query.where(AlumniApplication.state != ApplicationState.WAITING)
    total = session.scalar(query.with_only_columns(func.count(AlumniApplication.id))) or 0
    order = (
        (AlumniApplication.due_on, AlumniApplication.id)
        if waiting
        else (AlumniApplication.decided_at.desc(), AlumniApplication.id.desc())
    )
    return session.scalars(query.order_by(*order).offset(offset).limit(limit)).all(), total


def application_in_scope(session: Session, *, scope: Scope, application_id: int) -> AlumniApplication:
    application = session.get(AlumniApplication, application_id)
    if application is None or not application_covered(scope, application):
        raise NotFound(application=application_id)
    return application


@dataclass(frozen=True)
class Candidate:
    """A person of the roster who may be the applicant, and in what the two agree."""

    student: Student
    likeness: Likeness


def candidates(session: Session, *, scope: Scope, application: AlumniApplication) -> list[Candidate]:
    """People of the scope who agree with the application in ID number, certificate number or name, closest first."""
    if application.name is None:
        return []
    alike: list[ColumnElement[bool]] = [
        Student.id_number_index == application.id_number_index,
        Student.name == application.name,
    ]
    if application.certificate_number:
        alike.append(Student.certificate_number == application.certificate_number)
    found = session.scalars(select(Student).where(or_(*alike), *in_scope(scope)).order_by(Student.id).limit(20)).all()
    rated = [
        Candidate(
            student,
            Likeness(
                id_number=student.id_number_index == application.id_number_index,
                certificate_number=bool(application.certificate_number)
                and student.certificate_number == application.certificate_number,
                name=student.name == application.name,
            ),
        )
        for student in found
    ]
    return sorted(rated, key=lambda candidate: (-candidate.likeness.strength, candidate.student.id))


def same_person_waiting(session: Session, *, application: AlumniApplication) -> int:
    """How many other applications with the same ID number wait."""
    if application.id_number_index is None:
        return 0
    return (
        session.scalar(
            select(func.count(AlumniApplication.id)).where(
                AlumniApplication.id != application.id,
                AlumniApplication.state == ApplicationState.WAITING,
                AlumniApplication.id_number_index == application.id_number_index,
            )
        )
        or 0
    )


def packages_in(session: Session, *, limit: int = 50) -> Sequence[AlumniPackage]:
    """The newest packages; the college's registry alone has any."""
    return session.scalars(select(AlumniPackage).order_by(AlumniPackage.id.desc()).limit(limit)).all()


def package_of(session: Session, case_id: int) -> AlumniPackageItem | None:
    """The newest package that a case is in."""
    return session.scalars(
        select(AlumniPackageItem)
        .where(AlumniPackageItem.case_id == case_id)
        .order_by(AlumniPackageItem.package_id.desc())
        .limit(1)
    ).one_or_none()


def waiting_counts(session: Session, *, scope: Scope, states: Sequence[CaseState], today: date) -> tuple[int, int]:
    """How many cases of the scope stand in these states, and how many of them are overdue."""
    query = (
        select(AlumniCase.due_on)
        .join(Student, Student.id == AlumniCase.student_id)
        .where(AlumniCase.state.in_([state.value for state in states]), *in_scope(scope))
    )
    days = session.scalars(query).all()
    return len(days), sum(day is not None and day < today for day in days)


def _applications_of(scope: Scope) -> list[ColumnElement[bool]]:
    return [] if scope.centre_id is None else [AlumniApplication.centre_id == scope.centre_id]
