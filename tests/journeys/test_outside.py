"""Through other houses in a real browser: the college's single sign-on, WeChat, and no network at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from backend.demo.people import PEOPLE
from tests.journeys.conftest import WECHAT
from tests.journeys.people import press, sees, sign_in, word
from tests.journeys.server import Server
from tests.journeys.test_every_page import AXE, LOOK, THEMES, WIDE, _keep, _serious
from tests.stand_ins.sign_on import OpenIdServer
from tests.stand_ins.wechat import SECRET, WechatServer

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("server")]

LIN = PEOPLE[42].student_number


@pytest.fixture(scope="module")
def college() -> Iterator[OpenIdServer]:
    with OpenIdServer(lambda: datetime.now(UTC)) as server:
        yield server


@pytest.fixture(scope="module")
def wechat() -> Iterator[WechatServer]:
    with WechatServer() as server:
        yield server


@pytest.fixture(scope="module")
def connected(
    tmp_path_factory: pytest.TempPathFactory, college: OpenIdServer, wechat: WechatServer
) -> Iterator[Server]:
    """The demo, with single sign-on and WeChat switched on."""
    settings = {f"XUEZHAO_WECHAT_{name.upper()}": value for name, value in wechat.settings().items()}
    server = Server(
        tmp_path_factory.mktemp("connected") / "data",
        **settings,
        XUEZHAO_DEMO_ENABLED="true",
        XUEZHAO_MAIL_HOST="127.0.0.1",
        XUEZHAO_MAIL_SENDER="no-reply@example.edu.cn",
        XUEZHAO_SMS_PROVIDER="gateway",
        XUEZHAO_SMS_URL="http://127.0.0.1:9/",
        XUEZHAO_WECHAT_APP_SECRET=SECRET,
        XUEZHAO_SSO_PROTOCOL="oidc",
        XUEZHAO_SSO_SERVER=college.address,
        XUEZHAO_SSO_CLIENT_ID="xuezhao",
        XUEZHAO_SSO_CLIENT_SECRET=college.secret,
    )
    prepared = server.command("prepare")
    assert prepared.returncode == 0, prepared.stderr[-3000:]
    linked = server.command("staff", "link", "fz", college.person)
    assert linked.returncode == 0, linked.stderr[-3000:]
    server.start()
    yield server
    server.stop()


@pytest.fixture
def page_of(browser: Browser, connected: Server) -> Iterator[object]:
    contexts = []

    def opened(*, phone: bool) -> Page:
        context = browser.new_context(
            base_url=connected.address,
            viewport={"width": 360, "height": 780} if phone else {"width": 1280, "height": 800},
            user_agent=WECHAT if phone else None,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


def test_staff_come_in_by_the_college_and_leave_both_houses(page_of, college: OpenIdServer) -> None:  # type: ignore[no-untyped-def]
    page: Page = page_of(phone=False)
    page.goto("/console/review")
    press(page, "staff.sign_on.start")
    page.wait_for_url("**/console/review")
    page.get_by_role("button", name=word("ui.sign_out")).first.click()
    sees(page, "staff.sign_on.out.text")
    press(page, "staff.sign_on.out.there")
    page.wait_for_url(f"{college.address}/logout**")
    college.person = "T9999"
    page.goto("/staff/sign-in")
    press(page, "staff.sign_on.start")
    sees(page, "staff.sign_on.unknown.title")
    expect(page.get_by_text("T9999")).to_be_visible()


def test_a_student_binds_wechat_once_and_then_one_tap_is_enough(page_of, wechat: WechatServer) -> None:  # type: ignore[no-untyped-def]
    page: Page = page_of(phone=True)
    page.goto("/mine")
    press(page, "wechat.tap")
    sees(page, "wechat.unknown")
    page.fill("[name=login]", LIN)
    page.fill("[name=password]", "Demo-xuezhao-26")
    page.press("[name=password]", "Enter")
    sees(page, "wechat.offer")
    press(page, "wechat.bind")
    sees(page, "wechat.bound_now")
    assert urlsplit(page.url).path == "/mine", "where the person wanted to go"
    # WeChat has ended our token early: the page is signed all the same
    wechat.trouble["/cgi-bin/ticket/getticket"] = [40001]
    signed = page.evaluate("fetch('/wechat/signature.json').then(answer => answer.json())")
    assert len(signed["signature"]) == 40
    assert wechat.forced == 1
    page.get_by_role("button", name=word("ui.sign_out")).first.click()
    page.goto("/sign-in")
    press(page, "wechat.tap")
    page.wait_for_url(re.compile("/home"))  # the part after # stays on: WeChat needs it


def test_without_a_network_our_page_says_so_and_nothing_personal_is_kept(page_of) -> None:  # type: ignore[no-untyped-def]
    page: Page = page_of(phone=False)
    sign_in(page, LIN)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.evaluate("localStorage.setItem('draft', 'of a shot')")
    for address in ("/home", "/mine", "/messages"):
        page.goto(address)
    kept = page.evaluate(
        """async () => {
          const names = await caches.keys();
          const all = await Promise.all(names.map(async n => (await (await caches.open(n)).keys()).map(r => r.url)));
          return all.flat().map(address => new URL(address).pathname);
        }"""
    )
    assert "/offline" in kept
    assert all(address == "/offline" or address.startswith(("/assets/", "/vendor/")) for address in kept)
    page.context.set_offline(True)
    page.goto("/mine")
    sees(page, "ui.offline.title")
    page.context.set_offline(False)
    press(page, "ui.offline.again")
    page.wait_for_url("**/home")
    page.goto("/mine")
    page.get_by_role("button", name=word("ui.sign_out")).first.click()
    page.wait_for_url("**/")
    assert page.evaluate("localStorage.getItem('draft')") is None


# pages that the demo of test_every_page.py does not have, because it has nothing outside
PUBLIC = ["/sign-in", "/staff/sign-in", "/staff/sign-on/back", "/staff/signed-out", "/wechat/back", "/offline"]
OWN = [
    *("/mine", "/mine/wechat", "/mine/channels", "/mine/channels/mail/address"),
    *("/mine/channels/sms/code", "/mine/wechat/offer"),
]
DESK = ["/console/settings", "/console/settings/deliveries", "/console/settings/staff"]


def test_the_pages_of_it_are_accessible_and_fit(page_of, wechat: WechatServer, college: OpenIdServer) -> None:  # type: ignore[no-untyped-def]
    problems: list[str] = []
    phone: Page = page_of(phone=True)
    for address in PUBLIC:
        problems += look_at(phone, address)
    college.person = "T9999"
    problems += look_at(phone, "/staff/sign-on")
    wechat.person = "o-another"
    phone.goto("/sign-in")
    press(phone, "wechat.tap")
    phone.fill("[name=login]", PEOPLE[0].student_number)
    phone.fill("[name=password]", "Demo-xuezhao-26")
    phone.press("[name=password]", "Enter")
    sees(phone, "wechat.offer")
    phone.goto("/mine/channels/sms/address")
    phone.fill("[name=address]", "13800000000")
    press(phone, "channels.do.send_code")
    sees(phone, "channels.code.page")
    for address in OWN:
        problems += look_at(phone, address)
    desk: Page = page_of(phone=False)
    desk.goto("/staff/sign-in")
    desk.get_by_text(word("staff.sign_on.by_password_admin")).click()
    desk.fill("[name=login]", "admin")
    desk.fill("[name=password]", "Demo-xuezhao-26")
    desk.press("[name=password]", "Enter")
    desk.wait_for_url(re.compile("/console"))
    for address in DESK:
        problems += look_at(desk, address)
    assert problems == []


def look_at(page: Page, address: str) -> list[str]:
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    page.evaluate(AXE.read_text())
    found = []
    for theme, words in THEMES.items():
        page.evaluate(LOOK, words.split())
        found += _serious(page, f"{address} ({theme})")
        found += [f"{address} ({theme}): wider than the screen: {node}" for node in page.evaluate(WIDE)]
        _keep(page, "outside", address, str(page.viewport_size["width"]) if page.viewport_size else "", theme)
    return found
