"""Times as text that sorts, alike on both databases: 2026-11-02 02:00:00.000000, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Float, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

WIDTH = 26  # characters of such a text
_FORM = "YYYY-MM-DD HH24:MI:SS.US"


class time_text(FunctionElement[str]):  # noqa: N801 - reads like the function it is
    """Of a UtcDateTime. SQLite keeps it so."""

    type = String()
    name = "time_text"
    inherit_cache = True


class day_text(FunctionElement[str]):  # noqa: N801
    """Of a date: its beginning in China, where the clock is never changed."""

    type = String()
    name = "day_text"
    inherit_cache = True


class later_of(FunctionElement[str]):  # noqa: N801
    """The greatest of several texts, none of them null."""

    type = String()
    name = "later_of"
    inherit_cache = True


class days_between(FunctionElement[float]):  # noqa: N801
    """From one UtcDateTime to a later one."""

    type = Float()
    name = "days_between"
    inherit_cache = True


def text_of(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


def time_of(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


@compiles(time_text)
def _time(element: time_text, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(time_text, "postgresql")
def _time_postgresql(element: time_text, compiler: SQLCompiler, **options: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **options)} AT TIME ZONE 'UTC', '{_FORM}')"


@compiles(day_text)
def _day(element: day_text, compiler: SQLCompiler, **options: Any) -> str:
    return f"(datetime({compiler.process(element.clauses, **options)}, '-8 hours') || '.000000')"


@compiles(day_text, "postgresql")
def _day_postgresql(element: day_text, compiler: SQLCompiler, **options: Any) -> str:
    day = compiler.process(element.clauses, **options)
    return f"to_char(CAST({day} AS timestamp) - interval '8 hours', '{_FORM}')"


@compiles(later_of)
def _later(element: later_of, compiler: SQLCompiler, **options: Any) -> str:
    return f"max({compiler.process(element.clauses, **options)})"


@compiles(later_of, "postgresql")
def _later_postgresql(element: later_of, compiler: SQLCompiler, **options: Any) -> str:
    return f"greatest({compiler.process(element.clauses, **options)})"


@compiles(days_between)
def _days(element: days_between, compiler: SQLCompiler, **options: Any) -> str:
    first, last = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(julianday({last}) - julianday({first}))"


@compiles(days_between, "postgresql")
def _days_postgresql(element: days_between, compiler: SQLCompiler, **options: Any) -> str:
    first, last = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(extract(epoch from {last} - {first}) / 86400)"
