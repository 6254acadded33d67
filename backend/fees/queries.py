"""Fees for screens: the list of a centre and round, its sums, one fee, what went to the unit."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.capture.records import CaptureRound
from backend.centres.rules import Scope
from backend.enrollment.queries import in_scope, is_meant
from backend.enrollment.records import Student
from backend.errors import NotFound
from backend.fees.records import Fee, FeeMovement, FeeRemittance
from backend.fees.rules import Line, Method, Movement, State, Totals, totals


def fees_in(
    session: Session,
    *,
    scope: Scope,
    centre_id: int,
    round_id: int,
    state: State | None,
    text: str,
    offset: int,
    limit: int | None,
) -> tuple[Sequence[Fee], int]:
    """Fees by student number, and how many there are in all. text: as for is_meant. limit None: all."""
    _in_scope(scope, centre_id)
    query = (
        select(Fee)
        .join(Student, Student.id == Fee.student_id)
        .where(Fee.centre_id == centre_id, Fee.round_id == round_id)
        .where(*is_meant(session, text, in_scope(scope, centre_id)))
    )
    if state is not None:
        query = query.where(Fee.state == state)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = session.scalars(query.order_by(Student.student_number, Fee.id).offset(offset).limit(limit)).all()
    return rows, total


def counts_in(session: Session, *, scope: Scope, centre_id: int, round_id: int) -> dict[State, int]:
    """How many fees each state has."""
    _in_scope(scope, centre_id)
    rows = session.execute(
        select(Fee.state, func.count()).where(Fee.centre_id == centre_id, Fee.round_id == round_id).group_by(Fee.state)
    )
    found = {row[0]: row[1] for row in rows}
    return {state: found.get(state.value, 0) for state in State}


def totals_of(session: Session, *, scope: Scope, centre_id: int, round_id: int) -> Totals:
    """The sums of one centre and round."""
    _in_scope(scope, centre_id)
    here = (Fee.centre_id == centre_id, Fee.round_id == round_id)
    fees = session.execute(select(Fee.amount_fen, Fee.state, Fee.remittance_id).where(*here))
    moves = session.execute(
        select(FeeMovement.amount_fen, FeeMovement.method)
        .join(Fee, Fee.id == FeeMovement.fee_id)
        .where(*here, FeeMovement.method.is_not(None))
    )
    return totals(
        (Line(row[0], State(row[1]), row[2] is not None) for row in fees),
        (Movement(row[0], Method(row[1])) for row in moves if row[1]),
        [found.amount_fen for found in remittances_of(session, scope=scope, centre_id=centre_id, round_id=round_id)],
    )


def fee_in_scope(session: Session, *, scope: Scope, fee_id: int) -> Fee:
    fee = session.get(Fee, fee_id)
    if fee is None or not scope.covers(fee.centre_id):
        raise NotFound(fee=fee_id)
    return fee


def fees_of(session: Session, student_id: int) -> Sequence[Fee]:
    """A student's own fees, the newest round first."""
    query = select(Fee).join(CaptureRound).where(Fee.student_id == student_id)
    return session.scalars(query.order_by(CaptureRound.opens_on.desc(), Fee.id.desc())).all()


def unremitted(session: Session, *, scope: Scope, centre_id: int, round_id: int) -> Sequence[Fee]:
    """Paid, and still at the centre."""
    _in_scope(scope, centre_id)
    query = (
        select(Fee)
        .join(Student, Student.id == Fee.student_id)
        .where(
            Fee.centre_id == centre_id,
            Fee.round_id == round_id,
            Fee.state == State.PAID,
            Fee.remittance_id.is_(None),
        )
    )
    return session.scalars(query.order_by(Student.student_number)).all()


def remittances_of(session: Session, *, scope: Scope, centre_id: int, round_id: int) -> Sequence[FeeRemittance]:
    _in_scope(scope, centre_id)
    query = select(FeeRemittance).where(FeeRemittance.centre_id == centre_id, FeeRemittance.round_id == round_id)
    return session.scalars(query.order_by(FeeRemittance.id.desc())).all()


def remittance_in_scope(session: Session, *, scope: Scope, remittance_id: int) -> tuple[FeeRemittance, Sequence[Fee]]:
    """A list that went to the unit, with its fees."""
    found = session.get(FeeRemittance, remittance_id)
    if found is None or not scope.covers(found.centre_id):
        raise NotFound(remittance=remittance_id)
    query = select(Fee).join(Student, Student.id == Fee.student_id).where(Fee.remittance_id == remittance_id)
    return found, session.scalars(query.order_by(Student.student_number)).all()


def unbalanced(session: Session) -> Sequence[tuple[int, int]]:
    """(centre, round) whose fees and movements tell different stories; for the doctor."""
    paid = select(Fee.centre_id, Fee.round_id, func.sum(Fee.amount_fen).label("paid"))
    paid_by = paid.where(Fee.state == State.PAID).group_by(Fee.centre_id, Fee.round_id)
    moved_by = (
        select(Fee.centre_id, Fee.round_id, func.sum(FeeMovement.amount_fen).label("moved"))
        .join(FeeMovement, FeeMovement.fee_id == Fee.id)
        .group_by(Fee.centre_id, Fee.round_id)
    )
    said = {(row[0], row[1]): int(row[2]) for row in session.execute(paid_by)}
    moved = {(row[0], row[1]): int(row[2]) for row in session.execute(moved_by)}
    return [key for key in sorted(said.keys() | moved.keys()) if said.get(key, 0) != moved.get(key, 0)]


def _in_scope(scope: Scope, centre_id: int) -> None:
    if not scope.covers(centre_id):
        raise NotFound(centre=centre_id)
