"""From the guide to the accepted photo, as the student sees it. The engine's answers are made up here."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.compliance.assess import Assessment, Unreadable
from backend.compliance.codes import Code
from backend.compliance.findings import Finding, Mark, Mode, PictureVerdict, Report, Severity, Verdict
from backend.enrollment.records import Student
from backend.parts import Parts
from backend.photos.operations import drop_expired_drafts
from backend.photos.queries import photo_of
from backend.photos.records import Objection, PhotoDraft, PhotoVersion
from backend.photos.rules import Action, State
from tests.conftest import Clock
from tests.factories import TINY_JPEG, Factory, report

ClientOf = Callable[[Account], FlaskClient]

TOO_HIGH = Finding(
    Code.HEAD_TOP,
    Verdict.BAD,
    Severity.HARD,
    38.0,
    "px",
    50.0,
    110.0,
    "R35",
    "low",
    (Mark("line", ((0, 38), (480, 38))),),
)
EYES_FINE = Finding(Code.EYE_LINE, Verdict.OK, Severity.HARD, 250.0, "px", 200.0, 300.0, "R36")


class Engine:
    """Stands in for the checks: the answer is set by the test, the questions are kept."""

    def __init__(self) -> None:
        self.report: Report | Exception = report()
        self.asked: list[tuple[bytes, str | None, Mode, str]] = []

    def __call__(self, content: bytes, *, file_name: str | None, mode: Mode, profile: str) -> Assessment:
        self.asked.append((content, file_name, mode, profile))
        if isinstance(self.report, Exception):
            raise self.report
        return Assessment(self.report, content + b"judged", content + b"file" if self.report.frame else None)


@pytest.fixture
def engine(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> Engine:
    fake = Engine()
    monkeypatch.setattr(type(parts), "check", lambda _self, *args, **named: fake(*args, **named))
    return fake


@pytest.fixture
def lin(make: Factory) -> Student:
    student = make.student()
    make.settle(student)
    return student


@pytest.fixture
def client(make: Factory, client_of: ClientOf, lin: Student) -> FlaskClient:
    return client_of(make.student_account(lin))


def count(session: Session, table: type) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(table)) or 0


def check(client: FlaskClient, content: bytes = TINY_JPEG, field: str = "camera") -> str:
    """Send a picture; gives the address of its result."""
    answer = client.post("/photo/check", data={field: (io.BytesIO(content), "me.jpg")})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def submit(client: FlaskClient, address: str, **form: str) -> int:
    return client.post(f"{address}/submit", data=form).status_code


def state(session: Session, student: Student) -> State:
    session.rollback()
    photo = photo_of(session, student.id)
    assert photo is not None
    return State(photo.state)


def test_the_guide_shows_four_pairs_and_may_be_skipped_the_second_time(client: FlaskClient) -> None:
    first = client.get("/photo/guide").text
    assert first.count("guide-") >= 8
    assert "最好请人帮忙，用后置摄像头拍" in first
    assert "我看过了" not in first
    client.get("/photo")
    assert "我看过了" in client.get("/photo/guide").text


def test_the_camera_page_has_two_plain_inputs(client: FlaskClient) -> None:
    page = client.get("/photo").text
    assert page.count('type="file"') == 2
    assert page.count('accept="image/*"') == 2
    assert page.count('capture="environment"') == 1
    assert "20 MB" in page
    assert "1 小时内删除" in page


def test_a_good_picture_goes_all_the_way(client: FlaskClient, engine: Engine, session: Session, lin: Student) -> None:
    address = check(client)
    result = client.get(address).text
    assert "检测通过" in result
    assert "提交这张照片" in result
    picture = client.get(f"{address}/picture")
    assert (picture.mimetype, picture.headers["Cache-Control"]) == ("image/jpeg", "no-store")
    assert picture.data == TINY_JPEG + b"judged"

    assert submit(client, address) == 303
    assert state(session, lin) is State.READY_FOR_REVIEW
    page = client.get("/photo/versions").text
    assert "等老师查看" in page
    assert "本平台检测通过，不等于学信网审核通过" in page
    assert "撤回这张照片" in page
    again = re.search(r'<a [^>]*href="([^"]+)"[^>]*>(?:(?!</a>).)*重拍', page, re.DOTALL)
    assert again is not None, "while it waits, a better one may take its place"
    assert client.get(again[1]).status_code == 200
    assert client.get("/photo/versions/1/picture").data == TINY_JPEG + b"judged"


def test_submitting_twice_makes_one_version(client: FlaskClient, engine: Engine, session: Session) -> None:
    address = check(client)
    for _ in range(3):
        assert submit(client, address) == 303
    assert count(session, PhotoVersion) == 1
    assert client.get(address).headers["Location"] == "/photo/versions"


def test_a_new_picture_is_a_new_version_though_the_first_draft_is_gone(
    client: FlaskClient, engine: Engine, session: Session
) -> None:
    first = check(client)
    submit(client, first)
    second = check(client)
    assert second != first  # the number of a draft that was submitted is not given again
    submit(client, second)
    assert count(session, PhotoVersion) == 2
    page = client.get("/photo/versions").text
    assert "已被新的一张代替" in page


def test_a_defect_is_explained_with_its_measure_and_what_to_do(client: FlaskClient, engine: Engine) -> None:
    engine.report = report(PictureVerdict.RETAKE, (EYES_FINE, TOO_HIGH))
    page = client.get(check(client)).text
    assert "还差一点" in page
    assert "有 1 处需要改" in page
    assert "头顶离上边 38 像素，应在 50-110 之间" in page
    assert "1 项符合要求" in page
    assert page.index("头顶离上边") < page.index("1 项符合要求")
    assert "重拍" in page
    assert "提交这张照片" not in page
    assert "我认为没有问题，请老师看" in page


def test_a_defect_goes_to_a_person_only_with_the_students_words(
    client: FlaskClient, engine: Engine, session: Session, lin: Student
) -> None:
    engine.report = report(PictureVerdict.RETAKE, (TOO_HIGH,))
    address = check(client)
    for words in ("", "   "):
        answer = client.post(f"{address}/submit", data={"ask": words})
        assert answer.status_code == 422
        assert "请写一句话" in answer.text
    assert count(session, PhotoVersion) == 0
    assert submit(client, address, ask="头巾是民族服饰" + "字" * 900) == 303
    assert state(session, lin) is State.READY_FOR_REVIEW
    assert len(session.scalars(select(Objection.text)).one()) == 500


def test_a_picture_without_a_frame_cannot_be_submitted(client: FlaskClient, engine: Engine, session: Session) -> None:
    engine.report = replace(report(PictureVerdict.RETAKE), frame=None, scale=None, judged_size=(960, 720))
    address = check(client)
    page = client.get(address).text
    assert "没有能裁成证件照的画面" in page
    assert "请老师看" not in page
    assert submit(client, address, ask="please") == 409
    assert count(session, PhotoVersion) == 0


def test_a_doubt_can_be_submitted_and_is_left_to_a_person(client: FlaskClient, engine: Engine) -> None:
    engine.report = report(PictureVerdict.REVIEW, (replace(TOO_HIGH, verdict=Verdict.DOUBT),))
    address = check(client)
    page = client.get(address).text
    assert "可以提交" in page
    assert "有 1 处要请老师看一看" in page
    assert submit(client, address) == 303


def test_a_need_is_stated_with_a_doubt_and_reaches_the_person_who_decides(
    client: FlaskClient, engine: Engine, session: Session, lin: Student
) -> None:
    engine.report = report(PictureVerdict.REVIEW, (replace(TOO_HIGH, verdict=Verdict.DOUBT),))
    address = check(client)
    assert "有情况要告诉老师" in client.get(address).text
    assert submit(client, address, ask="头巾因民族习惯佩戴") == 303
    assert state(session, lin) is State.READY_FOR_REVIEW
    assert session.scalars(select(Objection.text)).one() == "头巾因民族习惯佩戴"


def test_the_result_is_compared_with_the_last_try(client: FlaskClient, engine: Engine) -> None:
    engine.report = report(PictureVerdict.RETAKE, (TOO_HIGH, EYES_FINE))
    assert "和上一张比" not in client.get(check(client)).text
    better = replace(TOO_HIGH, verdict=Verdict.OK, value=80.0)
    engine.report = report(PictureVerdict.REVIEW, (better, replace(EYES_FINE, verdict=Verdict.DOUBT)))
    page = client.get(check(client)).text
    assert "和上一张比，变好了：头顶" in page
    assert "变差了：眼睛" in page
    engine.report = report(PictureVerdict.RETAKE, (TOO_HIGH, EYES_FINE))
    client.get(check(client))
    engine.report = report(PictureVerdict.RETAKE, (TOO_HIGH, replace(EYES_FINE, verdict=Verdict.DOUBT)))
    assert "和上一张比，变差了：眼睛" in client.get(check(client)).text


def test_the_rules_are_the_cohorts_then_the_centres_then_the_settings(
    make: Factory, client_of: ClientOf, engine: Engine
) -> None:
    plain, fujian, white = (
        make.centre(),
        make.centre(photo_profile="xinhua-fujian"),
        make.cohort(photo_profile="white-only"),
    )
    for student in (
        make.student(plain),
        make.student(fujian),
        make.student(fujian, cohort_id=white.id),
        make.student(fujian, cohort_id=make.cohort().id),
    ):
        make.settle(student)
        check(client_of(make.student_account(student)))
    assert [asked[3] for asked in engine.asked] == ["base", "xinhua-fujian", "white-only", "xinhua-fujian"]


def test_the_source_and_the_name_of_the_picture_are_taken_down_plainly(
    client: FlaskClient, engine: Engine, session: Session
) -> None:
    check(client, field="camera")
    check(client, field="album")
    assert list(session.scalars(select(PhotoDraft.source).order_by(PhotoDraft.id))) == ["camera", "album"]
    assert engine.asked[0][1] == "me.jpg"


def test_a_draft_is_gone_after_its_time(
    client: FlaskClient, engine: Engine, session: Session, parts: Parts, clock: Clock
) -> None:
    address = check(client)
    clock.move(minutes=60)
    for answer in (client.get(address), client.post(f"{address}/submit")):
        assert answer.status_code == 410
        assert "重新拍一张就好" in answer.text
    assert client.get(f"{address}/picture").status_code in (409, 410)
    assert drop_expired_drafts(session, files=parts.files, now=clock()) == 1
    assert list(parts.files.names()) == []
    assert count(session, PhotoVersion) == 0


def test_another_students_draft_and_versions_are_nobodys(
    client: FlaskClient, engine: Engine, make: Factory, client_of: ClientOf, session: Session
) -> None:
    waiting, submitted = check(client), check(client)
    submit(client, submitted)
    stranger = make.student()
    make.settle(stranger)
    other = client_of(make.student_account(stranger))
    assert other.get(waiting).status_code == 410
    assert other.get(submitted).status_code == 410
    assert other.get(f"{waiting}/picture").status_code in (409, 410)
    assert other.post(f"{waiting}/submit").status_code == 410
    for address in ("/photo/versions/1", "/photo/versions/1/picture", "/photo/versions/1/file"):
        assert other.get(address).status_code == 404
    assert count(session, PhotoVersion) == 1


@pytest.mark.parametrize("address", ["/photo/draft/1", "/photo/draft/1/picture", "/photo/versions/1/picture", "/photo"])
def test_staff_and_strangers_do_not_get_here(
    client_of: ClientOf, make: Factory, app: object, engine: Engine, client: FlaskClient, address: str
) -> None:
    submit(client, check(client))
    assert client_of(make.staff()).get(address).status_code == 404
    client.delete_cookie("xuezhao")
    assert client.get(address).status_code == 302


def test_a_photo_can_be_taken_back_until_it_is_decided(
    client: FlaskClient, engine: Engine, session: Session, lin: Student, make: Factory
) -> None:
    submit(client, check(client))
    page = client.get("/photo/withdraw").text
    assert 'name="seen_revision" value="1"' in page
    for stale in ("", "7", "x"):
        assert client.post("/photo/withdraw", data={"seen_revision": stale}).status_code == 409
    assert client.post("/photo/withdraw", data={"seen_revision": "1"}).status_code == 303
    assert state(session, lin) is State.WITHDRAWN
    assert "您已撤回这张照片" in client.get("/photo/versions").text
    assert "拍一张证件照" in client.get("/home").text
    submit(client, check(client))
    make.reviewed(lin, Action.ACCEPT)
    assert client.get("/photo/withdraw").headers["Location"] == "/photo/versions"
    assert client.post("/photo/withdraw", data={"seen_revision": "4"}).status_code == 409


def test_a_returned_photo_shows_the_reasons_drawn_and_the_words(
    client: FlaskClient, engine: Engine, make: Factory, lin: Student
) -> None:
    engine.report = report(PictureVerdict.REVIEW, (EYES_FINE, replace(TOO_HIGH, verdict=Verdict.DOUBT)))
    submit(client, check(client))
    make.reviewed(lin, Action.RETURN, ("HEAD_TOP", "MAKEUP"), "请离镜头远一点\n<b>谢谢</b>")
    page = client.get("/photo/versions").text
    assert "老师请您重拍一张" in page
    assert "头顶离上边 38 像素，应在 50-110 之间" in page
    assert "妆" in page
    assert "marks__bad" in page
    assert "请离镜头远一点\n&lt;b&gt;谢谢&lt;/b&gt;" in page
    assert "眼睛离上边" not in page
    assert 'href="/photo"' in page


def test_the_student_objects_once(
    client: FlaskClient, engine: Engine, make: Factory, lin: Student, session: Session
) -> None:
    submit(client, check(client))
    make.reviewed(lin, Action.RETURN, ("OTHER",), "看不清")
    assert client.post("/photo/object", data={"seen_revision": "2", "text": " "}).status_code == 422
    assert client.post("/photo/object", data={"seen_revision": "1", "text": "很清楚"}).status_code == 409
    assert client.post("/photo/object", data={"seen_revision": "2", "text": "很清楚"}).status_code == 303
    assert state(session, lin) is State.READY_FOR_REVIEW
    assert "很清楚" in client.get("/photo/versions").text
    make.reviewed(lin, Action.RETURN, ("OTHER",), "还是看不清")
    page = client.get("/photo/versions").text
    assert "还是看不清" in page
    assert 'action="/photo/object"' not in page
    assert client.post("/photo/object", data={"seen_revision": "4", "text": "再看"}).status_code == 409


def test_an_accepted_photo_can_be_downloaded_and_needs_no_other(
    client: FlaskClient, engine: Engine, make: Factory, lin: Student, session: Session
) -> None:
    submit(client, check(client))
    assert client.get("/photo/versions/1/file").status_code == 404
    make.reviewed(lin, Action.ACCEPT)
    file = client.get("/photo/versions/1/file")
    assert file.data == TINY_JPEG + b"file"
    assert file.headers["Content-Disposition"] == f"attachment; filename={lin.student_number}.jpg"
    page = client.get("/photo/versions").text
    assert "学习中心已通过" in page
    assert "到学信网校对" in page
    for address in ("/photo", "/photo/guide"):
        assert client.get(address).headers["Location"] == "/photo/versions"
    answer = client.post("/photo/check", data={"camera": (io.BytesIO(TINY_JPEG), "a.jpg")})
    assert answer.headers["Location"] == "/photo/versions"
    assert count(session, PhotoDraft) == 0


def test_nothing_submitted_yet_is_no_dead_end(client: FlaskClient) -> None:
    page = client.get("/photo/versions").text
    assert "您还没有提交照片" in page
    assert 'href="/photo/guide"' in page
    assert client.post("/photo/withdraw", data={"seen_revision": "1"}).status_code == 404
    assert client.get("/photo/versions/1").status_code == 404


def test_each_version_keeps_what_was_said_about_it(
    client: FlaskClient, engine: Engine, make: Factory, lin: Student
) -> None:
    submit(client, check(client))
    make.reviewed(lin, Action.RETURN, ("OTHER",), "看不清")
    engine.report = report(PictureVerdict.PASS, (EYES_FINE,))
    submit(client, check(client))
    assert "看不清" in client.get("/photo/versions/1").text
    second = client.get("/photo/versions/2").text
    assert "看不清" not in second
    assert "1 项符合要求" in second


@pytest.mark.parametrize("reason", ["corrupt", "truncated", "not_a_picture", "too_many_pixels"])
def test_a_picture_that_cannot_be_read_brings_the_page_back_with_the_reason(
    client: FlaskClient, engine: Engine, session: Session, parts: Parts, reason: str
) -> None:
    engine.report = Unreadable(reason)
    answer = client.post("/photo/check", data={"camera": (io.BytesIO(b"x"), "a.jpg")})
    assert answer.status_code == 422
    assert "这张照片没有收下" in answer.text
    assert 'role="alert"' in answer.text
    assert count(session, PhotoDraft) == 0
    assert list(parts.files.names()) == []


def test_numbers_that_no_row_has_are_no_page(client: FlaskClient) -> None:
    for number in ("0", "2147483647", "99999999999999999999"):
        assert client.get(f"/photo/draft/{number}").status_code in (404, 410)
        assert client.get(f"/photo/versions/{number}").status_code == 404


def test_the_pages_are_complete_in_english(client: FlaskClient, engine: Engine, make: Factory, lin: Student) -> None:
    client.set_cookie("look", '{"language": "en"}')
    engine.report = report(PictureVerdict.RETAKE, (TOO_HIGH, EYES_FINE))
    address = check(client)
    assert "Almost there" in client.get(address).text
    submit(client, address, ask="It is fine")
    assert "waiting for a person" in client.get("/photo/versions").text
    make.reviewed(lin, Action.RETURN, ("MAKEUP",))
    assert "asks for another photo" in client.get("/photo/versions").text
    assert client.get("/photo/guide").status_code == 200
