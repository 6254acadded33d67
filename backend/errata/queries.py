"""Errata cases for screens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from backend.centres.rules import Scope
from backend.enrollment.queries import in_scope
from backend.enrollment.records import Student
from backend.errata.records import ErratumCase, ErratumEvidence, ErratumPhoto
from backend.errata.rules import DESK, FINAL, OPEN, WAITS_FOR, Form, Party, State
from backend.errors import NotFound


@dataclass(frozen=True)
class Narrowed:
    """What a list of cases is narrowed to; every part may be left out."""

    state: State | None = None
    party: Party | None = None  # who must act
    form: Form | None = None
    centre_id: int | None = None
    cohort_id: int | None = None
    round: str = ""
    overdue_on: date | None = None  # only those whose day was before this


@dataclass(frozen=True)
class Heap:
    """Cases in one state: how many, and how many are past their day."""

    count: int = 0
    overdue: int = 0


def cases_of(session: Session, student_id: int) -> Sequence[ErratumCase]:
    """The student's own cases, newest first."""
    return session.scalars(
        select(ErratumCase).where(ErratumCase.student_id == student_id).order_by(ErratumCase.id.desc())
    ).all()


def open_case_of(session: Session, *, student_id: int, form: str, reason: str) -> ErratumCase | None:
    """The student's open case of this form and reason: there is never a second one."""
    return session.scalars(
        select(ErratumCase)
        .where(
            ErratumCase.student_id == student_id,
            ErratumCase.form == form,
            ErratumCase.reason == reason,
            ErratumCase.state.in_(OPEN),
        )
        .order_by(ErratumCase.id.desc())
    ).first()


def open_cases_of(session: Session, student_id: int) -> Sequence[ErratumCase]:
    """The student's cases that are under way, drafts included."""
    return session.scalars(
        select(ErratumCase)
        .where(ErratumCase.student_id == student_id, ErratumCase.state.in_(OPEN))
        .order_by(ErratumCase.id.desc())
    ).all()


def cases_naming(session: Session, student_id: int) -> Sequence[ErratumCase]:
    """Cases of others in which staff found this student to be the other one of a swap, newest first."""
    return session.scalars(
        select(ErratumCase)
        .where(ErratumCase.other_student_id == student_id, ErratumCase.state != State.DRAFT)
        .order_by(ErratumCase.id.desc())
    ).all()


def own_case(session: Session, *, student_id: int, case_id: int) -> ErratumCase:
    case = session.get(ErratumCase, case_id)
    if case is None or case.student_id != student_id:
        raise NotFound(erratum=case_id)
    return case


def case_naming(session: Session, *, student_id: int, case_id: int) -> ErratumCase:
    """A case in which this student is the other one of a swap."""
    case = session.get(ErratumCase, case_id)
    if case is None or case.other_student_id != student_id or case.state == State.DRAFT:
        raise NotFound(erratum=case_id)
    return case


def erratum_in_scope(session: Session, *, scope: Scope, case_id: int) -> ErratumCase:
    """A case for staff; a draft is the student's own, and is not there for anybody else."""
    case = session.get(ErratumCase, case_id)
    if case is None or case.state not in DESK or not scope.covers(case.student.centre_id):
        raise NotFound(erratum=case_id)
    return case


def _conditions(scope: Scope, narrowed: Narrowed) -> list[ColumnElement[bool]]:
    found = [ErratumCase.state.in_(DESK), *in_scope(scope, narrowed.centre_id)]
    if narrowed.state is not None:
        found.append(ErratumCase.state == narrowed.state)
    if narrowed.party is not None:
        found.append(ErratumCase.state.in_([state for state in DESK if WAITS_FOR[state] is narrowed.party]))
    if narrowed.form is not None:
        found.append(ErratumCase.form == narrowed.form)
    if narrowed.cohort_id is not None:
        found.append(Student.cohort_id == narrowed.cohort_id)
    if narrowed.round:
        found.append(ErratumCase.round == narrowed.round)
    if narrowed.overdue_on is not None:
        found.append(ErratumCase.due_on < narrowed.overdue_on)
    return found


def errata_in(
    session: Session, *, scope: Scope, narrowed: Narrowed, offset: int = 0, limit: int = 50
) -> tuple[Sequence[ErratumCase], int]:
    """Cases of the scope and how many there are: what is due first stands first, what is closed last."""
    query = (
        select(ErratumCase)
        .join(Student, Student.id == ErratumCase.student_id)
        .where(*_conditions(scope, narrowed))
        .order_by(ErratumCase.due_on.is_(None), ErratumCase.due_on, ErratumCase.id)
    )
    total = session.scalar(query.order_by(None).with_only_columns(func.count(ErratumCase.id))) or 0
    return session.scalars(query.offset(offset).limit(limit)).all(), total


def errata_heaps(session: Session, *, scope: Scope, narrowed: Narrowed, today: date) -> dict[State, Heap]:
    """State -> how many cases, for the board; every state that staff see has an entry."""
    rows = session.execute(
        select(
            ErratumCase.state,
            func.count(ErratumCase.id),
            func.count(ErratumCase.id).filter(ErratumCase.due_on < today),
        )
        .join(Student, Student.id == ErratumCase.student_id)
        .where(*_conditions(scope, narrowed))
        .group_by(ErratumCase.state)
    )
    found = {State(state): Heap(count, overdue) for state, count, overdue in rows}
    return {state: found.get(state, Heap()) for state in DESK}


def neighbours(
    session: Session, *, scope: Scope, narrowed: Narrowed, case: ErratumCase
) -> tuple[int | None, int | None]:
    """The cases before and after this one, in the order of the list."""
    numbers = list(
        session.scalars(
            select(ErratumCase.id)
            .join(Student, Student.id == ErratumCase.student_id)
            .where(*_conditions(scope, narrowed))
            .order_by(ErratumCase.due_on.is_(None), ErratumCase.due_on, ErratumCase.id)
        )
    )
    if case.id not in numbers:
        return None, next(iter(numbers), None)
    place = numbers.index(case.id)
    return (numbers[place - 1] if place else None), (numbers[place + 1] if place + 1 < len(numbers) else None)


def rounds_in(session: Session, *, scope: Scope) -> Sequence[str]:
    """Rounds in which something was handed over, the newest first."""
    return session.scalars(
        select(ErratumCase.round)
        .join(Student, Student.id == ErratumCase.student_id)
        .where(ErratumCase.round != "", *in_scope(scope))
        .group_by(ErratumCase.round)
        .order_by(func.max(ErratumCase.handed_over_on).desc(), ErratumCase.round.desc())
    ).all()


def errata_waiting(session: Session, *, scope: Scope, party: Party) -> dict[int, int]:
    """Centre id -> number of cases that wait for this party."""
    rows = session.execute(
        select(Student.centre_id, func.count(ErratumCase.id))
        .join(Student, Student.id == ErratumCase.student_id)
        .where(*_conditions(scope, Narrowed(party=party)))
        .group_by(Student.centre_id)
    )
    return dict(iter(rows))


def own_photo(case: ErratumCase, photo_id: int) -> ErratumPhoto:
    """One of the pictures that went with the case. Raises NotFound for that of another case."""
    found = next((item for item in case.photos if item.id == photo_id), None)
    if found is None:
        raise NotFound(photo=photo_id)
    return found


def evidence_of(case: ErratumCase, evidence_id: int) -> ErratumEvidence:
    """One piece of the case's evidence. Raises NotFound for that of another case."""
    found = next((item for item in case.evidence if item.id == evidence_id), None)
    if found is None:
        raise NotFound(evidence=evidence_id)
    return found


def is_final(case: ErratumCase) -> bool:
    return case.state in FINAL


def files_in_use(session: Session) -> set[str]:
    """Names of all files that cases refer to; evidence that was taken out is not among them."""
    names = set(session.scalars(select(ErratumEvidence.file_name).where(ErratumEvidence.removed_at.is_(None))))
    for original, judged in session.execute(select(ErratumPhoto.original_file, ErratumPhoto.judged_file)):
        names |= {original, judged}
    return names
