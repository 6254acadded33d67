"""What people do at their screens, in the words of the Chinese pages."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from backend.demo.college import PASSWORD
from backend.demo.people import Person
from backend.settings import PROJECT
from backend.words import say

NEW_PASSWORD = "zhaopian-2026-ok"


def word(key: str, **values: object) -> str:
    return say(PROJECT / "webapp" / "i18n", "zh-CN", key, **values)


def press(page: Page, key: str, **values: object) -> None:
    """The button or link with these words."""
    label = word(key, **values)
    page.get_by_role("button", name=label).or_(page.get_by_role("link", name=label)).first.click()


def sees(page: Page, key: str, **values: object) -> None:
    expect(page.get_by_text(word(key, **values)).first).to_be_visible()


def sign_in(page: Page, login: str, password: str = PASSWORD, *, staff: bool = False) -> None:
    page.goto("/staff/sign-in" if staff else "/sign-in")
    page.fill("[name=login]", login)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_url(re.compile(r"/console|/home|/enrollment|/photo|/task"))


def activate(page: Page, person: Person) -> None:
    """Two pages with two fields each, from wherever the page with the first one is."""
    page.fill("[name=number]", person.student_number)
    page.fill("[name=name]", person.name)
    page.press("[name=name]", "Enter")
    page.wait_for_selector("[name=id_number]")
    page.fill("[name=id_number]", person.id_number)
    page.fill("[name=password]", NEW_PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(re.compile(r"/home|/enrollment|/photo|/task"))


def confirm_data(page: Page) -> None:
    page.goto("/enrollment")
    press(page, "enrollment.all_right")
    press(page, "enrollment.confirm.label")
    sees(page, "enrollment.confirmed")


def agree(page: Page) -> None:
    """Both consents; nothing is ticked beforehand."""
    page.goto("/consent")
    boxes = page.locator("input[type=checkbox]")
    assert boxes.count() == 2
    for number in range(2):
        expect(boxes.nth(number)).not_to_be_checked()
        boxes.nth(number).check()
    press(page, "consent.send")
    page.wait_for_url(re.compile(r"/home|/photo"))


def check_picture(page: Page, picture: Path, *, script: bool = True) -> None:
    """Choose a picture, which has it checked (without script a button does); ends on the result page."""
    page.goto("/photo")
    if script:
        expect(page.get_by_role("button", name=word("photo.check"))).to_be_hidden()
    page.set_input_files("#camera", picture)
    if not script:
        press(page, "photo.check")
    page.wait_for_url(re.compile(r"/photo/draft/\d+"), timeout=30_000)


def wait_for_message(page: Page, words: str) -> None:
    """The worker tells a moment later: look again until it has."""
    for _ in range(30):
        page.goto("/messages")
        if page.get_by_text(words).count():
            return
        page.wait_for_timeout(300)
    raise AssertionError(f"no message: {words}")
