"""Errors for programs: under /api every error is one form of JSON, never a page and never a redirect."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, jsonify, request

WAIT_MS = 1000  # before the next try, where the answer is "too often" or "busy"


def is_program() -> bool:
    """Does a program ask, not a person with a page?"""
    return request.path.startswith("/api/")


def problem(status: int, code: str, message: str, *, fields: Mapping[str, str] | None = None) -> Response:
    """`code` names the error for ever; `message` is a sentence in the caller's language.

    fields: what is wrong with what was sent, "where" -> the code of why.
    """
    body: dict[str, object] = {"code": code, "message": message}
    if fields:
        body["fields"] = dict(fields)
    if status in (429, 503):
        body["retry_after_ms"] = WAIT_MS
    answer = jsonify(body)
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer
