"""The wizard of imports: from the file to the report, and who may take in what."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date

import openpyxl
import pytest
import xlsxwriter
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.demo.people import invented_id_number
from backend.enrollment.records import Student
from backend.exchange import operations, roster
from backend.exchange.records import Import
from backend.jobs.records import Job
from backend.jobs.rules import JobState
from backend.parts import Parts
from backend.worker import Tools, Worker
from tests.factories import Factory

ClientOf = Callable[[Account], FlaskClient]


def workbook(rows: list[list[object]]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, float):
                sheet.write_number(number, column, value)
            else:
                sheet.write(number, column, value)
    book.close()
    return buffer.getvalue()


def picture(grey: int = 240) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (480, 640), (grey, grey, grey)).save(buffer, "JPEG", quality=70)
    return buffer.getvalue()


FULL: list[object] = ["学号", "姓名", "身份证号", "学习中心", "层次", "专业", "入学日期"]
PLACES = ("student_number", "name", "id_number", "centre", "level", "programme", "entry_date")
CHOSEN = {f"column-{place}": name for place, name in enumerate(PLACES)}
HEAD: list[object] = ["学号", "姓名", "证件", "教学点", "层次", "专业", "入学日期"]


def row(n: int, centre: str = "FZ01") -> list[object]:
    number = invented_id_number(date(1996, 2, 29), n, male=False)
    return [f"2025{n:05d}", "林小满", number, centre, "专升本", "汉语言文学", "2025-03-01"]


class Desk:
    def __init__(self, make: Factory, client_of: ClientOf, parts: Parts) -> None:
        self.make, self.client_of = make, client_of
        self.centre = make.centre(code="FZ01")
        self.registry = client_of(make.staff(Role.REGISTRY))
        self.worker = Worker(Tools.of(parts))

    def send(self, client: FlaskClient, kind: str, content: bytes, name: str = "a.xlsx", day: str = "2026-11-01"):  # type: ignore[no-untyped-def]
        data = {"kind": kind, "as_of": day, "file": (io.BytesIO(content), name)}
        return client.post("/console/imports", data=data, content_type="multipart/form-data")

    def work(self) -> None:
        while self.worker.run_one():
            pass


@pytest.fixture
def desk(make: Factory, client_of: ClientOf, parts: Parts) -> Desk:
    return Desk(make, client_of, parts)


def students(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count(Student.id))) or 0


def test_a_roster_goes_from_the_file_to_the_report_and_back(desk: Desk, session: Session) -> None:
    sent = desk.send(desk.registry, "roster", workbook([HEAD, row(1), row(2, "没有这里")]))
    assert sent.status_code == 303
    address = sent.headers["Location"]
    page = desk.registry.get(address).text
    assert "还缺列" in page
    assert "证件号码" in page
    chosen = CHOSEN
    assert desk.registry.post(f"{address}/check", data={**chosen, "column-2": ""}).status_code == 422
    assert desk.registry.post(f"{address}/check", data=chosen).status_code == 303
    assert "正在预检" in desk.registry.get(address).text
    assert desk.registry.get(f"{address}/progress.json").json["under_way"] is True
    desk.work()
    page = desk.registry.get(address).text
    assert "没有「没有这里」这个学习中心" in page
    assert "写入 1 行" in page
    assert students(session) == 0
    desk.registry.post(f"{address}/commit")
    desk.work()
    assert "导入结果" in desk.registry.get(address).text
    assert students(session) == 1
    # the same headings are matched by themselves the next time
    again = desk.send(desk.registry, "roster", workbook([HEAD, row(1), row(3)])).headers["Location"]
    assert "需要的列都找到了" in desk.registry.get(again).text
    assert "撤销" in desk.registry.get(f"{address}/undo").text
    desk.registry.post(f"{address}/undo")
    desk.work()
    assert students(session) == 0


def test_the_page_names_who_and_what_holds_an_import(desk: Desk, make: Factory, session: Session) -> None:
    address = desk.send(desk.registry, "roster", workbook([FULL, row(1), row(2)])).headers["Location"]
    desk.registry.post(f"{address}/check", data=CHOSEN)
    desk.work()
    desk.registry.post(f"{address}/commit")
    desk.work()
    student = session.scalars(select(Student).where(Student.student_number == "202500002")).one()
    desk.registry.post(f"/console/students/{student.id}/contacts", data={"outcome": "reached", "note": ""})
    for answer in (desk.registry.get(f"{address}/undo"), desk.registry.post(f"{address}/undo")):
        assert "1 名学生有联系记录" in answer.text
        assert f'<a href="/console/students/{student.id}">林小满</a> 202500002' in answer.text
    assert answer.status_code == 409
    assert students(session) == 2


def sheets(**tables: list[list[object]]) -> bytes:
    """A workbook with several sheets."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    for name, rows in tables.items():
        sheet = book.add_worksheet(name)
        for number, cells in enumerate(rows):
            sheet.write_row(number, 0, cells)
    book.close()
    return buffer.getvalue()


def test_the_likely_sheet_is_read_and_another_choice_is_remembered(desk: Desk, session: Session) -> None:
    notes: list[list[object]] = [["填写说明", "学号"], ["请按模板填写", ""]]
    book = sheets(说明=notes, 春季=[FULL, row(1)], 秋季=[FULL, row(2), row(3)])
    address = desk.send(desk.registry, "roster", book).headers["Location"]
    page = desk.registry.get(address).text
    assert '<option value="1" selected>春季</option>' in page
    assert "需要的列都找到了" in page
    assert desk.registry.post(f"{address}/sheet", data={"place": "2"}).status_code == 303
    assert '<option value="2" selected>秋季</option>' in desk.registry.get(address).text
    desk.registry.post(f"{address}/check", data=CHOSEN)
    desk.work()
    assert "写入 2 行" in desk.registry.get(address).text
    assert desk.registry.post(f"{address}/sheet", data={"place": "1"}).status_code == 409, "it was checked meanwhile"
    desk.registry.post(f"{address}/commit")
    desk.work()
    session.rollback()
    assert session.scalars(select(Student.student_number)).all() == ["202500002", "202500003"]
    # the next file with the same sheets
    book = sheets(说明=notes, 春季=[FULL, row(4)], 秋季=[FULL, row(5)])
    again = desk.send(desk.registry, "roster", book).headers["Location"]
    assert '<option value="2" selected>秋季</option>' in desk.registry.get(again).text
    for wrong in ("7", "x", ""):
        assert desk.registry.post(f"{again}/sheet", data={"place": wrong}).status_code == 404
    # a sheet without any heading that we know can be chosen too: its columns are pointed out by hand
    desk.registry.post(f"{again}/sheet", data={"place": "0"})
    assert "还缺列" in desk.registry.get(again).text


def test_a_workbook_beside_photos_is_read_at_its_likely_sheet(desk: Desk, make: Factory) -> None:
    lin = make.student(desk.centre)
    table = sheets(封面=[["返回清单", ""]], 清单=[["文件名", "学号"], ["a.jpg", lin.student_number]])
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("list.xlsx", table)
        file.writestr("a.jpg", picture())
    address = desk.send(desk.registry, "disc", archive.getvalue(), "a.zip").headers["Location"]
    desk.work()
    assert "写入 1 行" in desk.registry.get(address).text


@pytest.mark.parametrize("kind", ["disc", "linked"])
def test_the_columns_of_a_table_beside_photos_are_chosen_and_remembered(desk: Desk, make: Factory, kind: str) -> None:
    lin = make.student(desk.centre)

    def disc(grey: int) -> bytes:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("list.xlsx", workbook([["图名", "学籍号"], ["a.jpg", lin.student_number]]))
            file.writestr("a.jpg", picture(grey))
        return archive.getvalue()

    address = desk.send(desk.registry, kind, disc(240), "a.zip").headers["Location"]
    page = desk.registry.get(address).text
    assert "请为这些内容指定列：文件名、学号或证件号码或考生号" in page
    assert "表头：第 1 行" in page
    assert desk.registry.post(f"{address}/check", data={"column-0": "file"}).status_code == 422
    desk.registry.post(f"{address}/check", data={"column-0": "file", "column-1": "student_number"})
    desk.work()
    page = desk.registry.get(address).text
    assert "写入 1 行" in page
    assert "重新对应列" in page
    again = desk.send(desk.registry, kind, disc(200), "a.zip").headers["Location"]
    desk.work()
    assert "写入 1 行" in desk.registry.get(again).text


def test_a_table_that_has_nothing_to_do_with_the_photos_is_left_aside(desk: Desk, make: Factory) -> None:
    lin = make.student(desk.centre)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("说明.xlsx", workbook([["联系人", "电话"], ["吴老师", "0591"]]))
        file.writestr(f"{lin.student_number}.jpg", picture())
    address = desk.send(desk.registry, "linked", archive.getvalue(), "a.zip").headers["Location"]
    assert "还缺列" in desk.registry.get(address).text
    desk.registry.post(f"{address}/check", data={"by_name": "1"})
    desk.work()
    assert "写入 1 行" in desk.registry.get(address).text
    # and back: the table counts again
    desk.registry.post(f"{address}/rematch")
    desk.registry.post(f"{address}/check", data={"column-0": "file", "column-1": "student_number"})
    desk.work()
    page = desk.registry.get(address).text
    assert "附带的表里没有这个文件" in page
    assert "没有需要写入的行" in page


def test_the_heading_row_is_pointed_out_and_remembered_with_its_columns(desk: Desk, session: Session) -> None:
    def table(*people: list[object]) -> bytes:
        # the recognition takes the first line: three of its words are headings somewhere
        note: list[object] = ["学号", "姓名", "专业", "层次", "以下各列由函授站填写"]
        titles: list[object] = ["编号", "学生", "证件", "站点", "培养", "主修", "入校"]
        return workbook([note, ["2026 年秋季"], [], titles, *people])

    address = desk.send(desk.registry, "roster", table(row(1), row(2))).headers["Location"]
    page = desk.registry.get(address).text
    assert "表头：第 1 行" in page
    assert '<details class="card card--quiet fold import-heading" id="heading" open>' in page
    shown = [int(number) for number in re.findall(r'name="row" value="(\d+)"', page)]
    assert shown == [0, 1, 3, 4, 5], "empty rows cannot be it"
    assert row(1)[2] not in page, "ID numbers are masked"
    assert desk.registry.post(f"{address}/heading", data={"row": "3"}).status_code == 303
    page = desk.registry.get(address).text
    assert "表头：第 4 行" in page
    assert "培养" in page
    desk.registry.post(f"{address}/check", data=CHOSEN)
    desk.work()
    assert "写入 2 行" in desk.registry.get(address).text
    assert desk.registry.post(f"{address}/heading", data={"row": "0"}).status_code == 409, "it was checked meanwhile"
    # the next file of this kind, with one more line above
    again = desk.send(desk.registry, "roster", table(row(3))).headers["Location"]
    page = desk.registry.get(again).text
    assert "表头：第 4 行" in page
    assert "需要的列都找到了" in page
    for wrong in ("2", "12", "x", "", "-1"):
        assert desk.registry.post(f"{again}/heading", data={"row": wrong}).status_code == 404


def test_a_table_without_headings_loses_no_row(desk: Desk, session: Session) -> None:
    address = desk.send(desk.registry, "roster", workbook([row(1), row(2)])).headers["Location"]
    assert "表头：第 1 行" in desk.registry.get(address).text
    desk.registry.post(f"{address}/heading", data={"row": "none"})
    assert "没有表头" in desk.registry.get(address).text
    desk.registry.post(f"{address}/check", data=CHOSEN)
    desk.work()
    assert "写入 2 行" in desk.registry.get(address).text
    # nothing was learnt from it: other tables without headings may have other columns
    again = desk.send(desk.registry, "roster", workbook([row(3), row(4)])).headers["Location"]
    assert "还缺列" in desk.registry.get(again).text


def test_the_problems_are_read_back_by_another_program(desk: Desk) -> None:
    rows = [FULL, row(1), row(2)]
    rows[2][2] = 990101199602290000.0  # typed as a number: the last digits are gone
    address = desk.send(desk.registry, "roster", workbook(rows)).headers["Location"]
    desk.registry.post(f"{address}/check", data=CHOSEN)
    desk.work()
    answer = desk.registry.get(f"{address}/problems.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    lines = list(sheet.iter_rows(values_only=True))
    assert lines[0] == ("行", "位置", "列", "原因和办法", "内容")
    assert lines[1][:3] == (3, "C3", "证件号码")
    assert "3.5E+17" in lines[1][3]


def test_the_row_that_a_problem_names_is_not_shown_as_what_stands_in_the_cell(desk: Desk) -> None:
    first, second = row(1), row(1)
    second[1] = "吴思远"
    address = desk.send(desk.registry, "roster", workbook([FULL, first, second])).headers["Location"]
    desk.registry.post(f"{address}/check", data=CHOSEN)
    desk.work()
    assert "第 3 行是同一名学生而内容不同" in (page := desk.registry.get(address).text)
    assert re.findall(r'data-label="内容" class="import-place">(.*?)</td>', page) == ["—", "—"]
    sheet = openpyxl.load_workbook(io.BytesIO(desk.registry.get(f"{address}/problems.xlsx").data)).active
    assert [line[4] for line in sheet.iter_rows(values_only=True)] == ["内容", "", ""]


def test_thousands_of_refused_rows_are_told_by_reason_and_are_all_in_the_download(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.views.console.imports.PROBLEMS_SHOWN", 10)
    rows = [row(n, "没有这里" if n % 3 else "FZ01") for n in range(60)]
    for cells in rows[:20]:
        cells[1] = "林?满"
    address = desk.send(desk.registry, "roster", workbook([FULL, *rows])).headers["Location"]
    desk.registry.post(f"{address}/check", data=CHOSEN)
    desk.work()
    page = desk.registry.get(address).text
    reasons = re.findall(r'class="table__name">([\d,]+) 处</th>.*?data-label="原因和办法">(.*?)</td>', page, re.S)
    assert [(count, text[:4]) for count, text in reasons] == [("40", "没有「…"), ("20", "姓名里有")]
    assert "共 60 处问题，下面列前 10 处" in page
    assert page.count('class="table__name import-place"') == 10
    answer = desk.registry.get(f"{address}/problems.xlsx")
    assert openpyxl.load_workbook(io.BytesIO(answer.data)).active.max_row == 61


def test_a_page_that_is_older_than_the_import_is_told_so(desk: Desk) -> None:
    rows = [FULL, row(1)]
    address = desk.send(desk.registry, "roster", workbook(rows)).headers["Location"]
    assert desk.registry.post(f"{address}/commit").status_code == 409
    assert desk.registry.get(f"{address}/undo").status_code == 409
    desk.registry.post(f"{address}/discard")
    assert desk.registry.post(f"{address}/check", data={}).status_code == 409
    assert "a.xlsx" not in desk.registry.get("/console/imports").text


@pytest.mark.parametrize(
    ("kind", "content", "name", "day", "says"),
    [
        ("roster", b"%PDF-1.7 nothing to read", "a.xlsx", "", "这不是表格文件"),
        ("roster", b"PK\x03\x04broken", "a.xlsx", "", "文件已损坏"),
        ("match", "学号,审核状态\n1,通过\n".encode(), "a.csv", "", "请填数据日期"),
        ("match", "学号,审核状态\n1,通过\n".encode(), "a.csv", "2027-01-01", "不能晚于今天"),
        ("linked", b"no zip", "a.zip", "2026-11-01", "这不是 ZIP 压缩包"),
        ("nonsense", b"a,b\n1,2\n", "a.csv", "", "请选择导入什么"),
    ],
)
def test_a_file_that_cannot_be_taken_is_told_why(
    desk: Desk, kind: str, content: bytes, name: str, day: str, says: str
) -> None:
    answer = desk.send(desk.registry, kind, content, name, day)
    assert answer.status_code == 422
    assert says in answer.text


def test_the_empty_tables_have_headings_that_are_recognised(desk: Desk, session: Session) -> None:
    for kind in ("roster", "match", "receipt"):
        form = desk.registry.get(f"/console/imports/forms/{kind}.xlsx").data
        address = desk.send(desk.registry, kind, form).headers["Location"]
        assert "需要的列都找到了" in desk.registry.get(address).text
    assert desk.registry.get("/console/imports/forms/nonsense.xlsx").status_code == 404


def test_photos_of_a_zip_are_laid_to_their_students(desk: Desk, make: Factory, session: Session) -> None:
    lin, wu = make.student(desk.centre), make.student(desk.centre, name="吴思远")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(f"一班/{lin.student_number}.jpg", picture())
        file.writestr(f"一班/吴思远{wu.id_number}.jpg", picture(200))
        file.writestr("../escape.jpg", picture())
        file.writestr("说明.txt", b"hello")
        file.writestr("nobody99.jpg", picture())
    wang = desk.client_of(make.staff(Role.CENTRE_STAFF, desk.centre))
    address = desk.send(wang, "linked", archive.getvalue(), "a.zip").headers["Location"]
    desk.work()
    page = wang.get(address).text
    assert "写入 2 行" in page
    for words in ("路径可疑", "不是 JPG 或 PNG 照片", "名单里没有这个人"):
        assert words in page
    wang.post(f"{address}/commit")
    desk.work()
    assert wang.get(address).status_code == 200
    session.rollback()
    assert session.get_one(Import, int(re.findall(r"\d+", address)[0])).counts == {"new": 2, "refused": 3}


def test_the_page_of_a_given_up_import_says_so_and_lets_it_go_on(
    desk: Desk, parts: Parts, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OSError

    broken = operations.Writer(roster.plan, fails, roster.depends, roster.undo)
    address = desk.send(desk.registry, "roster", workbook([FULL, row(1)])).headers["Location"]
    desk.registry.post(f"{address}/check", data=CHOSEN)
    desk.work()
    with monkeypatch.context() as patch:
        patch.setitem(operations.WRITERS, "roster", broken)
        desk.registry.post(f"{address}/commit")
        desk.work()
        assert "稍后会自动再试" in desk.registry.get(address).text
        assert desk.registry.post(f"{address}/go-on").status_code == 409
        job = session.scalars(select(Job).where(Job.state == JobState.WAITING)).one()
        job.attempts = parts.settings.jobs.max_attempts - 1
        session.commit()
        parts.clock.move(hours=2)  # type: ignore[attr-defined]
        desk.work()
    # the hours have signed everybody out
    registry = desk.client_of(desk.make.staff(Role.REGISTRY))
    page = registry.get(address).text
    assert "试了几次都没有成功，已停下" in page
    assert "已写入并保留 0 / 1 行" in page
    assert registry.get(f"{address}/progress.json").json["trouble"] == "given_up"
    assert registry.get(f"{address}/undo").status_code == 200
    assert registry.post(f"{address}/go-on").status_code == 303
    desk.work()
    assert "导入结果" in registry.get(address).text
    assert students(session) == 1


def test_who_may_take_in_what(desk: Desk, make: Factory, client: FlaskClient) -> None:
    other = make.centre()
    address = desk.send(desk.registry, "roster", workbook([HEAD, row(1)])).headers["Location"]
    people = {
        "registry": make.staff(Role.REGISTRY),
        "head": make.staff(Role.CENTRE_HEAD, desk.centre),
        "staff": make.staff(Role.CENTRE_STAFF, desk.centre),
        "other": make.staff(Role.CENTRE_STAFF, other),
        "administrator": make.staff(Role.ADMINISTRATOR),
        "student": make.student_account(make.student(desk.centre)),
    }
    seen = {name: desk.client_of(account).get("/console/imports").status_code for name, account in people.items()}
    assert seen == {"registry": 200, "head": 200, "staff": 200, "other": 200, "administrator": 404, "student": 404}
    seen = {name: desk.client_of(account).get(address).status_code for name, account in people.items()}
    assert seen == {name: 200 if name == "registry" else 404 for name in people}
    for what in ("problems.xlsx", "progress.json", "undo"):
        assert desk.client_of(people["head"]).get(f"{address}/{what}").status_code == 404
    for what in ("check", "commit", "rematch", "discard", "undo", "sheet", "heading", "go-on"):
        assert desk.client_of(people["other"]).post(f"{address}/{what}").status_code == 404
    assert desk.send(desk.client_of(people["head"]), "roster", workbook([HEAD, row(1)])).status_code == 422
    assert client.get("/console/imports").status_code == 302


def test_a_centre_cannot_take_in_photos_of_others(desk: Desk, make: Factory) -> None:
    stranger = make.student(make.centre())
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(f"{stranger.student_number}.jpg", picture())
    wang = desk.client_of(make.staff(Role.CENTRE_STAFF, desk.centre))
    address = desk.send(wang, "linked", archive.getvalue(), "a.zip").headers["Location"]
    desk.work()
    page = wang.get(address).text
    assert "名单里没有这个人" in page
    assert "没有需要写入的行" in page
