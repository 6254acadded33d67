"""The staff's door: password, one-time code, first password, idle time, closed accounts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import cv2
import numpy as np
import pyotp
import pytest
import zxingcpp
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from backend import App
from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.accounts.staff import create_staff, set_staff_active
from backend.history.rules import SYSTEM
from backend.parts import Parts
from backend.views.public.staff import qr_path
from tests.conftest import Clock
from tests.factories import PASSWORD, Factory

ClientOf = Callable[[Account], FlaskClient]


@pytest.fixture
def strict(app: App, parts: Parts) -> Iterator[App]:
    """The application where every member of staff needs one-time codes."""
    app.parts = replace(parts, policy=replace(parts.policy, staff_totp_required=True))
    yield app
    app.parts = parts


def sign_in(client: FlaskClient, login: str, password: str = PASSWORD) -> object:
    return client.post("/staff/sign-in", data={"login": login, "password": password})


def key_on(page: str) -> str:
    found = re.search(r'qr__key">([A-Z2-7 ]+)<', page)
    assert found is not None
    return found.group(1).replace(" ", "")


def set_up(client: FlaskClient, clock: Clock) -> pyotp.TOTP:
    totp = pyotp.TOTP(key_on(client.get("/staff/second-factor").text))
    answer = client.post("/staff/second-factor", data={"code": totp.at(clock())})
    assert answer.status_code == 303
    return totp


def test_staff_come_in_by_their_own_door_only(client: FlaskClient, make: Factory) -> None:
    wang, lin = make.staff(), make.student_account()
    assert client.post("/sign-in", data={"login": wang.login, "password": PASSWORD}).status_code == 422
    assert sign_in(client, lin.login).status_code == 422
    assert sign_in(client, wang.login).status_code == 303
    assert client.get("/staff/sign-in").location == "/console"


def test_a_wrong_password_an_unknown_name_and_a_closed_account_get_the_same_page(
    client: FlaskClient, make: Factory
) -> None:
    pages = set()
    for login in (make.staff().login, "nobody", make.staff(active=False).login):
        answer = sign_in(client, login, "wrong")
        assert answer.status_code == 422
        text = answer.text.replace(f'value="{login}"', 'value="N"')
        pages.add(re.sub(r'name="csrf_token" value="[^"]*"|nonce="[^"]*"', "", text))
    assert len(pages) == 1


def test_the_right_password_of_a_closed_account_opens_nothing(client: FlaskClient, make: Factory) -> None:
    assert sign_in(client, make.staff(active=False).login).status_code == 422


def test_where_codes_are_required_nothing_opens_without_one(
    strict: App, client: FlaskClient, make: Factory, clock: Clock
) -> None:
    sign_in(client, make.staff().login)
    for address in ("/console", "/console/settings", "/staff/sign-in", "/staff/password"):
        assert client.get(address).location == "/staff/second-factor", address
    set_up(client, clock)
    assert client.get("/console/settings").status_code == 200


def test_the_page_that_was_asked_for_survives_password_and_code(
    strict: App, client: FlaskClient, make: Factory, clock: Clock
) -> None:
    assert client.get("/console/settings").location == "/staff/sign-in"
    sign_in(client, make.staff().login)
    assert client.get("/staff/sign-in").location == "/staff/second-factor"
    totp = pyotp.TOTP(key_on(client.get("/staff/second-factor").text))
    answer = client.post("/staff/second-factor", data={"code": totp.at(clock())})
    assert answer.location == "/console/settings"


def test_where_codes_are_optional_one_may_do_without(client_of: ClientOf, make: Factory) -> None:
    assert client_of(make.staff()).get("/console/settings").status_code == 200


def test_who_has_set_codes_up_is_asked_for_one_at_each_sign_in(
    app: App, client_of: ClientOf, make: Factory, clock: Clock
) -> None:
    wang = make.staff()
    totp = set_up(client_of(wang), clock)
    browser = app.test_client()
    sign_in(browser, wang.login)
    page = browser.get("/staff/second-factor").text
    assert "qr__key" not in page, "the key is shown while setting up only"
    assert browser.get("/console/settings").location == "/staff/second-factor"
    clock.move(seconds=60)
    assert browser.post("/staff/second-factor", data={"code": totp.at(clock())}).status_code == 303
    assert browser.get("/console/settings").status_code == 200


def test_a_code_works_once(app: App, client_of: ClientOf, make: Factory, clock: Clock) -> None:
    wang = make.staff()
    totp = set_up(client_of(wang), clock)
    clock.move(seconds=60)
    code = totp.at(clock())
    first, second = app.test_client(), app.test_client()
    for browser in (first, second):
        sign_in(browser, wang.login)
    assert first.post("/staff/second-factor", data={"code": code}).status_code == 303
    replayed = second.post("/staff/second-factor", data={"code": code})
    assert replayed.status_code == 422
    assert "验证码不对，或已经用过" in replayed.text
    assert second.get("/console/settings").status_code == 302


def test_codes_cannot_be_guessed_for_long(app: App, client_of: ClientOf, make: Factory, clock: Clock) -> None:
    wang = make.staff()
    totp = set_up(client_of(wang), clock)
    clock.move(seconds=60)
    browser = app.test_client()
    sign_in(browser, wang.login)
    answers = [browser.post("/staff/second-factor", data={"code": "12"}).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]
    assert browser.post("/staff/second-factor", data={"code": totp.at(clock())}).status_code == 429


@pytest.mark.parametrize("code", ["", "abcdef", "١٢٣٤٥٦", "１２３", "9" * 400])
def test_a_code_that_is_none_is_only_wrong(client_of: ClientOf, make: Factory, code: str) -> None:
    browser = client_of(make.staff())
    browser.get("/staff/second-factor")
    assert browser.post("/staff/second-factor", data={"code": code}).status_code == 422


def test_the_drawn_code_is_read_by_a_phone(client_of: ClientOf, make: Factory) -> None:
    wang = make.staff()
    page = client_of(wang).get("/staff/second-factor").text
    address = pyotp.TOTP(key_on(page)).provisioning_uri(name=wang.login, issuer_name="Xuezhao")
    path, side = qr_path(address)
    assert path in page
    picture = np.full((side, side), 255, np.uint8)
    for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", path):
        picture[int(y), int(x)] = 0
    large = cv2.resize(picture, None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST)
    (code,) = zxingcpp.read_barcodes(large)  # OpenCV's own reader misses one code in some hundred
    assert code.text == address


def test_a_first_password_must_be_changed_before_anything_else(
    client: FlaskClient, make: Factory, session: Session, parts: Parts, clock: Clock
) -> None:
    account, first = create_staff(
        session,
        login="neu",
        display_name="新老师",
        role=Role.REGISTRY,
        centre_id=None,
        password=None,
        creator=None,
        policy=parts.policy,
        actor=SYSTEM,
        now=clock(),
    )
    sign_in(client, account.login, first)
    assert client.get("/console/settings").location == "/staff/password"
    weak = client.post("/staff/password", data={"current": first, "new": "1234567890"})
    assert (weak.status_code, "太常见" in weak.text) == (422, True)
    wrong = client.post("/staff/password", data={"current": "wrong", "new": "klatsch-mohn-4"})
    assert (wrong.status_code, "现在的密码不对" in wrong.text) == (422, True)
    done = client.post("/staff/password", data={"current": first, "new": "klatsch-mohn-4"})
    assert done.location == "/console/settings"
    assert client.get("/console/settings").status_code == 200


def test_an_idle_sign_in_of_staff_ends(client_of: ClientOf, make: Factory, clock: Clock) -> None:
    browser = client_of(make.staff())
    for _ in range(3):  # used now and then, it lives on
        clock.move(minutes=59)
        assert browser.get("/console/settings").status_code == 200
    clock.move(minutes=61)
    assert browser.get("/console/settings").location == "/staff/sign-in"


def test_a_closed_account_is_out_at_once(client_of: ClientOf, make: Factory, session: Session, clock: Clock) -> None:
    wang, admin = make.staff(), make.staff(Role.ADMINISTRATOR)
    browser = client_of(wang)
    assert browser.get("/console/settings").status_code == 200
    set_staff_active(session, account_id=wang.id, active=False, creator=admin, actor=SYSTEM, now=clock())
    assert browser.get("/console/settings").location == "/staff/sign-in"


def test_a_student_finds_no_staff_pages(client_of: ClientOf, make: Factory) -> None:
    lin = client_of(make.student_account())
    for address in ("/console", "/console/settings", "/staff/second-factor", "/staff/password"):
        assert lin.get(address).status_code == 404, address
    assert lin.get("/staff/sign-in").status_code == 200


def test_staff_find_no_student_pages(client_of: ClientOf, make: Factory) -> None:
    wang = client_of(make.staff(Role.ADMINISTRATOR))
    for address in ("/mine", "/messages", "/home", "/consent"):
        assert wang.get(address).status_code == 404, address
