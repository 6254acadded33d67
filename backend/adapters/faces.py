"""FaceAnalyser: YuNet on OpenCV finds faces, MediaPipe's networks on LiteRT give points, expressions and the person.

The networks hold state, so every thread loads its own; OpenCV's own threads are switched off because the product
runs one worker per core. Weights: YuNet 2023mar int8 (MIT), FaceLandmarker float16/1 and selfie_segmenter (Apache-2.0).
"""

from __future__ import annotations

import threading
import zipfile
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from backend.adapters.memory import give_back_big_blocks, give_back_free_heap
from backend.adapters.smaller_net import with_size
from backend.compliance.observed import MESH_POINTS, FaceBox, Grey, Mesh, Rgb

DETECTOR = "face_detection_yunet_2023mar_int8bq.onnx"
LANDMARKER = "face_landmarker.task"
SEGMENTER = "selfie_segmenter.tflite"

DETECTION_SIDE = 320  # faces from about 16 pixels at this size; a 480x640 picture is halved
MIN_SCORE = 0.6
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
        detector = self._nets().detector
        detector.setInputSize(size)
        _, rows = detector.detect(cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
        if rows is None:
            return ()
        boxes = [_box(row).scaled(1 / factor) for row in rows if np.isfinite(row).all()]
        return tuple(sorted(boxes, key=lambda box: box.area, reverse=True))

    def mesh(self, rgb: Rgb, face: FaceBox, *, blendshapes: bool = True) -> Mesh:
        nets = self._nets()
        to_crop = _crop_matrix(face)
        crop = np.asarray(cv2.warpAffine(rgb, to_crop, (CROP_SIDE, CROP_SIDE), flags=cv2.INTER_LINEAR), np.uint8)
        flat, logit = _run_points(nets.points, crop)
        points = _back(flat.reshape(MESH_POINTS, 3), to_crop)
        scores = _run_blendshapes(nets.blendshapes, points) if blendshapes else None
        return Mesh(points=points, presence=float(1 / (1 + np.exp(-np.clip(logit, -50, 50)))), blendshapes=scores)

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

    @cached_property
    def detector(self) -> Any:
        size = DETECTION_SIDE, DETECTION_SIDE
        return cv2.FaceDetectorYN.create(str(self._folder / DETECTOR), "", size, MIN_SCORE)

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


def _box(row: NDArray[np.float32]) -> FaceBox:
    x, y, width, height = (float(part) for part in row[:4])
    eyes = sorted(((float(row[4]), float(row[5])), (float(row[6]), float(row[7]))))
    return FaceBox(x, y, width, height, float(row[14]), eyes[0], eyes[1])


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


def _run_points(net: _Net, crop: Rgb) -> tuple[NDArray[np.float32], float]:
    logit, flat = net.run(np.multiply(crop, _TO_ONE, dtype=np.float32), *POINTS_OUTPUTS)
    return flat, float(logit.ravel()[0])


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
