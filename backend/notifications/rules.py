"""Who is told by which way, when, and how often at most: config/messages.toml, and the life of a delivery. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Literal
from zoneinfo import ZoneInfo

from backend.errors import DomainError


class Channel(StrEnum):
    """The ways out of the house. The inbox is no channel: it holds everything."""

    WECHAT = "wechat"
    MAIL = "mail"
    SMS = "sms"


class DeliveryState(StrEnum):
    WAITING = "waiting"  # to be sent at due_at, for the first time or again
    SENT = "sent"  # the channel has taken it; whether the person reads it nobody knows
    SKIPPED = "skipped"  # not needed any more: read, switched off, too soon, too late
    DEAD = "dead"  # given up; staff see it and may try again


class DeliveryAction(StrEnum):
    SEND = "send"
    FAIL = "fail"  # for now
    GIVE_UP = "give_up"
    SKIP = "skip"
    REVIVE = "revive"  # by staff


DELIVERY_TRANSITIONS: dict[tuple[DeliveryState, DeliveryAction], DeliveryState] = {
    (DeliveryState.WAITING, DeliveryAction.SEND): DeliveryState.SENT,
    (DeliveryState.WAITING, DeliveryAction.FAIL): DeliveryState.WAITING,
    (DeliveryState.WAITING, DeliveryAction.GIVE_UP): DeliveryState.DEAD,
    (DeliveryState.WAITING, DeliveryAction.SKIP): DeliveryState.SKIPPED,
    (DeliveryState.DEAD, DeliveryAction.REVIVE): DeliveryState.WAITING,
}


@dataclass(frozen=True)
class Plan:
    """One message of config/messages.toml with its manner."""

    why: str
    channels: tuple[Channel, ...]
    reach: Literal["first", "all"]
    waits_for_day: bool
    pause: timedelta
    keep: timedelta


@dataclass(frozen=True)
class CodeRules:
    """How verification codes are handled."""

    lasts: timedelta
    failures: int
    again: timedelta
    per_day: int


@dataclass(frozen=True)
class Plans:
    """The whole table."""

    messages: Mapping[str, Plan]
    calm_from: time
    calm_until: time
    zone: ZoneInfo
    most_attempts: int
    first_wait: timedelta
    longest_wait: timedelta
    code: CodeRules


def read_plans(data: Mapping[str, Any]) -> Plans:
    """From the parsed TOML. Raises KeyError or ValueError for a table that cannot be used."""
    calm, attempts, code = data["calm"], data["attempts"], data["code"]
    return Plans(
        messages={name: _plan(name, table, data["manner"]) for name, table in data["message"].items()},
        calm_from=time.fromisoformat(calm["from"]),
        calm_until=time.fromisoformat(calm["until"]),
        zone=ZoneInfo(calm["zone"]),
        most_attempts=attempts["most"],
        first_wait=timedelta(seconds=attempts["first_wait_seconds"]),
        longest_wait=timedelta(minutes=attempts["longest_wait_minutes"]),
        code=CodeRules(
            timedelta(minutes=code["minutes"]),
            code["failures"],
            timedelta(seconds=code["again_seconds"]),
            code["per_day"],
        ),
    )


def _plan(name: str, table: Mapping[str, Any], manners: Mapping[str, Mapping[str, Any]]) -> Plan:
    manner = manners[table["manner"]]
    if set(table) != {"manner", "why"} or set(manner) != {"channels", "reach", "calm", "pause_hours", "keep_days"}:
        raise ValueError(f"messages.toml, {name}: {sorted(table)} {sorted(manner)}")
    if manner["reach"] not in ("first", "all") or manner["calm"] not in ("wait", "send"):
        raise ValueError(f"messages.toml, {name}: reach or calm")
    return Plan(
        why=table["why"],
        channels=tuple(Channel(channel) for channel in manner["channels"]),
        reach=manner["reach"],
        waits_for_day=manner["calm"] == "wait",
        pause=timedelta(hours=manner["pause_hours"]),
        keep=timedelta(days=manner["keep_days"]),
    )


def channels_to_use(plan: Plan, chosen: Collection[Channel], tried: Collection[Channel] = ()) -> tuple[Channel, ...]:
    """The channels by which a message goes out now. tried: those that have failed for good, or have it already."""
    left = tuple(channel for channel in plan.channels if channel in chosen and channel not in tried)
    return left[:1] if plan.reach == "first" else left


def due_at(plan: Plan, plans: Plans, now: datetime) -> datetime:
    """Now, or the end of the calm hours where the message can wait for it."""
    local = now.astimezone(plans.zone)
    begin, end = plans.calm_from, plans.calm_until
    clock = local.time()
    over_midnight = begin > end
    calm = clock >= begin or clock < end if over_midnight else begin <= clock < end
    if not plan.waits_for_day or not calm:
        return now
    day = local.date() + timedelta(days=1) if over_midnight and clock >= begin else local.date()
    return datetime.combine(day, end, plans.zone)


def skip_reason(
    plan: Plan, *, told_at: datetime, read: bool, chosen: bool, last_sent: datetime | None, now: datetime
) -> str | None:
    """Why a message is not sent after all; None when it is.

    last_sent: when the same kind last went to the same person by the same channel.
    """
    if read:
        return "read"
    if not chosen:
        return "not_chosen"
    if now - told_at > plan.keep:
        return "too_late"
    if last_sent is not None and now - last_sent < plan.pause:
        return "too_soon"
    return None


def after_trouble(plans: Plans, *, attempts: int, for_good: bool, now: datetime) -> tuple[DeliveryAction, datetime]:
    """What follows the `attempts`-th attempt that failed, and when: the wait doubles each time."""
    if for_good or attempts >= plans.most_attempts:
        return DeliveryAction.GIVE_UP, now
    return DeliveryAction.FAIL, now + min(plans.first_wait * 2 ** (attempts - 1), plans.longest_wait)


class Cause(StrEnum):
    """Why a message did not arrive, as far as it changes what staff do about it."""

    ADDRESS = "address"  # the person's own: wrong, gone, or refuses us; the person is shown it
    NO_WAY = "no_way"  # does not follow the account and has allowed no message
    RIGHTS = "rights"  # our account may not, or the secret is wrong
    SIGN_IN = "sign_in"  # the mail server does not know our name and password
    QUOTA = "quota"  # too many in a day
    MONEY = "money"  # the provider's account is empty
    SILENT = "silent"  # no answer, a broken one, or "later"
    REFUSED = "refused"  # the other side takes no such message


# the first that fits; the reasons are written by the messengers
CAUSES: tuple[tuple[str, Cause], ...] = (
    (r"wechat_(not_permitted|40003|43004|43101)", Cause.NO_WAY),
    (r"wechat_(45009|45011|too_often)|sms_(429|business_limit_control|day_limit_control)", Cause.QUOTA),
    (r"wechat_(-1|busy)", Cause.SILENT),
    (r"wechat_.*", Cause.RIGHTS),
    (r"mail_sign_in_.*", Cause.SIGN_IN),
    (r"mail_(550|551|553|521|556)|sms_(mobile_number_illegal|black_key_control_limit|mobile_in_black)", Cause.ADDRESS),
    (r"sms_amount_not_enough", Cause.MONEY),
    (r"mail_5\d\d|sms_4\d\d", Cause.REFUSED),
    (r"mail_.*|sms_(5\d\d|broken_answer|system_error|[A-Z].*)", Cause.SILENT),
)


def cause_of(reason: str | None) -> Cause:
    """From the code that a delivery keeps; one that nobody knows is a refusal."""
    return next((cause for form, cause in CAUSES if re.fullmatch(form, reason or "")), Cause.REFUSED)


class WrongCode(DomainError):
    """Not the code that was sent, or too late; facts: reason ("wrong", "old", "failures")."""

    code = "wrong_code"


class CodeTooSoon(DomainError):
    """A fresh code was asked for too soon, or too often today; facts: until (aware time)."""

    code = "code_too_soon"


MAIL = re.compile(r"[^@\s,;:<>\"()\[\]\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
PHONE = re.compile(r"1[3-9]\d{9}")


def address_problem(channel: Channel, address: str) -> str | None:
    """Why nothing can be sent to this address; None when it can be tried. The code that comes back is the proof."""
    if channel is Channel.SMS:
        return None if PHONE.fullmatch(address) else "phone"
    usable = MAIL.fullmatch(address) and "." in address.rpartition("@")[2] and ".." not in address
    return None if usable and len(address) <= 254 and address.isascii() else "mail"


def plain_address(channel: Channel, typed: str) -> str:
    """An address as it was meant: without spaces, a phone number without +86 and strokes."""
    typed = "".join(typed.split())
    if channel is Channel.SMS:
        typed = typed.replace("-", "")
        return typed.removeprefix("+86").removeprefix("0086")
    return typed


def masked_address(channel: Channel, address: str) -> str:
    """An address as its owner recognises it: 138****0000, l***@example.edu.cn."""
    if channel is Channel.SMS:
        return f"{address[:3]}****{address[-4:]}"
    name, _, host = address.partition("@")
    return f"{name[:1]}***@{host}"


def code_of(mark: bytes) -> str:
    """The six digits of a verification code from 16 secret bytes."""
    return f"{int.from_bytes(mark, 'big') % 10**6:06d}"
