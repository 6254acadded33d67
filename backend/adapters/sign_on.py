"""The college's single sign-on for staff: OpenID Connect by Authlib, CAS 3.0 by python-cas, behind one port."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from cas import CASClientV3
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from requests.adapters import HTTPAdapter

from backend.accounts.rules import SignOnFailed
from backend.adapters.plain_xml import NotPlain, texts_of
from backend.ports import Ended, Identity, SignOn
from backend.settings import Sso

# signatures that only the server can make; a shared secret or none at all proves nothing
SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
Session = TypeVar("Session", bound=requests.Session)
LEEWAY = 120  # seconds by which two clocks may differ
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


def make_sign_on(settings: Sso) -> SignOn | None:
    """What the settings ask for; None when single sign-on is off."""
    if settings.protocol == "oidc":
        return OpenIdSignOn(settings)
    return CasSignOn(settings) if settings.protocol == "cas" else None


class _InTime(HTTPAdapter):
    """Every request ends after so many seconds: the libraries ask for no limit by themselves."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        super().__init__()

    def send(self, request: Any, *positional: Any, **options: Any) -> Any:
        options["timeout"] = self._seconds
        return super().send(request, *positional, **options)


def _bounded(session: Session, seconds: float) -> Session:
    for scheme in ("https://", "http://"):
        session.mount(scheme, _InTime(seconds))
    return session


class OpenIdSignOn:
    """Authorization code with PKCE; the identity token's signature, issuer, audience, time and nonce are checked."""

    def __init__(self, settings: Sso) -> None:
        self._settings = settings
        self._issuer = settings.server.rstrip("/")

    def start(self, *, back: str) -> tuple[str, dict[str, str]]:
        kept = {"state": secrets.token_urlsafe(24), "nonce": secrets.token_urlsafe(24)}
        kept["verifier"] = secrets.token_urlsafe(48)
        with self._session(back) as session:
            address, _ = session.create_authorization_url(
                self._metadata(session)["authorization_endpoint"],
                state=kept["state"],
                nonce=kept["nonce"],
                code_verifier=kept["verifier"],
            )
        return str(address), kept

    def finish(self, *, answer: Mapping[str, str], kept: Mapping[str, str], back: str, now: datetime) -> Identity:
        _same_browser(answer, kept)
        if "code" not in answer:
            raise SignOnFailed(reason="refused")
        with self._session(back) as session:
            metadata = self._metadata(session)
            try:
                token = session.fetch_token(
                    metadata["token_endpoint"], code=answer["code"], code_verifier=kept.get("verifier")
                )
                claims = self._claims(session, metadata, token["id_token"], now)
                CodeIDToken(
                    claims,
                    {},
                    {"iss": {"values": [metadata["issuer"]]}, "aud": {"values": [self._settings.client_id]}},
                    {"nonce": kept.get("nonce") or "-", "client_id": self._settings.client_id},
                ).validate(now=int(now.timestamp()), leeway=LEEWAY)
                name = self._name(session, metadata, claims)
            except requests.RequestException as error:
                raise SignOnFailed(reason="unreachable") from error
            except (OAuthError, JoseError, KeyError, TypeError, ValueError) as error:
                raise SignOnFailed(reason="untrusted") from error
        return Identity(name=name, outside=_word(claims, "sid"), subject=_word(claims, "sub"))

    def ended(self, *, form: Mapping[str, str], now: datetime) -> Ended | None:
        """Back-channel logout: a signed token that names the session (sid), or the person alone (sub)."""
        token = form.get("logout_token")
        if not token:
            return None
        try:
            with self._session("") as session:
                metadata = self._metadata(session)
                claims = self._claims(session, metadata, token, now)
        except (SignOnFailed, requests.RequestException, JoseError, KeyError, TypeError, ValueError):
            return None
        audience = claims.get("aud")
        ours = self._settings.client_id in (audience if isinstance(audience, list) else [audience])
        events, issued = claims.get("events"), claims.get("iat")
        fresh = isinstance(issued, int | float) and abs(now.timestamp() - issued) <= LEEWAY + 600
        meant = isinstance(events, dict) and LOGOUT_EVENT in events and "nonce" not in claims
        trusted = claims.get("iss") == metadata["issuer"] and ours and fresh and meant
        what = Ended(_word(claims, "sid"), _word(claims, "sub"))
        return what if trusted and (what.outside or what.subject) else None

    def sign_out(self, *, back: str) -> str | None:
        try:
            with self._session(back) as session:
                end = self._metadata(session).get("end_session_endpoint")
        except SignOnFailed:
            return None
        if not end:
            return None
        asked = {"client_id": self._settings.client_id, "post_logout_redirect_uri": back}
        return requests.Request("GET", end, params=asked).prepare().url

    def _session(self, back: str) -> OAuth2Session:
        secret = self._settings.client_secret.get_secret_value()
        session = OAuth2Session(
            client_id=self._settings.client_id,
            client_secret=secret or None,
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
            scope=self._settings.scopes,
            redirect_uri=back,
            code_challenge_method="S256",
            leeway=0,  # the access token is used at once, or not at all
        )
        return _bounded(session, self._settings.timeout_seconds)

    def _metadata(self, session: OAuth2Session) -> dict[str, Any]:
        """What the server says of itself. Asked each time: staff sign in rarely, and keys change."""
        try:
            found = session.get(f"{self._issuer}/.well-known/openid-configuration", withhold_token=True)
            found.raise_for_status()
            metadata: dict[str, Any] = found.json()
            if metadata["issuer"].rstrip("/") != self._issuer:
                raise SignOnFailed(reason="untrusted")
        except (requests.RequestException, KeyError, TypeError, ValueError, AttributeError) as error:
            raise SignOnFailed(reason="unreachable") from error
        return metadata

    def _claims(self, session: OAuth2Session, metadata: Mapping[str, Any], token: str, now: datetime) -> dict[str, Any]:
        """The claims of a token with a good signature of the server; what they say is not looked at here."""
        answer = session.get(metadata["jwks_uri"], withhold_token=True)
        answer.raise_for_status()
        keys = KeySet.import_key_set(answer.json())
        registry = JWSRegistry(algorithms=SIGNATURES, strict_check_header=False)
        return dict(jwt.decode(token, key=keys, registry=registry).claims)

    def _name(self, session: OAuth2Session, metadata: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
        claim = self._settings.claim or "sub"
        name = claims.get(claim)
        if name is None and "userinfo_endpoint" in metadata:
            answer = session.get(metadata["userinfo_endpoint"])
            answer.raise_for_status()
            more = answer.json()
            name = more.get(claim) if more.get("sub") == claims["sub"] else None
        if not isinstance(name, str) or not name:
            raise SignOnFailed(reason="nameless")
        return name


class CasSignOn:
    """CAS 3.0. The state stands in the service address, so that a ticket works in the browser that asked for it."""

    def __init__(self, settings: Sso) -> None:
        self._settings = settings

    def start(self, *, back: str) -> tuple[str, dict[str, str]]:
        kept = {"state": secrets.token_urlsafe(24)}
        return str(self._client(f"{back}?state={kept['state']}").get_login_url()), kept

    def finish(self, *, answer: Mapping[str, str], kept: Mapping[str, str], back: str, now: datetime) -> Identity:
        _same_browser(answer, kept)
        ticket = answer.get("ticket", "")
        if not ticket:
            raise SignOnFailed(reason="refused")
        try:
            user, attributes, _ = self._client(f"{back}?state={kept['state']}").verify_ticket(ticket)
        except requests.RequestException as error:
            raise SignOnFailed(reason="unreachable") from error
        except (ValueError, LookupError, AttributeError, SyntaxError) as error:  # an answer that is no CAS answer
            raise SignOnFailed(reason="unreachable") from error
        if user is None:  # used before, too old, or for another service
            raise SignOnFailed(reason="untrusted")
        name = (attributes or {}).get(self._settings.claim) if self._settings.claim else user
        if not isinstance(name, str) or not name:
            raise SignOnFailed(reason="nameless")
        return Identity(name=name, outside=ticket)

    def ended(self, *, form: Mapping[str, str], now: datetime) -> Ended | None:
        """Single logout: the server names the ticket, which only it and we have seen."""
        try:
            ticket = texts_of(form.get("logoutRequest", "").encode()).get("SessionIndex")
        except NotPlain:
            return None
        return Ended(ticket) if ticket else None

    def sign_out(self, *, back: str) -> str | None:
        return str(self._client(back).get_logout_url(back))

    def _client(self, service: str) -> CASClientV3:
        server = self._settings.server.rstrip("/") + "/"
        session = _bounded(requests.Session(), self._settings.timeout_seconds)
        return CASClientV3(service_url=service, server_url=server, session=session)


def _word(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) and value else None


def _same_browser(answer: Mapping[str, str], kept: Mapping[str, str]) -> None:
    if not kept.get("state") or not secrets.compare_digest(answer.get("state", "").encode(), kept["state"].encode()):
        raise SignOnFailed(reason="state")
