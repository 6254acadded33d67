"""Providers of text messages: the college's gateway and Alibaba Cloud, as their documentation has them."""

from __future__ import annotations

from typing import Any

from backend.adapters.messengers import aliyun_signature
from tests.stand_ins.server import Exchange, StandIn


class SmsServer(StandIn):
    """/gateway and /aliyun; `status` and `code` are what the next answers say."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[dict[str, Any]] = []
        self.status = 200
        self.code = "OK"
        self.body: object | None = None
        self.broken = False

    def answer(self, exchange: Exchange) -> None:
        if self.broken:
            exchange.hang_up()
        elif self.status != 200:
            exchange.send_json(self.body or {}, status=self.status)
        elif exchange.path == "/gateway":
            assert exchange.headers["Authorization"] == "Bearer sms-secret"
            self.sent.append(exchange.json)
            exchange.send_json({})
        else:
            self._aliyun(exchange)

    def _aliyun(self, exchange: Exchange) -> None:
        form = exchange.form
        given = form.pop("Signature")
        if given != aliyun_signature(form, "sms-secret"):
            exchange.send_json({"Code": "SignatureDoesNotMatch"})
            return
        if self.code == "OK":
            self.sent.append(form)
        exchange.send_json({"Code": self.code, "Message": "x"})
