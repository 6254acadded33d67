"""Graduates without a photo, each of the three ways to its end, and an application without account that staff match."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend.demo.alumni import GRADUATES, Graduate, drawn
from tests.journeys.conftest import Opener
from tests.journeys.people import NEW_PASSWORD, check_picture, confirm_data, press, sees, sign_in, word

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("server")]

FIRST, SECOND, THIRD, LOST = GRADUATES[12:16]


def answer(page: Page, *options: str) -> None:
    """The questions of the door, one tap each."""
    page.goto("/alumni")
    for option in options:
        page.get_by_role("link", name=word(f"alumni.question.{option}"), exact=True).click()


def begin(page: Page, graduate: Graduate) -> None:
    """From the way to the case: certificate number and name, ID number and password, and the answers came along."""
    press(page, "alumni.way.sign_in")
    page.fill("[name=number]", graduate.certificate_number)
    page.fill("[name=name]", graduate.name)
    page.press("[name=name]", "Enter")
    page.fill("[name=id_number]", graduate.id_number)
    page.fill("[name=password]", NEW_PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(re.compile(r"/alumni/case"))
    press(page, "alumni.begin.start")
    sees(page, "alumni.state.with_student")


def open_case(page: Page, graduate: Graduate, tab: str) -> None:
    page.goto(f"/console/alumni?tab={tab}")
    page.get_by_role("link", name=graduate.name).click()
    page.wait_for_url(re.compile(r"/console/alumni/\d+"))


def report(page: Page, graduate: Graduate) -> bytes:
    """The registry approves, packs, takes the file and says that it was handed in; gives the ZIP."""
    open_case(page, graduate, "college")
    press(page, "alumni_desk.do.approve")
    sees(page, "alumni_desk.done.approve")
    page.goto("/console/alumni/packages")
    for box in page.locator("input[name=case]").all():
        box.uncheck()
    page.get_by_label(word("alumni_desk.package.choose", name=graduate.name)).check()
    press(page, "alumni_desk.package.make")
    page.wait_for_url(re.compile(r"/packages/\d+"))
    with page.expect_download() as coming:
        press(page, "alumni_desk.package.take")
    content = Path(coming.value.path()).read_bytes()
    page.get_by_role("button", name=word("alumni_desk.package.send"), exact=True).click()
    sees(page, "alumni_desk.done.sent")
    return content


def says_it_is_there(page: Page) -> None:
    page.goto("/alumni/case")
    page.get_by_role("radio", name=word("alumni.result.yes")).check()
    press(page, "alumni.result.send")
    sees(page, "alumni.ended.done")


def test_case_1_binds_the_photo_by_hand_and_reports_it(open_page: Opener) -> None:
    phone = open_page(phone=True)
    answer(phone, "graduated.option.before", "diploma.option.yes", "captured.option.yes")
    expect(phone.locator("h1")).to_have_text(word("alumni.route.bind.title"))
    begin(phone, FIRST)
    says_it_is_there(phone)


def test_case_2_captures_and_brings_two_prints(open_page: Opener, good_picture: Path) -> None:
    phone, desk = open_page(phone=True), open_page()
    answer(phone, "graduated.option.before", "diploma.option.no", "captured.option.no")
    begin(phone, SECOND)
    confirm_data(phone)
    phone.goto("/consent")
    for box in phone.locator("input[type=checkbox]").all():
        box.check()
    press(phone, "consent.send")
    phone.wait_for_url(re.compile(r"/home|/photo"))
    check_picture(phone, good_picture)
    press(phone, "photo.submit")
    phone.wait_for_url(re.compile(r"/photo/versions"))

    sign_in(desk, "fz", staff=True)
    desk.goto("/console/review")
    desk.get_by_role("link", name=re.compile(SECOND.name)).first.click()
    desk.wait_for_url(re.compile(r"/console/review/\d+"))
    desk.keyboard.press("a")
    desk.wait_for_load_state()
    open_case(desk, SECOND, "graduate")
    press(desk, "alumni_desk.do.prints_send")
    sees(desk, "alumni_desk.done.prints")

    phone.goto("/alumni/case")
    press(phone, "alumni.submit.capture")
    sees(phone, "alumni.state.at_centre")
    open_case(desk, SECOND, "centre")
    desk.fill("[name=opinion]", "照片已审核，二寸照片已收两张。")
    press(desk, "alumni_desk.do.endorse")
    sees(desk, "alumni_desk.done.endorse")

    registry = open_page()
    sign_in(registry, "xueji", staff=True)
    names = zipfile.ZipFile(io.BytesIO(report(registry, SECOND))).namelist()
    assert sorted(names) == ["001/form.pdf", "001/photo.jpg", "manifest.json"]
    says_it_is_there(phone)


def test_case_3_goes_from_scans_over_seal_and_review_to_the_report(
    open_page: Opener, good_picture: Path, tmp_path: Path
) -> None:
    phone, desk, registry = open_page(phone=True), open_page(), open_page()
    answer(phone, "graduated.option.before", "diploma.option.yes", "captured.option.no")
    begin(phone, THIRD)
    phone.get_by_role("checkbox").check()
    press(phone, "alumni.consent.send")
    scan = tmp_path / "scan.jpg"
    for kind in ("diploma", "id_front", "id_back"):
        scan.write_bytes(drawn(kind, ("虚构",)))
        phone.locator(f"#field-{kind}").scroll_into_view_if_needed()
        phone.set_input_files(f"#field-{kind}", scan)  # sent at once
        row = phone.locator("li.scan", has_text=word("alumni.paper.name." + kind))
        expect(row.get_by_role("link", name=word("alumni.paper.see"))).to_be_visible(timeout=20_000)
    phone.wait_for_load_state()
    assert phone.evaluate("scrollY") > 0, "the place on the page is kept"
    phone.set_input_files("#field-photo", good_picture)
    phone.wait_for_url(re.compile(r"/paper/\d+"), timeout=30_000)
    press(phone, "alumni.photo.back")
    press(phone, "alumni.submit.label")
    sees(phone, "alumni.state.at_centre")

    sign_in(desk, "fz", staff=True)
    open_case(desk, THIRD, "centre")
    desk.get_by_role("link", name=word("alumni.paper.name.id_front")).click()
    picture = desk.locator(".scan__picture")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 300
    desk.go_back()
    sheet = tmp_path / "sheet.jpg"
    sheet.write_bytes(drawn("意见表", ("同意", "（盖章）")))
    desk.set_input_files("#field-file", sheet)
    desk.get_by_role("button", name=word("alumni_desk.do.sheet_send"), exact=True).click()
    sees(desk, "alumni_desk.done.sheet")
    desk.fill("[name=opinion]", "原件已核对，同意补报。")
    press(desk, "alumni_desk.do.endorse")
    sees(desk, "alumni_desk.done.endorse")
    assert desk.get_by_role("link", name=word("alumni.paper.name.id_front")).count() == 0, "not the centre's any more"

    sign_in(registry, "xueji", staff=True)
    names = zipfile.ZipFile(io.BytesIO(report(registry, THIRD))).namelist()
    assert {"001/form.pdf", "001/diploma.jpg", "001/id_front.jpg", "001/id_back.jpg", "001/sheet.jpg"} < set(names)
    says_it_is_there(phone)


def test_who_has_no_number_applies_and_is_found_by_staff(open_page: Opener) -> None:
    phone, desk = open_page(phone=True), open_page()
    answer(phone, "graduated.option.before", "diploma.option.yes", "captured.option.no")
    phone.get_by_role("link", name=word("alumni.way.no_number")).click()
    phone.fill("[name=name]", LOST.name)
    phone.fill("[name=id_number]", LOST.id_number)
    phone.fill("[name=phone]", "0591-00000088")
    phone.select_option("[name=centre]", label="福州仓山学习中心")
    press(phone, "alumni.apply.send")
    sees(phone, "alumni.application.waiting")
    number = phone.locator("dd").first.inner_text().strip()

    sign_in(desk, "fz", staff=True)
    desk.goto("/console/alumni/applications")
    desk.get_by_role("link", name=number).click()
    desk.get_by_role("radio", name=re.compile(LOST.student_number)).check()
    press(desk, "alumni_desk.application.match")
    sees(desk, "alumni_desk.done.match")

    phone.reload()
    phone.fill("[name=password]", NEW_PASSWORD)
    press(phone, "alumni.application.open")
    phone.wait_for_url(re.compile(r"/alumni/case"))
    sees(phone, "alumni.consent.title")
