"""What a form does in a browser while it is filled in."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Opener
from tests.journeys.people import word

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("server")]


def test_a_password_can_be_looked_at_and_is_sent_hidden(open_page: Opener) -> None:
    page = open_page(phone=True)
    page.goto("/sign-in")
    secret, show = page.locator("[name=password]"), page.get_by_role("button", name=word("ui.password.show"))
    page.fill("[name=login]", "F202400043")
    secret.fill("mistyped")
    show.tap()
    expect(secret).to_have_attribute("type", "text")
    expect(secret).to_be_focused()
    page.get_by_role("button", name=word("ui.password.hide")).tap()
    expect(secret).to_have_attribute("type", "password")
    show.tap()
    page.evaluate("""() => document.querySelector("#sign-in").addEventListener("submit", (event) => {
      event.preventDefault();
      document.title = event.target.elements.password.type;
    })""")
    page.press("[name=password]", "Enter")
    expect(page).to_have_title("password")


def test_without_script_no_button_promises_to_show_the_password(open_page: Opener) -> None:
    page = open_page(script=False)
    page.goto("/sign-in")
    expect(page.get_by_role("button", name=word("ui.password.show"))).to_be_hidden()
