"""A table as it was found in a file: text cells with their places, and what is odd about some. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from backend.errors import DomainError

MAX_CELL = 500  # characters of one cell that are looked at


class Odd(StrEnum):
    """Why the text of a cell cannot be taken for what its writer meant."""

    FORMULA = "formula"  # a formula: what it shows depends on cells that may not be here
    MERGED = "merged"  # covered by a merged cell: its own value is nobody's word
    PRECISION = "precision"  # a number with more digits than the program kept: the last ones are lost
    ERROR = "error"  # #REF!, #N/A: the program could not work it out
    ENCODING = "encoding"  # bytes that are no character, often a name cut in the middle


class SheetRefused(DomainError):
    """A file that is no table we can read; facts: reason (key of its sentence)."""

    code = "sheet_refused"

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(reason=reason, **facts)
        self.reason = reason


@dataclass(frozen=True)
class Limits:
    """What a file may hold: bytes as sent, bytes unpacked, rows, columns, pictures, bytes of one picture."""

    bytes: int
    unpacked_bytes: int
    rows: int
    columns: int
    pictures: int
    picture_bytes: int


@dataclass(frozen=True)
class Sheet:
    """One table. rows[0] is the file's first row; empty rows stay, so that places are right.

    format:  "xlsx", "xls", "csv" or "dbf"
    odd:     (row, column) counted from 0 -> what is odd about the cell
    deleted: rows marked as deleted (DBF), which are left out
    name, place: of the sheet in its workbook; place counts every sheet from 0
    """

    format: str
    rows: list[list[str]]
    odd: dict[tuple[int, int], Odd] = field(default_factory=dict)
    encoding: str = ""
    name: str = ""
    deleted: int = 0
    place: int = 0


class SheetReader(Protocol):
    """Implemented by adapters.sheets.read_sheet."""

    def __call__(self, content: bytes, limits: Limits, *, place: int | None = None) -> Sheet:
        """The table in these bytes: of a workbook the sheet at that place, else the first. Raises SheetRefused."""


class HeadsReader(Protocol):
    """Implemented by adapters.sheets.read_heads."""

    def __call__(self, content: bytes, limits: Limits, *, head: int) -> Sequence[Sheet]:
        """The first rows of every table in these bytes, one at least; what is quick. Raises SheetRefused."""


def column_letters(column: int) -> str:
    """0 -> A, 26 -> AA: as spreadsheet programs name columns."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """Place of a cell (counted from 0) as people see it: B12."""
    return f"{column_letters(column)}{row + 1}"
