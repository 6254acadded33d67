"""Pictures for tests: the one free portrait at hand (scikit-image's astronaut), put before a plain wall, and what can
be wrong with it, drawn with a strength. Nothing here judges."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from backend.compliance.face import LEFT_EYE, RIGHT_EYE, Face
from backend.compliance.prepare import find_face, head_top
from backend.ports import FaceAnalyser

Rgb = NDArray[np.uint8]
LIGHT_BLUE = (100, 197, 255)
SIZE = (480, 640)
HEAD_TOP, FACE_WIDTH = 80, 215


@cache
def astronaut() -> Rgb:
    """(512, 512, 3): Eileen Collins, NASA, public domain."""
    return np.asarray(data.astronaut())


def jpeg(rgb: Rgb, quality: int = 90, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=quality, **{"dpi": (300, 300), **options})
    return buffer.getvalue()


def encoded(rgb: Rgb, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, kind, **options)
    return buffer.getvalue()


def cut_out(rgb: Rgb, analyser: FaceAnalyser) -> tuple[Rgb, NDArray[np.float32], Face, float]:
    """The picture enlarged to the registration's scale with the person's mask, the face and its head top."""
    face, _ = find_face(rgb, analyser, blendshapes=True)
    assert face is not None
    factor = FACE_WIDTH / face.width
    large = np.asarray(cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC))
    again, _ = find_face(large, analyser, blendshapes=True)
    assert again is not None
    alpha = analyser.person(large)
    return large, alpha, again, head_top(alpha, again)


def on_wall(
    person: tuple[Rgb, NDArray[np.float32], Face, float], wall: Rgb | Sequence[int] = LIGHT_BLUE, *, right: int = 0
) -> Rgb:
    """A 480x640 picture of that person before a wall: a colour, or a whole picture of that size."""
    large, alpha, face, top = person
    canvas = np.empty((SIZE[1], SIZE[0], 3), np.float32)
    canvas[:] = wall
    x, y = round(face.axis - SIZE[0] / 2 - right), round(top - HEAD_TOP)
    rows = np.arange(SIZE[1]) + y
    columns = np.clip(np.arange(SIZE[0]) + x, 0, large.shape[1] - 1)
    seen = (rows >= 0) & (rows < large.shape[0])
    rows = np.clip(rows, 0, large.shape[0] - 1)
    weight = np.clip((alpha[rows][:, columns] - 0.3) / 0.5, 0, 1) * seen[:, None]
    mixed = canvas * (1 - weight[..., None]) + large[rows][:, columns] * weight[..., None]
    return np.asarray(np.clip(mixed, 0, 255), dtype=np.uint8)


# ------------------------------------------------------------------ walls


def gradient(first: Sequence[int], second: Sequence[int]) -> Rgb:
    share = np.linspace(0, 1, SIZE[1])[:, None, None]
    wall = np.array(first) * (1 - share) + np.array(second) * share
    return np.asarray(np.broadcast_to(wall, (SIZE[1], SIZE[0], 3)), dtype=np.uint8)


def shelf(colour: Sequence[int] = LIGHT_BLUE) -> Rgb:
    """A wall with dark shelves on it."""
    wall = np.full((SIZE[1], SIZE[0], 3), colour, np.uint8)
    for row in (60, 150, 240):
        cv2.rectangle(wall, (10, row), (90, row + 40), (70, 45, 30), -1)
        cv2.rectangle(wall, (390, row), (470, row + 40), (160, 60, 40), -1)
    return wall


def with_shadow(
    person: tuple[Rgb, NDArray[np.float32], Face, float],
    depth: float,
    *,
    right: int = 38,
    soft: float = 9,
    colour: Sequence[int] = LIGHT_BLUE,
) -> Rgb:
    """The person's own soft shadow on a plain wall, to the right; depth 0 none .. 1 black."""
    _, alpha, face, top = person
    shape = on_wall((np.repeat((alpha * 255).astype(np.uint8)[..., None], 3, axis=2), alpha, face, top), (0, 0, 0))
    moved = np.roll(cv2.GaussianBlur(shape[..., 0].astype(np.float32) / 255, (0, 0), soft), right, axis=1)
    wall = np.array(colour) * (1 - depth * moved[..., None])
    return on_wall(person, np.asarray(wall, dtype=np.uint8))


# ------------------------------------------------------------------ light, colour, sharpness


def scaled(rgb: Rgb, *factors: float) -> Rgb:
    """Each channel times a factor (one for all, or three)."""
    return np.asarray(np.clip(rgb.astype(np.float32) * factors, 0, 255), dtype=np.uint8)


def side_light(rgb: Rgb, face: Face, rest: float) -> Rgb:
    """The viewer's right half falls off to `rest` of its light, softly, from the face's axis on."""
    columns = np.arange(rgb.shape[1])
    fall = 1 / (1 + np.exp(-(columns - face.axis) / (0.12 * face.width)))
    return np.asarray(rgb * (1 - (1 - rest) * fall)[None, :, None], dtype=np.uint8)


def blurred(rgb: Rgb, sigma: float) -> Rgb:
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), sigma))


def smeared(rgb: Rgb, length: int) -> Rgb:
    return np.asarray(cv2.filter2D(rgb, -1, np.full((1, length), 1 / length, np.float32)))


def noisy(rgb: Rgb, sigma: float) -> Rgb:
    noise = np.random.default_rng(7).normal(0, sigma, rgb.shape)
    return np.asarray(np.clip(rgb + noise, 0, 255), dtype=np.uint8)


def enlarged(rgb: Rgb, factor: float) -> Rgb:
    """Made small and large again."""
    small = cv2.resize(rgb, None, fx=1 / factor, fy=1 / factor, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_CUBIC))


def grey(rgb: Rgb) -> Rgb:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB))


def rolled(rgb: Rgb, degrees: float, wall: Sequence[int] = LIGHT_BLUE) -> Rgb:
    turn = cv2.getRotationMatrix2D((rgb.shape[1] / 2, rgb.shape[0] * 0.45), -degrees, 1)
    size = rgb.shape[1], rgb.shape[0]
    return np.asarray(cv2.warpAffine(rgb, turn, size, borderMode=cv2.BORDER_CONSTANT, borderValue=tuple(wall)))


def pulled(rgb: Rgb, wide: float, high: float = 1.0, wall: Sequence[int] = LIGHT_BLUE) -> Rgb:
    """That many times as wide and as high about the middle of its upper part, in a picture of the same size."""
    size = rgb.shape[1], rgb.shape[0]
    x, y = size[0] / 2, size[1] * 0.4
    change = np.array([[wide, 0, x * (1 - wide)], [0, high, y * (1 - high)]], np.float32)
    return np.asarray(cv2.warpAffine(rgb, change, size, borderMode=cv2.BORDER_CONSTANT, borderValue=tuple(wall)))


# ------------------------------------------------------------------ things on the picture


def _eye(face: Face, outline: tuple[int, ...]) -> tuple[tuple[int, int], float]:
    middle = face.polygon(outline).mean(axis=0)
    return (round(float(middle[0])), round(float(middle[1]))), face.eye_distance


def with_glasses(
    rgb: Rgb,
    face: Face,
    *,
    tint: float = 0.0,
    glare: float = 0.0,
    rim: int = 3,
    colour: tuple[int, int, int] = (20, 20, 20),
) -> Rgb:
    """Round glasses. tint: 0 clear .. 1 opaque; glare: 0 none .. 1 white over most of each lens."""
    drawn = rgb.copy()
    for outline in (LEFT_EYE, RIGHT_EYE):
        middle, distance = _eye(face, outline)
        axes = round(0.36 * distance), round(0.25 * distance)
        lens = np.zeros(rgb.shape[:2], np.uint8)
        cv2.ellipse(lens, middle, axes, 0, 0, 360, 1, -1)
        drawn[lens > 0] = drawn[lens > 0] * (1 - tint) + np.array(colour) * tint
        if glare:
            spot = np.zeros(rgb.shape[:2], np.uint8)
            cv2.ellipse(
                spot,
                (middle[0], middle[1] - axes[1] // 4),
                (round(axes[0] * 0.7), round(axes[1] * 0.6)),
                -20,
                0,
                360,
                1,
                -1,
            )
            drawn[(spot & lens) > 0] = drawn[(spot & lens) > 0] * (1 - glare) + 255 * glare
        if rim:
            cv2.ellipse(drawn, middle, axes, 0, 0, 360, (25, 20, 20), rim, cv2.LINE_AA)
    return drawn


def with_closed_eyes(rgb: Rgb, face: Face) -> Rgb:
    """Lids in the colour of the cheek with a lash line, over both eyes."""
    drawn = rgb.copy()
    for outline, cheek in ((LEFT_EYE, 118), (RIGHT_EYE, 347)):
        polygon = face.polygon(outline)
        middle = polygon.mean(axis=0)
        lid = np.round(middle + (polygon - middle) * (1.25, 2.0)).astype(np.int32)
        x, y = (int(part) for part in face.point(cheek))
        skin = np.median(rgb[y - 3 : y + 4, x - 3 : x + 4].reshape(-1, 3), axis=0)
        mask = np.zeros(rgb.shape[:2], np.float32)
        cv2.fillPoly(mask, [cv2.convexHull(lid)], 1.0)
        soft = cv2.GaussianBlur(mask, (0, 0), 1.5)[..., None]
        drawn = np.asarray(drawn * (1 - soft) + skin * soft, dtype=np.uint8)
        left, right = polygon[:, 0].min(), polygon[:, 0].max()
        curve = [
            (x, middle[1] + 3 + 5 * (1 - ((x - middle[0]) / ((right - left) / 2)) ** 2))
            for x in np.linspace(left, right, 20)
        ]
        cv2.polylines(drawn, [np.round(curve).astype(np.int32)], False, (45, 30, 25), 2, cv2.LINE_AA)
    return drawn


def with_open_mouth(rgb: Rgb, face: Face, opening: float) -> Rgb:
    """A dark opening between the lips; opening: its half height in face lengths."""
    drawn = rgb.copy()
    middle = (face.polygon((13, 14)).mean(axis=0)).round().astype(int)
    axes = round(0.28 * face.distance(78, 308)), round(opening * face.length)
    cv2.ellipse(drawn, tuple(int(part) for part in middle), axes, 0, 0, 360, (60, 15, 15), -1, cv2.LINE_AA)
    return drawn


def with_mask(rgb: Rgb, face: Face, colour: tuple[int, int, int] = (150, 200, 225)) -> Rgb:
    """A surgical mask over nose, mouth and chin."""
    drawn = rgb.copy()
    polygon = face.polygon((6, 196, 50, 123, 132, 58, 172, 150, 152, 379, 397, 288, 361, 352, 280, 419))
    cv2.fillPoly(drawn, [np.round(polygon).astype(np.int32)], colour, cv2.LINE_AA)
    return drawn


def with_hand(rgb: Rgb, face: Face, colour: tuple[int, int, int] = (30, 30, 34)) -> Rgb:
    """A phone before the lower half of the face."""
    drawn = rgb.copy()
    (x, y), half = face.point(13), 0.34 * face.width
    cv2.rectangle(
        drawn,
        (round(x - half), round(y - 0.3 * face.length)),
        (round(x + half), round(y + 0.9 * face.length)),
        colour,
        -1,
    )
    return drawn


def with_cap(rgb: Rgb, face: Face, top: float, colour: tuple[int, int, int] = (28, 40, 64)) -> Rgb:
    """A dome over the hair with a straight brim above the brows."""
    drawn = rgb.copy()
    brim = round(face.point(10)[1] + 0.25 * (face.point(9)[1] - face.point(10)[1]))
    middle, axes = (round(face.axis), brim), (round(0.60 * face.width), round(brim - top + 14))
    cv2.ellipse(drawn, middle, axes, 0, 180, 360, colour, -1, cv2.LINE_AA)
    cv2.rectangle(
        drawn,
        (middle[0] - axes[0] - 8, brim - 5),
        (middle[0] + axes[0] + 8, brim + 5),
        tuple(part // 2 for part in colour),
        -1,
    )
    return drawn


def with_lock(rgb: Rgb, face: Face, width: float = 0.22, colour: tuple[int, int, int] = (28, 22, 20)) -> Rgb:
    """A lock of hair over the viewer's left brow and eye; width in face widths."""
    drawn = rgb.copy()
    x, y = face.point(468)
    half = width * face.width / 2
    polygon = [
        (x - half, y - 0.8 * face.length),
        (x + half, y - 0.8 * face.length),
        (x + 0.7 * half, y + 0.15 * face.length),
        (x - 0.9 * half, y + 0.15 * face.length),
    ]
    cv2.fillPoly(drawn, [np.round(polygon).astype(np.int32)], colour, cv2.LINE_AA)
    return drawn


def with_fringe(rgb: Rgb, face: Face, colour: tuple[int, int, int] = (28, 22, 20)) -> Rgb:
    """Hair over the forehead down to below both brows."""
    drawn = rgb.copy()
    low = max(face.point(index)[1] for index in (52, 282)) + 0.03 * face.length
    polygon = [
        (face.axis - 0.5 * face.width, face.point(10)[1] - 20),
        (face.axis + 0.5 * face.width, face.point(10)[1] - 20),
        (face.axis + 0.47 * face.width, low),
        (face.axis - 0.47 * face.width, low),
    ]
    cv2.fillPoly(drawn, [np.round(polygon).astype(np.int32)], colour, cv2.LINE_AA)
    return drawn


def with_long_hair(
    rgb: Rgb, face: Face, colour: tuple[int, int, int] = (28, 22, 20), *, only_left: bool = False
) -> Rgb:
    """Hair over both ears, or over one."""
    drawn = rgb.copy()
    top, bottom = face.point(10)[1], face.point(152)[1]
    for edge, way in ((face.point(234)[0], -1), (face.point(454)[0], 1))[: 1 if only_left else 2]:
        near, far = edge - way * 2, edge + way * 0.18 * face.width
        cv2.rectangle(drawn, (round(min(near, far)), round(top)), (round(max(near, far)), round(bottom)), colour, -1)
    return drawn


def with_red_eyes(rgb: Rgb, face: Face) -> Rgb:
    drawn = rgb.copy()
    for pupil in (468, 473):
        x, y = (round(part) for part in face.point(pupil))
        cv2.circle(drawn, (x, y), 5, (220, 40, 40), -1, cv2.LINE_AA)
    return drawn


def with_shine(rgb: Rgb, face: Face, size: float) -> Rgb:
    """White spots on forehead and cheeks; size in face widths."""
    drawn = rgb.copy()
    for place in (9, 50, 280):
        x, y = (round(part) for part in face.point(place))
        cv2.circle(drawn, (x, y), round(size * face.width), (255, 252, 248), -1, cv2.LINE_AA)
    return drawn


def with_clothes(rgb: Rgb, face: Face, colour: Sequence[int], *, stripes: Sequence[int] | None = None) -> Rgb:
    """A plain or striped garment from the collar down."""
    drawn = rgb.copy()
    row = round(face.point(152)[1] + 0.5 * face.length)
    polygon = np.array([[0, 640], [0, row + 60], [150, row], [330, row], [480, row + 60], [480, 640]], np.int32)
    mask = np.zeros(rgb.shape[:2], np.uint8)
    cv2.fillPoly(mask, [polygon], 1)
    drawn[mask > 0] = colour
    if stripes is not None:
        for column in range(0, rgb.shape[1], 14):
            part = mask.copy()
            part[:, column + 6 :] = 0
            part[:, :column] = 0
            drawn[part > 0] = stripes
    return drawn


def with_text(rgb: Rgb, text: str = "SAMPLE 2026", colour: tuple[int, int, int] = (255, 255, 255)) -> Rgb:
    drawn = rgb.copy()
    cv2.putText(drawn, text, (110, 606), cv2.FONT_HERSHEY_SIMPLEX, 1.1, colour, 3, cv2.LINE_AA)
    return drawn


def with_border(rgb: Rgb, width: int = 12, colour: Sequence[int] = (255, 255, 255)) -> Rgb:
    drawn = rgb.copy()
    drawn[:width], drawn[-width:] = colour, colour
    drawn[:, :width], drawn[:, -width:] = colour, colour
    return drawn


def with_second_face(rgb: Rgb, face: Face, width: int = 110) -> Rgb:
    """A smaller copy of the face beside the head."""
    drawn = rgb.copy()
    left, top = (int(part) for part in face.points.min(axis=0) - 20)
    right, bottom = (int(part) for part in face.points.max(axis=0) + 20)
    part = rgb[max(0, top) : bottom, max(0, left) : right]
    small = cv2.resize(part, (width, round(width * part.shape[0] / part.shape[1])), interpolation=cv2.INTER_AREA)
    drawn[300 : 300 + small.shape[0], 480 - width : 480] = small
    return drawn


def smoothed_skin(rgb: Rgb, face: Face) -> Rgb:
    """A beauty filter: the skin flattened, eyes and mouth left sharp."""
    flat = cv2.GaussianBlur(cv2.bilateralFilter(rgb, 15, 60, 9), (0, 0), 2.5)
    mask = np.zeros(rgb.shape[:2], np.float32)
    for cheek in ((50, 101, 118, 117, 123, 187, 205, 36), (280, 330, 347, 346, 352, 411, 425, 266)):
        polygon = face.polygon(cheek)
        middle = polygon.mean(axis=0)
        cv2.fillPoly(mask, [np.round(middle + (polygon - middle) * 1.3).astype(np.int32)], 1.0)
    return np.asarray(np.where(mask[..., None] > 0, flat, rgb), dtype=np.uint8)
