"""A disc that came back, by keys: what the machine found, a wrong photo, the slip taken back, the prints, the whole."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from backend.demo.college import PASSWORD
from backend.demo.people import PEOPLE
from backend.demo.returned import NO_PHOTO
from tests.journeys.conftest import Opener
from tests.journeys.people import press, sees, sign_in, word

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("server")]


def at(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.wait_for_load_state()  # a key is heard when the page is whole


def answer(page: Page, key: str) -> None:
    """By its key; the server took it."""
    with page.expect_response(lambda told: told.request.method == "POST") as waiting:
        page.keyboard.press(key)
    assert waiting.value.status == 303, waiting.value.url


def test_disc_and_prints_are_checked_by_keys(open_page: Opener) -> None:
    page = open_page()
    sign_in(page, "fz", PASSWORD, staff=True)
    page.goto("/console/review")
    press(page, "returned.open")
    press(page, "returned.begin_disc")
    at(page, PEOPLE[3].name)
    expect(page.locator(".finding--bad").first).to_contain_text("UNDEREXPOSED")
    expect(page.locator(".compare .marks__finding").first).to_be_attached()
    answer(page, "n")
    at(page, PEOPLE[6].name)
    sees(page, "returned.opened")
    answer(page, "z")
    at(page, PEOPLE[3].name)
    sees(page, "returned.taken_back")
    answer(page, "y")
    at(page, PEOPLE[6].name)
    answer(page, "y")
    page.wait_for_url(re.compile(r"/console/returned/parcel/\d+$"))
    sees(page, "returned.obstacle.none")
    sees(page, "imports.problem.unknown_person")
    sees(page, "imports.problem.second_photo", value="photo/0005.jpg")

    page.keyboard.press("p")
    at(page, PEOPLE[0].name)
    answer(page, "y")
    at(page, PEOPLE[3].name)
    page.keyboard.press("e")
    page.select_option("[name=field]", "name")
    page.fill("[name=printed]", "张一鸣鸣")
    page.fill("[name=note]", "第二排左起第一张")
    press(page, "returned.data")
    at(page, PEOPLE[6].name)
    answer(page, "m")
    at(page, PEOPLE[NO_PHOTO].name)
    answer(page, "y")
    page.wait_for_url(re.compile(r"/console/returned/parcel/\d+$"))
    sees(page, "returned.said.missing")
    expect(page.get_by_text("第二排左起第一张")).to_be_visible()
    press(page, "returned.check_list")
    expect(page.get_by_text(word("returned.signed"))).to_be_visible()


def test_it_works_without_script(open_page: Opener) -> None:
    page = open_page(script=False)
    sign_in(page, "fz", PASSWORD, staff=True)
    page.goto("/console/returned")
    page.get_by_role("link", name=word("returned.whole")).click()
    page.get_by_role("link", name=word("returned.said.same")).first.click()
    press(page, "review.bar.undo")
    sees(page, "returned.taken_back")
    press(page, "returned.same")
    expect(page).to_have_url(re.compile(r"/console/returned/"))
