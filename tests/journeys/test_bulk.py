"""A pile of scans: sent over a line that breaks, gone on with, its problems seen, handed in, found in the review."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from backend.demo.college import PASSWORD
from backend.demo.people import PEOPLE
from tests.journeys.people import press, sees, sign_in, word
from tests.journeys.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("server")]

LIN = PEOPLE[48]  # of the Fuzhou centre, has everything but the photo
SEND = re.compile(r"/console/bulk/\d+/files$")
BEFORE_THE_CUT = 9
AT_ONCE = 3  # as bulk-sender.js sends them
STATUS = ".bulk-send [role=status]"


@pytest.fixture
def page(browser: Browser, installation: Server) -> Iterator[Page]:
    """Wang's desk. Breaking the line is an error of the network, no script may fail by it."""
    context = browser.new_context(base_url=installation.address, locale="zh-CN", timezone_id="Asia/Shanghai")
    context.set_default_timeout(20_000)
    problems: list[str] = []
    context.on("weberror", lambda error: problems.append(str(error.error)))
    opened = context.new_page()
    sign_in(opened, "fz", PASSWORD, staff=True)
    yield opened
    context.close()
    assert problems == []


@pytest.fixture
def scans(good_picture: Path, tmp_path: Path) -> list[Path]:
    """Three dozen files: a good one for Lin, people who have not confirmed their data, nobody's, and no pictures."""
    picture = good_picture.read_bytes()
    names = [f"{LIN.student_number}.jpg"]
    names += [f"{PEOPLE[n].student_number}_{PEOPLE[n].name}.jpg" for n in (27, 30, 33, 36, 39, 54)]
    names += [f"扫描 {n:04d}.jpg" for n in range(9)]
    paths = []
    for number, name in enumerate(names):
        path = tmp_path / name
        path.write_bytes(picture + f"scan {number}".encode())
        paths.append(path)
    for number in range(20):
        path = tmp_path / f"记录 {number:02d}.txt.jpg"
        path.write_bytes(b"" if number == 0 else f"no picture {number}".encode())
        paths.append(path)
    return paths


def test_a_pile_survives_a_broken_line_and_ends_in_the_review(page: Page, scans: list[Path]) -> None:
    page.goto("/console/bulk")
    press(page, "bulk.begin")
    page.wait_for_url(re.compile(r"/console/bulk/\d+$"))
    upload = page.url
    sent: list[str] = []

    silent: list[Route] = []

    def cut_after_some(route: Route) -> None:
        sent.append(route.request.url)
        if len(sent) <= BEFORE_THE_CUT:
            route.continue_()
        elif len(silent) < AT_ONCE:
            silent.append(route)  # the line is there, and nothing comes any more
        else:
            route.abort("internetdisconnected")

    page.clock.install()
    page.route(SEND, cut_after_some)
    page.set_input_files("input[name=files]", scans[:24])
    expect(page.locator(STATUS)).to_have_text(word("bulk.sender.chosen", count=24))
    press(page, "bulk.send")
    expect(page.locator(".progress__number").first).to_have_text(f"{BEFORE_THE_CUT} / 24")
    page.clock.fast_forward(31_000)
    expect(page.locator(STATUS)).to_have_text(word("bulk.sender.broken"))
    page.context.set_offline(True)
    page.unroute(SEND)
    expect(page.get_by_role("button", name=word("bulk.sender.now"))).to_be_visible()
    page.context.set_offline(False)  # the line is back: it goes on by itself, and the page shows what came
    expect(page.locator(".console__lead")).to_contain_text(word("bulk.files", count=24), timeout=60_000)

    # somebody closes the page, and chooses everything again the next day: what is there is not sent twice
    again = page.context.new_page()
    page.close()
    again.goto(upload)
    posts: list[str] = []
    again.on("request", lambda request: posts.append(request.url) if SEND.search(request.url) else None)
    again.set_input_files("input[name=files]", scans)
    press(again, "bulk.send")
    expect(again.locator(".console__lead")).to_contain_text(word("bulk.files", count=len(scans)), timeout=60_000)
    assert len(posts) == len(scans) - 24

    # the machine looks at them; the page loads itself anew
    expect(again.locator("import-progress")).to_have_count(0, timeout=120_000)
    counts = {"ready": 1, "unconfirmed": 6, "unknown": 9, "unreadable": 20}
    for standing, count in counts.items():
        chip = again.locator(".chip", has_text=word(f"bulk.standing.{standing}"))
        expect(chip.locator(".chip__count")).to_have_text(str(count))
    again.locator(".chip", has_text=word("bulk.standing.unreadable")).click()
    again.get_by_role("link", name="记录 00").click()
    sees(again, "bulk.file.empty")

    again.goto(upload)
    press(again, "bulk.take_ready", count="1")
    sees(again, "bulk.said.asked", count=1)
    expect(again.locator("import-progress")).to_have_count(0, timeout=60_000)
    again.goto(f"{upload}?show=taken")
    again.locator(".bulk-face__look").click()
    sees(again, "bulk.take_back")
    press(again, "bulk.to_photo")
    sees(again, "review.problem.own_scan_title")
    expect(again.get_by_role("button", name=word("review.accept"))).to_have_count(0)
    again.goto("/console/review")
    expect(again.get_by_role("link", name=LIN.name)).to_be_visible()


def test_without_script_a_form_takes_many_files(browser: Browser, installation: Server, scans: list[Path]) -> None:
    context = browser.new_context(base_url=installation.address, locale="zh-CN", java_script_enabled=False)
    page = context.new_page()
    sign_in(page, "xm", PASSWORD, staff=True)
    page.goto("/console/bulk")
    press(page, "bulk.begin")
    page.set_input_files("input[name=files]", scans[-6:])
    press(page, "bulk.send")
    sees(page, "bulk.said.kept", count=6, known=0)
    expect(page.locator(".bulk-face")).to_have_count(6)
    press(page, "bulk.close.open")
    press(page, "bulk.close.button")
    sees(page, "bulk.said.closed")
    context.close()
