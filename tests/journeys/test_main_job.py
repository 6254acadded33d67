"""The main job, walked in a real browser: from a poster's QR to a reviewed photo and the student who learns of it."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import Page, expect

from backend.demo.people import PEOPLE
from tests.journeys.conftest import Opener
from tests.journeys.people import (
    activate,
    agree,
    check_picture,
    confirm_data,
    press,
    sees,
    sign_in,
    wait_for_message,
    word,
)
from tests.journeys.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("server")]

NEWCOMER = PEOPLE[24]  # of the Fuzhou centre, not activated
READY = PEOPLE[42]  # of the Fuzhou centre, has everything but the photo


def poster_address(page: Page) -> str:
    """A member of staff opens a poster; the address is read from the rendered PDF, as a phone would."""
    page.goto("/console/notices")
    page.get_by_role("link", name="2027 年春季毕业生学历照片采集").first.click()
    href = page.locator("a[href$='.pdf']").first.get_attribute("href")
    assert href
    answer = page.request.get(href)
    assert answer.headers["content-type"] == "application/pdf"
    sheet = pypdfium2.PdfDocument(BytesIO(answer.body()))
    pixels = np.asarray(sheet[0].render(scale=2).to_pil().convert("L"))
    (code,) = zxingcpp.read_barcodes(pixels)
    return str(code.text)


def open_review(page: Page, name: str) -> None:
    """The page on which this student's photo is decided."""
    page.goto("/console/review")
    page.get_by_role("link", name=re.compile(name)).first.click()
    page.wait_for_url(re.compile(r"/console/review/\d+"))
    expect(page.locator("body")).to_contain_text(name)


def test_from_the_poster_to_an_accepted_photo(open_page: Opener, installation: Server, good_picture: Path) -> None:
    desk = open_page()
    sign_in(desk, "fz", staff=True)
    address = poster_address(desk)
    assert address.startswith(installation.address + "/n/")

    phone = open_page(phone=True)
    phone.goto(address)
    expect(phone.locator("h1")).to_contain_text("学历照片采集")
    press(phone, "notice.first_time")
    activate(phone, NEWCOMER)
    # the notice's task is the photo; the data come first
    phone.wait_for_url(re.compile(r"/enrollment"))
    confirm_data(phone)
    agree(phone)
    check_picture(phone, good_picture)
    expect(phone.locator("h1")).to_have_text(re.compile(f"{word('photo.verdict.pass')}|{word('photo.verdict.review')}"))
    phone.get_by_role("button", name=word("photo.submit")).dblclick()
    phone.wait_for_url(re.compile(r"/photo/versions"))
    sees(phone, "photo.honest")
    assert phone.locator("text=" + word("photo.version_title", number=2)).count() == 0, "a double tap makes one"

    open_review(desk, NEWCOMER.name)
    desk.keyboard.press("a")
    desk.wait_for_load_state()
    wait_for_message(phone, word("message.photo_accepted.title"))
    phone.goto("/home")
    expect(phone.locator("body")).to_contain_text(word("state.accepted"))

    phone.goto("/mine/looks")
    expect(phone.locator("body")).to_contain_text("福州中心 王老师")  # who looked at my photo


def test_from_a_bad_picture_to_a_person_who_looks(open_page: Opener, bad_picture: Path, good_picture: Path) -> None:
    phone = open_page(phone=True, dark=True)
    sign_in(phone, READY.student_number)
    check_picture(phone, bad_picture)
    expect(phone.locator("h1")).to_have_text(word("photo.verdict.retake"))
    expect(phone.locator("svg.marks").first).to_be_visible()
    expect(phone.locator("body")).to_contain_text(word("finding.mouth_open.name"))
    expect(phone.locator("body")).to_contain_text(word("finding.bg_color.name"))
    assert phone.get_by_role("button", name=word("photo.submit")).count() == 0

    phone.get_by_text(word("photo.ask.title")).click()
    phone.fill("[name=ask]", "我的牙套矫正期，嘴唇合不上。")
    press(phone, "photo.ask.send")
    phone.wait_for_url(re.compile(r"/photo/versions"))

    desk = open_page()
    sign_in(desk, "fz", staff=True)
    open_review(desk, READY.name)
    expect(desk.locator("body")).to_contain_text("牙套矫正期")
    desk.keyboard.press("r")
    desk.keyboard.press("1")
    desk.fill("[name=text_student]", "背景请换成浅蓝色或白色的墙。")
    desk.locator("form.return__form button.button--danger").click()
    desk.wait_for_load_state()

    wait_for_message(phone, word("message.photo_returned.title"))
    phone.goto("/photo/versions")
    expect(phone.locator("body")).to_contain_text("背景请换成浅蓝色或白色的墙。")
    check_picture(phone, good_picture)
    press(phone, "photo.submit")
    phone.wait_for_url(re.compile(r"/photo/versions"))
    expect(phone.locator("body")).to_contain_text(word("state.ready_for_review"))


def test_the_photo_flow_works_without_script(open_page: Opener, good_picture: Path) -> None:
    person = PEOPLE[43]
    phone = open_page(phone=True, script=False)
    sign_in(phone, person.student_number)
    check_picture(phone, good_picture, script=False)
    press(phone, "photo.submit")
    phone.wait_for_url(re.compile(r"/photo/versions"))
    expect(phone.locator("body")).to_contain_text(word("state.ready_for_review"))
    desk = open_page(script=False)
    sign_in(desk, "xm", staff=True)
    open_review(desk, person.name)
    press(desk, "review.accept")
    desk.wait_for_load_state()
    phone.goto("/home")
    expect(phone.locator("body")).to_contain_text(word("state.accepted"))


def test_another_centre_sees_nothing(open_page: Opener) -> None:
    desk = open_page()
    sign_in(desk, "hz", staff=True)
    desk.goto("/console/students")
    for person in PEOPLE[:12]:
        visible = person.serial % 3 == 2
        desk.goto(f"/console/students?text={person.student_number}")
        assert (desk.get_by_text(person.name, exact=False).count() > 0) == visible, person.name
    answer = desk.goto("/console/review/1")
    assert answer
    assert answer.status == 404
