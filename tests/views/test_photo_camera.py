"""The page of the live camera as it leaves the server: limits, words of every hint, the way to the phone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.compliance.hints import ORDER
from backend.parts import Parts
from tests.factories import Factory

ClientOf = Callable[[Account], FlaskClient]


@pytest.fixture
def client(make: Factory, client_of: ClientOf) -> FlaskClient:
    student = make.student()
    make.settle(student)
    return client_of(make.student_account(student))


def block(page: str, name: str) -> Any:
    """The data of one JSON block of the page."""
    found = re.search(rf'<script type="application/json" {name}>(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_the_page_hands_the_limits_of_the_students_own_profile_to_the_script(
    make: Factory, client_of: ClientOf, parts: Parts
) -> None:
    student = make.student(cohort_id=make.cohort(photo_profile="aopeng-2020").id)
    make.settle(student)
    live = block(client_of(make.student_account(student)).get("/photo/camera").text, "data-live")
    assert live["settings"]["profile"] == "aopeng-2020"
    width = parts.standard.profile("aopeng-2020").target.width
    assert live["settings"]["guide"]["face_width"][1] == pytest.approx(260 / width)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_hint_has_words(client: FlaskClient, language: str) -> None:
    client.post("/look", data={"language": language})
    hints = block(client.get("/photo/camera").text, "data-words")["hints"]
    assert {code.value for code in ORDER} <= set(hints)
    assert all(words[""] for words in hints.values())
    assert hints["FACE_WIDTH"]["low"] != hints["FACE_WIDTH"]["high"]
    assert all(len(text) < 100 and "{" not in text for words in hints.values() for text in words.values())


def test_the_two_plain_inputs_are_there_for_who_has_no_script(client: FlaskClient) -> None:
    page = client.get("/photo/camera").text
    assert page.count('type="file"') == 2
    assert 'form="take"' in page
    assert 'href="/photo"' in page, "with script they are one tap away"


def test_the_code_for_the_phone_leads_to_this_page(client: FlaskClient) -> None:
    page = client.get("/photo/camera").text
    assert "localhost/photo/camera" in page
    assert 'shape-rendering="crispEdges"' in page


def test_what_a_browser_keeps_bears_a_mark_of_the_account_and_nothing_else_of_it(
    client: FlaskClient, make: Factory, client_of: ClientOf
) -> None:
    other = make.student()
    make.settle(other)
    account = make.student_account(other)
    marks = [
        re.search(r'data-account="([0-9a-f]{16})"', one.get("/photo/camera").text)
        for one in (client, client, client_of(account))
    ]
    first, again, others = (mark[1] if mark else "" for mark in marks)
    assert first == again
    assert first
    assert others != first
    assert "data-personal" not in make_anonymous(client)


def make_anonymous(client: FlaskClient) -> str:
    client.post("/sign-out")
    return client.get("/sign-in").text


def test_nobody_without_a_task_here_gets_the_page(client: FlaskClient, make: Factory, client_of: ClientOf) -> None:
    for role in Role:
        assert client_of(make.staff(role)).get("/photo/camera").status_code == 404
    unsettled = client_of(make.student_account())
    assert unsettled.get("/photo/camera").headers["Location"].startswith("/enrollment")
    client.post("/sign-out")
    assert client.get("/photo/camera").headers["Location"] == "/sign-in"


def test_guide_and_plain_page_lead_to_the_live_camera(client: FlaskClient) -> None:
    assert 'href="/photo/camera"' in client.get("/photo/guide").text
    assert 'href="/photo/camera"' in client.get("/photo").text
