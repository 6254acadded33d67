"""FaceAnalyser: YuNet finds faces, MediaPipe's networks give points, expressions and the person, all on LiteRT.

The networks hold state, so every thread loads its own; OpenCV's own threads are switched off because the product
runs one worker per core. Weights: YuNet 2023mar int8 (MIT), FaceLandmarker float16/1 and selfie_segmenter (Apache-2.0).
"""

from __future__ import annotations

import threading
import zipfile
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from backend.adapters.detector_net import STRIDES, VALUES, WHOLE, Convolution, network, weights_of
from backend.adapters.memory import give_back_big_blocks, give_back_free_heap
from backend.adapters.smaller_net import with_size
from backend.compliance.observed import MESH_POINTS, FaceBox, Grey, Mesh, Rgb

DETECTOR = "face_detection_yunet_2023mar_int8bq.onnx"
LANDMARKER = "face_landmarker.task"
SEGMENTER = "selfie_segmenter.tflite"

DETECTION_SIDE = 320  # faces from about 16 pixels at this size; a 480x640 picture is halved
MIN_SCORE, OVERLAP = 0.6, 0.3  # of a find; of two finds that are one face, over all that both cover
DETECTORS = 3  # sizes of picture for which a thread keeps one: files and raw pictures, frames, another shape
CROP_SIDE = 256
POINTS_OUTPUTS = "Identity_1", "Identity"  # the logit of there being a face, and the points
PERSON_SIZE = 256, 256  # rows and columns in which the person is looked for
_TO_ONE = np.float32(1 / 255)
# round a head alone, whose rows and columns are then as fine as in the whole picture; on 282 frames its top differs by
# 0.8 of 640 rows, in 3 of 100 by more than 4.4
HEAD_SIZE = 112, 128
CROP_SCALE = 1.5  # of the box; points differ by 0.6 % of the eye distance from a second, better aimed pass

# the points that the blendshape network wants, in its order (MediaPipe face_landmarker.task, Apache-2.0)
# fmt: off
_BLENDSHAPE_POINTS = np.array([
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70,
    78, 80, 81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149,
    150, 152, 153, 154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195,
    197, 234, 246, 249, 251, 263, 267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300,
    308, 310, 311, 312, 314, 317, 318, 321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375,
    377, 378, 379, 380, 381, 382, 384, 385, 386, 387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454,
    466, 468, 469, 470, 471, 472, 473, 474, 475, 476, 477,
])
# fmt: on


class FaceNetworks:
    """See `backend.ports.FaceAnalyser`. One object may serve many threads; each gets its own networks."""

    def __init__(self, folder: Path | str) -> None:
        """folder: where the model files lie. Raises FileNotFoundError naming what is missing."""
        self._folder = Path(folder)
        for name in (DETECTOR, LANDMARKER, SEGMENTER):
            if not (self._folder / name).is_file():
                raise FileNotFoundError(f"{self._folder / name} is missing; `make setup` fetches the face models")
        self._local = threading.local()
        cv2.setNumThreads(1)
        give_back_big_blocks()

    def faces(self, rgb: Rgb) -> tuple[FaceBox, ...]:
        height, width = rgb.shape[:2]
        factor = min(1.0, DETECTION_SIDE / max(height, width))
        size = max(1, round(width * factor)), max(1, round(height * factor))
        small = rgb if factor == 1.0 else cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        rows, columns = (-(-side // WHOLE) * WHOLE for side in small.shape[:2])
        given = np.zeros((rows + 2, columns + 2, 3), np.float32)
        given[1 : small.shape[0] + 1, 1 : small.shape[1] + 1] = small
        boxes = [box.scaled(1 / factor) for box in _found(self._nets().detector(rows, columns).run(given))]
        return tuple(sorted(boxes, key=lambda box: box.area, reverse=True))

    def mesh(self, rgb: Rgb, face: FaceBox, *, blendshapes: bool = True) -> Mesh:
        nets = self._nets()
        to_crop = _crop_matrix(face)
        crop = np.asarray(cv2.warpAffine(rgb, to_crop, (CROP_SIDE, CROP_SIDE), flags=cv2.INTER_LINEAR), np.uint8)
        flat, logit = _run_points(nets.points, crop)
        points = _back(flat.reshape(MESH_POINTS, 3), to_crop)
        scores = _run_blendshapes(nets.blendshapes, points) if blendshapes else None
        return Mesh(points=points, presence=float(_share(logit)), blendshapes=scores)

    def person(self, rgb: Rgb, *, small: bool = False) -> Grey:
        if small:
            return _run_person(self._nets().head, rgb, HEAD_SIZE, cv2.INTER_LINEAR)
        return _run_person(self._nets().person, rgb, PERSON_SIZE, cv2.INTER_AREA)

    def make_room(self) -> None:
        self._local.nets = None
        give_back_free_heap()

    def _nets(self) -> _Nets:
        nets = getattr(self._local, "nets", None)
        if nets is None:
            nets = self._local.nets = _Nets(self._folder)
        return nets


class _Nets:
    """What one thread runs. Each is made when it is first asked, so that nobody keeps what they do not need."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._detectors: dict[tuple[int, int], _Net] = {}  # the one asked last at the end

    def detector(self, rows: int, columns: int) -> _Net:
        net = self._detectors.pop((rows, columns), None) or _Net(network(self._detector, rows, columns))
        if len(self._detectors) == DETECTORS:
            del self._detectors[next(iter(self._detectors))]
        self._detectors[rows, columns] = net
        return net

    @cached_property
    def _detector(self) -> dict[int, Convolution]:
        return weights_of(str(self._folder / DETECTOR))

    @cached_property
    def points(self) -> _Net:
        return _Net(self._of_task("face_landmarks_detector.tflite"))

    @cached_property
    def blendshapes(self) -> _Net:
        return _Net(self._of_task("face_blendshapes.tflite"))

    @cached_property
    def person(self) -> _Net:
        return _Net((self._folder / SEGMENTER).read_bytes())

    @cached_property
    def head(self) -> _Net:
        return _Net(with_size((self._folder / SEGMENTER).read_bytes(), *HEAD_SIZE))

    def _of_task(self, name: str) -> bytes:
        with zipfile.ZipFile(self._folder / LANDMARKER) as task:
            return task.read(name)


class _Net:
    """A TFLite network with one input, on one thread."""

    def __init__(self, model: bytes) -> None:
        self._interpreter = Interpreter(model_content=model, num_threads=1)
        self._interpreter.allocate_tensors()
        (given,) = self._interpreter.get_input_details()
        self._input = given["index"]
        self._outputs = {one["name"]: one["index"] for one in self._interpreter.get_output_details()}

    def run(self, given: NDArray[np.float32], *outputs: str) -> list[NDArray[np.float32]]:
        """given: one input without its batch. outputs: by name; all of them when none is named."""
        self._interpreter.set_tensor(self._input, given[None])
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(self._outputs[name]) for name in outputs or self._outputs]


def _found(sizes: list[NDArray[np.float32]]) -> list[FaceBox]:
    """The surest first. sizes: what the detector gives, (1, h, w, VALUES) for each of STRIDES."""
    finds = np.concatenate([_placed(one[0], stride) for one, stride in zip(sizes, STRIDES, strict=True)])
    finds = finds[np.isfinite(finds).all(axis=1)]
    # whole pixels, as in OpenCV's FaceDetectorYN, whose results these are
    kept = cv2.dnn.NMSBoxes(finds[:, 1:5].astype(np.int32).tolist(), finds[:, 0].tolist(), MIN_SCORE, OVERLAP)
    return [_box(finds[int(place)]) for place in kept]


def _placed(values: NDArray[np.float32], stride: int) -> NDArray[np.float32]:
    """(n, 15): score, left, top, width, height and five points of what is a face; the eyes are the first two points."""
    raw = values.reshape(-1, VALUES)
    score = np.sqrt(_share(raw[:, 0]) * _share(raw[:, 5]))
    likely = np.flatnonzero(score >= MIN_SCORE)
    row, column = np.divmod(likely, values.shape[1])
    at, raw = np.stack([column, row], axis=1), raw[likely]
    size = np.exp(raw[:, 3:5])
    points = raw[:, 6:].reshape(-1, 5, 2) + at[:, None]
    placed = np.concatenate([raw[:, 1:3] + at - size / 2, size, points.reshape(-1, 10)], axis=1) * stride
    return np.concatenate([score[likely, None], placed], axis=1, dtype=np.float32)


def _share(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """0..1."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -50, 50))), dtype=np.float32)


def _box(find: NDArray[np.float32]) -> FaceBox:
    score, x, y, width, height, *points = find.tolist()
    eyes = sorted(((points[0], points[1]), (points[2], points[3])))
    return FaceBox(x, y, width, height, score, eyes[0], eyes[1])


def _crop_matrix(face: FaceBox) -> NDArray[np.float64]:
    """The 2x3 affine from the picture to the upright square crop that the mesh network expects."""
    (left_x, left_y), (right_x, right_y) = face.left_eye, face.right_eye
    angle = np.arctan2(right_y - left_y, right_x - left_x)
    side = CROP_SCALE * max(face.width, face.height)
    scale = CROP_SIDE / max(side, 1.0)
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    centre_x, centre_y = face.x + face.width / 2, face.y + face.height / 2
    half = CROP_SIDE / 2
    return np.array(
        [
            [cos, sin, half - cos * centre_x - sin * centre_y],
            [-sin, cos, half + sin * centre_x - cos * centre_y],
        ]
    )


def _run_points(net: _Net, crop: Rgb) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    logit, flat = net.run(np.multiply(crop, _TO_ONE, dtype=np.float32), *POINTS_OUTPUTS)
    return flat, logit.ravel()[0]


def _back(points: NDArray[np.float32], to_crop: NDArray[np.float64]) -> NDArray[np.float32]:
    back = cv2.invertAffineTransform(to_crop)
    scale = float(np.hypot(back[0, 0], back[0, 1]))
    placed = np.empty_like(points)
    placed[:, :2] = points[:, :2] @ back[:, :2].T + back[:, 2]
    placed[:, 2] = points[:, 2] * scale
    return placed


def _run_blendshapes(net: _Net, points: NDArray[np.float32]) -> NDArray[np.float32]:
    (scores,) = net.run(points[_BLENDSHAPE_POINTS, :2])
    return scores.reshape(-1)


def _run_person(net: _Net, rgb: Rgb, size: tuple[int, int], reduce: int) -> Grey:
    """reduce: how OpenCV makes the picture smaller. The mean of an area is exact; two rows and columns take an eighth
    of its time and do where a picture is hardly halved."""
    height, width = rgb.shape[:2]
    rows, columns = size
    small = cv2.resize(rgb, (columns, rows), interpolation=reduce)
    (alpha,) = net.run(np.multiply(small, _TO_ONE, dtype=np.float32))
    return np.asarray(
        cv2.resize(alpha.reshape(rows, columns), (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32
    )
