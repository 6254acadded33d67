"""Tables out of files: XLSX and XLS (calamine, in a process of its own), CSV in any of its encodings, DBF.

What a file is, is read from its bytes; its name decides nothing. Nothing here knows what the columns mean.
"""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backend.exchange.sheet import MAX_CELL, Limits, Odd, Sheet, SheetRefused

CHILD = Path(__file__).with_name("workbook_child.py")
CHILD_MEGABYTES, CHILD_SECONDS = 2048, 120
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
# 990101199001011234 opened as a number and saved as text: the last digits are gone
ROUNDED = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]{2}")
AS_TEXT = re.compile(r'="([^"]*)"')  # how some programs force a text: ="0012"
ENCODINGS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_sheet(content: bytes, limits: Limits, *, place: int | None = None) -> Sheet:
    """The table in these bytes: of a workbook the sheet at that place, without one the first that holds something.

    Raises SheetRefused with the reason; no bytes whatever raise anything else.
    """
    return _tables(content, limits, None, place)[0]


def read_heads(content: bytes, limits: Limits, *, head: int) -> list[Sheet]:
    """The first rows of every table in these bytes, which is quick: of a workbook its visible sheets.

    Raises SheetRefused as `read_sheet` does; a sheet that is too large is left out while there are others.
    """
    return _tables(content, limits, head, None)


def _tables(content: bytes, limits: Limits, head: int | None, place: int | None) -> list[Sheet]:
    if not content.strip(b"\0 \r\n\t"):
        raise SheetRefused("empty")
    if len(content) > limits.bytes:
        raise SheetRefused("too_large")
    if content[:2] == b"PK":
        return _workbook(content, limits, "xlsx", head, place)
    if content[:8] == OLE:
        return _workbook(content, limits, "xls", head, place)
    if looks_like_dbf(content):
        return [read_dbf(content, limits, head)]
    return [read_csv(content, limits, head)]


def _workbook(content: bytes, limits: Limits, kind: str, head: int | None, place: int | None) -> list[Sheet]:
    if kind == "xlsx":
        _check_archive(content, limits)
    numbers = (limits.rows, limits.columns, CHILD_MEGABYTES, CHILD_SECONDS, head or 0, -1 if place is None else place)
    try:
        done = subprocess.run(
            [sys.executable, str(CHILD), *map(str, numbers)],
            input=content,
            capture_output=True,
            timeout=CHILD_SECONDS * 2,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SheetRefused("too_large") from None
    try:
        answer = json.loads(done.stdout)
    except ValueError:  # the process died: out of memory or time, or a fault in the library
        raise SheetRefused("too_large" if b"memory" in done.stderr else "damaged") from None
    if "error" in answer:
        raise SheetRefused(answer["error"])
    return [_sheet(kind, found) for found in answer["sheets"]]


def _sheet(kind: str, found: Mapping[str, Any]) -> Sheet:
    """One sheet as the child tells of it."""
    odd = {(row, column): Odd(what) for row, column, what in found["odd"]}
    for row, cells in enumerate(found["rows"]):
        for column, text in enumerate(cells):
            if ROUNDED.fullmatch(text.strip()):
                odd[row, column] = Odd.PRECISION
    return Sheet(kind, _clipped(found["rows"]), odd, name=found["name"], place=found["place"])


def _check_archive(content: bytes, limits: Limits) -> None:
    """A workbook is a ZIP: is it whole, and not larger inside than any list of people?"""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
        raise SheetRefused("damaged") from None
    if not any(member.filename == "xl/workbook.xml" for member in members):
        raise SheetRefused("not_a_table")
    if sum(member.file_size for member in members) > limits.unpacked_bytes or len(members) > 5000:
        raise SheetRefused("too_large")


def read_csv(content: bytes, limits: Limits, head: int | None = None) -> Sheet:
    """Separated text: UTF-8 with or without its mark, UTF-16 with it, else GB18030."""
    text, encoding = _decoded(content)
    if "\0" in text:
        raise SheetRefused("not_a_table")
    begin = text[:4096]
    separator = max(",\t;", key=begin.count)
    rows: list[list[str]] = []
    odd: dict[tuple[int, int], Odd] = {}
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            if len(rows) > limits.rows:
                raise SheetRefused("too_many_rows")
            if head is not None and len(rows) >= head:
                break
            if len(cells) > limits.columns:
                raise SheetRefused("too_many_columns")
            line = [cell.strip("\t") for cell in cells]
            for column, cell in enumerate(line):
                if cell[:1] == "=":
                    forced = AS_TEXT.fullmatch(cell)
                    if forced:
                        line[column] = forced[1]
                    else:
                        odd[len(rows), column] = Odd.FORMULA
                elif ROUNDED.fullmatch(cell.strip()):
                    odd[len(rows), column] = Odd.PRECISION
            rows.append(line)
    except csv.Error:
        raise SheetRefused("damaged") from None
    if not any(any(cell.strip() for cell in line) for line in rows):
        raise SheetRefused("empty")
    if max(len(line) for line in rows) < 2 and not any(sign in begin for sign in ",\t;\n"):
        raise SheetRefused("not_a_table")
    return Sheet("csv", _clipped(rows), odd, encoding=encoding)


def _decoded(content: bytes) -> tuple[str, str]:
    for mark, encoding in ENCODINGS:
        if content.startswith(mark):
            try:
                return content.decode(encoding), encoding
            except UnicodeDecodeError:
                raise SheetRefused("encoding") from None
    if b"\0" in content[:4096]:  # a picture, a program: no encoding would help
        raise SheetRefused("not_a_table")
    for encoding in ("utf-8", "gb18030"):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise SheetRefused("encoding")


def looks_like_dbf(content: bytes) -> bool:
    """dBase III and its kin: a known version, a date, and a header that ends where it says."""
    if len(content) < 66 or content[0] not in (0x03, 0x83, 0x30, 0x31, 0x32, 0x8B, 0xF5):
        return False
    month, day = content[2], content[3]
    header = int.from_bytes(content[8:10], "little")
    plausible = month <= 12 and day <= 31 and 65 <= header <= len(content)
    return plausible and b"\r" in content[32:header]


def read_dbf(content: bytes, limits: Limits, head: int | None = None) -> Sheet:
    """A dBase table in GBK. Deleted rows are left out and counted; a name cut inside a character is marked."""
    records = int.from_bytes(content[4:8], "little")
    header = int.from_bytes(content[8:10], "little")
    length = int.from_bytes(content[10:12], "little")
    names, widths, kinds = [], [], []
    for start in range(32, header - 31, 32):
        if content[start] == 0x0D:
            break
        field = content[start : start + 32]
        names.append(field[:11].partition(b"\0")[0].decode("gb18030", "replace").strip())
        kinds.append(chr(field[11]))
        # a text may be longer than 255: its length then has two bytes
        widths.append(field[16] + (256 * field[17] if field[11] == 0x43 else 0))
    if not names or sum(widths) + 1 > length:
        raise SheetRefused("damaged")
    if len(names) > limits.columns:
        raise SheetRefused("too_many_columns")
    if records > limits.rows:
        raise SheetRefused("too_many_rows")
    if header + records * length > len(content) + 1:
        raise SheetRefused("cut_off")
    rows: list[list[str]] = [names]
    odd: dict[tuple[int, int], Odd] = {}
    deleted = 0
    for number in range(records if head is None else min(records, head)):
        at = header + number * length
        if content[at : at + 1] == b"*":
            deleted += 1
            rows.append([])  # its place stays, so that the others keep theirs
            continue
        line, place = [], at + 1
        for column, (width, kind) in enumerate(zip(widths, kinds, strict=True)):
            raw = content[place : place + width].strip(b" \0")
            place += width
            if kind in "MGBP":
                raw = b""  # what is kept in another file is not here
            try:
                text = raw.decode("gb18030")
            except UnicodeDecodeError:
                text = raw.decode("gb18030", "replace")
                odd[number + 1, column] = Odd.ENCODING
            if ROUNDED.fullmatch(text):
                odd[number + 1, column] = Odd.PRECISION
            line.append(text)
        rows.append(line)
    if len(rows) - deleted < 2 and head is None:
        raise SheetRefused("empty")
    return Sheet("dbf", _clipped(rows), odd, encoding="gb18030", deleted=deleted)


def _clipped(rows: list[list[str]]) -> list[list[str]]:
    """No cell longer than anybody needs; no empty cells at the end of a row, no zero bytes; equal words once."""
    words: dict[str, str] = {}
    for line in rows:
        for column, cell in enumerate(line):
            if len(cell) > MAX_CELL or "\0" in cell:
                cell = cell[: MAX_CELL + 1].replace("\0", "")
            line[column] = words.setdefault(cell, cell)
        while line and not line[-1]:
            line.pop()
    return rows
