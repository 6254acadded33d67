"""How a picture comes in: sent twice it is kept once, its source is recorded, a profile may refuse the album."""

from __future__ import annotations

import io
import threading
import uuid
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.compliance.assess import Assessment
from backend.compliance.findings import Mode
from backend.enrollment.records import Student
from backend.history.rules import Actor, ActorKind
from backend.parts import Parts
from backend.photos.operations import keep_draft
from backend.photos.records import PhotoDraft, PhotoVersion
from backend.photos.rules import Source, is_allowed
from tests.conftest import Clock
from tests.factories import TINY_JPEG, Factory, report

ClientOf = Callable[[Account], FlaskClient]


@pytest.fixture
def asked(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> list[Mode]:
    """The modes in which pictures were judged; the answer is always a passing report."""
    modes: list[Mode] = []

    def check(_self: Parts, content: bytes, *, file_name: str | None, mode: Mode, profile: str) -> Assessment:
        modes.append(mode)
        return Assessment(report(), content + b"judged", content + b"file")

    monkeypatch.setattr(type(parts), "check", check)
    return modes


@pytest.fixture
def lin(make: Factory) -> Student:
    student = make.student()
    make.settle(student)
    return student


@pytest.fixture
def client(make: Factory, client_of: ClientOf, lin: Student) -> FlaskClient:
    return client_of(make.student_account(lin))


@pytest.fixture
def lively(make: Factory, client_of: ClientOf) -> FlaskClient:
    """A student whose cohort takes no picture from the album."""
    student = make.student(cohort_id=make.cohort(photo_profile="live-capture").id)
    make.settle(student)
    return client_of(make.student_account(student))


def send(client: FlaskClient, key: str = "", field: str = "live") -> tuple[int, str]:
    answer = client.post("/photo/check", data={field: (io.BytesIO(TINY_JPEG), "me.jpg"), "key": key})
    return answer.status_code, answer.headers.get("Location", answer.text)


def count(session: Session, table: type) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_same_key_again_leads_to_the_draft_that_is_there(
    client: FlaskClient, asked: list[Mode], session: Session
) -> None:
    key = str(uuid.uuid4())
    first = send(client, key)
    assert [send(client, key) for _ in range(2)] == [first, first]
    assert count(session, PhotoDraft) == 1
    assert len(asked) == 1, "the second sending is not judged again"


def test_a_key_whose_draft_became_a_version_leads_to_the_versions(
    client: FlaskClient, asked: list[Mode], session: Session
) -> None:
    key = str(uuid.uuid4())
    _, address = send(client, key)
    client.post(f"{address}/submit")
    assert send(client, key) == (303, "/photo/versions")
    assert (count(session, PhotoDraft), count(session, PhotoVersion)) == (0, 1)


def test_a_key_whose_draft_has_expired_brings_a_new_one(
    client: FlaskClient, asked: list[Mode], session: Session, clock: Clock
) -> None:
    key = str(uuid.uuid4())
    _, first = send(client, key)
    clock.move(minutes=61)
    status, second = send(client, key)
    assert (status, second != first) == (303, True)


def test_the_key_of_another_student_leads_nowhere(
    client: FlaskClient, asked: list[Mode], make: Factory, client_of: ClientOf, session: Session
) -> None:
    key = str(uuid.uuid4())
    _, first = send(client, key)
    other = make.student()
    make.settle(other)
    status, second = send(client_of(make.student_account(other)), key)
    assert (status, second != first) == (303, True)
    assert count(session, PhotoDraft) == 2


@pytest.mark.parametrize("key", ["", "short", "x" * 36, "A" * 32])
def test_without_a_proper_key_every_sending_is_a_picture_of_its_own(
    key: str, client: FlaskClient, asked: list[Mode], session: Session
) -> None:
    assert send(client, key) != send(client, key)
    assert count(session, PhotoDraft) == 2


def test_two_sendings_in_the_same_instant_keep_one_draft(
    lin: Student, asked: list[Mode], parts: Parts, clock: Clock, session: Session
) -> None:
    key, both, found = str(uuid.uuid4()), threading.Barrier(2), []
    lin_id = lin.id  # read once here: the two threads must not share the session that lin came from

    def keep() -> None:
        with parts.sessions() as own:
            both.wait()
            draft = keep_draft(
                own,
                files=parts.files,
                student_id=lin_id,
                content=TINY_JPEG,
                assessment=Assessment(report(), b"judged", b"file"),
                source=Source.LIVE,
                keep_minutes=60,
                actor=Actor(ActorKind.STUDENT),
                now=clock(),
                upload_key=key,
            )
            found.append(draft.id)

    threads = [threading.Thread(target=keep) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert count(session, PhotoDraft) == 1


@pytest.mark.parametrize("field", ["live", "camera", "album"])
def test_the_source_is_recorded(field: str, client: FlaskClient, asked: list[Mode], session: Session) -> None:
    _, address = send(client, field=field)
    client.post(f"{address}/submit")
    assert session.scalars(select(PhotoVersion.source)).one() == field


def test_a_picture_of_the_camera_page_is_raw_whatever_its_size(client: FlaskClient, asked: list[Mode]) -> None:
    send(client, field="live")
    assert asked == [Mode.CAPTURE]


@pytest.mark.parametrize("source", list(Source))
@pytest.mark.parametrize("live_only", [True, False])
def test_which_sources_a_profile_takes(source: Source, live_only: bool) -> None:
    assert is_allowed(source, live_only=live_only) is (not live_only or source in (Source.LIVE, Source.CAMERA))


def test_a_profile_that_asks_for_live_pictures_shows_and_takes_no_album(
    lively: FlaskClient, asked: list[Mode], session: Session
) -> None:
    page = lively.get("/photo").text
    assert 'name="album"' not in page
    assert "网页无法证明照片是当场拍的" in page
    status, text = send(lively, field="album")
    assert status == 422
    assert "不收相册里的照片。请点「拍照」" in text
    assert (asked, count(session, PhotoDraft)) == ([], 0)
    assert send(lively, field="camera")[0] == 303
    assert send(lively, field="live")[0] == 303
