"""A roster with mistakes, the corrected one, and its undo; 学信网 results and the centre's list; a ZIP of photos."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend.adapters.lists_out import Column, xlsx
from backend.demo.college import PASSWORD
from backend.demo.people import PEOPLE, invented_id_number
from tests.journeys.conftest import Opener
from tests.journeys.people import press, sees, sign_in, word

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("server")]

HEADINGS = ("学号", "姓名", "身份证号", "学习中心", "层次", "专业", "入学日期")


def roster(path: Path, centres: tuple[str, str]) -> Path:
    rows = [
        (
            f"J20260000{n}",
            "旅行者",
            invented_id_number(date(1999, 9, 9), 400 + n, male=True),
            centre,
            "专升本",
            "法学",
            "2026-03-01",
        )
        for n, centre in enumerate(centres)
    ]
    path.write_bytes(xlsx("名单", [Column(title) for title in HEADINGS], rows))
    return path


def upload(page: Page, kind: str, path: Path) -> None:
    page.goto("/console/imports")
    page.check(f"input[name=kind][value={kind}]")
    page.set_input_files("input[name=file]", path)
    press(page, "imports.upload")
    page.wait_for_url(re.compile(r"/console/imports/\d+"))


def check(page: Page) -> None:
    press(page, "imports.columns.check")
    waits_for(page, "imports.checked.title")


def waits_for(page: Page, key: str) -> None:
    """The page looks again by itself."""
    expect(page.get_by_role("heading", level=1)).to_have_text(word(key), timeout=30_000)


def test_a_roster_is_corrected_written_and_taken_back(open_page: Opener, tmp_path: Path) -> None:
    page = open_page()
    sign_in(page, "xueji", PASSWORD, staff=True)
    upload(page, "roster", roster(tmp_path / "a.xlsx", ("FZ01", "没有的中心")))
    check(page)
    sees(page, "imports.problem.unknown_centre", value="没有的中心")
    press(page, "imports.discard")
    upload(page, "roster", roster(tmp_path / "b.xlsx", ("FZ01", "XM02")))
    check(page)
    press(page, "imports.checked.commit", count="2")
    waits_for(page, "imports.report.title")
    report = page.url
    page.goto("/console/students?q=J2026")
    expect(page.get_by_role("link", name="旅行者")).to_have_count(2)
    page.goto(report)
    press(page, "imports.undo.button")
    page.get_by_role("button", name=word("imports.undo.button")).click()
    expect(page.get_by_text(word("imports.state.undone"))).to_be_visible(timeout=30_000)
    page.goto("/console/students?q=J2026")
    expect(page.get_by_role("link", name="旅行者")).to_have_count(0)


def test_results_of_chsi_become_the_list_of_the_centre(open_page: Opener, tmp_path: Path) -> None:
    registry = open_page(script=False)  # waiting works without script too
    sign_in(registry, "xueji", PASSWORD, staff=True)
    path = tmp_path / "c.xlsx"
    person = next(person for person in PEOPLE[50:] if person.serial % 3 == 0)
    columns = [Column(title) for title in ("学号", "原始学历审核状态", "审核备注")]
    path.write_bytes(xlsx("结果", columns, [(person.student_number, "通过", "")]))
    upload(registry, "match", path)
    press(registry, "imports.columns.check")
    waits_for(registry, "imports.checked.title")
    press(registry, "imports.checked.commit", count="1")
    waits_for(registry, "imports.report.title")
    centre = open_page()
    sign_in(centre, "fz", PASSWORD, staff=True)
    centre.goto("/console/missing?change=solved")
    expect(centre.get_by_role("link", name=person.name)).to_be_visible()
    centre.goto("/console/missing")
    expect(centre.get_by_role("link", name=person.name)).to_have_count(0)
    other = next(person for person in PEOPLE[24:42] if person.serial % 3 == 0)
    centre.fill("input[type=search]", other.student_number)
    centre.press("input[type=search]", "Enter")
    expect(centre.get_by_role("row")).to_have_count(2)
    with centre.expect_download() as download:
        press(centre, "missing.download")
    assert Path(download.value.path()).read_bytes()[:2] == b"PK"


def test_a_folder_of_photos_is_packed_by_the_browser(open_page: Opener, good_picture: Path, tmp_path: Path) -> None:
    page = open_page()
    sign_in(page, "xueji", PASSWORD, staff=True)
    person = PEOPLE[9]
    for group, name in (("一班", person.student_number), ("二班", "nobody54321")):
        folder = tmp_path / "照片" / group
        folder.mkdir(parents=True)
        (folder / f"{name}.jpg").write_bytes(good_picture.read_bytes())
    page.goto("/console/imports")
    page.check("input[name=kind][value=linked]")
    page.set_input_files("#field-folder", tmp_path / "照片")
    expect(page.get_by_text(word("imports.folder.packed", count="2"))).to_be_visible()
    expect(page.get_by_text("照片.zip")).to_be_visible()
    press(page, "imports.upload")
    waits_for(page, "imports.checked.title")
    expect(page.get_by_role("cell", name=person.student_number)).to_be_visible()
    expect(page.get_by_text("照片/二班/nobody54321.jpg")).to_be_visible()
    sees(page, "imports.problem.unknown_person")


def test_photos_of_chsi_come_in_as_a_zip(open_page: Opener, good_picture: Path, tmp_path: Path) -> None:
    page = open_page()
    sign_in(page, "xueji", PASSWORD, staff=True)
    path = tmp_path / "d.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(good_picture, f"一班/{PEOPLE[8].student_number}.jpg")
        archive.write(good_picture, "一班/nobody12345.jpg")
    upload(page, "linked", path)
    waits_for(page, "imports.checked.title")
    sees(page, "imports.problem.unknown_person")
    press(page, "imports.checked.commit", count="1")
    waits_for(page, "imports.report.title")
    expect(page.get_by_text(word("imports.state.done"))).to_be_visible()
