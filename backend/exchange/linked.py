"""The photos that 学信网 shows, each laid to its student, who then says whether it is right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.exchange.disc import planned_photos
from backend.exchange.lines import Line
from backend.exchange.plans import Given, Planned, Writer, source_of
from backend.exchange.records import Import
from backend.exchange.resting import Whose
from backend.exchange.rules import Outcome
from backend.history.operations import happened_many
from backend.history.rules import Actor, Fact
from backend.proofreading.operations import add_linked_photo
from backend.proofreading.records import Conclusion, LinkedPhoto
from backend.proofreading.rules import ImageKind
from backend.proofreading.stages import Witness


def plan(session: Session, lines: Sequence[Line], given: Given) -> list[Planned]:
    planned = planned_photos(session, lines, given)
    ids = [item.student.id for item in planned if item.student is not None]
    newest: dict[int, str] = {}
    for student_id, file_name in session.execute(
        select(LinkedPhoto.student_id, LinkedPhoto.file_name)
        .where(LinkedPhoto.student_id.in_(ids), LinkedPhoto.kind == ImageKind.REGISTRATION)
        .order_by(LinkedPhoto.as_of, LinkedPhoto.id)
    ):
        newest[student_id] = file_name
    for item in planned:
        known = newest.get(item.student.id) if item.student is not None else None
        if known is not None:
            item.outcome = Outcome.UNCHANGED if known == item.values["file_name"] else Outcome.CHANGED
    return planned


def write(session: Session, run: Import, planned: Sequence[Planned], given: Given, actor: Actor, now: datetime) -> None:
    for item in planned:
        if item.student is None or item.outcome not in (Outcome.NEW, Outcome.CHANGED):
            continue
        add_linked_photo(
            session,
            student_id=item.student.id,
            file_name=item.values["file_name"],
            media_type=item.values["media_type"],
            kind=ImageKind.REGISTRATION,
            witness=Witness.COLLEGE if run.centre_id is None else Witness.CENTRE,
            source=source_of(run),
            as_of=given.as_of,
            table=given.table,
            actor=actor,
            now=now,
        )


def depends(run: Import) -> Whose:
    """Students who have said whether it is right."""
    concluded = (
        select(Conclusion.student_id)
        .join(LinkedPhoto, LinkedPhoto.id == Conclusion.linked_photo_id)
        .where(LinkedPhoto.source == source_of(run))
    )
    return {"conclusion": concluded}


def undo(session: Session, run: Import, most: int, actor: Actor, now: datetime) -> int:
    concluded = select(Conclusion.linked_photo_id).where(Conclusion.linked_photo_id.is_not(None))
    rows = session.execute(
        select(LinkedPhoto.id, LinkedPhoto.student_id)
        .where(LinkedPhoto.source == source_of(run), LinkedPhoto.id.not_in(concluded))
        .order_by(LinkedPhoto.id)
        .limit(most)
    ).all()
    session.execute(delete(LinkedPhoto).where(LinkedPhoto.id.in_([row.id for row in rows])))
    facts = [Fact("linked_photo.withdrawn", row.id, owner_id=row.student_id) for row in rows]
    happened_many(session, facts, actor=actor, now=now)
    return len(rows)


WRITER = Writer(plan, write, depends, undo, chunk=50, whole=True)
