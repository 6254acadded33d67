"""The package of a batch: a ZIP with photos, the unit's table and the hashes of both; the same bytes every time."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, cast

import dbf

from backend.adapters.lists_out import Column, xlsx
from backend.capture.rules import UnitFormat

MANIFEST = "manifest.sha256"  # as `sha256sum -c` reads it


@dataclass(frozen=True)
class PackedPhoto:
    """name: within the package; content gives the bytes when they are written."""

    name: str
    content: Callable[[], bytes]


def table_bytes(unit_format: UnitFormat, rows: Sequence[Mapping[str, str]], *, made_on: datetime, note: str) -> bytes:
    """The table in the unit's format: its columns in their order. made_on: the day that a DBF bears."""
    if unit_format.kind == "xlsx":
        columns = [Column(column.name, max(8, min(column.width, 30))) for column in unit_format.columns]
        cells = [[row[column.name] for column in unit_format.columns] for row in rows]
        return xlsx(unit_format.title, columns, cells, note=note)
    with tempfile.TemporaryDirectory(prefix="xuezhao-") as folder:
        path = Path(folder) / "table.dbf"
        fields = "; ".join(f"{column.name} C({column.width})" for column in unit_format.columns)
        table = dbf.Table(str(path), fields, codepage=unit_format.encoding, dbf_type="db3")
        table.open(dbf.READ_WRITE)
        for row in rows:
            # the library refuses what is too long or cannot be written; sealing has said so before
            table.append(tuple(row[column.name] for column in unit_format.columns))
        table.close()
        content = bytearray(path.read_bytes())
    content[1:4] = bytes((made_on.year - 1900, made_on.month, made_on.day))
    return bytes(content)


def package(
    photos: Sequence[PackedPhoto], *, table: tuple[str, bytes], readme: tuple[str, str], made_at: datetime
) -> Iterator[bytes]:
    """The ZIP piece by piece, one photo in memory at a time. made_at: the time that its entries bear."""
    out = _Pieces()
    hashes: list[str] = []
    with zipfile.ZipFile(cast(IO[bytes], out), "w", zipfile.ZIP_STORED) as archive:

        def write(name: str, content: bytes) -> None:
            hashes.append(f"{hashlib.sha256(content).hexdigest()}  {name}")
            entry = zipfile.ZipInfo(name, made_at.timetuple()[:6])
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)

        write(table[0], table[1])
        for photo in photos:
            write(f"photos/{photo.name}", photo.content())
            yield out.taken()
        entry = zipfile.ZipInfo(readme[0], made_at.timetuple()[:6])
        archive.writestr(entry, readme[1].encode())
        entry = zipfile.ZipInfo(MANIFEST, made_at.timetuple()[:6])
        archive.writestr(entry, "\n".join(hashes) + "\n")
    yield out.taken()


class _Pieces:
    """A file that can only be written on; what was written is taken away piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._position = 0

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        self._position += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._position

    def flush(self) -> None:
        """Everything is where it goes."""

    def seekable(self) -> bool:
        return False

    def taken(self) -> bytes:
        pieces, self._pieces = b"".join(self._pieces), []
        return pieces
