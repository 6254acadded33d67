"""The review desk by keys: the contact sheet, a return with its reason, taking it back, two versions side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from backend.views.console.review_desk import shy_name
from tests.journeys.people import sees, sign_in, word
from tests.journeys.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("server")]

REVIEWER = "xueji"  # sees the queues of all centres
PHOTO = re.compile(r"/console/review/\d+")
DONE = ".undo__form > span"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demo with its whole queue, and the usual minute to take a decision back."""
    server = Server(tmp_path_factory.mktemp("desk") / "data", XUEZHAO_DEMO_ENABLED="true")
    prepared = server.command("prepare")
    assert prepared.returncode == 0, prepared.stderr[-3000:]
    server.start()
    yield server
    server.stop()


@pytest.fixture
def page(browser: Browser, desk: Server) -> Iterator[Page]:
    context = browser.new_context(base_url=desk.address, viewport={"width": 1280, "height": 800}, locale="zh-CN")
    context.set_default_timeout(20_000)
    problems: list[str] = []
    context.on("weberror", lambda error: problems.append(str(error.error)))
    opened = context.new_page()
    sign_in(opened, REVIEWER, staff=True)
    yield opened
    context.close()
    assert problems == []


def heading(page: Page) -> str:
    """The name of the student whose photo is shown."""
    return page.locator("h1").inner_text()


def press_key(page: Page, key: str) -> None:
    """A key of the page, once the button that it presses is there."""
    expect(page.locator(f"[data-key='{key}']").first).to_be_visible()
    page.wait_for_load_state()  # a key is heard when the page is whole
    page.keyboard.press(key)


def open_a_photo_with_a_past(page: Page) -> None:
    """Some of the accepted photos of the demo were returned before."""
    for number in range(1, 40):
        answer = page.goto(f"/console/review/{number}")
        if answer and answer.ok and page.locator("[data-key=v]").count():
            return
    raise AssertionError("the demo has no photo that was returned before")


def test_a_return_with_r_a_number_and_enter_is_taken_back_with_z(page: Page) -> None:
    page.goto("/console/review")
    press_key(page, "a")
    page.wait_for_url(PHOTO)
    name, address = heading(page), PHOTO.search(page.url)
    assert address is not None
    press_key(page, "r")
    press_key(page, "1")
    expect(page.locator(".return input[data-key='1']")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.locator(DONE)).to_have_text(word("review.bar.returned", name=shy_name(name)))
    expect(page.locator("h1")).not_to_have_text(name)  # the next one is there already
    press_key(page, "z")
    sees(page, "review.undone")
    expect(page.locator("h1")).to_have_text(name)
    expect(page).to_have_url(re.compile(address[0] + r"\b"))
    press_key(page, "a")  # it waits again, and can be accepted
    expect(page.locator(DONE)).to_have_text(word("review.bar.accepted", name=shy_name(name)))


def test_the_version_before_is_laid_beside_with_v_and_put_away_with_it(page: Page) -> None:
    open_a_photo_with_a_past(page)
    name = heading(page)
    expect(page.locator(".review__beside")).to_have_count(0)
    press_key(page, "v")
    expect(page.locator(".review__beside img")).to_be_visible()
    expect(page.locator(".review__picture img")).to_be_visible()
    expect(page.locator("h1")).to_have_text(name)
    press_key(page, "v")
    expect(page.locator(".review__beside")).to_have_count(0)


def test_the_contact_sheet_accepts_all_but_who_is_clicked_out_and_the_pace_counts_them(page: Page) -> None:
    page.goto("/console/review")
    press_key(page, "c")
    faces = page.locator(".face")
    expect(faces.first).to_be_visible()
    there = faces.count()
    assert there > 1
    before = int(re.sub(r"\D", "", page.locator(".pace").first.inner_text()))
    kept = faces.first.locator(".face__name").inner_text()
    faces.first.locator(".face__label").click()
    expect(page.locator("[data-count]")).to_have_text(word("review.sheet.summary", taken=there - 1, left=1))
    press_key(page, "a")
    expect(page.locator(DONE)).to_have_text(word("review.bar.sheet", count=there - 1))
    expect(page.locator(".face__name")).to_have_text([kept])
    expect(page.locator(".pace").first).to_have_text(word("review.today", count=before + there - 1))
    page.locator(".pace").first.click()
    row = page.locator("tbody tr", has_text="吴老师")
    expect(row.locator("td").first).to_have_text(str(before + there - 1))
    page.goto("/console/review/sheet")
    press_key(page, "z")
    sees(page, "review.sheet.undone", count=there - 1)
    expect(page.locator(".face")).to_have_count(there)
