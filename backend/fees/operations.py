"""The verbs of fees: charge a round's students, take money, give it back, hand it to the unit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.capture.records import CaptureRound, CaptureRoundCohort, CentreRoute
from backend.centres.records import Centre
from backend.centres.rules import Scope
from backend.days import day_of
from backend.enrollment.records import Student
from backend.errors import Invalid, NotAllowed, NotFound, Outdated
from backend.fees.records import Fee, FeeMovement, FeeRemittance, FeeSerial
from backend.fees.rules import (
    MOVES_MONEY,
    Action,
    AlreadyRemitted,
    Method,
    State,
    next_state,
    reason_problem,
    receipt_number,
    remittance_problems,
)
from backend.history.operations import happened_many, record_fact
from backend.history.rules import Actor, Fact
from backend.records import begin_write, insert_into


def charge_round(session: Session, *, scope: Scope, centre_id: int, round_id: int, actor: Actor, now: datetime) -> int:
    """Every student of the centre who takes part owes the price of its route; gives how many are new.

    Doing it again charges only who came since. Raises Invalid (price) while no price is set, NotFound.
    """
    _in_scope(scope, centre_id)
    begin_write(session)
    route = session.scalars(
        select(CentreRoute)
        .where(CentreRoute.round_id == round_id, CentreRoute.centre_id == centre_id)
        .with_for_update(of=CentreRoute)
    ).one_or_none()
    if route is None or route.price_fen is None:
        raise Invalid({"price": "price_unset"})
    charged = select(Fee.student_id).where(Fee.round_id == round_id)
    members = session.scalars(
        select(Student.id)
        .join(CaptureRoundCohort, CaptureRoundCohort.cohort_id == Student.cohort_id)
        .where(CaptureRoundCohort.round_id == round_id, Student.centre_id == centre_id, Student.id.not_in(charged))
        .order_by(Student.id)
    ).all()
    values = {"round_id": round_id, "centre_id": centre_id, "amount_fen": route.price_fen, "changed_at": now}
    fees = [Fee(student_id=student_id, state=State.OWED.value, **values) for student_id in members]
    session.add_all(fees)
    session.flush()
    state = {"state": State.OWED.value, "amount_fen": route.price_fen}
    charged_facts = [Fact("fee.charged", fee.id, owner_id=fee.student_id, facts=state) for fee in fees]
    happened_many(session, charged_facts, actor=actor, now=now)
    session.commit()
    return len(members)


def take_payments(
    session: Session,
    *,
    scope: Scope,
    fee_ids: Collection[int],
    method: Method,
    actor: Actor,
    now: datetime,
) -> Sequence[Fee]:
    """The centre took the money of these students: each gets a receipt's number. All, or none when one cannot be.

    Raises NotFound outside the scope, NotAllowed for a fee that is not owed, Invalid for nobody.
    """
    if not fee_ids:
        raise Invalid({"fees": "nobody_chosen"})
    begin_write(session)
    fees = _locked(session, scope, fee_ids)
    for fee in fees:
        _move(session, fee, Action.PAY, method=method, reason="", actor=actor, now=now)
    session.commit()
    return fees


def change_fee(
    session: Session,
    *,
    scope: Scope,
    fee_id: int,
    seen_revision: int,
    action: Action,
    method: Method | None,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Fee:
    """Anything else that happens to one fee: refund, waive, charge again, or unwrite a payment.

    Raises NotFound, Outdated, NotAllowed, Invalid (reason, method), AlreadyRemitted when a payment that went to the
    unit is to be unwritten.
    """
    problems = {} if (why := reason_problem(action, reason)) is None else {"reason": why}
    if MOVES_MONEY.get(action) and method is None:
        problems["method"] = "method_needed"
    if problems:
        raise Invalid(problems)
    begin_write(session)
    (fee,) = _locked(session, scope, [fee_id])
    if fee.revision != seen_revision:
        raise Outdated(fee=fee_id)
    if action is Action.REVERSE and fee.remittance_id is not None:
        raise AlreadyRemitted(fee=fee_id)
    if action is Action.REVERSE:
        # money that never came cannot have come another way than it was written down
        method = Method(_last_payment(session, fee).method or Method.CASH)
    _move(session, fee, action, method=method, reason=reason.strip(), actor=actor, now=now)
    session.commit()
    return fee


def remit(
    session: Session,
    *,
    scope: Scope,
    centre_id: int,
    round_id: int,
    seen_fees: Collection[int],
    method: Method,
    reference: str,
    remitted_on: date | None,
    actor: Actor,
    now: datetime,
) -> FeeRemittance:
    """The centre handed what it had in hand to the unit: exactly the payments that were on the page.

    Raises Outdated when a payment came or went since the page was made, Invalid, NotFound, NotAllowed for nothing.
    """
    _in_scope(scope, centre_id)
    problems = remittance_problems(reference=reference, remitted_on=remitted_on, today=day_of(now))
    if problems:
        raise Invalid(problems)
    if remitted_on is None:  # remittance_problems has said so already
        raise AssertionError
    begin_write(session)
    fees = session.scalars(
        select(Fee)
        .where(
            Fee.centre_id == centre_id,
            Fee.round_id == round_id,
            Fee.state == State.PAID,
            Fee.remittance_id.is_(None),
        )
        .order_by(Fee.id)
        .with_for_update(of=Fee)
    ).all()
    if {fee.id for fee in fees} != set(seen_fees):
        raise Outdated(round=round_id)
    if not fees:
        raise NotAllowed(round=round_id)
    route = session.scalars(
        select(CentreRoute).where(CentreRoute.round_id == round_id, CentreRoute.centre_id == centre_id)
    ).one_or_none()
    remittance = FeeRemittance(
        round_id=round_id,
        centre_id=centre_id,
        unit_id=route.unit_id if route else None,
        amount_fen=sum(fee.amount_fen for fee in fees),
        people=len(fees),
        method=method.value,
        reference=reference.strip(),
        remitted_on=remitted_on,
        by_id=actor.known_id,
        at=now,
    )
    session.add(remittance)
    session.flush()
    for fee in fees:
        fee.remittance_id, fee.revision = remittance.id, fee.revision + 1
    facts = {"round": round_id, "centre": centre_id, "people": len(fees), "amount_fen": remittance.amount_fen}
    record_fact(session, Fact("remittance.made", remittance.id, facts=facts), actor=actor, now=now)
    session.commit()
    return remittance


def _in_scope(scope: Scope, centre_id: int) -> None:
    if not scope.covers(centre_id):
        raise NotFound(centre=centre_id)


def _locked(session: Session, scope: Scope, fee_ids: Collection[int]) -> Sequence[Fee]:
    fees = session.scalars(select(Fee).where(Fee.id.in_(fee_ids)).order_by(Fee.id).with_for_update(of=Fee)).all()
    if len(fees) != len(set(fee_ids)) or not all(scope.covers(fee.centre_id) for fee in fees):
        raise NotFound(fees=len(fee_ids))
    return fees


def _move(
    session: Session, fee: Fee, action: Action, *, method: Method | None, reason: str, actor: Actor, now: datetime
) -> None:
    fee.state = next_state(State(fee.state), action)
    sign = MOVES_MONEY.get(action, 0)
    if action is Action.PAY:
        fee.receipt = _next_receipt(session, fee)
    movement = FeeMovement(
        fee_id=fee.id,
        action=action.value,
        amount_fen=sign * fee.amount_fen,
        method=method.value if sign and method else None,
        receipt=fee.receipt,
        reason=reason,
        by_id=actor.known_id,
        at=now,
    )
    session.add(movement)
    if action in (Action.REVERSE, Action.REFUND):
        fee.receipt = None
    if action is Action.CHARGE:
        fee.remittance_id = None
    fee.changed_at, fee.revision = now, fee.revision + 1
    session.flush()
    facts = {"state": fee.state, "action": action.value, "amount_fen": movement.amount_fen}
    record_fact(session, Fact("fee.changed", fee.id, owner_id=fee.student_id, facts=facts), actor=actor, now=now)


def _next_receipt(session: Session, fee: Fee) -> str:
    """Counts on under the lock of the write, so that no number is given twice or left out."""
    key = {"centre_id": fee.centre_id, "round_id": fee.round_id}
    statement = insert_into(session, FeeSerial).values(**key, last=1)
    statement = statement.on_conflict_do_update(
        index_elements=["centre_id", "round_id"], set_={"last": FeeSerial.last + 1}
    )
    serial = session.scalar(statement.returning(FeeSerial.last))
    centre, found = session.get_one(Centre, fee.centre_id), session.get_one(CaptureRound, fee.round_id)
    return receipt_number(centre_code=centre.code, round_code=found.code, serial=serial or 0)


def _last_payment(session: Session, fee: Fee) -> FeeMovement:
    query = select(FeeMovement).where(FeeMovement.fee_id == fee.id, FeeMovement.action == Action.PAY)
    return session.scalars(query.order_by(FeeMovement.id.desc()).limit(1)).one()
