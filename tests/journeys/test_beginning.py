"""A college that begins: an empty installation, one administrator, and pages alone bring it to its first students."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from backend.adapters.lists_out import Column, xlsx
from backend.demo.people import Person
from tests.journeys.people import NEW_PASSWORD, activate, press, sees, sign_in
from tests.journeys.server import Server
from tests.journeys.test_imports import HEADINGS, check, upload, waits_for

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("server")]

STUDENT = Person(300, "开学早", male=True, born=date(2000, 5, 5))
GRADUATE = Person(301, "毕业久", male=False, born=date(1990, 6, 6))
DIPLOMA = ("999997201006000901", "2010-07-01")


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data", XUEZHAO_DEMO_ENABLED="false")
    prepared = server.command("prepare")
    assert prepared.returncode == 0, prepared.stderr[-3000:]
    server.start()
    yield server
    server.stop()


def first_sign_in(page: Page, login: str, first: str) -> None:
    page.goto("/staff/sign-in")
    page.fill("[name=login]", login)
    page.fill("[name=password]", first)
    page.press("[name=password]", "Enter")
    page.fill("[name=current]", first)
    page.fill("[name=new]", NEW_PASSWORD)
    page.press("[name=new]", "Enter")
    page.wait_for_url(re.compile(r"/console"))


def roster(path: Path) -> Path:
    study = ("FZ01", "专升本", "法学")
    rows = [
        (STUDENT.student_number, STUDENT.name, STUDENT.id_number, *study, "2024-03-01", "2027C", "", ""),
        (GRADUATE.student_number, GRADUATE.name, GRADUATE.id_number, *study, "2008-03-01", "", *DIPLOMA),
    ]  # fmt: skip
    headings = (*HEADINGS, "批次", "毕业证书编号", "毕业日期")
    path.write_bytes(xlsx("名单", [Column(title) for title in headings], rows))
    return path


def test_pages_alone_lead_from_nothing_to_a_student_and_a_graduate(
    empty: Server, browser: Browser, tmp_path: Path
) -> None:
    made = empty.command("staff", "create", "chief", "--role", "administrator").stdout
    first = re.findall(r"first password (\S+)", made)[0]

    def fresh() -> Page:
        page = browser.new_context(base_url=empty.address, locale="zh-CN", timezone_id="Asia/Shanghai").new_page()
        page.set_default_timeout(15_000)
        return page

    chief = fresh()
    first_sign_in(chief, "chief", first)
    chief.goto("/console/settings/centres/new")
    centre = {"code": "FZ01", "name": "福州仓山学习中心", "province": "福建"}
    for name, text in (centre | {"contact_name": "黄老师", "contact_phone": "0591-00000001"}).items():
        chief.fill(f"[name={name}]", text)
    press(chief, "settings.centres.save")
    sees(chief, "settings.centres.added", name=centre["name"])
    chief.goto("/console/settings/cohorts/new")
    for name, text in {"code": "2027C", "name": "2027 年春季毕业批次", "capture_by": "2027-01-31"}.items():
        chief.fill(f"[name={name}]", text)
    press(chief, "settings.centres.save")
    sees(chief, "settings.cohorts.added", name="2027 年春季毕业批次")
    chief.goto("/console/settings/staff")
    chief.fill("[name=login]", "records")
    chief.fill("[name=display_name]", "学籍部 老师")
    chief.select_option("[name=role]", "registry")
    press(chief, "settings.staff.create")
    given = chief.locator("code").first.inner_text()

    registry = fresh()
    first_sign_in(registry, "records", given)
    registry.goto("/console/students")
    press(registry, "students.nobody.import")
    upload(registry, "roster", roster(tmp_path / "roster.xlsx"))
    sees(registry, "imports.columns.all")
    check(registry)
    press(registry, "imports.checked.commit", count="2")
    waits_for(registry, "imports.report.title")

    student = fresh()
    student.goto("/activate")
    activate(student, STUDENT)
    student.goto("/enrollment")
    student.get_by_text("法学").first.wait_for()

    graduate = fresh()
    graduate.goto("/alumni?graduated=before&diploma=yes&captured=no")
    press(graduate, "alumni.way.sign_in")
    graduate.fill("[name=number]", DIPLOMA[0])
    graduate.fill("[name=name]", GRADUATE.name)
    graduate.press("[name=name]", "Enter")
    graduate.fill("[name=id_number]", GRADUATE.id_number)
    graduate.fill("[name=password]", NEW_PASSWORD)
    graduate.press("[name=password]", "Enter")
    graduate.wait_for_url(re.compile(r"/alumni/case"))

    again = fresh()
    sign_in(again, "records", NEW_PASSWORD, staff=True)
    assert empty.command("doctor").returncode == 0
    for page in (chief, registry, student, graduate, again):
        page.context.close()
