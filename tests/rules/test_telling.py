"""The plans of config/messages.toml, calm hours, repetition, back-off, codes and addresses."""

from __future__ import annotations

import itertools
import tomllib
from datetime import UTC, datetime, timedelta

import pytest

from backend.adapters.messengers import ALIYUN_ADDRESS, NO_SUCH_MAILBOX
from backend.notifications.rules import (
    Cause,
    Channel,
    DeliveryAction,
    Plan,
    Plans,
    address_problem,
    after_trouble,
    cause_of,
    channels_to_use,
    code_of,
    due_at,
    masked_address,
    plain_address,
    read_plans,
    skip_reason,
)
from backend.settings import PROJECT

W, M, S = Channel.WECHAT, Channel.MAIL, Channel.SMS
TABLE = tomllib.loads((PROJECT / "config" / "messages.toml").read_text())
PLANS: Plans = read_plans(TABLE)
NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)  # 12:00 in China


def local(hour: int, minute: int = 0, day: int = 2) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=PLANS.zone)


def test_the_table_says_for_every_message_why_somebody_is_disturbed() -> None:
    assert all(len(plan.why) > 15 for plan in PLANS.messages.values())


def test_what_nobody_waits_for_costs_no_text_message() -> None:
    assert all(S not in plan.channels for plan in PLANS.messages.values() if plan.keep < timedelta(days=2))
    assert PLANS.messages["photo_submitted"].channels == ()


@pytest.mark.parametrize(
    "broken",
    [
        {"manner": "loud", "why": "x"},
        {"manner": "decision"},
        {"manner": "decision", "why": "x", "channels": ["pigeon"]},
    ],
)
def test_a_table_that_cannot_be_used_stops_the_start(broken: dict[str, str]) -> None:
    with pytest.raises((KeyError, ValueError)):
        read_plans({**TABLE, "message": {"photo_accepted": broken}})


@pytest.mark.parametrize(
    ("key", "value"), [("channels", ["pigeon"]), ("reach", "some"), ("calm", "loud"), ("hurry", True)]
)
def test_a_manner_that_nobody_knows_stops_the_start(key: str, value: object) -> None:
    manners = {**TABLE["manner"], "decision": {**TABLE["manner"]["decision"], key: value}}
    with pytest.raises((KeyError, ValueError)):
        read_plans({**TABLE, "manner": manners})


@pytest.mark.parametrize("chosen", [c for n in range(4) for c in itertools.combinations(Channel, n)], ids="+".join)
def test_by_the_first_chosen_way_or_by_all(chosen: tuple[Channel, ...]) -> None:
    first, everyone = PLANS.messages["photo_returned"], PLANS.messages["last_day_near"]
    assert channels_to_use(first, chosen) == tuple(c for c in (W, M, S) if c in chosen)[:1]
    assert channels_to_use(everyone, chosen) == tuple(c for c in (W, M, S) if c in chosen)
    assert channels_to_use(PLANS.messages["photo_submitted"], chosen) == ()


def test_the_next_way_takes_over_and_nothing_is_tried_twice() -> None:
    plan = PLANS.messages["photo_returned"]
    assert channels_to_use(plan, {W, M, S}, {W}) == (M,)
    assert channels_to_use(plan, {W, M, S}, {W, M}) == (S,)
    assert channels_to_use(plan, {W, M, S}, {W, M, S}) == ()


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (local(12), local(12)),
        (local(21, 29), local(21, 29)),
        (local(21, 30), local(8, day=3)),
        (local(23, 59), local(8, day=3)),
        (local(0, 0), local(8)),
        (local(7, 59), local(8)),
        (local(8), local(8)),
    ],
)
def test_calm_hours_end_in_the_morning(now: datetime, then: datetime) -> None:
    assert due_at(PLANS.messages["photo_returned"], PLANS, now) == then
    assert due_at(PLANS.messages["account_activated"], PLANS, now) == now  # a warning wakes people up


def plan(**changes: object) -> Plan:
    values = {"why": "", "channels": (W,), "reach": "first", "waits_for_day": True}
    return Plan(**{**values, "pause": timedelta(hours=20), "keep": timedelta(days=2), **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({}, None),
        ({"read": True}, "read"),
        ({"chosen": False}, "not_chosen"),
        ({"told_at": NOON - timedelta(days=2, seconds=1)}, "too_late"),
        ({"told_at": NOON - timedelta(days=2)}, None),
        ({"last_sent": NOON - timedelta(hours=19)}, "too_soon"),
        ({"last_sent": NOON - timedelta(hours=20)}, None),
        ({"read": True, "last_sent": NOON}, "read"),
    ],
)
def test_why_a_message_is_not_sent_after_all(facts: dict[str, object], reason: str | None) -> None:
    honest = {"told_at": NOON, "read": False, "chosen": True, "last_sent": None, "now": NOON}
    assert skip_reason(plan(), **{**honest, **facts}) == reason  # type: ignore[arg-type]


def test_the_wait_doubles_up_to_a_bound_and_then_a_person_looks() -> None:
    waits = []
    for attempt in range(1, 6):
        action, again = after_trouble(PLANS, attempts=attempt, for_good=False, now=NOON)
        assert action is DeliveryAction.FAIL
        waits.append((again - NOON).total_seconds())
    assert waits == [60, 120, 240, 480, 960]
    assert after_trouble(PLANS, attempts=6, for_good=False, now=NOON)[0] is DeliveryAction.GIVE_UP
    assert after_trouble(PLANS, attempts=1, for_good=True, now=NOON)[0] is DeliveryAction.GIVE_UP


@pytest.mark.parametrize(
    ("channel", "typed", "problem"),
    [
        (M, "lin@example.edu.cn", None),
        (M, "lin.xiao+a@mail.example.com", None),
        (M, "lin@example", "mail"),
        (M, "lin", "mail"),
        (M, "lin@exa mple.com", None),  # spaces are typing
        (M, "林@example.com", "mail"),
        (M, "a@b..cn", "mail"),
        (M, "a@b.cn,c@d.cn", "mail"),
        (M, "a@b.cn\r\nBcc: c@d.cn", "mail"),
        (M, "<a@b.cn>", "mail"),
        (M, "x" * 250 + "@b.cn", "mail"),
        (S, "13800000000", None),
        (S, "+86 138-0000-0000", None),
        (S, "12800000000", "phone"),
        (S, "1380000000", "phone"),
        (S, "１３８００００００００", "phone"),
    ],
)
def test_an_address_that_can_be_tried(channel: Channel, typed: str, problem: str | None) -> None:
    assert address_problem(channel, plain_address(channel, typed)) == problem


def test_an_address_is_shown_so_that_only_its_owner_knows_it() -> None:
    assert masked_address(S, "13800001234") == "138****1234"
    assert masked_address(M, "lin@example.edu.cn") == "l***@example.edu.cn"


def test_a_code_has_six_digits() -> None:
    assert code_of(bytes(16)) == "000000"
    assert code_of(bytes(15) + b"\x07") == "000007"


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("wechat_not_permitted", Cause.NO_WAY),
        ("wechat_43004", Cause.NO_WAY),
        ("wechat_48001", Cause.RIGHTS),
        ("wechat_40001", Cause.RIGHTS),
        ("wechat_45009", Cause.QUOTA),
        ("wechat_too_often", Cause.QUOTA),
        ("wechat_busy", Cause.SILENT),
        ("wechat_-1", Cause.SILENT),
        ("mail_sign_in_535", Cause.SIGN_IN),
        ("mail_550", Cause.ADDRESS),
        ("mail_554", Cause.REFUSED),
        ("mail_421", Cause.SILENT),
        ("mail_ConnectionRefusedError", Cause.SILENT),
        ("sms_500", Cause.SILENT),
        ("sms_broken_answer", Cause.SILENT),
        ("sms_ConnectTimeout", Cause.SILENT),
        ("sms_429", Cause.QUOTA),
        ("sms_business_limit_control", Cause.QUOTA),
        ("sms_amount_not_enough", Cause.MONEY),
        ("sms_mobile_number_illegal", Cause.ADDRESS),
        ("sms_400", Cause.REFUSED),
        ("sms_template_missing_parameters", Cause.REFUSED),
        (None, Cause.REFUSED),
    ],
)
def test_the_code_of_a_failure_says_what_staff_do_about_it(reason: str | None, cause: Cause) -> None:
    assert cause_of(reason) is cause


def test_every_code_that_means_the_address_is_read_as_one() -> None:
    """The messengers and this table name the same codes."""
    reasons = {f"mail_{code}" for code in NO_SUCH_MAILBOX}
    reasons |= {f"sms_{code.rpartition('.')[2].lower()[:35]}" for code in ALIYUN_ADDRESS}
    assert {cause_of(reason) for reason in reasons} == {Cause.ADDRESS}
