"""YuNet, which comes as an ONNX file, as a TFLite network: LiteRT runs it in half of OpenCV's time.

OpenCV reads the weights (they are stored in blocks that other readers refuse), and the network is written down once
more around them. Its shape: convolutions of 1x1 and 3x3 in turn, five halvings, and at the three last sizes four heads
side by side. Slots and numbers of the file are those of TensorFlow Lite's schema, version 3
(tensorflow/lite/schema/schema.fbs), its container a FlatBuffer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import flatbuffers
import numpy as np
from numpy.typing import NDArray

STRIDES = 8, 16, 32  # of the three sizes at which faces are found
WHOLE = 32  # pixels: sides are multiples of it
VALUES = 16  # of each place: the class, the box (4), there being an object, five points (10)
# the convolutions by their number in the file, as pairs of 1x1 and 3x3; a 3x3 one that halves comes first
STAGES = (((2, 3),), ((6, 7), (9, 10)), ((12, 13), (15, 16)), ((19, 20), (22, 23)), ((26, 27), (29, 30)),
          ((33, 34), (36, 37)))  # fmt: skip
HALVED_AFTER = (0, 2, 3, 4)
NECK = (39, 40), (45, 46), (51, 52)  # from the coarsest
HEADS = (54, 60, 66, 72), (56, 62, 68, 74), (58, 64, 70, 76)  # class, box, object, points; of each size from the finest

ADD, CONV_2D, DEPTHWISE_CONV_2D, MAX_POOL_2D, RESIZE_NEAREST_NEIGHBOR = CODES = 0, 3, 4, 17, 97
OPTIONS = {ADD: 11, CONV_2D: 1, DEPTHWISE_CONV_2D: 2, MAX_POOL_2D: 5, RESIZE_NEAREST_NEIGHBOR: 74}
SAME, VALID = 0, 1
FLOAT32, INT32 = 0, 2
RELU = 1
Field = tuple[int, str, int]  # slot, kind, value
Convolution = tuple[NDArray[np.float32], NDArray[np.float32]]  # kernel (out, in, height, width), bias (out,)


def weights_of(path: str) -> dict[int, Convolution]:
    """Each convolution by its number.

    Raises cv2.error for a file that OpenCV cannot read.
    """
    net = cv2.dnn.readNet(path)
    layers = {name: net.getLayer(net.getLayerId(name)) for name in net.getLayerNames()}
    held = {name: layer.blobs for name, layer in layers.items() if layer.type == "Convolution"}
    return {
        int(name.rsplit("_", 1)[1]): (np.asarray(kernel, np.float32), np.asarray(bias, np.float32).ravel())
        for name, (kernel, bias) in held.items()
    }


def network(weights: dict[int, Convolution], rows: int, columns: int) -> bytes:
    """A TFLite network for pictures of that many rows and columns, multiples of WHOLE.

    Given: (1, rows + 2, columns + 2, 3) float32, sRGB 0..255, with an edge of one pixel of 0. Gives, in the order of
    STRIDES, (1, rows / stride, columns / stride, VALUES). Raises ValueError for other sizes.
    """
    if min(rows, columns) < WHOLE or rows % WHOLE or columns % WHOLE:
        raise ValueError(f"{rows} x {columns} is no size for this network")
    made = _Made()
    given = seen = made.tensor((1, rows + 2, columns + 2, 3))
    kernel, bias = weights[0]
    seen = made.convolved(seen, kernel[:, ::-1], bias, halved=True)  # the file wants blue, green, red
    sizes: list[int] = []
    for number, stage in enumerate(STAGES):
        for pair in stage:
            seen = made.both(seen, weights, pair)
        sizes.append(seen)
        if number in HALVED_AFTER:
            seen = made.pooled(seen)
    found: list[int] = []
    below: int | None = None
    for at, pair in zip(reversed(sizes[-3:]), NECK, strict=True):
        below = made.both(at if below is None else made.added(made.doubled(below), at), weights, pair)
        found.insert(0, below)
    outputs = []
    for at, heads in zip(found, HEADS, strict=True):
        first, then = (_side_by_side([weights[head + step] for head in heads]) for step in (0, 1))
        outputs.append(made.deep(made.convolved(at, *first, relu=False), *then, relu=False))
    return made.file(given, outputs)


def _side_by_side(parts: Sequence[Convolution]) -> Convolution:
    return np.concatenate([kernel for kernel, _ in parts]), np.concatenate([bias for _, bias in parts])


@dataclass
class _Made:
    """A network while it is put together: the shapes of its tensors, their numbers, and the steps between them."""

    shapes: list[tuple[int, ...]] = field(default_factory=list)
    held: dict[int, NDArray[Any]] = field(default_factory=dict)
    steps: list[tuple[int, Sequence[int], int, Sequence[Field]]] = field(default_factory=list)

    def tensor(self, shape: tuple[int, ...], held: NDArray[Any] | None = None) -> int:
        self.shapes.append(shape)
        if held is not None:
            self.held[len(self.shapes) - 1] = np.ascontiguousarray(held)
        return len(self.shapes) - 1

    def both(self, seen: int, weights: dict[int, Convolution], pair: tuple[int, int]) -> int:
        """A convolution over the channels of each place, then one over the places of each channel."""
        return self.deep(self.convolved(seen, *weights[pair[0]], relu=False), *weights[pair[1]])

    def convolved(
        self, seen: int, kernel: NDArray[np.float32], bias: NDArray[np.float32], *, halved: bool = False,
        relu: bool = True,
    ) -> int:  # fmt: skip
        _, rows, columns, _ = self.shapes[seen]
        stride, shape = (2, (1, rows // 2 - 1, columns // 2 - 1)) if halved else (1, (1, rows, columns))
        kernel = kernel.transpose(0, 2, 3, 1)
        options = [(0, "b", VALID), (1, "i", stride), (2, "i", stride), (3, "b", RELU * relu)]
        weights = [self.tensor(kernel.shape, kernel), self.tensor(bias.shape, bias)]
        return self._step(CONV_2D, [seen, *weights], (*shape, len(bias)), options)

    def deep(self, seen: int, kernel: NDArray[np.float32], bias: NDArray[np.float32], *, relu: bool = True) -> int:
        kernel = kernel.transpose(1, 2, 3, 0)
        options = [(0, "b", SAME), (1, "i", 1), (2, "i", 1), (3, "i", 1), (4, "b", RELU * relu)]
        weights = [self.tensor(kernel.shape, kernel), self.tensor(bias.shape, bias)]
        return self._step(DEPTHWISE_CONV_2D, [seen, *weights], self.shapes[seen], options)

    def pooled(self, seen: int) -> int:
        _, rows, columns, bands = self.shapes[seen]
        options = [(0, "b", VALID), *((slot, "i", 2) for slot in (1, 2, 3, 4))]
        return self._step(MAX_POOL_2D, [seen], (1, rows // 2, columns // 2, bands), options)

    def doubled(self, seen: int) -> int:
        _, rows, columns, bands = self.shapes[seen]
        size = self.tensor((2,), np.array([2 * rows, 2 * columns], np.int32))
        return self._step(RESIZE_NEAREST_NEIGHBOR, [seen, size], (1, 2 * rows, 2 * columns, bands), [])

    def added(self, one: int, other: int) -> int:
        return self._step(ADD, [one, other], self.shapes[one], [])

    def _step(self, kind: int, given: Sequence[int], shape: tuple[int, ...], options: Sequence[Field]) -> int:
        out = self.tensor(shape)
        self.steps.append((kind, given, out, options))
        return out

    def file(self, given: int, outputs: Sequence[int]) -> bytes:
        to = flatbuffers.Builder(1 << 20)
        numbers = {tensor: 1 + place for place, tensor in enumerate(self.held)}  # buffer 0 is that of nothing
        buffers = [_table(to, 1, ())]
        for held in self.held.values():
            to.StartVector(1, held.nbytes, 16)
            to.head -= held.nbytes
            to.Bytes[to.head : to.head + held.nbytes] = held.tobytes()
            data = to.EndVector()
            buffers.append(_table(to, 1, [(0, "o", data)]))
        tensors = []
        for tensor, shape in enumerate(self.shapes):
            kind = INT32 if tensor in self.held and self.held[tensor].dtype == np.int32 else FLOAT32
            name, sizes = to.CreateString(f"t{tensor}"), _numbers(to, shape)
            fields = [(0, "o", sizes), (1, "b", kind), (2, "u", numbers.get(tensor, 0)), (3, "o", name)]
            tensors.append(_table(to, 4, fields))
        steps = []
        for kind, needs, out, options in self.steps:
            told, taken, made = _table(to, 7, options), _numbers(to, needs), _numbers(to, [out])
            how = (3, "B", OPTIONS[kind]), (4, "o", told)
            steps.append(_table(to, 5, [(0, "u", CODES.index(kind)), (1, "o", taken), (2, "o", made), *how]))
        parts = _offsets(to, tensors), _numbers(to, [given]), _numbers(to, outputs), _offsets(to, steps)
        graph = _table(to, 5, [(slot, "o", part) for slot, part in enumerate(parts)])
        codes = _offsets(to, [_table(to, 4, [(0, "b", code), (2, "i", 1), (3, "i", code)]) for code in CODES])
        graphs, all_buffers = _offsets(to, [graph]), _offsets(to, buffers)
        to.Finish(_table(to, 5, [(0, "u", 3), (1, "o", codes), (2, "o", graphs), (4, "o", all_buffers)]), b"TFL3")
        return bytes(to.Output())


def _table(to: Any, slots: int, fields: Sequence[Field]) -> int:
    add = {
        "b": to.PrependInt8Slot, "B": to.PrependUint8Slot, "i": to.PrependInt32Slot, "u": to.PrependUint32Slot,
        "o": to.PrependUOffsetTRelativeSlot,
    }  # fmt: skip
    to.StartObject(slots)
    for slot, kind, value in fields:
        add[kind](slot, value, 0)
    return int(to.EndObject())


def _numbers(to: Any, numbers: Sequence[int]) -> int:
    to.StartVector(4, len(numbers), 4)
    for number in reversed(numbers):
        to.PrependInt32(int(number))
    return int(to.EndVector())


def _offsets(to: Any, tables: Sequence[int]) -> int:
    to.StartVector(4, len(tables), 4)
    for table in reversed(tables):
        to.PrependUOffsetTRelative(table)
    return int(to.EndVector())
