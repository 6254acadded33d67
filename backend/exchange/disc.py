"""What a capture unit gave back: each photo laid to one student, to be compared with the one handed over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, lazyload

from backend.exchange.lines import Line, Problem
from backend.exchange.people import people_of, whom
from backend.exchange.photos import refuse_second_photos
from backend.exchange.plans import Given, Planned, Writer, refused
from backend.exchange.records import Import, ReturnedPhoto, ReturnedReport
from backend.exchange.resting import Whose
from backend.exchange.rules import Outcome
from backend.history.operations import happened_many
from backend.history.rules import Actor, Fact


def planned_photos(session: Session, lines: Sequence[Line], given: Given) -> list[Planned]:
    """Each picture with its one student and its hash; everything that cannot be taken is refused by name.

    Outcomes are NEW; the caller compares with what is there already.
    """
    archive, reading = given.reading.archive, given.reading
    if archive is None:
        raise TypeError("photos come in an archive")
    media: dict[int, tuple[str, str]] = {}
    for line in lines:
        place = reading.places.get(line.row)
        if place is None or line.problems:
            continue
        found = archive.read(place)
        if found.problem:
            line.problems.append(Problem(line.row, reading.place(line), "file", found.problem))
        else:
            media[line.row] = (sha256(found.content).hexdigest(), found.media_type)
    people = people_of(session, lines)
    students = [None if line.problems else whom(line, people, given.scope, place=reading.place(line)) for line in lines]
    pairs = [(line, student.id if student else None) for line, student in zip(lines, students, strict=True)]
    refuse_second_photos(pairs, reading.paths)
    planned = []
    for line, student in zip(lines, students, strict=True):
        if line.problems or student is None:
            planned.append(refused(line))
            continue
        name, kind = media[line.row]
        planned.append(Planned(line, Outcome.NEW, student, {"file_name": name, "media_type": kind}))
    return planned


def keep_photo(item: Planned, given: Given) -> str:
    """Put the picture of a planned line into the store; gives its name there."""
    reading = given.reading
    if reading.archive is None or reading.files is None:
        raise TypeError("photos come in an archive")
    return reading.files.put(reading.archive.read(reading.places[item.line.row]).content)


def plan(session: Session, lines: Sequence[Line], given: Given) -> list[Planned]:
    planned = planned_photos(session, lines, given)
    ids = [item.student.id for item in planned if item.student is not None]
    newest: dict[int, ReturnedPhoto] = {}
    for row in session.scalars(
        select(ReturnedPhoto)
        .options(lazyload(ReturnedPhoto.student))
        .where(ReturnedPhoto.student_id.in_(ids))
        .order_by(ReturnedPhoto.id)
    ):
        newest[row.student_id] = row
    for item in planned:
        known = newest.get(item.student.id) if item.student is not None else None
        if known is not None:
            same = known.file_name == item.values["file_name"]
            item.outcome = Outcome.UNCHANGED if same else Outcome.CHANGED
        item.values["sequence"] = item.line.values.get("sequence", "")
    return planned


def write(session: Session, run: Import, planned: Sequence[Planned], given: Given, actor: Actor, now: datetime) -> None:
    facts = []
    for item in planned:
        if item.student is None or item.outcome not in (Outcome.NEW, Outcome.CHANGED):
            continue
        session.add(ReturnedPhoto(import_id=run.id, student_id=item.student.id, returned_on=given.as_of, **item.values))
        facts.append(Fact("returned_photo.added", run.id, owner_id=item.student.id))
    session.flush()
    happened_many(session, facts, actor=actor, now=now)


def depends(run: Import) -> Whose:
    """Nothing: what a person said of a picture stays, and counts again when the same file comes back."""
    return {}


def undo(session: Session, run: Import, most: int, actor: Actor, now: datetime) -> int:
    query = select(ReturnedPhoto.id, ReturnedPhoto.student_id).where(ReturnedPhoto.import_id == run.id)
    rows = session.execute(query.order_by(ReturnedPhoto.id).limit(most)).all()
    ids = [row.id for row in rows]
    session.execute(delete(ReturnedReport).where(ReturnedReport.returned_id.in_(ids)))
    session.execute(delete(ReturnedPhoto).where(ReturnedPhoto.id.in_(ids)))
    facts = [Fact("returned_photo.withdrawn", run.id, owner_id=row.student_id) for row in rows]
    happened_many(session, facts, actor=actor, now=now)
    return len(rows)


WRITER = Writer(plan, write, depends, undo, chunk=50, whole=True)
