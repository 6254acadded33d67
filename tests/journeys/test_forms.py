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


def test_the_box_for_files_is_one_target_in_our_words(open_page: Opener) -> None:
    page = open_page()
    page.on("filechooser", lambda _: None)  # asked for only when a key is pressed, the browser may learn of it too late
    sign_in(page, "xueji", staff=True)
    page.goto("/console/imports")
    box, chosen = page.locator(".picker__box").first, page.locator(".picker__said").first
    expect(box).to_have_text(word("ui.file.choose"))
    page.locator("[name=kind]").last.focus()
    for _ in range(20):  # from the choice over the forms to be downloaded to the box
        if page.evaluate("document.activeElement.id") == "field-file":
            break
        page.keyboard.press("Tab")
    expect(page.locator("#field-file")).to_be_focused()
    assert box.evaluate("(box) => getComputedStyle(box).outlineStyle") == "solid"
    with page.expect_file_chooser() as asked:
        page.keyboard.press("Enter")
    asked.value.set_files({"name": "名单.csv", "mimeType": "text/csv", "buffer": b"x" * 2048})
    expect(chosen).to_have_text("名单.csv · 2 KB")
    with page.expect_file_chooser():  # a click anywhere in the box
        box.click(position={"x": 3, "y": 3})


def test_without_script_the_box_holds_the_browsers_own_input(open_page: Opener) -> None:
    page = open_page(script=False)
    sign_in(page, "xueji", staff=True)
    page.goto("/console/imports")
    expect(page.locator(".picker__face").first).to_be_hidden()
    expect(page.locator("#field-file")).to_have_css("opacity", "1")
    expect(page.locator("#field-file")).to_have_css("position", "static")


def test_good_news_floats_where_there_is_room_and_covers_no_title_on_a_phone(open_page: Opener) -> None:
    for phone, place in ((False, "fixed"), (True, "relative")):
        page = open_page(phone=phone)
        sign_in(page, "xueji", staff=True)
        page.goto("/console/settings/centres/1")
        page.locator("[name=hours]").press("Enter")  # saved as it was
        expect(page.locator(".toast--ready")).to_have_css("position", place)
