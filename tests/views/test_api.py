"""The API: tokens, a student's whole way, other people's things, keys for a second try, the document."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from backend import App
from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.errors import Invalid
from backend.history.rules import Actor, ActorKind
from backend.parts import Parts
from backend.photos.rules import Action
from backend.programs.operations import make_token, revoke_token
from backend.programs.records import WebhookDelivery
from backend.programs.rules import ATTEMPTS, DeliveryState, Grant
from backend.views.api.document import ITSELF
from backend.worker import Tools, Worker
from tests.conftest import Clock
from tests.factories import PASSWORD, TINY_JPEG, Factory

ClientOf = Callable[[Account], FlaskClient]
API = "/api/v1"
STUDENTS_OWN = ("/home", "/enrollment", "/consents", "/photos", "/proofreading", "/errata", "/messages", "/notices")
COLLEGES = {"/students": Grant.STUDENTS, "/matches": Grant.MATCHES, "/decisions": Grant.DECISIONS}


class Caller:
    """A program with a token, or without."""

    def __init__(self, app: App, token: str = "") -> None:
        self.client = app.test_client(use_cookies=False)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        said = {"json": body} if body is not None else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(API + path, method=method, headers={**self.headers, **named}, **said)


@pytest.fixture
def student(app: App, make: Factory) -> Caller:
    """A student who has settled nothing yet, signed in for a token."""
    return signed_in(app, make.student_account())


def signed_in(app: App, account: Account) -> Caller:
    answer = Caller(app)("POST", "/sessions", {"student_number": account.login, "password": PASSWORD})
    assert answer.status_code == 201, answer.get_json()
    return Caller(app, answer.get_json()["token"])


def waits(answer: Any) -> int:
    """Seconds until the next try, which the body and the header say alike."""
    seconds = int(answer.headers["Retry-After"])
    assert answer.get_json()["retry_after_ms"] == seconds * 1000
    return seconds


def system(app: App, session: Session, make: Factory, clock: Clock, *grants: Grant, **values: Any) -> Caller:
    maker = make.staff(Role.REGISTRY)
    _made, token = make_token(
        session,
        name="学籍系统",
        grants=[grant.value for grant in grants],
        centre_id=values.get("centre_id"),
        days=30,
        actor=Actor(ActorKind.STAFF, maker.id),
        now=clock(),
    )
    return Caller(app, token)


def test_a_wrong_password_and_an_unknown_number_are_not_told_apart(app: App, make: Factory) -> None:
    account = make.student_account()
    wrong = Caller(app)("POST", "/sessions", {"student_number": account.login, "password": "wrong-wrong-1"})
    unknown = Caller(app)("POST", "/sessions", {"student_number": "nobody", "password": PASSWORD})
    assert wrong.status_code == unknown.status_code == 403
    assert wrong.get_json() == unknown.get_json()


def test_many_wrong_passwords_make_the_number_wait(app: App, make: Factory) -> None:
    account = make.student_account()
    for _ in range(5):
        Caller(app)("POST", "/sessions", {"student_number": account.login, "password": "wrong-wrong-1"})
    answer = Caller(app)("POST", "/sessions", {"student_number": account.login, "password": PASSWORD})
    assert (answer.status_code, answer.get_json()["code"]) == (429, "locked_out")
    minutes = app.parts.policy.lockout_minutes
    assert (minutes - 1) * 60 < waits(answer) <= minutes * 60


def test_a_token_ends_when_the_student_signs_out_or_its_time_is_over(
    app: App, make: Factory, clock: Clock, student: Caller
) -> None:
    assert student("GET", "/home").status_code == 200
    assert student("DELETE", "/sessions/current").status_code == 204
    assert student("GET", "/home").status_code == 401
    other = signed_in(app, make.student_account())
    clock.move(hours=13)
    assert other("GET", "/home").status_code == 401


def test_a_cookie_is_no_token_and_a_token_no_cookie(app: App, make: Factory, client_of: ClientOf) -> None:
    account = make.student_account()
    browser = client_of(account)
    assert browser.get("/home").status_code == 200
    assert browser.get(f"{API}/home").status_code == 401
    assert browser.post(f"{API}/messages/read").status_code == 401
    token = signed_in(app, account).headers["Authorization"].removeprefix("Bearer ")
    other = app.test_client()
    with other.session_transaction() as cookie:
        cookie["sign_in"] = token
    assert other.get("/home").status_code == 302
    with browser.session_transaction() as cookie:
        kept = cookie["sign_in"]
    assert Caller(app, kept)("GET", "/home").status_code == 401


def test_everything_asks_for_a_token_and_says_so_in_one_form(app: App) -> None:
    for path in (*STUDENTS_OWN, *COLLEGES, "/webhooks", "/alumni-case", "/capture-code"):
        answer = Caller(app)("GET", path, Accept_Language="en")
        assert answer.status_code == 401, path
        assert set(answer.get_json()) == {"code", "message"}
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_students_way_until_the_photo_waits_for_a_person(app: App, make: Factory, session: Session) -> None:
    person = make.student()
    student = signed_in(app, make.student_account(person))
    assert student("GET", "/home").get_json()["next_step"] == "verify"
    data = student("GET", "/enrollment").get_json()
    assert person.id_number not in json.dumps(data)
    confirmed = student("POST", "/enrollment/confirmation", {"seen_version": data["version"]})
    assert confirmed.get_json()["confirmed_at"]
    for asked in student("GET", "/consents").get_json()["items"]:
        answer = student("PUT", f"/consents/{asked['purpose']}", {"seen_version": asked["version"]})
        assert answer.status_code == 200
    assert student("GET", "/home").get_json()["next_step"] == "take_photo"
    session.rollback()
    draft = make.draft(person)
    assert student("GET", f"/photos/drafts/{draft.id}").get_json()["usable"]
    submitted = student("POST", f"/photos/drafts/{draft.id}/submission", {})
    again = student("POST", f"/photos/drafts/{draft.id}/submission", {})
    assert (submitted.status_code, submitted.get_json()["state"]) == (201, "ready_for_review")
    assert len(again.get_json()["versions"]) == 1
    assert student("GET", "/photos/versions/1/picture").mimetype == "image/jpeg"
    back = student("POST", "/photos/withdrawal", {"seen_revision": again.get_json()["revision"]})
    assert back.get_json()["state"] == "withdrawn"


def test_a_picture_that_is_none_is_refused_in_words(app: App, make: Factory) -> None:
    person = make.student()
    make.settle(person)
    student = signed_in(app, make.student_account(person))
    send = student.client.post
    none = send(f"{API}/photos/drafts", data={}, headers=student.headers, content_type="multipart/form-data")
    assert (none.status_code, none.get_json()["code"]) == (422, "upload_missing")
    broken = send(f"{API}/photos/drafts", data={"live": (_file(b"no"), "a.jpg")}, headers=student.headers)
    assert (broken.status_code, broken.get_json()["code"]) == (422, "unreadable")


def test_what_is_missing_is_a_code_and_not_a_page(student: Caller) -> None:
    answer = student.client.post(
        f"{API}/photos/drafts", data={"live": (_file(TINY_JPEG), "a.jpg")}, headers=student.headers
    )
    assert (answer.status_code, answer.get_json()["code"]) == (409, "data_not_confirmed")


def test_other_peoples_things_are_not_there(app: App, make: Factory) -> None:
    owner = make.student()
    make.settle(owner)
    draft = make.draft(owner)
    make.submitted(owner)
    other = signed_in(app, make.student_account())
    assert other("GET", f"/photos/drafts/{draft.id}").status_code in (404, 409)
    assert other("POST", f"/photos/drafts/{draft.id}/submission", {}).status_code in (404, 409)
    assert other("GET", "/photos/versions/1/picture").status_code == 404
    assert other("GET", "/errata/1").status_code == 404
    assert other("GET", "/photos").get_json()["versions"] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", "/capture-sessions/{}/slot"), ("GET", "/errata/{}"), ("DELETE", "/errata/{}/evidence/1")],
)
def test_a_number_that_no_row_can_have_is_not_there(student: Caller, method: str, path: str) -> None:
    for number in (0, 2**31, 10**30):
        assert student(method, path.format(number)).status_code == 404, number


def test_a_body_is_taken_strictly(student: Caller) -> None:
    bodies: tuple[Any, ...] = ({"seen_version": "1"}, {"seen_version": 1, "more": 1}, {}, {"seen_version": True}, [])
    for body in bodies:
        answer = student("POST", "/enrollment/confirmation", body)
        assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid"), body
        assert answer.get_json()["fields"]
    plain = student.client.post(f"{API}/enrollment/confirmation", data="x", headers=student.headers)
    assert plain.status_code == 415
    broken = student.client.post(
        f"{API}/enrollment/confirmation", data="{", headers=student.headers, content_type="application/json"
    )
    assert broken.status_code == 400


def test_a_change_under_a_key_is_made_once_and_answered_alike(student: Caller, make: Factory) -> None:
    first = student("POST", "/enrollment/confirmation", {"seen_version": 1}, Idempotency_Key="k1")
    again = student("POST", "/enrollment/confirmation", {"seen_version": 1}, Idempotency_Key="k1")
    assert first.get_data() == again.get_data()
    assert again.headers["Idempotency-Replayed"] == "true"
    other = student("POST", "/enrollment/confirmation", {"seen_version": 2}, Idempotency_Key="k1")
    assert (other.status_code, other.get_json()["code"]) == (422, "key_reused")


def test_what_was_refused_under_a_key_may_be_tried_again(student: Caller) -> None:
    wrong = student("POST", "/enrollment/confirmation", {"seen_version": 9}, Idempotency_Key="k2")
    assert wrong.status_code == 409
    assert student("POST", "/enrollment/confirmation", {"seen_version": 1}, Idempotency_Key="k2").status_code == 200


def test_one_persons_key_is_not_anothers(app: App, make: Factory, student: Caller) -> None:
    other = signed_in(app, make.student_account())
    student("POST", "/messages/read", Idempotency_Key="same")
    assert "Idempotency-Replayed" not in other("POST", "/messages/read", Idempotency_Key="same").headers


def test_an_unchanged_read_is_not_sent_again(student: Caller) -> None:
    first = student("GET", "/home")
    assert student("GET", "/home", If_None_Match=first.headers["ETag"]).status_code == 304
    assert int(first.headers["RateLimit-Remaining"]) < int(first.headers["RateLimit-Limit"])


def test_who_asks_too_often_is_told_when_to_go_on(app: App, make: Factory, parts: Parts) -> None:
    student = signed_in(app, make.student_account())
    settings = parts.settings.model_copy(update={"api": parts.settings.api.model_copy(update={"rate": "2 per minute"})})
    app.parts = replace(parts, settings=settings)
    for left in ("1", "0"):
        answer = student("GET", "/messages")
        assert (answer.status_code, answer.headers["RateLimit-Remaining"]) == (200, left)
    refused = student("GET", "/messages", Accept_Language="en")
    assert (refused.status_code, refused.get_json()["code"]) == (429, "http_429")
    assert 1 <= waits(refused) <= 60
    assert abs(waits(refused) - int(refused.headers["RateLimit-Reset"])) <= 1
    assert refused.headers["RateLimit-Limit"] == "2"


def test_an_error_is_said_in_the_language_of_the_caller(student: Caller) -> None:
    said = {
        language: student("POST", "/enrollment/confirmation", {"seen_version": 9}, Accept_Language=language).get_json()
        for language in ("en", "zh-CN")
    }
    assert said["en"]["code"] == said["zh-CN"]["code"] == "outdated"
    assert said["en"]["message"].isascii()
    assert not said["zh-CN"]["message"].isascii()


@pytest.mark.parametrize("path", list(COLLEGES))
def test_a_systems_token_opens_what_it_was_given_and_nothing_else(
    app: App, session: Session, make: Factory, clock: Clock, path: str
) -> None:
    caller = system(app, session, make, clock, COLLEGES[path])
    assert caller("GET", path).status_code == 200
    for other in set(COLLEGES) - {path}:
        assert caller("GET", other).status_code == 403
    assert caller("GET", "/webhooks").status_code == 403
    for own in STUDENTS_OWN:
        assert caller("GET", own).status_code == 404


def test_a_students_token_opens_nothing_of_the_college(student: Caller) -> None:
    for path in (*COLLEGES, "/webhooks"):
        assert student("GET", path).status_code == 404


def test_a_token_is_over_when_it_expires_or_is_revoked(app: App, session: Session, make: Factory, clock: Clock) -> None:
    caller = system(app, session, make, clock, Grant.STUDENTS)
    revoke_token(session, token_id=1, actor=Actor(ActorKind.STAFF, make.staff(Role.REGISTRY).id), now=clock())
    assert caller("GET", "/students").status_code == 401
    later = system(app, session, make, clock, Grant.STUDENTS)
    assert later("GET", "/students").status_code == 200
    clock.move(days=31)
    assert later("GET", "/students").status_code == 401


def test_an_administrator_gives_no_grant_that_the_role_has_not(session: Session, make: Factory, clock: Clock) -> None:
    admin = Actor(ActorKind.STAFF, make.staff(Role.ADMINISTRATOR).id)
    common: dict[str, Any] = {"name": "x", "centre_id": None, "days": 1, "actor": admin, "now": clock()}
    with pytest.raises(Invalid):
        make_token(session, grants=["students.read"], **common)
    session.rollback()
    assert make_token(session, grants=["webhooks.keep"], **common)[1]


def test_lists_go_on_by_cursor_and_stay_in_the_centre(app: App, session: Session, make: Factory, clock: Clock) -> None:
    centre = make.centre()
    numbers = [make.student(centre).student_number for _ in range(3)]
    make.student()
    caller = system(app, session, make, clock, Grant.STUDENTS, centre_id=centre.id)
    first = caller("GET", "/students?limit=2").get_json()
    second = caller("GET", f"/students?limit=2&cursor={first['next']}").get_json()
    assert [one["student_number"] for one in first["items"] + second["items"]] == numbers
    assert second["next"] is None
    assert caller("GET", "/students?cursor=x").status_code == 422


def test_a_page_of_students_costs_the_same_however_many_stand_on_it(
    app: App, session: Session, make: Factory, clock: Clock, parts: Parts
) -> None:
    caller = system(app, session, make, clock, Grant.STUDENTS)
    centre, cohort = make.centre(), make.cohort()

    def statements() -> tuple[int, list[str]]:
        session.rollback()
        asked: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            asked.append(statement)

        event.listen(parts.engine, "before_cursor_execute", note)
        try:
            answer = caller("GET", "/students?limit=200").get_json()
        finally:
            event.remove(parts.engine, "before_cursor_execute", note)
        return len(asked), [one["next_step"] for one in answer["items"]]

    def a_few_more() -> None:
        for action in (Action.ACCEPT, Action.RETURN, None):
            person = make.student(centre, cohort_id=cohort.id)
            make.settle(person)
            make.submitted(person)
            if action is not None:
                reasons = ("HEAD_TOP",) if action is Action.RETURN else ()
                make.reviewed(person, action, reasons=reasons, text="请往后站一点")
        make.student(centre)

    a_few_more()
    statements()  # what is read once a process or once a minute has been read
    few, steps = statements()
    for _ in range(3):
        a_few_more()
    many, more = statements()
    assert many == few
    assert len(more) == 4 * len(steps)
    assert sorted(set(more)) == sorted(set(steps))
    assert len(set(steps)) > 2


def test_a_decision_appears_when_it_stands(app: App, session: Session, make: Factory, clock: Clock) -> None:
    person = make.student()
    make.settle(person)
    make.submitted(person)
    make.reviewed(person, Action.ACCEPT)
    caller = system(app, session, make, clock, Grant.DECISIONS)
    early = caller("GET", "/decisions").get_json()
    assert early["items"] == []
    clock.move(minutes=2)
    (decision,) = caller("GET", f"/decisions?cursor={early['next']}").get_json()["items"]
    assert (decision["student_id"], decision["action"]) == (person.id, "accept")


def test_a_webhook_is_told_once_signed_given_up_in_the_end_and_called_again_by_staff(
    app: App, session: Session, make: Factory, clock: Clock, parts: Parts, client_of: ClientOf
) -> None:
    caller = system(app, session, make, clock, Grant.WEBHOOKS)
    hook = caller("POST", "/webhooks", {"address": "https://college.test/hook", "events": ["photo.decided"]}).get_json()
    assert "secret" not in caller("GET", "/webhooks").get_json()["items"][0]
    person = make.student()
    make.settle(person)
    make.submitted(person)
    make.reviewed(person, Action.ACCEPT)
    calls: list[tuple[str, dict[str, str]]] = []
    answers = [500]

    def call(_address: str, body: str, headers: Any) -> int:
        calls.append((body, dict(headers)))
        return answers[0]

    tools = Tools.of(parts)
    worker = Worker(Tools(**{**tools.__dict__, "call": call}))
    clock.move(minutes=2)
    while worker.run_one():
        pass
    assert len(calls) == 1
    body, headers = calls[0]
    assert json.loads(body)["state"] == "accepted"
    signed = hmac.new(hook["secret"].encode(), f"{headers['Webhook-Timestamp']}.{body}".encode(), hashlib.sha256)
    assert headers["Webhook-Signature"] == f"v1={signed.hexdigest()}"
    for _ in range(ATTEMPTS + 2):
        clock.move(hours=2)
        while worker.run_one():
            pass
    assert len(calls) == ATTEMPTS
    session.rollback()
    assert [one.state for one in session.query(WebhookDelivery)] == [DeliveryState.DEAD]
    (listed,) = caller("GET", "/webhooks").get_json()["items"]
    assert [(call["event"], call["attempts"], call["error"]) for call in listed["failed"]] == [
        ("photo.decided", ATTEMPTS, "http_500")
    ]
    session.rollback()
    desk = client_of(make.staff(Role.REGISTRY))
    page = desk.get("/console/settings/tokens").get_data(as_text=True)
    assert "http_500" in page
    assert page.count("https://college.test/hook") == 2, "where the token's events go, and the call that was given up"
    again = f"/console/settings/tokens/calls/{listed['failed'][0]['id']}"
    assert client_of(make.staff(Role.CENTRE_HEAD)).post(again).status_code == 404
    answers[0] = 204
    assert desk.post(again).status_code == 303
    while worker.run_one():
        pass
    assert len(calls) == ATTEMPTS + 1
    assert calls[-1][1]["Webhook-Id"] == calls[0][1]["Webhook-Id"]
    session.rollback()
    assert [one.state for one in session.query(WebhookDelivery)] == [DeliveryState.SENT]
    assert desk.post(again).status_code == 404
    assert caller("DELETE", f"/webhooks/{hook['id']}").status_code == 204


def test_no_webhook_is_called_for_a_token_whose_time_is_over(
    app: App, session: Session, make: Factory, clock: Clock, parts: Parts
) -> None:
    caller = system(app, session, make, clock, Grant.WEBHOOKS)
    caller("POST", "/webhooks", {"address": "https://college.test/hook", "events": ["photo.decided"]})
    person = make.student()
    make.settle(person)
    make.submitted(person)
    make.reviewed(person, Action.ACCEPT)
    calls: list[str] = []

    def call(address: str, _body: str, _headers: Any) -> int:
        calls.append(address)
        return 500

    worker = Worker(Tools(**{**Tools.of(parts).__dict__, "call": call}))
    for step in ({"minutes": 2}, {"days": 31}):
        clock.move(**step)
        while worker.run_one():
            pass
    assert len(calls) == 1, "the second try would come after the token's thirty days"
    session.rollback()
    assert [(one.state, one.last_error) for one in session.query(WebhookDelivery)] == [(DeliveryState.DEAD, "ended")]


def test_the_page_of_tokens_shows_a_token_once(client_of: ClientOf, make: Factory) -> None:
    browser = client_of(make.staff(Role.REGISTRY))
    sent = {"name": "学籍系统", "grant": "students.read", "days": "30"}
    made = browser.post("/console/settings/tokens", data=sent).get_data(as_text=True)
    assert "xzt_" in made
    assert 'value="学籍系统"' not in made  # a second press makes no second token by accident
    later = browser.get("/console/settings/tokens").get_data(as_text=True)
    assert "学籍系统" in later
    assert "xzt_" not in later
    assert browser.post("/console/settings/tokens", data={"name": "", "days": "0"}).status_code == 422
    assert client_of(make.staff(Role.CENTRE_HEAD)).get("/console/settings/tokens").status_code == 404


def test_every_address_is_in_the_document_and_every_code_declared(app: App, client: FlaskClient) -> None:
    document = client.get(f"{API}/openapi.json").get_json()
    said = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    there = set()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/") and rule.endpoint not in ITSELF:
            path = rule.rule.replace("<int:", "{").replace("<", "{").replace(">", "}")
            there |= {(path, method) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    assert said == there
    page = client.get(API, headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert all(path in page for path, _method in said)


def _file(content: bytes) -> Any:
    return io.BytesIO(content)
