"""What the unit's receipt says of photos in batches: by hand for a whole batch, or by lines of a file. No commit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, String, cast, exists, literal, select
from sqlalchemy.orm import Session, aliased

from backend.batches.records import Batch, BatchItem
from backend.batches.rules import Action, Answer, State, next_state
from backend.history.operations import happened
from backend.history.rules import Actor, Fact
from backend.photos.refusals import unit_refuses


@dataclass(frozen=True)
class Said:
    """The unit's word on one photo. reason: why it did not take it, may be empty."""

    taken: bool
    reason: str = ""


def by_hand(batch_id: int) -> str:
    """The source of a word that the centre wrote down for a whole batch."""
    return f"batch {batch_id}"


def answer(
    session: Session, item: BatchItem, said: Said, *, source: str, said_on: date | None, actor: Actor, now: datetime
) -> None:
    """Write the word on the photo, with where and of which day it is; a refused one goes back to its student."""
    item.answer = (Answer.TAKEN if said.taken else Answer.REFUSED).value
    item.reason = said.reason.strip()
    item.source, item.said_on = source, said_on
    if not said.taken:
        unit_refuses(session, version_id=item.version_id, reason=item.reason, source=source, actor=actor, now=now)


def close(session: Session, batch: Batch, *, received_on: date | None, actor: Actor, now: datetime) -> None:
    """The receipt of the batch is complete."""
    batch.received_on = received_on
    batch.state = next_state(State(batch.state), Action.RECEIVE).value
    batch.revision += 1
    happened(session, Fact("batch.received", batch.id, facts={"state": batch.state}), actor=actor, now=now)


def answer_students(
    session: Session, said: Mapping[int, Said], *, as_of: date, source: str, actor: Actor, now: datetime
) -> set[int]:
    """The unit's words on students (by id), of a file of that day: their photos in batches that it has by then.

    A batch whose photos are all answered is received. Gives the students whose photo was found.
    """
    batches = session.scalars(
        select(Batch)
        .where(
            Batch.state == State.HANDED_OVER.value,
            Batch.handed_on <= as_of,
            Batch.id.in_(select(BatchItem.batch_id).where(BatchItem.student_id.in_(said))),
        )
        .order_by(Batch.id)
        .with_for_update(of=Batch)
    ).all()
    found: set[int] = set()
    for batch in batches:
        open_items = session.scalars(
            select(BatchItem).where(BatchItem.batch_id == batch.id, BatchItem.answer.is_(None)).order_by(BatchItem.id)
        ).all()
        named = [item for item in open_items if item.student_id in said]
        for item in named:
            answer(session, item, said[item.student_id], source=source, said_on=as_of, actor=actor, now=now)
        found.update(item.student_id for item in named)
        if named and len(named) == len(open_items):
            close(session, batch, received_on=as_of, actor=actor, now=now)
        elif named:
            batch.revision += 1  # a page from before would write over these answers
    return found


def students_completed_by_hand(source: str) -> Select[int]:
    """Students whose photo a file answered in a batch of which a person has taken in the rest of the receipt since."""
    return (
        select(BatchItem.student_id)
        .join(Batch)
        .where(BatchItem.source == source, Batch.state == State.RECEIVED.value, _completed_by_hand())
    )


def take_answers_back(
    session: Session, *, source: str, student_ids: Collection[int], actor: Actor, now: datetime
) -> None:
    """What a file said of these students was a mistake: their photos, and their batches, wait for the receipt again."""
    answered = BatchItem.student_id.in_(student_ids) & (BatchItem.source == source)
    batches = session.scalars(
        select(Batch)
        .where(Batch.id.in_(select(BatchItem.batch_id).where(answered)))
        .order_by(Batch.id)
        .with_for_update(of=Batch)
    ).all()
    for batch in batches:
        batch.revision += 1  # a page from before would write over what is open again
        if batch.state == State.RECEIVED:
            batch.state, batch.received_on = next_state(State(batch.state), Action.TAKE_BACK).value, None
            fact = Fact("batch.receipt_taken_back", batch.id, facts={"state": batch.state})
            happened(session, fact, actor=actor, now=now)
        for item in session.scalars(select(BatchItem).where(BatchItem.batch_id == batch.id, answered)):
            item.answer, item.reason, item.source, item.said_on = None, "", None, None


def _completed_by_hand() -> ColumnElement[bool]:
    """A person has answered photos of this batch: that stands, and with it the receipt as they saw it."""
    other = aliased(BatchItem)
    hand = literal("batch ").concat(cast(Batch.id, String))  # see by_hand
    return exists().where(other.batch_id == Batch.id, other.source == hand)
