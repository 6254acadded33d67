"""WeChat's doors: one-tap sign-in, binding, permissions, answers to words, and nothing of it while it is off."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.etree import ElementTree

import httpx
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import App as FlaskApp
from backend.accounts.operations import resume
from backend.accounts.records import Account, SignIn
from backend.history.rules import SYSTEM
from backend.parts import Parts
from backend.photos.rules import Action
from backend.wechat.operations import bind_wechat, sign_in_with_code
from backend.wechat.queries import binding_of
from backend.wechat.records import WechatBinding, WechatPermission
from backend.wechat.rules import App, BoundElsewhere, StaleTicket, Topic, WechatUnknown, topic_of
from tests.adapters.test_wechat import with_wechat
from tests.conftest import Clock
from tests.factories import PASSWORD, Factory
from tests.journeys.conftest import WECHAT as AGENT
from tests.stand_ins.wechat import PUSH_TOKEN, WechatServer

ClientOf = Callable[[Account], FlaskClient]
SITE = "http://localhost"


@pytest.fixture
def server(app: FlaskApp, parts: Parts) -> Iterator[WechatServer]:
    with WechatServer() as running:
        app.parts = with_wechat(parts, running)
        yield running
    app.parts = parts


@pytest.fixture
def phone(app: FlaskApp, server: WechatServer) -> FlaskClient:
    """WeChat's own browser."""
    client = app.test_client()
    client.environ_base["HTTP_USER_AGENT"] = AGENT
    return client


def there_and_back(client: FlaskClient, address: str = "/wechat/sign-in") -> str:
    """By WeChat's page; gives the address with which the browser comes back."""
    left = client.get(address)
    assert left.status_code == 302, left.text
    assert left.location.endswith("#wechat_redirect")
    answer = httpx.get(left.location, follow_redirects=False, trust_env=False)
    back: str = answer.headers["location"]
    assert back.startswith(SITE)
    return back.removeprefix(SITE)


def test_what_is_sent_along_to_wechat_has_letters_and_digits_only(phone: FlaskClient, server: WechatServer) -> None:
    """It takes nothing else there, and answers with a page of its own."""
    odd = (
        "/connect/oauth2/authorize?appid=wx0000000000000001&scope=snsapi_base&response_type=code&redirect_uri=x&state="
    )
    for state, status in (("a-b", 400), ("a_b", 400), ("a" * 129, 400), ("a" * 128, 302)):
        assert httpx.get(server.address + odd + state, trust_env=False).status_code == status
    for _ in range(20):
        (state,) = parse_qs(urlsplit(phone.get("/wechat/sign-in").location).query)["state"]
        assert re.fullmatch(r"[A-Za-z0-9]{20,128}", state)


def bindings(session: Session) -> list[tuple[int, str]]:
    session.rollback()
    session.expire_all()
    return [(row.account_id, row.openid) for row in session.scalars(select(WechatBinding))]


def tap_in(client: FlaskClient) -> str:
    answer = client.get(there_and_back(client))
    assert answer.status_code == 303
    location: str = answer.location
    return location


def sign_in(client: FlaskClient, account: Account) -> str:
    answer = client.post("/sign-in", data={"login": account.login, "password": PASSWORD})
    assert answer.status_code == 303
    location: str = answer.location
    return location


def test_first_by_number_then_bound_then_one_tap(
    phone: FlaskClient, app: FlaskApp, make: Factory, session: Session
) -> None:
    lin = make.student_account()
    assert "/wechat/sign-in" in phone.get("/sign-in").text
    phone.get("/mine")  # where Lin wanted to go
    assert tap_in(phone) == "/sign-in"
    assert "还没有绑定" in phone.get("/sign-in").text
    assert sign_in(phone, lin) == "/mine/wechat/offer"
    assert bindings(session) == []  # nothing happens without the tap on the offer
    assert phone.post("/mine/wechat/offer", data={"answer": "yes"}).location == "/mine"
    assert bindings(session) == [(lin.id, "o-lin")]
    phone.post("/sign-out")
    fresh = app.test_client()
    fresh.environ_base["HTTP_USER_AGENT"] = AGENT
    assert tap_in(fresh) == "/home"
    assert fresh.get("/home").status_code == 200
    session.rollback()
    assert session.scalars(select(SignIn.method).order_by(SignIn.id.desc())).first() == "wechat"


def test_the_offer_may_be_declined(phone: FlaskClient, make: Factory, session: Session) -> None:
    tap_in(phone)
    sign_in(phone, make.student_account())
    assert phone.get("/mine/wechat/offer").status_code == 200
    assert phone.post("/mine/wechat/offer", data={"answer": "no"}).location == "/home"
    assert bindings(session) == []
    assert phone.get("/mine/wechat/offer").location == "/home"


def test_an_offer_that_lay_too_long_binds_nothing(
    phone: FlaskClient, make: Factory, session: Session, clock: Clock
) -> None:
    tap_in(phone)
    sign_in(phone, make.student_account())
    clock.move(minutes=16)
    assert phone.post("/mine/wechat/offer", data={"answer": "yes"}).location == "/home"
    assert bindings(session) == []


def test_binding_and_unbinding_in_the_own_corner(
    phone: FlaskClient, make: Factory, session: Session, server: WechatServer
) -> None:
    lin = make.student_account()
    sign_in(phone, lin)
    assert "/mine/wechat/bind" in phone.get("/mine/wechat").text
    assert phone.get(there_and_back(phone, "/mine/wechat/bind")).location == "/mine/wechat"
    assert bindings(session) == [(lin.id, "o-lin")]
    server.person = "o-new-phone"
    phone.get(there_and_back(phone, "/mine/wechat/bind"))
    assert bindings(session) == [(lin.id, "o-new-phone")]
    assert phone.post("/mine/wechat/official/unbind").location == "/mine/wechat"
    assert bindings(session) == []
    assert phone.post("/mine/wechat/official/unbind").status_code == 404
    assert phone.post("/mine/wechat/other/unbind").status_code == 404


def test_one_wechat_account_belongs_to_one_person(
    phone: FlaskClient, app: FlaskApp, make: Factory, session: Session
) -> None:
    lin, mei = make.student_account(), make.student_account()
    sign_in(phone, lin)
    phone.get(there_and_back(phone, "/mine/wechat/bind"))
    sign_in(phone, mei)
    answer = phone.get(there_and_back(phone, "/mine/wechat/bind"))
    assert (answer.status_code, "已绑定另一个账号" in answer.text) == (403, True)
    assert bindings(session) == [(lin.id, "o-lin")]


def test_a_snapshot_is_refused_kindly(
    phone: FlaskClient, server: WechatServer, make: Factory, session: Session
) -> None:
    server.snapshot = True
    answer = phone.get(there_and_back(phone))
    assert (answer.status_code, "使用完整服务" in answer.text) == (403, True)
    sign_in(phone, make.student_account())
    assert phone.get(there_and_back(phone, "/mine/wechat/bind")).status_code == 403
    assert bindings(session) == []


def test_an_answer_of_wechat_works_once_in_the_browser_that_asked(
    phone: FlaskClient, app: FlaskApp, make: Factory, session: Session, clock: Clock
) -> None:
    lin = make.student_account()
    sign_in(phone, lin)
    phone.get(there_and_back(phone, "/mine/wechat/bind"))
    phone.post("/sign-out")
    stolen = there_and_back(phone)
    stranger = app.test_client()
    assert stranger.get(stolen).status_code == 403
    there_and_back(stranger)
    assert stranger.get(stolen).status_code == 403
    assert phone.get(stolen).location == "/home"
    assert phone.get(stolen).status_code == 403
    late = there_and_back(stranger)
    clock.move(minutes=11)
    assert stranger.get(late).status_code == 403


def test_a_used_code_asks_for_another_tap_and_a_silent_server_for_the_password(
    phone: FlaskClient, server: WechatServer
) -> None:
    for make_worthless in (lambda: server.used.update(server.codes), server.codes.clear):
        back = there_and_back(phone)
        make_worthless()
        answer = phone.get(back)
        assert (answer.status_code, "再点一次" in answer.text) == (403, True)
    back = there_and_back(phone)
    server.broken["/sns/oauth2/access_token"] = "html"
    answer = phone.get(back)
    assert (answer.status_code, "/sign-in" in answer.text) == (503, True)


def test_a_closed_account_does_not_come_in_by_wechat(
    phone: FlaskClient, make: Factory, session: Session, clock: Clock
) -> None:
    lin = make.student_account()
    sign_in(phone, lin)
    phone.get(there_and_back(phone, "/mine/wechat/bind"))
    phone.post("/sign-out")
    session.get_one(Account, lin.id).active = False
    session.commit()
    assert tap_in(phone) == "/sign-in"


def test_staff_bind_nothing(phone: FlaskClient, make: Factory, client_of: ClientOf, session: Session) -> None:
    wang = client_of(make.staff())
    assert wang.get("/mine/wechat").status_code == 404
    assert wang.get("/mine/wechat/bind").status_code == 404


def test_the_pages_of_the_corner_are_for_signed_in_students(app: FlaskApp, server: WechatServer) -> None:
    for address in ("/mine/wechat", "/mine/wechat/bind", "/mine/wechat/offer", "/mine/wechat/allow"):
        assert app.test_client().get(address).location == "/sign-in"


def test_one_permission_is_one_message(
    phone: FlaskClient, make: Factory, session: Session, server: WechatServer
) -> None:
    lin = make.student_account()
    sign_in(phone, lin)
    assert phone.get("/mine/wechat/allow").status_code == 404  # not bound yet
    phone.get(there_and_back(phone, "/mine/wechat/bind"))
    assert "/mine/wechat/allow" in phone.get("/mine/channels").text
    for expected in (1, 2):
        back = there_and_back(phone, "/mine/wechat/allow")
        assert phone.get(back).location == "/mine/channels"
        assert phone.get(back).location == "/mine/channels"  # twice is once
        session.rollback()
        assert len(session.scalars(select(WechatPermission.id)).all()) == expected


def test_a_permission_that_was_not_given_is_not_counted_and_said_so(
    phone: FlaskClient, make: Factory, session: Session, server: WechatServer
) -> None:
    sign_in(phone, make.student_account())
    phone.get(there_and_back(phone, "/mine/wechat/bind"))

    def come_back(old: str, new: str) -> str:
        back = there_and_back(phone, "/mine/wechat/allow")
        assert old in back
        assert phone.get(back.replace(old, new)).location == "/mine/channels"
        return phone.get("/mine/channels").text

    assert "没有允许也没关系" in come_back("action=confirm", "action=cancel")
    assert "不是您绑定的那个微信" in come_back("openid=o-lin", "openid=o-mei")
    assert "不是您绑定的那个微信" in come_back("openid=o-lin", "openid=")
    for old, new in (("reserved=", "reserved=0"), ("scene=", "scene=7")):  # a link of somebody else
        assert "下一次有结果时会发微信" not in come_back(old, new)
    session.rollback()
    assert session.scalars(select(WechatPermission.id)).all() == []


def test_a_page_of_ours_is_signed_and_no_other(phone: FlaskClient, server: WechatServer) -> None:
    own = f"{SITE}/mine/channels?a=1"
    answer = phone.get("/wechat/signature.json", headers={"Referer": own + "#part"}).get_json()
    line = f"jsapi_ticket=ticket-1&noncestr={answer['nonceStr']}&timestamp={answer['timestamp']}&url={own}"
    assert answer["signature"] == hashlib.sha1(line.encode(), usedforsecurity=False).hexdigest()
    for other in ("https://elsewhere.example/", f"{SITE}.elsewhere.example/", ""):
        assert phone.get("/wechat/signature.json", headers={"Referer": other}).status_code == 404


def test_without_an_answer_of_wechat_a_page_goes_on_unsigned(phone: FlaskClient, server: WechatServer) -> None:
    server.broken["/cgi-bin/stable_token"] = "html"
    answer = phone.get("/wechat/signature.json", headers={"Referer": f"{SITE}/mine"})
    assert (answer.status_code, answer.get_json()["code"]) == (503, "wechat_trouble")


def test_the_proof_of_the_domain_is_given_for_its_code_only(phone: FlaskClient) -> None:
    assert phone.get("/MP_verify_a1B2c3.txt").text == "a1B2c3"
    assert phone.get("/MP_verify_other.txt").status_code == 404


# what WeChat sends to us


def signed(clock: Clock, *, token: str = PUSH_TOKEN, late: int = 0, **more: str) -> str:
    timestamp, nonce = str(int(clock().timestamp()) - late), "n1"
    text = "".join(sorted((token, timestamp, nonce)))
    signature = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    return "/wechat/push?" + urlencode({"signature": signature, "timestamp": timestamp, "nonce": nonce, **more})


def write(client: FlaskClient, clock: Clock, content: str, person: str = "o-lin") -> str:
    """Send a text message to the official account; gives the text of the reply."""
    body = (
        f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[{person}]]></FromUserName>"
        f"<CreateTime>1</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{content}]]></Content>"
        "<MsgId>1</MsgId></xml>"
    )
    answer = client.post(signed(clock), data=body.encode(), content_type="text/xml")
    assert answer.status_code == 200
    reply = ElementTree.fromstring(answer.text)  # noqa: S314 - our own answer
    assert reply.findtext("ToUserName") == person
    assert reply.findtext("FromUserName") == "gh_1"
    return reply.findtext("Content") or ""


def bind(parts: Parts, session: Session, account: Account, server: WechatServer, clock: Clock) -> None:
    with pytest.raises(WechatUnknown) as caught:
        sign_in_with_code(
            session,
            platform=parts.wechat,
            app=App.OFFICIAL,
            code=server.new_code(),
            device="t",
            policy=parts.policy,
            now=clock(),
        )
    bind_wechat(session, account_id=account.id, ticket=caught.value.ticket, actor=SYSTEM, now=clock())


def test_the_address_proves_itself_to_wechat(phone: FlaskClient, clock: Clock) -> None:
    assert phone.get(signed(clock, echostr="hello")).text == "hello"
    assert phone.get(signed(clock, token="guess", echostr="hello")).status_code == 404
    assert phone.get(signed(clock, late=301, echostr="hello")).status_code == 404
    assert phone.get("/wechat/push?echostr=hello").status_code == 404
    assert phone.post("/wechat/push", data=b"<xml/>").status_code == 404


def test_words_are_answered_with_where_the_person_stands(
    phone: FlaskClient, app: FlaskApp, make: Factory, session: Session, server: WechatServer, clock: Clock
) -> None:
    student = make.student()
    account = make.student_account(student)
    assert "还没有绑定" in write(phone, clock, "进度")
    bind(app.parts, session, account, server, clock)
    assert "核对您的学籍信息" in write(phone, clock, " 进度 ")
    assert "还没有提交" in write(phone, clock, "照片")
    make.settle(student)
    make.submitted(student)
    assert "等学习中心审核" in write(phone, clock, "我的照片怎样了")
    make.reviewed(student, Action.RETURN, ("BLUR",))
    assert "请您重拍" in write(phone, clock, "照片")
    assert "现在不用校对" in write(phone, clock, "校对")
    for word in ("进度", "照片", "校对"):
        said = write(phone, clock, word)
        assert student.name not in said
        assert student.student_number not in said
        assert f"{SITE}/home" in said
    assert "回复「进度」" in write(phone, clock, "在吗")


def test_following_and_leaving_are_noted(
    phone: FlaskClient, app: FlaskApp, make: Factory, session: Session, server: WechatServer, clock: Clock
) -> None:
    account = make.student_account()
    bind(app.parts, session, account, server, clock)
    for event, follows in (("subscribe", True), ("unsubscribe", False)):
        body = (
            "<xml><ToUserName>gh_1</ToUserName><FromUserName>o-lin</FromUserName><CreateTime>1</CreateTime>"
            f"<MsgType>event</MsgType><Event>{event}</Event></xml>"
        )
        answer = phone.post(signed(clock), data=body)
        assert ("欢迎" in answer.text) is follows
        session.rollback()
        session.expire_all()
        found = binding_of(session, account.id)
        assert found is not None
        assert found.follows is follows


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><xml><Content>&b;</Content></xml>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml/>',
        b"<xml><Content>",
        b"not xml",
        b"",
        b"<a>" * 5000,
        b"<xml>" + b"x" * 70_000 + b"</xml>",
    ],
    ids=["entities", "outside", "unfinished", "no xml", "nothing", "deep", "large"],
)
def test_odd_xml_is_taken_and_forgotten(phone: FlaskClient, clock: Clock, body: bytes) -> None:
    answer = phone.post(signed(clock), data=body)
    assert (answer.status_code, answer.text) == (200, "success")


def test_a_reply_cannot_be_broken_out_of(phone: FlaskClient, clock: Clock) -> None:
    assert write(phone, clock, "]]&gt;<x>", person="o-&amp;")  # parsed as XML inside `write`


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("进度", Topic.PROGRESS),
        ("查一下照片进度", Topic.PHOTO),
        ("Proofread?", Topic.PROOFREAD),
        ("校对", Topic.PROOFREAD),
        ("你好", None),
        ("照片" + "很" * 30, None),
    ],
)
def test_the_topic_of_a_word(text: str, topic: Topic | None) -> None:
    assert topic_of(text) is topic


# the mini program


def test_the_mini_program_signs_in_by_code_and_binds_after_a_normal_sign_in(
    app: FlaskApp, make: Factory, session: Session, server: WechatServer, clock: Clock
) -> None:
    lin, mei, parts = make.student_account(), make.student_account(), app.parts

    def enter() -> str:
        return sign_in_with_code(
            session,
            platform=parts.wechat,
            app=App.MINI,
            code=server.new_code(),
            device="WeChat, iPhone",
            policy=parts.policy,
            now=clock(),
        )

    with pytest.raises(WechatUnknown) as caught:
        enter()
    ticket = caught.value.ticket
    assert "o-lin" not in ticket
    values = {"actor": SYSTEM, "now": clock()}
    with pytest.raises(StaleTicket):
        bind_wechat(session, account_id=lin.id, ticket=ticket[:-4] + "AAA=", **values)  # type: ignore[arg-type]
    bind_wechat(session, account_id=lin.id, ticket=ticket, **values)  # type: ignore[arg-type]
    bind_wechat(session, account_id=lin.id, ticket=ticket, **values)  # type: ignore[arg-type]
    with pytest.raises(BoundElsewhere):
        bind_wechat(session, account_id=mei.id, ticket=ticket, **values)  # type: ignore[arg-type]
    found = resume(session, token=enter(), policy=parts.policy, now=clock())
    assert found is not None
    assert (found.account_id, found.method) == (lin.id, "mini_program")
    assert binding_of(session, lin.id) is None  # the official account is another door
    clock.move(minutes=16)
    with pytest.raises(StaleTicket):
        bind_wechat(session, account_id=mei.id, ticket=ticket, actor=SYSTEM, now=clock())


def test_the_mini_program_gets_a_token_by_code_and_an_unknown_one_a_ticket(
    app: FlaskApp, make: Factory, session: Session, server: WechatServer
) -> None:
    lin = make.student_account()
    mini = app.test_client(use_cookies=False)
    english = {"Accept-Language": "en"}

    unknown = mini.post("/api/v1/sessions/wechat", json={"code": server.new_code()}, headers=english)
    assert (unknown.status_code, unknown.json["code"]) == (409, "wechat_unknown")
    assert unknown.json["message"].isascii()
    assert "o-lin" not in unknown.text
    ticket = unknown.json["fields"]["wechat_ticket"]

    person = {"student_number": lin.login, "password": PASSWORD}
    forged = mini.post("/api/v1/sessions", json={**person, "wechat_ticket": ticket[:-4] + "AAA="})
    assert (forged.status_code, forged.json["code"]) == (409, "wechat_stale_ticket")
    bound = mini.post("/api/v1/sessions", json={**person, "wechat_ticket": ticket})
    assert bound.status_code == 201

    known = mini.post("/api/v1/sessions/wechat", json={"code": server.new_code()})
    assert (known.status_code, known.json["token_type"]) == (201, "Bearer")
    home = mini.get("/api/v1/home", headers={"Authorization": f"Bearer {known.json['token']}"})
    session.rollback()
    assert home.json["student_number"] == lin.login

    used = server.new_code()
    assert mini.post("/api/v1/sessions/wechat", json={"code": used}).status_code == 201
    again = mini.post("/api/v1/sessions/wechat", json={"code": used}, headers=english)
    assert again.status_code == 422
    assert again.json["code"].startswith("wechat_")
    odd = mini.post("/api/v1/sessions/wechat", json={"code": ""})
    assert (odd.status_code, odd.json["code"]) == (422, "invalid")


def test_a_broken_wechat_is_busy_and_not_the_students_fault(app: FlaskApp, server: WechatServer) -> None:
    mini = app.test_client(use_cookies=False)
    for broken in ("hang_up", "html", "list"):
        server.broken["/sns/jscode2session"] = broken
        answer = mini.post("/api/v1/sessions/wechat", json={"code": server.new_code()})
        assert (answer.status_code, answer.json["code"].partition("_")[0]) == (503, "wechat"), broken
        assert (answer.json["retry_after_ms"], answer.headers["Retry-After"]) == (5000, "5")


@pytest.mark.parametrize("code", [45009, 45011, 48001])
def test_who_comes_when_wechat_takes_nobody_is_not_asked_to_hurry(
    app: FlaskApp, server: WechatServer, code: int
) -> None:
    """The day's count is used up, or an administrator has to act."""
    server.trouble["/sns/jscode2session"] = [code]
    answer = app.test_client(use_cookies=False).post("/api/v1/sessions/wechat", json={"code": server.new_code()})
    assert (answer.status_code, answer.json["retry_after_ms"], answer.headers["Retry-After"]) == (503, 300_000, "300")


def test_without_a_mini_program_there_is_no_such_door(app: FlaskApp) -> None:
    answer = app.test_client(use_cookies=False).post("/api/v1/sessions/wechat", json={"code": "any"})
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def bound_by_mini(app: FlaskApp, lin: Account, server: WechatServer) -> None:
    mini = app.test_client(use_cookies=False)
    unknown = mini.post("/api/v1/sessions/wechat", json={"code": server.new_code()})
    ticket = unknown.json["fields"]["wechat_ticket"]
    said = {"student_number": lin.login, "password": PASSWORD, "wechat_ticket": ticket}
    assert mini.post("/api/v1/sessions", json=said).status_code == 201


def test_with_a_mini_program_alone_its_binding_is_shown_and_taken_back(
    app: FlaskApp, make: Factory, client_of: ClientOf, session: Session, server: WechatServer, parts: Parts
) -> None:
    app.parts = with_wechat(parts, server, appid="")
    lin = make.student_account()
    browser = client_of(lin)
    assert "/mine/wechat" in browser.get("/mine").text
    assert "在小程序里用学号登录时可以绑定" in browser.get("/mine/wechat").text
    assert browser.get("/mine/wechat/bind").status_code == 404
    bound_by_mini(app, lin, server)
    page = browser.get("/mine/wechat").text
    assert "小程序" in page
    assert "审核结果也会发到微信" not in page  # a mini program signs in, and tells nothing
    assert browser.post("/mine/wechat/mini/unbind").location == "/mine/wechat"
    page = browser.get("/mine/wechat").text
    assert "下次进小程序要用学号登录" in page
    assert "在小程序里用学号登录时可以绑定" in page
    assert bindings(session) == []


def test_a_binding_at_the_mini_program_leaves_the_other_door_to_be_bound(
    phone: FlaskClient, app: FlaskApp, make: Factory, session: Session, server: WechatServer
) -> None:
    lin = make.student_account()
    bound_by_mini(app, lin, server)
    elsewhere = app.test_client()
    sign_in(elsewhere, lin)
    assert "请在微信里打开" in elsewhere.get("/mine/wechat").text
    sign_in(phone, lin)
    assert "/mine/wechat/bind" in phone.get("/mine/wechat").text
    phone.get(there_and_back(phone, "/mine/wechat/bind"))
    page = phone.get("/mine/wechat").text
    assert "/mine/wechat/bind" not in page
    assert ("/mine/wechat/official/unbind" in page, "/mine/wechat/mini/unbind" in page) == (True, True)
    assert "请在微信里打开" not in elsewhere.get("/mine/wechat").text
    assert len(bindings(session)) == 2


def test_what_was_bound_is_taken_back_after_wechat_was_switched_off(
    app: FlaskApp, make: Factory, client_of: ClientOf, session: Session, server: WechatServer, parts: Parts
) -> None:
    lin = make.student_account()
    bound_by_mini(app, lin, server)
    app.parts = with_wechat(parts, server, appid="", mini_appid="")
    browser = client_of(lin)
    assert "/mine/wechat" in browser.get("/mine").text
    assert "/mine/wechat/mini/unbind" in browser.get("/mine/wechat").text
    assert browser.post("/mine/wechat/mini/unbind").location == "/mine"
    assert "/mine/wechat" not in browser.get("/mine").text
    assert bindings(session) == []


# off


def test_without_an_appid_there_is_nothing_of_it(app: FlaskApp, make: Factory, client_of: ClientOf) -> None:
    phone = app.test_client()
    phone.environ_base["HTTP_USER_AGENT"] = AGENT
    assert "/wechat/" not in phone.get("/sign-in").text
    for address in ("/wechat/sign-in", "/wechat/back", "/wechat/allowed", "/wechat/push", "/wechat/signature.json"):
        assert phone.get(address).status_code == 404, address
    assert phone.post("/wechat/push").status_code == 404
    assert phone.get("/MP_verify_.txt").status_code == 404
    lin = client_of(make.student_account())
    assert lin.get("/mine/wechat").status_code == 404
    assert "/mine/wechat" not in lin.get("/mine").text
    assert "还没有开通站外提醒" in lin.get("/mine/channels").text
