"""What rests on an import, and who: asked before it is taken back, so that a refusal names people and things."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, Table, func, select, union
from sqlalchemy.orm import Session

from backend.enrollment.records import Student
from backend.exchange.records import ExamNumber
from backend.records import Record

NAMED = 5  # people of each thing that are named; the others are counted

# what rests on an import (key of its words) -> the ids of the students concerned
Whose = Mapping[str, Select[int]]


@dataclass(frozen=True)
class Person:
    """A student as the refusal names them."""

    id: int
    name: str
    number: str


@dataclass(frozen=True)
class Resting:
    """One kind of thing that rests on an import. what: key of its words; count: students; people: the first of them."""

    what: str
    count: int
    people: tuple[Person, ...]


def people_named(session: Session, student_ids: Sequence[int]) -> list[Person]:
    """The first of these students, by number; who is gone is left out."""
    query = select(Student.id, Student.name, Student.student_number).where(Student.id.in_(student_ids[:500]))
    return [Person(*row) for row in session.execute(query.order_by(Student.student_number).limit(NAMED))]


def resting_on(session: Session, whose: Whose) -> list[Resting]:
    """What there is of it, in the order of `whose`; what nobody has is left out."""
    found = []
    for what, ids in whose.items():
        people = select(Student.id, Student.name, Student.student_number).where(Student.id.in_(ids))
        count = session.scalar(select(func.count(Student.id)).where(Student.id.in_(ids))) or 0
        if count:
            rows = session.execute(people.order_by(Student.student_number).limit(NAMED))
            found.append(Resting(what, count, tuple(Person(*row) for row in rows)))
    return found


def columns_about_students() -> dict[Table, list[str]]:
    """Every table of every domain that refers to a student, and by which columns.

    The exam number is left out: it goes with the student.
    """
    found: dict[Table, list[str]] = {}
    for table in Record.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table.name == Student.__tablename__ and table.name != ExamNumber.__tablename__:
                found.setdefault(table, []).append(key.parent.name)
    return found


def whose_rows(table: Table, columns: list[str], students: Select[int]) -> Select[int]:
    """Those of `students` whom a row of the table refers to."""
    named = union(*(select(table.c[column].label("id")).where(table.c[column].in_(students)) for column in columns))
    return select(named.subquery().c.id)
