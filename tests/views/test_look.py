"""Language, theme and text size: one press changes one thing, on this device, and leads back."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from backend.views.words import Look, _look_from


def test_a_press_changes_what_was_pressed_and_nothing_else(client: FlaskClient) -> None:
    client.post("/look", data={"theme": "dark"})
    client.post("/look", data={"care": "1"})
    client.post("/look", data={"language": "en"})
    page = client.get("/").text
    assert 'data-weui-theme="dark"' in page
    assert 'data-weui-mode="care"' in page
    assert 'lang="en"' in page
    client.post("/look", data={"care": "0"})
    page = client.get("/").text
    assert 'data-weui-mode="default"' in page
    assert 'data-weui-theme="dark"' in page


def test_it_leads_back_to_the_page_it_was_pressed_on(client: FlaskClient) -> None:
    answer = client.post("/look", data={"care": "1", "next": "/activate?x=1"})
    assert (answer.status_code, answer.location) == (303, "/activate?x=1")


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "",
        "/\n/evil",
        "evil",
    ],
)
def test_it_leads_nowhere_else(client: FlaskClient, address: str) -> None:
    assert client.post("/look", data={"care": "1", "next": address}).location == "/"


def test_the_choice_is_kept_for_a_year_and_not_sent_by_other_sites(client: FlaskClient) -> None:
    cookie = client.post("/look", data={"theme": "dark"}).headers["Set-Cookie"]
    assert "Max-Age=31536000" in cookie
    assert "SameSite=Lax" in cookie
    assert "HttpOnly" in cookie
    assert "Path=/" in cookie


@pytest.mark.parametrize("form", [{"theme": "pink"}, {"care": "yes"}, {"language": "../en"}, {}])
def test_values_that_are_none_change_nothing(client: FlaskClient, form: dict[str, str]) -> None:
    client.post("/look", data=form)
    page = client.get("/").text
    assert 'data-weui-theme="auto"' in page
    assert 'data-weui-mode="default"' in page


@pytest.mark.parametrize("cookie", ["", "{", "[]", "null", "3", '{"theme": 3, "care": "x", "language": []}'])
def test_a_spoilt_cookie_is_the_default(cookie: str) -> None:
    assert _look_from(cookie, None) == Look()


def test_the_browser_s_language_counts_until_one_is_chosen(client: FlaskClient) -> None:
    assert 'lang="en"' in client.get("/", headers={"Accept-Language": "en-GB,en"}).text
    assert 'lang="zh-CN"' in client.get("/", headers={"Accept-Language": "zh-TW"}).text
    assert 'lang="zh-CN"' in client.get("/", headers={"Accept-Language": "fr"}).text
    client.post("/look", data={"language": "zh-CN"})
    assert 'lang="zh-CN"' in client.get("/", headers={"Accept-Language": "en"}).text
