"""WeChat's script on our pages: only inside WeChat, only where it does something, and the policy knows only then."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from backend import App
from backend.accounts.records import Account
from backend.notices.records import NoticeLink
from tests.factories import Factory
from tests.journeys.conftest import WECHAT as AGENT
from tests.stand_ins.wechat import WechatServer
from tests.views.test_alumni import World, applied, world
from tests.views.test_notice import link
from tests.views.test_wechat import phone, server, sign_in

ClientOf = Callable[[Account], FlaskClient]
SITE = "http://localhost"

__all__ = ["link", "phone", "server", "world"]  # fixtures


def looked_at(client: FlaskClient, address: str) -> tuple[str | None, str]:
    """What the page wants to share, None when it loads nothing from WeChat; and the policy that came with it."""
    answer = client.get(address)
    found = re.search(r'<meta name="wechat-script" content="([^"]*)"[^>]* data-share="(\w+)"', answer.text)
    return (found[2] if found else None), answer.headers["Content-Security-Policy"]


def test_a_personal_page_is_not_passed_on(phone: FlaskClient, server: WechatServer, make: Factory) -> None:
    sign_in(phone, make.student_account())
    for address in ("/home", "/mine", "/messages", "/mine/wechat", "/nothing/here"):
        share, policy = looked_at(phone, address)
        assert share == "none", address
        script = f"{server.address}/open/js/jweixin.js"
        assert re.search(rf"script-src 'self' 'nonce-[^']+' {re.escape(script)};", policy), address
        assert "frame-src 'self' weixin: wvjbscheme:" in policy
        assert "connect-src 'self';" in policy


def test_a_notice_is_passed_on_as_a_card_that_says_nothing_of_the_sender(
    phone: FlaskClient, link: NoticeLink, make: Factory
) -> None:
    lin = make.student_account()
    sign_in(phone, lin)
    address = f"/n/{link.token}"
    share, policy = looked_at(phone, f"{address}?from=singlemessage&isappinstalled=0")
    assert (share, "jweixin" in policy) == ("card", True)
    page = phone.get(f"{address}?from=singlemessage").text
    card = dict(re.findall(r'<meta property="og:(\w+)" content="([^"]*)">', page))
    assert card["title"] == link.notice.title
    assert card["url"] == f"{SITE}{address}"
    assert card["image"].startswith(f"{SITE}/assets/")
    assert lin.display_name not in "".join(card.values())
    with phone.get(card["image"].removeprefix(SITE)) as picture:
        assert picture.mimetype == "image/png"


@pytest.mark.parametrize("address", ["/", "/sign-in", "/help", "/privacy", "/staff/sign-in"])
def test_a_page_that_needs_nothing_of_wechat_loads_nothing(phone: FlaskClient, address: str) -> None:
    share, policy = looked_at(phone, address)
    assert (share, "jweixin" in policy, "frame-src" in policy) == (None, False, False)


def test_another_browser_loads_nothing_of_wechat(
    app: App, server: WechatServer, link: NoticeLink, make: Factory, client_of: ClientOf
) -> None:
    browser = client_of(make.student_account())
    for address in ("/home", f"/n/{link.token}"):
        share, policy = looked_at(browser, address)
        assert (share, "jweixin" in policy) == (None, False)


def test_without_an_appid_nothing_is_loaded_inside_wechat_either(
    app: App, link: NoticeLink, make: Factory, client_of: ClientOf
) -> None:
    browser = client_of(make.student_account())
    browser.environ_base["HTTP_USER_AGENT"] = AGENT
    for address in ("/home", f"/n/{link.token}"):
        share, policy = looked_at(browser, address)
        assert (share, "res.wx.qq.com" in policy) == (None, False)
    assert 'property="og:title"' in browser.get(f"/n/{link.token}").text  # other programs make cards too


def test_an_answer_that_is_no_page_keeps_the_narrow_policy(phone: FlaskClient, make: Factory) -> None:
    sign_in(phone, make.student_account())
    for address in ("/app.webmanifest", "/service-worker.js", "/wechat/signature.json"):
        answer = phone.get(address, headers={"Referer": f"{SITE}/home"})
        assert answer.status_code == 200
        assert "jweixin" not in answer.headers["Content-Security-Policy"]


def test_the_application_of_a_graduate_is_personal_though_nobody_is_signed_in(phone: FlaskClient, world: World) -> None:
    assert looked_at(phone, "/alumni/application")[0] is None  # asks for number and code
    applied(phone, world)
    for address in ("/alumni/application", "/alumni/application/withdraw"):
        assert looked_at(phone, address)[0] == "none", address
