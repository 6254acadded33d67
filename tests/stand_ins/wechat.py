"""WeChat's server, played by us: expiring tokens, codes that work once, quotas, snapshots, slow and broken answers.

Field names, error codes and limits are those of WeChat's public documentation. `forget_token` ends the access token
before its seconds are over, as WeChat does when somebody else forces a new one.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from tests.stand_ins.server import Exchange, StandIn

APPID, SECRET, MINI_APPID, MINI_SECRET = "wx0000000000000001", "app-secret", "wx0000000000000002", "mini-secret"
TEMPLATE, SUBSCRIBE_TEMPLATE = "template-1", "template-2"
PUSH_TOKEN = "push-token"

RENEWED_BEFORE = timedelta(minutes=5)  # a running token is changed for a new one then; both are good meanwhile
FORCED_A_DAY = 20
FORCED_GAP = timedelta(seconds=30)  # forced again sooner, the running token is given once more

# what a page finds as `wx`: it keeps what it was told, for a test to look at
SCRIPT = """
window.wx = {
  told: [],
  config(signed) { this.told.push(["config", signed]); },
  ready(then) {
    this.told.push(["ready"]);
    setTimeout(() => { then(); document.documentElement.dataset.told = ""; });
  },
};
for (const name of ["hideMenuItems", "updateAppMessageShareData", "updateTimelineShareData"]) {
  window.wx[name] = (wish) => { window.wx.told.push([name, wish]); };
}
"""


class WechatServer(StandIn):
    """`person` is whose WeChat the browser is; `trouble` maps a path to error codes that it answers next.

    clock: its time, for what ends; a test may give its own.
    """

    def __init__(self) -> None:
        super().__init__()
        self.person = "o-lin"
        self.snapshot = False
        self.followers = {"o-lin"}
        self.codes: dict[str, tuple[str, bool]] = {}
        self.used: set[str] = set()
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.current = ""
        self.ends: dict[str, datetime] = {}  # access token -> when it ends
        self.made = 0
        self.forced = 0
        self.forced_at: list[datetime] = []
        self.seconds = 7200
        self.trouble: dict[str, list[int]] = {}
        self.broken: dict[str, str] = {}  # path -> "slow", "hang_up", "html" or "list"
        self.permissions: set[tuple[str, str]] = set()
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.slow_seconds = 0.0
        self.pause = threading.Event()  # nobody sets it: waiting for it takes its whole time

    def settings(self) -> dict[str, str]:
        """Settings of section `wechat` that lead here."""
        return {
            "appid": APPID,
            "mini_appid": MINI_APPID,
            "api_url": self.address,
            "authorize_url": f"{self.address}/connect/oauth2/authorize",
            "subscribe_url": f"{self.address}/mp/subscribemsg",
            "script_url": f"{self.address}/open/js/jweixin.js",
            "template_id": TEMPLATE,
            "subscribe_template_id": SUBSCRIBE_TEMPLATE,
            "verify_code": "a1B2c3",
        }

    def forget_token(self) -> None:
        self.current = ""
        self.ends.clear()

    def new_code(self) -> str:
        code = secrets.token_hex(16)
        self.codes[code] = (self.person, self.snapshot)
        return code

    def answer(self, exchange: Exchange) -> None:
        path = exchange.path
        how = self.broken.get(path)
        if how == "hang_up":
            exchange.hang_up()
        elif how == "html":
            exchange.send("<html>502 Bad Gateway</html>", status=502)
        elif how == "list":
            exchange.send_json(["odd"])
        elif how == "slow":
            self.pause.wait(self.slow_seconds)
            exchange.hang_up()
        elif self.trouble.get(path):
            exchange.send_json({"errcode": self.trouble[path].pop(0), "errmsg": "as told"})
        else:
            handler = self.HANDLERS.get(path)
            if handler is None:
                exchange.send("", status=404)
            else:
                handler(self, exchange)

    def _token(self, exchange: Exchange) -> None:
        asked = exchange.json
        if (asked["appid"], asked["secret"]) != (APPID, SECRET) or asked["grant_type"] != "client_credential":
            exchange.send_json({"errcode": 40125, "errmsg": "invalid appsecret"})
            return
        self.pause.wait(self.slow_seconds)
        with self.lock:
            now, forced = self.clock(), bool(asked.get("force_refresh"))
            if forced and sum(at > now - timedelta(days=1) for at in self.forced_at) >= FORCED_A_DAY:
                exchange.send_json({"errcode": 45009, "errmsg": "reach max api daily quota limit"})
                return
            if forced and self.forced_at and now - self.forced_at[-1] < FORCED_GAP:
                forced = False
            if forced:
                self.forced += 1
                self.forced_at.append(now)
                self.forget_token()
            if not self.current or self.ends[self.current] - now <= RENEWED_BEFORE:
                self.made += 1
                self.current = f"token-{self.made}-" + "x" * 200
                self.ends[self.current] = now + timedelta(seconds=self.seconds)
            left = int((self.ends[self.current] - now).total_seconds())
        exchange.send_json({"access_token": self.current, "expires_in": left})

    def _ticket(self, exchange: Exchange) -> None:
        if self._good_token(exchange):
            exchange.send_json({"errcode": 0, "errmsg": "ok", "ticket": "ticket-1", "expires_in": self.seconds})

    def _visitor(self, exchange: Exchange) -> None:
        asked = exchange.query
        found = self._behind(exchange, asked["code"], good=(asked["appid"], asked["secret"]) == (APPID, SECRET))
        if found is None:
            return
        openid, snapshot = found
        said = {
            "access_token": "web",
            "expires_in": 7200,
            "refresh_token": "r",
            "openid": openid,
            "scope": "snsapi_base",
        }
        exchange.send_json({**said, **({"is_snapshotuser": 1} if snapshot else {})})

    def _mini_visitor(self, exchange: Exchange) -> None:
        asked = exchange.query
        good = (asked["appid"], asked["secret"]) == (MINI_APPID, MINI_SECRET)
        found = self._behind(exchange, asked["js_code"], good=good)
        if found is not None:
            exchange.send_json({"openid": found[0], "session_key": "k=="})

    def _template(self, exchange: Exchange) -> None:
        if not self._good_token(exchange):
            return
        body = exchange.json
        if body["touser"] not in self.followers:
            exchange.send_json({"errcode": 43004, "errmsg": "require subscribe"})
            return
        assert body["template_id"] == TEMPLATE
        assert all(len(value["value"]) <= 20 for name, value in body["data"].items() if name.startswith("thing"))
        self.sent.append(("template", body))
        exchange.send_json({"errcode": 0, "errmsg": "ok", "msgid": 1})

    def _subscribe(self, exchange: Exchange) -> None:
        if not self._good_token(exchange):
            return
        body = exchange.json
        allowed = (body["touser"], body["scene"])
        if allowed not in self.permissions:
            exchange.send_json({"errcode": 43101, "errmsg": "user refuse to accept the msg"})
            return
        self.permissions.remove(allowed)
        assert len(body["title"]) <= 15
        self.sent.append(("subscribe", body))
        exchange.send_json({"errcode": 0, "errmsg": "ok"})

    def _authorize(self, exchange: Exchange) -> None:
        asked = exchange.query
        assert (asked["appid"], asked["scope"], asked["response_type"]) == (APPID, "snsapi_base", "code")
        if not re.fullmatch(r"[A-Za-z0-9]{0,128}", asked["state"]):
            exchange.send("state: letters and digits, at most 128", status=400)
            return
        answer = urlencode({"code": self.new_code(), "state": asked["state"]})
        exchange.redirect(f"{asked['redirect_uri']}?{answer}")

    def _allow(self, exchange: Exchange) -> None:
        asked = exchange.query
        assert (asked["action"], asked["appid"], asked["template_id"]) == ("get_confirm", APPID, SUBSCRIBE_TEMPLATE)
        assert asked["reserved"].isalnum()
        self.permissions.add((self.person, asked["scene"]))
        said = {"openid": self.person, "template_id": SUBSCRIBE_TEMPLATE, "action": "confirm", "scene": asked["scene"]}
        exchange.redirect(f"{asked['redirect_url']}?{urlencode({**said, 'reserved': asked['reserved']})}")

    def _script(self, exchange: Exchange) -> None:
        exchange.send(SCRIPT, media_type="text/javascript")

    def _good_token(self, exchange: Exchange) -> bool:
        end = self.ends.get(exchange.query.get("access_token", ""))
        if end is None:
            exchange.send_json(
                {"errcode": 40001, "errmsg": "invalid credential, access_token is invalid or not latest"}
            )
        elif end <= self.clock():
            exchange.send_json({"errcode": 42001, "errmsg": "access_token expired"})
        else:
            return True
        return False

    def _behind(self, exchange: Exchange, code: str, *, good: bool) -> tuple[str, bool] | None:
        """Whose code it is; None where the answer was an error. good: the secret is right."""
        found = self.codes.get(code)
        if not good:
            exchange.send_json({"errcode": 40125, "errmsg": "invalid appsecret"})
        elif found is None:
            exchange.send_json({"errcode": 40029, "errmsg": "invalid code"})
        elif code in self.used:
            exchange.send_json({"errcode": 40163, "errmsg": "code been used"})
        else:
            self.used.add(code)
            return found
        return None

    HANDLERS: ClassVar[dict[str, Callable[[WechatServer, Exchange], None]]] = {
        "/cgi-bin/stable_token": _token,
        "/cgi-bin/ticket/getticket": _ticket,
        "/sns/oauth2/access_token": _visitor,
        "/sns/jscode2session": _mini_visitor,
        "/cgi-bin/message/template/send": _template,
        "/cgi-bin/message/template/subscribe": _subscribe,
        "/connect/oauth2/authorize": _authorize,
        "/mp/subscribemsg": _allow,
        "/open/js/jweixin.js": _script,
    }
