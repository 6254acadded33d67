"""The machine looks at what came back: in a job, in slices, by the right profile; what it cannot check is said so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.centres.rules import ALL_CENTRES
from backend.compliance.assess import Assessment
from backend.compliance.decode import Unreadable
from backend.compliance.findings import Mode, PictureVerdict, Report
from backend.enrollment.records import Student
from backend.exchange import judging
from backend.exchange.disc import undo
from backend.exchange.judging import Judge, ask_judging, judge_returned
from backend.exchange.records import Import, ReturnedPhoto, ReturnedReport
from backend.history.rules import SYSTEM
from backend.jobs.records import Job
from backend.parts import Parts
from backend.photos.rules import Action
from backend.worker import Tools, Worker
from tests.factories import TINY_JPEG, Factory, report

PORTRAIT = Path(__file__).resolve().parents[2] / "backend" / "demo" / "portrait.jpg"


class Engine:
    """Notes what it was asked, and answers as it is told."""

    def __init__(self) -> None:
        self.asked: list[tuple[bytes, Mode, str]] = []
        self.trouble: dict[bytes, Exception] = {}

    def __call__(self, content: bytes, *, file_name: str | None, mode: Mode, profile: str) -> Assessment:
        self.asked.append((content, mode, profile))
        if content in self.trouble:
            raise self.trouble[content]
        return Assessment(report(PictureVerdict.PASS), content, None)


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def judge(engine: Engine) -> Judge:
    return Judge(engine, "2026-1", "base")


@pytest.fixture
def run(make: Factory) -> Import:
    found: Import = make._keep(
        Import(
            kind="disc", state="done", file_name="0" * 64, label="x.zip", bytes=1, format="zip",
            uploaded_by=make.staff().id, uploaded_at=make.clock(),
        )
    )  # fmt: skip
    return found


def back(make: Factory, run: Import, student: Student, content: bytes) -> ReturnedPhoto:
    row: ReturnedPhoto = make._keep(
        ReturnedPhoto(
            import_id=run.id, student_id=student.id, file_name=make.parts.files.put(content),
            media_type="image/jpeg", returned_on=date(2026, 11, 1),
        )
    )  # fmt: skip
    return row


def accepted(make: Factory, **values: Any) -> Student:
    student = make.student(**values)
    make.settle(student)
    make.submitted(student)
    make.reviewed(student, Action.ACCEPT)
    return student


def reports(session: Session) -> dict[str, ReturnedReport]:
    session.rollback()
    session.expire_all()
    return {row.side: row for row in session.scalars(select(ReturnedReport).order_by(ReturnedReport.id))}


def go(parts: Parts, judge: Judge, run: Import) -> int:
    return judge_returned(parts.sessions, files=parts.files, judge=judge, import_id=run.id, now=parts.clock())


def test_both_pictures_are_judged_as_finished_files_by_the_profile_of_the_centre(
    make: Factory, session: Session, parts: Parts, engine: Engine, judge: Judge, run: Import
) -> None:
    lin = accepted(make, centre=make.centre(photo_profile="white-only"))
    row = back(make, run, lin, TINY_JPEG + b"back")
    assert go(parts, judge, run) == 2
    assert {(mode, profile) for _, mode, profile in engine.asked} == {(Mode.FINAL, "white-only")}
    found = reports(session)
    assert set(found) == {"returned", "accepted"}
    assert found["returned"].returned_id == row.id
    assert {(one.edition, one.profile) for one in found.values()} == {("2026-1", "white-only")}
    assert Report.from_dict(found["returned"].report or {}).verdict is PictureVerdict.PASS
    assert [content for content, _, _ in engine.asked][1].endswith(b"registration")


def test_what_was_judged_is_not_judged_again(
    make: Factory, parts: Parts, engine: Engine, judge: Judge, run: Import
) -> None:
    back(make, run, accepted(make), TINY_JPEG)
    assert (go(parts, judge, run), go(parts, judge, run)) == (2, 0)
    assert len(engine.asked) == 2


def test_another_edition_judges_anew(make: Factory, session: Session, parts: Parts, judge: Judge, run: Import) -> None:
    back(make, run, accepted(make), TINY_JPEG)
    go(parts, judge, run)
    assert go(parts, replace(judge, edition="2026-2"), run) == 2
    assert {one.edition for one in reports(session).values()} == {"2026-2"}


def test_without_an_accepted_photo_the_one_that_came_back_is_judged(
    make: Factory, session: Session, parts: Parts, judge: Judge, run: Import
) -> None:
    lin = make.student()
    back(make, run, lin, TINY_JPEG)
    assert go(parts, judge, run) == 1
    assert set(reports(session)) == {"returned"}
    make.settle(lin)
    version = make.submitted(lin)
    make.reviewed(lin, Action.ACCEPT)
    assert go(parts, judge, run) == 1  # only the one that is new
    assert reports(session)["accepted"].version_id == version.id


@pytest.mark.parametrize(
    ("trouble", "problem"), [(Unreadable("truncated"), "truncated"), (RuntimeError("林小满"), "failed")]
)
def test_what_cannot_be_checked_is_neither_good_nor_bad_and_holds_up_nobody(
    trouble: Exception, problem: str, make: Factory, session: Session, parts: Parts, engine: Engine, judge: Judge,
    run: Import, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    engine.trouble[TINY_JPEG] = trouble
    back(make, run, accepted(make), TINY_JPEG)
    assert go(parts, judge, run) == 2
    found = reports(session)
    assert (found["returned"].report, found["returned"].problem) == (None, problem)
    assert found["accepted"].report is not None
    assert "林小满" not in caplog.text


def test_a_file_that_is_gone_is_said_so(
    make: Factory, session: Session, parts: Parts, judge: Judge, run: Import
) -> None:
    row = back(make, run, make.student(), TINY_JPEG)
    parts.files.delete(row.file_name)
    go(parts, judge, run)
    assert reports(session)["returned"].problem == "failed"


def test_a_large_disc_is_judged_slice_by_slice_with_other_work_between(
    make: Factory, session: Session, parts: Parts, judge: Judge, run: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "SLICE", 2)
    centre = make.centre()
    for n in range(3):
        back(make, run, make.student(centre), TINY_JPEG + bytes([n]))
    assert go(parts, judge, run) == 2
    session.rollback()
    assert [job.kind for job in session.scalars(select(Job))] == ["judge_returned"]
    session.rollback()
    assert go(parts, judge, run) == 1
    assert len(session.scalars(select(Job)).all()) == 1  # nothing is left: no further job


def test_asking_anew_forgets_the_old_word_first(
    make: Factory, session: Session, parts: Parts, judge: Judge, run: Import
) -> None:
    row = back(make, run, make.student(), TINY_JPEG)
    go(parts, judge, run)
    ask_judging(session, scope=ALL_CENTRES, returned_id=row.id, actor=SYSTEM, now=parts.clock())
    assert reports(session) == {}


def test_an_import_that_is_taken_back_takes_the_reports_along(
    make: Factory, session: Session, parts: Parts, judge: Judge, run: Import
) -> None:
    back(make, run, make.student(), TINY_JPEG)
    go(parts, judge, run)
    assert undo(session, session.get_one(Import, run.id), 50, SYSTEM, parts.clock()) == 1
    session.commit()
    assert reports(session) == {}
    assert go(parts, judge, run) == 0


def test_the_worker_judges_with_the_engine_of_the_installation(
    make: Factory, session: Session, parts: Parts, run: Import
) -> None:
    row = back(make, run, make.student(), PORTRAIT.read_bytes())
    ask_judging(session, scope=ALL_CENTRES, returned_id=row.id, actor=SYSTEM, now=parts.clock())
    assert Worker(Tools.of(parts)).run_one()
    found = reports(session)["returned"]
    assert found.edition == parts.standard.edition
    judged = Report.from_dict(found.report or {})
    assert judged.mode is Mode.FINAL
    assert judged.findings
