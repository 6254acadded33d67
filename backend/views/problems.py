"""Errors for programs: under /api every error is one form of JSON, never a page and never a redirect."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, jsonify, request

BUSY = 5  # seconds before the next try, where nobody knows how long it will take
WAITING = (429, 503)  # answers that say when to come again


def is_program() -> bool:
    """Does a program ask, not a person with a page?"""
    return request.path.startswith("/api/")


def problem(
    status: int, code: str, message: str, *, fields: Mapping[str, str] | None = None, retry_after: int = BUSY
) -> Response:
    """`code` names the error for ever; `message` is a sentence in the caller's language.

    fields: what is wrong with what was sent, "where" -> the code of why.
    retry_after: seconds until the next try can succeed, at least one; said with 429 and 503 only, alike in the body
    and in the header.
    """
    body: dict[str, object] = {"code": code, "message": message}
    if fields:
        body["fields"] = dict(fields)
    wait = max(1, retry_after)
    if status in WAITING:
        body["retry_after_ms"] = wait * 1000
    answer = jsonify(body)
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    if status in WAITING:
        answer.headers["Retry-After"] = str(wait)
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer
