"""From errors to pages: the one place that knows both. Every page says what happened and what to do next."""

from __future__ import annotations

import math
from datetime import datetime

import structlog
from flask import Flask, Response, g, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from backend.accounts.rules import LockedOut, SignInFailed, WeakPassword
from backend.adapters.watermark import Undrawable
from backend.compliance.assess import Unreadable
from backend.enrollment.rules import DataDisputed, DataNotConfirmed
from backend.errors import DomainError, Invalid, NotFound
from backend.photos.rules import ConsentMissing
from backend.programs.rules import KeyReused
from backend.views import access
from backend.views.limits import seconds_left
from backend.views.problems import BUSY, WAITING, is_program, problem
from backend.views.uploads import UploadProblem
from backend.views.words import as_datetime, t
from backend.wechat.rules import REST, Trouble, WechatTrouble

log = structlog.get_logger()

STATUS: dict[type[DomainError], int] = {
    NotFound: 404,
    Invalid: 422,
    WeakPassword: 422,
    SignInFailed: 403,
    LockedOut: 429,
    KeyReused: 422,
}

# errors that are answered by leading the student to what is missing
LEADS_TO: dict[type[DomainError], str] = {
    ConsentMissing: "student_consent.show",
    DataNotConfirmed: "student_enrollment.show",
    DataDisputed: "student_enrollment.show",
}

KNOWN_HTTP = {400, 401, 403, 404, 405, 413, 415, 429, 500, 503}


def page(status: int, key: str, *, retry_after: int = BUSY, **values: object) -> Response:
    """An error page: `key` names its words in area `error` (title, text, way). Programs get the text as JSON."""
    if is_program():
        return problem(status, key, t(f"error.{key}.text", **values), retry_after=retry_after)
    request_id = g.get("request_id", "") if status >= 500 else ""
    body = render_template("public/error.html", status=status, key=key, values=values, request_id=request_id)
    answer = make_response(body, status)
    if status in WAITING:
        answer.headers["Retry-After"] = str(max(1, retry_after))
    return answer


def _facts(error: DomainError) -> dict[str, str]:
    """What the words of an error may say of it."""
    until = error.facts.get("until")
    return {"until": as_datetime(until)} if isinstance(until, datetime) else {}


def _wait(error: DomainError) -> int:
    """Seconds until what the error forbids is allowed again, where it says so."""
    until = error.facts.get("until")
    return math.ceil((until - access.now()).total_seconds()) if isinstance(until, datetime) else BUSY


def _fields(error: DomainError) -> dict[str, str]:
    """Where -> why: what is wrong with what was sent, or what is missing before it can go on."""
    if isinstance(error, Invalid):
        return dict(error.problems)
    missing = error.facts.get("missing", ())
    return dict.fromkeys(missing, "missing") if isinstance(missing, list | tuple) else {}


def register(app: Flask) -> None:
    @app.errorhandler(DomainError)
    def domain(error: DomainError) -> Response:
        for kind, endpoint in LEADS_TO.items():
            if isinstance(error, kind) and current_user.is_authenticated and not is_program():
                return make_response(redirect(url_for(endpoint, because=error.code)))
        status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 409)
        fields = _fields(error)
        if fields and is_program():
            return problem(status, error.code, t(f"error.{error.code}.text", **_facts(error)), fields=fields)
        return page(status, error.code, retry_after=_wait(error), **_facts(error))

    @app.errorhandler(Unreadable)
    def unreadable(error: Unreadable) -> Response:
        return page(422, "unreadable", reason=t(f"finding.reason.{error.reason}"))

    @app.errorhandler(Undrawable)
    def undrawable(_error: Undrawable) -> Response:
        return page(422, "undrawable")

    @app.errorhandler(UploadProblem)
    def upload(error: UploadProblem) -> Response:
        status = 413 if error.reason == "too_big" else 422
        return problem(status, f"upload_{error.reason}", t("photo.upload." + error.reason))

    @app.errorhandler(WechatTrouble)
    def wechat(error: WechatTrouble) -> Response:
        stale = error.trouble is Trouble.STALE_CODE
        words = t("wechat.sorry.again.text") if stale else t("wechat.sorry.busy.text")
        # after these nobody is let in before the day's count begins anew, or an administrator has acted
        long = error.trouble in (Trouble.TOO_OFTEN, Trouble.NOT_PERMITTED)
        wait = int(REST.total_seconds()) if long else BUSY
        return problem(422 if stale else 503, f"wechat_{error.trouble.value}", words, retry_after=wait)

    @app.errorhandler(CSRFError)
    def csrf(_error: CSRFError) -> Response:
        return page(400, "stale_form")

    @app.errorhandler(RequestEntityTooLarge)
    def too_large(_error: RequestEntityTooLarge) -> Response:
        _drain()
        return page(413, "http_413", size=_size_in_words(request.max_content_length or 0))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        code = error.code or 500
        if code < 400:
            return make_response(error.get_response())
        said = getattr(error, "retry_after", None)
        left = seconds_left() if code == 429 else said if isinstance(said, int) else BUSY
        answer = page(code, f"http_{code}" if code in KNOWN_HTTP else "http_400", retry_after=left)
        if isinstance(error, MethodNotAllowed):
            answer.allow.update(error.valid_methods or ())
        return answer

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        propagate = app.config["PROPAGATE_EXCEPTIONS"]
        if app.testing or app.debug if propagate is None else propagate:
            raise error
        log.error("unexpected", exc_info=error)
        try:
            return page(500, "http_500")
        except Exception as second:  # the page needs the database too, and that may be what is broken
            log.error("unexpected", exc_info=second)
            return make_response(t("error.http_500.title") + "\n\n" + t("error.http_500.way") + "\n", 500)


def _size_in_words(limit: int) -> str:
    """A request's limit as the largest file that fits into it."""
    return f"{limit // 2**20 - 1} MB" if limit >= 2**21 else f"{limit // 1000} KB"


def _drain(limit: int = 2**27) -> None:
    """Read the rest of a body that is too large, to no end: a phone shows our page only after it has sent it all."""
    stream, left = request.environ.get("wsgi.input"), min(request.content_length or 0, limit)
    while stream is not None and left > 0:
        chunk = stream.read(min(left, 2**16))
        if not chunk:
            return
        left -= len(chunk)
