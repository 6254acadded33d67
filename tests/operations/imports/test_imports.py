"""Imports: what a file would change, what it did change, and that it can be taken back."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.batches.operations import hand_over, receive
from backend.batches.overlooked import overlooked_refusals, return_overlooked
from backend.batches.records import Batch, BatchItem
from backend.capture.records import CaptureRound, CaptureUnit
from backend.centres.rules import ALL_CENTRES
from backend.enrollment.records import Student
from backend.enrollment.rules import masked_id_number
from backend.exchange import operations as imports
from backend.exchange.records import Import, MatchResult, ReturnedPhoto
from backend.exchange.resting import resting_on
from backend.exchange.rules import ImportState, StillNeeded
from backend.history.rules import Actor, ActorKind
from backend.identity.records import IdentityCase
from backend.jobs.records import Job
from backend.parts import Parts
from backend.photos.records import Decision, Photo
from backend.photos.rules import Action as PhotoAction
from backend.proofreading.queries import reminders_of
from backend.proofreading.records import Conclusion, LinkedPhoto, StageEvidence
from backend.settings import PROJECT
from tests.conftest import Clock
from tests.factories import Factory
from tests.operations.imports.files import Desk, archive, csv_of, numbered, person, picture, students


def test_a_dry_run_says_what_would_happen_and_changes_nothing(desk: Desk, session: Session) -> None:
    rows = [
        person(1, "FZ01"),
        person(2, "FZ01", 姓名=""),
        person(3, "福州没有"),
        person(4, "FZ01", 身份证号="990101199602290000"),
    ]
    run = desk.check("roster", csv_of(rows))
    assert run.state == ImportState.CHECKED
    assert run.expected == {"new": 1, "changed": 0, "unchanged": 0, "refused": 3}
    assert desk.problems(run) == [
        (3, "B3", "name", "missing"),
        (4, "E4", "centre", "unknown_centre"),
        (5, "C5", "id_number", "id_checksum"),
    ]
    assert students(session) == 0


def test_a_closed_centre_keeps_its_own_and_takes_in_nobody(desk: Desk, session: Session, make: Factory) -> None:
    make.centre(code="XM01")
    cohort = make.cohort(code="2027C")
    desk.take_in("roster", csv_of([person(1, "FZ01", 批次="2027C"), person(2, "XM01", 批次="")]))
    desk.centre.active = cohort.active = False
    session.commit()
    rows = [
        person(1, "FZ01", 批次="2027C", 专业="法学"),
        person(2, "FZ01", 批次=""),
        person(3, "FZ01", 批次=""),
        person(4, "XM01", 批次="2027C"),
    ]
    run = desk.check("roster", csv_of(rows))
    assert run.expected == {"new": 0, "changed": 1, "unchanged": 0, "refused": 3}
    assert [(row, column, code) for row, _, column, code in desk.problems(run)] == [
        (3, "centre", "closed_centre"),
        (4, "centre", "closed_centre"),
        (5, "cohort", "closed_cohort"),
    ]


def test_a_roster_is_written_changed_repeated_and_taken_back(desk: Desk, session: Session) -> None:
    first = desk.take_in("roster", csv_of([person(n, "FZ01") for n in range(1, 4)]))
    assert (first.state, first.counts) == (ImportState.DONE, {"new": 3})
    again = desk.take_in("roster", csv_of([person(n, "FZ01") for n in range(1, 4)]))
    assert again.counts == {"unchanged": 3}
    moved = desk.take_in("roster", csv_of([person(1, "FZ01", 专业="法学"), person(2, "FZ01")]))
    assert moved.counts == {"changed": 1, "unchanged": 1}
    student = session.scalars(select(Student).where(Student.student_number == "202500001")).one()
    assert (student.programme, student.data_version) == ("法学", 2)
    with pytest.raises(StillNeeded) as needed:
        desk.undo(first)
    assert needed.value.depends == {"later": 1}
    assert desk.undo(moved).state == ImportState.UNDONE
    session.expire_all()
    assert (student.programme, student.data_version) == ("汉语言文学", 3)
    assert desk.whole() == []


def test_reminders_move_with_students_who_change_the_cohort_and_back(
    desk: Desk, session: Session, make: Factory
) -> None:
    make.cohort(code="2026Q", proofread_by=date(2027, 3, 31))
    make.cohort(code="2027C", proofread_by=date(2027, 9, 30))
    desk.take_in("roster", csv_of([person(1, "FZ01", 批次="2026Q")]))
    desk.take_in("linked", archive((f"{numbered(1)}.jpg", picture(200))))
    lin = session.scalars(select(Student).where(Student.student_number == "202500001")).one()

    def to_come() -> tuple[list[date], int]:
        session.rollback()
        moves = session.scalars(select(Job.id).where(Job.kind == "move_reminders")).all()
        return [reminder.due_at.date() for reminder in reminders_of(session, lin.id)], len(moves)

    autumn = [date(2027, 3, 17), date(2027, 3, 28)]
    assert to_come() == (autumn, 0)
    moved = desk.take_in("roster", csv_of([person(1, "FZ01", 批次="2027C")]))
    assert to_come() == ([date(2027, 9, 16), date(2027, 9, 27)], 1)
    desk.undo(moved)
    assert to_come() == (autumn, 3)  # for both cohorts
    desk.take_in("roster", csv_of([person(1, "FZ01", 批次="2026Q", 专业="法学")]))
    assert to_come() == (autumn, 3), "nobody changed the cohort"


def test_an_import_nobody_rests_on_is_taken_back_whole(desk: Desk, session: Session, make: Factory) -> None:
    run = desk.take_in("roster", csv_of([person(n, "FZ01") for n in range(1, 4)]))
    student = session.scalars(select(Student).where(Student.student_number == "202500002")).one()
    account = make.student_account(student)
    with pytest.raises(StillNeeded) as needed:
        desk.undo(run)
    assert needed.value.depends == {"account": 1}
    session.rollback()
    session.delete(session.get_one(Account, account.id))
    session.commit()
    assert desk.undo(run).state == ImportState.UNDONE
    assert students(session) == 0
    assert desk.whole() == []


def test_a_match_list_counts_until_a_newer_one_and_can_be_taken_back(
    desk: Desk, session: Session, make: Factory
) -> None:
    lin, wu = make.student(desk.centre), make.student(desk.centre)
    head = {"学号": "", "原始学历审核状态": "", "审核备注": "", "bz": ""}
    rows = [
        {**head, "学号": lin.student_number, "原始学历审核状态": "未通过", "审核备注": "学信网反馈无毕业照片"},
        {**head, "学号": wu.student_number, "原始学历审核状态": "通过", "bz": "身份核验不确定"},
        {**head, "学号": "nobody9", "原始学历审核状态": "通过"},
    ]
    first = desk.take_in("match", csv_of(rows, "gb18030"))
    assert first.counts == {"new": 2, "refused": 1}
    assert desk.problems(first) == [(4, "A4", "student_number", "unknown_person")]

    def standing() -> dict[int, tuple[str, bool, str]]:
        rows = session.scalars(select(MatchResult).where(MatchResult.superseded.is_(False))).all()
        assert len({row.student_id for row in rows}) == len(rows), "one line of a student counts"
        return {row.student_id: (row.photo, row.identity_marked, row.before) for row in rows}

    assert standing() == {lin.id: ("no", False, ""), wu.id: ("yes", True, "")}
    rows[0] |= {"原始学历审核状态": "通过", "审核备注": ""}
    second = desk.take_in("match", csv_of(rows[:2]), as_of=date(2026, 11, 2))
    assert second.counts == {"changed": 1, "unchanged": 1}
    assert standing()[lin.id] == ("yes", False, "no")
    with pytest.raises(StillNeeded) as needed:
        desk.undo(first)
    assert needed.value.depends == {"later": 1, "identity": 1}
    session.rollback()
    desk.undo(second)
    session.expire_all()
    assert standing() == {lin.id: ("no", False, ""), wu.id: ("yes", True, "")}
    assert desk.whole() == []


def test_a_centre_takes_in_no_roster_and_no_photo_of_others(desk: Desk, make: Factory) -> None:
    from backend.errors import NotFound

    staff = make.staff(Role.CENTRE_STAFF, desk.centre)
    with pytest.raises(NotFound):
        desk.upload("roster", csv_of([person(1, "FZ01")]), who=staff)


def test_a_worker_that_dies_leaves_whole_chunks_and_the_next_one_goes_on(
    desk: Desk, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backend.exchange import roster

    writer = imports.Writer(roster.plan, roster.write, roster.depends, roster.undo, chunk=2)
    monkeypatch.setitem(imports.WRITERS, "roster", writer)
    run = desk.check("roster", csv_of([person(n, "FZ01") for n in range(1, 8)]))
    calls = 0

    def dies_in_the_third(*arguments: Any) -> None:
        nonlocal calls
        calls += 1
        roster.write(*arguments)
        if calls == 3:
            raise KeyboardInterrupt  # nothing of ours catches it, as little as a kill

    monkeypatch.setitem(
        imports.WRITERS, "roster", imports.Writer(roster.plan, dies_in_the_third, roster.depends, roster.undo, chunk=2)
    )
    with pytest.raises(KeyboardInterrupt):
        desk.commit(run)
    session.rollback()
    assert students(session) == 4
    monkeypatch.setitem(imports.WRITERS, "roster", writer)
    desk.parts.clock.move(hours=1)  # type: ignore[attr-defined]
    done = desk.work(run)
    assert (done.state, done.counts, students(session)) == (ImportState.DONE, {"new": 7}, 7)
    assert desk.whole() == []


@pytest.mark.slow
def test_a_killed_worker_leaves_nothing_half_done(desk: Desk, parts: Parts, session: Session) -> None:
    """kill -9 of the real worker in the middle of a real import; another one goes on."""
    rows = 3000
    run = desk.check("roster", csv_of([person(n, "FZ01") for n in range(rows)]))
    assert run.expected["new"] == rows
    imports.start_commit(
        session, scope=ALL_CENTRES, import_id=run.id, actor=Actor(ActorKind.STAFF, run.uploaded_by), now=parts.clock()
    )
    session.close()  # no read of ours is open while the worker works
    program = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
    environment = {
        **os.environ,
        "XUEZHAO_MODE": "testing",
        "DATA_DIR": str(parts.settings.data.dir),
        "DATABASE_URL": parts.settings.database_url,
        "XUEZHAO_JOBS_LEASE_SECONDS": "2",
    }

    def done() -> tuple[int, str, int]:
        with parts.sessions() as fresh:
            found = fresh.get_one(Import, run.id)
            return found.done_rows, found.state, students(fresh)

    def wait_until(ready: Callable[[], bool]) -> None:
        tick = threading.Event()
        for _ in range(1200):
            if ready():
                return
            tick.wait(0.05)
        raise AssertionError("the import did not go on")

    first = subprocess.Popen(
        program, env=environment, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: done()[0] > 0)
    finally:
        first.kill()
        first.wait()
    written, state, there = done()
    assert state == ImportState.COMMITTING
    assert there == written < rows
    second = subprocess.Popen(
        program, env=environment, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: done()[1] == ImportState.DONE)
    finally:
        second.terminate()
        second.wait()
    assert done() == (rows, ImportState.DONE, rows)
    assert desk.whole() == []


def test_receipts_are_evidence_of_the_unit_until_taken_back(desk: Desk, session: Session, make: Factory) -> None:
    lin, wu = make.student(desk.centre), make.student(desk.centre, name="吴思远")
    rows = [
        {"学号": lin.student_number, "姓名": "林小满", "采集日期": "2026-10-18", "结果": "已采集"},
        {"学号": wu.student_number, "姓名": "别人", "采集日期": "2026-10-18", "结果": "驳回"},
    ]
    first = desk.take_in("receipt", csv_of(rows))
    assert first.counts == {"new": 1, "refused": 1}
    assert desk.problems(first) == [(3, "B3", "name", "name_differs")]
    word = session.scalars(select(StageEvidence)).one()
    assert (word.student_id, word.stage, word.witness, word.holds) == (lin.id, "hand_over", "unit", True)
    assert word.source == f"import {first.id}"
    assert desk.take_in("receipt", csv_of(rows[:1])).counts == {"unchanged": 1}
    rows[0]["结果"] = "不合格"
    assert desk.take_in("receipt", csv_of(rows[:1])).counts == {"changed": 1}
    desk.undo(first)
    assert [word.holds for word in session.scalars(select(StageEvidence))] == [False]
    assert desk.whole() == []


def test_a_rejecting_receipt_returns_the_photo_until_it_is_taken_back_or_another_picture_came(
    desk: Desk, session: Session, make: Factory, clock: Clock
) -> None:
    lin = make.student(desk.centre)
    make.settle(lin)
    make.submitted(lin)
    make.reviewed(lin, PhotoAction.ACCEPT)
    row = {"学号": lin.student_number, "采集日期": clock().date().isoformat(), "结果": "驳回", "原因": "背景不白"}

    def photo() -> Photo:
        session.rollback()
        return session.scalars(select(Photo)).one()

    first = desk.take_in("receipt", csv_of([row]), as_of=clock().date())
    assert photo().state == "returned"
    decision = session.scalars(select(Decision).order_by(Decision.id.desc())).first()
    assert decision is not None
    assert (decision.action, decision.text_student) == ("unit_refuses", "背景不白")
    desk.undo(first)
    assert photo().state == "accepted", "the file was a mistake: nothing followed, and the photo stands"

    second = desk.take_in("receipt", csv_of([row]), as_of=clock().date())
    assert photo().state == "returned"
    clock.move(days=1)
    make.submitted(lin)
    with pytest.raises(StillNeeded) as held:
        desk.undo(second)
    assert held.value.depends == {"retakes": 1}
    session.rollback()
    make.reviewed(lin, PhotoAction.ACCEPT)
    assert desk.take_in("receipt", csv_of([row | {"采集日期": "2026-10-01"}])).counts == {"changed": 1}
    assert photo().state == "accepted", "that receipt speaks of the picture before"


def test_photos_that_were_refused_and_stayed_accepted_are_returned_by_a_command(
    desk: Desk, session: Session, make: Factory, clock: Clock
) -> None:
    people = {name: make.student(desk.centre) for name in ("refused", "taken_later", "newer_photo", "returned")}
    for student in people.values():
        make.settle(student)
        make.submitted(student)
        make.reviewed(student, PhotoAction.ACCEPT)
    registry = desk.registry.id
    days = {"newer_photo": -1}

    def says(name: str, *, holds: bool) -> None:
        since = clock() + timedelta(days=days.get(name, 0))
        about = {"student_id": people[name].id, "stage": "hand_over", "witness": "unit", "source": "import 7"}
        session.add(StageEvidence(**about, holds=holds, since=since, recorded_at=clock(), recorded_by=registry))
        session.commit()

    for name in ("refused", "taken_later", "newer_photo"):
        says(name, holds=False)
    says("taken_later", holds=True)
    row = {"学号": people["returned"].student_number, "采集日期": clock().date().isoformat(), "结果": "驳回"}
    desk.take_in("receipt", csv_of([row]), as_of=clock().date())
    assert [item.student_id for item in overlooked_refusals(session)] == [people["refused"].id]
    assert return_overlooked(session, now=clock()) == 1
    assert return_overlooked(session, now=clock()) == 0
    states = {photo.student_id: photo.state for photo in session.scalars(select(Photo))}
    assert {name: states[student.id] for name, student in people.items()} == {
        "refused": "returned",
        "taken_later": "accepted",
        "newer_photo": "accepted",
        "returned": "returned",
    }
    assert desk.whole() == []


def test_a_receipt_answers_the_photos_of_a_batch_until_all_are_answered(
    desk: Desk, session: Session, make: Factory, clock: Clock
) -> None:
    today = clock().date()
    cohort = make.cohort()
    people = [make.student(desk.centre, cohort_id=cohort.id) for _ in range(2)]
    unit = CaptureUnit(code="U", name="采集中心", province="福建", format="code-only", rosters_allowed=False)
    found = CaptureRound(code="R", name="春季", opens_on=today, closes_on=today, created_at=clock(), cohorts=[cohort])
    session.add_all([unit, found])
    session.flush()
    batch = Batch(
        round_id=found.id, centre_id=desk.centre.id, unit_id=unit.id, number=1, format="code-only",
        state="sealed", problems=[], created_at=clock(),
    )  # fmt: skip
    session.add(batch)
    session.flush()
    batch_id, actor = batch.id, Actor(ActorKind.STAFF, make.staff(centre=desk.centre).id)
    session.commit()
    made = []
    for student in people:
        make.settle(student)
        version = make.submitted(student)
        make.reviewed(student, PhotoAction.ACCEPT)
        made.append({"batch_id": batch_id, "student_id": student.id, "version_id": version.id, "file_name": "0" * 64})
    session.rollback()
    session.add_all(BatchItem(**item) for item in made)
    session.commit()
    hand_over(
        session, scope=ALL_CENTRES, batch_id=batch_id, seen_revision=1, handed_on=today, reference="", actor=actor,
        now=clock(),
    )  # fmt: skip
    lin, wu = people
    taken = {"学号": lin.student_number, "结果": "已采集", "原因": ""}
    refused = {"学号": wu.student_number, "结果": "驳回", "原因": "背景不白"}

    def standing() -> tuple[str, list[tuple[str | None, str]], list[str]]:
        session.rollback()
        items = session.scalars(select(BatchItem).order_by(BatchItem.id)).all()
        photos = session.scalars(select(Photo.state).order_by(Photo.id)).all()
        return session.get_one(Batch, batch_id).state, [(item.answer, item.reason) for item in items], list(photos)

    def sources() -> list[tuple[str | None, date | None]]:
        return [(item.source, item.said_on) for item in session.scalars(select(BatchItem).order_by(BatchItem.id))]

    desk.take_in("receipt", csv_of([refused]), as_of=today - timedelta(days=1))
    assert standing()[:2] == ("handed_over", [(None, "")] * 2), "a file from before the hand-over is not about it"
    first = desk.take_in("receipt", csv_of([refused]), as_of=today)
    answered = [(None, ""), ("refused", "背景不白")]
    assert standing() == ("handed_over", answered, ["accepted", "returned"])
    assert sources() == [(None, None), (f"import {first.id}", today)]
    desk.undo(first)
    assert standing() == ("handed_over", [(None, "")] * 2, ["accepted", "accepted"])
    assert sources() == [(None, None)] * 2
    desk.take_in("receipt", csv_of([refused]), as_of=today)
    last = desk.take_in("receipt", csv_of([taken]), as_of=today)
    assert standing() == ("received", [("taken", ""), answered[1]], ["accepted", "returned"])
    # a complete but wrong file: exactly its answers are open again, and the batch waits for its receipt
    desk.undo(last)
    assert standing() == ("handed_over", answered, ["accepted", "returned"])
    assert session.get_one(Batch, batch_id).received_on is None
    both = desk.take_in("receipt", csv_of([taken, refused | {"原因": "头部过大"}]), as_of=today)
    assert standing() == ("received", [("taken", ""), answered[1]], ["accepted", "returned"]), "the first word stands"
    desk.undo(both)
    assert standing() == ("handed_over", answered, ["accepted", "returned"])
    assert desk.whole() == []
    # what a person has completed since rests on the file's answers, also while the file is being taken back
    file = session.scalars(select(Import).where(Import.state == "done").order_by(Import.id.desc())).first()
    assert file is not None
    imports.start_undo(session, scope=ALL_CENTRES, import_id=file.id, actor=desk._by(file), now=clock())
    receive(
        session, scope=ALL_CENTRES, batch_id=batch_id, seen_revision=session.get_one(Batch, batch_id).revision,
        received_on=today, refused={}, actor=actor, now=clock(),
    )  # fmt: skip
    assert desk.work(file).about["stayed"] == [wu.id]
    assert standing() == ("received", [("taken", ""), answered[1]], ["accepted", "returned"])
    resting = {item.what: item.count for item in resting_on(session, imports.WRITERS["receipt"].depends(file))}
    assert resting == {"receipts": 1}
    assert desk.whole() == []


def test_linked_photos_are_taken_back_while_nobody_has_concluded(desk: Desk, session: Session, make: Factory) -> None:
    lin, wu = make.student(desk.centre), make.student(desk.centre, name="吴思远")
    content = archive(
        (f"{lin.student_number}.jpg", picture(240)),
        (f"林小满{lin.id_number}.jpg", picture(200)),
        (f"{wu.student_number}.jpg", picture(220)),
    )
    run = desk.take_in("linked", content)
    assert run.counts == {"new": 1, "refused": 2}
    assert {(place, code) for _, place, _, code in desk.problems(run)} == {
        (f"{lin.student_number}.jpg", "second_photo"),
        (f"林小满{masked_id_number(lin.id_number)}.jpg", "second_photo"),
    }
    photo = session.scalars(select(LinkedPhoto)).one()
    assert photo.student_id == wu.id
    assert desk.parts.files.get(photo.file_name) == picture(220)
    assert desk.take_in("linked", archive((f"{wu.student_number}.jpg", picture(220)))).counts == {"unchanged": 1}
    session.add(
        Conclusion(
            student_id=wu.id,
            linked_photo_id=photo.id,
            round=1,
            photo_right=True,
            data_right=True,
            data_version=1,
            made_at=desk.parts.clock(),
            window_until=desk.parts.clock(),
        )
    )
    session.commit()
    with pytest.raises(StillNeeded) as needed:
        desk.undo(run)
    assert needed.value.depends == {"conclusion": 1}
    session.rollback()
    session.execute(delete(Conclusion))
    session.commit()
    desk.undo(run)
    assert session.scalars(select(LinkedPhoto)).all() == []


def test_a_disc_lays_its_photos_to_people_by_its_table(desk: Desk, session: Session, make: Factory) -> None:
    lin, wu = make.student(desk.centre), make.student(desk.centre, name="吴思远")
    table = csv_of(
        [
            {"文件名": "0001.jpg", "学号": lin.student_number, "姓名": "林小满", "拍摄序号": "1"},
            {"文件名": "0002.jpg", "学号": wu.student_number, "姓名": "林小满", "拍摄序号": "2"},
            {"文件名": "0009.jpg", "学号": wu.student_number + "9", "姓名": "吴思远", "拍摄序号": "9"},
        ],
        "gb18030",
    )
    files = [(f"photo/000{n}.jpg", picture(200 + n)) for n in (1, 2, 3)]
    run = desk.take_in("disc", archive(("list.csv", table), *files))
    assert run.counts == {"new": 1, "refused": 3}
    assert {(place, code) for _, place, _, code in desk.problems(run)} == {
        ("photo/0002.jpg", "name_differs"),
        ("photo/0003.jpg", "not_in_table"),
        ("0009.jpg", "no_file"),
    }
    returned = session.scalars(select(ReturnedPhoto)).one()
    assert (returned.student_id, returned.sequence) == (lin.id, "1")
    assert desk.whole() == []
    desk.undo(run)
    assert session.scalars(select(ReturnedPhoto)).all() == []


def test_two_photos_for_one_person_and_two_people_for_one_photo_are_refused_by_the_name_of_the_file(
    desk: Desk, session: Session, make: Factory
) -> None:
    lin, wu, gu = make.student(desk.centre), make.student(desk.centre, name="吴思远"), make.student(desk.centre)
    table = csv_of(
        [
            {"文件名": f"000{n}.jpg", "学号": student.student_number, "拍摄序号": str(n)}
            for n, student in ((1, lin), (2, lin), (3, wu), (3, gu))
        ]
    )
    files = [(f"000{n}.jpg", picture(200 + n)) for n in (1, 2, 3)]
    run = desk.take_in("disc", archive(("list.csv", table), *files))
    assert run.counts == {"refused": 3}
    assert {(place, code) for _, place, _, code in desk.problems(run)} == {
        ("0001.jpg", "second_photo"),
        ("0002.jpg", "second_photo"),
        ("A4", "two_people"),
    }
    assert session.scalars(select(ReturnedPhoto)).all() == []


def test_a_mark_of_identity_opens_a_review_and_holds_the_import(desk: Desk, session: Session, make: Factory) -> None:
    lin = make.student(desk.centre)
    row = {"学号": lin.student_number, "审核状态": "通过", "bz": "身份核验未通过"}
    run = desk.take_in("match", csv_of([row]))
    review = session.scalars(select(IdentityCase)).one()
    assert (review.student_id, review.mark, review.source) == (lin.id, "failed", f"import {run.id}")
    with pytest.raises(StillNeeded) as needed:
        desk.undo(run)
    assert needed.value.depends == {"identity": 1}
    session.rollback()
    assert desk.take_in("match", csv_of([row])).counts == {"unchanged": 1}


def test_an_older_list_does_not_overrule_a_newer_one(desk: Desk, session: Session, make: Factory) -> None:
    lin = make.student(desk.centre)
    row = {"学号": lin.student_number, "审核状态": "通过"}
    desk.take_in("match", csv_of([row]), as_of=date(2026, 11, 1))
    old = desk.take_in("match", csv_of([{**row, "审核状态": "未通过"}]), as_of=date(2026, 10, 1))
    assert old.counts == {"refused": 1}
    assert desk.problems(old) == [(2, "B2", "audit", "older")]


@pytest.mark.parametrize("same", [True, False])
def test_two_rows_for_one_person_are_refused_by_name(desk: Desk, same: bool) -> None:
    second = person(1, "FZ01") if same else person(1, "FZ01", 专业="法学")
    run = desk.check("roster", csv_of([person(1, "FZ01"), second, person(2, "FZ01")]))
    assert run.expected["new"] == (2 if same else 1)
    codes = {(row, code) for row, _, _, code in desk.problems(run)}
    assert codes == ({(3, "repeated")} if same else {(3, "contradicted"), (2, "contradicted")})


@pytest.mark.parametrize("between", [0, 510], ids=["next to it", "in another chunk"])
@pytest.mark.parametrize("kind", ["match", "receipt"])
@pytest.mark.parametrize("same", [True, False])
def test_two_numbers_of_one_student_are_one_student_however_far_apart(
    desk: Desk, make: Factory, kind: str, same: bool, between: int
) -> None:
    heading, good, bad = {"match": ("审核状态", "通过", "未通过"), "receipt": ("结果", "已采集", "驳回")}[kind]
    lin = make.student(desk.centre)
    nobody = [{"学号": f"2019{n:05d}", "身份证号": "", heading: good} for n in range(between)]
    rows = [
        {"学号": lin.student_number, "身份证号": "", heading: good},
        *nobody,
        {"学号": "", "身份证号": lin.id_number, heading: good if same else bad},
    ]
    run = desk.take_in(kind, csv_of(rows))
    refused = {"refused": between + 1} if same else {"refused": between + 2}
    assert run.counts == ({"new": 1} | refused if same else refused)
    last = between + 3
    found = {(row, code) for row, _, _, code in desk.problems(run) if code != "unknown_person"}
    assert found == ({(last, "repeated")} if same else {(last, "contradicted"), (2, "contradicted")})
