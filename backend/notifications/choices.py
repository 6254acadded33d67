"""What a student chooses: which ways, where, in which language; an address is used once its code came back."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.errors import Invalid, NotFound
from backend.history.operations import happened, record_fact
from backend.history.records import HistoryEntry
from backend.history.rules import Actor, Fact
from backend.notifications.operations import Outside
from backend.notifications.records import ChannelChoice
from backend.notifications.rules import (
    Channel,
    CodeRules,
    CodeTooSoon,
    WrongCode,
    address_problem,
    code_of,
    plain_address,
)
from backend.ports import Outgoing
from backend.records import begin_write, installed_keys

ASKED = "channel.code_asked"


def ask_code(
    session: Session,
    *,
    student_id: int,
    channel: Channel,
    typed: str,
    language: str,
    rules: CodeRules,
    actor: Actor,
    now: datetime,
) -> ChannelChoice:
    """Keep an address that the student has typed and send a code to it. Until the code comes back nothing else is sent.

    Raises Invalid (problem "mail" or "phone"), CodeTooSoon.
    """
    address = plain_address(channel, typed)
    problem = address_problem(channel, address)
    if problem is not None:
        raise Invalid({"address": problem})
    begin_write(session)
    choice = _choice(session, student_id, channel)
    if choice is not None and choice.code_sent_at is not None and now - choice.code_sent_at < rules.again:
        raise CodeTooSoon(until=choice.code_sent_at + rules.again)
    day_ago = now - timedelta(days=1)
    asked = session.scalars(
        select(HistoryEntry.at)
        .where(HistoryEntry.owner_id == student_id, HistoryEntry.verb == ASKED, HistoryEntry.at > day_ago)
        .order_by(HistoryEntry.at)
    ).all()
    if len(asked) >= rules.per_day:
        raise CodeTooSoon(until=asked[-rules.per_day] + timedelta(days=1))
    if choice is None:
        choice = ChannelChoice(student_id=student_id, channel=channel.value, language=language, changed_at=now)
        session.add(choice)
    if choice.address != address:
        choice.address, choice.verified_at = address, None
    choice.language, choice.wanted, choice.problem, choice.changed_at = language, True, None, now
    choice.code_mark, choice.code_sent_at, choice.code_failures = secrets.token_hex(16), now, 0
    session.flush()
    happened(
        session, Fact(ASKED, choice.id, owner_id=student_id, facts={"channel": channel.value}), actor=actor, now=now
    )
    session.commit()
    return choice


def send_code(session: Session, *, choice_id: int, outside: Outside, now: datetime) -> bool:
    """Send the newest code of an address; False when it is not wanted any more. Raises DeliveryFailed.

    The code is made from a mark and our key when it is needed: neither the table nor a job holds it.
    """
    session.rollback()
    rules = outside.plans.code
    choice = session.get(ChannelChoice, choice_id)
    messenger = outside.messengers.get(Channel(choice.channel)) if choice is not None else None
    if choice is None or messenger is None or choice.address is None or choice.code_mark is None:
        return False
    if choice.code_sent_at is None or now - choice.code_sent_at > rules.lasts:
        return False
    code, address, language = _code(choice), choice.address, choice.language
    session.rollback()
    title, text = outside.words_of_code(language, code, rules.lasts)
    messenger.send(address=address, message=Outgoing(title=title, text=text, link="", at=now, code=code))
    return True


def give_code(
    session: Session, *, student_id: int, channel: Channel, typed: str, rules: CodeRules, actor: Actor, now: datetime
) -> None:
    """The code came back: from now on messages go there. Raises WrongCode, NotFound when none was asked for."""
    begin_write(session)
    choice = _choice(session, student_id, channel)
    if choice is None or choice.code_mark is None or choice.code_sent_at is None:
        raise NotFound(channel=channel.value)
    if now - choice.code_sent_at > rules.lasts:
        raise WrongCode(reason="old")
    if choice.code_failures >= rules.failures:
        raise WrongCode(reason="failures")
    if not secrets.compare_digest("".join(typed.split()).encode(), _code(choice).encode()):
        choice.code_failures += 1
        session.commit()
        raise WrongCode(reason="wrong")
    choice.verified_at, choice.code_mark, choice.changed_at = now, None, now
    facts = {"channel": channel.value}
    record_fact(session, Fact("channel.verified", choice.id, owner_id=student_id, facts=facts), actor=actor, now=now)
    session.commit()


def choose(
    session: Session, *, student_id: int, channel: Channel, wanted: bool, language: str, actor: Actor, now: datetime
) -> None:
    """Switch a way on or off; WeChat has no address of its own. Raises NotFound for mail or SMS without an address."""
    begin_write(session)
    choice = _choice(session, student_id, channel)
    if choice is None:
        if channel is not Channel.WECHAT:
            raise NotFound(channel=channel.value)
        choice = ChannelChoice(student_id=student_id, channel=channel.value, language=language, changed_at=now)
        session.add(choice)
    choice.wanted, choice.language, choice.changed_at = wanted, language, now
    if wanted:
        choice.problem = None
    session.flush()
    verb = "channel.switched_on" if wanted else "channel.switched_off"
    facts = {"channel": channel.value}
    record_fact(session, Fact(verb, choice.id, owner_id=student_id, facts=facts), actor=actor, now=now)
    session.commit()


def forget_address(session: Session, *, student_id: int, channel: Channel, actor: Actor, now: datetime) -> None:
    """The address is deleted, not only switched off. Raises NotFound."""
    begin_write(session)
    choice = _choice(session, student_id, channel)
    if choice is None:
        raise NotFound(channel=channel.value)
    facts = {"channel": channel.value}
    record_fact(session, Fact("channel.forgotten", choice.id, owner_id=student_id, facts=facts), actor=actor, now=now)
    session.delete(choice)
    session.commit()


def _choice(session: Session, student_id: int, channel: Channel) -> ChannelChoice | None:
    return session.scalars(
        select(ChannelChoice)
        .where(ChannelChoice.student_id == student_id, ChannelChoice.channel == channel.value)
        .with_for_update(of=ChannelChoice)
    ).one_or_none()


def _code(choice: ChannelChoice) -> str:
    text = f"{choice.channel}:{choice.address}:{choice.code_mark}"
    return code_of(installed_keys().index(text, b"channel_choice.code"))
