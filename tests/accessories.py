"""Things worn on head and ears, drawn for measuring only: hairbands, pins, bows, headphones, earphones with a wire.

Each lies on the skull or the ear, rounded by light, with its shade on what is below. Nothing here judges.
"""

from __future__ import annotations

import cv2
import numpy as np

from backend.compliance.face import Face
from tests.drawings import Colour, Share, grain, mixed
from tests.images import Rgb


def arc(rgb: Rgb, face: Face, person: Share, apex: float, out: float) -> tuple[Share, Share]:
    """(h, w) each: pixels inside an arc over the skull from ear to ear, and how far along it, -1 left .. 1 right.

    apex: its highest row; out: where it ends beside the axis, over half the head's width there.
    """
    rows, columns = np.mgrid[0 : rgb.shape[0], 0 : rgb.shape[1]].astype(np.float32)
    foot = face.eye_middle[1]
    seen = np.flatnonzero(person[round(foot - 0.25 * face.length)] > 0.5)
    half = np.where(columns < face.axis, face.axis - seen.min(), seen.max() - face.axis)
    half = np.minimum(half, 0.62 * face.width) * out
    high = foot - apex
    across, up = np.abs(columns - face.axis) / half, np.clip((foot - rows) / high, 0, None)
    inside = (1 - (across**2.3 + up**2.3) ** (1 / 2.3)) * high
    return np.asarray(inside, np.float32), np.asarray((columns - face.axis) / half, np.float32)


def with_hairband(
    rgb: Rgb, face: Face, person: Share, top: float, colour: Colour, *,
    place: float = 0.4, width: float = 0.07, gloss: float = 0.0,
) -> Rgb:  # fmt: skip
    """A band over the hair from ear to ear.

    place: its upper edge on the axis, 0 the top of the head .. 1 the hairline; width: in face widths; gloss: of
    plastic, 0 cloth .. 1.
    """
    apex = top + place * (face.point(10)[1] - top)
    inside, along = arc(rgb, face, person, apex, 1 - 0.14 * place)
    wide = width * face.width * (0.8 + 0.2 * np.abs(along))
    across = inside / wide
    rows = np.arange(rgb.shape[0], dtype=np.float32)[:, None]
    ends = np.clip((face.eye_middle[1] - 0.12 * face.length - rows) / 3, 0, 1) * (person > 0.5)
    band = np.clip(np.minimum(inside, wide - inside) + 0.5, 0, 1) * ends
    round_it = np.sqrt(np.clip(1 - np.square(2 * across - 1), 0, 1))
    light = (0.72 + 0.33 * round_it) * (1 - 0.35 * np.square(along)) * (1 + grain(5, 0.03 * (1 - gloss), 0.8))
    shine = gloss * 90 * np.exp(-np.square((across - 0.35) / 0.16) - np.square((along + 0.15) / 0.35))
    cloth = np.clip(np.asarray(colour, np.float32) * light[..., None] + shine[..., None], 0, 255)
    shade = 0.35 * np.exp(-np.maximum(inside - wide, 0) / 3) * (inside >= wide) * ends
    shade += 0.15 * np.exp(-np.maximum(-inside, 0) / 1.5) * (inside < 0) * ends
    drawn = mixed(rgb, (12, 9, 8), np.asarray(shade, np.float32))
    return mixed(drawn, cloth.astype(np.uint8), np.asarray(cv2.GaussianBlur(band, (0, 0), 0.6), np.float32))


def with_ring_of_light(
    rgb: Rgb, face: Face, person: Share, top: float, light: float, *, place: float = 0.35, width: float = 0.09
) -> Rgb:
    """What is no band: the gleam that goes round smooth hair, soft, and in every strand a little higher or lower."""
    apex = top + place * (face.point(10)[1] - top)
    inside, along = arc(rgb, face, person, apex, 1 - 0.14 * place)
    rng = np.random.default_rng(9)
    strand = np.clip((along + 1.2) / 2.4 * 240, 0, 239).astype(np.intp)
    coarse, fine = (cv2.GaussianBlur(rng.normal(0, 1, (1, 240)).astype(np.float32), (0, 0), soft)[0] for soft in (6, 1))
    high = width * face.width * (0.5 + 0.55 * coarse / coarse.std() + 0.3 * fine / fine.std())
    soft = np.exp(-np.square((inside - high[strand]) / (0.45 * width * face.width)))
    soft *= np.clip(1 - np.square(along / 0.95), 0, 1) * np.clip(0.7 + 0.3 * fine / fine.std(), 0.1, 1.4)[strand]
    dark = np.clip((0.75 * float(rgb[round(face.point(9)[1]), round(face.axis)].mean()) - rgb.mean(axis=2)) / 20, 0, 1)
    gleam = light * 255 * soft * dark * (person > 0.5)
    return np.asarray(np.clip(rgb + gleam[..., None], 0, 255), np.uint8)
