"""What 学信网 says about photos, line by line of the college's download. The newest line about a student counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from backend.exchange.lines import Line
from backend.exchange.people import people_of, whom
from backend.exchange.plans import Given, Planned, Writer, refused, source_of
from backend.exchange.records import Import, MatchResult
from backend.exchange.resting import Whose
from backend.exchange.rules import Outcome
from backend.exchange.values import NO_PHOTO_NOTE
from backend.history.operations import happened_many
from backend.history.rules import Actor, Fact
from backend.identity.operations import note_mark
from backend.identity.records import IdentityCase
from backend.identity.rules import OPEN, Mark
from backend.proofreading.records import ChsiRecord
from backend.proofreading.stages import Witness


def photo_of_line(line: Line) -> str:
    """yes, no or unknown. «未通过» for another reason than the photo says nothing of the photo."""
    audit, note = line.values.get("audit", "unknown"), line.values.get("note", "")
    if NO_PHOTO_NOTE.search(note):
        return "no"
    return "unknown" if audit == "no" and note else audit


def plan(session: Session, lines: Sequence[Line], given: Given) -> list[Planned]:
    people = people_of(session, lines)
    students = [None if line.problems else whom(line, people, given.scope) for line in lines]
    newest = _newest(session, [student.id for student in students if student is not None])
    planned: list[Planned] = []
    for line, student in zip(lines, students, strict=True):
        if student is None or line.problems:
            planned.append(refused(line))
            continue
        wish = {"photo": photo_of_line(line), "identity_marked": bool(line.values.get("identity"))}
        known = newest.get(student.id)
        if known is None:
            planned.append(Planned(line, Outcome.NEW, student, {**wish, "before": ""}))
        elif known.as_of > given.as_of:
            line.refuse("audit", "older", known.as_of.isoformat())
            planned.append(refused(line))
        elif (known.photo, known.identity_marked) == (wish["photo"], wish["identity_marked"]):
            planned.append(Planned(line, Outcome.UNCHANGED, student))
        else:
            planned.append(Planned(line, Outcome.CHANGED, student, {**wish, "before": known.photo}))
    return planned


def _newest(session: Session, student_ids: Sequence[int]) -> dict[int, MatchResult]:
    rows = session.scalars(
        select(MatchResult).where(MatchResult.student_id.in_(student_ids), MatchResult.superseded.is_(False))
    )
    return {row.student_id: row for row in rows}


def write(session: Session, run: Import, planned: Sequence[Planned], given: Given, actor: Actor, now: datetime) -> None:
    told = [item for item in planned if item.outcome in (Outcome.NEW, Outcome.CHANGED) and item.student is not None]
    ids = [item.student.id for item in told if item.student is not None]
    session.execute(
        update(MatchResult)
        .where(MatchResult.student_id.in_(ids), MatchResult.superseded.is_(False))
        .values(superseded=True)
        .execution_options(synchronize_session=False)
    )
    records = [_record(run, item, student_id, given, actor, now) for item, student_id in zip(told, ids, strict=True)]
    if not told:
        return
    common = {"import_id": run.id, "as_of": given.as_of, "superseded": False}
    results = [{**common, "student_id": found, **item.values} for item, found in zip(told, ids, strict=True)]
    session.execute(insert(MatchResult), results)
    session.execute(insert(ChsiRecord), records)
    kept = session.execute(
        select(ChsiRecord.id, ChsiRecord.student_id, ChsiRecord.has_photo)
        .where(ChsiRecord.source == source_of(run), ChsiRecord.student_id.in_(ids))
        .order_by(ChsiRecord.id)
    )
    facts = [
        Fact(
            "chsi_record.added",
            record_id,
            owner_id=student_id,
            facts={"has_photo": has_photo, "proofreading": "", "witness": Witness.COLLEGE.value},
        )
        for record_id, student_id, has_photo in kept
    ]
    happened_many(session, facts, actor=actor, now=now)
    for item in told:
        mark = item.line.values.get("identity")
        if mark and item.student is not None:
            note_mark(
                session,
                student=item.student,
                mark=Mark(mark),
                source=source_of(run),
                rounds=given.rounds,
                actor=actor,
                now=now,
            )


def _record(
    run: Import, item: Planned, student_id: int, given: Given, actor: Actor, now: datetime
) -> dict[str, object]:
    values = item.line.values
    return {
        "student_id": student_id,
        "as_of": given.as_of,
        "has_photo": {"yes": True, "no": False}.get(item.values["photo"]),
        "proofreading": "",
        "review": values.get("audit_text", ""),
        "remark": values.get("note", ""),
        "identity_review": values.get("identity", ""),
        "witness": Witness.COLLEGE.value,
        "source": source_of(run),
        "recorded_at": now,
        "recorded_by": actor.id,
    }


def depends(run: Import) -> Whose:
    """Later lists that took the place of this one's lines, and identity reviews that it opened."""
    later = select(MatchResult.student_id).where(MatchResult.import_id == run.id, MatchResult.superseded.is_(True))
    reviews = select(IdentityCase.student_id).where(IdentityCase.source == source_of(run), IdentityCase.state.in_(OPEN))
    return {"later": later, "identity": reviews}


def undo(session: Session, run: Import, most: int, actor: Actor, now: datetime) -> int:
    """The line before counts again."""
    rows = session.scalars(
        select(MatchResult).where(MatchResult.import_id == run.id).order_by(MatchResult.id).limit(most)
    ).all()
    if not rows:
        return 0
    ids = [row.student_id for row in rows]
    other = aliased(MatchResult)
    before = (
        select(func.max(other.id))
        .where(other.student_id.in_(ids), other.import_id != run.id)
        .group_by(other.student_id)
    )
    told = session.execute(
        select(ChsiRecord.id, ChsiRecord.student_id).where(
            ChsiRecord.source == source_of(run), ChsiRecord.student_id.in_(ids)
        )
    ).all()
    session.execute(delete(ChsiRecord).where(ChsiRecord.id.in_([row.id for row in told])))
    facts = [Fact("chsi_record.withdrawn", row.id, owner_id=row.student_id) for row in told]
    previous = list(session.scalars(before))
    for row in rows:
        session.delete(row)
    session.flush()
    session.execute(
        update(MatchResult)
        .where(MatchResult.id.in_(previous))
        .values(superseded=False)
        .execution_options(synchronize_session=False)
    )
    happened_many(session, facts, actor=actor, now=now)
    return len(rows)


WRITER = Writer(plan, write, depends, undo, one_each=True)
