"""Headers on every page, and nothing personal in logs or in the representation of things."""

from __future__ import annotations

import gzip
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date

import pytest
import structlog
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import App, create_app
from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.demo.people import invented_id_number
from backend.jobs import operations as jobs
from backend.parts import Parts
from backend.records import Record
from backend.settings import Settings
from backend.views import logs
from backend.worker import WORK, Tools, Worker
from tests.conftest import Clock
from tests.factories import Factory

ClientOf = Callable[[Account], FlaskClient]

MARKER = invented_id_number(date(1987, 6, 5), 321, male=True)


def plain_pages(app: App) -> list[tuple[str, str]]:
    """Endpoint and address of every page without arguments."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    return [(rule.endpoint, rule.rule) for rule in rules]


def test_every_page_of_every_person_wears_the_armour(
    app: App, client: FlaskClient, client_of: ClientOf, make: Factory
) -> None:
    browsers = [client, client_of(make.student_account())]
    browsers += [client_of(make.staff(role)) for role in (Role.CENTRE_HEAD, Role.ADMINISTRATOR)]
    pages = [*plain_pages(app), ("none", "/nothing/here")]
    assert len(pages) > 15
    for browser in browsers:
        for endpoint, address in pages:
            with browser.get(address) as answer:
                headers = answer.headers
            policy = headers["Content-Security-Policy"]
            assert "default-src 'self'" in policy, address
            assert "unsafe-inline" not in policy
            assert "unsafe-eval'" not in policy.replace("'wasm-unsafe-eval'", "")
            assert "frame-ancestors 'none'" in policy
            assert "object-src 'none'" in policy
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["X-Frame-Options"] == "DENY"
            assert headers["Referrer-Policy"] == "same-origin"
            assert "camera=(self)" in headers["Permissions-Policy"]
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
            if address.startswith("/api/v1/"):  # a program asks again by the mark of what it has; never shared
                assert headers["Cache-Control"] in ("no-store", "private, no-cache") or "openapi" in address, address
            elif endpoint != "favicon":
                assert headers["Cache-Control"] == "no-store", address


def test_each_answer_has_its_own_nonce(client: FlaskClient) -> None:
    nonces = {re.search(r"'nonce-([^']+)'", client.get("/").headers["Content-Security-Policy"])[1] for _ in range(3)}
    assert len(nonces) == 3


def test_https_is_remembered_where_it_is_used(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/").headers
    assert "max-age=31536000" in client.get("/", base_url="https://localhost").headers["Strict-Transport-Security"]


@pytest.fixture
def log_lines() -> Iterator[io.StringIO]:
    """What the program writes to its log, at the most talkative level."""
    before = structlog.get_config()
    yield io.StringIO()
    structlog.configure(**before)


def test_nothing_personal_gets_into_the_log(
    settings: Settings, make: Factory, clock: Clock, log_lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person activates, signs in, mistypes, and meets an error of ours: none of it leaves a trace of who it was."""
    student = make.student(id_number=MARKER, name="苗小红", student_number="2024777001", phone="13900001111")
    loud = settings.model_copy(update={"logs": settings.logs.model_copy(update={"level": "DEBUG"})})
    monkeypatch.setattr(logs.sys, "stderr", log_lines)
    app = create_app(loud, clock=clock)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    browser = app.test_client()
    browser.post("/activate", data={"number": student.student_number, "name": student.name})
    proof = {"id_number": MARKER, "password": "klatsch-mohn-4"}
    assert browser.post("/activate/proof", data=proof).status_code == 303
    browser.get("/mine?secret=13900001111")
    browser.post("/sign-in", data={"login": MARKER, "password": "klatsch-mohn-4"})

    def broken() -> str:
        raise ValueError(f"{MARKER} {student.name} klatsch-mohn-4")

    broken.permission = "public"  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, "public_help.show", broken)
    assert browser.get("/help").status_code == 500
    written = log_lines.getvalue()
    lines = [json.loads(line) for line in written.splitlines()]
    assert any(line.get("view") == "public_sign_in.activate_proof" for line in lines)
    assert any(line.get("error") == "ValueError" and "broken" in str(line["places"]) for line in lines)
    for secret in (MARKER, MARKER[-6:], "苗小红", "2024777001", "13900001111", "klatsch-mohn-4", "secret="):
        assert secret not in written, secret
        assert json.dumps(secret).strip('"') not in written, secret
    app.parts.engine.dispose()


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_job_that_fails_tells_its_kind_and_places_and_nothing_of_the_person(
    form: str, parts: Parts, session: Session, clock: Clock, log_lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_tools: Tools, _payload: Mapping[str, object]) -> None:
        number = MARKER
        raise ValueError(f"{number} 苗小红") from KeyError(number)

    monkeypatch.setattr(logs.sys, "stderr", log_lines)
    logs.configure("DEBUG", form)
    monkeypatch.setitem(WORK, "drop_drafts", broken)
    jobs.enqueue(session, kind="drop_drafts", payload={}, run_at=clock(), key=None, now=clock())
    session.commit()
    assert Worker(Tools.of(parts)).run_one()
    written = log_lines.getvalue()
    assert "job.failed" in written
    for told in ("ValueError", "KeyError", "test_headers.py", "broken"):
        assert told in written, told
    for secret in (MARKER, MARKER[-6:], "苗小红", json.dumps("苗小红").strip('"'), "Traceback"):
        assert secret not in written, secret


def test_nothing_personal_is_in_the_representation_of_a_record(make: Factory, session: Session) -> None:
    student = make.student(id_number=MARKER, name="苗小红", student_number="2024777002", phone="13900001112")
    make.settle(student)
    make.submitted(student)
    make.student_account(student)
    seen = 0
    for mapper in Record.registry.mappers:
        for record in session.scalars(select(mapper.class_)):
            seen += 1
            for secret in (MARKER, "苗小红", "2024777002", "13900001112"):
                assert secret not in repr(record)
                assert secret not in str(record)
    assert seen > 5


def test_the_secrets_show_nothing(app: App) -> None:
    for secret in (app.parts.secrets.session_key, app.parts.secrets.data_key):
        assert secret not in repr(app.parts.secrets)
        assert secret not in str(app.parts)


def test_a_page_is_packed_for_who_takes_it(client: FlaskClient) -> None:
    plain = client.get("/sign-in", headers={"Accept-Encoding": "identity"})
    packed = client.get("/sign-in", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "</html>" in gzip.decompress(packed.data).decode()
    assert len(packed.data) * 2 < len(plain.data)


def test_a_file_for_the_browser_wears_a_light_armour(client: FlaskClient) -> None:
    page = client.get("/sign-in").text
    address = re.search(r'src="(/assets/[^"]+main\.js)"', page)
    assert address
    with client.get(address[1]) as answer:
        headers = answer.headers
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Permissions-Policy" not in headers
