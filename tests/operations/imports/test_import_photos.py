"""Photos of a ZIP and whose they are: by an exam number, by a table with headings of its own; never by a name alone."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.bulk.rules import Match
from backend.exchange.records import ExamNumber, ReturnedPhoto
from backend.exchange.rules import ImportState
from backend.proofreading.records import LinkedPhoto
from tests.factories import Factory
from tests.operations.imports.files import Desk, archive, csv_of, person, picture


def test_photos_are_laid_to_their_students_by_exam_number_and_taken_back(
    desk: Desk,
    session: Session,
    make: Factory,
) -> None:
    lin, wu = make.student(desk.centre), make.student(desk.centre, name="吴思远")
    session.add_all([ExamNumber(student_id=lin.id, number="99350001"), ExamNumber(student_id=wu.id, number="99350002")])
    session.commit()
    content = archive(
        ("zp99350001.jpg", picture(240)), ("林小满99350002.jpg", picture(220)), ("99350003.jpg", picture(200))
    )
    run = desk.take_in("linked", content)
    assert run.counts == {"new": 1, "refused": 2}
    assert [code for *_, code in desk.problems(run)] == ["name_differs", "unknown_person"]
    assert [photo.student_id for photo in session.scalars(select(LinkedPhoto))] == [lin.id]
    assert desk.undo(run).state == ImportState.UNDONE
    assert session.scalars(select(LinkedPhoto)).all() == []
    assert len(session.scalars(select(ExamNumber)).all()) == 2
    assert desk.whole() == []


def test_a_number_with_two_meanings_and_a_name_alone_are_laid_to_nobody(
    desk: Desk,
    session: Session,
    make: Factory,
) -> None:
    lin, wu = make.student(desk.centre), make.student(desk.centre, name="吴思远")
    session.add(ExamNumber(student_id=wu.id, number=lin.student_number))
    session.commit()
    run = desk.check("linked", archive((f"{lin.student_number}.jpg", picture(240)), ("一班/吴思远.jpg", picture(220))))
    assert [(place, code) for _, place, _, code in desk.problems(run)] == [
        (f"{lin.student_number}.jpg", "two_meanings"),
        ("一班/吴思远.jpg", "no_number"),
    ]
    assert set(Match) >= {code for *_, code in desk.problems(run)}, "files of a bulk upload are told the same"


def test_headings_are_found_below_merged_title_rows(desk: Desk) -> None:
    table = csv_of([person(1, "FZ01")]).decode("utf-8-sig")
    run = desk.check("roster", ("2026 年秋季名单" + "," * 9 + "\n制表：教务处" + "," * 9 + "\n" + table).encode())
    assert (run.columns["header"], run.expected["new"]) == (2, 1)


def test_a_disc_is_laid_to_people_by_columns_that_were_pointed_out(
    desk: Desk,
    session: Session,
    make: Factory,
) -> None:
    lin = make.student(desk.centre)
    content = archive(
        ("list.csv", csv_of([{"图名": "0001.jpg", "学籍号": lin.student_number}])), ("0001.jpg", picture(201))
    )
    run = desk.upload("disc", content)
    assert (run.state, run.columns["columns"]) == (ImportState.UPLOADED, {})
    run.columns = {**run.columns, "columns": {"file": 0, "student_number": 1}}
    done = desk.commit(desk.checked(run))
    assert done.counts == {"new": 1}
    assert [photo.student_id for photo in session.scalars(select(ReturnedPhoto))] == [lin.id]


def test_a_table_says_whose_the_linked_photos_are_and_every_row_and_file_that_does_not_fit_is_named(
    desk: Desk,
    session: Session,
    make: Factory,
) -> None:
    lin, wu, tang = make.student(desk.centre), make.student(desk.centre, name="吴思远"), make.student(desk.centre)
    xu, he = make.student(desk.centre), make.student(desk.centre)
    session.add(ExamNumber(student_id=wu.id, number="99350002"))
    session.commit()
    number = {"学号": "", "考生号": "", "姓名": ""}
    rows = [
        {"文件名": "照片/一班/0001.jpg", **number, "学号": lin.student_number},
        {"文件名": "0002", **number, "考生号": "99350002", "姓名": "吴思远"},
        {"文件名": "D:\\照片\\0003.JPG", **number, "学号": tang.student_number},
        {"文件名": "0004.jpg", **number, "学号": xu.student_number},  # in two folders
        {"文件名": "0005.jpg", **number, "学号": he.student_number},  # not in the archive
        {"文件名": "", **number, "学号": he.student_number},
        {"文件名": "0006.jpg", **number, "学号": "2099999999"},
    ]
    content = archive(
        ("清单.csv", csv_of(rows)),
        *((f"照片/一班/000{n}.jpg", picture(180 + n)) for n in (1, 2, 3, 4, 6, 7)),
        ("照片/二班/0001.jpg", picture(191)),
        ("照片/二班/0004.jpg", picture(192)),
    )
    run = desk.take_in("linked", content)
    photos = session.scalars(select(LinkedPhoto)).all()
    assert {photo.student_id for photo in photos} == {lin.id, wu.id, tang.id}
    assert {(place, code) for _, place, _, code in desk.problems(run)} == {
        ("照片/一班/0004.jpg", "same_name"),
        ("照片/一班/0006.jpg", "unknown_person"),
        ("照片/一班/0007.jpg", "not_in_table"),
        ("照片/二班/0001.jpg", "not_in_table"),
        ("照片/二班/0004.jpg", "same_name"),
        ("0004.jpg", "same_name"),
        ("0005.jpg", "no_file"),
        ("A7", "missing"),
    }
    assert desk.undo(run).state == ImportState.UNDONE
    assert desk.whole() == []
