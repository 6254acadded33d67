"""Addresses: where this site is, and numbers in paths no larger than a row's number can be."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**31 - 1


def root_address() -> str:
    """The address under which people reach this site, without a slash at its end."""
    from backend.views.access import parts

    return (parts().settings.server.public_url or request.url_root).rstrip("/")


class RowNumber(IntegerConverter):
    """`<int:...>` of every address. A larger number would only fail later, in the database."""

    def __init__(self, map: Map, fixed_digits: int = 0, min: int | None = None, max: int | None = None) -> None:
        super().__init__(map, fixed_digits=fixed_digits, min=min, max=LARGEST if max is None else max)


def row_number(text: str | None) -> int | None:
    """A row's number that came in a form or a query; None when it cannot be one."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 10:
        return None
    number = int(text)
    return number if number <= LARGEST else None


def register(app: Flask) -> None:
    app.url_map.converters["int"] = RowNumber
