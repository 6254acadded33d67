"""Reads one workbook (XLSX, XLS) in a process of its own: a file made to exhaust the memory takes only this one down.

Run as a script with the bytes on stdin; nothing of the application is imported. Arguments: rows, columns, megabytes,
seconds, and how many first rows are wanted (0: all). Answers with one JSON object: {"error": reason}, or
{"rows", "odd", "name", "more"}.
"""

from __future__ import annotations

import datetime
import io
import json
import re
import sys
import zipfile
from typing import Any
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

SAFE = 10**15  # a number from here on may have lost its last digits
HEAD = 12  # rows in which merged cells are headings
FORMULA = re.compile(rb'<c\b[^>]*?\br="([A-Z]{1,3}[0-9]{1,7})"[^>]*>\s*<f\b')
MAX_FORMULAS = 10_000
REFERENCE = re.compile(r"([A-Z]+)([0-9]+)")


def _bound(megabytes: int, seconds: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * 2**20, megabytes * 2**20))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def _text(value: Any) -> tuple[str, str | None]:
    """The cell as text, and what is odd about it."""
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), None
    if isinstance(value, float | int):
        if abs(value) >= SAFE:
            return f"{value:.4g}", "precision"
        return (str(int(value)) if value == int(value) else repr(value)), None
    if isinstance(value, datetime.datetime):
        return (value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ")), None
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        return str(value), None
    text = str(value)
    return text, ("error" if text.startswith("#") and text.rstrip("!?").isupper() and len(text) < 9 else None)


def _cell(reference: str) -> tuple[int, int]:
    found = REFERENCE.fullmatch(reference)
    assert found is not None  # noqa: S101 - the pattern of the caller
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]) - 1, column - 1


def _formulas(content: bytes, index: int) -> list[tuple[int, int]]:
    """Cells with a formula in the sheet at this place of the workbook (XLSX only)."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - bounded by the process
        relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
        targets = {item.get("Id"): item.get("Target", "") for item in relations}
        sheets = [item for item in book.iter() if item.tag.endswith("}sheet")]
        key = next(value for name, value in sheets[index].items() if name.endswith("}id"))
        target = targets[key].lstrip("/")
        path = target if target.startswith("xl/") else f"xl/{target}"
        found: list[tuple[int, int]] = []
        kept = b""
        with archive.open(path) as member:
            while chunk := member.read(2**20):
                text = kept + chunk
                for match in FORMULA.finditer(text):
                    found.append(_cell(match[1].decode()))
                    if len(found) >= MAX_FORMULAS:
                        return found
                cut = text.rfind(b"<c ")
                kept = text[max(cut, len(text) - 4096) :] if cut >= 0 else text[-4096:]
        return found


def _table(book: CalamineWorkbook, rows: int, columns: int) -> tuple[int, CalamineSheet] | str:
    """The first visible sheet with something in it."""
    for index, meta in enumerate(book.sheets_metadata):
        if "WorkSheet" not in str(meta.typ) or "Visible" not in str(meta.visible):
            continue
        sheet = book.get_sheet_by_index(index)
        if sheet.height == 0 or sheet.width == 0 or sheet.end is None:
            continue
        last_row, last_column = sheet.end
        if last_row >= rows + HEAD:
            return "too_many_rows"
        if last_column >= columns:
            return "too_many_columns"
        return index, sheet
    return "empty"


def read(content: bytes, rows: int, columns: int, head: int) -> dict[str, Any]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    except PasswordError:
        return {"error": "encrypted"}
    found = _table(book, rows, columns)
    if isinstance(found, str):
        return {"error": found}
    index, sheet = found
    table: list[list[str]] = []
    odd: list[tuple[int, int, str]] = []
    for number, values in enumerate(sheet.to_python(skip_empty_area=False, nrows=head or None)):
        line = []
        for column, value in enumerate(values):
            text, strange = _text(value)
            line.append(text[:501])
            if strange:
                odd.append((number, column, strange))
        table.append(line)
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        for row in range(top, min(bottom, len(table) - 1) + 1):
            for column in range(left, min(right, len(table[row]) - 1) + 1):
                if (row, column) == (top, left):
                    continue
                if top < HEAD:
                    # a heading over several cells: its word counts where nothing else stands
                    table[row][column] = table[row][column] or table[top][left]
                odd.append((row, column, "merged"))
    if content[:2] == b"PK":
        found_formulas = [] if head else _formulas(content, index)
        odd.extend((row, column, "formula") for row, column in found_formulas)
    return {"rows": table, "odd": odd, "name": sheet.name, "more": len(book.sheet_names) - 1}


def main() -> None:
    rows, columns, megabytes, seconds, head = (int(word) for word in sys.argv[1:6])
    _bound(megabytes, seconds)
    try:
        answer = read(sys.stdin.buffer.read(), rows, columns, head)
    except MemoryError:
        answer = {"error": "too_large"}
    except (CalamineError, zipfile.BadZipFile, KeyError, StopIteration, IndexError, ValueError, OSError):
        answer = {"error": "damaged"}
    except ElementTree.ParseError:
        answer = {"error": "damaged"}
    json.dump(answer, sys.stdout, ensure_ascii=True)


if __name__ == "__main__":
    main()
