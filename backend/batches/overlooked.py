"""Photos that stand accepted although the capture unit's last word on them is no.

Receipts that were taken in by an older version of this software did not return them to their students.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session, aliased

from backend.batches.records import BatchItem
from backend.batches.rules import Answer
from backend.days import day_of
from backend.history.rules import Actor, ActorKind
from backend.photos.records import Decision, Photo, PhotoVersion
from backend.photos.refusals import unit_refuses
from backend.photos.rules import Action, State
from backend.proofreading.records import StageEvidence
from backend.proofreading.stages import Stage, Witness
from backend.records import begin_write


@dataclass(frozen=True)
class Overlooked:
    """One accepted version that the unit has refused. reason: its words, may be empty; source: where they stand."""

    student_id: int
    version_id: int
    reason: str
    source: str
    recorded_by: int | None


def overlooked_refusals(session: Session) -> list[Overlooked]:
    """Accepted photos whose student's newest word of the unit is no, and that were never returned for it.

    A picture of a later day than that word is another one, and left alone.
    """
    later = aliased(StageEvidence)
    word = (StageEvidence.stage == Stage.HAND_OVER, StageEvidence.witness == Witness.UNIT)
    newest = ~exists().where(
        later.student_id == StageEvidence.student_id,
        later.stage == Stage.HAND_OVER,
        later.witness == Witness.UNIT,
        later.id > StageEvidence.id,
    )
    returned = exists().where(Decision.version_id == PhotoVersion.id, Decision.action == Action.UNIT_REFUSES.value)
    rows = session.execute(
        select(StageEvidence, PhotoVersion, BatchItem.reason)
        .join(Photo, Photo.student_id == StageEvidence.student_id)
        .join(PhotoVersion, and_(PhotoVersion.photo_id == Photo.id, PhotoVersion.number == Photo.current))
        .outerjoin(BatchItem, and_(BatchItem.version_id == PhotoVersion.id, BatchItem.answer == Answer.REFUSED.value))
        .where(*word, newest, StageEvidence.holds.is_(False), Photo.state == State.ACCEPTED, ~returned)
        .order_by(StageEvidence.id)
    )
    return [
        Overlooked(said.student_id, version.id, reason or "", said.source, said.recorded_by)
        for said, version, reason in rows
        if day_of(version.submitted_at) <= day_of(said.since)
    ]


def return_overlooked(session: Session, *, now: datetime) -> int:
    """Return them to their students, as the receipt would have done, in the name of whoever took it in; how many."""
    begin_write(session)
    found = [item for item in overlooked_refusals(session) if item.recorded_by is not None]
    for item in found:
        actor = Actor(ActorKind.STAFF, item.recorded_by)
        unit_refuses(session, version_id=item.version_id, reason=item.reason, source=item.source, actor=actor, now=now)
    session.commit()
    return len(found)
