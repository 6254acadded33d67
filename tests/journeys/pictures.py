"""Every picture of the guides and of the README, made anew: `python -m tests.journeys.pictures`.

A demo is started, the pages below are looked at as the people in them would, and the screens of one subject are put
side by side. Words after the command make only the pictures with these names: `... pictures camera centre-today`.
"""

from __future__ import annotations

import io
import re
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, ViewportSize, sync_playwright

from backend.demo.alumni import GRADUATES
from backend.demo.chasing import REMINDED
from backend.demo.college import PASSWORD
from backend.demo.people import PEOPLE
from backend.demo.proofreading import PROOFREADERS
from backend.settings import PROJECT
from tests.journeys.camera_screens import camera_screens
from tests.journeys.conftest import CHROMIUM_OPTIONS, chromium_path
from tests.journeys.people import sign_in
from tests.journeys.server import Server

FOLDER = PROJECT / "docs" / "pictures"
PHONE: ViewportSize = {"width": 360, "height": 720}
DESK: ViewportSize = {"width": 1100, "height": 700}
PHONE_SCALE, DESK_SCALE = 1.5, 1.0
GAP, GROUND, QUALITY = 24, (233, 236, 234), 70


@dataclass(frozen=True)
class Screen:
    """Who looks ("" anybody) at which address.

    link: follow the first link to such an address; named: of these the one whose words these are in; press: then press
    this button or box; top: scroll to this element.
    """

    who: str
    address: str
    link: str = ""
    named: str = ""
    press: tuple[str, ...] = ()
    top: str = ""


def student(number: int) -> str:
    return PEOPLE[number].student_number


def proofreader(number: int) -> str:
    return PROOFREADERS[number].student_number


def graduate(number: int) -> str:
    return GRADUATES[number].student_number


# pictures of phones, by name
PHONES: dict[str, tuple[Screen, ...]] = {
    "phone": (
        Screen(student(42), "/home"),
        Screen(student(18), "/photo/versions/1"),
        Screen(student(0), "/home"),
    ),
    "student-start": (
        Screen("", "/sign-in"),
        Screen("", "/activate"),
        Screen(student(51), "/enrollment"),
        Screen(student(43), "/consent"),
    ),
    "student-result": (
        Screen(student(18), "/photo/versions/1"),
        Screen(student(10), "/home"),
        Screen(student(10), "/photo/versions/1"),
        Screen(student(0), "/home"),
    ),
    "student-session": (
        Screen(student(7), "/sessions"),
        Screen(student(7), "/sessions", link=r"/sessions/\d+"),
        Screen(student(7), "/capture-code"),
        Screen(student(0), "/fees"),
    ),
    "student-proofread": (
        Screen(proofreader(0), "/task/proofread"),
        Screen(proofreader(2), "/task/proofread"),
        Screen(proofreader(12), "/task/proofread", link=r"/task/proofread/questions/\d+"),
        Screen(proofreader(13), "/task/proofread", link=r"/task/proofread/(questions|outcome)/\d+"),
    ),
    "student-errata": (
        Screen(student(1), "/task/errata"),
        Screen(student(8), "/errata", link=r"/errata/\d+"),
        Screen(student(15), "/errata", link=r"/errata/asked/\d+"),
        Screen(student(5), "/errata", link=r"/errata/\d+"),
    ),
    "student-alumni": (
        Screen("", "/alumni"),
        Screen("", "/alumni?graduated=before&diploma=yes&captured=no"),
        Screen(graduate(4), "/alumni/case"),
        Screen(graduate(9), "/alumni/case"),
    ),
    # after "desk", where this student's photo was looked at
    "student-mine": (
        Screen(student(9), "/messages"),
        Screen(student(9), "/mine"),
        Screen(student(9), "/mine/looks"),
        Screen(student(9), "/mine/consents"),
    ),
}

IMPORT = r"/console/imports/\d+$"
# pictures of desks: one screen each
DESKS: dict[str, Screen] = {
    "desk": Screen("fz", "/console/review", link=r"/console/review/\d+"),
    "centre-students": Screen("fz", "/console/students"),
    "centre-statistics": Screen("fz", "/console/statistics?cohort=1"),
    "centre-today": Screen("fz", "/console"),
    "centre-missing": Screen("fz", "/console/missing"),
    "centre-remind": Screen("fz", "/console/missing/remind?all=1"),
    "centre-contacts": Screen(
        "fz", f"/console/missing?q={PEOPLE[REMINDED].student_number}", link=r"/console/students/\d+/contacts"
    ),
    "centre-return": Screen("fz", "/console/review", link=r"/console/review/\d+", press=("[data-return]",)),
    "centre-sheet": Screen("xueji", "/console/review/sheet"),
    "centre-pace": Screen("xm", "/console/review/pace"),
    "centre-bulk": Screen("fz", "/console/bulk", link=r"/console/bulk/\d+", top=".chips"),
    "centre-notice": Screen("fz-head", "/console/notices", link=r"/console/notices/\d+", top="section.card:has(td)"),
    "centre-session": Screen("xm", "/console/sessions", link=r"/console/sessions/\d+"),
    "centre-door": Screen("xm", "/console/sessions/2", link=r"/console/sessions/\d+/door"),
    "centre-results": Screen("xm", "/console/sessions/1", link=r"/console/sessions/\d+/results"),
    "centre-receipt": Screen("hz", "/console/batches/1", top="form.card"),
    "centre-batch": Screen("fz", "/console/batches", press=("main form .buttons button",)),
    "centre-returned": Screen(
        "fz", "/console/returned", link=r"/console/returned/parcel/\d+/disc", top=".compare__desk"
    ),
    "centre-prints": Screen("fz", "/console/returned", link=r"/console/returned/parcel/\d+/paper"),
    "centre-fees": Screen("fz", "/console/fees"),
    "centre-proofreading": Screen("fz", "/console/proofreading"),
    "centre-erratum": Screen("fz", "/console/errata?state=submitted", link=r"/console/errata/\d+"),
    "registry-imports": Screen("xueji", "/console/imports"),
    "registry-import": Screen("xueji", "/console/imports", link=IMPORT, named="匹配结果"),
    "registry-import-columns": Screen("xueji", "/console/imports", link=IMPORT, named="新生名单"),
    "registry-import-check": Screen("xueji", "/console/imports", link=IMPORT, named="回执"),
    "registry-import-undo": Screen(
        "xueji", "/console/imports", link=IMPORT, named="匹配结果", press=("a[href$='/undo']",)
    ),
    "centre-import-disc": Screen("fz", "/console/imports", link=IMPORT, named="返回光盘 第二批"),
    "registry-round": Screen("xueji", "/console/rounds", link=r"/console/rounds/\d+"),
    "registry-unit": Screen("xueji", "/console/rounds", link=r"/console/units/\d+", top="form[action$=rosters]"),
    "registry-today": Screen("xueji", "/console"),
    "registry-statistics": Screen("xueji", "/console/statistics/reasons"),
    "registry-waiting": Screen("xueji", "/console/statistics/waiting"),
    "registry-missing": Screen("xueji", "/console/missing"),
    "registry-send": Screen("xueji", "/console/errata?state=approved"),
    "registry-alumni": Screen("xueji", "/console/alumni?tab=centre"),
    "registry-identity": Screen("xueji", "/console/identity"),
    "registry-staff": Screen("admin", "/console/settings/staff"),
}


def main(names: set[str]) -> None:
    known = {"camera", *PHONES, *DESKS}
    if names - known:
        raise SystemExit(f"no such picture: {', '.join(sorted(names - known))}; there are: {', '.join(sorted(known))}")
    wanted = names or known
    with tempfile.TemporaryDirectory(prefix="xuezhao-pictures-") as folder:
        server = Server(Path(folder) / "data", XUEZHAO_DEMO_ENABLED="true")
        prepared = server.command("prepare")
        if prepared.returncode:
            raise SystemExit(prepared.stderr)
        server.start()
        try:
            with sync_playwright() as playwright:
                _make(playwright, server.address, wanted, Path(folder))
        finally:
            server.stop()


def _make(playwright: Playwright, address: str, wanted: set[str], folder: Path) -> None:
    browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_OPTIONS)
    for name in sorted(wanted - {"camera"}):
        phone = name in PHONES
        screens = PHONES[name] if phone else (DESKS[name],)
        _keep(name, [_look(browser, address, screen, phone=phone) for screen in screens])
    browser.close()
    # last, because it submits nothing but leaves a draft
    if "camera" in wanted:
        _keep("camera", camera_screens(playwright, address, size=PHONE, scale=PHONE_SCALE, folder=folder))


def _look(browser: Browser, address: str, screen: Screen, *, phone: bool) -> bytes:
    context = browser.new_context(
        base_url=address,
        viewport=PHONE if phone else DESK,
        device_scale_factor=PHONE_SCALE if phone else DESK_SCALE,
        is_mobile=phone,
        has_touch=phone,
        color_scheme="light",
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    if screen.who:
        sign_in(page, screen.who, PASSWORD, staff=not phone)
    answer = page.goto(screen.address)
    if answer is None or answer.status >= 400:
        raise SystemExit(f"{screen.who} {screen.address}: {answer.status if answer else 'no answer'}")
    if screen.link:
        page.goto(_first_link(page, screen.link, screen.named))
    for selector in screen.press:
        page.locator(selector).first.click()
    if screen.top:
        page.locator(screen.top).first.evaluate("node => node.scrollIntoView({block: 'start'})")
    page.wait_for_load_state("networkidle")
    taken = page.screenshot(animations="disabled")
    context.close()
    return taken


def _first_link(page: Page, wanted: str, named: str) -> str:
    read = "all => all.map(a => [a.getAttribute('href'), a.textContent])"
    links: Iterable[list[str]] = page.locator("a[href]").evaluate_all(read)
    for link, words in links:
        if re.match(wanted, link) and named in words:
            return link
    raise SystemExit(f"{page.url} has no link to {wanted} {named}")


def _keep(name: str, screens: list[bytes]) -> None:
    """Side by side with a gap; a single screen stands for itself."""
    pictures = [Image.open(io.BytesIO(screen)).convert("RGB") for screen in screens]
    height = max(picture.height for picture in pictures)
    width = sum(picture.width + GAP for picture in pictures) - GAP
    strip = Image.new("RGB", (width, height), GROUND)
    left = 0
    for picture in pictures:
        strip.paste(picture, (left, 0))
        left += picture.width + GAP
    target = FOLDER / f"{name}.jpg"
    strip.save(target, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    sys.stdout.write(f"{target.relative_to(PROJECT)}  {target.stat().st_size // 1024} KB\n")


if __name__ == "__main__":
    main(set(sys.argv[1:]))
