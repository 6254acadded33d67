"""Through other houses in a real browser: the college's single sign-on, WeChat, and no network at all."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from backend.demo.people import PEOPLE
from backend.wechat.rules import page_signature
from tests.journeys.conftest import WECHAT
from tests.journeys.people import press, sees, sign_in, word
from tests.journeys.server import Server
from tests.journeys.test_every_page import AXE, LOOK, THEMES, WIDE, _keep, _serious
from tests.stand_ins.sign_on import CasServer, OpenIdServer, logout_request
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


@pytest.fixture(scope="module")
def cas() -> Iterator[CasServer]:
    with CasServer() as server:
        yield server


@pytest.fixture(scope="module")
def second(connected: Server, cas: CasServer) -> Iterator[Server]:
    """Another host of the same installation; its single sign-on is CAS."""
    ours = {name: value for name, value in connected.environment.items() if name.startswith("XUEZHAO_")}
    server = Server(
        connected.data, **{**ours, "XUEZHAO_SSO_PROTOCOL": "cas", "XUEZHAO_SSO_SERVER": f"{cas.address}/cas"}
    )
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


def test_staff_come_in_by_the_college_and_leave_both_houses(  # type: ignore[no-untyped-def]
    page_of, connected: Server, college: OpenIdServer
) -> None:
    page: Page = page_of(phone=False)
    page.goto("/console/review")
    press(page, "staff.sign_on.start")
    page.wait_for_url("**/console/review")
    events = {"http://schemas.openid.net/event/backchannel-logout": {}}
    token = college.identity_token(events=events, sub=None)
    back = f"{connected.address}/staff/sign-on/back"
    assert httpx.post(back, data={"logout_token": token}, trust_env=False).status_code == 200
    page.reload()
    page.wait_for_url("**/staff/sign-in")
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
    # WeChat has ended our token early: the first own page is signed all the same
    wechat.trouble["/cgi-bin/ticket/getticket"] = [40001]
    page.press("[name=password]", "Enter")
    sees(page, "wechat.offer")
    assert len(told(page)["config"]["signature"]) == 40
    assert wechat.forced == 1
    press(page, "wechat.bind")
    sees(page, "wechat.bound_now")
    assert urlsplit(page.url).path == "/mine", "where the person wanted to go"
    page.get_by_role("button", name=word("ui.sign_out")).first.click()
    page.goto("/sign-in")
    press(page, "wechat.tap")
    page.wait_for_url(re.compile("/home"))  # the part after # stays on: WeChat needs it


def told(page: Page) -> dict[str, Any]:
    """What the page has told WeChat, once it is done."""
    page.wait_for_selector("html[data-told]", state="attached")
    return dict(entry if len(entry) > 1 else (*entry, None) for entry in page.evaluate("window.wx.told"))


def test_inside_wechat_own_pages_stay_here_and_a_notice_becomes_a_card(  # type: ignore[no-untyped-def]
    page_of, connected: Server, wechat: WechatServer
) -> None:
    page: Page = page_of(phone=True)
    refused: list[str] = []
    page.on("console", lambda line: refused.append(line.text) if "Content Security" in line.text else None)
    sign_in(page, PEOPLE[0].student_number)
    page.goto("/mine?from=a#part")
    said = told(page)
    assert "menuItem:share:appMessage" in said["hideMenuItems"]["menuList"]
    signed = said["config"]
    assert signed["jsApiList"] == ["hideMenuItems"]
    assert signed["signature"] == page_signature(
        ticket="ticket-1", nonce=signed["nonceStr"], timestamp=signed["timestamp"], address=page.url
    )
    token = asked_of(connected, "SELECT token FROM notice_link")
    page.goto(f"/n/{token}?from=timeline")
    said = told(page)
    card = said["updateAppMessageShareData"]
    assert (card, "hideMenuItems" in said) == (said["updateTimelineShareData"], False)
    assert card["title"] == page.locator("h1").inner_text()
    assert card["link"] == f"{connected.address}/n/{token}"
    assert refused == []


@pytest.mark.parametrize("how", ["html", "hang_up"])
def test_when_the_script_of_wechat_does_not_come_the_page_is_as_it_was(  # type: ignore[no-untyped-def]
    how: str, page_of, wechat: WechatServer
) -> None:
    page: Page = page_of(phone=True)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    wechat.broken["/open/js/jweixin.js"] = how
    sign_in(page, PEOPLE[0].student_number)
    before = wechat.times("/open/js/jweixin.js")
    page.goto("/mine", wait_until="networkidle")
    assert wechat.times("/open/js/jweixin.js") > before
    wechat.broken.clear()
    assert page.evaluate("window.wx === undefined")
    page.get_by_role("link", name=word("channels.title")).first.click()
    sees(page, "channels.lead")
    assert problems == []


def asked_of(server: Server, query: str) -> Any:
    with closing(sqlite3.connect(server.data / "xuezhao.sqlite3")) as database:
        return database.execute(query).fetchone()[0]


def test_of_two_hosts_that_sign_pages_at_once_one_asks_wechat(  # type: ignore[no-untyped-def]
    connected: Server, second: Server, wechat: WechatServer
) -> None:
    for _ in range(3):
        assert signed_at_once(connected, second, wechat, "DELETE FROM wechat_credential") == [1, 1]
    wechat.forget_token()  # it ends at WeChat while both hosts still keep it: the first ticket is refused
    lost = "DELETE FROM wechat_credential WHERE name = 'jsapi_ticket'"
    assert signed_at_once(connected, second, wechat, lost) == [1, 2]


def signed_at_once(connected: Server, second: Server, wechat: WechatServer, lost: str) -> list[int]:
    """Both hosts sign many pages after a credential was lost; gives how often WeChat was asked for token and ticket."""
    with closing(sqlite3.connect(connected.data / "xuezhao.sqlite3")) as database, database:
        database.execute(lost)
    before = wechat.times("/cgi-bin/stable_token"), wechat.times("/cgi-bin/ticket/getticket")
    wechat.slow_seconds = 0.3
    with ThreadPoolExecutor() as threads:
        answers = list(threads.map(signature_of, [connected.address, second.address] * 4))
    wechat.slow_seconds = 0
    assert {answer.status_code for answer in answers} == {200}
    after = wechat.times("/cgi-bin/stable_token"), wechat.times("/cgi-bin/ticket/getticket")
    return [late - early for late, early in zip(after, before, strict=True)]


def signature_of(host: str) -> httpx.Response:
    return httpx.get(f"{host}/wechat/signature.json", headers={"Referer": f"{host}/mine"}, trust_env=False, timeout=20)


def test_staff_come_in_by_cas_and_its_single_logout_reaches_us(  # type: ignore[no-untyped-def]
    page_of, second: Server, cas: CasServer
) -> None:
    page: Page = page_of(phone=False)
    page.goto(f"{second.address}/console/review")
    with page.expect_request(re.compile("/staff/sign-on/back")) as came:
        press(page, "staff.sign_on.start")
    page.wait_for_url("**/console/review")
    ticket = parse_qs(urlsplit(came.value.url).query)["ticket"][0]
    told_us = httpx.post(
        f"{second.address}/staff/sign-on/back", data={"logoutRequest": logout_request(ticket)}, trust_env=False
    )
    assert told_us.status_code == 200
    page.reload()
    page.wait_for_url("**/staff/sign-in")
    press(page, "staff.sign_on.start")
    page.wait_for_url("**/console/review")
    page.get_by_role("button", name=word("ui.sign_out")).first.click()
    press(page, "staff.sign_on.out.there")
    page.wait_for_url(f"{cas.address}/cas/logout**")
    cas.person = "T9999"
    page.goto(f"{second.address}/staff/sign-in")
    press(page, "staff.sign_on.start")
    sees(page, "staff.sign_on.unknown.title")
    cas.broken = True
    page.goto(f"{second.address}/staff/sign-in")
    page.goto(f"{second.address}/staff/sign-on/back?state=guess&ticket=ST-guess")
    sees(page, "staff.sign_on.failed.state.title")


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


def test_the_pages_of_it_are_accessible_and_fit(  # type: ignore[no-untyped-def]
    page_of, connected: Server, wechat: WechatServer, college: OpenIdServer
) -> None:
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
    phone.goto("/mine/wechat/offer")
    press(phone, "wechat.bind")
    sees(phone, "wechat.bound_now")
    for address in ("/mine/wechat", "/mine/channels"):
        problems += look_at(phone, address, "bound")
    with closing(sqlite3.connect(connected.data / "xuezhao.sqlite3")) as database, database:
        for channel, reason, count in (("sms", "sms_ConnectTimeout", 12), ("wechat", "wechat_48001", 3)):
            database.execute(DEAD, (channel, reason, count))
    desk: Page = page_of(phone=False)
    desk.goto("/staff/sign-in")
    desk.get_by_text(word("staff.sign_on.by_password_admin")).click()
    desk.fill("[name=login]", "admin")
    desk.fill("[name=password]", "Demo-xuezhao-26")
    desk.press("[name=password]", "Enter")
    desk.wait_for_url(re.compile("/console"))
    for address in DESK:
        problems += look_at(desk, address)
    desk.set_viewport_size({"width": 360, "height": 780})
    problems += look_at(desk, "/console/settings/deliveries")
    assert problems == []


# messages of the demo that were given up
DEAD = """INSERT INTO delivery (message_id, channel, state, attempts, due_at, reason, created_at, ended_at)
SELECT id, ?, 'dead', 6, created_at, ?, created_at, created_at FROM message LIMIT ?"""


def look_at(page: Page, address: str, name: str = "") -> list[str]:
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    page.evaluate(AXE.read_text())
    found = []
    for theme, words in THEMES.items():
        page.evaluate(LOOK, words.split())
        found += _serious(page, f"{address} ({theme})")
        found += [f"{address} ({theme}): wider than the screen: {node}" for node in page.evaluate(WIDE)]
        _keep(page, f"outside {name}", address, str(page.viewport_size["width"]) if page.viewport_size else "", theme)
    return found
