"""Taking an import back: refused by name while anything rests on it; who got something meanwhile is not lost."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, time
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Date, DateTime, Integer, LargeBinary, Table, Time, delete, insert, select
from sqlalchemy.orm import Session

from backend.adapters.tables import Record
from backend.centres.rules import ALL_CENTRES
from backend.enrollment.records import Student
from backend.exchange import operations as imports
from backend.exchange.resting import Person, columns_about_students, resting_on
from backend.exchange.rules import ImportState, StillNeeded
from backend.history.rules import Actor, ActorKind
from backend.records import UtcDateTime
from backend.settings import PROJECT
from tests.factories import Factory
from tests.operations.imports.files import Desk, csv_of, person, students

TABLES = sorted(table.name for table in columns_about_students())
# what the constraints of a table ask for beyond a value of the right type
SPECIAL: dict[str, dict[str, Any]] = {
    "contact": {"way": "call", "outcome": "reached"},
    "account": {"kind": "student"},
    "channel_choice": {"channel": "mail"},
    "fee": {"state": "owed"},
    "returned_check": {"medium": "paper"},
}


def filled(column: Column[Any], make: Factory) -> Any:
    """Any value of the column's type."""
    kind = column.type
    if isinstance(kind, UtcDateTime | DateTime):
        return make.clock()
    for type_of, value in (
        (Boolean, False),
        (Integer, 1),
        (LargeBinary, b"x"),
        (Date, date(2026, 11, 2)),
        (Time, time(9)),
    ):
        if isinstance(kind, type_of):
            return value
    return {} if kind.__class__.__name__ == "JSON" else "x"


def add_row(session: Session, make: Factory, table: Table, student_id: int) -> int:
    """A row of the table about this student, with the rows that it needs."""
    values: dict[str, Any] = dict(SPECIAL.get(table.name, {}))
    for column in table.columns:
        keys = list(column.foreign_keys)
        if keys and keys[0].column.table.name == Student.__tablename__ and column.name == "student_id":
            values[column.name] = student_id
        elif column.name in values or column.nullable or column.default is not None or column.autoincrement is True:
            continue
        elif keys:
            values[column.name] = add_row(session, make, keys[0].column.table, student_id)
        elif not column.primary_key:
            values[column.name] = filled(column, make)
    made = session.execute(insert(table).values(values)).inserted_primary_key
    return int(made[0])


@pytest.mark.parametrize("name", TABLES)
def test_whatever_rests_on_a_new_student_holds_the_import_by_name(
    desk: Desk,
    session: Session,
    make: Factory,
    name: str,
) -> None:
    run = desk.take_in("roster", csv_of([person(n, "FZ01") for n in range(1, 4)]))
    student = session.scalars(select(Student).where(Student.student_number == "202500002")).one()
    table = Record.metadata.tables[name]
    add_row(session, make, table, student.id)
    session.commit()
    with pytest.raises(StillNeeded) as needed:
        desk.undo(run)
    session.rollback()
    assert needed.value.depends[name] == 1
    resting = {item.what: item.people for item in resting_on(session, imports.WRITERS["roster"].depends(run))}
    assert resting[name] == (Person(student.id, "林小满", "202500002"),)
    assert students(session) == 3


def test_the_other_person_of_an_erratum_holds_the_import_too(
    desk: Desk,
    session: Session,
    make: Factory,
) -> None:
    run = desk.take_in("roster", csv_of([person(1, "FZ01")]))
    new = session.scalars(select(Student.id)).one()
    table = Record.metadata.tables["erratum"]
    case = add_row(session, make, table, make.student(desk.centre).id)
    session.execute(table.update().where(table.c.id == case).values(other_student_id=new))
    session.commit()
    with pytest.raises(StillNeeded) as needed:
        desk.undo(run)
    assert needed.value.depends == {"erratum": 1}


def test_who_got_something_while_it_was_undone_stays_and_is_named(
    desk: Desk,
    session: Session,
    make: Factory,
) -> None:
    run = desk.take_in("roster", csv_of([person(n, "FZ01") for n in range(1, 4)]))
    student = session.scalars(select(Student).where(Student.student_number == "202500003")).one()
    actor = Actor(ActorKind.STAFF, run.uploaded_by)
    imports.start_undo(session, scope=ALL_CENTRES, import_id=run.id, actor=actor, now=make.clock())
    add_row(session, make, Record.metadata.tables["contact"], student.id)
    session.commit()
    done = desk.work(run)
    assert (done.state, done.about["stayed"]) == (ImportState.UNDONE, [student.id])
    assert session.scalars(select(Student.student_number)).all() == ["202500003"]
    session.execute(delete(Record.metadata.tables["contact"]))
    session.commit()
    assert desk.whole() == []


def test_a_worker_knows_every_table_that_may_refer_to_a_student() -> None:
    program = (
        "import backend.worker; from backend.records import Record; have = set(Record.metadata.tables);"
        "from backend.adapters.tables import Record; assert have == set(Record.metadata.tables)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=PROJECT)
    assert done.returncode == 0, done.stderr
