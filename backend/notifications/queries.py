"""The inbox, the chosen ways and what went out, for screens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.notifications.records import ChannelChoice, Delivery, Message
from backend.notifications.rules import Cause, Channel, DeliveryState, cause_of
from backend.wechat.queries import openid_of_student


def inbox(session: Session, student_id: int, *, limit: int = 100, before: int | None = None) -> Sequence[Message]:
    """The student's messages, newest first; before: only those older than this one."""
    query = select(Message).where(Message.student_id == student_id)
    if before is not None:
        query = query.where(Message.id < before)
    return session.scalars(query.order_by(Message.id.desc()).limit(limit)).all()


def unread_count(session: Session, student_id: int) -> int:
    query = select(func.count()).where(Message.student_id == student_id, Message.read_at.is_(None))
    return session.scalar(query.select_from(Message)) or 0


def choices_of(session: Session, student_id: int) -> dict[Channel, ChannelChoice]:
    """What the student has chosen so far."""
    rows = session.scalars(select(ChannelChoice).where(ChannelChoice.student_id == student_id))
    return {Channel(row.channel): row for row in rows}


def address_of(session: Session, student_id: int, channel: Channel) -> str | None:
    """Where a channel reaches the student; None when it is switched off, not confirmed, or refuses us."""
    choice = choices_of(session, student_id).get(channel)
    if channel is Channel.WECHAT:
        off = choice is not None and (not choice.wanted or choice.problem is not None)
        return None if off else openid_of_student(session, student_id)  # binding it is choosing it
    usable = choice is not None and choice.wanted and choice.verified_at is not None and choice.problem is None
    return choice.address if choice is not None and usable else None


def chosen_channels(session: Session, student_id: int) -> set[Channel]:
    """The ways by which the student wants to be told, and can be."""
    return {channel for channel in Channel if address_of(session, student_id, channel) is not None}


def delivery_counts(session: Session) -> dict[tuple[str, str], int]:
    """(channel, state) -> number of messages."""
    rows = session.execute(
        select(Delivery.channel, Delivery.state, func.count()).group_by(Delivery.channel, Delivery.state)
    )
    return {(channel, state): count for channel, state, count in rows}


def dead_deliveries(session: Session, *, limit: int = 100) -> Sequence[Delivery]:
    """Messages that were given up, the newest first."""
    return session.scalars(
        select(Delivery)
        .where(Delivery.state == DeliveryState.DEAD.value)
        .order_by(Delivery.ended_at.desc(), Delivery.id.desc())
        .limit(limit)
    ).all()


@dataclass(frozen=True)
class DeadGroup:
    """Messages that were given up by one way for one reason."""

    channel: Channel
    reason: str
    count: int
    newest: datetime | None  # when the last of them was given up

    @property
    def cause(self) -> Cause:
        return cause_of(self.reason)


def dead_groups(session: Session) -> Sequence[DeadGroup]:
    """What was given up, by way and reason; the most first."""
    reason, number = func.coalesce(Delivery.reason, ""), func.count()
    rows = session.execute(
        select(Delivery.channel, reason, number, func.max(Delivery.ended_at))
        .where(Delivery.state == DeliveryState.DEAD.value)
        .group_by(Delivery.channel, reason)
        .order_by(number.desc(), Delivery.channel, reason)
    )
    return [DeadGroup(Channel(channel), why, count, newest) for channel, why, count, newest in rows]


def last_messages(session: Session, student_ids: Sequence[int]) -> dict[int, datetime]:
    """When each of these students was last written to; who never was is left out."""
    found: dict[int, datetime] = {}
    for start in range(0, len(student_ids), 500):
        some = student_ids[start : start + 500]
        query = select(Message.student_id, func.max(Message.created_at)).where(Message.student_id.in_(some))
        found.update(iter(session.execute(query.group_by(Message.student_id))))
    return found
