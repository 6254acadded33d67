"""The face as measurements: what the checks ask of the 478 points.

"Left" and "right" are the viewer's. Lengths are pixels of the judged picture unless they are ratios; ratios are over
`length` (eyes to chin), which changes less with expression and head size than the eye distance does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import atan2, degrees, hypot

import numpy as np
from numpy.typing import NDArray

from backend.compliance.observed import Mesh

LEFT_PUPIL, RIGHT_PUPIL = 468, 473
IRISES = (469, 470, 471, 472), (474, 475, 476, 477)  # right, upper, left and lower end of each
LEFT_IRIS, RIGHT_IRIS = (469, 470, 471, 472), (474, 475, 476, 477)
CHIN, FOREHEAD = 152, 10
LEFT_CHEEK, RIGHT_CHEEK = 234, 454
NOSE_TIP, NOSE_BRIDGE, NOSE_BASE = 1, 168, 2
MOUTH_CORNERS = 61, 291
EYE_CORNERS = (33, 133), (362, 263)

# upper and lower lid over the pupil and beside it, outer and inner corner
LEFT_LIDS = ((160, 144), (159, 145), (158, 153))
RIGHT_LIDS = ((387, 373), (386, 374), (385, 380))
LEFT_EYE = (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7)
RIGHT_EYE = (263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249)
LEFT_BROW = (70, 63, 105, 66, 107, 55, 65, 52, 53, 46)
RIGHT_BROW = (300, 293, 334, 296, 336, 285, 295, 282, 283, 276)
INNER_LIPS = ((82, 87), (13, 14), (312, 317))
OUTER_LIPS = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)
MOUTH_OPENING = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95)
OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip

# patches of skin: beside the nose under each eye, between the brows, tip of the nose, cheeks beside the mouth, chin
CHEEKS = ((50, 101, 118, 117, 123, 187, 205, 36), (280, 330, 347, 346, 352, 411, 425, 266))
GLABELLA = (107, 9, 336, 285, 8, 55)
NOSE = (4, 45, 220, 115, 48, 64, 98, 97, 2, 326, 327, 294, 278, 344, 440, 275)
LOWER_CHEEKS = (
    (205, 206, 203, 98, 165, 92, 186, 57, 212, 214, 192, 187),
    (425, 426, 423, 327, 391, 322, 410, 287, 432, 434, 416, 411),
)
CHIN_SKIN = (43, 106, 182, 83, 18, 313, 406, 335, 273, 422, 424, 418, 421, 200, 201, 194, 204, 202)
BROW_LINES = ((70, 63, 105, 66, 107), (300, 293, 334, 296, 336))

# places in the ARKit list of 52
BLINK = (9, 10)
SMILE = (44, 45)
LOOK_DOWN, LOOK_IN, LOOK_OUT, LOOK_UP = (11, 12), (13, 14), (15, 16), (17, 18)
JAW_OPEN = 25


@dataclass(frozen=True)
class Face:
    """One face on the judged picture."""

    mesh: Mesh

    @cached_property
    def points(self) -> NDArray[np.float32]:
        """(478, 2), pixels."""
        return self.mesh.points[:, :2]

    @cached_property
    def pupils(self) -> tuple[tuple[float, float], tuple[float, float]]:
        return self.point(LEFT_PUPIL), self.point(RIGHT_PUPIL)

    @cached_property
    def eye_middle(self) -> tuple[float, float]:
        (left_x, left_y), (right_x, right_y) = self.pupils
        return (left_x + right_x) / 2, (left_y + right_y) / 2

    @cached_property
    def eye_distance(self) -> float:
        return self.distance(LEFT_PUPIL, RIGHT_PUPIL)

    @cached_property
    def length(self) -> float:
        """From the middle of the eyes to the chin (T in ISO/IEC 29794-5)."""
        x, y = self.eye_middle
        chin_x, chin_y = self.point(CHIN)
        return max(1.0, float(np.hypot(chin_x - x, chin_y - y)))

    @cached_property
    def tilt(self) -> float:
        """Degrees of the pupil line, positive when the viewer's right eye is lower."""
        (left_x, left_y), (right_x, right_y) = self.pupils
        return degrees(atan2(right_y - left_y, right_x - left_x))

    @cached_property
    def width(self) -> float:
        """From cheek to cheek, at the height of the ears' lower roots."""
        return self.distance(LEFT_CHEEK, RIGHT_CHEEK)

    @cached_property
    def axis(self) -> float:
        """Where the face's vertical axis stands: the middle of cheeks, pupils and chin, so that a turn of the head
        moves it less than the nose."""
        cheeks = (self.point(LEFT_CHEEK)[0] + self.point(RIGHT_CHEEK)[0]) / 2
        return (cheeks + self.eye_middle[0]) / 2

    def moved(self, x: float, y: float) -> Face:
        """The same face on a picture whose corner lies x to the right and y below."""
        return Face(replace(self.mesh, points=self.mesh.points - np.array([x, y, 0], dtype=np.float32)))

    @cached_property
    def _places(self) -> list[tuple[float, float]]:
        """The points as plain numbers: single ones are asked hundreds of times."""
        return [(x, y) for x, y in self.points.tolist()]

    @cached_property
    def _polygons(self) -> dict[tuple[int, ...], NDArray[np.float32]]:
        return {}

    def point(self, index: int) -> tuple[float, float]:
        return self._places[index]

    def outline(self, indices: tuple[int, ...]) -> tuple[tuple[float, float], ...]:
        places = self._places
        return tuple([places[index] for index in indices])

    def polygon(self, indices: tuple[int, ...]) -> NDArray[np.float32]:
        """(n, 2), not to be written to."""
        found = self._polygons.get(indices)
        if found is None:
            found = self._polygons[indices] = np.asarray(self.points[list(indices)], dtype=np.float32)
            found.flags.writeable = False
        return found

    def distance(self, first: int, second: int) -> float:
        (first_x, first_y), (second_x, second_y) = self.point(first), self.point(second)
        return hypot(second_x - first_x, second_y - first_y)

    def shape(self, places: tuple[int, ...]) -> float:
        """The mean of those blendshapes, 0..1; 0 when the mesh came without."""
        scores = self.mesh.blendshapes
        return 0.0 if scores is None else float(scores[list(places)].sum()) / len(places)
