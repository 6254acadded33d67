"""A swap from the student through centre and college to the correction; returned and sent again; papers with a mark."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from backend.demo.people import PEOPLE
from tests.journeys.conftest import Opener
from tests.journeys.people import press, sees, sign_in, word

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("server")]

LIN, OTHER = PEOPLE[21], PEOPLE[18]  # both of the first centre; no case of theirs is in the demo


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "截图.png"
    Image.new("RGB", (900, 600), (250, 249, 245)).save(path)
    return path


def open_case(page: Page, choice: str) -> str:
    """From the start page to the draft; gives its address."""
    page.goto("/task/errata")
    page.get_by_text(word("errata.start.direct")).click()
    page.check(f"input[value='{choice}']", force=True)
    press(page, "errata.start.fill")
    page.wait_for_url(re.compile(r"/errata/\d+$"))
    return page.url


def act(page: Page, address: str, action: str, words: str) -> None:
    page.goto(address)
    page.fill("[name=text]", words)
    page.get_by_role("button", name=word(f"desk.action.{action}")).click()
    sees(page, f"desk.done.{action}")


def test_a_swap_from_the_student_to_the_confirmation(open_page: Opener, sheet: Path) -> None:
    student = open_page(phone=True)
    sign_in(student, LIN.student_number)
    address = open_case(student, "image_info.swapped")
    # sent too early: everything that is missing is said, and nothing typed is lost
    student.fill("[name=statement]", "我们俩的照片正好对调。")
    press(student, "errata.form.submit")
    expect(student.locator("[role=alert]")).to_contain_text(word("errata.problem.other_needed"))
    expect(student.locator("[name=statement]")).to_have_value("我们俩的照片正好对调。")
    student.fill("[name=other_name]", OTHER.name)
    student.fill("[name=other_number]", OTHER.student_number)
    student.check("input[name=column_seen][value=both]", force=True)
    student.set_input_files("[name=evidence_chsi_page]", sheet)
    press(student, "errata.form.submit")
    sees(student, "errata.state.submitted")
    desk_address = address.replace("/errata/", "/console/errata/")

    centre = open_page()
    sign_in(centre, "fz", staff=True)
    # the paper is shown as a picture of ours, never the file itself
    centre.goto(desk_address)
    picture = centre.request.get(centre.locator(".evidence__picture").first.get_attribute("src") or "")
    assert picture.headers["content-type"] == "image/jpeg"
    shades = np.unique(np.asarray(Image.open(io.BytesIO(picture.body())).convert("L")))
    assert len(shades) > 20, "bears the viewer's mark"
    act(centre, desk_address, "return", "请补上采集的大概日期。")

    student.goto(address)
    expect(student.get_by_text("请补上采集的大概日期。")).to_be_visible()
    student.fill("[name=column_captured_on]", "2026-05-01")
    press(student, "errata.form.submit")
    sees(student, "errata.state.submitted")

    centre.goto(desk_address)
    press(centre, "desk.pair.find")
    sees(centre, "desk.paired")
    act(centre, desk_address, "opine", "两位同学都核对过，情况属实。")

    other = open_page(phone=True)
    sign_in(other, OTHER.student_number)
    other.goto("/errata")
    other.get_by_text(word("errata.asked.short", name=LIN.name)).click()
    other.check("input[name=answer][value=yes]", force=True)
    press(other, "errata.asked.send")
    sees(other, "errata.answered")

    college = open_page()
    sign_in(college, "xueji", staff=True)
    act(college, desk_address, "decide", "同意更正。")
    college.goto(desk_address)
    with college.expect_download() as full:
        press(college, "desk.pdf")
    with pypdfium2.PdfDocument(Path(full.value.path())) as document:
        assert len(document) == 1
    college.goto("/console/errata?state=approved")
    for box in college.locator("input[name=case]").all():  # the demo's own case stays
        box.set_checked(box.get_attribute("value") == address.rpartition("/")[2])
    press(college, "desk.send")
    expect(college.get_by_text(word("desk.sent", count=1)).first).to_be_visible()
    college.goto(desk_address)
    college.get_by_role("button", name=word("desk.action.correct")).click()
    sees(college, "desk.done.correct")

    student.goto(address)
    press(student, "errata.looked.right")
    sees(student, "errata.state.confirmed")


def test_papers_are_asked_for_in_neutral_words_and_handed_in_without_script(open_page: Opener, sheet: Path) -> None:
    student = open_page(phone=True, script=False)
    sign_in(student, PEOPLE[12].student_number)
    student.goto("/papers")
    for name in ("new_photo", "id_card", "school_photo"):
        student.set_input_files(f"[name=evidence_{name}]", sheet)
    press(student, "papers.hand_in")
    sees(student, "papers.waiting")
    assert "核验" not in student.content()
