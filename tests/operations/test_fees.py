"""Fees, verb by verb: what each refuses by itself, and sums that agree after whatever was tried."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.capture.records import CaptureRound, CentreRoute
from backend.centres.rules import Scope
from backend.errors import DomainError, Invalid, NotAllowed, NotFound, Outdated
from backend.fees.operations import change_fee, charge_round, remit, take_payments
from backend.fees.queries import totals_of
from backend.fees.records import Fee, FeeMovement, FeeRemittance
from backend.fees.rules import Action, AlreadyRemitted, Method
from backend.history.records import HistoryEntry
from backend.history.rules import Actor, ActorKind
from tests.conftest import Clock
from tests.factories import Factory


class Desk:
    """Three students of a centre owe 30.50 yuan each; one of another centre owes as much there."""

    def __init__(self, make: Factory, session: Session, clock: Clock) -> None:
        self.session, self.clock = session, clock
        centre, elsewhere, cohort = make.centre(), make.centre(), make.cohort()
        for place in (centre, centre, centre, elsewhere):
            make.student(place, cohort_id=cohort.id)
        today = clock().date()
        found = CaptureRound(
            code="R", name="春季", opens_on=today, closes_on=today, created_at=clock(), cohorts=[cohort]
        )
        session.add(found)
        session.flush()
        for place in (centre, elsewhere):
            session.add(CentreRoute(round_id=found.id, centre_id=place.id, route="files", price_fen=3050))
        session.commit()
        self.round_id, self.centre_id, self.elsewhere_id = found.id, centre.id, elsewhere.id
        self.staff = Actor(ActorKind.STAFF, make.staff(centre=centre).id)
        for place_id in (centre.id, elsewhere.id):
            self.charge(Scope(place_id), place_id)
        self.ids = [fee.id for fee in self.fees() if fee.centre_id == centre.id]
        (self.foreign,) = (fee.id for fee in self.fees() if fee.centre_id != centre.id)

    def by_staff(self, scope: Scope | None = None) -> dict[str, Any]:
        self.session.rollback()
        return {"scope": scope or Scope(self.centre_id), "actor": self.staff, "now": self.clock()}

    def charge(self, scope: Scope, centre_id: int) -> int:
        return charge_round(self.session, **self.by_staff(scope), centre_id=centre_id, round_id=self.round_id)

    def pay(self, *ids: int, method: Method = Method.CASH) -> None:
        take_payments(self.session, **self.by_staff(), fee_ids=ids, method=method)

    def change(self, fee_id: int, action: Action, **change: Any) -> Fee:
        given: dict[str, Any] = {"method": None, "reason": "写错了", **self.by_staff()}
        given["seen_revision"] = self.session.get_one(Fee, fee_id, populate_existing=True).revision
        return change_fee(self.session, fee_id=fee_id, action=action, **(given | change))

    def remit(self, *seen: int, days: int = 0, scope: Scope | None = None) -> FeeRemittance:
        return remit(
            self.session,
            **self.by_staff(scope),
            centre_id=self.centre_id,
            round_id=self.round_id,
            seen_fees=seen,
            method=Method.TRANSFER,
            reference="",
            remitted_on=self.clock().date() + timedelta(days=days),
        )

    def fees(self) -> list[Fee]:
        self.session.rollback()
        return list(self.session.scalars(select(Fee).order_by(Fee.id)))

    def rows(self) -> tuple[int, ...]:
        """How much is written down: nothing of what is refused may be among it."""
        self.session.rollback()
        tables = (FeeMovement, FeeRemittance, HistoryEntry)
        return tuple(self.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


@pytest.fixture
def desk(make: Factory, session: Session, clock: Clock) -> Desk:
    return Desk(make, session, clock)


def test_no_centre_reaches_into_anothers_till(desk: Desk) -> None:
    elsewhere, rows = Scope(desk.elsewhere_id), desk.rows()
    with pytest.raises(NotFound):
        desk.charge(elsewhere, desk.centre_id)
    with pytest.raises(NotFound):  # one foreign fee among them stops all
        desk.pay(desk.ids[0], desk.foreign)
    with pytest.raises(NotFound):
        desk.change(desk.foreign, Action.WAIVE)
    with pytest.raises(NotFound):
        desk.remit(scope=elsewhere)
    assert desk.rows() == rows


def test_a_payment_is_of_somebody_who_owes(desk: Desk) -> None:
    with pytest.raises(Invalid):
        desk.pay()
    desk.pay(desk.ids[0])
    rows = desk.rows()
    with pytest.raises(NotAllowed):  # the second has paid: neither is written down
        desk.pay(desk.ids[1], desk.ids[0])
    with pytest.raises(NotFound):
        desk.pay(desk.ids[1], 999)
    assert desk.rows() == rows


def test_a_change_says_why_and_how_and_comes_from_a_fresh_page(desk: Desk) -> None:
    desk.pay(desk.ids[0])
    rows = desk.rows()
    tries: tuple[tuple[Action, dict[str, Any], type[DomainError]], ...] = (
        (Action.REFUND, {"method": Method.CASH, "reason": " "}, Invalid),
        (Action.REFUND, {"method": None}, Invalid),
        (Action.REFUND, {"method": Method.CASH, "reason": "x" * 201}, Invalid),
        (Action.REFUND, {"method": Method.CASH, "seen_revision": 1}, Outdated),
        (Action.WAIVE, {}, NotAllowed),  # it is paid
    )
    for action, change, refused in tries:
        with pytest.raises(refused):
            desk.change(desk.ids[0], action, **change)
    assert desk.rows() == rows


def test_only_the_payments_that_were_on_the_page_go_to_the_unit_and_none_is_unwritten_then(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        desk.remit()
    first, second, third = desk.ids
    desk.pay(first, second)
    rows = desk.rows()
    for seen in ((first,), (first, second, third)):
        with pytest.raises(Outdated):
            desk.remit(*seen)
    with pytest.raises(Invalid):
        desk.remit(first, second, days=1)
    assert desk.rows() == rows
    assert desk.remit(first, second).amount_fen == 6100
    with pytest.raises(AlreadyRemitted):
        desk.change(first, Action.REVERSE, method=Method.CASH)
    desk.change(first, Action.REFUND, method=Method.CASH)
    here = {"scope": Scope(desk.centre_id), "centre_id": desk.centre_id, "round_id": desk.round_id}
    sums = totals_of(desk.session, **here)
    assert (sums.balanced, sums.in_hand, sums.remitted) == (True, -3050, 6100), "the unit owes one"


def test_a_payment_that_is_unwritten_goes_out_the_way_it_came_in(desk: Desk) -> None:
    desk.pay(desk.ids[0], method=Method.TRANSFER)
    desk.change(desk.ids[0], Action.REVERSE, method=Method.CASH)
    ways = [(row.amount_fen, row.method) for row in desk.session.scalars(select(FeeMovement).order_by(FeeMovement.id))]
    assert ways == [(3050, "transfer"), (-3050, "transfer")]
