"""Pictures for the demo, the tests and the guides, made from one free portrait.

`portrait.jpg` is a part of NASA's official portrait of Eileen Collins (1993, public domain; also in scikit-image).
The invented students all have her face: no picture of anybody else is used anywhere. From it a studio is made: the
person is cut out and dressed plainly, the smile closed (the standard wants closed lips), and put before a wall in the
light that is asked for. Everything is computed, so that the same wish gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.compliance.observed import Rgb
from backend.ports import FaceAnalyser

Floats = NDArray[np.float32]

PORTRAIT = Path(__file__).parent / "portrait.jpg"

# the walls that the standard names, as sRGB
BLUE, WHITE, GREY = (100, 197, 255), (255, 255, 255), (240, 240, 240)

CANVAS = (1200, 1600)  # width and height of a finished picture, pixels
LIFT = 0.12  # by how much the far cheek is brightened
GRAIN = 9.0  # standard deviation of the camera's grain before it is softened, 0..255
ENLARGED = 4  # the portrait is small: a face of 110 pixels becomes one of 440

# points of the 478-point mesh: inner edge of the upper and the lower lip, outer edge of the lower lip
_UPPER_INNER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
_LOWER_INNER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
_LOWER_OUTER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
_FACE_OUTLINE = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150,
    136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """How a picture shall look. The defaults make a compliant one.

    wall:     colour of the background, sRGB
    scale:    size of the person, 1 is right
    shift:    (x, y) in pixels of the canvas, to the right and down
    tilt:     degrees, clockwise
    light:    factor on everything; below 1 is darker
    side:     0..1, how much of the light the left half of the picture loses
    blur:     sigma of a Gaussian blur, pixels
    shadow:   0..1, strength of a soft shadow beside the head
    smiling:  with teeth, as on the portrait
    people:   1 or 2
    """

    wall: tuple[int, int, int] = BLUE
    scale: float = 1.0
    shift: tuple[int, int] = (0, 0)
    tilt: float = 0.0
    light: float = 1.0
    side: float = 0.0
    blur: float = 0.0
    shadow: float = 0.0
    smiling: bool = False
    people: int = 1


class Studio:
    """Takes pictures as wished. Building one analyses the portrait once (about 0.3 s)."""

    def __init__(self, analyser: FaceAnalyser) -> None:
        with Image.open(PORTRAIT) as portrait:
            size = (portrait.width * ENLARGED, portrait.height * ENLARGED)
            large: Rgb = np.asarray(portrait.convert("RGB").resize(size, Image.Resampling.LANCZOS))
        mesh = analyser.mesh(large, analyser.faces(large)[0], blendshapes=False)
        points = np.asarray(mesh.points, np.float64)[:, :2]
        large = _even_light(large, points)
        dress = _Dress(large.shape[:2], points)
        closed = _close_mouth(large, points)
        self._smiling = dress.put_on(large, _cut_out(analyser, large))
        self._closed = dress.put_on(closed, _cut_out(analyser, closed))
        # the grain of a camera, finer than the enlarged portrait; the same in every picture
        grain = np.random.default_rng(1).normal(0, GRAIN, (CANVAS[1], CANVAS[0], 1))
        self._grain = _blurred(grain.astype(np.float32), 0.7)[..., None]
        self._axis, self._eyes = points[[33, 263]].mean(axis=0)  # outer corners of the eyes: the middle of the face

    def take(self, wish: Wish = Wish(), *, quality: int = 92) -> bytes:
        """A JPEG of 1200x1600 pixels."""
        width, height = CANVAS
        picture: Floats = np.empty((height, width, 3), np.float32)
        picture[:] = wish.wall
        if wish.shadow:
            picture *= 1 - wish.shadow * _lobe(width, height)[..., None]
        places = [0.0] if wish.people == 1 else [-300.0, 300.0]
        for place in places:
            person, mask = self._placed(wish, place, 1.0 if wish.people == 1 else 0.7)
            picture = person * mask[..., None] + picture * (1 - mask[..., None])
        if wish.side:
            fall = np.clip(np.linspace(1 - wish.side, 1 + wish.side, width, dtype=np.float32), 1 - wish.side, 1)
            picture *= fall[None, :, None]
        picture *= wish.light
        if wish.blur:
            picture = _blurred(picture, wish.blur)
        picture = picture + self._grain
        bgr = np.clip(picture, 0, 255).astype(np.uint8)[..., ::-1]
        return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()

    def _placed(self, wish: Wish, place: float, size: float) -> tuple[Floats, Floats]:
        person, mask = self._smiling if wish.smiling else self._closed
        scale = wish.scale * size
        width, height = CANVAS
        matrix = cv2.getRotationMatrix2D((self._axis, person.shape[0] / 2), -wish.tilt, scale)
        matrix[0, 2] += width / 2 - self._axis + wish.shift[0] + place
        # the portrait is cut below the collar: it stands on the lower edge of the picture, but a person who comes
        # near keeps the eyes at their height
        below_eyes = person.shape[0] - self._eyes
        eyes = max(height - below_eyes * scale, height - below_eyes)
        matrix[1, 2] += eyes - (matrix[1, :2] @ (self._axis, self._eyes) + matrix[1, 2]) + wish.shift[1]
        flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        moved = cv2.warpAffine(person, matrix, CANVAS, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        moved_mask = cv2.warpAffine(mask, matrix, CANVAS, flags=cv2.INTER_LINEAR)
        return moved.astype(np.float32), moved_mask.astype(np.float32)


class _Dress:
    """A plain dark jersey instead of the space suit: nobody comes to the photo for the diploma in one."""

    COLOUR = (46, 52, 70)

    def __init__(self, shape: tuple[int, int], points: NDArray[np.float64]) -> None:
        height, width = shape
        chin, jaw = points[152], points[[58, 288], 1].mean()
        face = float(points[454, 0] - points[234, 0])
        middle = float(points[[234, 454], 0].mean())
        head = np.zeros(shape, np.float32)
        outline = points[list(_FACE_OUTLINE)].astype(np.int32)
        cv2.fillConvexPoly(head, cv2.convexHull(outline), 1.0)
        neck = slice(int(middle - 0.40 * face), int(middle + 0.40 * face))
        head[int(jaw) :, neck] = 1
        head = cv2.dilate(head, np.ones((9, 9), np.uint8)).astype(np.float32)
        head[: int(jaw)] = 1  # hair and ears stay as they are
        self._head = _blurred(head, 3)
        self._cloth = _blurred(self._shape(shape, middle, float(chin[1]), face), 3)
        rows = np.linspace(1.12, 0.88, height, dtype=np.float32)[:, None]
        columns = 1 - 0.25 * np.abs(np.linspace(-1, 1, width, dtype=np.float32))[None, :]
        self._light = rows * columns

    def _shape(self, shape: tuple[int, int], middle: float, chin: float, face: float) -> Floats:
        """Shoulders that fall away from a round collar, the same on both sides."""
        across = np.linspace(0, 1, 60)
        collar = chin + 0.22 * face
        outer = middle + face * (0.36 + 1.05 * across)
        fall = collar + face * (0.10 + 0.42 * across**1.6)
        inner = middle + face * 0.36 * np.cos(np.pi / 2 * across)
        dip = collar + face * (0.10 + 0.12 * np.sin(np.pi / 2 * across))
        half = np.concatenate([np.stack([inner[::-1], dip[::-1]], 1), np.stack([outer, fall], 1)])
        bottom = np.array([[outer[-1] + 0.12 * face, shape[0] + 10.0]])
        right = np.concatenate([half, bottom])
        left = np.stack([2 * middle - right[::-1, 0], right[::-1, 1]], 1)
        cloth = np.zeros(shape, np.float32)
        cv2.fillPoly(cloth, [np.concatenate([right, left]).astype(np.int32)], 1.0)
        return cloth

    def put_on(self, person: Rgb, mask: Floats) -> tuple[Rgb, Floats]:
        """The person in the jersey, and what is person now."""
        cloth = np.array(self.COLOUR, np.float32) * self._light[..., None]
        share = self._cloth[..., None]
        dressed: Rgb = np.clip(person * (1 - share) + cloth * share, 0, 255).astype(np.uint8)
        return dressed, np.maximum(mask * self._head, self._cloth)


def _close_mouth(picture: Rgb, points: NDArray[np.float64]) -> Rgb:
    """Move the lower lip up to the upper one; the chin below it follows less and less."""
    height, width = picture.shape[:2]
    upper, lower, outer = (points[list(line)] for line in (_UPPER_INNER, _LOWER_INNER, _LOWER_OUTER))
    across = np.arange(width)
    upper_y = np.interp(across, upper[:, 0], upper[:, 1])
    gap = np.maximum(np.interp(across, lower[:, 0], lower[:, 1]) - upper_y, 0)
    gap[(across <= upper[0, 0]) | (across >= upper[-1, 0])] = 0
    end = np.interp(across, outer[:, 0], outer[:, 1]) + 15 * ENLARGED
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    share = np.clip((end - rows) / (end - upper_y), 0, 1)
    inside = (rows >= upper_y) & (rows <= end)
    source = np.where(inside, rows + gap * share, rows).astype(np.float32)
    return cv2.remap(picture, columns, source, cv2.INTER_CUBIC).astype(np.uint8)


def _even_light(picture: Rgb, points: NDArray[np.float64]) -> Rgb:
    """The portrait's light comes from one side; the darker half of the face is lifted a little."""
    left, right = points[234, 0], points[454, 0]  # the cheeks' outer edges
    share = np.clip((np.arange(picture.shape[1]) - left) / (right - left), 0, 1)
    gain = 1 - LIFT / 2 + LIFT * share
    lifted: Rgb = np.clip(picture * gain[None, :, None], 0, 255).astype(np.uint8)
    return lifted


def _cut_out(analyser: FaceAnalyser, picture: Rgb) -> Floats:
    """How much of each pixel is the person, 0..1, with a clean edge."""
    alpha = np.clip((analyser.person(picture) - 0.4) / 0.3, 0, 1).astype(np.float32)
    return _blurred(alpha, 2)


def _lobe(width: int, height: int) -> Floats:
    """A soft dark spot to the right of the head, 0..1."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    distance = ((columns - width * 0.8) / (width * 0.18)) ** 2 + ((rows - height * 0.4) / (height * 0.25)) ** 2
    lobe: Floats = np.exp(-distance)
    return lobe


def _blurred(values: Floats, sigma: float) -> Floats:
    return cv2.GaussianBlur(values, (0, 0), sigma).astype(np.float32)
