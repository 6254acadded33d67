"""The roster: people who are new, people whose registered data the college has changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from backend.centres.records import Centre
from backend.enrollment.bulk import add_students, change_students, remove_students
from backend.enrollment.records import Cohort, EnrollmentConfirmation, Student
from backend.enrollment.rules import IdDocument, certificate_number_problem, masked_id_number
from backend.exchange.lines import Line
from backend.exchange.people import index_of, numbered
from backend.exchange.plans import Given, Planned, Writer, refused
from backend.exchange.records import ExamNumber, Import, ImportEffect
from backend.exchange.resting import Whose, columns_about_students, whose_rows
from backend.exchange.rules import Outcome
from backend.exchange.values import document_of, number_problem
from backend.history.rules import Actor

# columns of the file that are columns of Student under the same name
PLAIN = (
    "student_number", "name", "gender", "level", "programme", "study_form", "study_years", "status", "phone",
    "certificate_number",
)  # fmt: skip
DAYS = ("entry_date", "graduated_on")  # the same, as days


def plan(session: Session, lines: Sequence[Line], given: Given) -> list[Planned]:
    centres = {word: row for row in session.scalars(select(Centre)) for word in (row.code, row.name)}
    cohorts = {word: row for row in session.scalars(select(Cohort)) for word in (row.code, row.name)}
    students = numbered(session, lines)
    exams = _exam_numbers(session, lines, [student.id for student in students.values()])
    diplomas = _holders(session, [value for line in lines if (value := line.values.get("certificate_number"))])
    return [_plan(line, students, centres, cohorts, exams, diplomas, given) for line in lines]


def _holders(session: Session, certificates: Sequence[str]) -> dict[str, int]:
    """Certificate number -> the student who has it."""
    rows = session.execute(
        select(Student.certificate_number, Student.id).where(Student.certificate_number.in_(certificates))
    )
    return {number: student_id for number, student_id in rows if number is not None}


@dataclass(frozen=True)
class _Exams:
    """Exam numbers as they stand: of the students that the lines name, and who holds the numbers they would give."""

    of: dict[int, str]
    holder: dict[str, int]


def _exam_numbers(session: Session, lines: Sequence[Line], known: Sequence[int]) -> _Exams:
    wanted = {value for line in lines if (value := line.values.get("exam_number"))}
    rows = session.execute(
        select(ExamNumber.student_id, ExamNumber.number).where(
            or_(ExamNumber.student_id.in_(known), ExamNumber.number.in_(wanted))
        )
    ).all()
    return _Exams({row.student_id: row.number for row in rows}, {row.number: row.student_id for row in rows})


def _plan(
    line: Line,
    students: dict[str, Student],
    centres: dict[str, Centre],
    cohorts: dict[str, Cohort],
    exams: _Exams,
    diplomas: dict[str, int],
    given: Given,
) -> Planned:
    wish = _wish(line, centres, cohorts, given)
    if line.problems:
        return refused(line)
    student = students.get(wish["student_number"])
    for column, held in (("exam_number", exams.holder), ("certificate_number", diplomas)):
        holder = held.get(wish.get(column, ""))
        if holder is not None and (student is None or holder != student.id):
            line.refuse(column, "taken")
            return refused(line)
    # whoever stands there stays there; nobody new comes
    for key, found in (("centre", centres), ("cohort", cohorts)):
        row = found.get(line.values.get(key, ""))
        if row is not None and not row.active and (student is None or getattr(student, f"{key}_id") != row.id):
            line.refuse(key, f"closed_{key}", line.values[key])
    if line.problems:
        return refused(line)
    if student is None:
        return Planned(line, Outcome.NEW, values=wish)
    if not given.scope.covers(student.centre_id):
        line.refuse("student_number", "unknown_person")
        return refused(line)
    if "id_number" in wish and index_of(wish["id_number"]) == student.id_number_index:
        del wish["id_number"]
    stood = {key: exams.of.get(student.id) if key == "exam_number" else getattr(student, key) for key in wish}
    # a default fills the gap of a new person; it does not overwrite what is known of an old one
    told = {key: value for key, value in wish.items() if key not in line.defaults and stood[key] != value}
    if not told:
        return Planned(line, Outcome.UNCHANGED, student)
    before = {key: stood[key] for key in told}
    return Planned(line, Outcome.CHANGED, student, told, before)


def _wish(line: Line, centres: dict[str, Centre], cohorts: dict[str, Cohort], given: Given) -> dict[str, Any]:
    """The columns of Student as the line would have them; what cannot be is added to the line's problems."""
    values = line.values
    wish: dict[str, Any] = {key: values[key] for key in PLAIN if key in values}
    wish |= {key: date.fromisoformat(values[key]) for key in DAYS if key in values}
    if "entry_date" in wish and wish["entry_date"] > given.today + timedelta(days=366):
        line.refuse("entry_date", "date", values["entry_date"])
    if "graduated_on" in wish and wish["graduated_on"] > given.today:
        line.refuse("graduated_on", "not_graduated", values["graduated_on"])
    certificate = values.get("certificate_number")
    if certificate and certificate_number_problem(certificate, today=given.today):
        line.refuse("certificate_number", "certificate", certificate)
    if "exam_number" in values:
        wish["exam_number"] = values["exam_number"]
    if "id_number" in values:
        document = IdDocument(values["id_document"]) if "id_document" in values else document_of(values["id_number"])
        wish |= {"id_number": values["id_number"], "id_document": document.value}
        if "id_document" not in values:
            line.defaults.add("id_document")
        problem = number_problem(values["id_number"], document, given.today)
        if problem:
            line.refuse("id_number", problem, masked_id_number(values["id_number"]))
    for key, found, code in (("centre", centres, "unknown_centre"), ("cohort", cohorts, "unknown_cohort")):
        word = values.get(key)
        if not word:
            continue
        row = found.get(word)
        if row is None or (isinstance(row, Centre) and not given.scope.covers(row.id)):
            line.refuse(key, code, word)
        else:
            wish[f"{key}_id"] = row.id
    return wish


def write(session: Session, run: Import, planned: Sequence[Planned], given: Given, actor: Actor, now: datetime) -> None:
    new = [item for item in planned if item.outcome is Outcome.NEW]
    changed = [item for item in planned if item.outcome is Outcome.CHANGED and item.student is not None]
    rows = [{key: value for key, value in item.values.items() if key != "exam_number"} for item in new]
    for item, student in zip(new, add_students(session, rows=rows, actor=actor, now=now), strict=True):
        item.student = student
    pairs = []
    for item in changed:
        assert item.student is not None  # noqa: S101 - chosen above
        pairs.append((item.student, {key: value for key, value in item.values.items() if key != "exam_number"}))
    change_students(session, changes=pairs, actor=actor, now=now)
    _note_joined(run, (values for _, values in pairs))
    effects = []
    for item in (*new, *changed):
        assert item.student is not None  # noqa: S101 - just written
        if "exam_number" in item.values:
            session.merge(ExamNumber(student_id=item.student.id, number=item.values["exam_number"]))
        effects.append(
            {
                "import_id": run.id,
                "student_id": item.student.id,
                "outcome": item.outcome.value,
                "version": item.student.data_version,
                "before": json.dumps(item.before, ensure_ascii=False, default=str),
                "undone": False,
            }
        )
    if effects:
        session.execute(insert(ImportEffect), effects)
    session.flush()


def _written(run: Import) -> Select[int]:
    """The students of the lines that have not been taken back."""
    return select(ImportEffect.student_id).where(ImportEffect.import_id == run.id, ImportEffect.undone.is_(False))


def _note_joined(run: Import, values: Iterable[Mapping[str, Any]]) -> None:
    """Keep into which cohorts students came: what follows for these follows once, at the end of the import."""
    joined = {row["cohort_id"] for row in values if row.get("cohort_id") is not None}
    if joined:
        run.about = {**run.about, "joined": sorted(joined.union(run.about.get("joined", ())))}


def depends(run: Import) -> Whose:
    """What rests on the people who were new, and who confirmed or changed what was written since."""
    new = _written(run).where(ImportEffect.outcome == Outcome.NEW)
    later = (
        _written(run)
        .join(Student, Student.id == ImportEffect.student_id)
        .where(Student.data_version != ImportEffect.version)
    )
    confirmed = (
        _written(run)
        .join(
            EnrollmentConfirmation,
            (EnrollmentConfirmation.student_id == ImportEffect.student_id)
            & (EnrollmentConfirmation.data_version == ImportEffect.version),
        )
        .where(ImportEffect.outcome == Outcome.CHANGED)
    )
    tables = {table.name: whose_rows(table, columns, new) for table, columns in columns_about_students().items()}
    return {**tables, "later": later, "confirmed": confirmed}


def undo(session: Session, run: Import, most: int, actor: Actor, now: datetime) -> int:
    effects = session.scalars(
        select(ImportEffect)
        .where(ImportEffect.import_id == run.id, ImportEffect.undone.is_(False))
        .order_by(ImportEffect.id.desc())
        .limit(most)
    ).all()
    new = [effect.student_id for effect in effects if effect.outcome == Outcome.NEW]
    # somebody may have come to rest on them since it was asked: those stay
    kept: set[int] = set()
    for table, columns in columns_about_students().items():
        for column in columns if new else ():
            kept.update(session.scalars(select(table.c[column]).where(table.c[column].in_(new))))
    gone = [student_id for student_id in new if student_id not in kept]
    if gone:
        session.execute(delete(ExamNumber).where(ExamNumber.student_id.in_(gone)))
        remove_students(session, student_ids=gone, actor=actor, now=now)
    found = {
        effect.student_id: student
        for effect in effects
        if effect.outcome == Outcome.CHANGED
        and (student := session.get(Student, effect.student_id)) is not None
        and student.data_version == effect.version
    }
    kept.update(item.student_id for item in effects if item.outcome == Outcome.CHANGED and item.student_id not in found)
    before = {item.student_id: _values(json.loads(item.before)) for item in effects if item.student_id in found}
    kept.update(_give_back_exam_numbers(session, before))
    kept.update(_make_room_for_certificates(session, before))
    changes = [(found[student_id], values) for student_id, values in before.items() if student_id not in kept]
    change_students(session, changes=changes, actor=actor, now=now)
    _note_joined(run, (values for _, values in changes))
    for effect in effects:
        effect.undone = True
    if kept:
        run.about = {**run.about, "stayed": [*run.about.get("stayed", ()), *sorted(kept)]}
    return len(effects)


def _give_back_exam_numbers(session: Session, before: dict[int, dict[str, Any]]) -> set[int]:
    """Each gets the number that was there; gives those whose number is somebody else's by now: they keep theirs."""
    wanted = {student_id: values.pop("exam_number") for student_id, values in before.items() if "exam_number" in values}
    held = session.execute(
        select(ExamNumber.number, ExamNumber.student_id).where(ExamNumber.number.in_(filter(None, wanted.values())))
    )
    holder = dict(iter(held))
    late: set[int] = set()
    while lost := {
        student_id
        for student_id, number in wanted.items()
        if student_id not in late
        and (other := holder.get(number, student_id)) != student_id
        and (other not in wanted or other in late)
    }:  # who keeps a number may hold the one of another
        late |= lost
    given = {student_id: number for student_id, number in wanted.items() if student_id not in late}
    # all are taken away before one is given: two people may have changed theirs round
    session.execute(delete(ExamNumber).where(ExamNumber.student_id.in_(given)))
    rows = [{"student_id": student_id, "number": number} for student_id, number in given.items() if number]
    if rows:
        session.execute(insert(ExamNumber), rows)
    return late


def _make_room_for_certificates(session: Session, before: dict[int, dict[str, Any]]) -> set[int]:
    """Everybody's number is taken away before the older ones are given; gives those whose is somebody else's by now."""
    wanted = {
        student_id: values["certificate_number"]
        for student_id, values in before.items()
        if "certificate_number" in values
    }
    holder = _holders(session, [number for number in wanted.values() if number])
    late: set[int] = set()
    while lost := {
        student_id
        for student_id, number in wanted.items()
        if student_id not in late
        and (other := holder.get(number or "", student_id)) != student_id
        and (other not in wanted or other in late)
    }:  # who keeps a number may hold the one of another
        late |= lost
    freed = update(Student).where(Student.id.in_(set(wanted) - late)).values(certificate_number=None)
    session.execute(freed.execution_options(synchronize_session=False))
    return late


def _values(before: dict[str, Any]) -> dict[str, Any]:
    return before | {day: date.fromisoformat(before[day]) for day in DAYS if before.get(day)}


WRITER = Writer(plan, write, depends, undo)
