"""Capture in the browser: a slot and a number at the door, money and receipts, a batch to the unit."""

from __future__ import annotations

import hashlib
import re
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend.days import ZONE
from backend.demo.people import PEOPLE
from tests.journeys.conftest import Opener
from tests.journeys.people import press, sees, sign_in, word

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("server")]

STUDENT = PEOPLE[0]  # of the centre that "fz" works for


def plan(page: Page, title: str, *, days: int) -> str:
    """A published session of the centre; gives its address."""
    page.goto("/console/sessions/new")
    page.fill("[name=title]", title)
    page.fill("[name=place]", "教学楼 201 室")
    page.fill("[name=held_on]", (datetime.now(ZONE) + timedelta(days=days)).date().isoformat())
    press(page, "sessions.plan")
    press(page, "sessions.do.publish")
    sees(page, "sessions.done.publish")
    return page.url


def test_a_student_takes_a_slot_and_a_number_at_the_door(open_page: Opener) -> None:
    staff, student = open_page(), open_page()
    sign_in(staff, "fz", staff=True)
    sign_in(student, STUDENT.student_number)
    plan(staff, "明天的场次", days=1)
    student.goto("/sessions")
    student.locator(".card", has_text="明天的场次").get_by_role("link").click()
    student.locator("input[name=slot]").first.check(force=True)
    press(student, "sessions.sign_up")
    sees(student, "sessions.signed_up")
    desk = plan(staff, "今天的场次", days=0)
    staff.goto(desk + "/door")
    door = re.search(r"/door/\w+", staff.locator(".door").inner_text())
    assert door is not None
    student.goto(door[0])
    press(student, "sessions.door.arrive")
    sees(student, "sessions.error.door")
    staff.goto(desk)
    press(staff, "sessions.do.start")
    student.goto(door[0])
    press(student, "sessions.door.arrive")
    expect(student.locator(".ticket__number")).to_have_text("1")
    sees(student, "sessions.stay")
    staff.goto(desk)
    expect(staff.locator("#people")).to_contain_text(STUDENT.name)
    press(staff, "sessions.leave")
    expect(staff.locator("#people")).to_contain_text(word("sessions.gap"))


def test_the_centre_takes_money_and_hands_it_on(open_page: Opener) -> None:
    page = open_page()
    sign_in(page, "fz", staff=True)
    page.goto("/console/fees?state=owed")
    name = page.locator("tbody tr").first.locator("th a").inner_text()
    page.locator("input[name=fees]").first.check()
    press(page, "fees.pay_cash")
    expect(page.locator(".console__main")).to_contain_text("收据已编号")
    page.goto(f"/console/fees?q={name}")
    page.locator("tbody tr").first.locator("th a").click()
    press(page, "fees.receipt")
    sees(page, "fees.no_invoice")
    page.goto("/console/fees")
    page.locator("a[href*='/console/fees/remit?']").click()
    page.get_by_role("button", name=re.compile("登记已交")).click()
    sees(page, "fees.names")
    page.goto("/console/fees")
    expect(page.locator(".sums__item--strong dd").first).to_have_text("0.00")


def test_a_batch_goes_to_the_unit_with_its_hashes(open_page: Opener, tmp_path: Path) -> None:
    registry, page = open_page(), open_page()
    sign_in(registry, "xueji", staff=True)
    registry.goto("/console/rounds")
    registry.get_by_role("link", name="演示图像采集中心（福建）").click()
    registry.fill("[name=reason]", "演示：省厅书面同意，吴老师批准")
    press(registry, "rounds.rosters_allow")
    sees(registry, "rounds.rosters_on")
    sign_in(page, "fz", staff=True)
    page.goto("/console/batches")
    press(page, "batches.begin")
    press(page, "batches.do.seal")
    expect(page.locator(".console__main")).to_contain_text(word("batches.means.sealed"), timeout=30_000)
    with page.expect_download() as waiting:
        press(page, "batches.download")
    path = tmp_path / "package.zip"
    waiting.value.save_as(path)
    with zipfile.ZipFile(path) as archive:
        for line in archive.read("manifest.sha256").decode().splitlines():
            digest, name = line.split("  ", 1)
            assert hashlib.sha256(archive.read(name)).hexdigest() == digest
        assert any(name.endswith(".dbf") for name in archive.namelist())
        assert sum(name.startswith("photos/") for name in archive.namelist()) > 3
    page.get_by_role("button", name=word("batches.do.hand_over")).click()
    sees(page, "batches.done.hand_over")
    press(page, "batches.do.receive")
    sees(page, "batches.done.receive")
