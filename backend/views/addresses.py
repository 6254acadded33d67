"""Numbers in addresses: no larger than a row's number can be, else there is no such page."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**31 - 1


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
