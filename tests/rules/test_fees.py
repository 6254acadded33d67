"""Fees: what may follow what, and sums that balance whatever happens."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import NotAllowed
from backend.fees.rules import (
    MOVES_MONEY,
    TRANSITIONS,
    Action,
    Line,
    Method,
    Movement,
    State,
    Totals,
    next_state,
    reason_problem,
    receipt_number,
    remittance_problems,
    totals,
)


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("action", list(Action))
def test_every_pair_of_state_and_action_is_decided(state: State, action: Action) -> None:
    if (state, action) in TRANSITIONS:
        assert next_state(state, action) is TRANSITIONS[state, action]
    else:
        with pytest.raises(NotAllowed):
            next_state(state, action)


def test_money_moves_only_into_and_out_of_paid() -> None:
    for (before, action), after in TRANSITIONS.items():
        sign = (after is State.PAID) - (before is State.PAID)
        assert MOVES_MONEY.get(action, 0) == sign


@given(
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from(list(Action)), st.sampled_from(list(Method))), max_size=40)
)
def test_sums_balance_whatever_is_done(deeds: list[tuple[int, Action, Method]]) -> None:
    price = 3050
    states = dict.fromkeys(range(6), State.OWED)
    moves: list[Movement] = []
    for who, action, method in deeds:
        if (states[who], action) not in TRANSITIONS:
            continue
        states[who] = TRANSITIONS[states[who], action]
        if sign := MOVES_MONEY.get(action, 0):
            moves.append(Movement(sign * price, method))
    sums = totals([Line(price, state, False) for state in states.values()], moves, [])
    assert sums.balanced
    assert sums.in_hand == sums.paid
    assert sums.owed + sums.paid + sums.refunded + sums.waived == price * 6


def test_what_went_to_the_unit_is_not_in_hand_and_a_later_refund_is_owed_by_it() -> None:
    paid = [Line(3000, State.PAID, True), Line(3000, State.PAID, False)]
    money = [Movement(3000, Method.CASH), Movement(3000, Method.TRANSFER)]
    assert totals(paid, money, [3000]).in_hand == 3000
    back = [*money, Movement(-3000, Method.CASH), Movement(-3000, Method.CASH)]
    gone = totals([Line(3000, State.REFUNDED, True), Line(3000, State.REFUNDED, False)], back, [3000])
    assert (gone.balanced, gone.in_hand) == (True, -3000)


def test_a_story_that_does_not_agree_is_seen() -> None:
    assert not totals([Line(3000, State.PAID, False)], [], []).balanced
    assert Totals().balanced


def test_words_are_asked_for_where_somebody_will_ask_later() -> None:
    assert reason_problem(Action.PAY, "") is None
    assert [reason_problem(action, " ") for action in (Action.REFUND, Action.WAIVE)] == ["reason_needed"] * 2
    assert reason_problem(Action.REFUND, "重复采集") is None
    assert reason_problem(Action.PAY, "长" * 201) == "too_long"


def test_a_hand_over_has_a_day_that_is_not_in_the_future() -> None:
    today = date(2026, 11, 24)
    assert remittance_problems(reference="", remitted_on=today, today=today) == {}
    assert remittance_problems(reference="", remitted_on=None, today=today) == {"remitted_on": "date_needed"}
    late = remittance_problems(reference="9" * 81, remitted_on=date(2026, 11, 25), today=today)
    assert late == {"remitted_on": "date_future", "reference": "too_long"}


def test_receipts_count_on_within_centre_and_round() -> None:
    assert receipt_number(centre_code="FZ01", round_code="2027C", serial=7) == "FZ01-2027C-0007"
