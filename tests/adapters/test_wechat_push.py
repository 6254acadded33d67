"""The safe mode of WeChat's message push: what openssl seals we open, what we seal another hand opens."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from backend.adapters.wechat_push import NotSealed, PushSeal
from backend.wechat.rules import push_signature

KEY, APPID = "kZvGYbDKbtPbhv4LBWOcdsp5VktA3xe9epVhINevtGg", "wx0000000000000001"
MESSAGE = (
    "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[o-lin]]></FromUserName>"
    "<CreateTime>1409659589</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[进度]]></Content>"
    "<MsgId>1</MsgId></xml>"
)
# printf of salt, length, MESSAGE, APPID and filling | openssl enc -aes-256-cbc -nopad -K ... -iv ... -a -A
SEALED = (
    "3rVzEIp7ikvem4kLKHwWOFsMQGlguPfyICXm63r6sIH4jwa0ELilNLCPQ7zgf9Q/CNbLVD6FPvloW0O23LodRjtbReSqZQL0"
    "QYUxQAg/vBugfFx6/eWydNhZcHvvU7F3k9mWIy+tyImHlWsiNCqtDmIIixoLk0VMcfJJq1FewK/fy0jMNNLPfoDE/3Ueg5iW"
    "aP83gZwg5YwNnp9Is6VloR1A+ma3nYuGPNsniy41X3FpYmMhtouomlR6Jc4j1Qe3/6E7dqHSYQ/OOpxPlr/OlVYqm6zp0P8n"
    "FTKTfHQhgNkRaPkXGBgDgG9yzq++lyROO1K2qRTeXLKd9fNfBpGdgcml4rxlRSUCcT7wE2X0AUpXSVfvoqWAqqUv2DGCBAK1"
)
# printf "%s\\n" push-token 1409659589 263014780 SEALED | LC_ALL=C sort | tr -d "\\n" | sha1sum
SIGNATURE = "f0415b18aa9f4a3d9edf12599701cf35da37464a"


def seal() -> PushSeal:
    return PushSeal(key=KEY, appid=APPID)


def blocks_of(content: bytes, *, opens: bool) -> bytes:
    """The chain by hand, block after block: each one is mixed with the sealed one before it."""
    key = base64.b64decode(KEY + "=")
    before, result = key[:16], b""
    for start in range(0, len(content), 16):
        block = content[start : start + 16]
        single = Cipher(algorithms.AES(key), modes.CBC(bytes(16)))  # one block after nothing is the block alone
        if opens:
            result += mixed(single.decryptor().update(block), before)
            before = block
        else:
            before = single.encryptor().update(mixed(block, before))
            result += before
    return result


def mixed(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def by_hand(message: bytes, *, length: int | None = None, appid: str = APPID) -> str:
    """Sealed as the documentation describes it. length: another than the true one."""
    plain = b"r" * 16 + (len(message) if length is None else length).to_bytes(4, "big") + message + appid.encode()
    fill = 32 - len(plain) % 32
    return base64.b64encode(blocks_of(plain + bytes([fill]) * fill, opens=False)).decode()


def test_what_openssl_has_sealed_is_opened() -> None:
    assert seal().open(SEALED).decode() == MESSAGE
    assert by_hand(MESSAGE.encode()) != SEALED  # another salt
    assert seal().open(by_hand(MESSAGE.encode())).decode() == MESSAGE


def test_the_signature_covers_the_sealed_message() -> None:
    values = {"token": "push-token", "timestamp": "1409659589", "nonce": "263014780"}
    assert push_signature(**values, sealed=SEALED) == SIGNATURE
    assert push_signature(**values, sealed=SEALED[:-4] + "AAAA") != SIGNATURE


@pytest.mark.parametrize("letters", [0, 1, 10, 26, 27, 42, 5000])
def test_a_reply_is_opened_by_another_hand(letters: int) -> None:
    message = b"x" * letters
    first, second = seal().seal(message), seal().seal(message)
    assert first != second
    plain = blocks_of(base64.b64decode(first), opens=True)
    assert len(plain) % 32 == 0
    assert 1 <= plain[-1] <= 32
    assert plain[16:20] == letters.to_bytes(4, "big")
    assert plain[20 : -plain[-1]] == message + APPID.encode()


@pytest.mark.parametrize(
    "sealed",
    [
        "",
        "AAAA",
        "not base64!",
        base64.b64encode(bytes(64)).decode(),
        SEALED[:-24],
        by_hand(b"hello", appid="wx0000000000000009"),
        by_hand(b"hello", length=4),
        by_hand(b"hello", length=2**31),
        base64.b64encode(blocks_of(bytes(31) + b"\x21", opens=False)).decode(),
        base64.b64encode(blocks_of(bytes(31) + b"\x00", opens=False)).decode(),
        base64.b64encode(blocks_of(b"\x10" * 16, opens=False)).decode(),
    ],
    ids=[
        *("nothing", "no block", "no base64", "zeros", "cut", "another account", "short", "long"),
        *("filled too far", "not filled", "only filling"),
    ],
)
def test_what_is_not_ours_is_not_opened(sealed: str) -> None:
    with pytest.raises(NotSealed):
        seal().open(sealed)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(NotSealed):
        PushSeal(key=KEY[::-1], appid=APPID).open(SEALED)
