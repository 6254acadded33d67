"""Reads one workbook (XLSX, XLS) in a process of its own: a file made to exhaust the memory takes only this one down.

Run as a script with the bytes on stdin; nothing of the application is imported. Arguments: rows, columns, megabytes,
seconds, how many first rows are wanted (0: all), and of which sheet (its place in the workbook from 0; -1: of every
visible one when first rows are wanted, else of the first that holds something). Answers with one JSON object:
{"error": reason}, or {"sheets": [{"rows", "odd", "name", "place"}]}.
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
MOST_SHEETS = 20  # of one workbook that are looked at
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


def _visible(book: CalamineWorkbook, place: int) -> list[int]:
    """Places of the sheets that may be meant: the one at that place, else all that a person sees."""
    seen = [
        index
        for index, meta in enumerate(book.sheets_metadata)
        if "WorkSheet" in str(meta.typ) and str(meta.visible).endswith(".Visible")
    ]
    return [index for index in seen if place in (-1, index)][:MOST_SHEETS]


def _problem(sheet: CalamineSheet, rows: int, columns: int) -> str | None:
    """Why a sheet cannot be taken."""
    if sheet.height == 0 or sheet.width == 0 or sheet.end is None:
        return "empty"
    last_row, last_column = sheet.end
    if last_row >= rows + HEAD:
        return "too_many_rows"
    return "too_many_columns" if last_column >= columns else None


def read(content: bytes, rows: int, columns: int, head: int, place: int) -> dict[str, Any]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    except PasswordError:
        return {"error": "encrypted"}
    sheets: list[dict[str, Any]] = []
    problems: list[str] = []
    for index in _visible(book, place):
        sheet = book.get_sheet_by_index(index)
        problem = _problem(sheet, rows, columns)
        if problem is None:
            sheets.append({**_cells(sheet, content, index, head), "name": sheet.name, "place": index})
        elif problem != "empty":
            problems.append(problem)
        if not head and (sheets or problems):
            break
    if sheets:
        return {"sheets": sheets}
    return {"error": problems[0] if problems else "empty"}


def _cells(sheet: CalamineSheet, content: bytes, index: int, head: int) -> dict[str, Any]:
    """{"rows", "odd"} of one sheet."""
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
    return {"rows": table, "odd": odd}


def main() -> None:
    rows, columns, megabytes, seconds, head, place = (int(word) for word in sys.argv[1:7])
    _bound(megabytes, seconds)
    try:
        answer = read(sys.stdin.buffer.read(), rows, columns, head, place)
    except MemoryError:
        answer = {"error": "too_large"}
    except (CalamineError, zipfile.BadZipFile, KeyError, StopIteration, IndexError, ValueError, OSError):
        answer = {"error": "damaged"}
    except ElementTree.ParseError:
        answer = {"error": "damaged"}
    json.dump(answer, sys.stdout, ensure_ascii=True)


if __name__ == "__main__":
    main()
