"""From the stored file of an import to its lines: the same ones, in the same order, every time it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.exchange.kinds import Kind
from backend.exchange.lines import HEAD, Line, Recognised, likely, lines_of, recognise
from backend.exchange.photos import ArchiveReader, PhotoArchive, photo_lines
from backend.exchange.sheet import HeadsReader, Limits, Sheet, SheetReader
from backend.ports import FileStore


@dataclass(frozen=True)
class Readers:
    """How files are read; adapters implement them."""

    sheet: SheetReader
    heads: HeadsReader
    photos: ArchiveReader
    limits: Limits


@dataclass
class Reading:
    """The lines of one import. For photos: the archive, and where in it the file of a line is."""

    lines: list[Line]
    paths: dict[int, str] = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=dict)
    archive: PhotoArchive | None = None
    files: FileStore | None = None

    def place(self, line: Line) -> str:
        """Where people find the line: its row, or the file's name."""
        return self.paths.get(line.row, str(line.row))


def read_lines(content: bytes, kind: Kind, chosen: Mapping[str, Any], *, readers: Readers, files: FileStore) -> Reading:
    """Raises SheetRefused. chosen: {"sheet": place, "header": row, "columns": {name: place}}, of a table."""
    if kind.photos:
        archive = readers.photos(content, readers.limits)
        lines, paths, places = photo_lines(archive, kind, lambda table: _table(table, kind, chosen, readers))
        return Reading(lines, paths, places, archive, files)
    sheet: Sheet = readers.sheet(content, readers.limits, place=chosen.get("sheet"))
    return Reading(lines_of(sheet, kind, header=chosen["header"], columns=chosen["columns"]))


def _table(content: bytes, kind: Kind, chosen: Mapping[str, Any], readers: Readers) -> tuple[Sheet, Recognised]:
    """The table beside photos, and what its columns were said to be."""
    if not chosen:  # taken in before the columns of such tables could be pointed out
        found = likely(readers.heads(content, readers.limits, head=HEAD), kind)
        sheet = readers.sheet(content, readers.limits, place=found.place)
        return sheet, recognise(sheet, kind)
    sheet = readers.sheet(content, readers.limits, place=chosen.get("sheet"))
    return sheet, Recognised(chosen["header"], dict(chosen["columns"]))
