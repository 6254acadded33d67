"""Error pages: each says what happened and what to do, in words of the reader, and hides nothing behind a 500."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.routing import AnyConverter

import backend
from backend import App, create_app
from backend.accounts.operations import sign_in
from backend.accounts.records import Account
from backend.errors import DomainError
from backend.settings import PROJECT, Settings
from backend.views.errors import KNOWN_HTTP
from backend.words import LANGUAGES, read_catalogue
from tests.conftest import Clock
from tests.factories import PASSWORD, Factory

ClientOf = Callable[[Account], FlaskClient]


def domain_errors() -> set[type[DomainError]]:
    for module in pkgutil.walk_packages(backend.__path__, "backend."):
        if ".migrations.versions" not in module.name and not module.name.endswith(".env"):
            importlib.import_module(module.name)
    found: set[type[DomainError]] = set()
    waiting = [DomainError]
    while waiting:
        kind = waiting.pop()
        found.update(kind.__subclasses__())
        waiting.extend(kind.__subclasses__())
    return found


@pytest.fixture
def guarded(settings: Settings, clock: Clock) -> Iterator[App]:
    """The application as it is served: forms need their token, errors become pages."""
    app = create_app(settings, clock=clock)
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False)
    yield app
    app.parts.engine.dispose()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_has_words(language: str) -> None:
    words = read_catalogue(PROJECT / "webapp" / "i18n" / language)
    codes = {kind.code for kind in domain_errors()} | {f"http_{code}" for code in KNOWN_HTTP}
    codes |= {"stale_form", "unreadable"}
    missing = [f"error.{code}.{part}" for code in codes for part in ("title", "text", "way")]
    assert [key for key in missing if key not in words] == []


@pytest.mark.parametrize("path", ["/api/v1/home", "/home"])
def test_who_is_told_that_we_are_busy_is_told_when_to_come_again(app: App, path: str) -> None:
    with app.test_request_context(path):
        for error, seconds in ((ServiceUnavailable(), "5"), (ServiceUnavailable(retry_after=1), "1")):
            answer = app.make_response(app.handle_user_exception(error))
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, seconds)


def test_every_error_can_be_rendered(app: App) -> None:
    from backend.views.errors import page

    with app.test_request_context("/"):
        for kind in domain_errors():
            values = {"until": "10:15"} if kind.code == "locked_out" else {}
            assert page(409, kind.code, **values).status_code == 409


def test_an_unknown_address_shows_the_way_home(client: FlaskClient, client_of: ClientOf, make: Factory) -> None:
    for browser, home in (
        (client, "/"),
        (client_of(make.student_account()), "/home"),
        (client_of(make.staff()), "/console"),
    ):
        answer = browser.get("/nothing/here")
        assert answer.status_code == 404
        assert "没有找到这个页面" in answer.text
        assert f'href="{home}"' in answer.text


def test_a_student_is_told_whom_to_call(client_of: ClientOf, make: Factory) -> None:
    student = make.student()
    assert student.centre.contact_phone in client_of(make.student_account(student)).get("/nothing").text


def test_the_reader_gets_the_own_language(client: FlaskClient) -> None:
    client.post("/look", data={"language": "en"})
    assert "This page was not found" in client.get("/nothing").text


def test_the_wrong_method_is_explained(client: FlaskClient) -> None:
    assert client.get("/sign-out").status_code == 405
    assert client.delete("/sign-in").status_code == 405


@pytest.mark.parametrize("token", [None, "", "nonsense", "IjAi.aaaaaa.bbbbbbbbbb"])
def test_a_form_without_its_token_is_refused_with_a_page_that_helps(
    guarded: App, make: Factory, token: str | None
) -> None:
    login = make.student_account().login
    form = {"login": login, "password": PASSWORD} | ({} if token is None else {"csrf_token": token})
    browser = guarded.test_client()
    answer = browser.post("/sign-in", data=form)
    assert answer.status_code == 400
    assert "没有保存任何内容" in answer.text
    assert browser.get("/mine").status_code == 302


def test_the_token_of_another_browser_is_refused(guarded: App, make: Factory) -> None:
    login = make.student_account().login
    theirs = token_on(guarded.test_client().get("/sign-in").text)
    browser = guarded.test_client()
    browser.get("/sign-in")
    form = {"login": login, "password": PASSWORD, "csrf_token": theirs}
    assert browser.post("/sign-in", data=form).status_code == 400


def test_the_form_as_served_is_taken(guarded: App, make: Factory) -> None:
    browser = guarded.test_client()
    form = {"login": make.student_account().login, "password": PASSWORD}
    form["csrf_token"] = token_on(browser.get("/sign-in").text)
    assert browser.post("/sign-in", data=form).status_code == 303
    signed_out = {"csrf_token": token_on(browser.get("/mine").text)}
    assert signed_out["csrf_token"] != form["csrf_token"], "the token changes with the person"
    assert browser.post("/sign-out", data=signed_out).status_code == 303


# other servers post here, with a signature or a secret of their own
PROVE_THEMSELVES = {"public_sign_on.ended", "public_wechat.push"}


def test_every_form_is_refused_without_a_token(guarded: App) -> None:
    """No view for people is exempt, whatever it does."""
    browser = guarded.test_client()
    for rule in guarded.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or rule.endpoint in PROVE_THEMSELVES:
            continue
        # an address that lists its words takes one of them, every other takes a number
        words = {
            name: sorted(part.items)[0] for name, part in rule._converters.items() if isinstance(part, AnyConverter)
        }
        address = rule.build({**dict.fromkeys(rule.arguments, 1), **words})
        assert address is not None
        # under /api a cookie counts for nothing, so there is nothing that another site could make a browser send
        expected = (401, 415) if rule.rule.startswith("/api/") else (400,)
        assert browser.post(address[1]).status_code in expected, rule


def test_the_one_address_of_the_api_that_takes_a_cookie_asks_for_a_token_with_it(guarded: App, make: Factory) -> None:
    account = make.student_account()
    browser = guarded.test_client()
    with browser.session_transaction() as cookie:
        cookie["sign_in"] = sign_in(
            make.session,
            kind="student",
            login=account.login,
            password=PASSWORD,
            device="test",
            policy=make.parts.policy,
            now=make.clock(),
        )
    answer = browser.post("/api/v1/photos/frame", data=b"x", content_type="image/jpeg")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "stale_form")


def token_on(page: str) -> str:
    return page.split('name="csrf_token" value="')[1].split('"')[0]


def test_a_failure_of_ours_is_a_page_without_details(guarded: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> str:
        raise RuntimeError("990101199602290017")

    broken.permission = "public"  # type: ignore[attr-defined]
    monkeypatch.setitem(guarded.view_functions, "public_help.show", broken)
    answer = guarded.test_client().get("/help")
    assert answer.status_code == 500
    assert "我们这边出了问题" in answer.text
    assert "990101199602290017" not in answer.text
    assert answer.headers["X-Request-Id"] in answer.text, "a number to tell on the phone"


def test_without_the_database_the_answer_is_still_ours(
    guarded: App, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = guarded.test_client()
    with browser.session_transaction() as cookie:
        cookie["sign_in"] = "something"

    def gone(*_args: object, **_values: object) -> None:
        raise OSError("disk")

    monkeypatch.setattr("backend.views.access.resume", gone)
    answer = browser.get("/help")
    assert answer.status_code == 500
    assert "我们这边出了问题" in answer.text


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/sign-in", {"login": "a\0b", "password": "x"}),
        ("/sign-in", {"login": "a", "password": "x\0"}),
        ("/activate", {"number": "\0", "name": "\0"}),
        ("/staff/sign-in", {"login": "\0", "password": "\0"}),
        ("/sign-in?next=\0", {"login": "a", "password": "x"}),
    ],
)
def test_a_zero_byte_is_a_bad_request(client: FlaskClient, address: str, form: dict[str, str]) -> None:
    """PostgreSQL cannot keep it in a text; nobody types it."""
    assert client.post(address, data=form).status_code == 400


@pytest.mark.parametrize("login", ["x" * 5000, "😀" * 300, "' OR 1=1 --", "\u202e\ud7ff", "%00", "{login}"])
def test_strange_names_are_only_wrong(client: FlaskClient, login: str) -> None:
    for address in ("/sign-in", "/staff/sign-in"):
        assert client.post(address, data={"login": login, "password": "x" * 5000}).status_code == 422


def test_a_body_that_is_no_form_is_a_form_without_fields(client: FlaskClient) -> None:
    assert client.post("/sign-in", data=b"{}", content_type="application/json").status_code == 422
    assert client.post("/sign-in", data=b"--x", content_type="multipart/form-data; boundary=y").status_code in (
        400,
        422,
    )


def multipart(name: str, content: bytes) -> dict[str, object]:
    """A form as a browser sends it, made by hand: the test client would leave a temporary file behind."""
    head = f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
    return {"data": head + content + b"\r\n--edge--\r\n", "content_type": "multipart/form-data; boundary=edge"}


def test_a_body_too_large_is_refused_with_the_limit(client: FlaskClient) -> None:
    answer = client.post("/sign-in", **multipart('file"; filename="a.jpg', b"x" * 22_100_000))
    assert answer.status_code == 413
    assert "20 MB" in answer.text


def test_a_field_too_large_is_refused(client: FlaskClient) -> None:
    assert client.post("/sign-in", data={"login": "x" * 1_100_000}).status_code == 413
    assert client.post("/sign-in", **multipart("login", b"x" * 1_100_000)).status_code == 413
