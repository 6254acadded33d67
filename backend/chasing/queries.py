"""Whom a reminder would reach and whom not, and who was turned to when."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.centres.rules import Scope
from backend.chasing.records import Contact
from backend.chasing.rules import VERBS, Left, Reminders, Template, Way, left_out, too_early
from backend.enrollment.queries import in_scope
from backend.enrollment.records import Student
from backend.history.records import HistoryEntry
from backend.notifications.queries import last_messages
from backend.notifications.records import Delivery, Message
from backend.progress.missing import Missing, match_list


@dataclass(frozen=True)
class Reminding:
    """What would happen to a selection: who gets which reminder, and who none, and why."""

    reached: Mapping[Template, Sequence[Missing]]
    left: Mapping[Left, int]

    @property
    def count(self) -> int:
        return sum(len(rows) for rows in self.reached.values())


@dataclass(frozen=True)
class LastContact:
    """The newest time that the desk turned to a student. outcome: of a call; contact_id: of the record."""

    contact_id: int
    at: datetime
    way: Way
    outcome: str | None


@dataclass(frozen=True)
class Told:
    """How far a reminder came. read_at: the inbox was opened since; outside: (channel, state) of each way."""

    read_at: datetime | None
    outside: tuple[tuple[str, str], ...]


def reminding(
    session: Session, *, scope: Scope, student_ids: Collection[int], rules: Reminders, now: datetime
) -> Reminding:
    """Students outside the scope count as not listed, like students who do not exist."""
    wanted = set(student_ids)
    rows = {row.student_id: row for row in match_list(session, scope=scope, only=wanted, identity=True).rows}
    accounts, last = _accounts_and_last(session, rows, rules=rules, now=now)
    reached: dict[Template, list[Missing]] = {}
    left: dict[Left, int] = {}
    for student_id in sorted(wanted):
        row = rows.get(student_id)
        cause = row.cause if row is not None else None
        why = left_out(rules, cause=cause, has_account=student_id in accounts, last=last.get(student_id), now=now)
        if why is not None:
            left[why] = left.get(why, 0) + 1
        elif row is not None and cause is not None:
            reached.setdefault(rules.templates[cause], []).append(row)
    return Reminding(reached, left)


def reachable(
    session: Session, student_ids: Collection[int], *, rules: Reminders, now: datetime
) -> tuple[list[int], dict[Left, int]]:
    """Who of these can be reminded now of something that is not on the missing list, and who not, and why."""
    accounts, last = _accounts_and_last(session, student_ids, rules=rules, now=now)
    reached: list[int] = []
    left: dict[Left, int] = {}
    for student_id in sorted(student_ids):
        why = too_early(rules, has_account=student_id in accounts, last=last.get(student_id), now=now)
        if why is None:
            reached.append(student_id)
        else:
            left[why] = left.get(why, 0) + 1
    return reached, left


def _accounts_and_last(
    session: Session, student_ids: Collection[int], *, rules: Reminders, now: datetime
) -> tuple[set[int | None], dict[int, datetime]]:
    """Students with an account, and when each was reminded within the pause."""
    accounts = set(session.scalars(select(Account.student_id).where(Account.student_id.in_(student_ids))))
    reminded = (
        select(Contact.student_id, func.max(Contact.at))
        .where(Contact.student_id.in_(student_ids), Contact.way == Way.REMINDER.value, Contact.at > now - rules.pause)
        .group_by(Contact.student_id)
    )
    last: dict[int, datetime] = dict(iter(session.execute(reminded)))
    return accounts, last


def contacts_of(session: Session, *, scope: Scope, student_id: int, limit: int = 100) -> Sequence[Contact]:
    """Newest first; nobody's outside the scope."""
    return session.scalars(
        select(Contact)
        .join(Student, Student.id == Contact.student_id)
        .where(Contact.student_id == student_id, *in_scope(scope))
        .order_by(Contact.id.desc())
        .limit(limit)
    ).all()


def told_of(session: Session, contact_ids: Collection[int]) -> dict[int, Told]:
    """How far these reminders came; one that is not in the inbox yet is left out, and so is a call."""
    messages = session.execute(
        select(HistoryEntry.subject_id, Message.id, Message.read_at)
        .join(Message, Message.entry_id == HistoryEntry.id)
        .where(
            HistoryEntry.subject_kind == "contact",
            HistoryEntry.subject_id.in_(contact_ids),
            HistoryEntry.verb.in_(VERBS.values()),
        )
    ).all()
    ways: dict[int, list[tuple[str, str]]] = {}
    for message_id, channel, state in session.execute(
        select(Delivery.message_id, Delivery.channel, Delivery.state)
        .where(Delivery.message_id.in_([message_id for _, message_id, _ in messages]))
        .order_by(Delivery.id)
    ):
        ways.setdefault(message_id, []).append((channel, state))
    return {
        contact_id: Told(read_at, tuple(ways.get(message_id, ())))
        for contact_id, message_id, read_at in messages
        if contact_id is not None
    }


def last_contacts(session: Session, student_ids: Sequence[int]) -> dict[int, LastContact]:
    """Who was last turned to, when and how; who never was is left out."""
    found: dict[int, LastContact] = {}
    for start in range(0, len(student_ids), 500):
        some = student_ids[start : start + 500]
        newest = select(func.max(Contact.id)).where(Contact.student_id.in_(some)).group_by(Contact.student_id)
        for contact in session.scalars(select(Contact).where(Contact.id.in_(newest))):
            found[contact.student_id] = LastContact(contact.id, contact.at, Way(contact.way), contact.outcome)
    return found


def last_reached(session: Session, student_ids: Sequence[int]) -> dict[int, datetime]:
    """When each was last turned to, by a person or by a message of the platform; who never was is left out."""
    found = last_messages(session, student_ids)
    for student_id, contact in last_contacts(session, student_ids).items():
        found[student_id] = max(contact.at, found.get(student_id, contact.at))
    return found
