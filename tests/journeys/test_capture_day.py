"""Capture in the browser: a slot and a number at the door, money and receipts, a batch to the unit."""

from __future__ import annotations

import hashlib
import re
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest
import qrcode
from babel.dates import format_date
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


def test_a_student_takes_a_slot_shows_a_code_and_takes_a_number_at_the_door(open_page: Opener, tmp_path: Path) -> None:
    staff, student = open_page(), open_page()
    sign_in(staff, "fz", staff=True)
    sign_in(student, STUDENT.student_number)
    tomorrow = plan(staff, "明天的场次", days=1)
    student.goto("/sessions")
    student.locator(".card", has_text="明天的场次").get_by_role("link").click()
    student.locator("input[name=slot]").first.check(force=True)
    press(student, "sessions.sign_up")
    sees(student, "sessions.signed_up")
    staff.goto(tomorrow)
    sees(staff, "sessions.ready", ready=0, people=1)
    picture = tmp_path / "code.png"
    qrcode.make("CHSI:" + "x" * 120).save(picture)
    press(student, "sessions.code.open")
    student.set_input_files("[name=code]", picture)
    press(student, "sessions.code.test")
    sees(student, "sessions.code.reason.reads")
    staff.goto(tomorrow)
    sees(staff, "sessions.ready", ready=1, people=1)
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


def test_money_given_back_is_among_the_sums_and_its_receipt_is_void(open_page: Opener) -> None:
    page = open_page()
    sign_in(page, "fz", staff=True)
    page.goto("/console/fees?state=owed")
    name = page.locator("tbody tr").last.locator("th a").inner_text()
    amount = page.locator("tbody tr").last.locator("td.table__number").inner_text()
    page.locator("tbody tr").last.locator("input[name=fees]").check()
    press(page, "fees.pay_cash")
    page.goto(f"/console/fees?q={name}")
    page.locator("tbody tr").first.locator("th a").click()
    fee = page.url
    page.get_by_text(word("fees.change")).click()
    page.locator("input[name=action][value=refund]").check(force=True)
    page.select_option("[name=method]", "cash")
    page.fill("[name=reason]", "改为自行采集")
    press(page, "fees.change_do")
    expect(page.locator(".console__main")).to_contain_text("改为自行采集")
    expect(page.get_by_role("link", name=word("fees.receipt"), exact=True)).to_have_count(0)
    page.goto("/console/fees?state=refunded")
    expect(page.locator("tbody")).to_contain_text(name)
    refunded = page.locator(".sums__item", has=page.get_by_text(word("fees.sum.refunded"), exact=True))
    expect(refunded.locator("dd")).to_have_text(amount)
    page.goto(fee)
    expect(page.locator(".console__main")).to_contain_text(word("fees.state.refunded"))


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


def test_photos_are_chosen_by_hand_and_each_answer_says_where_it_came_from(open_page: Opener) -> None:
    page = open_page()
    sign_in(page, "hz", staff=True)
    page.goto("/console/batches")
    # the one that does not fit yet names its student and why
    page.get_by_role("link", name=word("batches.name", centre="HZ03", round="2027C", number=2)).click()
    problems = page.locator("table").first
    expect(problems.locator("tbody tr")).to_have_count(1)
    expect(problems).to_contain_text(word("batches.why.no_consent"))
    page.goto("/console/batches")
    press(page, "batches.begin_choose")
    boxes = page.locator("input[name=student]")
    expect(boxes).to_have_count(1)
    press(page, "batches.tick_page", count=1)
    expect(boxes).to_be_checked()
    press(page, "batches.add_chosen")
    press(page, "batches.back")
    press(page, "batches.do.seal")
    expect(page.locator(".console__main")).to_contain_text(word("batches.means.sealed"), timeout=30_000)
    page.get_by_role("button", name=word("batches.do.hand_over")).click()
    page.get_by_text(word("batches.refused_some")).click()
    page.fill("[name=refused_lines]", "1 头部过大")
    press(page, "batches.do.receive")
    sees(page, "batches.done.receive")
    today, file_day = (format_date(datetime.now(ZONE) - timedelta(days=days), "long", "zh_CN") for days in (0, 4))
    row = page.locator("#photos-title ~ .table-frame tbody tr").first
    expect(row).to_contain_text("头部过大")
    expect(row).to_contain_text(word("batches.source.hand", day=today))
    # the first batch: a file of the registry has answered one photo of it
    page.goto("/console/batches")
    page.get_by_role("link", name=word("batches.name", centre="HZ03", round="2027C", number=1)).click()
    expect(page.locator("#photos-title ~ .table-frame")).to_contain_text(word("batches.source.file", day=file_day))
    sees(page, "batches.receive_rest")


def test_the_teams_list_is_settled_line_by_line_and_the_rest_is_noted(open_page: Opener) -> None:
    page = open_page()
    sign_in(page, "xm", staff=True)
    page.goto("/console/sessions")
    page.get_by_role("link", name="期中考试后补采").click()
    sees(page, "sessions.gap")
    paper = pypdfium2.PdfDocument(page.pdf())
    text = "".join(sheet.get_textpage().get_text_range() for sheet in paper)
    assert word("sessions.gap") in text
    assert word("sessions.do.reopen") not in text, "nothing is pressed on paper"
    page.locator("a[href$=results]").click()
    sees(page, "sessions.results.wrong", count=5)
    swapped = page.locator("tbody tr", has_text=word("sessions.match.swapped")).first
    swapped.get_by_text(word("sessions.results.settle")).click()
    swapped.locator("[name=decision]").select_option(label=word("sessions.decision.named"))
    swapped.locator("[name=note]").fill("和拍摄组的照片逐张比对过")
    swapped.get_by_role("button", name=word("sessions.results.save")).click()
    sees(page, "sessions.results.settled")
    sees(page, "sessions.results.wrong", count=4)
    press(page, "sessions.results.note", count=3)
    sees(page, "sessions.noted", count=3)


def test_the_head_says_how_the_centre_is_captured_and_its_students_read_it(open_page: Opener) -> None:
    head, student = open_page(), open_page(phone=True)
    sign_in(head, "fz-head", staff=True)
    head.goto("/console/rounds")
    head.get_by_role("link", name="2027 届春季采集").click()
    head.locator("a[href*='/console/rounds/1/']").first.click()
    head.fill("[name=note]", "照片由中心统一报送，费用当面交给王老师。")
    press(head, "rounds.save")
    expect(head.locator(".console__main")).to_contain_text("福州仓山学习中心")
    sign_in(student, STUDENT.student_number)
    student.goto("/sessions")
    expect(student.get_by_text("费用当面交给王老师")).to_be_visible()
