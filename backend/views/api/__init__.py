"""Answers for programs, as JSON under /api/v1. Errors have one form: see `views/problems.py`."""

from __future__ import annotations

from flask import Flask, Response

from backend.views.api import (
    account,
    alumni,
    applications,
    capture,
    college,
    consent,
    document,
    enrollment,
    errata,
    home,
    messages,
    papers,
    photos,
    proofreading,
    runs,
    sessions,
    student_photos,
)
from backend.views.limits import api_limit, limiter, seconds_left
from backend.views.problems import is_program

TOPICS = (
    document,
    sessions,
    account,
    home,
    enrollment,
    consent,
    student_photos,
    proofreading,
    runs,
    errata,
    alumni,
    applications,
    papers,
    capture,
    messages,
    college,
)


def register_api(app: Flask) -> None:
    """One line for each topic. A bearer token comes with no cookie, so nobody can be made to send it: no CSRF token."""
    protect = app.extensions["protect"]
    for topic in TOPICS:
        api_limit(topic.blueprint)
    for blueprint in (photos.blueprint, *(topic.blueprint for topic in TOPICS)):
        protect.exempt(blueprint)
        app.register_blueprint(blueprint)
    app.after_request(_say_limit)


def _say_limit(answer: Response) -> Response:
    """How often one may ask, how often one still may, and when it begins anew."""
    limit = limiter.current_limit if is_program() else None
    if limit is not None:
        answer.headers["RateLimit-Limit"] = str(limit.limit.amount)
        answer.headers["RateLimit-Remaining"] = str(max(0, limit.remaining))
        answer.headers["RateLimit-Reset"] = str(seconds_left())
    return answer
