"""Receipts of a capture unit: it has the photo, or it has rejected it. Evidence of the stage «handed over»."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.days import ZONE
from backend.exchange.lines import Line
from backend.exchange.people import people_of, refuse_same_student, whom
from backend.exchange.plans import Given, Planned, Writer, refused, source_of
from backend.exchange.records import Import
from backend.exchange.resting import Whose
from backend.exchange.rules import Outcome
from backend.history.operations import happened_many
from backend.history.rules import Actor, Fact
from backend.proofreading.records import StageEvidence
from backend.proofreading.stages import Stage, Witness


def plan(session: Session, lines: Sequence[Line], given: Given) -> list[Planned]:
    people = people_of(session, lines)
    students = [None if line.problems else whom(line, people, given.scope) for line in lines]
    refuse_same_student(lines, students)
    newest = _newest(session, [student.id for student in students if student is not None])
    planned = []
    for line, student in zip(lines, students, strict=True):
        if student is None or line.problems:
            planned.append(refused(line))
            continue
        day = date.fromisoformat(line.values["captured_on"]) if "captured_on" in line.values else given.as_of
        since = datetime.combine(min(day, given.as_of), time(12), ZONE)
        wish = {"holds": line.values["result"] == "captured", "since": since}
        known = newest.get(student.id)
        outcome = Outcome.NEW if known is None else Outcome.CHANGED
        if known is not None and (known.holds, known.since) == (wish["holds"], since):
            outcome = Outcome.UNCHANGED
        planned.append(Planned(line, outcome, student, wish))
    return planned


def _newest(session: Session, student_ids: Sequence[int]) -> dict[int, StageEvidence]:
    rows = session.scalars(
        select(StageEvidence)
        .where(
            StageEvidence.student_id.in_(student_ids),
            StageEvidence.stage == Stage.HAND_OVER,
            StageEvidence.witness == Witness.UNIT,
        )
        .order_by(StageEvidence.id)
    )
    return {row.student_id: row for row in rows}


def write(session: Session, run: Import, planned: Sequence[Planned], given: Given, actor: Actor, now: datetime) -> None:
    rows = [
        StageEvidence(
            student_id=item.student.id,
            stage=Stage.HAND_OVER,
            witness=Witness.UNIT,
            source=source_of(run),
            recorded_at=now,
            recorded_by=actor.id,
            **item.values,
        )
        for item in planned
        if item.student is not None and item.outcome in (Outcome.NEW, Outcome.CHANGED)
    ]
    session.add_all(rows)
    session.flush()
    facts = [
        Fact(
            "stage_evidence.added",
            row.id,
            owner_id=row.student_id,
            facts={"stage": "hand_over", "witness": "unit", "holds": row.holds},
        )
        for row in rows
    ]
    happened_many(session, facts, actor=actor, now=now)


def depends(run: Import) -> Whose:
    """Evidence is read anew each time: nothing rests on one word of it."""
    return {}


def undo(session: Session, run: Import, most: int, actor: Actor, now: datetime) -> int:
    query = select(StageEvidence.id, StageEvidence.student_id).where(StageEvidence.source == source_of(run))
    rows = session.execute(query.order_by(StageEvidence.id).limit(most)).all()
    session.execute(delete(StageEvidence).where(StageEvidence.id.in_([row.id for row in rows])))
    facts = [Fact("stage_evidence.withdrawn", row.id, owner_id=row.student_id) for row in rows]
    happened_many(session, facts, actor=actor, now=now)
    return len(rows)


WRITER = Writer(plan, write, depends, undo)
