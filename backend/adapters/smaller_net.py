"""A TFLite network made for one size of picture, ready for a smaller one: the same weights over less cost less.

Only for networks that are convolutions, means over everything and enlargements, as selfie_segmenter is. What depends on
the size in such a file are three kinds of whole numbers, and they are written over in place: the shape of what goes in,
the size of each mean, the size each enlargement leads to.

The file is a FlatBuffer (https://flatbuffers.dev/internals/): tables refer to their fields through a table of offsets.
Slots and numbers are those of TensorFlow Lite's schema, version 3 (tensorflow/lite/schema/schema.fbs).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

AVERAGE_POOL_2D, RESIZE_BILINEAR = 1, 23
MODEL_OPERATOR_CODES, MODEL_SUBGRAPHS, MODEL_BUFFERS = 1, 2, 4
SUBGRAPH_TENSORS, SUBGRAPH_INPUTS, SUBGRAPH_OPERATORS = 0, 1, 3
TENSOR_SHAPE, TENSOR_BUFFER = 0, 2
OPERATOR_CODE, OPERATOR_INPUTS, OPERATOR_OPTIONS = 0, 1, 4
CODE_OLD, CODE = 0, 3  # small numbers stand in a byte, as they did before there were many
POOL_WIDTH, POOL_HEIGHT = 3, 4
HALVED = 16  # the network halves the picture four times
BUFFER_DATA = 0


def with_size(model: bytes, rows: int, columns: int) -> bytes:
    """The network for pictures of that many rows and columns: multiples of 16, at most what the file was made for.

    Raises ValueError for other numbers and for bytes that are no such network.
    """
    changed = bytearray(model)
    try:
        whole = _Table(changed, _word(changed, 0))
        graph = next(whole.tables(MODEL_SUBGRAPHS))
        tensors = list(graph.tables(SUBGRAPH_TENSORS))
        shape, _ = tensors[graph.numbers(SUBGRAPH_INPUTS)[0]].vector(TENSOR_SHAPE)
        made_for = _word(changed, shape + 4), _word(changed, shape + 8)  # batch, height, width, bands
        places = {(shape + 4, shape + 8), *_sizes(whole, graph, tensors)}
    except (struct.error, IndexError, StopIteration):
        raise ValueError("no network of the known kind") from None
    for wanted, side in zip((rows, columns), made_for, strict=True):
        if wanted % HALVED or not 0 < wanted <= side:
            raise ValueError(f"{rows} x {columns} is no size for a network made for {made_for[0]} x {made_for[1]}")
    for pair in places:
        for place, wanted, side in zip(pair, (rows, columns), made_for, strict=True):
            struct.pack_into("<i", changed, place, _word(changed, place) * wanted // side)
    return bytes(changed)


def _sizes(whole: _Table, graph: _Table, tensors: list[_Table]) -> Iterator[tuple[int, int]]:
    """Where height and width of each mean and each enlargement stand."""
    codes = [max(code.byte(CODE_OLD), code.number(CODE)) for code in whole.tables(MODEL_OPERATOR_CODES)]
    buffers = list(whole.tables(MODEL_BUFFERS))
    for step in graph.tables(SUBGRAPH_OPERATORS):
        kind = codes[step.number(OPERATOR_CODE)]
        if kind == AVERAGE_POOL_2D:
            options = step.table(OPERATOR_OPTIONS)
            yield options.place(POOL_HEIGHT), options.place(POOL_WIDTH)
        elif kind == RESIZE_BILINEAR:
            size = tensors[step.numbers(OPERATOR_INPUTS)[1]]
            height = buffers[size.number(TENSOR_BUFFER)].vector(BUFFER_DATA)[0]
            yield height, height + 4


@dataclass(frozen=True)
class _Table:
    data: bytearray
    start: int

    def place(self, slot: int) -> int:
        """Where that field is. Raises IndexError when the file leaves it out."""
        offsets = self.start - _word(self.data, self.start)
        entry = 4 + 2 * slot
        if entry >= struct.unpack_from("<H", self.data, offsets)[0]:
            raise IndexError(slot)
        (away,) = struct.unpack_from("<H", self.data, offsets + entry)
        if not away:
            raise IndexError(slot)
        return int(self.start + away)

    def number(self, slot: int) -> int:
        """0, which the format does not write down, when the field is left out."""
        try:
            return _word(self.data, self.place(slot))
        except IndexError:
            return 0

    def byte(self, slot: int) -> int:
        try:
            return self.data[self.place(slot)]
        except IndexError:
            return 0

    def table(self, slot: int) -> _Table:
        place = self.place(slot)
        return _Table(self.data, place + _word(self.data, place))

    def vector(self, slot: int) -> tuple[int, int]:
        """Where its elements begin, and how many there are."""
        place = self.place(slot)
        start = place + _word(self.data, place)
        return start + 4, _word(self.data, start)

    def numbers(self, slot: int) -> tuple[int, ...]:
        start, count = self.vector(slot)
        return struct.unpack_from(f"<{count}i", self.data, start)

    def tables(self, slot: int) -> Iterator[_Table]:
        start, count = self.vector(slot)
        for place in range(start, start + 4 * count, 4):
            yield _Table(self.data, place + _word(self.data, place))


def _word(data: bytearray, place: int) -> int:
    return int(struct.unpack_from("<i", data, place)[0])
