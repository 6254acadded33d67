"""XLSX files that we give out: every cell a text, so that no number is rounded and no formula runs."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import xlsxwriter

PLAIN = {
    "constant_memory": True,
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NARROW, WIDE = 8, 40  # characters


def write_workbook(
    title: str, headings: Sequence[str], rows: Iterable[Sequence[object]], *, remarks: Sequence[str] = ()
) -> bytes:
    """One sheet: remarks on a sheet of their own, headings that stay in sight, a filter, and every value as text."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, PLAIN)
    book.set_properties({"title": title, "author": "", "comments": ""})
    text = book.add_format({"num_format": "@", "valign": "top"})
    head = book.add_format({"num_format": "@", "bold": True, "bg_color": "#E7F3EC", "bottom": 1})
    sheet = book.add_worksheet(_sheet_name(title))
    for column, word in enumerate(headings):
        sheet.set_column(column, column, min(max(2 * len(word) + 2, NARROW), WIDE), text)
        sheet.write_string(0, column, word, head)
    sheet.freeze_panes(1, 0)
    last = 0
    for last, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            sheet.write_string(last, column, "" if value is None else str(value), text)
    sheet.autofilter(0, 0, max(last, 1), max(len(headings) - 1, 0))
    if remarks:
        notes = book.add_worksheet("说明")
        notes.set_column(0, 0, 90)
        for line, remark in enumerate(remarks):
            notes.write_string(line, 0, remark)
    book.close()
    return buffer.getvalue()


def _sheet_name(title: str) -> str:
    return "".join(sign for sign in title if sign not in "[]:*?/\\'")[:31] or "Sheet1"
