"""WeChat's own browser saves no files: under what people keep stands the way out of it, and only there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from backend import App
from backend.accounts.records import Account
from backend.photos.rules import Action
from tests.factories import Factory
from tests.journeys.conftest import WECHAT as AGENT
from tests.views.test_errata import House
from tests.views.test_proofreading import Lin

ClientOf = Callable[[Account], FlaskClient]
HINTS = {"zh-CN": "请点右上角「…」，选择「在浏览器打开」再下载", "en": "Open in browser"}


@pytest.fixture(autouse=True)
def switched_on(app: App) -> Iterator[None]:
    before = app.parts
    wechat = before.settings.wechat.model_copy(update={"appid": "wx0000000000000001"})
    app.parts = replace(before, settings=before.settings.model_copy(update={"wechat": wechat}))
    yield
    app.parts = before


def is_hinted(browser: FlaskClient, address: str) -> bool:
    """Inside WeChat; in both languages alike, and in another browser never."""
    found = set()
    for language, hint in HINTS.items():
        answers = {}
        for agent in (AGENT, "Mozilla/5.0"):
            answer = browser.get(address, headers={"User-Agent": agent, "Accept-Language": language})
            assert answer.status_code == 200
            answers[agent] = hint in answer.text
        assert not answers["Mozilla/5.0"]
        found.add(answers[AGENT])
    (hinted,) = found
    return hinted


def test_an_accepted_photo_says_how_to_keep_it_and_another_one_nothing(make: Factory, client_of: ClientOf) -> None:
    student = make.student()
    make.settle(student)
    make.submitted(student)
    lin = client_of(make.student_account(student))
    assert not is_hinted(lin, "/photo/versions")
    assert not is_hinted(lin, "/photo/versions/1")
    make.reviewed(student, Action.ACCEPT)
    assert is_hinted(lin, "/photo/versions")
    assert is_hinted(lin, "/photo/versions/1")


def test_the_form_to_sign_says_how_to_print_it(make: Factory, client_of: ClientOf) -> None:
    house = House(make, client_of)
    case = house.submitted()
    assert is_hinted(house.people["student"], f"/errata/{case.id}")


def test_the_day_for_the_calendar_says_how_to_keep_it_and_an_outcome_without_a_day_nothing(
    make: Factory, client_of: ClientOf
) -> None:
    lin = Lin(make, client_of)
    address = lin.start()
    lin.answer(address, sees="no_photo", captured="yes", capture_data="right")
    assert is_hinted(lin.phone, lin.finish(address).headers["Location"])
    address = lin.start()
    lin.answer(address, sees="nothing", account="same")
    assert not is_hinted(lin.phone, lin.finish(address).headers["Location"])
