"""What a face analyser sees on a picture, in plain numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Rgb: TypeAlias = NDArray[np.uint8]  # (height, width, 3), sRGB
Grey: TypeAlias = NDArray[np.float32]  # (height, width)
Mask: TypeAlias = NDArray[np.bool_]  # (height, width)

BLENDSHAPE_COUNT = 52
MESH_POINTS = 478


@dataclass(frozen=True)
class FaceBox:
    """A face that the detector found. Pixels of the picture given to it; the eyes are (x, y), image left first."""

    x: float
    y: float
    width: float
    height: float
    score: float
    left_eye: tuple[float, float]
    right_eye: tuple[float, float]

    @property
    def area(self) -> float:
        return self.width * self.height

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2

    def moved(self, x: float, y: float) -> FaceBox:
        """The same box on a picture whose corner lies x to the right and y below."""
        (left_x, left_y), (right_x, right_y) = self.left_eye, self.right_eye
        eyes = (left_x - x, left_y - y), (right_x - x, right_y - y)
        return FaceBox(self.x - x, self.y - y, self.width, self.height, self.score, *eyes)

    def scaled(self, factor: float) -> FaceBox:
        """The same box on a picture whose sides are `factor` times as long."""
        return FaceBox(
            self.x * factor,
            self.y * factor,
            self.width * factor,
            self.height * factor,
            self.score,
            (self.left_eye[0] * factor, self.left_eye[1] * factor),
            (self.right_eye[0] * factor, self.right_eye[1] * factor),
        )


@dataclass(frozen=True)
class Mesh:
    """The face as 478 points.

    points:      (478, 3) float32; x, y in pixels of the picture, z in the same scale, smaller is nearer.
    presence:    0..1, how sure the model is that there is a face at all.
    blendshapes: (52,) float32, 0..1 in ARKit order, or None when they were not asked for.
    at_first:    the presence where the points were looked for first, if they were looked for once more.
    """

    points: NDArray[np.float32]
    presence: float
    blendshapes: NDArray[np.float32] | None
    at_first: float | None = None
