"""Receipts of a capture unit: it has the photo, or it has rejected it. Evidence of the stage «handed over»."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from backend.batches.answers import Said, answer_students, students_completed_by_hand, take_answers_back
from backend.days import ZONE, day_of
from backend.exchange.lines import Line
from backend.exchange.people import people_of, whom
from backend.exchange.plans import Given, Planned, Writer, refused, source_of
from backend.exchange.records import Import
from backend.exchange.resting import Whose
from backend.exchange.rules import Outcome
from backend.history.operations import happened_many
from backend.history.rules import Actor, Fact
from backend.photos.records import Decision, Photo, PhotoVersion
from backend.photos.refusals import take_refusals_back, unit_refuses
from backend.photos.rules import State
from backend.proofreading.records import StageEvidence
from backend.proofreading.stages import Stage, Witness


def plan(session: Session, lines: Sequence[Line], given: Given) -> list[Planned]:
    people = people_of(session, lines)
    students = [None if line.problems else whom(line, people, given.scope) for line in lines]
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
    said = {
        item.student.id: item
        for item in planned
        if item.student is not None and item.outcome in (Outcome.NEW, Outcome.CHANGED)
    }
    words = {number: Said(item.values["holds"], _reason(item)) for number, item in said.items()}
    source = source_of(run)
    in_batches = answer_students(session, words, as_of=given.as_of, source=source, actor=actor, now=now)
    for student_id, item in said.items():
        if not item.values["holds"] and student_id not in in_batches:
            _return_photo(session, run, student_id, item, actor, now)


def _reason(item: Planned) -> str:
    return "" if item.values["holds"] else item.line.values.get("note", "")


def _return_photo(session: Session, run: Import, student_id: int, item: Planned, actor: Actor, now: datetime) -> None:
    """What the unit rejected goes back to the student, unless a picture of a later day has come since."""
    query = (
        select(PhotoVersion)
        .join(Photo, (Photo.id == PhotoVersion.photo_id) & (Photo.current == PhotoVersion.number))
        .where(Photo.student_id == student_id)
    )
    version = session.scalars(query).one_or_none()
    if version is not None and day_of(version.submitted_at) <= day_of(item.values["since"]):
        unit_refuses(session, version_id=version.id, reason=_reason(item), source=source_of(run), actor=actor, now=now)


def depends(run: Import) -> Whose:
    """What came of it and cannot be unmade: another picture or look at one, and a receipt completed by a person."""
    refused_here = (Decision.sheet == source_of(run)) & Decision.undone_at.is_(None)
    return {
        "retakes": select(Photo.student_id)
        .join(PhotoVersion, PhotoVersion.photo_id == Photo.id)
        .join(Decision, Decision.version_id == PhotoVersion.id)
        .where(refused_here, or_(Photo.current != PhotoVersion.number, Photo.state != State.RETURNED)),
        "receipts": students_completed_by_hand(source_of(run)),
    }


def undo(session: Session, run: Import, most: int, actor: Actor, now: datetime) -> int:
    # something may have come to rest on them since it was asked: those stay
    late = {student_id for ids in depends(run).values() for student_id in session.scalars(ids)}
    if late - set(run.about.get("stayed", ())):
        run.about = {**run.about, "stayed": sorted(late)}
    query = select(StageEvidence.id, StageEvidence.student_id).where(
        StageEvidence.source == source_of(run), StageEvidence.student_id.not_in(late)
    )
    rows = session.execute(query.order_by(StageEvidence.id).limit(most)).all()
    student_ids = {row.student_id for row in rows}
    take_answers_back(session, source=source_of(run), student_ids=student_ids, actor=actor, now=now)
    take_refusals_back(session, source=source_of(run), student_ids=student_ids, actor=actor, now=now)
    session.execute(delete(StageEvidence).where(StageEvidence.id.in_([row.id for row in rows])))
    facts = [Fact("stage_evidence.withdrawn", row.id, owner_id=row.student_id) for row in rows]
    happened_many(session, facts, actor=actor, now=now)
    return len(rows)


WRITER = Writer(plan, write, depends, undo, one_each=True)
