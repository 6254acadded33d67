"""From the stored file of an import to its lines: the same ones, in the same order, every time it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.exchange.kinds import Kind
from backend.exchange.lines import Line, lines_of, missing_columns
from backend.exchange.photos import ArchiveReader, PhotoArchive, photo_lines, table_of
from backend.exchange.sheet import HeadsReader, Limits, Sheet, SheetReader, SheetRefused
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
    """Raises SheetRefused.

    chosen: {"sheet": place, "header": row, "columns": {name: place}}, of a table; "by_name": the one beside photos is
    not looked at
    """
    if kind.photos:
        archive = readers.photos(content, readers.limits)
        lines, paths, places = photo_lines(archive.paths, _table(archive, kind, chosen, readers))
        return Reading(lines, paths, places, archive, files)
    sheet: Sheet = readers.sheet(content, readers.limits, place=chosen.get("sheet"))
    return Reading(lines_of(sheet, kind, header=chosen["header"], columns=chosen["columns"]))


def _table(archive: PhotoArchive, kind: Kind, chosen: Mapping[str, Any], readers: Readers) -> list[Line] | None:
    """The rows of the table beside photos; None when there is none, or the names of the files are what counts."""
    content = table_of(archive, kind)
    if content is None or not chosen or chosen.get("by_name"):
        return None
    if missing_columns(kind, chosen["columns"]):
        raise SheetRefused("table_columns")
    sheet = readers.sheet(content, readers.limits, place=chosen.get("sheet"))
    return lines_of(sheet, kind, header=chosen["header"], columns=chosen["columns"])
