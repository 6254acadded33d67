"""The students' door: what opens it, what does not, and that it tells nothing about who exists."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend import App, create_app
from backend.accounts.records import Account, SignIn
from backend.demo.people import invented_id_number
from backend.settings import Settings
from tests.conftest import Clock
from tests.factories import PASSWORD, Factory

ClientOf = Callable[[Account], FlaskClient]

NEW = "klatsch-mohn-4"
ID_NUMBER = invented_id_number(date(1996, 2, 29), 7, male=False)


def sign_in(client: FlaskClient, login: str, password: str = PASSWORD) -> object:
    return client.post("/sign-in", data={"login": login, "password": password})


def told(text: str, *names: str) -> str:
    """A page without what differs by nature: the typed name, the nonce and the token of the form."""
    for name in names:
        text = text.replace(name, "N")
    return re.sub(r'name="csrf_token" value="[^"]*"|nonce="[^"]*"', "", text)


def token_of(client: FlaskClient) -> str | None:
    with client.session_transaction() as cookie:
        return cookie.get("sign_in")


def test_the_right_password_leads_home(client: FlaskClient, make: Factory) -> None:
    account = make.student_account()
    answer = client.post("/sign-in", data={"login": f" {account.login} ", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/home")
    assert client.get("/mine").status_code == 200


def test_a_number_typed_in_full_width_digits_is_the_same_number(client: FlaskClient, make: Factory) -> None:
    account = make.student_account()
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in account.login)
    assert sign_in(client, wide).status_code == 303


def test_an_alumnus_signs_in_with_the_certificate_number_too(client: FlaskClient, make: Factory) -> None:
    make.student_account(make.student(certificate_number="999991202105000123"))
    assert sign_in(client, "999991202105000123").status_code == 303


def test_a_wrong_password_and_an_unknown_name_get_the_same_page(client: FlaskClient, make: Factory) -> None:
    known, unknown = make.student_account().login, "2029999999"
    one, other = sign_in(client, known, "wrong"), sign_in(client, unknown, "wrong")
    assert one.status_code == other.status_code == 422
    assert told(one.text, known) == told(other.text, unknown)


def test_a_locked_name_tells_until_when_whether_or_not_it_exists(
    client: FlaskClient, make: Factory, clock: Clock
) -> None:
    known, unknown = make.student_account().login, "2029999999"
    for login in (known, unknown):
        assert [sign_in(client, login, "wrong").status_code for _ in range(6)] == [422] * 5 + [429]
    one, other = sign_in(client, known), sign_in(client, unknown)
    assert "10:15" in one.text, "fifteen minutes on, in China"
    assert told(one.text, known) == told(other.text, unknown)
    clock.move(minutes=15, seconds=1)
    assert sign_in(client, known).status_code == 303


def test_a_success_takes_the_count_back(client: FlaskClient, make: Factory) -> None:
    login = make.student_account().login
    for _ in range(3):
        assert [sign_in(client, login, "wrong").status_code for _ in range(4)] == [422] * 4
        assert sign_in(client, login).status_code == 303


def test_parallel_guesses_cannot_outrun_the_lockout(app: App, make: Factory) -> None:
    """Twenty guesses at once: five are looked at, fifteen are told to wait."""
    login = make.student_account().login
    answers: list[int] = []
    start = threading.Barrier(20)

    def guess() -> None:
        browser = app.test_client()
        start.wait()
        answers.append(sign_in(browser, login, "wrong").status_code)

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [422] * 5 + [429] * 15


def test_the_certificate_number_gives_no_second_set_of_guesses(client: FlaskClient, make: Factory) -> None:
    student = make.student(certificate_number="999991202105000124")
    make.student_account(student)
    names = [student.student_number, "999991202105000124"] * 3
    assert [sign_in(client, name, "wrong").status_code for name in names] == [422] * 5 + [429]


def test_the_limit_of_an_address_is_exact_across_servers(settings: Settings, make: Factory, clock: Clock) -> None:
    """Two application instances with one database let exactly seven attempts through, whoever they hit."""
    few = settings.model_copy(
        update={"security": settings.security.model_copy(update={"rate_sign_in": "7 per minute"})}
    )
    servers = [create_app(few, clock=clock) for _ in range(2)]
    for server in servers:
        server.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    answers: list[int] = []
    start = threading.Barrier(16)

    def knock(number: int) -> None:
        browser = servers[number % 2].test_client()
        start.wait()
        answers.append(sign_in(browser, f"nobody{number}", "wrong").status_code)

    threads = [threading.Thread(target=knock, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [422] * 7 + [429] * 9
    page = sign_in(servers[0].test_client(), "nobody", "wrong")
    assert page.status_code == 429
    assert "请慢一点" in page.text
    assert int(page.headers["Retry-After"]) > 0
    assert servers[1].test_client().get("/sign-in").status_code == 200, "looking at the form is free"
    for server in servers:
        server.parts.engine.dispose()


def test_signing_in_gives_a_fresh_token_and_ends_the_one_before(
    client: FlaskClient, make: Factory, session: Session
) -> None:
    account = make.student_account()
    with client.session_transaction() as cookie:
        cookie["sign_in"] = "planted"
        cookie["other"] = "planted"
    sign_in(client, account.login)
    first = token_of(client)
    assert first not in (None, "planted")
    with client.session_transaction() as cookie:
        assert "other" not in cookie
    sign_in(client, account.login)
    assert token_of(client) != first
    assert session.scalar(select(func.count()).where(SignIn.ended_at.is_(None))) == 1


def test_signing_out_ends_the_sign_in_itself_not_the_cookie_alone(app: App, client: FlaskClient, make: Factory) -> None:
    sign_in(client, make.student_account().login)
    stolen = token_of(client)
    assert client.post("/sign-out").status_code == 303
    thief = app.test_client()
    with thief.session_transaction() as cookie:
        cookie["sign_in"] = stolen
    assert thief.get("/mine").status_code == 302


def test_a_sign_in_ends_after_its_hours(client_of: ClientOf, make: Factory, clock: Clock) -> None:
    browser = client_of(make.student_account())
    clock.move(hours=11, minutes=59)
    assert browser.get("/mine").status_code == 200
    clock.move(minutes=1)
    assert browser.get("/mine").status_code == 302


def test_the_cookie_is_kept_from_scripts_and_other_sites(client: FlaskClient, make: Factory) -> None:
    cookie = sign_in(client, make.student_account().login).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Expires" not in cookie, "it goes with the browser"


def test_behind_https_the_cookie_is_secure(settings: Settings, make: Factory, clock: Clock) -> None:
    secure = settings.model_copy(update={"security": settings.security.model_copy(update={"cookies_secure": True})})
    server = create_app(secure, clock=clock)
    server.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    browser = server.test_client()
    login = make.student_account().login
    assert "Secure" in sign_in(browser, login).headers["Set-Cookie"]
    assert "Secure" in browser.post("/look", data={"care": "1"}).headers["Set-Cookie"]
    server.parts.engine.dispose()


def test_empty_fields_are_named(client: FlaskClient) -> None:
    answer = client.post("/sign-in", data={})
    assert answer.status_code == 422
    assert "请填写学号" in answer.text
    assert "请填写密码" in answer.text
    assert 'aria-describedby="field-login-error' in answer.text


def test_the_page_says_whom_to_ask(client: FlaskClient, make: Factory) -> None:
    make.centre(name="闽江学习中心", contact_phone="0591-1234 5678")
    page = client.get("/sign-in").text
    assert "闽江学习中心" in page
    assert 'href="tel:0591-12345678"' in page


@pytest.mark.parametrize("address", ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example"])
def test_nobody_is_led_to_another_site(client: FlaskClient, make: Factory, address: str) -> None:
    with client.session_transaction() as cookie:
        cookie["next"] = address
    assert sign_in(client, make.student_account().login).location == "/home"


def test_the_page_that_was_asked_for_comes_after_signing_in(client: FlaskClient, make: Factory) -> None:
    assert client.get("/mine/looks?x=1").location == "/sign-in"
    assert sign_in(client, make.student_account().login).location == "/mine/looks?x=1"


class TestActivation:
    def first_step(self, client: FlaskClient, number: str, name: str = "林小满") -> object:
        return client.post("/activate", data={"number": number, "name": name})

    def second_step(self, client: FlaskClient, id_number: str = ID_NUMBER, password: str = NEW) -> object:
        return client.post("/activate/proof", data={"id_number": id_number, "password": password})

    def test_number_name_and_id_number_open_the_account(self, client: FlaskClient, make: Factory) -> None:
        student = make.student(id_number=ID_NUMBER)
        assert self.first_step(client, student.student_number, " 林 小满 ").location == "/activate/proof"
        answer = self.second_step(client, f" {ID_NUMBER[:6]} {ID_NUMBER[6:]} ".lower())
        assert answer.location == "/home"
        assert client.get("/mine").status_code == 200
        with client.session_transaction() as cookie:
            assert "activating" not in cookie

    def test_an_alumnus_uses_the_certificate_number(self, client: FlaskClient, make: Factory) -> None:
        make.student(id_number=ID_NUMBER, certificate_number="999991202105000125")
        self.first_step(client, "999991202105000125")
        assert self.second_step(client).location == "/home"

    def test_the_first_step_reveals_nothing(self, client: FlaskClient, make: Factory) -> None:
        known = make.student().student_number
        one = self.first_step(client, known)
        page = client.get(one.location).text
        other = self.first_step(client, "2029999999")
        assert (one.status_code, one.location) == (other.status_code, other.location)
        assert told(page, known) == told(client.get(other.location).text, "2029999999")

    def test_wrong_unknown_and_already_active_are_not_told_apart(self, client: FlaskClient, make: Factory) -> None:
        pages = []
        active = make.student(id_number=ID_NUMBER)
        make.student_account(active)
        for number, name in (
            (active.student_number, "林小满"),
            (make.student().student_number, "林小满"),
            ("2029999999", "林小满"),
            (make.student(id_number=ID_NUMBER).student_number, "别人"),
        ):
            self.first_step(client, number, name)
            answer = self.second_step(client)
            assert answer.status_code == 422
            assert 'href="/sign-in"' in answer.text, "for whoever activated it before"
            pages.append(told(answer.text, number).replace("别人", "林小满"))
        assert len(set(pages)) == 1

    def test_no_number_stands_readable_in_the_cookie_or_the_address(self, client: FlaskClient, make: Factory) -> None:
        answer = self.first_step(client, "999991202105000126", "林小满")
        with client.session_transaction() as cookie:
            assert "999991202105000126" not in str(dict(cookie))
        assert "?" not in answer.location

    def test_an_id_number_in_the_first_step_is_sent_to_the_second(self, client: FlaskClient) -> None:
        born_before = invented_id_number(date(1975, 11, 30), 7, male=True)
        answer = self.first_step(client, born_before)
        assert answer.status_code == 422
        assert "这是身份证号" in answer.text

    def test_a_mistyped_id_number_is_told_before_anything_is_looked_up(self, client: FlaskClient) -> None:
        self.first_step(client, "2029999999")
        answer = self.second_step(client, ID_NUMBER[:-1] + ("1" if ID_NUMBER[-1] != "1" else "2"))
        assert answer.status_code == 422
        assert "有一位不对" in answer.text

    @pytest.mark.parametrize(
        ("password", "why"),
        [("short", "太短"), ("x林小满x-77", "别人容易猜到"), ("12345678", "太常见"), ("", "请填写密码")],
    )
    def test_a_weak_password_is_told_why(self, client: FlaskClient, make: Factory, password: str, why: str) -> None:
        student = make.student(id_number=ID_NUMBER)
        self.first_step(client, student.student_number)
        answer = self.second_step(client, password=password)
        assert answer.status_code == 422
        assert why in answer.text

    @pytest.mark.parametrize("password", ["12345678", "", NEW])  # weak, none, and a good one of nobody on the roster
    def test_the_id_number_need_not_be_typed_again(self, client: FlaskClient, password: str) -> None:
        self.first_step(client, "2029999999")
        answer = self.second_step(client, f" {ID_NUMBER}", password)
        assert answer.status_code == 422
        assert f'value=" {ID_NUMBER}"' in answer.text
        assert "no-store" in answer.headers["Cache-Control"]
        assert "12345678" not in answer.text

    def test_the_answers_of_the_first_step_grow_old(self, client: FlaskClient, clock: Clock) -> None:
        self.first_step(client, "2029999999")
        clock.move(minutes=21)
        assert client.get("/activate/proof").location == "/activate"

    def test_the_second_step_alone_leads_to_the_first(self, client: FlaskClient) -> None:
        assert self.second_step(client).location == "/activate"

    def test_activating_counts_towards_the_lockout(self, client: FlaskClient, make: Factory) -> None:
        student = make.student()
        self.first_step(client, student.student_number)
        assert [self.second_step(client).status_code for _ in range(6)] == [422] * 5 + [429]

    def test_after_reopening_somebody_activates_again(
        self, client: FlaskClient, client_of: ClientOf, make: Factory, session: Session, clock: Clock
    ) -> None:
        from backend.accounts.activation import reopen_activation
        from backend.history.rules import SYSTEM

        student = make.student(id_number=ID_NUMBER)
        old = client_of(make.student_account(student))
        reopen_activation(session, student_id=student.id, actor=SYSTEM, now=clock())
        assert old.get("/mine").status_code == 302
        self.first_step(client, student.student_number)
        assert self.second_step(client).location == "/home"
