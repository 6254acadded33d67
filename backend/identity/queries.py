"""Identity reviews for screens."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.centres.rules import Scope
from backend.enrollment.queries import in_scope
from backend.enrollment.records import Student
from backend.errors import NotFound
from backend.identity.records import IdentityCase, IdentityEvidence
from backend.identity.rules import OPEN, State


def open_review_of(session: Session, student_id: int) -> IdentityCase | None:
    """The student's review that is under way."""
    return session.scalars(
        select(IdentityCase)
        .where(IdentityCase.student_id == student_id, IdentityCase.state.in_(OPEN))
        .order_by(IdentityCase.id.desc())
    ).first()


def own_review(session: Session, *, student_id: int, case_id: int) -> IdentityCase:
    case = session.get(IdentityCase, case_id)
    if case is None or case.student_id != student_id:
        raise NotFound(identity=case_id)
    return case


def review_in_scope(session: Session, *, scope: Scope, case_id: int) -> IdentityCase:
    case = session.get(IdentityCase, case_id)
    if case is None or not scope.covers(case.student.centre_id):
        raise NotFound(identity=case_id)
    return case


def reviews_in(
    session: Session,
    *,
    scope: Scope,
    state: State | None,
    centre_id: int | None = None,
    offset: int = 0,
    limit: int = 50,
) -> tuple[Sequence[IdentityCase], int]:
    """Reviews of the scope and how many: those of one state, or all that are under way; the nearest day first."""
    wanted = [IdentityCase.state == state] if state is not None else [IdentityCase.state.in_(OPEN)]
    query = (
        select(IdentityCase)
        .join(Student, Student.id == IdentityCase.student_id)
        .where(*wanted, *in_scope(scope, centre_id))
        .order_by(IdentityCase.due_on.is_(None), IdentityCase.due_on, IdentityCase.id)
    )
    total = session.scalar(query.order_by(None).with_only_columns(func.count(IdentityCase.id))) or 0
    return session.scalars(query.offset(offset).limit(limit)).all(), total


def review_counts(session: Session, *, scope: Scope) -> dict[State, int]:
    """State -> how many reviews; every state has an entry."""
    rows = session.execute(
        select(IdentityCase.state, func.count(IdentityCase.id))
        .join(Student, Student.id == IdentityCase.student_id)
        .where(*in_scope(scope))
        .group_by(IdentityCase.state)
    )
    found = {State(state): count for state, count in rows}
    return {state: found.get(state, 0) for state in State}


def evidence_of(case: IdentityCase, evidence_id: int) -> IdentityEvidence:
    found = next((item for item in case.evidence if item.id == evidence_id), None)
    if found is None:
        raise NotFound(evidence=evidence_id)
    return found


def files_in_use(session: Session) -> set[str]:
    """Names of all files that reviews refer to."""
    return set(session.scalars(select(IdentityEvidence.file_name)))
