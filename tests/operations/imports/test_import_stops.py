"""What two people cannot both have is refused by name; a step at which the worker fails is never left unsaid."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from backend.centres.rules import ALL_CENTRES
from backend.enrollment.records import Student
from backend.exchange import operations as imports
from backend.exchange import roster, stuck
from backend.exchange.records import ExamNumber, Import
from backend.exchange.rules import ImportNotAllowed, ImportState
from backend.exchange.stuck import Trouble
from backend.history.rules import Actor, ActorKind
from backend.jobs.records import Job
from backend.jobs.rules import JobState
from tests.factories import Factory
from tests.operations.imports.files import Desk, csv_of, person, students


def exams(session: Session) -> dict[str, str]:
    """Student number -> exam number."""
    session.rollback()
    rows = session.execute(
        select(Student.student_number, ExamNumber.number).join(ExamNumber, ExamNumber.student_id == Student.id)
    )
    return dict(iter(rows))


def sat(n: int, exam: str, **values: str) -> dict[str, str]:
    return {**person(n, "FZ01", **values), "考生号": exam}


def test_one_exam_number_at_two_people_is_refused_at_both_and_the_rest_is_written(
    desk: Desk,
    session: Session,
) -> None:
    run = desk.check("roster", csv_of([sat(1, "99350001"), sat(2, "99350002"), sat(3, "99350001")]))
    assert run.expected == {"new": 1, "changed": 0, "unchanged": 0, "refused": 2}
    assert desk.problems(run) == [(2, "K2", "exam_number", "shared"), (4, "K4", "exam_number", "shared")]
    done = desk.commit(run)
    assert (done.state, done.counts) == (ImportState.DONE, {"new": 1, "refused": 2})
    assert exams(session) == {"202500002": "99350002"}


def test_a_repeated_row_does_not_hold_its_own_exam_number_against_the_first(desk: Desk, session: Session) -> None:
    done = desk.take_in("roster", csv_of([sat(1, "99350001"), sat(1, "99350001")]))
    assert done.counts == {"new": 1, "refused": 1}
    assert exams(session) == {"202500001": "99350001"}


def test_an_exam_number_of_somebody_else_is_refused_for_new_and_known_people(desk: Desk, session: Session) -> None:
    desk.take_in("roster", csv_of([sat(1, "99350001"), sat(2, "99350002")]))
    run = desk.check("roster", csv_of([sat(1, "99350001"), sat(2, "99350001"), sat(3, "99350002")]))
    assert run.expected == {"new": 0, "changed": 0, "unchanged": 0, "refused": 3}
    assert [code for *_, code in desk.problems(run)] == ["shared", "shared", "taken"]
    run = desk.take_in("roster", csv_of([sat(2, "99350001"), sat(3, "99350003")]))
    assert desk.problems(run) == [(2, "K2", "exam_number", "taken")]
    assert exams(session) == {"202500001": "99350001", "202500002": "99350002", "202500003": "99350003"}


def test_a_number_that_was_taken_after_the_dry_run_is_refused_by_name_and_the_rest_goes_on(
    desk: Desk,
    session: Session,
) -> None:
    run = desk.check("roster", csv_of([sat(1, "99350001"), sat(2, "99350002")]))
    assert run.expected["new"] == 2
    desk.take_in("roster", csv_of([sat(7, "99350001")]))
    done = desk.commit(run)
    assert (done.state, done.counts) == (ImportState.DONE, {"refused": 1, "new": 1})
    assert desk.problems(done) == [(2, "K2", "exam_number", "taken")]


def test_undo_gives_exam_numbers_back_and_leaves_those_that_somebody_else_has_by_now(
    desk: Desk,
    session: Session,
) -> None:
    desk.take_in("roster", csv_of([sat(1, "99350001"), sat(2, "99350002"), person(3, "FZ01") | {"考生号": ""}]))
    moved = desk.take_in("roster", csv_of([sat(1, "99350011"), sat(2, "99350012"), sat(3, "99350013")]))
    assert moved.counts == {"changed": 3}
    desk.take_in("roster", csv_of([sat(4, "99350001")]))
    undone = desk.undo(moved)
    first = session.scalars(select(Student.id).where(Student.student_number == "202500001")).one()
    assert (undone.state, undone.about["stayed"]) == (ImportState.UNDONE, [first])
    assert exams(session) == {"202500001": "99350011", "202500002": "99350002", "202500004": "99350001"}


def test_numbers_that_went_from_one_to_another_within_an_import_go_back(
    desk: Desk,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk.take_in("roster", csv_of([sat(1, "99350001"), sat(2, "99350002")]))
    in_twos = imports.Writer(roster.plan, roster.write, roster.depends, roster.undo, chunk=1)
    monkeypatch.setitem(imports.WRITERS, "roster", in_twos)
    moved = desk.take_in("roster", csv_of([sat(1, "99350009"), sat(2, "99350001")]))
    assert exams(session) == {"202500001": "99350009", "202500002": "99350001"}
    monkeypatch.setitem(imports.WRITERS, "roster", roster.WRITER)
    desk.undo(moved)
    assert exams(session) == {"202500001": "99350001", "202500002": "99350002"}


def graduate(n: int, certificate: str, day: str = "2018-07-01") -> dict[str, str]:
    return {**person(n, "FZ01"), "毕业证书编号": certificate, "毕业日期": day}


FIRST, SECOND, THIRD = (f"99999720180400090{n}" for n in (1, 2, 3))


def certificates(session: Session) -> dict[str, tuple[str | None, date | None]]:
    rows = session.execute(select(Student.student_number, Student.certificate_number, Student.graduated_on))
    return {number: (certificate, day) for number, certificate, day in rows}


def test_graduates_come_with_the_roster_and_go_with_its_undo(desk: Desk, session: Session) -> None:
    desk.take_in("roster", csv_of([person(1, "FZ01")]))
    run = desk.take_in("roster", csv_of([graduate(1, FIRST), graduate(2, SECOND), graduate(3, "", "")]))
    assert run.counts == {"changed": 1, "new": 2}
    assert certificates(session) == {
        "202500001": (FIRST, date(2018, 7, 1)),
        "202500002": (SECOND, date(2018, 7, 1)),
        "202500003": (None, None),
    }
    desk.undo(run)
    assert certificates(session) == {"202500001": (None, None)}
    assert desk.whole() == []


def test_a_diploma_that_cannot_be_or_is_somebody_elses_is_refused(desk: Desk, session: Session) -> None:
    desk.take_in("roster", csv_of([graduate(1, FIRST)]))
    rows = [
        graduate(2, FIRST), graduate(3, SECOND), graduate(4, SECOND), graduate(5, "12345"),
        graduate(6, "999997201899000901"), graduate(7, THIRD, "2099-07-01"), graduate(1, FIRST),
    ]  # fmt: skip
    run = desk.check("roster", csv_of(rows))
    assert [(row, column, code) for row, _, column, code in desk.problems(run)] == [
        (2, "certificate_number", "shared"),
        (3, "certificate_number", "shared"),
        (4, "certificate_number", "shared"),
        (5, "certificate_number", "certificate"),
        (6, "certificate_number", "certificate"),
        (7, "graduated_on", "not_graduated"),
        (8, "certificate_number", "shared"),
    ]
    alone = desk.check("roster", csv_of([graduate(2, FIRST)]))
    assert [code for *_, code in desk.problems(alone)] == ["taken"]


def test_diplomas_that_went_from_one_to_another_go_back(
    desk: Desk, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.take_in("roster", csv_of([graduate(1, FIRST), graduate(2, SECOND)]))
    in_ones = imports.Writer(roster.plan, roster.write, roster.depends, roster.undo, chunk=1)
    monkeypatch.setitem(imports.WRITERS, "roster", in_ones)
    moved = desk.take_in("roster", csv_of([graduate(1, THIRD), graduate(2, FIRST)]))
    assert [number for number, _ in certificates(session).values()] == [THIRD, FIRST]
    monkeypatch.setitem(imports.WRITERS, "roster", roster.WRITER)
    desk.undo(moved)
    assert [number for number, _ in certificates(session).values()] == [FIRST, SECOND]


def test_undo_leaves_a_diploma_that_somebody_else_has_by_now(desk: Desk, session: Session) -> None:
    desk.take_in("roster", csv_of([graduate(1, FIRST)]))
    moved = desk.take_in("roster", csv_of([graduate(1, SECOND)]))
    desk.take_in("roster", csv_of([graduate(2, FIRST)]))
    undone = desk.undo(moved)
    first = session.scalars(select(Student.id).where(Student.student_number == "202500001")).one()
    assert (undone.state, undone.about["stayed"]) == (ImportState.UNDONE, [first])
    assert [number for number, _ in certificates(session).values()] == [SECOND, FIRST]


class Broken:
    """The second chunk of one cannot be written, and neither can be taken back, as long as it says so."""

    def __init__(self) -> None:
        self.fails = True

    def write(self, session: Session, run: Import, planned: Any, *rest: Any) -> None:
        if self.fails and run.done_rows:
            raise OperationalError("the disk is full", None, Exception())
        roster.write(session, run, planned, *rest)


def given_up(desk: Desk, run: Import) -> Import:
    """The worker has failed so often that the next failure is the last."""
    job = desk.session.scalars(select(Job).where(Job.state == JobState.WAITING)).one()
    job.attempts = desk.parts.settings.jobs.max_attempts - 1
    desk.session.commit()
    desk.session.expire_all()  # the worker has another session
    desk.parts.clock.move(hours=2)  # type: ignore[attr-defined]
    return desk.work(run)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Broken:
    made = Broken()
    writer = imports.Writer(roster.plan, made.write, roster.depends, roster.undo, chunk=1)
    monkeypatch.setitem(imports.WRITERS, "roster", writer)
    return made


def by(run: Import) -> Actor:
    return Actor(ActorKind.STAFF, run.uploaded_by)


def test_a_writing_that_was_given_up_goes_on_where_it_stopped(
    desk: Desk,
    session: Session,
    make: Factory,
    broken: Broken,
) -> None:
    run = desk.commit(desk.check("roster", csv_of([person(n, "FZ01") for n in range(1, 4)])))
    assert stuck.trouble(session, run) is Trouble.AGAIN
    who: dict[str, Any] = {"scope": ALL_CENTRES, "import_id": run.id, "actor": by(run), "now": make.clock()}
    with pytest.raises(ImportNotAllowed):  # it is tried again by itself
        stuck.go_on(session, **who)
    with pytest.raises(ImportNotAllowed):
        imports.start_undo(session, **who)
    session.rollback()
    run = given_up(desk, run)
    assert (stuck.trouble(session, run), run.state, run.done_rows) == (Trouble.GIVEN_UP, ImportState.COMMITTING, 1)
    broken.fails = False
    stuck.go_on(session, **who)
    done = desk.work(run)
    assert (done.state, done.counts, students(session)) == (ImportState.DONE, {"new": 3}, 3)
    assert stuck.trouble(session, done) is None
    assert desk.whole() == []


def test_what_a_given_up_writing_has_written_can_be_taken_back(
    desk: Desk,
    session: Session,
    broken: Broken,
) -> None:
    run = given_up(desk, desk.commit(desk.check("roster", csv_of([person(n, "FZ01") for n in range(1, 4)]))))
    assert students(session) == 1
    undone = desk.undo(run)
    assert (undone.state, undone.preview, students(session)) == (ImportState.UNDONE, "{}", 0)
    assert desk.whole() == []


def test_a_dry_run_that_was_given_up_can_be_dropped(
    desk: Desk,
    session: Session,
    make: Factory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: Any) -> None:
        raise OSError

    monkeypatch.setitem(
        imports.WRITERS,
        "roster",
        imports.Writer(fails, roster.write, roster.depends, roster.undo),  # type: ignore[arg-type]
    )
    run = desk.check("roster", csv_of([person(1, "FZ01")]))
    who: dict[str, Any] = {"scope": ALL_CENTRES, "import_id": run.id, "actor": by(run), "now": make.clock()}
    with pytest.raises(ImportNotAllowed):
        imports.discard(session, **who)
    session.rollback()
    given_up(desk, run)
    assert imports.discard(session, **who).state == ImportState.DISCARDED
