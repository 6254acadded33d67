"""HEIF files put together box by box: grids, chains of turns, pictures made of pictures."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence

import pillow_heif
from PIL import Image

from tests import images

SIDE = 512  # of the one tile that every file here is made of


def box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(data), kind) + data


def full(kind: bytes, data: bytes, *, version: int = 0, flags: int = 0) -> bytes:
    return box(kind, bytes([version]) + flags.to_bytes(3) + data)


def turned(quarters: int) -> bytes:
    return box(b"irot", bytes([quarters]))


def profile(size: int) -> bytes:
    return box(b"colr", b"prof" + bytes(size))


def grid(rows: int, columns: int, properties: Sequence[bytes] = (), *, repeated: int = 1, of_grids: int = 0) -> bytes:
    """One tile in rows and columns. repeated: how often each property is named; of_grids: so many of that in a grid."""
    hvcc, coded = _tile()
    size = columns * SIDE, rows * SIDE
    layout = struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, *size)
    outer = struct.pack(">BBBBHH", 0, 0, 0, max(of_grids, 1) - 1, *size)
    named = [4 + number for number in range(len(properties))] * repeated
    hidden = 1 if of_grids else 0
    infos = [_info(1, b"grid", hidden), _info(2, b"hvc1", 1), *([_info(3, b"grid", 0)] if of_grids else [])]
    references = _made_of(1, [2] * (rows * columns)) + (_made_of(3, [1] * of_grids) if of_grids else b"")
    has = [(1, [3, *named]), (2, [0x81, 2]), *([(3, [3])] if of_grids else [])]
    container = box(b"ipco", hvcc + _size(SIDE, SIDE) + _size(*size) + b"".join(properties))
    listed = b"".join(struct.pack(">HB", item, len(numbers)) + bytes(numbers) for item, numbers in has)
    places = [(1, 1, 0, len(layout)), (2, 0, -1, len(coded)), (3, 1, len(layout), len(outer))][: len(infos)]

    def meta(start: int) -> bytes:
        located = b"".join(
            struct.pack(">HHHHII", item, how, 0, 1, start if at < 0 else at, length) for item, how, at, length in places
        )
        parts = [
            full(b"hdlr", b"\0\0\0\0pict" + bytes(13)),
            full(b"pitm", struct.pack(">H", 3 if of_grids else 1)),
            full(b"iloc", struct.pack(">BBH", 0x44, 0, len(places)) + located, version=1),
            full(b"iinf", struct.pack(">H", len(infos)) + b"".join(infos)),
            box(b"iprp", container + full(b"ipma", struct.pack(">I", len(has)) + listed)),
            box(b"idat", layout + outer),
            full(b"iref", references),
        ]
        return full(b"meta", b"".join(parts))

    kind = box(b"ftyp", b"heic\0\0\0\0mif1heic")
    return kind + meta(len(kind) + len(meta(0)) + 8) + box(b"mdat", coded)


def _info(item: int, kind: bytes, hidden: int) -> bytes:
    return full(b"infe", struct.pack(">HH4s", item, 0, kind) + b"\0", version=2, flags=hidden)


def _made_of(item: int, parts: list[int]) -> bytes:
    return box(b"dimg", struct.pack(f">HH{len(parts)}H", item, len(parts), *parts))


def _size(width: int, height: int) -> bytes:
    return full(b"ispe", struct.pack(">II", width, height))


def _tile() -> tuple[bytes, bytes]:
    """How it is coded, as a property, and its data."""
    pillow_heif.register_heif_opener(thumbnails=False)
    buffer = io.BytesIO()
    Image.fromarray(images.astronaut()).resize((SIDE, SIDE)).save(buffer, "HEIF", quality=40)
    whole = buffer.getvalue()
    start = whole.index(b"hvcC") - 4
    return whole[start : start + int.from_bytes(whole[start : start + 4])], whole[whole.index(b"mdat") + 4 :]
