"""The life of a fee, and sums that must balance. Pure. Amounts are in 分 (fen)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from backend.errors import DomainError, NotAllowed


class State(StrEnum):
    """Where the fee of one student in one round stands. There are no part payments: a photo has one price."""

    OWED = "owed"  # to be paid
    PAID = "paid"  # the centre has it, or has handed it on
    REFUNDED = "refunded"  # paid and given back
    WAIVED = "waived"  # nothing is to be paid


class Action(StrEnum):
    PAY = "pay"
    REVERSE = "reverse"  # a payment was written down by mistake: no money came
    REFUND = "refund"  # money goes back to the student
    WAIVE = "waive"
    CHARGE = "charge"  # it is to be paid after all


TRANSITIONS: dict[tuple[State, Action], State] = {
    (State.OWED, Action.PAY): State.PAID,
    (State.OWED, Action.WAIVE): State.WAIVED,
    (State.PAID, Action.REVERSE): State.OWED,
    (State.PAID, Action.REFUND): State.REFUNDED,
    (State.WAIVED, Action.CHARGE): State.OWED,
    (State.REFUNDED, Action.CHARGE): State.OWED,
}

NEEDS_REASON = frozenset({Action.REVERSE, Action.REFUND, Action.WAIVE, Action.CHARGE})
MOVES_MONEY = {Action.PAY: 1, Action.REVERSE: -1, Action.REFUND: -1}  # the sign of the amount in the centre's hands
MAX_REASON = 200


class Method(StrEnum):
    CASH = "cash"
    TRANSFER = "transfer"


class AlreadyRemitted(DomainError):
    """The money has gone to the unit: a payment cannot be unwritten, only refunded. facts: fee."""

    code = "already_remitted"


def next_state(state: State, action: Action) -> State:
    """Raises NotAllowed when the state forbids the action."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise NotAllowed(state=state.value, action=action.value) from None


def reason_problem(action: Action, reason: str) -> str | None:
    """Why the words beside an action cannot be taken."""
    if action in NEEDS_REASON and len(reason.strip()) < 2:
        return "reason_needed"
    return "too_long" if len(reason) > MAX_REASON else None


def receipt_number(*, centre_code: str, round_code: str, serial: int) -> str:
    """The number on a receipt: one row of numbers for each centre and round, without gaps."""
    return f"{centre_code}-{round_code}-{serial:04d}"


@dataclass(frozen=True)
class Line:
    """One fee as sums need it. remitted: its payment stands on a list that went to the unit."""

    amount: int
    state: State
    remitted: bool


@dataclass(frozen=True)
class Movement:
    """One movement of money: positive into the centre's hands, negative out of them."""

    amount: int
    method: Method


@dataclass(frozen=True)
class Totals:
    """Sums of one centre and round, in 分.

    owed, paid, refunded, waived: by state of the fees. cash, transfer: what the movements say came in, less what went
    back. remitted: what went to the unit. in_hand: cash + transfer - remitted; below zero when a remitted fee was
    refunded and the unit owes it to the centre.
    """

    owed: int = 0
    paid: int = 0
    refunded: int = 0
    waived: int = 0
    cash: int = 0
    transfer: int = 0
    remitted: int = 0
    people: int = 0

    @property
    def in_hand(self) -> int:
        return self.cash + self.transfer - self.remitted

    @property
    def balanced(self) -> bool:
        """What the fees say was paid is what the movements say came in."""
        return self.paid == self.cash + self.transfer


def totals(lines: Iterable[Line], movements: Iterable[Movement], remittances: Iterable[int]) -> Totals:
    """Sums over fees, movements of money, and the amounts of the lists that went to the unit."""
    by_state = dict.fromkeys(State, 0)
    people = 0
    for line in lines:
        by_state[line.state] += line.amount
        people += 1
    by_method = dict.fromkeys(Method, 0)
    for movement in movements:
        by_method[movement.method] += movement.amount
    return Totals(
        owed=by_state[State.OWED],
        paid=by_state[State.PAID],
        refunded=by_state[State.REFUNDED],
        waived=by_state[State.WAIVED],
        cash=by_method[Method.CASH],
        transfer=by_method[Method.TRANSFER],
        remitted=sum(remittances),
        people=people,
    )


def remittance_problems(*, reference: str, remitted_on: date | None, today: date) -> dict[str, str]:
    """Why a hand-over to the unit cannot be written down, by field."""
    problems: dict[str, str] = {}
    if remitted_on is None:
        problems["remitted_on"] = "date_needed"
    elif remitted_on > today:
        problems["remitted_on"] = "date_future"
    if len(reference) > 80:
        problems["reference"] = "too_long"
    return problems
