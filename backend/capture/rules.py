"""Routes to the capture unit, and the formats in which units take files. Pure: the tables are config/capture.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from backend.errors import DomainError, Invalid


class Route(StrEnum):
    """How the photos of one centre reach the unit in one round."""

    TEAM = "team"  # a team of the unit comes to the centre
    FILES = "files"  # the centre collects photos and hands files in
    ALONE = "alone"  # every student goes alone: office, site, mini program
    AGREED = "agreed"  # outside the college's province: what the centre agreed with its own unit


PERSONAL_FIELDS = frozenset({"name", "id_number", "gender", "student_number"})  # what makes a table a roster
MOST_DAYS = 400  # of a round; longer is a typing mistake in the year


@dataclass(frozen=True)
class RouteRule:
    """What a route brings with it. home_only: offered in the college's own province; else only outside it."""

    home_only: bool
    on_site: bool
    by_centre: bool
    source: str


@dataclass(frozen=True)
class Column:
    """One column of a unit's table. width: bytes in a DBF, characters in an XLSX."""

    name: str
    title: str
    field: str
    width: int


@dataclass(frozen=True)
class UnitFormat:
    """How one unit takes files. photo_name: a pattern over the fields of a row."""

    key: str
    title: str
    kind: str  # "dbf" or "xlsx"
    encoding: str
    photo_name: str
    columns: tuple[Column, ...]
    source: str

    @property
    def is_roster(self) -> bool:
        """Does the table, or a file's name, tell who the people are?"""
        named = any("{" + field + "}" in self.photo_name for field in PERSONAL_FIELDS)
        return named or any(column.field in PERSONAL_FIELDS for column in self.columns)


@dataclass(frozen=True)
class CaptureRules:
    """config/capture.toml as read."""

    province: str
    routes: Mapping[Route, RouteRule]
    formats: Mapping[str, UnitFormat]


class RosterForbidden(DomainError):
    """A table with names and ID numbers for a unit whose switch is off; facts: unit."""

    code = "roster_forbidden"


def read_capture(data: Mapping[str, Any]) -> CaptureRules:
    """The rules out of the parsed file. Raises KeyError or ValueError for what is missing or unknown."""
    routes = {
        Route(name): RouteRule(
            entry["home_only"], entry.get("on_site", False), entry.get("by_centre", False), entry["source"]
        )
        for name, entry in data["routes"].items()
    }
    if set(routes) != set(Route):
        raise ValueError(f"routes: {sorted(set(Route) - set(routes))} missing")
    formats = {
        key: UnitFormat(
            key,
            entry["title"],
            entry["kind"],
            entry["encoding"],
            entry["photo_name"],
            tuple(Column(**column) for column in entry["columns"]),
            entry["source"],
        )
        for key, entry in data["formats"].items()
    }
    if any(entry.kind not in ("dbf", "xlsx") for entry in formats.values()):
        raise ValueError("formats: kind is dbf or xlsx")
    return CaptureRules(data["college"]["province"], routes, formats)


def routes_for(rules: CaptureRules, *, province: str) -> tuple[Route, ...]:
    """The routes that a centre of this province may choose from."""
    home = province.startswith(rules.province)
    return tuple(route for route in Route if rules.routes[route].home_only is home)


def round_problems(*, code: str, name: str, opens_on: date | None, closes_on: date | None) -> dict[str, str]:
    """Why a round cannot be kept, by field; empty when it can."""
    problems: dict[str, str] = {}
    if not code or len(code) > 16:
        problems["code"] = "code_length"
    if not name or len(name) > 60:
        problems["name"] = "name_length"
    if opens_on is None:
        problems["opens_on"] = "date_needed"
    if closes_on is None:
        problems["closes_on"] = "date_needed"
    if opens_on and closes_on and not 0 <= (closes_on - opens_on).days <= MOST_DAYS:
        problems["closes_on"] = "round_length"
    return problems


def is_open(*, opens_on: date, closes_on: date, today: date) -> bool:
    return opens_on <= today <= closes_on


def fen(text: str) -> int | None:
    """Yuan as people write them, "30" or "30.5" -> 分: 3000, 3050; None for nothing. Raises Invalid (field price)."""
    text = text.strip()
    if not text:
        return None
    try:
        amount = Decimal(text) * 100 if len(text) <= 12 else Decimal("NaN")
    except InvalidOperation as error:
        raise Invalid({"price": "price_form"}) from error
    if not amount.is_finite() or abs(amount) > 10**11 or amount != int(amount):
        raise Invalid({"price": "price_form"})
    return int(amount)


def yuan(amount: int | None) -> str:
    """分 -> yuan: 3050 -> "30.50", -3050 -> "-30.50"; nothing -> ""."""
    if amount is None:
        return ""
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02d}"
