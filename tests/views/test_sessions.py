"""Capture on site, from the plan to the team's list: slots, the door, numbers bound to people, gaps, codes."""

from __future__ import annotations

import io
import threading
from collections import Counter
from collections.abc import Callable

import numpy as np
import openpyxl
import pytest
from flask.testing import FlaskClient
from PIL import Image
from qrcode.main import QRCode
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.adapters.lists_out import Column, xlsx
from backend.adapters.qr_reader import see_code
from backend.capture.records import CaptureRound, CaptureUnit, CentreRoute
from backend.centres.rules import ALL_CENTRES
from backend.chasing.records import Contact
from backend.doctor import examine
from backend.enrollment.records import Student
from backend.history.records import HistoryEntry
from backend.history.rules import Actor, ActorKind
from backend.onsite.operations import check_in
from backend.onsite.records import CaptureCode, CaptureSession, CheckIn, SignUp, TeamLine
from backend.parts import Parts
from backend.progress.causes import Cause
from backend.progress.missing import match_list
from backend.proofreading.records import StageEvidence
from backend.statistics.queries import causes, waits
from backend.statistics.rules import Matter
from backend.statistics.standing import Narrowed
from tests.conftest import Clock
from tests.factories import Factory
from tests.views.test_missing import Lists

ClientOf = Callable[[Account], FlaskClient]


class Day:
    """A centre's session of two slots for one person each; Wang keeps it, three students take part."""

    def __init__(self, make: Factory, client_of: ClientOf, session: Session, clock: Clock) -> None:
        self.session, self.make, self.client_of = session, make, client_of
        self.centre, cohort = make.centre(code="FZ01"), make.cohort()
        self.students: list[Student] = [make.student(self.centre, cohort_id=cohort.id) for _ in range(3)]
        self.stranger = make.student(make.centre(), cohort_id=cohort.id)
        today = clock().date()
        self.round = CaptureRound(
            code="R", name="春季采集", opens_on=today, closes_on=today, created_at=clock(), cohorts=[cohort]
        )
        session.add(self.round)
        session.commit()
        self.wang = client_of(make.staff(centre=self.centre))
        form = {"round": str(self.round.id), "title": "第一天", "place": "2 楼 201", "held_on": "2026-11-02"}
        form |= {"begins": "13:00", "ends": "14:00", "minutes": "30", "capacity": "1", "note": "身份证"}
        answer = self.wang.post("/console/sessions/new", data=form)
        assert answer.status_code == 303
        self.desk = answer.location

    def unit(self, *, rosters_allowed: bool) -> None:
        """The centre's route leads to a unit that may have names, or may not."""
        self.session.rollback()
        unit = CaptureUnit(
            code="U", name="采集中心", province="福建", format="code-only", rosters_allowed=rosters_allowed
        )
        self.session.add(unit)
        self.session.flush()
        self.session.add(CentreRoute(round_id=self.round.id, centre_id=self.centre.id, route="team", unit_id=unit.id))
        self.session.commit()

    def cells(self) -> list[tuple[object, ...]]:
        content = self.wang.get(f"{self.desk}/list.xlsx").data
        return list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True))

    def found(self) -> CaptureSession:
        self.session.rollback()
        return self.session.scalars(select(CaptureSession)).one()

    def do(self, action: str) -> int:
        form = {"action": action, "seen_revision": str(self.found().revision)}
        return self.wang.post(self.desk, data=form).status_code

    def browser(self, student: Student) -> FlaskClient:
        self.session.rollback()
        return self.client_of(self.make.student_account(student))

    def numbers(self) -> list[tuple[int, int, bool]]:
        self.session.rollback()
        rows = self.session.scalars(select(CheckIn).order_by(CheckIn.sequence))
        return [(row.sequence, row.student_id, row.left_at is not None) for row in rows]


@pytest.fixture
def day(make: Factory, client_of: ClientOf, session: Session, clock: Clock) -> Day:
    return Day(make, client_of, session, clock)


def test_a_list_names_the_centre_only_to_who_sees_several(day: Day) -> None:
    zhao = day.client_of(day.make.staff(Role.REGISTRY))
    heading = ">学习中心</th>"
    for address in ("/console/sessions", "/console/batches"):
        assert heading not in day.wang.get(address).text
    assert heading in zhao.get("/console/sessions").text


def test_a_draft_is_seen_by_nobody_and_a_published_session_by_its_own_students(day: Day) -> None:
    mine, other = day.browser(day.students[0]), day.browser(day.stranger)
    address = f"/sessions/{day.found().id}"
    assert mine.get(address).status_code == 404
    assert day.do("publish") == 303
    assert "13:00–13:30" in mine.get(address).text
    assert "第一天" in mine.get("/sessions").text
    assert other.get(address).status_code == 404
    assert "目前没有场次" in other.get("/sessions").text


@pytest.mark.parametrize(("route", "told"), [("files", False), ("alone", False), ("team", True), ("agreed", True)])
def test_only_where_people_come_are_sessions_awaited(day: Day, route: str, told: bool) -> None:
    day.session.rollback()
    day.session.add(CentreRoute(round_id=day.round.id, centre_id=day.stranger.centre_id, route=route))
    day.session.commit()
    assert ("目前没有场次" in day.browser(day.stranger).get("/sessions").text) == told


def test_a_session_that_is_over_is_listed_only_to_who_came(day: Day) -> None:
    day.do("publish")
    came, other = day.browser(day.students[0]), day.browser(day.students[1])
    assert "查看和预约" in other.get("/sessions").text
    slot = str(day.found().slots[0].id)
    came.post(f"/sessions/{day.found().id}", data={"slot": slot})
    assert "我的时段" in came.get(f"/sessions/{day.found().id}").text.partition("选择时段")[2], (
        "not only that it is full"
    )
    day.do("start")
    assert "第一天" in other.get("/sessions").text
    day.do("finish")
    assert "第一天" not in other.get("/sessions").text
    page = came.get("/sessions").text
    assert ("第一天" in page, "查看和预约" in page) == (True, False)


def test_a_slot_takes_as_many_as_it_has_places_and_a_place_given_back_is_free(day: Day) -> None:
    day.do("publish")
    first, second = day.browser(day.students[0]), day.browser(day.students[1])
    found = day.found()
    address, slots = f"/sessions/{found.id}", [str(slot.id) for slot in found.slots]
    assert first.post(address, data={"slot": slots[0]}).status_code == 303
    assert first.post(address, data={"slot": slots[0]}).status_code == 303, "twice is once"
    assert ("查看和预约" in first.get("/sessions").text, "查看、改时段或取消" in first.get("/sessions").text) == (
        False,
        True,
    )
    assert "查看和预约" in second.get("/sessions").text
    full = second.post(address, data={"slot": slots[0]})
    assert (full.status_code, "刚刚满了" in full.text) == (409, True)
    assert first.post(address, data={"slot": slots[1]}).status_code == 303, "moving frees the first"
    assert second.post(address, data={"slot": slots[0]}).status_code == 303
    assert second.post(f"{address}/give-back").status_code == 303
    assert day.browser(day.students[2]).post(address, data={"slot": slots[0]}).status_code == 303


def test_numbers_go_by_arrival_and_a_person_who_leaves_leaves_a_gap(day: Day) -> None:
    day.unit(rosters_allowed=True)
    day.do("publish")
    day.do("start")
    lin, zhou, wu = day.students
    door = f"/door/{day.found().door_token}"
    browser = day.browser(lin)
    assert "我到了" in browser.get(door).text
    assert browser.post(door).location == f"/sessions/{day.found().id}"
    assert browser.post(door).status_code == 303, "a second press keeps the number"
    page = browser.get(f"/sessions/{day.found().id}").text
    assert '<p class="ticket__number">1</p>' in page
    assert "请勿离队" in page
    day.browser(zhou).post(door)
    assert day.wang.post(f"{day.desk}/people", data={"student": lin.id, "action": "leave"}).status_code == 303
    assert day.wang.post(f"{day.desk}/people", data={"student": wu.id, "action": "arrive"}).status_code == 303
    assert browser.post(door).status_code == 303, "back again: a new number"
    assert day.numbers() == [(1, lin.id, True), (2, zhou.id, False), (3, wu.id, False), (4, lin.id, False)]
    assert "空号" in day.wang.get(day.desk).text
    sheet = openpyxl.load_workbook(io.BytesIO(day.wang.get(f"{day.desk}/list.xlsx").data)).worksheets[0]
    assert [cell.value for cell in sheet["A"]][1:5] == [1, 2, 3, 4]
    assert "空号" in str(sheet["B2"].value)
    assert "*" in str(sheet["D3"].value), "ID numbers stay masked"


def test_two_at_the_door_in_the_same_instant_get_two_numbers(day: Day, parts: Parts, clock: Clock) -> None:
    day.do("publish")
    day.do("start")
    session_id, now = day.found().id, clock()
    ids = [student.id for student in day.students] * 3
    problems: list[BaseException] = []

    def arrive(student_id: int) -> None:
        try:
            with parts.sessions() as session:
                check_in(
                    session,
                    scope=ALL_CENTRES,
                    session_id=session_id,
                    student_id=student_id,
                    actor=Actor(ActorKind.STUDENT),
                    now=now,
                )
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=arrive, args=[student_id]) for student_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert [number for number, _, _ in day.numbers()] == [1, 2, 3]
    assert {who for _, who, _ in day.numbers()} == set(ids)


def test_the_door_is_shut_before_it_is_opened_and_on_other_days(day: Day, clock: Clock) -> None:
    day.do("publish")
    browser, door = day.browser(day.students[0]), f"/door/{day.found().door_token}"
    assert browser.post(door).status_code == 409
    day.do("start")
    clock.move(days=1)
    assert day.browser(day.students[1]).post(door).status_code == 409
    assert day.numbers() == []
    assert day.browser(day.stranger).get(door).status_code == 404


def results(day: Day, rows: list[tuple[object, ...]]) -> str:
    content = xlsx("名单", [Column("序号"), Column("身份证号")], rows)  # type: ignore[arg-type]
    answer = day.wang.post(
        f"{day.desk}/results",
        data={"table": (io.BytesIO(content), "名单.xlsx")},
        content_type="multipart/form-data",
        follow_redirects=True,
    )
    assert answer.status_code == 200
    return answer.text


def test_the_teams_list_is_laid_beside_the_numbers_and_only_what_agrees_is_noted(day: Day) -> None:
    day.do("publish")
    day.do("start")
    lin, zhou, wu = day.students
    for student in (lin, zhou, wu):
        day.wang.post(f"{day.desk}/people", data={"student": student.id})
    page = results(day, [(1, lin.id_number), (2, wu.id_number), (7, None)])
    assert "2 行对不上" in page
    assert "序号和身份证号不是同一个人" in page
    assert "名单里没有这 1 个序号" in page
    assert f'name="captured" value="{lin.id}"' in page
    assert f'name="captured" value="{wu.id}"' not in page
    assert day.wang.post(f"{day.desk}/results", data={"captured": [lin.id]}).status_code == 303
    day.session.rollback()
    states = {row.student_id: row.state for row in day.session.scalars(select(SignUp))}
    assert states == {lin.id: "captured", zhou.id: "in_queue", wu.id: "in_queue"}


def test_who_was_captured_on_site_waits_for_the_unit_and_is_asked_for_nothing(
    day: Day, make: Factory, parts: Parts, clock: Clock
) -> None:
    lin, zhou, _ = day.students
    account = make.student_account(lin)
    make.student_account(zhou)
    for student in (lin, zhou):
        make.settle(student)
    Lists(make).add(1, dict.fromkeys((lin, zhou), ("no", "")))
    day.do("publish")
    day.do("start")
    day.wang.post(f"{day.desk}/people", data={"student": lin.id})
    for _ in range(2):
        assert day.wang.post(f"{day.desk}/results", data={"captured": [lin.id]}).status_code == 303
    day.session.rollback()
    words = [
        (word.student_id, word.stage, word.witness, word.holds) for word in day.session.scalars(select(StageEvidence))
    ]
    assert words == [(lin.id, "hand_over", "centre", True)], "said twice, it is one word"
    listed = {row.student_id: row.cause for row in match_list(day.session, scope=ALL_CENTRES, identity=True).rows}
    assert listed == {lin.id: Cause.CAPTURED, zhou.id: Cause.NOT_CAPTURED}
    counted = causes(day.session, scope=ALL_CENTRES, narrowed=Narrowed(), identity=True)
    assert counted == {lin.centre_id: Counter(listed.values())}
    chosen = {"student": [str(lin.id), str(zhou.id)]}
    assert day.wang.post("/console/missing/remind", data=chosen).status_code == 303
    day.session.rollback()
    assert [row.student_id for row in day.session.scalars(select(Contact))] == [zhou.id]
    piles = waits(day.session, scope=ALL_CENTRES, narrowed=Narrowed(), limits=parts.limits, now=clock())
    assert Matter.RECEIPT in {pile.matter for pile in piles}
    assert "采集单位已有您的照片" in day.client_of(account).get("/home").text


def test_a_file_that_is_no_table_or_has_no_numbers_is_refused_with_its_reason(day: Day) -> None:
    day.do("publish")
    day.do("start")
    day.wang.post(f"{day.desk}/people", data={"student": day.students[0].id})
    for content, says in (
        (b"%PDF-1.4", "不是表格文件"),
        (xlsx("x", [Column("姓名"), Column("学号")], [("林", "1")]), "没有「序号」列"),
    ):
        sent = {"table": (io.BytesIO(content), "x.xlsx")}
        answer = day.wang.post(f"{day.desk}/results", data=sent, content_type="multipart/form-data")
        assert (answer.status_code, says in answer.text) == (422, True), says


def test_a_session_is_cancelled_only_by_somebody_who_was_asked(day: Day) -> None:
    day.do("publish")
    found = day.found()
    day.browser(day.students[0]).post(f"/sessions/{found.id}", data={"slot": str(found.slots[0].id)})
    page = day.wang.get(day.desk).text
    assert 'name="action" value="cancel"' not in page.partition("<dialog")[0], "no button cancels at once"
    assert f'href="{day.desk}/cancel"' in page
    asked = day.wang.get(f"{day.desk}/cancel").text
    assert "已预约的 1 名学生" in asked
    assert "保留场次" in asked, "two buttons that say 取消 would be one too many"
    assert 'name="action" value="cancel"' in asked
    assert f'name="seen_revision" value="{day.found().revision}"' in asked


def test_who_signed_up_for_a_cancelled_session_is_told(day: Day, parts: Parts, clock: Clock) -> None:
    day.do("publish")
    found = day.found()
    day.browser(day.students[0]).post(f"/sessions/{found.id}", data={"slot": str(found.slots[0].id)})
    assert day.do("cancel") == 303
    day.session.rollback()
    assert day.session.scalars(select(SignUp)).one().state == "withdrawn"
    assert [found for found in examine(day.session, parts.files, now=clock()) if found.harm] == []


def qr_picture(box: int, text: str = "CHSI:" + "x" * 120, on: int = 0) -> bytes:
    """A code with squares of `box` pixels; on: the side of a white sheet that it lies on."""
    code = QRCode(box_size=box, border=4)
    code.add_data(text)
    out = io.BytesIO()
    picture = code.make_image().convert("RGB")
    if on:
        sheet = Image.new("RGB", (on, on), "white")
        sheet.paste(picture, (on // 3, on // 3))
        picture = sheet
    picture.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "says", "reads"),
    [
        (qr_picture(8), "采集码清晰", True),
        (qr_picture(1, on=600), "", False),
        (None, "没有找到二维码", False),
    ],
)
def test_a_code_is_tested_and_its_content_is_nowhere(day: Day, content: bytes | None, says: str, reads: bool) -> None:
    if content is None:
        out = io.BytesIO()
        Image.new("RGB", (600, 600), "white").save(out, "PNG")
        content = out.getvalue()
    browser = day.browser(day.students[0])
    sent = {"code": (io.BytesIO(content), "code.png")}
    assert browser.post("/capture-code", data=sent, content_type="multipart/form-data").status_code == 303
    page = browser.get("/capture-code").text
    assert says in page
    day.session.rollback()
    kept = day.session.scalars(select(CaptureCode)).one()
    assert (kept.reading == "reads") is reads
    assert "CHSI" not in page
    assert browser.get("/capture-code/picture").data == content
    assert browser.post("/capture-code/drop").status_code == 303
    assert browser.get("/capture-code/picture").status_code == 404


def test_the_session_says_who_is_ready_and_flags_a_screenshot_that_does_not_read(day: Day) -> None:
    day.do("publish")
    day.round.code_needed = True
    day.session.commit()
    slots = [str(slot.id) for slot in day.found().slots]
    browsers = [day.browser(student) for student in day.students[:2]]
    for browser, slot in zip(browsers, slots, strict=True):
        browser.post(f"/sessions/{day.found().id}", data={"slot": slot})
    for browser, content in zip(browsers, (qr_picture(8), qr_picture(1, on=600)), strict=True):
        sent = {"code": (io.BytesIO(content), "code.png")}
        browser.post("/capture-code", data=sent, content_type="multipart/form-data")
    page = day.wang.get(day.desk).text
    assert "采集码可读 1 人，共 2 人。" in page
    assert "读不出" in page


def test_the_sequence_list_masks_numbers_and_its_taking_is_in_the_history(day: Day) -> None:
    day.unit(rosters_allowed=True)
    day.do("publish")
    day.do("start")
    lin = day.students[0]
    day.wang.post(f"{day.desk}/people", data={"student": lin.id, "action": "arrive"})
    cells = [cell for row in day.cells() for cell in row]
    assert "林小满" in cells
    day.session.rollback()
    assert lin.id_number not in cells
    taken = day.session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "capture_session.list_taken")).one()
    assert taken.facts == {"people": 1, "roster": True}


def test_a_code_made_smaller_reads_worse_never_better() -> None:
    large = np.asarray(Image.open(io.BytesIO(qr_picture(8))))
    sights = [
        see_code(np.asarray(Image.fromarray(large).resize((side, side), Image.Resampling.LANCZOS)))
        for side in (large.shape[0], large.shape[0] // 2)
    ]
    assert sights[0].read
    assert sights[0].module_pixels == pytest.approx(8, rel=0.1)
    assert not sights[1].read or sights[1].module_pixels == pytest.approx(4, rel=0.15)


@pytest.mark.parametrize("unit", [True, False])
def test_without_the_switch_the_sequence_list_has_numbers_and_nobodys_name(day: Day, *, unit: bool) -> None:
    if unit:
        day.unit(rosters_allowed=False)
    day.do("publish")
    lin, zhou, wu = day.students
    day.browser(wu).post(f"/sessions/{day.found().id}", data={"slot": str(day.found().slots[0].id)})
    day.do("start")
    for student in (lin, zhou):
        day.wang.post(f"{day.desk}/people", data={"student": student.id, "action": "arrive"})
    day.wang.post(f"{day.desk}/people", data={"student": lin.id, "action": "leave"})
    rows = day.cells()
    assert rows[0] == ("序号", "签到时间", "预约时段", "采集码", "状态")
    assert [(row[0], row[4]) for row in rows[1:3]] == [(1, "空号：这个人离队了"), (2, "已签到")]
    text = str(rows)
    assert "按序号对回" in text, "the file says why"
    assert rows[3] == (None,) * 5, "who has no number is not on it"
    for student in (lin, zhou, wu):
        assert student.name not in text
        assert student.student_number not in text
        assert student.id_number[-4:] not in text
    assert "只有序号，不含姓名" in day.wang.get(day.desk).text
    day.session.rollback()
    taken = day.session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "capture_session.list_taken")).one()
    assert taken.facts == {"people": 2, "roster": False}


def test_the_session_says_how_many_came_and_who_did_not(day: Day) -> None:
    day.do("publish")
    lin, zhou, _ = day.students
    slots = [str(slot.id) for slot in day.found().slots]
    for student, slot in ((lin, slots[0]), (zhou, slots[1])):
        day.browser(student).post(f"/sessions/{day.found().id}", data={"slot": slot})
    day.do("start")
    day.wang.post(f"{day.desk}/people", data={"student": lin.id, "action": "arrive"})
    page = day.wang.get(day.desk).text
    assert "到场 1 人，名单共 2 人。" in page
    assert "未到" not in page, "the day is not over"
    day.do("finish")
    page = day.wang.get(day.desk).text
    assert "未到或离队：1 人" in page
    assert "未到" in page[page.index("未到或离队：1 人") + 8 :]
    day.session.rollback()
    assert {row.state for row in day.session.scalars(select(SignUp))} == {"in_queue", "signed_up"}, "nothing is stored"


def test_a_draft_is_put_right_and_a_published_session_is_not(day: Day) -> None:
    page = day.wang.get(f"{day.desk}/edit").text
    assert 'value="第一天"' in page
    assert 'value="13:00"' in page
    form = {"round": str(day.round.id), "title": "第一天上午", "place": "3 楼", "held_on": "2026-11-03"}
    form |= {"begins": "09:00", "ends": "10:00", "minutes": "20", "capacity": "5", "note": ""}
    seen = str(day.found().revision)
    wrong = day.wang.post(f"{day.desk}/edit", data={**form, "title": "", "seen_revision": seen})
    assert (wrong.status_code, "请填写这一栏" in wrong.text) == (422, True)
    assert day.found().title == "第一天"
    assert day.wang.post(f"{day.desk}/edit", data={**form, "seen_revision": seen}).status_code == 303
    found = day.found()
    assert (found.title, found.place, found.held_on.day) == ("第一天上午", "3 楼", 3)
    assert [slot.capacity for slot in found.slots] == [5, 5, 5]
    assert day.wang.post(f"{day.desk}/edit", data={**form, "seen_revision": seen}).status_code == 409, "a stale page"
    assert "修改" in day.wang.get(day.desk).text
    day.do("publish")
    data = {**form, "seen_revision": str(day.found().revision)}
    assert day.wang.post(f"{day.desk}/edit", data=data).status_code == 409
    assert day.wang.get(f"{day.desk}/edit").status_code == 409


def test_who_has_no_code_that_reads_is_reminded_once(day: Day) -> None:
    day.do("publish")
    day.round.code_needed = True
    day.session.commit()
    lin, zhou, _ = day.students
    slots = [str(slot.id) for slot in day.found().slots]
    browsers = [day.browser(student) for student in (lin, zhou)]
    for browser, slot in zip(browsers, slots, strict=True):
        browser.post(f"/sessions/{day.found().id}", data={"slot": slot})
    sent = {"code": (io.BytesIO(qr_picture(8)), "code.png")}
    browsers[0].post("/capture-code", data=sent, content_type="multipart/form-data")
    assert "提醒没准备好的 1 人" in day.wang.get(day.desk).text
    assert day.wang.post(f"{day.desk}/remind").status_code == 303
    day.session.rollback()
    contacts = day.session.scalars(select(Contact)).all()
    assert [(contact.student_id, contact.template) for contact in contacts] == [(zhou.id, "session_code")]
    page = day.wang.get(day.desk).text
    assert "3 天内提醒过" in page
    assert "提醒没准备好的" not in page
    day.wang.post(f"{day.desk}/remind")
    day.session.rollback()
    assert len(day.session.scalars(select(Contact)).all()) == 1
    day.do("start")
    assert day.wang.post(f"{day.desk}/remind").status_code == 409, "now they are at the door"


def test_a_line_that_does_not_agree_is_settled_with_a_note_and_stays(day: Day) -> None:
    day.do("publish")
    day.do("start")
    lin, zhou, wu = day.students
    for student in (lin, zhou, wu):
        day.wang.post(f"{day.desk}/people", data={"student": student.id})
    assert day.wang.get(f"{day.desk}/results").status_code == 404
    results(day, [(1, lin.id_number), (2, wu.id_number), (7, None)])
    day.session.rollback()
    lines = {line.sequence: line.id for line in day.session.scalars(select(TeamLine))}
    assert "看上次的核对" in day.wang.get(day.desk).text
    swapped, unknown = f"{day.desk}/results/{lines[2]}", f"{day.desk}/results/{lines[7]}"
    answer = day.wang.post(swapped, data={"decision": "named", "note": ""})
    assert (answer.status_code, "请写明怎么核实的" in answer.text) == (422, True)
    assert day.wang.post(unknown, data={"decision": "holder", "note": "看过照片"}).status_code == 422, "nobody there"
    right = f"{day.desk}/results/{lines[1]}"
    assert day.wang.post(right, data={"decision": "void", "note": "看过照片"}).status_code == 409
    assert day.wang.post(swapped, data={"decision": "retake", "note": "还没问到"}).status_code == 303
    assert day.wang.post(swapped, data={"decision": "named", "note": "拍摄组看过照片"}).status_code == 303
    assert day.wang.post(unknown, data={"decision": "void", "note": "多写一行"}).status_code == 303
    page = day.wang.get(f"{day.desk}/results").text
    assert "对不上的都已处理" in page
    assert "拍摄组看过照片" in page
    assert f'name="captured" value="{wu.id}"' in page
    assert f'name="captured" value="{zhou.id}"' not in page
    day.session.rollback()
    facts = day.session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "team_line.settled"))
    assert [entry.facts["decision"] for entry in facts] == ["retake", "named", "void"]


@pytest.mark.parametrize("allowed", [True, False])
def test_the_comparison_is_a_table_that_names_people_only_where_that_is_allowed(day: Day, *, allowed: bool) -> None:
    day.unit(rosters_allowed=allowed)
    day.do("publish")
    day.do("start")
    lin, zhou, _ = day.students
    for student in (lin, zhou):
        day.wang.post(f"{day.desk}/people", data={"student": student.id})
    results(day, [(1, zhou.id_number)])
    day.session.rollback()
    line = day.session.scalars(select(TeamLine)).one().id
    day.wang.post(f"{day.desk}/results/{line}", data={"decision": "holder", "note": "看过照片"})
    content = day.wang.get(f"{day.desk}/results.xlsx").data
    text = str(list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)))
    assert "照片是序号本人" in text
    assert "看过照片" in text
    assert "名单里没有这个序号" in text
    day.session.rollback()
    assert (lin.name in text) is allowed


PAGES = ("/console/sessions", "{desk}", "{desk}/door", "{desk}/list.xlsx")


@pytest.mark.parametrize(
    ("role", "own", "expected"),
    [
        (Role.CENTRE_STAFF, True, [200] * 4),
        (Role.CENTRE_HEAD, True, [200] * 4),
        (Role.REGISTRY, False, [200] * 4),
        (Role.CENTRE_STAFF, False, [200, 404, 404, 404]),
        (Role.ADMINISTRATOR, False, [404] * 4),
    ],
)
def test_a_session_is_kept_by_its_centre(
    day: Day, make: Factory, client_of: ClientOf, role: Role, own: bool, expected: list[int]
) -> None:
    day.session.rollback()
    browser = client_of(make.staff(role, day.centre if own else None))
    assert [browser.get(page.format(desk=day.desk)).status_code for page in PAGES] == expected
    answer = browser.post(f"{day.desk}/people", data={"student": day.students[0].id})
    assert answer.status_code == (409 if expected[1] == 200 else 404), "the door is shut, or none of their business"


def test_students_and_strangers_have_no_business_at_the_desk(day: Day, client: FlaskClient) -> None:
    assert day.browser(day.students[0]).get("/console/sessions").status_code == 404
    assert "sign-in" in client.get("/console/sessions").location
    assert "sign-in" in client.get(f"/door/{day.found().door_token}").location
