"""Telling people: the inbox at once, the chosen ways out of the house by the plans."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.errors import NotFound
from backend.follow_ups import deliver_job
from backend.history.operations import record_fact
from backend.history.records import HistoryEntry
from backend.history.rules import Actor, Fact
from backend.notifications.queries import address_of, chosen_channels
from backend.notifications.records import ChannelChoice, Delivery, Message
from backend.notifications.rules import (
    DELIVERY_TRANSITIONS,
    Channel,
    DeliveryAction,
    DeliveryState,
    Plan,
    Plans,
    after_trouble,
    channels_to_use,
    due_at,
    skip_reason,
)
from backend.photos.records import Decision
from backend.ports import DeliveryFailed, JobQueue, Messenger, Outgoing
from backend.records import begin_write

# facts of the history that the words of a message may use
SHOWN_FACTS = ("version", "verdict", "reasons", "state", "decision", "until")


@dataclass(frozen=True)
class Outside:
    """What leads out of the house: the ways that are switched on, the plans, and the words of a message."""

    messengers: Mapping[Channel, Messenger]
    plans: Plans
    words: Callable[[str, Mapping[str, Any], str], tuple[str, str, str]]  # kind, facts, language -> title, text, foot
    words_of_code: Callable[[str, str, timedelta], tuple[str, str]]  # language, code, how long it is good
    link: str  # address of the inbox; empty when nobody has said where this site is


def tell_student(
    session: Session, *, student_id: int, message: str, entry_id: int, outside: Outside, now: datetime
) -> bool:
    """Put the message about one history entry into the student's inbox, once, and set off what follows it outside.

    False when nothing was to be told: a decision that was taken back before it was told is not told.
    """
    begin_write(session)
    told = session.scalar(select(Message.id).where(Message.entry_id == entry_id)) is not None
    entry = session.get_one(HistoryEntry, entry_id)
    decision_id = entry.facts.get("decision")
    decision = session.get(Decision, decision_id) if decision_id is not None else None
    if told or (decision is not None and decision.undone_at is not None):
        session.rollback()
        return False
    facts = {name: entry.facts[name] for name in SHOWN_FACTS if name in entry.facts}
    added = Message(student_id=student_id, kind=message, entry_id=entry_id, facts=facts, created_at=now)
    session.add(added)
    session.flush()
    plan = outside.plans.messages[message]
    chosen = chosen_channels(session, student_id) & set(outside.messengers)
    for channel in channels_to_use(plan, chosen):
        _set_off(session, added, channel, plan, outside.plans, now)
    session.commit()
    return True


def deliver(session: Session, *, delivery_id: int, outside: Outside, now: datetime) -> DeliveryState | None:
    """Send one message by its channel, unless it is not needed any more. Gives the state; None when there is no such.

    The attempt is counted before the line is opened: a worker that dies in between may send once more, not for ever.
    """
    begin_write(session)
    delivery = session.get(Delivery, delivery_id, with_for_update={"of": Delivery})
    if delivery is None:
        return None
    if delivery.state != DeliveryState.WAITING or delivery.due_at > now:
        state = DeliveryState(delivery.state)
        session.rollback()
        return state
    channel, message = Channel(delivery.channel), delivery.message
    plan = outside.plans.messages[message.kind]
    messenger = outside.messengers.get(channel)
    address = address_of(session, message.student_id, channel)
    reason = skip_reason(
        plan,
        told_at=message.created_at,
        read=message.read_at is not None,
        chosen=address is not None and messenger is not None,
        last_sent=_last_sent(session, message, channel),
        now=now,
    )
    if reason is not None or address is None or messenger is None:
        _move(delivery, DeliveryAction.SKIP, reason, now)
        session.commit()
        return DeliveryState.SKIPPED
    later = due_at(plan, outside.plans, now)
    if later > now:  # the calm hours have begun while it waited
        delivery.due_at = later
        _enqueue(session, delivery)
        session.commit()
        return DeliveryState.WAITING
    delivery.attempts += 1
    language = _language(session, message.student_id, channel)
    session.commit()
    title, text, foot = outside.words(message.kind, message.facts, language)
    failure: DeliveryFailed | None = None
    outgoing = Outgoing(title=title, text=text, link=outside.link, at=message.created_at, foot=foot)
    try:
        messenger.send(address=address, message=outgoing)
    except DeliveryFailed as error:
        failure = error
    return _note_outcome(session, delivery_id, failure, outside=outside, now=now)


def revive_delivery(session: Session, *, delivery_id: int, actor: Actor, now: datetime) -> None:
    """Staff have removed the cause: a message that was given up is tried again, with a fresh count."""
    begin_write(session)
    delivery = session.get(Delivery, delivery_id, with_for_update={"of": Delivery})
    if delivery is None or delivery.state != DeliveryState.DEAD:
        raise NotFound(delivery=delivery_id)
    _revive(session, delivery, actor, now)
    session.commit()


def revive_deliveries(session: Session, *, channel: Channel, reason: str, actor: Actor, now: datetime) -> int:
    """The same for all that were given up by one way for one reason. Gives their number; 0 when another was quicker."""
    begin_write(session)
    dead = session.scalars(
        select(Delivery)
        .where(
            Delivery.state == DeliveryState.DEAD.value,
            Delivery.channel == channel.value,
            func.coalesce(Delivery.reason, "") == reason,
        )
        .order_by(Delivery.id)
        .with_for_update(of=Delivery)
    ).all()
    for delivery in dead:
        _revive(session, delivery, actor, now)
    session.commit()
    return len(dead)


def mark_read(session: Session, *, student_id: int, now: datetime) -> None:
    """The student has opened the inbox."""
    begin_write(session)
    unread = select(Message).where(Message.student_id == student_id, Message.read_at.is_(None))
    for message in session.scalars(unread):
        message.read_at = now
    session.commit()


def _note_outcome(
    session: Session, delivery_id: int, failure: DeliveryFailed | None, *, outside: Outside, now: datetime
) -> DeliveryState:
    begin_write(session)
    delivery = session.get_one(Delivery, delivery_id, with_for_update={"of": Delivery})
    message = delivery.message
    if failure is None:
        _move(delivery, DeliveryAction.SEND, None, now)
    else:
        action, again = after_trouble(outside.plans, attempts=delivery.attempts, for_good=failure.for_good, now=now)
        _move(delivery, action, failure.reason, now)
        if action is DeliveryAction.FAIL:
            delivery.due_at = again
            _enqueue(session, delivery)
        else:
            _after_giving_up(session, message, delivery, failure, outside, now)
    session.commit()
    return DeliveryState(delivery.state)


def _after_giving_up(
    session: Session, message: Message, delivery: Delivery, failure: DeliveryFailed, outside: Outside, now: datetime
) -> None:
    """The next chosen way takes over; an address that refuses us is shown to its owner."""
    if failure.address:
        choice = _choice(session, message.student_id, Channel(delivery.channel))
        if choice is not None:
            choice.problem = failure.reason
    plan = outside.plans.messages[message.kind]
    tried = {
        Channel(name) for name in session.scalars(select(Delivery.channel).where(Delivery.message_id == message.id))
    }
    if plan.reach == "first":
        chosen = chosen_channels(session, message.student_id) & set(outside.messengers)
        for channel in channels_to_use(plan, chosen, tried):
            _set_off(session, message, channel, plan, outside.plans, now)


def _set_off(session: Session, message: Message, channel: Channel, plan: Plan, plans: Plans, now: datetime) -> None:
    delivery = Delivery(
        message_id=message.id,
        channel=channel.value,
        state=DeliveryState.WAITING.value,
        due_at=due_at(plan, plans, now),
        created_at=now,
    )
    session.add(delivery)
    session.flush()
    _enqueue(session, delivery)


def _revive(session: Session, delivery: Delivery, actor: Actor, now: datetime) -> None:
    _move(delivery, DeliveryAction.REVIVE, None, now)
    delivery.attempts, delivery.due_at = 0, now
    facts = {"channel": delivery.channel}
    record_fact(session, Fact("delivery.revived", delivery.id, facts=facts), actor=actor, now=now)
    _enqueue(session, delivery)


def _enqueue(session: Session, delivery: Delivery) -> None:
    job = deliver_job(delivery.id)
    queue: JobQueue = session.info["queue"]
    queue.enqueue(session, kind=job.kind, payload=job.payload, run_at=delivery.due_at, key=job.key)


def _move(delivery: Delivery, action: DeliveryAction, reason: str | None, now: datetime) -> None:
    state = DELIVERY_TRANSITIONS[DeliveryState(delivery.state), action]
    delivery.state, delivery.reason = state.value, reason
    delivery.ended_at = None if state is DeliveryState.WAITING else now


def _last_sent(session: Session, message: Message, channel: Channel) -> datetime | None:
    return session.scalar(
        select(Delivery.ended_at)
        .join(Message, Message.id == Delivery.message_id)
        .where(
            Message.student_id == message.student_id,
            Message.kind == message.kind,
            Message.id != message.id,
            Delivery.channel == channel.value,
            Delivery.state == DeliveryState.SENT.value,
        )
        .order_by(Delivery.ended_at.desc())
        .limit(1)
    )


def _choice(session: Session, student_id: int, channel: Channel) -> ChannelChoice | None:
    return session.scalars(
        select(ChannelChoice).where(ChannelChoice.student_id == student_id, ChannelChoice.channel == channel.value)
    ).one_or_none()


def _language(session: Session, student_id: int, channel: Channel) -> str:
    choice = _choice(session, student_id, channel)
    return choice.language if choice is not None else "zh-CN"
