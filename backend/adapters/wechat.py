"""WeChat's server over HTTP, and messages by it. Field names are those of its public documentation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from sqlalchemy.orm import Session, sessionmaker

from backend.adapters.outside import client
from backend.days import ZONE
from backend.ports import DeliveryFailed, Outgoing, Visitor
from backend.settings import Wechat
from backend.wechat.credentials import Credentials
from backend.wechat.operations import use_permission
from backend.wechat.rules import MOST_OF_A_TITLE, Trouble, WechatTrouble, shortened, template_values, trouble_of


class WechatServer:
    """Implements ports.WechatPlatform. Secrets and tokens stand in addresses there: they are never logged here."""

    def __init__(self, settings: Wechat) -> None:
        self._settings = settings

    def token(self, *, force: bool) -> tuple[str, int]:
        asked = {
            "grant_type": "client_credential",
            "appid": self._settings.appid,
            "secret": self._settings.app_secret.get_secret_value(),
            "force_refresh": force,
        }
        try:
            said = self._call("POST", "/cgi-bin/stable_token", json=asked)
        except WechatTrouble as error:
            if error.trouble is Trouble.STALE_CREDENTIAL:  # here 40001 means that the AppSecret is wrong
                raise WechatTrouble(Trouble.NOT_PERMITTED, 40001) from None
            raise
        return _text(said, "access_token"), _seconds(said)

    def ticket(self, token: str) -> tuple[str, int]:
        said = self._call("GET", "/cgi-bin/ticket/getticket", params={"access_token": token, "type": "jsapi"})
        return _text(said, "ticket"), _seconds(said)

    def visitor(self, code: str) -> Visitor:
        asked = {
            "appid": self._settings.appid,
            "secret": self._settings.app_secret.get_secret_value(),
            "code": code,
            "grant_type": "authorization_code",
        }
        said = self._call("GET", "/sns/oauth2/access_token", params=asked)
        return Visitor(_text(said, "openid"), snapshot=said.get("is_snapshotuser") == 1)

    def mini_visitor(self, code: str) -> Visitor:
        asked = {
            "appid": self._settings.mini_appid,
            "secret": self._settings.mini_secret.get_secret_value(),
            "js_code": code,
            "grant_type": "authorization_code",
        }
        return Visitor(_text(self._call("GET", "/sns/jscode2session", params=asked), "openid"))

    def send_template(self, token: str, *, openid: str, message: Outgoing) -> None:
        time = message.at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
        data = template_values(self._settings.template_fields, title=message.title, text=message.text, time=time)
        body = {"touser": openid, "template_id": self._settings.template_id, "data": data}
        if message.link:
            body["url"] = message.link
        self._call("POST", "/cgi-bin/message/template/send", params={"access_token": token}, json=body)

    def send_permitted(self, token: str, *, openid: str, scene: int, message: Outgoing) -> None:
        body = {
            "touser": openid,
            "template_id": self._settings.subscribe_template_id,
            "scene": str(scene),
            "title": shortened(message.title, MOST_OF_A_TITLE),
            "data": {"content": {"value": message.text[:200], "color": "#173177"}},
        }
        if message.link:
            body["url"] = message.link
        self._call("POST", "/cgi-bin/message/template/subscribe", params={"access_token": token}, json=body)

    def _call(self, method: str, path: str, **options: Any) -> Mapping[str, Any]:
        """The JSON that was answered. Raises WechatTrouble for its error codes and for no or a broken answer."""
        try:
            with client(timeout=self._settings.timeout_seconds, base_url=self._settings.api_url) as line:
                answer = line.request(method, path, **options)
                said = answer.json() if answer.is_success else None
        except (httpx.HTTPError, ValueError):  # the cause would show the address, where the secret stands
            raise WechatTrouble(Trouble.BUSY) from None
        if not isinstance(said, dict):
            raise WechatTrouble(Trouble.BUSY)
        code = said.get("errcode", 0)
        if code:
            raise WechatTrouble(trouble_of(code) if isinstance(code, int) else Trouble.BUSY, code)
        return said


class WechatMessenger:
    """A template message to followers; to others the one message that they have allowed."""

    def __init__(
        self, settings: Wechat, server: WechatServer, credentials: Credentials, sessions: sessionmaker[Session]
    ) -> None:
        self._settings, self._server, self._credentials, self._sessions = settings, server, credentials, sessions

    def send(self, *, address: str, message: Outgoing) -> None:
        try:
            if self._settings.template_id and self._send_template(address, message):
                return
            if not self._settings.subscribe_template_id or not self._send_permitted(address, message):
                raise DeliveryFailed("wechat_not_permitted", for_good=True)
        except WechatTrouble as error:
            reason = f"wechat_{error.facts['code'] or error.trouble.value}"
            for_good = error.trouble in (Trouble.NOT_REACHED, Trouble.NOT_PERMITTED)
            raise DeliveryFailed(reason, for_good=for_good) from None

    def _send_template(self, openid: str, message: Outgoing) -> bool:
        """False when the person does not follow the account: a permission may still reach them."""
        try:
            self._credentials.with_token(
                lambda token: self._server.send_template(token, openid=openid, message=message)
            )
        except WechatTrouble as error:
            if error.trouble is Trouble.NOT_REACHED:
                return False
            raise
        return True

    def _send_permitted(self, openid: str, message: Outgoing) -> bool:
        with self._sessions() as session:
            scene = use_permission(session, openid=openid)
        if scene is None:
            return False
        number = scene
        self._credentials.with_token(
            lambda token: self._server.send_permitted(token, openid=openid, scene=number, message=message)
        )
        return True


def authorize_address(settings: Wechat, *, back: str, state: str) -> str:
    """Where the silent authorisation begins. WeChat wants the parameters in this order, and the part after #."""
    asked = {
        "appid": settings.appid,
        "redirect_uri": back,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": state,
    }
    return f"{settings.authorize_url}?{urlencode(asked, quote_via=quote)}#wechat_redirect"


def subscribe_address(settings: Wechat, *, back: str, scene: int, state: str) -> str:
    """Where the person allows one message."""
    asked = {
        "action": "get_confirm",
        "appid": settings.appid,
        "scene": scene,
        "template_id": settings.subscribe_template_id,
        "redirect_url": back,
        "reserved": state,
    }
    return f"{settings.subscribe_url}?{urlencode(asked, quote_via=quote)}#wechat_redirect"


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not value:
        raise WechatTrouble(Trouble.BUSY)
    return value


def _seconds(said: Mapping[str, Any]) -> int:
    value = said.get("expires_in")
    return value if isinstance(value, int) and value > 0 else 0
