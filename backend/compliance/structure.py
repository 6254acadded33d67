"""How a file is put together, looked at before any decoder sees it.

The size in pixels does not bound what a decoder does. A file of a few hundred kilobytes can ask for thousands of passes
over one picture, and one of thirty megabytes hold millions of empty parts that are each kept as an object. Both keep a
processor busy for minutes, and no camera or program writes them.
"""

from __future__ import annotations

from dataclasses import dataclass

from backend.compliance.boxes import TooMuch, ensure_bounded

MOST_SEGMENTS = 1_000  # of a JPEG before its picture: cameras write below 100, fill bytes between them count too
MOST_METADATA = 2 * 1024 * 1024  # bytes of Exif and Photoshop parts in a JPEG: a part holds 64 KB, cameras write one
MOST_SCANS = 64  # of a JPEG: programs write about 10, a picture with a second one behind it a few more
MOST_CHUNKS = 20_000  # of a PNG: 30 MB in pieces of 8 KB are 4000

START_OF_SCAN = 0xDA
END_OF_IMAGE = 0xD9
TAKEN_APART = {0xE1: b"Exif\0", 0xED: b"Photoshop 3.0\0"}  # by Pillow in Python, and Exif joined anew for each part
FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # the markers that state size and components
WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})


class Unbounded(Exception):
    """The file asks for more work than a picture needs."""


@dataclass(frozen=True)
class Structure:
    """held_whole: every pixel has to be in memory at once, however small the picture is wanted."""

    held_whole: bool


def structure_of(content: bytes, kind: str) -> Structure:
    """kind: of `decode.kind_of`. Broken files are left to their decoder, which names what is wrong.

    Raises Unbounded.
    """
    if kind == "JPEG":
        return Structure(_jpeg_held_whole(content))
    if kind == "PNG" and _chunks(content) > MOST_CHUNKS:
        raise Unbounded(f"more than {MOST_CHUNKS} chunks")
    if kind == "HEIF":
        try:
            ensure_bounded(content)
        except TooMuch as error:
            raise Unbounded(str(error)) from error
    return Structure(held_whole=True)


def _jpeg_held_whole(content: bytes) -> bool:
    """Whether its picture comes in several passes (T.81, annexes B and G): all of its coefficients are kept then."""
    place, components, progressive, metadata = 2, 0, False, 0
    for _ in range(MOST_SEGMENTS):
        if place + 4 > len(content) or content[place] != 0xFF or content[place + 1] == END_OF_IMAGE:
            return False
        marker, length = content[place + 1], int.from_bytes(content[place + 2 : place + 4])
        if marker == 0xFF:
            place += 1
        elif marker in WITHOUT_LENGTH:
            place += 2
        elif marker == START_OF_SCAN:
            in_passes = progressive or content[place + 4 : place + 5] < bytes((components,))
            if in_passes and content.count(bytes((0xFF, START_OF_SCAN)), place) > MOST_SCANS:
                raise Unbounded(f"more than {MOST_SCANS} scans")
            return in_passes
        else:
            if marker in FRAMES:
                progressive = marker not in (0xC0, 0xC1)
                components = int.from_bytes(content[place + 9 : place + 10])
            elif content.startswith(TAKEN_APART.get(marker, b"\xff"), place + 4):
                metadata += length
                if metadata > MOST_METADATA:
                    raise Unbounded(f"more than {MOST_METADATA} bytes of metadata")
            place += 2 + length
    raise Unbounded(f"more than {MOST_SEGMENTS} segments")


def _chunks(content: bytes) -> int:
    place, count = 8, 0
    while place + 8 <= len(content) and count <= MOST_CHUNKS:
        place += 12 + int.from_bytes(content[place : place + 4])
        count += 1
    return count
