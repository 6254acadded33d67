"""Addresses: where this site is; numbers no larger than a row's number can be, and days, as forms send them."""

from __future__ import annotations

from datetime import date

from flask import Flask, request
from werkzeug.routing import IntegerConverter

LARGEST = 2**31 - 1


def root_address() -> str:
    """The address under which people reach this site, without a slash at its end."""
    from backend.views.access import parts

    return (parts().settings.server.public_url or request.url_root).rstrip("/")


class RowNumber(IntegerConverter):
    """`<int:...>` of every address. A larger number than a row can have would only fail later, in the database.

    It is taken for 0, which no row has, and not refused here: the router would try the next rule, and say that the
    method is wrong where there is nothing at all.
    """

    def to_python(self, value: str) -> int:
        number: int = super().to_python(value)
        return number if number <= LARGEST else 0


def row_number(text: str | None) -> int | None:
    """A row's number that came in a form or a query; None when it cannot be one."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 10:
        return None
    number = int(text)
    return number if number <= LARGEST else None


def sent_day(text: str | None) -> date | None:
    """A day that came in a form or a query; None when it is none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def register(app: Flask) -> None:
    app.url_map.converters["int"] = RowNumber
