"""Proofreading on the phone and at the desk: what is shown, what an answer does, who may see it."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.centres.rules import ALL_CENTRES
from backend.enrollment.records import StatusChange, Student
from backend.errata.records import ErratumCase
from backend.history.records import HistoryEntry
from backend.history.rules import Actor, ActorKind
from backend.photos.rules import Action
from backend.proofreading.operations import link_photo, record_chsi_result
from backend.proofreading.queries import chsi_records_of, conclusions_of, linked_photos_of
from backend.proofreading.records import WizardRun
from backend.proofreading.rules import AtChsi, ChsiResult, ImageKind
from backend.proofreading.stages import Witness
from backend.views.calendar import calendar_day
from tests.conftest import Clock
from tests.factories import TINY_JPEG, Factory
from tests.images import LIGHT_BLUE, gradient, jpeg

ClientOf = Callable[[Account], FlaskClient]

TODAY = date(2026, 11, 2)
PAGE = "/task/proofread"


class Lin:
    """A student whose photo is at 学信网; at the desk Wang of the same centre."""

    def __init__(self, make: Factory, client_of: ClientOf, **values: Any) -> None:
        self.make, self.client_of = make, client_of
        cohort = make.cohort(proofread_by=date(2027, 3, 31))
        self.student: Student = make.student(cohort_id=cohort.id, **values)
        self.account = make.student_account(self.student)
        self.phone = client_of(self.account)

    def later(self, **step: float) -> None:
        """Time passes; the student signs in again."""
        self.make.session.rollback()
        self.make.clock.move(**step)  # type: ignore[attr-defined]
        self.phone = self.client_of(self.account)

    def link(self, content: bytes = TINY_JPEG) -> int:
        return link_photo(
            self.make.session,
            files=self.make.parts.files,
            scope=ALL_CENTRES,
            student_id=self.student.id,
            content=content,
            media_type="image/jpeg",
            kind=ImageKind.REGISTRATION,
            witness=Witness.COLLEGE,
            source="import 1",
            as_of=TODAY,
            table=self.make.parts.proofreading,
            actor=Actor(ActorKind.STAFF),
            now=self.make.clock(),
        ).id

    def result(self, as_of: date = TODAY, **values: Any) -> None:
        record_chsi_result(
            self.make.session,
            scope=ALL_CENTRES,
            student_id=self.student.id,
            result=ChsiResult(**values),
            witness=Witness.COLLEGE,
            source="import 1",
            as_of=as_of,
            actor=Actor(ActorKind.STAFF),
            now=self.make.clock(),
        )

    def page(self) -> str:
        return self.phone.get(PAGE).text

    def conclude(self, photo: str = "right", info: str = "right", **more: Any) -> TestResponse:
        newest = linked_photos_of(self.make.session, self.student.id)
        values = {"photo": photo, "info": info, "seen_linked": newest[0].id if newest else "", "seen_version": 1}
        self.make.session.rollback()
        return self.phone.post(f"{PAGE}/conclude", data={**values, **more})

    def start(self, because: str = "") -> str:
        """Begin the questions; gives the address of the page."""
        return self.phone.post(f"{PAGE}/start", data={"because": because}).headers["Location"]

    def answer(self, address: str, **answers: str) -> None:
        for question, said in answers.items():
            found = self.phone.post(address, data={"question": question, question: said})
            assert found.status_code == 303, question

    def finish(self, address: str, **values: str) -> TestResponse:
        return self.phone.post(address + "/finish", data=values)


@pytest.fixture
def lin(make: Factory, client_of: ClientOf) -> Lin:
    return Lin(make, client_of)


def run_of(session: Session) -> WizardRun:
    session.rollback()
    return session.scalars(select(WizardRun).order_by(WizardRun.id.desc())).first()  # type: ignore[return-value]


# ---------------------------------------------------------------- the answer


def test_the_linked_photo_stands_beside_the_own_one_and_the_data(lin: Lin) -> None:
    lin.make.settle(lin.student)
    lin.make.submitted(lin.student)
    lin.make.reviewed(lin.student, Action.ACCEPT)
    number = lin.link()
    page = lin.page()
    assert f'src="{PAGE}/picture/{number}"' in page
    assert 'src="/photo/versions/1/picture"' in page
    assert "汉语言文学" in page
    assert lin.student.id_number not in page
    picture = lin.phone.get(f"{PAGE}/picture/{number}")
    assert (picture.data, picture.headers["Cache-Control"]) == (TINY_JPEG, "no-store")


def test_the_answer_is_shown_once_more_before_it_counts(lin: Lin) -> None:
    lin.link()
    page = lin.phone.get(f"{PAGE}/confirm?photo=right&info=wrong").text
    assert "照片正确" in page
    assert "信息有误" in page
    assert "本平台不能代替您操作" in page
    assert conclusions_of(lin.make.session, lin.student.id) == []


@pytest.mark.parametrize("query", ["", "?photo=right", "?info=right", "?photo=maybe&info=right"])
def test_both_questions_need_an_answer(lin: Lin, query: str) -> None:
    lin.link()
    answer = lin.phone.get(f"{PAGE}/confirm{query}")
    assert answer.status_code == 422
    assert "请选择一项" in answer.text


def test_an_answer_counts_down_without_script_and_can_be_changed(lin: Lin) -> None:
    lin.link()
    assert lin.conclude("wrong").status_code == 303
    lin.later(hours=3)
    page = lin.page()
    assert "<count-down" in page
    assert "到 2026/11/3 10:00 为止" in page  # the server's own words
    assert "change=1" in page
    lin.conclude("right")
    page = lin.page()
    assert "之前的答案" in page
    assert "我已在学信网点击" in page


def test_after_24_hours_the_page_leads_to_the_deletion(lin: Lin) -> None:
    lin.link()
    lin.conclude("wrong")
    lin.later(hours=24)
    page = lin.page()
    assert "<count-down" not in page
    assert "change=1" not in page
    answer = lin.conclude("right")
    assert answer.status_code == 409
    assert "点错了按钮" in answer.text


def test_a_stale_page_is_told(lin: Lin) -> None:
    lin.link()
    assert lin.conclude(seen_version=7).status_code == 409
    assert lin.conclude(seen_linked="nonsense").status_code == 409


def test_the_click_is_confirmed_and_taken_back(lin: Lin) -> None:
    lin.link()
    lin.conclude()
    lin.phone.post(f"{PAGE}/clicked", data={"clicked": "yes"})
    page = lin.page()
    assert "您说已在学信网点击" in page
    assert "校对完成" in page
    lin.phone.post(f"{PAGE}/clicked", data={"clicked": "no"})
    assert "我已在学信网点击" in lin.page()


def test_a_list_that_says_otherwise_is_shown_not_hidden(lin: Lin) -> None:
    lin.link()
    lin.conclude()
    lin.phone.post(f"{PAGE}/clicked", data={"clicked": "yes"})
    lin.later(days=2)
    lin.result(as_of=date(2026, 11, 4), has_photo=True, proofreading=AtChsi.PENDING)
    assert "学院的名单显示还没有校对" in lin.page()
    home = lin.phone.get("/home").text
    assert "学院下载自学信网：2026年11月4日还没有" in home
    assert "本人：2026年11月2日已完成（不一致）" in home


def test_without_a_photo_the_page_is_honest_and_leads_on(lin: Lin) -> None:
    page = lin.page()
    assert "本平台还没有收到您在学信网的照片" in page
    assert "10 个工作日" in page
    lin.result(has_photo=False)
    assert "学信网还没有您的照片" in lin.page()


# ---------------------------------------------------------------- the questions


def test_one_question_a_page_and_going_back_keeps_the_answers(lin: Lin) -> None:
    address = lin.start()
    page = lin.phone.get(address).text
    assert "您在学信网看到什么？" in page
    assert page.count('class="choice__card"') == 5
    lin.answer(address, sees="no_photo", captured="yes")
    assert "采集时的信息对吗？" in lin.phone.get(address).text
    back = lin.phone.get(address + "?ask=captured").text
    assert 'value="yes" required checked' in back
    lin.answer(address, captured="no")
    assert "先参加图像采集" in lin.phone.get(address).text
    lin.answer(address, captured="yes")
    assert "采集时的信息对吗？" in lin.phone.get(address).text


def test_no_answer_is_asked_again_with_the_reason(lin: Lin) -> None:
    address = lin.start()
    answer = lin.phone.post(address, data={"question": "sees"})
    assert answer.status_code == 422
    assert "请选一个最接近的情况" in answer.text


def test_what_the_page_knows_is_not_asked_again(lin: Lin) -> None:
    lin.link()
    lin.conclude("wrong")
    address = lin.start("conclusion")
    assert "照片是不是和另一位同学换了？" in lin.phone.get(address).text


def test_a_swap_names_the_other_student_and_opens_the_form_for_both_once(lin: Lin, session: Session) -> None:
    lin.link()
    lin.conclude("wrong")
    address = lin.start("conclusion")
    lin.answer(address, swapped="yes")
    missing = lin.finish(address, other_name="陈嘉禾")
    assert missing.status_code == 422
    assert session.scalars(select(ErratumCase)).all() == []
    for _ in range(2):
        assert lin.finish(address, other_name="陈嘉禾", other_number="2024000999").status_code == 303
    session.rollback()
    case = session.scalars(select(ErratumCase)).one()
    assert (case.form, case.reason, case.origin) == ("image_info", "swapped", "proofreading")
    assert (case.other_name, case.other_number) == ("陈嘉禾", "2024000999")
    assert run_of(session).case_id == case.id


@pytest.mark.parametrize(
    ("answers", "form", "reason"),
    [
        ({"swapped": "no"}, "photo", "not_me"),
        ({"sees": "wrong_button", "pressed": "over"}, "delete_conclusion", "wrong_click"),
        ({"sees": "no_photo", "captured": "yes", "capture_data": "identity"}, "image_info", "capture_data"),
    ],
)
def test_a_row_with_a_form_opens_its_case(
    lin: Lin, session: Session, answers: dict[str, str], form: str, reason: str
) -> None:
    because = ""
    if "sees" not in answers:
        lin.link()
        lin.conclude("wrong")
        because = "conclusion"
    address = lin.start(because)
    lin.answer(address, **answers)
    assert lin.finish(address).status_code == 303
    case = session.scalars(select(ErratumCase)).one()
    assert (case.form, case.reason) == (form, reason)
    assert "申请表" in lin.page()


def test_wrong_data_lead_to_their_report(lin: Lin) -> None:
    lin.link()
    lin.conclude("right", "wrong")
    address = lin.start("conclusion")
    assert lin.finish(address).headers["Location"] == "/enrollment/report"


def test_the_day_on_which_two_and_a_half_years_are_passed_is_shown_and_kept(
    make: Factory, client_of: ClientOf, session: Session
) -> None:
    lin = Lin(make, client_of, entry_date=date(2025, 2, 28))
    lin.link()
    lin.conclude("wrong")
    address = lin.start("conclusion")
    lin.answer(address, swapped="no")
    assert "到 2027年8月29日就超过 2.5 年了" in lin.phone.get(address).text
    lin.answer(address, choice="wait")
    place = lin.finish(address).headers["Location"]
    assert "2027年8月29日起可以申请修改" in lin.phone.get(place).text
    calendar = lin.phone.get(place + "/day.ics")
    assert calendar.mimetype == "text/calendar"
    assert "DTSTART;VALUE=DATE:20270829" in calendar.text
    assert run_of(session).look_again_on == date(2027, 8, 29)


def test_the_student_changes_the_day_to_look_again(lin: Lin, session: Session) -> None:
    address = lin.start()
    lin.answer(address, sees="no_photo", captured="yes", capture_data="right")
    place = lin.finish(address).headers["Location"]
    for wrong in ("", "soon", "2026-11-01"):
        assert lin.phone.post(place + "/day", data={"day": wrong}).status_code == 422
    assert lin.phone.post(place + "/day", data={"day": "2026-12-05"}).status_code == 303
    assert run_of(session).look_again_on == date(2026, 12, 5)


def test_an_outcome_without_a_day_has_no_calendar(lin: Lin) -> None:
    address = lin.start()
    lin.answer(address, sees="nothing", account="same")
    place = lin.finish(address).headers["Location"]
    assert lin.phone.get(place + "/day.ics").status_code == 404
    assert "0591-00000000" in lin.phone.get(place).text


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_row_has_its_words_and_leads_to_a_page(
    make: Factory, client_of: ClientOf, session: Session, language: str
) -> None:
    lin = Lin(make, client_of)
    lin.phone.set_cookie("look", f'{{"language": "{language}"}}')
    for row in make.parts.proofreading.rows:
        now = make.clock()
        run = WizardRun(
            student_id=lin.student.id,
            started_at=now,
            given={},
            answers={},
            outcome=row.id,
            finished_at=now,
            left_at=now,
        )
        session.add(run)
        session.commit()
        page = lin.phone.get(f"{PAGE}/outcome/{run.id}")
        assert page.status_code == 200
        assert page.text.count('class="path__stop"') == len(row.way)


def test_the_questions_of_another_student_are_not_found(lin: Lin, make: Factory, client_of: ClientOf) -> None:
    number = lin.link()
    address = lin.start()
    lin.answer(address, sees="no_photo", captured="no")
    place = lin.finish(address).headers["Location"]
    other = client_of(make.student_account())
    for path in (address, place, place + "/day.ics", f"{PAGE}/picture/{number}"):
        assert other.get(path).status_code == 404, path
    for path in (address, address + "/finish", place + "/day"):
        assert other.post(path, data={"question": "sees", "sees": "nothing", "day": "2026-12-05"}).status_code == 404


def test_a_calendar_keeps_to_the_rules_of_its_format(clock: Clock) -> None:
    content = calendar_day(uid="a@b", day=TODAY, title="看;一,看", text="字" * 60 + "\n行", now=clock())
    lines = content.decode().split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert all(len(line.encode()) <= 75 for line in lines)
    assert "SUMMARY:看\\;一\\,看" in lines
    unfolded = content.decode().replace("\r\n ", "")
    assert "DESCRIPTION:" + "字" * 60 + "\\n行\r\n" in unfolded


# ---------------------------------------------------------------- the desk


@pytest.fixture
def wang(lin: Lin) -> FlaskClient:
    return lin.client_of(lin.make.staff(centre=lin.student.centre))


def desk(lin: Lin, rest: str = "") -> str:
    return f"/console/students/{lin.student.id}{rest}"


def upload(**values: Any) -> dict[str, Any]:
    picture = (io.BytesIO(jpeg(gradient(LIGHT_BLUE, LIGHT_BLUE))), "photo.jpg")
    return {"photo": picture, "kind": "registration", "as_of": "2026-11-01", "sure": "1", **values}


def test_staff_bring_a_photo_by_hand_only_when_they_are_sure(lin: Lin, wang: FlaskClient) -> None:
    assert wang.post(desk(lin, "/linked"), data=upload(sure="")).status_code == 422
    assert wang.post(desk(lin, "/linked"), data=upload(as_of="2026-11-03")).status_code == 422
    assert wang.post(desk(lin, "/linked"), data=upload(as_of="yesterday")).status_code == 422
    assert wang.post(desk(lin, "/linked"), data=upload(photo=(io.BytesIO(b"%PDF-1 %%EOF"), "a.pdf"))).status_code == 422
    assert wang.post(desk(lin, "/linked"), data=upload(photo=(io.BytesIO(b"GIF89a"), "a.jpg"))).status_code == 422
    assert linked_photos_of(lin.make.session, lin.student.id) == []
    assert wang.post(desk(lin, "/linked"), data=upload()).status_code == 303
    lin.make.session.rollback()
    (photo,) = linked_photos_of(lin.make.session, lin.student.id)
    assert (photo.witness, photo.as_of) == ("centre", date(2026, 11, 1))
    assert "照片正确" in lin.page()


def test_every_look_at_a_linked_photo_is_in_the_history(lin: Lin, wang: FlaskClient, session: Session) -> None:
    number = lin.link()
    page = wang.get(desk(lin, "/proofreading")).text
    assert f"/linked/{number}" not in page  # nothing is shown, and noted, before somebody asks
    answer = wang.get(desk(lin, f"/linked/{number}"))
    assert answer.data == TINY_JPEG
    assert answer.headers["Cache-Control"] == "no-store"
    session.rollback()
    entry = session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "photo.seen")).one()
    assert (entry.owner_id, entry.facts["purpose"]) == (lin.student.id, "linked")
    assert lin.phone.get("/mine/looks").text.count("王老师") == 1


def test_a_linked_photo_is_shown_with_its_own_student_only(lin: Lin, wang: FlaskClient) -> None:
    number = lin.link()
    other = lin.make.student(lin.student.centre)
    assert wang.get(f"/console/students/{other.id}/linked/{number}").status_code == 404


def test_staff_write_down_what_chsi_says(lin: Lin, wang: FlaskClient) -> None:
    assert wang.post(desk(lin, "/chsi"), data={"as_of": "2026-11-01"}).status_code == 422
    values = {"as_of": "2026-11-01", "has_photo": "no", "proofreading": "nonsense", "remark": "学信网反馈无毕业照片"}
    assert wang.post(desk(lin, "/chsi"), data=values).status_code == 303
    lin.make.session.rollback()
    (line,) = chsi_records_of(lin.make.session, lin.student.id)
    assert (line.has_photo, line.proofreading, line.remark, line.witness) == (
        False,
        "",
        "学信网反馈无毕业照片",
        "centre",
    )
    assert "学信网反馈无毕业照片" in wang.get(desk(lin, "/proofreading")).text


def test_what_the_registry_writes_down_is_the_colleges_word(lin: Lin) -> None:
    registry = lin.client_of(lin.make.staff(Role.REGISTRY))
    registry.post(desk(lin, "/chsi"), data={"as_of": "2026-11-01", "has_photo": "yes"})
    lin.make.session.rollback()
    assert chsi_records_of(lin.make.session, lin.student.id)[0].witness == "college"


def test_a_deleted_conclusion_opens_the_answer_again(lin: Lin) -> None:
    lin.link()
    account = lin.make.staff(centre=lin.student.centre)
    assert lin.client_of(account).post(desk(lin, "/conclusion-deleted")).status_code == 409
    lin.conclude("wrong")
    lin.later(days=2)
    assert lin.client_of(account).post(desk(lin, "/conclusion-deleted")).status_code == 303
    assert lin.conclude("right").status_code == 303


def test_a_change_of_status_is_written_down_and_ended(lin: Lin, wang: FlaskClient, session: Session) -> None:
    for wrong in ({"kind": "holiday"}, {"first_day": ""}, {"last_day": "2025-01-01"}):
        values = {"kind": "suspended", "first_day": "2025-03-01", "last_day": "", **wrong}
        assert wang.post(desk(lin, "/status"), data=values).status_code == 422
    wang.post(desk(lin, "/status"), data={"kind": "suspended", "first_day": "2025-03-01"})
    assert "暂不能算" in wang.get(desk(lin, "/proofreading")).text
    wang.post(desk(lin, "/status"), data={"kind": "suspended", "first_day": "2025-03-01", "last_day": "2025-08-31"})
    assert "2027年3月5日" in wang.get(desk(lin, "/proofreading")).text
    session.rollback()
    assert len(session.scalars(select(StatusChange)).all()) == 1


def test_the_list_is_narrowed_by_step_name_and_centre(lin: Lin, wang: FlaskClient) -> None:
    lin.link()
    assert lin.student.student_number in wang.get("/console/proofreading").text
    assert lin.student.student_number in wang.get("/console/proofreading?step=to_conclude&q=林小").text
    for query in ("?step=done", "?q=nobody", "?page=9"):
        assert lin.student.student_number not in wang.get("/console/proofreading" + query).text
    registry = lin.client_of(lin.make.staff(Role.REGISTRY))
    assert lin.student.student_number in registry.get(f"/console/proofreading?centre={lin.student.centre_id}").text
    assert lin.student.student_number not in registry.get("/console/proofreading?centre=99999").text


READS, WRITES = ("/proofreading", "/linked/{photo}"), ("/linked", "/chsi", "/conclusion-deleted", "/status")

# who -> (may read, may write); everybody else is sent away as if there were nothing
MATRIX = {
    "student": (False, False),
    "other student": (False, False),
    "staff": (True, True),
    "head": (True, True),
    "staff of another centre": (False, False),
    "registry": (True, True),
    "administrator": (False, False),
    "nobody": (False, False),
}


@pytest.mark.parametrize("who", MATRIX)
def test_who_may_see_and_write_at_the_desk(lin: Lin, client: FlaskClient, who: str) -> None:
    number, make = lin.link(), lin.make
    lin.conclude("wrong")
    make.session.rollback()
    browser = {
        "student": lambda: lin.phone,
        "other student": lambda: lin.client_of(make.student_account()),
        "staff": lambda: lin.client_of(make.staff(centre=lin.student.centre)),
        "head": lambda: lin.client_of(make.staff(Role.CENTRE_HEAD, lin.student.centre)),
        "staff of another centre": lambda: lin.client_of(make.staff()),
        "registry": lambda: lin.client_of(make.staff(Role.REGISTRY)),
        "administrator": lambda: lin.client_of(make.staff(Role.ADMINISTRATOR)),
        "nobody": lambda: client,
    }[who]()
    reads, writes = MATRIX[who]
    refused = (302,) if who == "nobody" else (404,)
    for rest in READS:
        status = browser.get(desk(lin, rest.format(photo=number))).status_code
        assert status in ((200,) if reads else refused), rest
    bodies = {
        "/linked": upload(),
        "/chsi": {"as_of": "2026-11-01", "has_photo": "yes"},
        "/status": {"kind": "suspended", "first_day": "2025-03-01"},
    }
    for rest in WRITES:
        status = browser.post(desk(lin, rest), data=bodies.get(rest, {})).status_code
        assert status in ((303,) if writes else refused), rest
    listed = browser.get("/console/proofreading")
    assert (lin.student.student_number in listed.text) is reads
