"""What no form may hold, refused before any view sees it."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.exceptions import BadRequest

TYPED = 2**20  # bytes of a form without files: more than anybody types


def _limit_typed_forms() -> None:
    """Files have a limit of their own. A form without any is read whole and taken apart in memory, field by field."""
    if request.mimetype == "application/x-www-form-urlencoded":
        request.max_content_length = TYPED


def _refuse_zero_bytes() -> None:
    """PostgreSQL keeps no text with a zero byte, and nobody types one: it is an attempt, not a mistake."""
    fields = (request.args, request.form)
    if any("\0" in name or any("\0" in value for value in values) for form in fields for name, values in form.lists()):
        raise BadRequest()


def register(app: Flask) -> None:
    app.before_request(_limit_typed_forms)
    app.before_request(_refuse_zero_bytes)
