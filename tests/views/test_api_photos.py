"""The photo by the API: sent twice, checked once; and what the page keeps of it, the API keeps too."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend import App
from backend.accounts.records import Account
from backend.compliance.assess import Assessment
from backend.compliance.findings import PictureVerdict
from backend.enrollment.records import Student
from backend.history.rules import Actor, ActorKind
from backend.parts import Parts
from backend.photos.operations import keep_draft
from backend.photos.queries import photo_of
from backend.photos.records import Objection, PhotoDraft, PhotoVersion
from backend.photos.rules import SentBefore, Source
from tests.conftest import Clock
from tests.factories import TINY_JPEG, Factory, report
from tests.views.test_api import API, Caller, signed_in

ClientOf = Callable[[Account], FlaskClient]
Door = Callable[[Student, str], int]


@dataclass
class Engine:
    """What every picture is judged to be, and how many were judged."""

    verdict: PictureVerdict = PictureVerdict.PASS
    judged: list[bytes] = field(default_factory=list)


@pytest.fixture
def engine(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> Engine:
    made = Engine()

    def check(_self: Parts, content: bytes, **_how: Any) -> Assessment:
        made.judged.append(content)
        return Assessment(report(made.verdict), content + b"judged", content + b"file")

    monkeypatch.setattr(type(parts), "check", check)
    return made


@pytest.fixture
def lin(make: Factory) -> Student:
    student = make.student()
    make.settle(student)
    return student


@pytest.fixture
def caller(app: App, make: Factory, lin: Student) -> Caller:
    return signed_in(app, make.student_account(lin))


def send(caller: Caller, key: str) -> Any:
    data = {"camera": (io.BytesIO(TINY_JPEG), "me.jpg"), "key": key}
    return caller.client.post(f"{API}/photos/drafts", data=data, headers=caller.headers)


def count(session: Session, table: type) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_picture_sent_twice_is_judged_once(caller: Caller, engine: Engine, session: Session) -> None:
    key = str(uuid.uuid4())
    first, again = send(caller, key), send(caller, key)
    assert (first.status_code, again.get_json()) == (201, first.get_json())
    assert (len(engine.judged), count(session, PhotoDraft)) == (1, 1)


def test_a_picture_that_is_a_version_already_is_neither_judged_nor_kept_again(
    caller: Caller, engine: Engine, session: Session
) -> None:
    key = str(uuid.uuid4())
    draft = send(caller, key).get_json()["id"]
    assert caller("POST", f"/photos/drafts/{draft}/submission", {}).status_code == 201
    again = send(caller, key)
    assert (again.status_code, again.get_json()["code"]) == (409, "sent_before")
    assert (len(engine.judged), count(session, PhotoDraft), count(session, PhotoVersion)) == (1, 0, 1)


def test_no_draft_is_kept_under_the_key_of_a_version(
    caller: Caller, engine: Engine, session: Session, lin: Student, parts: Parts, clock: Clock
) -> None:
    """The second sending was being judged while the first was submitted."""
    key = str(uuid.uuid4())
    draft = send(caller, key).get_json()["id"]
    caller("POST", f"/photos/drafts/{draft}/submission", {})
    session.rollback()
    with pytest.raises(SentBefore):
        keep_draft(
            session,
            files=parts.files,
            student_id=lin.id,
            content=TINY_JPEG,
            assessment=Assessment(report(), b"judged", b"file"),
            source=Source.CAMERA,
            keep_minutes=60,
            actor=Actor(ActorKind.STUDENT),
            now=clock(),
            upload_key=key,
        )
    assert count(session, PhotoDraft) == 0


@pytest.fixture(params=["page", "api"])
def door(request: pytest.FixtureRequest, app: App, make: Factory, client_of: ClientOf) -> Door:
    """Hand a picture in with words, by a page or by the API; gives the status of the submission."""

    def by_page(student: Student, words: str) -> int:
        browser = client_of(make.student_account(student))
        sent = browser.post("/photo/check", data={"camera": (io.BytesIO(TINY_JPEG), "me.jpg")})
        return browser.post(f"{sent.headers['Location']}/submit", data={"ask": words}).status_code

    def by_api(student: Student, words: str) -> int:
        caller = signed_in(app, make.student_account(student))
        answer = caller("POST", f"/photos/drafts/{send(caller, '').get_json()['id']}/submission", {"ask": words})
        return int(answer.status_code)

    return {"page": by_page, "api": by_api}[request.param]


@pytest.mark.parametrize(
    ("verdict", "words", "kept"),
    [
        (PictureVerdict.PASS, "Please look.", None),
        (PictureVerdict.REVIEW, "", None),
        (PictureVerdict.REVIEW, " I wear it for my faith. ", "I wear it for my faith."),
        (PictureVerdict.RETAKE, "Please look.", "Please look."),
    ],
)
def test_both_doors_keep_the_same_words(
    door: Door, engine: Engine, session: Session, lin: Student, verdict: PictureVerdict, words: str, kept: str | None
) -> None:
    engine.verdict = verdict
    assert door(lin, words) in (201, 303)
    session.rollback()
    photo = photo_of(session, lin.id)
    assert photo is not None
    assert (photo.state, photo.objected) == ("ready_for_review", kept is not None)
    assert list(session.scalars(select(Objection.text))) == ([kept] if kept else [])


def test_neither_door_takes_a_clear_defect_without_words(
    door: Door, engine: Engine, session: Session, lin: Student
) -> None:
    engine.verdict = PictureVerdict.RETAKE
    assert door(lin, "  ") == 422
    assert (count(session, PhotoVersion), count(session, Objection)) == (0, 0)


def test_a_version_says_what_the_student_wrote(caller: Caller, engine: Engine) -> None:
    engine.verdict = PictureVerdict.REVIEW
    draft = send(caller, "").get_json()["id"]
    answer = caller("POST", f"/photos/drafts/{draft}/submission", {"ask": "I wear it for my faith."}).get_json()
    assert answer["versions"][0]["objection"]["text"] == "I wear it for my faith."
