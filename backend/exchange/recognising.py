"""Which table of a file is meant, and what its columns are: what is recognised, and what was chosen by hand before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from backend.exchange.kinds import Kind
from backend.exchange.lines import HEAD, headings, likely, recognise, shy, signature
from backend.exchange.queries import choice_for, newest_choice
from backend.exchange.reading import Readers
from backend.exchange.sheet import Sheet

SHOWN = 5  # rows of the file that the page shows
SHEETS = "工作表"  # stands before the names of a workbook's sheets in their signature


@dataclass(frozen=True)
class Recognition:
    """What an import keeps of its table.

    columns: {"sheet", "header", "columns"}; preview: the headings, the first rows below them, and as "top" the rows
    among which the headings may be: [row from 0, cells]; none where the file itself says what its headings are.
    """

    format: str
    about: dict[str, Any]
    columns: dict[str, Any]
    preview: dict[str, Any]


def recognise_table(
    session: Session,
    content: bytes,
    kind: Kind,
    readers: Readers,
    *,
    place: int | None = None,
    header: int | None = None,
) -> Recognition:
    """The table at that place of the file, or the one that was chosen for such a file before, or the likely one.

    header: its heading row, where somebody pointed it out; else a row that was the heading of a file before, else the
    likely one. Raises SheetRefused.
    """
    heads = readers.heads(content, readers.limits, head=HEAD + SHOWN)
    names = [sheet.name for sheet in heads]
    found = next((sheet for sheet in heads if sheet.place == place), None)
    if found is None:
        remembered = choice_for(session, kind.name, sheets_signature(names)) or {}
        found = next((sheet for sheet in heads if sheet.name == remembered.get("sheet")), None)
    sheet = found or likely(heads, kind)
    chosen = _chosen_before(session, sheet, kind, header)
    if chosen is not None:
        header = chosen[0]
    guess = recognise(sheet, kind, header)
    about = {
        "encoding": sheet.encoding,
        "deleted": sheet.deleted,
        "sheets": [{"place": other.place, "name": other.name} for other in heads] if len(heads) > 1 else [],
    }
    columns = {"sheet": sheet.place, "header": guess.header, "columns": chosen[1] if chosen else guess.columns}
    preview = {
        "headings": headings(sheet, guess.header),
        "rows": [_shown(row) for row in sheet.rows[guess.header + 1 :] if any(row)][:SHOWN],
        "top": [] if sheet.format == "dbf" else [[row, _shown(sheet.rows[row])] for row in _rows_of_words(sheet)],
    }
    return Recognition(sheet.format, about, columns, preview)


def _rows_of_words(sheet: Sheet) -> list[int]:
    """The rows among which the headings may be."""
    return [row for row, cells in enumerate(sheet.rows[:HEAD]) if any(text.strip() for text in cells)]


def _shown(cells: Sequence[str]) -> list[str]:
    return [shy(cell[:40]) for cell in cells]


def _chosen_before(session: Session, sheet: Sheet, kind: Kind, header: int | None) -> tuple[int, dict[str, Any]] | None:
    """The row whose words were the headings of a file before, and its columns; the newest choice counts.

    header: the only row that may be it, if somebody pointed it out.
    """
    rows = _rows_of_words(sheet) if header is None else [header] if header >= 0 else []
    signs = {signature(headings(sheet, row)): row for row in rows}
    found = newest_choice(session, kind.name, signs)
    return (signs[found.signature], dict(found.columns)) if found else None


def sheets_signature(names: Sequence[str]) -> str:
    """A workbook with the same sheets in the same order has the same one."""
    return signature([SHEETS, *names])
