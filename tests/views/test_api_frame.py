"""One video frame for a phone that cannot look itself: judged, told in JSON, and kept nowhere."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select, text

from backend import App, create_app
from backend.accounts.operations import sign_in
from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.adapters.faces import FaceNetworks
from backend.adapters.tables import Record
from backend.compliance import hints
from backend.compliance.live import MAX_BYTES
from backend.demo.pictures import Studio, Wish
from backend.enrollment.records import Student
from backend.parts import Parts
from backend.settings import PROJECT, Settings
from backend.views.api import photos
from tests.conftest import Clock
from tests.factories import PASSWORD, TINY_JPEG, Factory
from tests.images import jpeg

ClientOf = Callable[[Account], FlaskClient]
FRAME = "/api/v1/photos/frame"
ERROR = {"code", "message"}


@pytest.fixture(scope="module")
def right() -> bytes:
    """A frame in which everything is right."""
    picture = Studio(FaceNetworks(PROJECT / "models")).take(Wish(scale=1.4, shift=(0, 80)))
    with Image.open(io.BytesIO(picture)) as opened:
        return jpeg(np.asarray(opened.resize((360, 480))), 80)


@pytest.fixture
def student(client_of: ClientOf, make: Factory) -> FlaskClient:
    """A student who may take a photo."""
    person = make.student()
    make.settle(person)
    return client_of(make.student_account(person))


def send(browser: FlaskClient, content: bytes, kind: str = "image/jpeg") -> Any:
    return browser.post(FRAME, data=content, content_type=kind)


def test_a_right_frame_has_nothing_to_change(student: FlaskClient, right: bytes) -> None:
    answer = send(student, right)
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    seen = answer.get_json()
    assert {finding["code"] for finding in seen["findings"]} == {code.value for code in hints.ORDER}
    assert {finding["verdict"] for finding in seen["findings"]} == {"ok"}
    assert set(seen["findings"][0]) == {"code", "verdict", "reason", "value", "low", "high"}
    face, points = seen["face"], seen["points"]
    assert 0.3 < face["width"] < 0.6
    assert face["x"] < points["eyes"][0] < face["x"] + face["width"]
    assert 0 < points["headTop"] < points["eyes"][1] < points["chin"] < 1
    assert seen["retry_after_ms"] >= 350


def test_without_a_face_that_is_said_and_nothing_is_pointed_at(student: FlaskClient) -> None:
    seen = send(student, jpeg(np.full((480, 360, 3), 210, np.uint8))).get_json()
    first = next(finding for finding in seen["findings"] if finding["code"] == "NO_FACE")
    assert (first["verdict"], first["reason"]) == ("bad", "low")
    assert seen["face"] is None
    assert seen["points"] is None


def rows(parts: Parts) -> dict[str, int]:
    with parts.sessions() as session:
        return {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Record.metadata.tables.items()
            if name != "rate_window"  # counts how often a person asks, as for every limit
        }


def files(folder: Path) -> set[tuple[str, int]]:
    return {
        (str(path), path.stat().st_size) for path in folder.rglob("*") if path.is_file() and "sqlite" not in path.name
    }


def test_nothing_of_a_frame_is_kept(student: FlaskClient, parts: Parts, right: bytes) -> None:
    before = rows(parts), files(parts.settings.data.dir)
    for _ in range(3):
        assert send(student, right).status_code == 200
    assert (rows(parts), files(parts.settings.data.dir)) == before
    with parts.sessions() as session:
        kept = session.execute(text("SELECT key FROM rate_window")).scalars()
        assert all("frame" in key or "account" in key for key in kept)


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"", "image/jpeg", 422, "unreadable"),
        (b"GIF89a", "image/jpeg", 422, "unreadable"),
        (b"\xff\xd8\xff" + b"x" * 90, "image/jpeg", 422, "unreadable"),
        (b"x" * (MAX_BYTES + 1), "image/jpeg", 413, "http_413"),
        (TINY_JPEG, "image/png", 415, "http_415"),
        (b"frame=x", "application/x-www-form-urlencoded", 415, "http_415"),
    ],
)
def test_what_is_no_frame_is_refused_in_one_form(
    student: FlaskClient, content: bytes, kind: str, status: int, code: str
) -> None:
    answer = send(student, content, kind)
    assert answer.status_code == status
    assert set(answer.get_json()) == ERROR
    assert answer.get_json()["code"] == code


def test_a_frame_too_large_is_told_the_limit_in_the_callers_language(student: FlaskClient) -> None:
    large = b"x" * (MAX_BYTES + 1)
    assert "200 KB" in send(student, large).get_json()["message"]
    english = student.post(FRAME, data=large, content_type="image/jpeg", headers={"Accept-Language": "en"})
    assert english.get_json()["message"].startswith("At most 200 KB")


def test_only_a_student_with_consent_is_looked_at(
    client: FlaskClient, client_of: ClientOf, make: Factory, right: bytes
) -> None:
    """Anonymous, every role of the staff, and students who have not agreed or whose data are not confirmed."""
    assert send(client, right).status_code == 401
    for role in Role:
        answer = send(client_of(make.staff(role)), right)
        assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found"), role
    answer = send(client_of(make.student_account()), right)
    assert answer.status_code == 409
    assert answer.get_json()["code"] in ("data_not_confirmed", "consent_missing")
    for answer in (send(client, right), client.get("/api/v1/nothing"), client.get(FRAME)):
        assert set(answer.get_json()) == ERROR
        assert "Location" not in answer.headers


@pytest.fixture
def guarded(settings: Settings, clock: Clock) -> Iterator[App]:
    """The application as it is served, with the real limit."""
    strict = settings.model_copy(
        update={"security": settings.security.model_copy(update={"rate_frames": "3 per hour"})}
    )
    app = create_app(strict, clock=clock)
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False)
    yield app
    app.parts.engine.dispose()


def test_too_many_frames_are_told_when_to_come_back(guarded: App, make: Factory) -> None:
    guarded.config["WTF_CSRF_ENABLED"] = False
    browsers = []
    for _ in range(2):
        person = make.student()
        make.settle(person)
        browsers.append(signed_in(guarded, make, person))
    first, other = browsers
    statuses = [send(first, TINY_JPEG).status_code for _ in range(4)]
    assert statuses == [422, 422, 422, 429]
    body = send(first, TINY_JPEG).get_json()
    assert body["code"] == "http_429"
    assert 60 * 1000 < body["retry_after_ms"] <= 3600 * 1000, "until the hour is over"
    assert send(other, TINY_JPEG).status_code == 422, "each person has an own count"


def signed_in(app: App, make: Factory, person: Student) -> FlaskClient:
    account = make.student_account(person)
    with app.parts.sessions() as session:
        token = sign_in(
            session,
            kind="student",
            login=account.login,
            password=PASSWORD,
            device="test",
            policy=app.parts.policy,
            now=app.parts.clock(),
        )
    browser = app.test_client()
    with browser.session_transaction() as cookie:
        cookie["sign_in"] = token
    return browser


def test_a_frame_needs_the_token_of_the_page(guarded: App, make: Factory) -> None:
    person = make.student()
    make.settle(person)
    browser = signed_in(guarded, make, person)
    assert send(browser, TINY_JPEG).get_json()["code"] == "stale_form"
    token = browser.get("/mine").text.split('name="csrf_token" value="')[1].split('"')[0]
    answer = browser.post(FRAME, data=TINY_JPEG, content_type="image/jpeg", headers={"X-CSRFToken": token})
    assert answer.get_json()["code"] == "unreadable", "taken in: only the picture is too small"


def test_a_busy_server_says_so_instead_of_letting_frames_queue(
    student: FlaskClient, right: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = threading.BoundedSemaphore(1)
    full.acquire()
    monkeypatch.setattr(photos, "_room", full)
    answer = send(student, right)
    assert answer.status_code == 503
    assert (answer.get_json()["retry_after_ms"], answer.headers["Retry-After"]) == (1000, "1")
    full.release()
    assert send(student, right).status_code == 200
    assert full.acquire(blocking=False), "the room is given back"
