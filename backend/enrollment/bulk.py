"""Many students at once, for imports: in the transaction of the caller, who commits; the history tells of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session, lazyload, load_only

from backend.enrollment.records import Student
from backend.enrollment.rules import normalised_id_number, normalised_name
from backend.history.operations import happened_many
from backend.history.rules import Actor, Fact
from backend.records import blind_index

Value = str | int | date | None
# one statement writes many people: every row has the same columns
GAPS: dict[str, Value] = {
    "cohort_id": None,
    "certificate_number": None,
    "phone": None,
    "graduated_on": None,
    "data_version": 1,
}
KEY_ONLY = (
    load_only(Student.id, Student.student_number, Student.data_version),
    lazyload(Student.centre),
    lazyload(Student.cohort),
)


def add_students(
    session: Session, *, rows: Sequence[Mapping[str, Value]], actor: Actor, now: datetime
) -> list[Student]:
    """Put people on the roster; a row holds the columns of Student, already checked by the caller."""
    if not rows:
        return []
    session.execute(insert(Student), [_kept({**GAPS, **row}) for row in rows])
    numbers = [str(row["student_number"]) for row in rows]
    found = session.scalars(select(Student).options(*KEY_ONLY).where(Student.student_number.in_(numbers)))
    by_number = {student.student_number: student for student in found}
    students = [by_number[number] for number in numbers]
    facts = [Fact("student.enrolled", student.id, owner_id=student.id) for student in students]
    happened_many(session, facts, actor=actor, now=now)
    return students


def change_students(
    session: Session, *, changes: Sequence[tuple[Student, Mapping[str, Value]]], actor: Actor, now: datetime
) -> None:
    """The college's list says otherwise: each student's data count one version up, so they confirm again."""
    facts = []
    for student, values in changes:
        for column, value in _kept(values).items():
            setattr(student, column, value)
        student.data_version += 1
        told = {"fields": sorted(values), "data_version": student.data_version}
        facts.append(Fact("student.data_changed", student.id, owner_id=student.id, facts=told))
    session.flush()
    happened_many(session, facts, actor=actor, now=now)


def remove_students(session: Session, *, student_ids: Sequence[int], actor: Actor, now: datetime) -> None:
    """Take people off the roster who were put there by mistake and on whom nothing rests."""
    facts = [Fact("student.removed", student_id, owner_id=student_id) for student_id in student_ids]
    session.execute(delete(Student).where(Student.id.in_(student_ids)))
    happened_many(session, facts, actor=actor, now=now)


def _kept(row: Mapping[str, Value]) -> dict[str, Value | bytes]:
    """Names and ID numbers as they are kept, and the key under which a number is found."""
    values: dict[str, Value | bytes] = dict(row)
    if "name" in row:
        values["name"] = normalised_name(str(row["name"]))
    if "id_number" in row:
        number = normalised_id_number(str(row["id_number"]))
        values |= {"id_number": number, "id_number_index": blind_index("student.id_number", number)}
    return values
