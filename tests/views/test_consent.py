"""Two separate questions, nothing ticked in advance, in the version shown."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.consent.operations import withdraw_consent
from backend.consent.records import Consent
from backend.enrollment.operations import confirm_enrollment
from backend.enrollment.records import Student
from backend.history.rules import SYSTEM
from backend.parts import Parts
from backend.views.prose import html_of
from tests.conftest import Clock
from tests.factories import Factory

ClientOf = Callable[[Account], FlaskClient]


@pytest.fixture
def lin(make: Factory, clock: Clock) -> Student:
    student = make.student()
    confirm_enrollment(make.session, student_id=student.id, seen_version=1, actor=SYSTEM, now=clock())
    return student


@pytest.fixture
def client(make: Factory, client_of: ClientOf, lin: Student) -> FlaskClient:
    return client_of(make.student_account(lin))


def answers(session: Session) -> list[Consent]:
    session.rollback()
    return list(session.scalars(select(Consent).order_by(Consent.purpose)))


def versions(parts: Parts) -> dict[str, str]:
    return {f"version_{name}": purpose.version for name, purpose in parts.purposes.items()}


def test_each_question_has_its_summary_its_text_and_what_happens_without(client: FlaskClient, parts: Parts) -> None:
    page = client.get("/consent").text
    for purpose in parts.purposes.values():
        text = purpose.texts["zh-CN"]
        if purpose.only:  # asked on the page that needs it
            assert text.title not in page
            continue
        assert text.title in page
        assert text.without in page
        assert purpose.version in page
    assert "<strong>处理者</strong>" in page
    assert page.count('type="checkbox"') == 2
    assert " checked" not in page


def test_without_consent_the_photo_leads_here_and_consent_leads_back(client: FlaskClient, parts: Parts) -> None:
    answer = client.get("/photo")
    assert answer.headers["Location"] == "/consent?because=consent_missing"
    assert "拍照之前需要您先决定" in client.get(answer.headers["Location"]).text
    answer = client.post("/consent", data={"photo_handling": "1", **versions(parts)})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/photo/guide")
    assert client.get("/photo").status_code == 200


def test_one_of_the_two_can_be_agreed_to_alone(client: FlaskClient, parts: Parts, session: Session) -> None:
    client.post("/consent", data={"photo_handling": "1", **versions(parts)})
    assert [consent.purpose for consent in answers(session)] == ["photo_handling"]
    page = client.get("/consent").text
    assert "您已同意" in page
    assert page.count('type="checkbox"') == 1
    client.post("/consent", data={"hand_over": "1", **versions(parts)})
    assert [consent.purpose for consent in answers(session)] == ["hand_over", "photo_handling"]


def test_the_hand_over_alone_does_not_open_the_camera(client: FlaskClient, parts: Parts) -> None:
    answer = client.post("/consent", data={"hand_over": "1", **versions(parts)})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/consent")
    assert client.get("/photo").status_code == 302


def test_agreeing_twice_is_one_answer(client: FlaskClient, parts: Parts, session: Session) -> None:
    for _ in range(2):
        client.post("/consent", data={"photo_handling": "1", **versions(parts)})
    assert len(answers(session)) == 1


@pytest.mark.parametrize("form", [{}, {"photo_handling": "on"}, {"photo_handling": ""}, {"everything": "1"}])
def test_nothing_ticked_is_no_consent(client: FlaskClient, session: Session, form: dict[str, str]) -> None:
    answer = client.post("/consent", data=form)
    assert answer.status_code == 422
    assert "还没有勾选" in answer.text
    assert answers(session) == []


def test_the_text_that_was_shown_is_the_one_agreed_to(client: FlaskClient, session: Session, parts: Parts) -> None:
    answer = client.post("/consent", data={"photo_handling": "1", "version_photo_handling": "1999-01"})
    assert answer.status_code == 409
    assert answers(session) == []
    client.set_cookie("look", '{"language": "en"}')
    client.post("/consent", data={"photo_handling": "1", **versions(parts)})
    (given,) = answers(session)
    assert (given.language, given.text_sha256) == ("en", parts.purposes["photo_handling"].texts["en"].sha256)


def test_a_withdrawn_consent_is_asked_for_again(
    client: FlaskClient, session: Session, parts: Parts, lin: Student, clock: Clock
) -> None:
    client.post("/consent", data={"photo_handling": "1", **versions(parts)})
    withdraw_consent(session, student_id=lin.id, purpose="photo_handling", actor=SYSTEM, now=clock())
    assert client.get("/photo").status_code == 302
    assert client.get("/consent").text.count('type="checkbox"') == 2


HOSTILE = [
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "![x](https://example.org/x.png)",
    '<img src="x" onerror="alert(1)">',
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    '<a href="https://example.org" onclick="x()">x</a>',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_cannot_bring_script_or_pictures(text: str) -> None:
    html = html_of(text)
    tags = re.findall(r"<[^>]*>", html)  # what is escaped is only text
    assert [tag for tag in tags if re.search(r"script|img|javascript|data:|\son\w+=", tag)] == []


def test_markdown_keeps_emphasis_lists_and_links() -> None:
    html = html_of("**bold**\n\n- one\n\n[us](https://example.org)")
    assert "<strong>bold</strong>" in html
    assert "<li>one</li>" in html
    assert 'href="https://example.org"' in html
