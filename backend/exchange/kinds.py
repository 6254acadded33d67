"""The kinds of files that are taken in, as config/exchange.toml describes them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.exchange.sheet import Limits
from backend.exchange.values import READERS


@dataclass(frozen=True)
class Column:
    """What a column means.

    headings: as they stand in files; reads: a key of values.READERS; default: for an empty cell; most: characters;
    unique: two people never have the same
    """

    name: str
    headings: tuple[str, ...]
    reads: str
    required: bool
    default: str
    most: int
    example: str
    unique: bool = False


@dataclass(frozen=True)
class Kind:
    """One kind of file.

    photos:  a ZIP of pictures, not a table
    centres: people of a centre may take it in, for their own students
    dated:   the day on which the other system said so is asked for
    one_of:  at least one of these columns must be there
    """

    name: str
    photos: bool
    centres: bool
    dated: bool
    one_of: tuple[str, ...]
    columns: Mapping[str, Column]


@dataclass(frozen=True)
class ExchangeRules:
    """The whole of config/exchange.toml."""

    limits: Limits
    kinds: Mapping[str, Kind]


class BadRules(Exception):
    """config/exchange.toml cannot be used; the text says why."""


def read_exchange(text: Mapping[str, Any]) -> ExchangeRules:
    """Raises BadRules naming the kind and the column."""
    try:
        limits = Limits(**text["limits"])
    except TypeError as error:
        raise BadRules(f"limits: {error}") from None
    return ExchangeRules(limits, {name: _kind(name, values) for name, values in text["kind"].items()})


def _kind(name: str, values: Mapping[str, Any]) -> Kind:
    if values["reads"] not in ("table", "photos"):
        raise BadRules(f"kind.{name}: reads is table or photos")
    columns = {key: _column(name, key, column) for key, column in values.get("column", {}).items()}
    one_of = tuple(values["one_of"])
    if not set(one_of) <= set(columns):
        raise BadRules(f"kind.{name}: one_of names a column that is not there")
    return Kind(name, values["reads"] == "photos", values["centres"], values.get("dated", False), one_of, columns)


def _column(kind: str, name: str, values: Mapping[str, Any]) -> Column:
    known = {"headings", "as", "required", "default", "most", "example", "unique"}
    if set(values) - known or values.get("as") not in READERS:
        raise BadRules(f"kind.{kind}.column.{name}: {sorted(set(values) - known) or values.get('as')}")
    return Column(
        name=name,
        headings=tuple(values["headings"]),
        reads=values["as"],
        required=values.get("required", False),
        default=values.get("default", ""),
        most=values.get("most", 120),
        example=values.get("example", ""),
        unique=values.get("unique", False),
    )
