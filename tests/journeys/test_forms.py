"""What a form does in a browser while it is filled in."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from backend.demo.people import PEOPLE
from tests.journeys.conftest import Opener
from tests.journeys.people import sign_in, word

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


def test_the_photo_page_stands_still_when_its_script_arrives(open_page: Opener) -> None:
    page = open_page(phone=True)
    sign_in(page, PEOPLE[42].student_number)
    held: list[Route] = []
    page.route("**/photo-picker.js", lambda route: held.append(route))
    with page.expect_request("**/photo-picker.js"):
        page.goto("/photo", wait_until="commit")
    expect(page.locator(".photo-picker__way").first).to_have_css("display", "grid")
    card = page.locator("section.card").first
    before = card.bounding_box()
    held[0].continue_()
    expect(page.locator("photo-picker:defined")).to_be_attached()
    assert before is not None
    assert card.bounding_box() == before
