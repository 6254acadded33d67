"""A college's single sign-on, twice: OpenID Connect and CAS 3.0. Strict where the real ones are.

`person` is who sits at the browser; pages answer at once, as a server does that knows the person already.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from tests.stand_ins.server import Exchange, StandIn

KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig", "alg": "RS256"}, private=True)
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig", "alg": "RS256"}, private=True)


class OpenIdServer(StandIn):
    """Client "xuezhao" with a secret; PKCE is required; a code works once."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self.clock = clock
        self.person = "T0001"
        self.secret = "college-secret"
        self.codes: dict[str, dict[str, str]] = {}
        self.changes: dict[str, Any] = {}  # claims of the next identity token that differ from the honest ones
        self.key = KEY
        self.forged = False
        self.broken = False
        self.slow = False  # no answer while the test waits
        self.issuer = self.address
        self.more: dict[str, Any] = {}  # what the userinfo endpoint says besides sub

    def answer(self, exchange: Exchange) -> None:
        if self.slow:
            threading.Event().wait(1)
        if self.broken:
            exchange.send("the server is being repaired", status=503)
            return
        handlers = {
            "/.well-known/openid-configuration": self._metadata,
            "/authorize": self._authorize,
            "/token": self._token,
            "/keys": lambda asked: asked.send_json(KeySet([KEY]).as_dict(private=False)),
            "/userinfo": lambda asked: asked.send_json({"sub": self.person, **self.more}),
            "/logout": lambda asked: asked.send("<title>signed out there</title>"),
        }
        handlers.get(exchange.path, lambda asked: asked.send("", status=404))(exchange)

    def _metadata(self, exchange: Exchange) -> None:
        exchange.send_json(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
                "userinfo_endpoint": f"{self.address}/userinfo",
                "end_session_endpoint": f"{self.address}/logout",
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            }
        )

    def _authorize(self, exchange: Exchange) -> None:
        asked = exchange.query
        assert asked["client_id"] == "xuezhao"
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(12)
        self.codes[code] = asked
        exchange.redirect(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")

    def _token(self, exchange: Exchange) -> None:
        form = exchange.form
        asked = self.codes.pop(form.get("code", ""), None)
        given = exchange.headers.get("Authorization", "").partition(" ")[2]
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or base64.b64decode(given).decode() != f"xuezhao:{self.secret}"
            or challenge.rstrip(b"=").decode() != asked["code_challenge"]
            or form.get("redirect_uri") != asked["redirect_uri"]
        ):
            exchange.send_json({"error": "invalid_grant"}, status=400)
            return
        token = self.identity_token(nonce=asked.get("nonce"), **self.changes)
        exchange.send_json({"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": token})

    def identity_token(self, **changes: Any) -> str:
        at = int(self.clock().timestamp())
        claims = {"iss": self.address, "sub": self.person, "aud": "xuezhao", "iat": at, "exp": at + 300, "sid": "S-1"}
        claims = {name: value for name, value in {**claims, **changes}.items() if value is not None}
        if self.forged:
            return _by_public_key(claims)
        return jwt.encode({"alg": "RS256", "kid": "first"}, claims, self.key)

    def sign_with_the_public_key(self) -> None:
        """The old trick: an HMAC whose secret is the public key that everybody has."""
        self.forged = True

    def sign_with_another_key(self) -> None:
        self.key = OTHER_KEY


def _by_public_key(claims: dict[str, Any]) -> str:
    def part(content: bytes) -> bytes:
        return base64.urlsafe_b64encode(content).rstrip(b"=")

    text = part(json.dumps({"alg": "HS256", "kid": "first"}).encode()) + b"." + part(json.dumps(claims).encode())
    mark = hmac.digest(KEY.as_pem(private=False), text, "sha256")
    return (text + b"." + part(mark)).decode()


class CasServer(StandIn):
    """A service ticket works once, and only for the service that it was given for."""

    def __init__(self) -> None:
        super().__init__()
        self.person = "T0001"
        self.attributes: dict[str, str] = {}
        self.tickets: dict[str, str] = {}
        self.broken = False
        self.slow = False  # no answer while the test waits

    def answer(self, exchange: Exchange) -> None:
        if self.slow:
            threading.Event().wait(1)
        if self.broken:
            exchange.send("<html>down for maintenance", status=500)
        elif exchange.path == "/cas/login":
            service = exchange.query["service"]
            ticket = f"ST-{secrets.token_urlsafe(12)}"
            self.tickets[ticket] = service
            exchange.redirect(f"{service}{'&' if urlsplit(service).query else '?'}ticket={quote(ticket)}")
        elif exchange.path == "/cas/p3/serviceValidate":
            service = self.tickets.pop(exchange.query.get("ticket", ""), None)
            known = service is not None and service == exchange.query.get("service")
            exchange.send(self._success() if known else FAILURE, media_type="text/xml")
        elif exchange.path == "/cas/logout":
            exchange.send("<title>signed out there</title>")
        else:
            exchange.send("", status=404)

    def _success(self) -> str:
        more = "".join(f"<cas:{name}>{value}</cas:{name}>" for name, value in self.attributes.items())
        return (
            '<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas"><cas:authenticationSuccess>'
            f"<cas:user>{self.person}</cas:user><cas:attributes>{more}</cas:attributes>"
            "</cas:authenticationSuccess></cas:serviceResponse>"
        )


FAILURE = (
    '<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">'
    '<cas:authenticationFailure code="INVALID_TICKET">not recognized</cas:authenticationFailure></cas:serviceResponse>'
)


def logout_request(ticket: str) -> str:
    """What a CAS server posts when the person signs out there."""
    return (
        '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="1" Version="2.0" '
        'IssueInstant="2026-11-02T02:00:00Z"><saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">@NOT_USED@'
        f"</saml:NameID><samlp:SessionIndex>{ticket}</samlp:SessionIndex></samlp:LogoutRequest>"
    )
