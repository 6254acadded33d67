"""Which table of a file is meant, and what its columns are: what is recognised, and what was chosen by hand before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from backend.exchange.kinds import Kind
from backend.exchange.lines import HEAD, headings, likely, recognise, shy, signature
from backend.exchange.queries import choice_for
from backend.exchange.reading import Readers

SHOWN = 5  # rows of the file that the page shows
SHEETS = "工作表"  # stands before the names of a workbook's sheets in their signature


@dataclass(frozen=True)
class Recognition:
    """What an import keeps of its table. columns: {"sheet", "header", "columns"}; preview: headings and first rows."""

    format: str
    about: dict[str, Any]
    columns: dict[str, Any]
    preview: dict[str, Any]


def recognise_table(
    session: Session, content: bytes, kind: Kind, readers: Readers, *, place: int | None = None
) -> Recognition:
    """The table at that place of the file, or the one that was chosen for such a file before, or the likely one.

    Raises SheetRefused.
    """
    heads = readers.heads(content, readers.limits, head=HEAD + SHOWN)
    names = [sheet.name for sheet in heads]
    found = next((sheet for sheet in heads if sheet.place == place), None)
    if found is None:
        remembered = choice_for(session, kind.name, sheets_signature(names)) or {}
        found = next((sheet for sheet in heads if sheet.name == remembered.get("sheet")), None)
    sheet = found or likely(heads, kind)
    guess = recognise(sheet, kind)
    words = headings(sheet, guess.header)
    chosen = choice_for(session, kind.name, signature(words))
    about = {
        "encoding": sheet.encoding,
        "deleted": sheet.deleted,
        "sheets": [{"place": other.place, "name": other.name} for other in heads] if len(heads) > 1 else [],
    }
    columns = {"sheet": sheet.place, "header": guess.header, "columns": guess.columns if chosen is None else chosen}
    rows = [[shy(cell[:40]) for cell in row] for row in sheet.rows[guess.header + 1 :] if any(row)][:SHOWN]
    return Recognition(sheet.format, about, columns, {"headings": words, "rows": rows})


def sheets_signature(names: Sequence[str]) -> str:
    """A workbook with the same sheets in the same order has the same one."""
    return signature([SHEETS, *names])
