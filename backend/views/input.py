"""What no form may hold, refused before any view sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, current_app, request
from werkzeug.exceptions import BadRequest

from backend.accounts.rules import Permission
from backend.views import access

View = TypeVar("View", bound=Callable[..., object])

TYPED = 2**20  # bytes of a form without files: more than anybody types


def _limit_typed_forms() -> None:
    """Files have a limit of their own. A form without any is read whole and taken apart in memory, field by field."""
    if request.mimetype == "application/x-www-form-urlencoded":
        request.max_content_length = TYPED


def takes_large_files(view: View) -> View:
    """Mark a view that takes files as large as config/exchange.toml allows. Stands nearest to the function."""
    view.large_files = True  # type: ignore[attr-defined]
    return view


def _allow_large_files() -> None:
    """Only for people who may take files in: what anybody sends is read into memory before it is looked at."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method == "POST" and getattr(view, "large_files", False) and access.may(Permission.IMPORT):
        request.max_content_length = access.parts().exchange.limits.bytes + TYPED


def _refuse_zero_bytes() -> None:
    """PostgreSQL keeps no text with a zero byte, and nobody types one: it is an attempt, not a mistake."""
    fields = (request.args, request.form)
    for name, values in (pair for form in fields for pair in form.lists()):
        # a part of a multipart body may come without a name: no form of ours has one
        if name is None or "\0" in name or any("\0" in value for value in values):  # type: ignore[redundant-expr]
            raise BadRequest()


def register(app: Flask) -> None:
    app.before_request(_limit_typed_forms)
    app.before_request(_allow_large_files)
    app.before_request(_refuse_zero_bytes)
