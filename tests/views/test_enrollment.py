"""Checking the registered data, and reporting what is wrong, as the student sees it."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from backend.accounts.records import Account
from backend.centres.rules import ALL_CENTRES
from backend.enrollment.bulk import change_students
from backend.enrollment.operations import decide_correction
from backend.enrollment.records import Correction, CorrectionEvidence, EnrollmentConfirmation, Student
from backend.enrollment.rules import CorrectionAction
from backend.history.rules import SYSTEM
from backend.parts import Parts
from tests.conftest import Clock
from tests.factories import Factory
from tests.papers import pdf

ClientOf = Callable[[Account], FlaskClient]

PDF = pdf()


def picture(kind: str = "JPEG", size: tuple[int, int] = (200, 300)) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, (200, 220, 240)).save(stream, kind)
    return stream.getvalue()


@pytest.fixture
def lin(make: Factory) -> Student:
    return make.student(name="林小满", programme="汉语言文学")


@pytest.fixture
def client(make: Factory, client_of: ClientOf, lin: Student) -> FlaskClient:
    return client_of(make.student_account(lin))


def count(session: Session, table: type) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(table)) or 0


def report(client: FlaskClient, seen: int = 1, **form: object) -> tuple[int, str]:
    answer = client.post("/enrollment/report", data={"seen_version": str(seen), **form}, follow_redirects=False)
    return answer.status_code, answer.text


def change_data(make: Factory, student: Student, **changes: str) -> None:
    change_students(make.session, changes=[(student, changes)], actor=SYSTEM, now=make.clock())
    make.session.commit()


def test_the_page_shows_every_field_and_only_the_ends_of_the_number(client: FlaskClient, lin: Student) -> None:
    page = client.get("/enrollment").text
    for value in (
        "林小满",
        "女",
        lin.student_number,
        "专升本",
        "汉语言文学",
        "网络教育",
        "2024年3月1日",
        "2.5 年",
        "注册学籍",
    ):
        assert value in page
    assert lin.centre.name in page
    assert lin.id_number not in page
    assert lin.id_number[:3] + "*" * 13 + lin.id_number[-2:] in page


def test_confirming_leads_on_to_the_next_step(client: FlaskClient, session: Session) -> None:
    assert "确认信息全部正确" in client.get("/enrollment/confirm").text
    answer = client.post("/enrollment/confirm", data={"seen_version": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/consent")
    assert count(session, EnrollmentConfirmation) == 1
    assert "您已经确认过" in client.get("/enrollment").text


def test_confirming_twice_makes_one_confirmation(client: FlaskClient, session: Session) -> None:
    for _ in range(2):
        assert client.post("/enrollment/confirm", data={"seen_version": "1"}).status_code == 303
    assert count(session, EnrollmentConfirmation) == 1


@pytest.mark.parametrize("seen", ["", "2", "-1", "x", "99999999999999999999"])
def test_a_stale_page_cannot_confirm(client: FlaskClient, session: Session, seen: str) -> None:
    answer = client.post("/enrollment/confirm", data={"seen_version": seen})
    assert answer.status_code == 409
    assert "登记信息刚刚有更新" in answer.text
    assert count(session, EnrollmentConfirmation) == 0


def test_changed_data_are_asked_about_again(client: FlaskClient, make: Factory, lin: Student) -> None:
    client.post("/enrollment/confirm", data={"seen_version": "1"})
    change_data(make, lin, programme="法学")
    page = client.get("/enrollment").text
    assert "登记信息有更新" in page
    assert "法学" in page
    assert "全部正确，确认" in page
    assert "请再核对一次" in client.get("/home").text


def test_nothing_is_ticked_in_advance(client: FlaskClient) -> None:
    form = client.get("/enrollment/report").text
    assert form.count('type="checkbox"') == 11
    assert "checked" not in form


def test_a_report_becomes_a_case_that_can_be_followed_and_withdrawn(
    client: FlaskClient, session: Session, parts: Parts, lin: Student
) -> None:
    status, _ = report(
        client,
        wrong_name="1",
        claim_name=" 林 小滿 ",
        wrong_entry_date="1",
        claim_entry_date="2024-09-01",
        claim_programme="not ticked, not reported",
        evidence=[(io.BytesIO(picture()), "../../etc/身份证🪪.jpg"), (io.BytesIO(PDF), "letter.pdf")],
    )
    assert status == 303
    case = session.scalars(select(Correction)).one()
    assert {item.field: item.claimed for item in case.fields} == {"name": "林小滿", "entry_date": "2024-09-01"}
    assert [item.media_type for item in case.evidence] == ["image/jpeg", "application/pdf"]
    assert parts.files.get(case.evidence[1].file_name) == PDF
    assert case.evidence[1].facts == {"pages": 1}

    page = client.get("/enrollment").text
    assert "老师正在核对" in page
    assert "林小滿" in page
    assert "2024年9月1日" in page
    assert "全部正确，确认" not in page

    shown = client.get(f"/enrollment/evidence/{case.evidence[0].id}")
    assert (shown.mimetype, shown.headers["Cache-Control"]) == ("image/jpeg", "no-store")
    kept = client.get(f"/enrollment/evidence/{case.evidence[1].id}")
    assert kept.headers["Content-Disposition"].startswith("attachment")

    assert "撤回这份报告" in client.get(f"/enrollment/cases/{case.id}/withdraw").text
    assert client.post(f"/enrollment/cases/{case.id}/withdraw").status_code == 303
    assert "您已撤回" in client.get("/enrollment").text
    assert client.get(f"/enrollment/cases/{case.id}/withdraw").status_code == 404


def test_a_second_report_while_one_is_open_leads_to_the_first(client: FlaskClient, session: Session) -> None:
    for _ in range(2):
        assert report(client, wrong_level="1", claim_level="专科")[0] == 303
    assert count(session, Correction) == 1
    assert client.get("/enrollment/report").headers["Location"] == "/enrollment"
    assert client.get("/enrollment/confirm").headers["Location"] == "/enrollment"
    assert client.post("/enrollment/confirm", data={"seen_version": "1"}).status_code == 302


def test_the_answer_of_the_centre_is_shown(client: FlaskClient, make: Factory, clock: Clock) -> None:
    report(client, wrong_level="1", claim_level="专科")
    case = make.session.scalars(select(Correction)).one()
    decide_correction(
        make.session,
        scope=ALL_CENTRES,
        correction_id=case.id,
        action=CorrectionAction.REFUSE,
        answer="招生名册上是专升本\n请带通知书来",
        actor=SYSTEM,
        now=clock(),
    )
    page = client.get("/enrollment").text
    assert "维持原登记" in page
    assert "请带通知书来" in page
    assert "全部正确，确认" in page
    assert page.index("请带通知书来") < page.index("学院登记的信息"), "read before the data are answered for again"


WRONG_CLAIMS = {
    "nothing ticked": {},
    "an unknown field": {"wrong_photo": "1", "claim_photo": "x"},
    "no value": {"wrong_name": "1", "claim_name": "  "},
    "too long": {"wrong_programme": "1", "claim_programme": "长" * 121},
    "the same name": {"wrong_name": "1", "claim_name": "林小满"},
    "no date": {"wrong_entry_date": "1", "claim_entry_date": "去年"},
    "no gender": {"wrong_gender": "1", "claim_gender": "x"},
    "a slip in the number": {"wrong_id_number": "1", "claim_id_number": "990101199602290018"},
}


@pytest.mark.parametrize("claims", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS.keys())
def test_a_claim_that_cannot_be_is_explained_and_nothing_is_stored(
    client: FlaskClient, session: Session, parts: Parts, claims: dict[str, str]
) -> None:
    status, page = report(client, evidence=(io.BytesIO(picture()), "a.jpg"), **claims)
    assert status == 422
    assert 'role="alert"' in page
    assert count(session, Correction) == 0
    assert list(parts.files.names()) == []


def test_the_form_keeps_what_was_typed(client: FlaskClient) -> None:
    _, page = report(client, wrong_name="1", claim_name="林小滿", wrong_level="1", claim_level="")
    assert 'value="林小滿"' in page
    assert page.count(" checked") == 2
    assert "请重新选择证明材料" in page


def test_the_number_itself_is_recognised_as_the_same(client: FlaskClient, lin: Student) -> None:
    status, page = report(client, wrong_id_number="1", claim_id_number=f" {lin.id_number} ")
    assert status == 422
    assert "和登记的一样" in page


WRONG_EVIDENCE = {
    "a program": [b"MZ\x90\x00" + bytes(200)],
    "a page": [b"<html><script>alert(1)</script></html>"],
    "a drawing": [b"<svg xmlns='http://www.w3.org/2000/svg'/>"],
    "a picture cut off": [picture(size=(900, 900))[:2000]],
    "a PDF cut off": [PDF[:30]],
    "a PDF that cannot be opened": [b"%PDF-1.7\n1 0 obj <</JS 2 0 R>> endobj\n%%EOF\n"],
    "an empty file": [b""],
    "one good, one bad": [picture(), b"nonsense"],
    "six files": [picture()] * 6,
    "1x1": [picture(size=(1, 1))],
}


@pytest.mark.parametrize("files", WRONG_EVIDENCE.values(), ids=WRONG_EVIDENCE.keys())
def test_evidence_that_is_nothing_we_know_is_refused_whole(
    client: FlaskClient, session: Session, parts: Parts, files: list[bytes]
) -> None:
    evidence = [(io.BytesIO(content), f"{number}.jpg") for number, content in enumerate(files)]
    status, page = report(client, wrong_level="1", claim_level="专科", evidence=evidence)
    assert status == 422
    assert 'href="#field-evidence"' in page
    assert count(session, Correction) == count(session, CorrectionEvidence) == 0
    assert list(parts.files.names()) == []


def test_evidence_over_the_limit_is_refused(client: FlaskClient, session: Session, parts: Parts) -> None:
    large = PDF + bytes(parts.settings.photos.evidence_max_bytes) + b"%%EOF"
    form = {
        "seen_version": "1",
        "wrong_level": "1",
        "claim_level": "专科",
        "evidence": FileStorage(io.BytesIO(large), "a.pdf"),
    }
    boundary, body = encode_multipart(form)  # the test client would leave a temporary file open
    answer = client.post("/enrollment/report", data=body, content_type=f"multipart/form-data; boundary={boundary}")
    assert answer.status_code == 413
    assert "文件太大" in answer.text
    assert count(session, Correction) == 0
    assert list(parts.files.names()) == []


def test_png_and_heic_are_known_by_their_content(client: FlaskClient, session: Session) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    stream = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (200, 200), "white")).save(stream)
    evidence = [(io.BytesIO(picture("PNG")), "a.exe"), (stream, "b")]
    stream.seek(0)
    assert report(client, wrong_level="1", claim_level="专科", evidence=evidence)[0] == 303
    assert set(session.scalars(select(CorrectionEvidence.media_type))) == {"image/png", "image/heif"}


def test_a_stale_page_cannot_report(client: FlaskClient, make: Factory, lin: Student, parts: Parts) -> None:
    change_data(make, lin, programme="法学")
    status, page = report(client, wrong_level="1", claim_level="专科", evidence=(io.BytesIO(picture()), "a.jpg"))
    assert status == 409
    assert "登记信息刚刚有更新" in page
    assert list(parts.files.names()) == []


def test_nobody_else_sees_or_withdraws_a_case(
    client: FlaskClient, make: Factory, client_of: ClientOf, session: Session
) -> None:
    report(client, wrong_level="1", claim_level="专科", evidence=(io.BytesIO(picture()), "a.jpg"))
    case = session.scalars(select(Correction)).one()
    stranger = client_of(make.student_account())
    assert stranger.get(f"/enrollment/evidence/{case.evidence[0].id}").status_code == 404
    assert stranger.get(f"/enrollment/cases/{case.id}/withdraw").status_code == 404
    assert stranger.post(f"/enrollment/cases/{case.id}/withdraw").status_code == 404
    session.expire_all()
    assert case.state == "submitted"


def test_photos_lead_here_while_the_data_are_open(client: FlaskClient) -> None:
    answer = client.get("/photo")
    assert answer.headers["Location"] == "/enrollment?because=data_not_confirmed"
    assert "请先核对学籍信息" in client.get(answer.headers["Location"]).text
    report(client, wrong_level="1", claim_level="专科")
    answer = client.get("/photo")
    assert answer.headers["Location"] == "/enrollment?because=data_disputed"
    assert "信息核对清楚之后才能拍照" in client.get(answer.headers["Location"]).text


def test_a_student_with_a_long_name_and_empty_fields_has_a_page(make: Factory, client_of: ClientOf) -> None:
    student = make.student(name="阿" * 60, programme="", gender="unknown", entry_date=date(1999, 9, 1))
    page = client_of(make.student_account(student)).get("/enrollment").text
    assert "阿" * 60 in page
    assert "（空）" in page
