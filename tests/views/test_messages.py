"""The inbox: every kind in words, unread until opened, with a way on."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.enrollment.records import Student
from backend.follow_ups import TOLD_TO_STUDENT
from backend.notifications.records import Message
from backend.settings import PROJECT
from backend.views.student.messages import LOOKS
from backend.words import LANGUAGES, read_catalogue
from tests.conftest import Clock
from tests.factories import Factory

ClientOf = Callable[[Account], FlaskClient]

_entries = itertools.count(10_000)


@pytest.fixture
def tell(session: Session, clock: Clock) -> Callable[..., None]:
    """Put a message into a student's inbox."""

    def told(student: Student, kind: str, **facts: object) -> None:
        session.add(Message(student_id=student.id, kind=kind, entry_id=next(_entries), facts=facts, created_at=clock()))
        session.commit()

    return told


def test_every_kind_has_words_in_every_language_and_a_way_on() -> None:
    for kind in [*TOLD_TO_STUDENT.values(), "photo_needs_retake"]:
        assert kind in LOOKS
        for language in LANGUAGES:
            words = read_catalogue(PROJECT / "webapp" / "i18n" / language)
            assert {f"message.{kind}.title", f"message.{kind}.text"} <= words.keys()


@pytest.mark.parametrize("kind", sorted(set(TOLD_TO_STUDENT.values())))
def test_a_message_of_each_kind_is_shown(
    client_of: ClientOf, make: Factory, tell: Callable[..., None], kind: str
) -> None:
    student = make.student()
    tell(student, kind, version=3, reasons=["HEAD_TOP", "BG_UNIFORM"], state="ready_for_review")
    answer = client_of(make.student_account(student)).get("/messages")
    assert answer.status_code == 200
    assert "{" not in answer.text.split("<main")[1].split("</main")[0]


def test_reasons_are_told_in_words_not_codes(client_of: ClientOf, make: Factory, tell: Callable[..., None]) -> None:
    student = make.student()
    tell(student, "photo_returned", version=2, reasons=["HEAD_TOP", "BG_UNIFORM"])
    page = client_of(make.student_account(student)).get("/messages").text
    assert "HEAD_TOP" not in page
    assert "头顶" in page


def test_a_reason_of_a_later_standard_does_not_break_the_inbox(
    client_of: ClientOf, make: Factory, tell: Callable[..., None]
) -> None:
    student = make.student()
    tell(student, "photo_returned", version=2, reasons=["SOMETHING_NEW"])
    assert "SOMETHING_NEW" in client_of(make.student_account(student)).get("/messages").text


def test_a_photo_that_needs_a_retake_says_so(client_of: ClientOf, make: Factory, tell: Callable[..., None]) -> None:
    student = make.student()
    tell(student, "photo_submitted", version=1, state="needs_retake")
    assert "照片已保存，需要重拍" in client_of(make.student_account(student)).get("/messages").text


def test_opening_the_inbox_marks_as_read(client_of: ClientOf, make: Factory, tell: Callable[..., None]) -> None:
    student = make.student()
    tell(student, "photo_accepted", version=1)
    browser = client_of(make.student_account(student))
    assert 'class="tabs__count">1<' in browser.get("/mine").text
    assert ">新</span>" in browser.get("/messages").text
    assert "tabs__count" not in browser.get("/mine").text
    assert ">新</span>" not in browser.get("/messages").text


def test_an_empty_inbox_says_what_will_come(client_of: ClientOf, make: Factory) -> None:
    assert "还没有消息" in client_of(make.student_account()).get("/messages").text


def test_nobody_reads_the_messages_of_others(client_of: ClientOf, make: Factory, tell: Callable[..., None]) -> None:
    lin, other = make.student(), make.student()
    tell(lin, "photo_accepted", version=1)
    browser = client_of(make.student_account(other))
    assert "照片审核通过" not in browser.get("/messages").text
    assert 'class="tabs__count">1<' in client_of(make.student_account(lin)).get("/mine").text, "still unread"
