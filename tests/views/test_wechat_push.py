"""WeChat's push in the safe mode: sealed both ways, nothing plain is taken, an old one not either."""

from __future__ import annotations

from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr

from backend import App
from backend.adapters.wechat_push import PushSeal
from backend.wechat.rules import push_signature
from tests.adapters.test_wechat import with_wechat
from tests.conftest import Clock
from tests.stand_ins.wechat import APPID, PUSH_TOKEN, WechatServer
from tests.views.test_wechat import phone, server, signed

KEY = "kZvGYbDKbtPbhv4LBWOcdsp5VktA3xe9epVhINevtGg"
ASKED = (
    "<xml><ToUserName>gh_1</ToUserName><FromUserName>o-lin</FromUserName><CreateTime>1</CreateTime>"
    "<MsgType>text</MsgType><Content>进度</Content><MsgId>1</MsgId></xml>"
)

__all__ = ["phone", "server"]  # fixtures


@pytest.fixture
def safe(app: App, phone: FlaskClient, server: WechatServer) -> FlaskClient:
    """The push, set to the safe mode."""
    app.parts = with_wechat(app.parts, server, push_aes_key=SecretStr(KEY))
    return phone


def sealed(clock: Clock, message: str = ASKED, *, late: int = 0, key: str = KEY) -> tuple[str, str]:
    """Address and body as WeChat sends them: both signatures stand in the address."""
    content = PushSeal(key=key, appid=APPID).seal(message.encode())
    timestamp = str(int(clock().timestamp()) - late)
    mark = push_signature(token=PUSH_TOKEN, timestamp=timestamp, nonce="n1", sealed=content)
    address = signed(clock, late=late, encrypt_type="aes", msg_signature=mark, openid="o-lin")
    return address, f"<xml><ToUserName>gh_1</ToUserName><Encrypt>{content}</Encrypt></xml>"


def test_a_sealed_question_gets_a_sealed_answer(safe: FlaskClient, clock: Clock) -> None:
    address, body = sealed(clock)
    answer = safe.post(address, data=body)
    assert answer.status_code == 200
    assert "绑定" not in answer.text
    said = ElementTree.fromstring(answer.text)  # noqa: S314 - our own answer
    parts = {name: said.findtext(name) or "" for name in ("Encrypt", "MsgSignature", "TimeStamp", "Nonce")}
    assert parts["MsgSignature"] == push_signature(
        token=PUSH_TOKEN, timestamp=parts["TimeStamp"], nonce=parts["Nonce"], sealed=parts["Encrypt"]
    )
    opened = ElementTree.fromstring(PushSeal(key=KEY, appid=APPID).open(parts["Encrypt"]))  # noqa: S314
    assert opened.findtext("ToUserName") == "o-lin"
    assert "还没有绑定" in (opened.findtext("Content") or "")


def test_what_needs_no_answer_is_taken_in_the_clear(safe: FlaskClient, clock: Clock) -> None:
    leaving = ASKED.replace("<MsgType>text</MsgType>", "<MsgType>event</MsgType><Event>unsubscribe</Event>")
    for message in (leaving, "not xml"):
        address, body = sealed(clock, message)
        answer = safe.post(address, data=body)
        assert (answer.status_code, answer.text) == (200, "success")


def test_a_plain_message_is_not_taken_any_more(safe: FlaskClient, clock: Clock) -> None:
    address, body = sealed(clock)
    assert safe.post(address, data=ASKED.encode()).status_code == 404
    assert safe.post(signed(clock), data=body).status_code == 404  # no signature of the sealed message
    both = body.replace("<Encrypt>", "<FromUserName>o-mei</FromUserName><Encrypt>")  # the mode for moving over
    assert safe.post(address, data=both).status_code == 200


def test_a_message_under_the_signature_of_another_is_refused(safe: FlaskClient, clock: Clock) -> None:
    address, _ = sealed(clock)
    _, other = sealed(clock, ASKED.replace("o-lin", "o-mei"))
    assert safe.post(address, data=other).status_code == 404


def test_an_old_message_sent_again_is_refused(safe: FlaskClient, clock: Clock) -> None:
    address, body = sealed(clock)
    clock.move(minutes=5, seconds=1)
    assert safe.post(address, data=body).status_code == 404
    address, body = sealed(clock, late=-301)
    assert safe.post(address, data=body).status_code == 404


def test_a_seal_of_another_key_is_refused(safe: FlaskClient, clock: Clock) -> None:
    address, body = sealed(clock, key=KEY[::-1])
    assert safe.post(address, data=body).status_code == 404


def test_the_address_proves_itself_in_the_safe_mode_too(safe: FlaskClient, clock: Clock) -> None:
    assert safe.get(signed(clock, echostr="hello")).text == "hello"


def test_the_plain_mode_reads_a_message_that_was_sent_both_ways(phone: FlaskClient, clock: Clock) -> None:
    both = ASKED.replace("</xml>", "<Encrypt>AAAA</Encrypt></xml>")
    answer = phone.post(f"{signed(clock)}&{urlencode({'encrypt_type': 'aes'})}", data=both.encode())
    assert "还没有绑定" in answer.text
