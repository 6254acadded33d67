"""One idempotency key, one effect: whenever the server dies, a change was made with its answer, or not at all.

Every change that takes a key is sent three times by the ways below: the server dies before it has kept the answer; it
lives; the answer got lost and the change is sent again.
"""

from __future__ import annotations

import inspect
import io
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

from backend import App
from backend.accounts.records import Account, RateWindow
from backend.accounts.rules import Role
from backend.errata.records import ErratumEvidence
from backend.history.rules import Actor, ActorKind
from backend.photos.rules import Action
from backend.programs.operations import make_token
from backend.programs.records import KeptAnswer
from backend.programs.rules import Grant
from backend.records import Record
from backend.settings import PROJECT, Settings
from backend.views.api import contract
from backend.views.limits import limiter
from tests.conftest import Clock
from tests.factories import TINY_JPEG, Factory
from tests.papers import scan
from tests.views import test_api_account as account
from tests.views import test_api_cases as cases
from tests.views.test_api import API, Caller, signed_in
from tests.views.test_api_account import pigeons
from tests.views.test_api_cases import Desk, begun, desk, sent
from tests.views.test_api_photos import Engine, engine
from tests.views.test_proofreading import Lin
from tests.views.test_sessions import Day, qr_picture

__all__ = ["desk", "engine", "pigeons"]  # fixtures

ClientOf = Callable[[Account], FlaskClient]
State = dict[str, list[str]]


class Killed(BaseException):
    """The power went."""


class Killer:
    """Stands before the application and sends every change three times."""

    def __init__(self, app: App, patch: pytest.MonkeyPatch) -> None:
        self._app, self._parts, self._patch = app, app.parts, patch
        self._inner = app.wsgi_app
        self.seen: set[str] = set()

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        endpoint = self._endpoint(environ)
        if endpoint is None:
            return self._inner(environ, start)
        environ.setdefault("HTTP_IDEMPOTENCY_KEY", str(uuid.uuid4()))
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        self._die(environ, body, endpoint)
        answer = self._run(environ, body)
        if answer.status_code < 300:
            after = self._state()
            again = self._run(environ, body)
            assert again.headers["Idempotency-Replayed"] == "true", endpoint
            assert (again.status_code, again.get_data()) == (answer.status_code, answer.get_data()), endpoint
            assert self._state() == after, endpoint
            self.seen.add(endpoint)
        return answer(environ, start)

    def _die(self, environ: dict[str, Any], body: bytes, endpoint: str) -> None:
        """The change is made and its answer is ready: then nothing of it is there."""
        before, files = self._state(), self._files()
        with self._patch.context() as patch:
            patch.setattr(contract, "keep_answer", _die)
            try:
                self._run(environ, body)
            except Killed:
                assert self._state() == before, f"{endpoint} left something behind"
                assert files <= self._files(), f"{endpoint} deleted a file that is still referred to"

    def _run(self, environ: dict[str, Any], body: bytes) -> Response:
        again = {name: value for name, value in environ.items() if not name.startswith("werkzeug.")}
        found, status, headers = run_wsgi_app(self._inner, {**again, "wsgi.input": io.BytesIO(body)}, buffered=True)
        return Response(found, status, headers)

    def _endpoint(self, environ: dict[str, Any]) -> str | None:
        """Of a change that takes a key and did not bring one of its own."""
        if environ["REQUEST_METHOD"] == "GET" or not environ["PATH_INFO"].startswith(API):
            return None
        endpoint, _values = self._app.url_map.bind_to_environ(environ).match()
        found = getattr(self._app.view_functions[endpoint], "contract", None)
        return str(endpoint) if found is not None and found.keyed and "HTTP_IDEMPOTENCY_KEY" not in environ else None

    def _files(self) -> set[str]:
        return {name for name, _at in self._parts.files.names()}

    def _state(self) -> State:
        """Every row of every table, but for counters of rates and times of the last look."""
        with self._parts.engine.connect() as connection:
            found = {}
            for table in Record.metadata.sorted_tables:
                if table.name != RateWindow.__tablename__:
                    names = ", ".join(f'"{column.name}"' for column in table.columns if column.name != "seen_at")
                    rows = connection.execute(text(f'SELECT {names} FROM "{table.name}"'))  # noqa: S608 - our own names
                    found[table.name] = sorted(repr(tuple(row)) for row in rows)
            return found


def _die(*_: Any, **__: Any) -> None:
    raise Killed


@pytest.fixture
def killer(app: App, monkeypatch: pytest.MonkeyPatch) -> Killer:
    made = Killer(app, monkeypatch)
    monkeypatch.setattr(limiter, "enabled", False)
    monkeypatch.setattr(app, "wsgi_app", made)
    return made


def photo_way(app: App, make: Factory, engine: Engine) -> None:
    """A picture, its withdrawal, another one, and an objection."""
    person = make.student()
    lin = signed_in(app, make.student_account(person))
    assert lin("POST", "/enrollment/confirmation", {"seen_version": 1}).status_code == 200
    for asked in lin("GET", "/consents").json["items"]:
        lin("PUT", f"/consents/{asked['purpose']}", {"seen_version": asked["version"]})
    for last in (False, True):
        files = {"camera": (io.BytesIO(TINY_JPEG + bytes([last])), "a.jpg")}
        draft = lin.client.post(f"{API}/photos/drafts", data=files, headers=lin.headers).json["id"]
        photo = lin("POST", f"/photos/drafts/{draft}/submission", {}).json
        if not last:
            assert lin("POST", "/photos/withdrawal", {"seen_revision": photo["revision"]}).status_code == 200
    make.session.rollback()
    make.reviewed(person, Action.RETURN, reasons=("HEAD_TOP",), text="请往后站一点")
    revision = lin("GET", "/photos").json["revision"]
    lin("POST", "/photos/objection", {"seen_revision": revision, "text": "已经够远了"})
    lin("DELETE", f"/consents/{asked['purpose']}")
    lin("POST", "/messages/read")


def report_way(app: App, make: Factory) -> None:
    """Wrong data are reported with evidence, and the report is taken back."""
    lin = signed_in(app, make.student_account())
    form: dict[str, Any] = {"seen_version": "1", "claim_name": "林小曼", "evidence": [(io.BytesIO(scan()), "a.jpg")]}
    made = lin.client.post(f"{API}/enrollment/corrections", data=form, headers=lin.headers)
    lin("DELETE", f"/enrollment/corrections/{made.json['corrections'][0]['id']}")


def code_way(app: App, make: Factory, client_of: ClientOf, session: Session, clock: Clock) -> None:
    """A capture code is handed in and taken away."""
    lin = signed_in(app, make.student_account(Day(make, client_of, session, clock).students[0]))
    assert sent(lin, "/capture-code", "code", (qr_picture(8), "code.png")).status_code == 201
    lin("DELETE", "/capture-code")


def proofreading_way(app: App, make: Factory, client_of: ClientOf) -> None:
    """The conclusion and the click; the questions of somebody else up to the day to look again."""
    lin = Lin(make, client_of)
    make.settle(lin.student)
    photo = lin.link()
    make.session.rollback()
    caller = signed_in(app, lin.account)
    seen = {"seen_linked_photo": photo, "seen_version": 1}
    caller("POST", "/proofreading/conclusion", {"photo_right": True, "data_right": True, **seen})
    caller("POST", "/proofreading/click", {"clicked": True})
    make.session.rollback()
    other = signed_in(app, make.student_account())
    run = cases.answered(other, {"sees": "no_photo", "captured": "yes", "capture_data": "right"})
    other("POST", f"/proofreading/runs/{run['id']}/outcome", {})
    other("PUT", f"/proofreading/runs/{run['id']}/day", {"day": "2026-12-05"})


def webhook_way(app: App, make: Factory) -> None:
    """Another system asks to be told, and to be told no more."""
    actor = Actor(ActorKind.STAFF, make.staff(Role.REGISTRY).id)
    _kept, token = make_token(
        make.session, name="学籍", grants=[Grant.WEBHOOKS], centre_id=None, days=1, actor=actor, now=make.clock()
    )
    caller = Caller(app, token)
    hook = caller("POST", "/webhooks", {"address": "https://college.test/hook", "events": ["photo.decided"]}).json
    caller("DELETE", f"/webhooks/{hook['id']}")


def application_way(app: App, make: Factory) -> None:
    """Somebody without an account applies, and takes it back."""
    anybody = Caller(app)
    made = anybody("POST", "/alumni/applications", cases.application(make.centre().id)).json
    anybody("POST", "/alumni/applications/withdrawal", made)


# what is gone through -> the changes that it makes; the ways of other tests are gone again
WAYS: dict[Callable[..., None], tuple[str, ...]] = {
    photo_way: (
        *("api_enrollment.confirm", "api_consent.give", "api_consent.withdraw", "api_messages.read"),
        *(f"api_student_photos.{name}" for name in ("check", "submit", "withdraw", "object_")),
    ),
    report_way: ("api_enrollment.report", "api_enrollment.withdraw"),
    code_way: ("api_capture.add_code", "api_capture.remove_code"),
    proofreading_way: (
        *("api_proofreading.answer", "api_proofreading.click"),
        *(f"api_runs.{name}" for name in ("start", "answer", "finish", "change_day")),
    ),
    webhook_way: ("api_college.add", "api_college.end"),
    application_way: ("api_applications.apply", "api_applications.withdraw"),
    account.test_a_new_password_signs_every_other_device_out: ("api_account.password",),
    account.test_a_device_is_signed_out_from_another_one: ("api_account.end_device",),
    account.test_every_other_device_is_signed_out_at_once: ("api_account.end_other_devices",),
    account.test_a_way_of_being_told_is_set_up_switched_off_and_forgotten: tuple(
        f"api_account.{name}" for name in ("address", "code", "switch", "forget")
    ),
    account.test_a_wechat_account_is_unbound: ("api_account.unbind",),
    account.test_a_slot_is_taken_given_back_and_the_door_gives_one_number: tuple(
        f"api_capture.{name}" for name in ("take_slot", "give_back", "arrive")
    ),
    cases.test_a_case_goes_from_the_choice_of_the_form_to_the_confirmed_correction: tuple(
        f"api_errata.{name}" for name in ("open_", "edit", "attach", "submit", "look")
    ),
    cases.test_evidence_is_shown_page_by_page_and_taken_out_again: ("api_errata.remove",),
    cases.test_the_right_photo_passes_the_same_check_and_asks_for_the_same_consent: ("api_errata.photo",),
    cases.test_a_swap_asks_the_other_student_whose_words_the_asking_one_never_reads: ("api_errata.agree",),
    cases.test_a_case_is_taken_back_and_lists_go_on_by_cursor: ("api_errata.withdraw",),
    cases.test_a_graduate_goes_from_the_questions_to_the_centre: tuple(
        f"api_alumni.{name}" for name in ("open_", "add", "ask", "submit", "withdraw")
    ),
    cases.test_a_bound_photo_is_reported_and_a_scan_is_taken_back: ("api_alumni.result", "api_alumni.remove"),
    cases.test_papers_before_the_registration_are_handed_in_without_a_word_of_why: (
        *("api_papers.add", "api_papers.submit"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__.removeprefix("test_"))
def test_a_change_and_its_answer_are_there_together_or_not_at_all(
    way: Callable[..., None], killer: Killer, request: pytest.FixtureRequest
) -> None:
    way(**{name: request.getfixturevalue(name) for name in inspect.signature(way).parameters})
    assert set(WAYS[way]) <= killer.seen


def test_no_change_is_left_out(app: App) -> None:
    keyed = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if (found := getattr(app.view_functions[rule.endpoint], "contract", None)) is not None
        and found.keyed
        and (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
    }
    assert keyed == {endpoint for way in WAYS.values() for endpoint in way}


def test_a_key_that_is_used_at_once_by_many_has_one_effect(desk: Desk, session: Session) -> None:
    case = begun(desk.by_lin, "delete_conclusion", "wrong_click")
    content, kind = scan(), desk.make.parts.forms.of("delete_conclusion", "wrong_click").evidence[0].name
    answers: list[Any] = []
    barrier = threading.Barrier(4)

    def send() -> None:
        caller = Caller(desk.app)
        caller.headers = {**desk.by_lin.headers, "Idempotency-Key": "once"}
        barrier.wait()
        answers.append(sent(caller, f"/errata/{case['id']}/evidence", "evidence", (content, "a.jpg"), kind=kind))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.get_data() for answer in answers}) == 1
    assert session.query(ErratumEvidence).count() == 1


def test_a_request_that_comes_second_to_the_key_gets_the_answer_of_the_first(
    app: App, make: Factory, monkeypatch: pytest.MonkeyPatch, session: Session
) -> None:
    """It asked before the first one was answered, and wants to begin after it."""
    anybody, said = Caller(app), cases.application(make.centre().id)
    first = anybody("POST", "/alumni/applications", said, Idempotency_Key="k")
    monkeypatch.setattr(contract, "answer_under", lambda *_, **__: None)
    second = anybody("POST", "/alumni/applications", said, Idempotency_Key="k")
    assert (second.json, second.headers["Idempotency-Replayed"]) == (first.json, "true")
    session.rollback()
    assert session.query(cases.AlumniApplication).count() == 1


def test_a_wrong_attempt_is_counted_although_its_key_is_free_again(app: App, make: Factory, session: Session) -> None:
    lin = signed_in(app, make.student_account())
    wrong = {"current": "wrong-wrong-1", "new": account.OTHER}
    codes = [lin("PUT", "/password", wrong, Idempotency_Key="k").json["code"] for _ in range(6)]
    assert codes == ["sign_in_failed"] * 5 + ["locked_out"]
    session.rollback()
    assert session.query(KeptAnswer).count() == 0


def test_an_answer_is_kept_for_a_day(app: App, make: Factory, clock: Clock) -> None:
    anybody, said = Caller(app), cases.application(make.centre().id)

    def number() -> str:
        return str(anybody("POST", "/alumni/applications", said, Idempotency_Key="k").json["number"])

    first = number()
    clock.move(hours=24)
    assert number() == first
    clock.move(seconds=1)
    assert number() != first


KILLED = """
import io, os, signal, sys
from datetime import datetime
from backend import create_app
from backend.settings import load_settings
from backend.views.api import contract


path, token, kind, now = sys.argv[1:]
app = create_app(load_settings(os.environ), clock=lambda: datetime.fromisoformat(now))
contract.keep_answer = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "once"}
data = {"kind": kind, "evidence": (io.BytesIO(sys.stdin.buffer.read()), "a.jpg")}
app.test_client().post(path, data=data, headers=headers)
"""


def test_evidence_sent_again_after_kill_9_is_there_once(
    desk: Desk,
    settings: Settings,
    clock: Clock,
    session: Session,
    database_url: str,
) -> None:
    case = begun(desk.by_lin, "delete_conclusion", "wrong_click")
    content, kind = scan(), desk.make.parts.forms.of("delete_conclusion", "wrong_click").evidence[0].name
    path, token = f"/errata/{case['id']}/evidence", desk.by_lin.headers["Authorization"].removeprefix("Bearer ")
    where = {"XUEZHAO_MODE": "testing", "DATA_DIR": str(settings.data.dir), "DATABASE_URL": database_url}
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, API + path, token, kind, clock().isoformat()],
        input=content, cwd=PROJECT, env={**os.environ, **where}, timeout=60, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL
    desk.by_lin.headers["Idempotency-Key"] = "once"
    assert sent(desk.by_lin, path, "evidence", (content, "a.jpg"), kind=kind).status_code == 201
    session.rollback()
    assert session.query(ErratumEvidence).count() == 1
