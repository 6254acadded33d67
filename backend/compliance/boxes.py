"""How a HEIF file is put together (ISO 14496-12 and 23008-12), looked at before its decoder sees it.

An item can name a turn two hundred times, and a grid of pictures be made of grids: each costs a pass over all of the
picture, so that 17 KB keep a processor busy for 20 seconds. What cannot be followed is left to the decoder.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

MOST_BOXES = 10_000  # beside each other; phones write below 300
MOST_PROPERTIES = 32  # of one item: phones write below 10
MOST_BYTES = 4 * 1024 * 1024  # of all properties: the decoder reads a colour profile byte by byte
MOST_MADE_OF_MADE = 2  # references from a picture that is put together to another one that is
PUT_TOGETHER = frozenset({b"grid", b"iovl", b"iden"})

Span = tuple[int, int]


class TooMuch(Exception):
    """The file asks for more work than a picture needs."""


def ensure_bounded(content: bytes) -> None:
    """Raises TooMuch."""
    for kind, span in _boxes(content, (0, len(content))):
        if kind == b"meta":
            _ensure_meta(content, (span[0] + 4, span[1]))


def _ensure_meta(content: bytes, meta: Span) -> None:
    parts = list(_boxes(content, meta))
    properties: Counter[int] = Counter()
    for _, inside in _of(parts, b"iprp"):
        if inside[1] - inside[0] > MOST_BYTES:
            raise TooMuch(f"more than {MOST_BYTES} bytes of properties")
        for _, listed in _of(_boxes(content, inside), b"ipma"):
            properties.update(_properties(content, listed))
    if properties and max(properties.values()) > MOST_PROPERTIES:
        raise TooMuch(f"more than {MOST_PROPERTIES} properties")
    made = {item for _, inside in _of(parts, b"iinf") for item in _put_together(content, inside)}
    links = [link for _, inside in _of(parts, b"iref") for link in _made_of(content, inside)]
    if sum(whole in made and part in made for whole, part in links) > MOST_MADE_OF_MADE:
        raise TooMuch("pictures put together of such that are")


def _boxes(content: bytes, inside: Span) -> Iterator[tuple[bytes, Span]]:
    """The type of each box there and where its contents lie."""
    place, end = inside
    for _ in range(MOST_BOXES):
        if place + 8 > end:
            return
        length, head = _number(content, place, 4), 8
        if length == 1:
            length, head = _number(content, place + 8, 8), 16
        stop = end if length == 0 else place + length
        if stop < place + head or stop > end:
            return
        yield content[place + 4 : place + 8], (place + head, stop)
        place = stop
    raise TooMuch(f"more than {MOST_BOXES} boxes")


def _of(boxes: Iterator[tuple[bytes, Span]] | list[tuple[bytes, Span]], kind: bytes) -> Iterator[tuple[bytes, Span]]:
    return (box for box in boxes if box[0] == kind)


def _properties(content: bytes, listed: Span) -> Iterator[int]:
    """The item of each entry, once for every property that it names."""
    place, end = listed
    if end - place < 8:
        return
    id_bytes = 2 if content[place] == 0 else 4
    wide = 2 if content[place + 3] & 1 else 1
    place += 8
    for _ in range(MOST_BOXES):
        if place + id_bytes + 1 > end:
            return
        item, count = _number(content, place, id_bytes), content[place + id_bytes]
        yield from [item] * count
        place += id_bytes + 1 + count * wide
    raise TooMuch(f"properties of more than {MOST_BOXES} items")


def _put_together(content: bytes, inside: Span) -> Iterator[int]:
    place, end = inside
    head = 6 if content[place : place + 1] == b"\0" else 8
    for kind, (start, _) in _boxes(content, (place + head, end)):
        id_bytes = 2 if content[start : start + 1] == b"\2" else 4
        if kind == b"infe" and content[start + 6 + id_bytes : start + 10 + id_bytes] in PUT_TOGETHER:
            yield _number(content, start + 4, id_bytes)


def _made_of(content: bytes, inside: Span) -> Iterator[tuple[int, int]]:
    """Pairs of items: what is put together, and one that it is made of."""
    place, end = inside
    id_bytes = 2 if content[place : place + 1] == b"\0" else 4
    for kind, (start, stop) in _boxes(content, (place + 4, end)):
        if kind == b"dimg":
            whole = _number(content, start, id_bytes)
            for part in range(start + id_bytes + 2, stop - id_bytes + 1, id_bytes):
                yield whole, _number(content, part, id_bytes)


def _number(content: bytes, place: int, length: int) -> int:
    return int.from_bytes(content[place : place + length])
