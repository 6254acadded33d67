"""Whom a line of a file means: by student number, ID number or exam number, within the scope, and by the right name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session, defer, lazyload, load_only

from backend.centres.rules import Scope
from backend.enrollment.records import Student
from backend.enrollment.rules import masked_id_number
from backend.exchange.lines import Line, refuse_repeat
from backend.exchange.records import ExamNumber
from backend.records import blind_index

WAYS = ("student_number", "id_number", "exam_number", "any")  # columns that name a person, as `_named` asks them
LOOKED_UP_AT_ONCE = 2000  # lines


@dataclass
class People:
    """The students that some lines may mean, found with one question for each way of naming them."""

    by_number: dict[str, Student] = field(default_factory=dict)
    by_id: dict[bytes, list[Student]] = field(default_factory=dict)
    by_exam: dict[str, Student] = field(default_factory=dict)


def index_of(id_number: str) -> bytes:
    return blind_index("student.id_number", id_number)


# what a line is compared with; an ID number is compared by its key and read only when it changed
SLIM = (
    defer(Student.id_number),
    lazyload(Student.centre),
    lazyload(Student.cohort),
)
KEYS = (
    load_only(Student.id, Student.student_number, Student.name, Student.centre_id, Student.id_number_index),
    lazyload(Student.centre),
    lazyload(Student.cohort),
)


def numbered(session: Session, lines: Iterable[Line]) -> dict[str, Student]:
    """Who has one of the student numbers of these lines, with the registered data; of all centres."""
    numbers = {value for line in lines if (value := line.values.get("student_number"))}
    found = session.scalars(select(Student).options(*SLIM).where(Student.student_number.in_(numbers)))
    return {student.student_number: student for student in found}


def people_of(session: Session, lines: Iterable[Line]) -> People:
    """Everybody whom these lines may mean, of all centres: the scope is asked line by line."""
    found = People()
    numbers = {value for line in lines for key in ("student_number", "any") if (value := line.values.get(key))}
    ids = {index_of(value) for line in lines if (value := line.values.get("id_number"))}
    exams = {value for line in lines for key in ("exam_number", "any") if (value := line.values.get(key))}
    students = select(Student).options(*KEYS)
    if numbers:
        for student in session.scalars(students.where(Student.student_number.in_(numbers))):
            found.by_number[student.student_number] = student
    if ids:
        for student in session.scalars(students.where(Student.id_number_index.in_(ids))):
            found.by_id.setdefault(student.id_number_index, []).append(student)
    if exams:
        rows = session.execute(
            select(ExamNumber.number, Student)
            .join(Student, Student.id == ExamNumber.student_id)
            .where(ExamNumber.number.in_(exams))
        )
        for number, student in rows:
            found.by_exam[number] = student
    return found


def whom(line: Line, people: People, scope: Scope, *, place: str = "") -> Student | None:
    """The one student whom a line means; None after a problem was added to the line.

    Somebody of another centre is answered like nobody at all.
    """
    student, column, code = _meant(line, people, scope)
    if student is None:
        name = line.values.get("name")
        line.refuse(column, code, name if code == "name_differs" and name else _number(line, column), place=place)
    return student


def _meant(line: Line, people: People, scope: Scope) -> tuple[Student | None, str, str]:
    """The student, or the column and the code of why there is none."""
    student, column, code = _named(line, people)
    if student is not None and not scope.covers(student.centre_id):
        return None, column, "unknown_person"
    name = line.values.get("name")
    if student is not None and name and student.name != name:
        return None, "name", "name_differs"
    return student, column, code


def _number(line: Line, column: str) -> str:
    """The number by which a line names its person, as it may be shown."""
    number = line.values.get(column, "")
    return masked_id_number(number) if column == "id_number" else number


def refuse_same_student(session: Session, lines: Sequence[Line], scope: Scope) -> None:
    """Lines of a file that mean one student by different numbers: the second is refused, or both that contradict.

    All lines of the file, however far apart; the same number twice was refused when the lines were read.
    """
    named = [line for line in lines if not line.problems]
    ways = {next((way for way in WAYS if line.values.get(way)), "") for line in named}
    if len(ways) < 2 and "any" not in ways:  # that column holds two kinds of numbers
        return
    first: dict[int, Line] = {}
    for start in range(0, len(named), LOOKED_UP_AT_ONCE):
        part = named[start : start + LOOKED_UP_AT_ONCE]
        people = people_of(session, part)
        for line in part:
            student, _, _ = _meant(line, people, scope)
            other = line if student is None else first.setdefault(student.id, line)
            if other is not line:
                refuse_repeat(other, line, "student_number", same=_said(other) == _said(line))
        session.expunge_all()


def _said(line: Line) -> dict[str, str]:
    """What a line says of its student, besides who it is."""
    return {key: value for key, value in line.values.items() if key not in ("student_number", "id_number", "name")}


def _named(line: Line, people: People) -> tuple[Student | None, str, str]:
    number, id_number, anything = (line.values.get(key) for key in ("student_number", "id_number", "any"))
    candidates: Sequence[Student] = people.by_id.get(index_of(id_number), ()) if id_number else ()
    if number:
        student = people.by_number.get(number)
        if student is None:
            return None, "student_number", "unknown_person"
        if id_number and student not in candidates:
            return None, "id_number", "id_differs"
        return student, "", ""
    if id_number:
        if len(candidates) > 1:  # one person, two 学籍
            return None, "id_number", "several_records"
        return (candidates[0] if candidates else None), "id_number", "unknown_person"
    if exam_number := line.values.get("exam_number"):
        return people.by_exam.get(exam_number), "exam_number", "unknown_person"
    if anything:
        one, other = people.by_number.get(anything), people.by_exam.get(anything)
        if one is not None and other is not None and one.id != other.id:
            return None, "file", "two_meanings"
        return one or other, "file", "unknown_person"
    return None, "file", "no_number"
