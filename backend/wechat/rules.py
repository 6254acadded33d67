"""What WeChat's error codes mean for us, its two signatures, and which words are asked for. Pure.

Source of codes and signatures: WeChat's public documentation of official accounts and mini programs.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from backend.errors import DomainError


class App(StrEnum):
    """The doors of one college at WeChat; a person has another openid at each."""

    OFFICIAL = "official"  # 服务号
    MINI = "mini"  # 小程序


class Trouble(StrEnum):
    """What went wrong at WeChat, as far as it changes what we do."""

    STALE_CREDENTIAL = "stale_credential"  # our access token is old: get a fresh one and ask again
    STALE_CODE = "stale_code"  # the person's code was used or is too old: begin again
    TOO_OFTEN = "too_often"  # the quota is used up: later
    NOT_PERMITTED = "not_permitted"  # the account may not use this interface: an administrator must act
    NOT_REACHED = "not_reached"  # the person does not follow the account or has refused: not by this way
    BUSY = "busy"  # no answer, a broken one, or "system busy": later


TROUBLES: dict[int, Trouble] = {
    -1: Trouble.BUSY,  # system error
    40001: Trouble.STALE_CREDENTIAL,  # invalid credential, access_token is invalid or not latest
    40014: Trouble.STALE_CREDENTIAL,  # invalid access_token
    42001: Trouble.STALE_CREDENTIAL,  # access_token expired
    40029: Trouble.STALE_CODE,  # invalid code
    40163: Trouble.STALE_CODE,  # code been used
    40125: Trouble.NOT_PERMITTED,  # invalid appsecret
    45009: Trouble.TOO_OFTEN,  # reach max api daily quota limit
    45011: Trouble.TOO_OFTEN,  # api minute-quota reach limit
    40003: Trouble.NOT_REACHED,  # invalid openid
    43004: Trouble.NOT_REACHED,  # require subscribe
    43101: Trouble.NOT_REACHED,  # user refuse to accept the msg
}


def trouble_of(code: int) -> Trouble:
    """Codes that we do not know need a person: asking again would not help."""
    return TROUBLES.get(code, Trouble.NOT_PERMITTED)


class WechatTrouble(DomainError):
    """WeChat did not do it; facts: trouble, code (WeChat's number, 0 when there was no answer)."""

    code = "wechat_trouble"

    def __init__(self, trouble: Trouble, code: int = 0) -> None:
        super().__init__(trouble=trouble.value, code=code)
        self.trouble = trouble


class SnapshotVisitor(DomainError):
    """WeChat shows a snapshot of the page and lends a virtual account, which belongs to nobody."""

    code = "wechat_snapshot"


class WechatUnknown(DomainError):
    """This WeChat account is not bound to an account of ours; `ticket` binds it after a normal sign-in."""

    code = "wechat_unknown"

    def __init__(self, ticket: str) -> None:
        super().__init__()
        self.ticket = ticket


class BoundElsewhere(DomainError):
    """This WeChat account is bound to another person's account."""

    code = "wechat_bound_elsewhere"


class StaleTicket(DomainError):
    """The proof of the WeChat account is too old."""

    code = "wechat_stale_ticket"


TICKET_LASTS = timedelta(minutes=15)
EARLY = timedelta(minutes=5)  # a credential is refreshed so long before its end; WeChat itself renews it then
LEASE = timedelta(seconds=30)  # who refreshes has so long, then another may
# Ours: after "too often" no credential is asked for so long. A day's quota opens again at midnight, a minute's in a
# minute; five minutes are at most 288 questions a day from all pages together, and WeChat is back so soon after.
REST = timedelta(minutes=5)
PUSH_MAY_BE_OLD = timedelta(minutes=5)
MOST_OF_A_THING = 20  # characters in a `thing` of a template message; WeChat refuses more
MOST_OF_A_TITLE = 15  # and in the title of a one-time message
SCENES = 10_000  # numbers of one-time permissions; two of one number count as one


def page_signature(*, ticket: str, nonce: str, timestamp: int, address: str) -> str:
    """The JS-SDK signature of one page. address: as the browser has it, without the part after #."""
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={address.partition('#')[0]}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def push_signature(*, token: str, timestamp: str, nonce: str, sealed: str = "") -> str:
    """How WeChat signs what it sends to us. sealed: what stands in `Encrypt`, in the safe mode."""
    text = "".join(sorted((token, timestamp, nonce, *([sealed] if sealed else []))))
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def is_from_wechat(*, token: str, query: Mapping[str, str], now: datetime, sealed: str = "") -> bool:
    """Is the signature right, and not old? Without a token nothing is.

    sealed: the sealed message, which `msg_signature` covers; empty: `signature` covers the moment only.
    """
    timestamp = query.get("timestamp", "")
    if not token or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        return False
    expected = push_signature(token=token, timestamp=timestamp, nonce=query.get("nonce", ""), sealed=sealed)
    fresh = abs(now.timestamp() - int(timestamp)) <= PUSH_MAY_BE_OLD.total_seconds()
    given = query.get("msg_signature" if sealed else "signature", "")
    return fresh and hmac.compare_digest(expected.encode(), given.encode())


class Topic(StrEnum):
    """What somebody asks by a word."""

    PROGRESS = "progress"
    PHOTO = "photo"
    PROOFREAD = "proofread"


KEYWORDS: dict[Topic, tuple[str, ...]] = {
    Topic.PHOTO: ("照片", "图像", "photo"),
    Topic.PROOFREAD: ("校对", "proofread"),
    Topic.PROGRESS: ("进度", "状态", "progress"),
}


def topic_of(text: str) -> Topic | None:
    """The first topic whose word is in a short message; a long one is a letter, not a keyword."""
    plain = text.strip().lower()
    if len(plain) > 20:
        return None
    return next((topic for topic, words in KEYWORDS.items() if any(word in plain for word in words)), None)


def is_page_of(address: str, site: str) -> bool:
    """May this address be signed: is it a page of ours?"""
    asked, own = urlsplit(address), urlsplit(site)
    return (asked.scheme, asked.netloc) == (own.scheme, own.netloc) and len(address) <= 2000


def template_values(fields: str, *, title: str, text: str, time: str) -> dict[str, dict[str, str]]:
    """The data of a template message from the setting "thing1=title time2=time". Raises ValueError for another form."""
    values = {"title": title, "text": text, "time": time}
    data = {}
    for pair in fields.split():
        name, _, source = pair.partition("=")
        if source not in values:
            raise ValueError(f"wechat.template_fields: {pair}")
        value = values[source]
        data[name] = {"value": shortened(value, MOST_OF_A_THING) if name.startswith("thing") else value}
    return data


def shortened(text: str, most: int) -> str:
    """At most so many characters; what was cut ends in a sign that says so."""
    return text if len(text) <= most else text[: most - 1] + "…"
