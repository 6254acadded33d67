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


def with_headphones(rgb: Rgb, face: Face, person: Share, top: float, colour: Colour) -> Rgb:
    """A band over the top of the head, and a cup on each ear."""
    inside, along = arc(rgb, face, np.ones_like(person), top - 0.02 * face.width, 1.04)
    rows, columns = np.mgrid[0 : rgb.shape[0], 0 : rgb.shape[1]].astype(np.float32)
    band = np.clip(np.minimum(inside, 0.055 * face.width - inside) + 0.5, 0, 1) * (rows < face.eye_middle[1])
    light = np.repeat((0.95 - 0.3 * np.square(along))[..., None], 3, axis=2)
    drawn = mixed(rgb, np.asarray(np.clip(light * np.asarray(colour), 0, 255), np.uint8), band.astype(np.float32))
    middle = face.eye_middle[1] + 0.3 * face.length
    for edge, way in ((face.point(234)[0], -1), (face.point(454)[0], 1)):
        out = (columns - edge) * way / face.width
        down = (rows - middle) / face.width
        round_it = 1 - np.square((out - 0.045) / 0.075) - np.square(down / 0.17)
        cup = np.clip(round_it * 8, 0, 1)
        shine = (0.7 + 0.35 * np.sqrt(np.clip(round_it, 0, 1)) - 0.8 * np.clip(out - 0.05, 0, 1)) * (
            1 + grain(6, 0.02, 0.8)
        )
        layer = np.clip(shine[..., None] * np.asarray(colour, np.float32), 0, 255)
        drawn = mixed(drawn, layer.astype(np.uint8), np.asarray(cv2.GaussianBlur(cup, (0, 0), 0.7), np.float32))
    return drawn


def with_earphones(rgb: Rgb, face: Face, colour: Colour, *, wire: bool = False) -> Rgb:
    """A bud in each ear with a short stalk, or with a wire that hangs down onto the chest."""
    drawn, wide = rgb, face.width
    for edge, way in ((face.point(234), -1), (face.point(454), 1)):
        x, y = edge[0] + way * 0.025 * wide, face.eye_middle[1] + 0.4 * face.length
        share = np.zeros(rgb.shape[:2], np.float32)
        cv2.ellipse(
            share, (round(x), round(y)), (round(0.03 * wide), round(0.035 * wide)), 0, 0, 360, 1.0, -1, cv2.LINE_AA
        )
        end = (x - way * 0.02 * wide, y + 0.14 * wide)
        cv2.line(share, (round(x), round(y)), (round(end[0]), round(end[1])), 1.0, round(0.03 * wide), cv2.LINE_AA)
        if wire:
            chin = face.point(152)
            path = [
                end,
                (end[0] - way * 0.04 * wide, chin[1]),
                (face.axis + way * 0.12 * wide, chin[1] + 0.5 * wide),
                (face.axis, 640),
            ]
            curve = [
                np.polynomial.polynomial.polyval(t, np.polynomial.polynomial.polyfit(range(4), path, 3))
                for t in np.linspace(0, 3, 40)
            ]
            cv2.polylines(share, [np.round(curve).astype(np.int32)], False, 1.0, 3, cv2.LINE_AA)
        shade = np.roll(cv2.GaussianBlur(share, (0, 0), 2), (2, way * 2), axis=(0, 1)) * (1 - share)
        drawn = mixed(
            mixed(drawn, (20, 14, 12), np.asarray(0.3 * shade, np.float32)),
            colour,
            cv2.GaussianBlur(share, (0, 0), 0.7),
        )
    return drawn
