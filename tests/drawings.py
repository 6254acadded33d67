"""More of what can be on a portrait, drawn for measuring only: small things that must not matter, and defects in other
shapes, shades and strengths than those of `tests.images`. Nothing here judges."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import griddata

from backend.compliance.face import (
    CHEEKS,
    CHIN,
    LEFT_BROW,
    LEFT_EYE,
    OUTER_LIPS,
    OVAL,
    RIGHT_BROW,
    RIGHT_EYE,
    Face,
)
from tests.images import LIGHT_BLUE, SIZE, Rgb

Colour = Sequence[int]
Share = NDArray[np.float32]  # (h, w), 0..1


def mixed(rgb: Rgb, other: Rgb | Colour, share: Share) -> Rgb:
    """`other` laid over the picture where share is 1."""
    weight = share[..., None]
    both = rgb * (1 - weight) + np.asarray(other, dtype=np.float32) * weight
    return np.asarray(np.clip(both, 0, 255), dtype=np.uint8)


def area(rgb: Rgb, polygon: NDArray[np.float32] | Sequence[Sequence[float]], soft: float = 0.0) -> Share:
    mask = np.zeros(rgb.shape[:2], np.float32)
    cv2.fillPoly(mask, [np.round(np.asarray(polygon)).astype(np.int32)], 1.0, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), soft) if soft else mask, dtype=np.float32)


def skin_of(rgb: Rgb, face: Face) -> NDArray[np.float32]:
    """The middle colour of both cheeks, sRGB."""
    inside = sum(area(rgb, face.polygon(cheek)) for cheek in CHEEKS)
    return np.asarray(np.median(rgb[np.asarray(inside) > 0.5], axis=0), dtype=np.float32)


def oval(rgb: Rgb, face: Face, grow: float = 1.0, soft: float = 0.0) -> Share:
    outline = face.polygon(OVAL)
    middle = outline.mean(axis=0)
    return area(rgb, middle + (outline - middle) * grow, soft)


def grain(seed: int, sigma: float, soft: float) -> Share:
    """(h, w) of smooth noise with that deviation."""
    noise = np.random.default_rng(seed).normal(0, 1, (SIZE[1], SIZE[0])).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), soft)
    return np.asarray(smooth / smooth.std() * sigma, dtype=np.float32)


# ------------------------------------------------------------------ the face itself


def face_gamma(rgb: Rgb, face: Face, gamma: float) -> Rgb:
    """Only the face darker (gamma above 1) or lighter, with a soft edge; hair, clothes and wall stay."""
    other = 255 * (rgb / 255.0) ** gamma
    return mixed(rgb, other.astype(np.uint8), oval(rgb, face, 1.02, 4))


def eyes_narrowed(rgb: Rgb, face: Face, rest: float, *, only_left: bool = False) -> Rgb:
    """The lids brought together by a warp: `rest` of the opening stays. Skin moves with them, lashes stay dark."""
    drawn = rgb
    rows, columns = np.mgrid[0 : rgb.shape[0], 0 : rgb.shape[1]].astype(np.float32)
    for outline in (LEFT_EYE,) if only_left else (LEFT_EYE, RIGHT_EYE):
        polygon = face.polygon(outline)
        (x, y), half = polygon.mean(axis=0), np.ptp(polygon[:, 0]) / 2
        high = max(2.0, float(np.ptp(polygon[:, 1])) / 2 + 1.5)
        far = high * 2.6
        away = np.abs(rows - y)
        source = np.where(
            away < high * rest, away / rest, high + (away - high * rest) * (far - high) / (far - high * rest)
        )
        source = np.where(away < far, source, away)
        weight = np.clip(1.45 - np.abs(columns - x) / half, 0, 1) ** 0.7
        shifted = y + np.sign(rows - y) * (away * (1 - weight) + source * weight)
        drawn = cv2.remap(drawn, columns, shifted.astype(np.float32), cv2.INTER_LINEAR)
    return np.asarray(drawn, dtype=np.uint8)


def lids_lowered(rgb: Rgb, face: Face, rest: float, *, only_left: bool = False) -> Rgb:
    """The upper lids drawn down over the eyes with their lashes, `rest` of the opening left: the skin below the brows
    is stretched, the lower lid, whose line sags, stays where it is."""
    drawn = rgb
    rows, columns = np.mgrid[0 : rgb.shape[0], 0 : rgb.shape[1]].astype(np.float32)
    for eye, brow in ((LEFT_EYE, LEFT_BROW),) if only_left else ((LEFT_EYE, LEFT_BROW), (RIGHT_EYE, RIGHT_BROW)):
        corners = np.sort(face.polygon((eye[0], eye[8]))[:, 0])
        wide = float(corners[1] - corners[0])

        def line(places: Sequence[int], wide: float = wide) -> NDArray[np.float32]:
            """(w,) the row of that line in each column."""
            points = face.polygon(tuple(places))
            points = points[np.argsort(points[:, 0])]
            row = np.interp(columns[0], points[:, 0], points[:, 1]).astype(np.float32)
            return np.asarray(cv2.GaussianBlur(row[None], (0, 0), 0.05 * wide)[0])

        upper, lower, lashes = line(eye[:9]) - 1, line((*eye[8:], eye[0])) + 0.5, 0.07 * wide
        within = np.clip(np.minimum(columns[0] - corners[0], corners[1] - columns[0]) / (0.12 * wide) + 0.6, 0, 1)
        down = (1 - rest) * np.maximum(lower - upper, 0) * within
        edge, below_brow = upper + down, line(brow[5:])
        start = np.minimum(0.75 * below_brow + 0.25 * upper, upper - lashes - 4)
        stretched = start + (rows - start) * (upper - lashes - start) / (edge - lashes - start)
        source = np.where(rows < edge - lashes, stretched, rows - down)
        moved = cv2.remap(drawn, columns, source.astype(np.float32), cv2.INTER_LINEAR)
        lid = ((rows > start) & (rows < edge + 0.5) & (down > 0.3)).astype(np.float32)
        drawn = mixed(drawn, np.asarray(moved, np.uint8), cv2.GaussianBlur(lid, (0, 0), 0.7))
    return np.asarray(drawn, dtype=np.uint8)


def mouth_parted(rgb: Rgb, face: Face, gap: float, *, teeth: bool) -> Rgb:
    """The lower lip and chin moved down by gap (in face lengths), the inside of a mouth between the lips."""
    left, right = face.point(78), face.point(308)
    middle, half = (left[0] + right[0]) / 2, max(4.0, (right[0] - left[0]) / 2)
    line = (face.point(13)[1] + face.point(14)[1]) / 2
    rows, columns = np.mgrid[0 : rgb.shape[0], 0 : rgb.shape[1]].astype(np.float32)
    across = np.clip(1 - ((columns - middle) / (0.9 * half)) ** 2, 0, 1)
    down = gap * face.length * across
    below = rows - line
    fade = np.clip(1 - (below - down) / (1.1 * face.length), 0, 1)
    source = np.where(below > down, rows - down * fade, rows)
    drawn = cv2.remap(rgb, columns, source.astype(np.float32), cv2.INTER_LINEAR)
    inside = ((below > 0) & (below < down)).astype(np.float32)
    drawn = mixed(np.asarray(drawn, np.uint8), (62, 20, 22), cv2.GaussianBlur(inside, (0, 0), 0.8))
    if teeth:
        upper = ((below > 0) & (below < 0.7 * down) & (np.abs(columns - middle) < 0.75 * half)).astype(np.float32)
        drawn = mixed(drawn, (226, 220, 208), cv2.GaussianBlur(upper, (0, 0), 0.8))
    return drawn


def eyes_shut(rgb: Rgb, face: Face, lashes: Colour, *, shade: float, sag: float, thick: int) -> Rgb:
    """Lids over both eyes in the skin below the brow, rounded by light, with a line of lashes that sags.

    shade: lightness of the lid's edge over that of its fold; sag: of the line, over the eye's width; thick: pixels.
    """
    drawn = rgb
    for eye, brow in ((LEFT_EYE, LEFT_BROW), (RIGHT_EYE, RIGHT_BROW)):
        outline = face.polygon(eye)
        (x, y), half = outline.mean(axis=0), float(np.ptp(outline[:, 0])) / 2
        at = np.round(face.polygon(brow[5:]).mean(axis=0) * 0.4 + (0.6 * x, 0.6 * outline[:, 1].min())).astype(int)
        below_brow = np.percentile(rgb[at[1] - 2 : at[1] + 3, at[0] - 5 : at[0] + 6].reshape(-1, 3), 70, axis=0)
        skin = 0.5 * below_brow + 0.5 * skin_of(rgb, face)
        rows = np.arange(rgb.shape[0], dtype=np.float32)[:, None]
        low = np.clip((rows - outline[:, 1].min()) / max(float(np.ptp(outline[:, 1])), 1.0), 0, 1)
        light = (1 - (1 - shade) * low)[..., None] * (1 + grain(6, 0.02, 0.8)[..., None])
        lid = np.clip(skin * light, 0, 255)
        drawn = mixed(drawn, lid, area(rgb, (x, y) + (outline - (x, y)) * (1.12, 1.7), 1.5))
        across = np.linspace(-1, 1, 24)
        line = np.stack([x + across * half * 1.02, y + 2 + sag * half * 2 * (1 - across**2)], axis=1)
        stroke = np.zeros(rgb.shape[:2], np.float32)
        cv2.polylines(stroke, [np.round(line * 4).astype(np.int32)], False, 1.0, thick, cv2.LINE_AA, 2)
        drawn = mixed(drawn, lashes, np.clip(cv2.GaussianBlur(stroke, (0, 0), 0.6), 0, 1))
    return drawn


def mouth_of(rgb: Rgb, face: Face, wide: float, high: float, inside: Colour, *, tongue: bool = False) -> Rgb:
    """An open mouth with lips round it. wide: half of it over the mouth's width; high: half of it in face lengths."""
    (x, y), corners = face.polygon((13, 14)).mean(axis=0), face.distance(78, 308)
    rows, columns = np.mgrid[0 : rgb.shape[0], 0 : rgb.shape[1]].astype(np.float32)
    out = np.hypot((columns - x) / (wide * corners), (rows - y) / (high * face.length))
    lips = np.median(rgb[area(rgb, face.polygon(OUTER_LIPS)) > 0.5], axis=0)
    rim = 1 + 0.05 / high
    shaded = lips * (1.05 - 0.15 * np.clip((rim - out) / (rim - 1), 0, 1))[..., None]
    drawn = mixed(rgb, np.clip(shaded, 0, 255), cv2.GaussianBlur((out < rim).astype(np.float32), (0, 0), 1.2))
    drawn = mixed(drawn, inside, cv2.GaussianBlur((out < 1).astype(np.float32), (0, 0), 0.8))
    if tongue:
        low = (out < 1) & (rows > y + 0.35 * high * face.length)
        drawn = mixed(drawn, (150, 70, 75), cv2.GaussianBlur(low.astype(np.float32), (0, 0), 1.0))
    return drawn


def with_stubble(rgb: Rgb, face: Face, depth: float = 0.25) -> Rgb:
    """The shadow of a beard on chin, cheeks and upper lip."""
    low = oval(rgb, face, 0.96, 6)
    rows = np.arange(rgb.shape[0], dtype=np.float32)[:, None]
    start = face.point(2)[1]
    low *= np.clip((rows - start) / (0.1 * face.length), 0, 1)
    low *= 1 - area(rgb, face.polygon(OUTER_LIPS), 2)
    speckled = np.clip(depth + grain(3, 0.1, 0.7), 0, 1) * low
    return mixed(rgb, (45, 40, 42), speckled.astype(np.float32))


def _depth(rgb: Rgb, face: Face) -> Share:
    """(height, width): how far away each pixel of the head is: the face by its points, the rest from there back."""
    points, width = face.mesh.points[:468], face.width
    back = (points[234, 2] + points[454, 2]) / 2 + 0.12 * width
    grid = np.meshgrid(*(np.arange(size) for size in rgb.shape[1::-1]))
    depth = griddata(points[:, :2], points[:, 2], tuple(grid)).astype(np.float32)
    inside = np.isfinite(depth)
    away, labels = cv2.distanceTransformWithLabels(
        (~inside).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    nearest = np.zeros(labels.max() + 1, np.float32)
    nearest[labels[inside]] = depth[inside]
    share = np.clip(away / (0.35 * width), 0, 1)
    depth = np.where(inside, depth, nearest[labels] * (1 - share) + back * share)
    return np.asarray(cv2.GaussianBlur(depth, (0, 0), 0.02 * width), np.float32)


def turned(rgb: Rgb, face: Face, yaw: float = 0.0, pitch: float = 0.0) -> Rgb:
    """The head turned about the neck by so many degrees, to the viewer's right and upwards; the body stays.

    Every pixel moves as its depth says. The wall has to be plain.
    """
    left, right, chin = (face.mesh.points[index] for index in (234, 454, 152))
    columns, rows = np.meshgrid(*(np.arange(size, dtype=np.float32) for size in rgb.shape[1::-1]))
    across, down = columns - face.axis, rows - ((left[1] + right[1]) / 2 + 0.25 * face.length)
    near = (left[2] + right[2]) / 2 + 0.1 * face.width - _depth(rgb, face)
    a, b = np.radians((yaw, pitch))
    turned_across = across * np.cos(a) + near * np.sin(a)
    turned_down = down * np.cos(b) - (near * np.cos(a) - across * np.sin(a)) * np.sin(b)
    held = _smooth((rows - chin[1] - 0.1 * face.length) / (0.6 * face.length))  # 1 on the body
    moves = [np.asarray(part * (1 - held), np.float32) for part in (turned_across - across, turned_down - down)]
    x, y = columns, rows
    for _ in range(25):  # where the pixel came from
        right_by, down_by = (cv2.remap(part, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for part in moves)
        x, y = (x + columns - right_by) / 2, (y + rows - down_by) / 2
    return np.asarray(cv2.remap(rgb, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def leaning(rgb: Rgb, face: Face, degrees: float) -> Rgb:
    """The shoulders leaning by so many degrees, the viewer's right one lower, before a plain wall; the head stays."""
    columns, rows = np.meshgrid(*(np.arange(size, dtype=np.float32) for size in rgb.shape[1::-1]))
    across, below = columns - face.axis, rows - face.point(152)[1]
    beside_neck = _smooth((np.abs(across) / face.width - 0.45) / 0.2)
    share = np.maximum(beside_neck, _smooth((below / face.length - 0.1) / 0.7)) * (below > -0.1 * face.length)
    moved = np.asarray(rows - np.tan(np.radians(degrees)) * across * share, np.float32)
    return np.asarray(cv2.remap(rgb, columns, moved, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _smooth(share: NDArray[np.float32]) -> NDArray[np.float32]:
    """From 0 to 1 without a corner."""
    share = np.clip(share, 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def with_lipstick(rgb: Rgb, face: Face, colour: Colour = (170, 30, 50), share: float = 0.5) -> Rgb:
    return mixed(rgb, colour, area(rgb, face.polygon(OUTER_LIPS), 1.2) * share)


def with_moles(rgb: Rgb, face: Face) -> Rgb:
    drawn = rgb.copy()
    for index, radius in ((50, 3), (205, 2), (425, 4), (151, 2)):
        x, y = face.point(index)
        cv2.circle(drawn, (round(x), round(y)), radius, (70, 45, 40), -1, cv2.LINE_AA)
    return drawn


def with_gleam(rgb: Rgb, face: Face) -> Rgb:
    """A soft, coloured gleam on forehead and nose, as skin has in studio light."""
    drawn = rgb
    for index, wide in ((151, 0.12), (4, 0.03), (50, 0.05), (280, 0.05)):
        x, y = face.point(index)
        rows, columns = np.mgrid[0 : rgb.shape[0], 0 : rgb.shape[1]]
        spot = np.exp(-(((columns - x) ** 2 + (rows - y) ** 2) / (wide * face.width) ** 2))
        drawn = mixed(drawn, np.minimum(skin_of(rgb, face) * 1.35 + 20, 250), (0.55 * spot).astype(np.float32))
    return drawn


# ------------------------------------------------------------------ glasses


def with_square_glasses(
    rgb: Rgb, face: Face, *, rim: int = 3, colour: Colour = (90, 50, 30), lens: Colour = (20, 20, 20),
    tint: float = 0.0, upper_only: bool = False, gradient: bool = False,
    glare: float = 0.0, glare_colour: Colour = (255, 255, 255),
) -> Rgb:  # fmt: skip
    drawn = rgb.copy()
    for outline in (LEFT_EYE, RIGHT_EYE):
        x, y = (float(part) for part in face.polygon(outline).mean(axis=0))
        half_x, half_y = 0.37 * face.eye_distance, 0.24 * face.eye_distance
        box = [
            (x - half_x, y - half_y),
            (x + half_x, y - half_y),
            (x + 0.85 * half_x, y + half_y),
            (x - 0.85 * half_x, y + half_y),
        ]
        inside = area(rgb, box)
        if gradient:
            rows = np.arange(rgb.shape[0], dtype=np.float32)[:, None]
            inside = np.asarray(inside * np.clip((y + half_y - rows) / (2 * half_y), 0, 1), np.float32)
        drawn = mixed(drawn, lens, inside * tint)
        if glare:
            band = area(
                rgb,
                [
                    (x - 0.5 * half_x, y - half_y),
                    (x + 0.15 * half_x, y - half_y),
                    (x - 0.2 * half_x, y + half_y),
                    (x - 0.8 * half_x, y + half_y),
                ],
                1.0,
            )
            drawn = mixed(drawn, glare_colour, band * area(rgb, box) * glare)
        corners = np.round(np.asarray(box)).astype(np.int32)
        if upper_only:
            cv2.polylines(drawn, [corners[:2]], False, tuple(colour), rim, cv2.LINE_AA)
        elif rim:
            cv2.polylines(drawn, [corners], True, tuple(colour), rim, cv2.LINE_AA)
    return drawn


def with_coating(rgb: Rgb, face: Face, gleam: float, colour: Colour) -> Rgb:
    """Thin glasses whose coating gleams softly in its own colour beside each pupil, adding that share of its light."""
    drawn = with_square_glasses(rgb, face, rim=2, colour=(35, 30, 30))
    for outline in (LEFT_EYE, RIGHT_EYE):
        x, y = (float(part) for part in face.polygon(outline).mean(axis=0))
        spot = np.zeros(rgb.shape[:2], np.uint8)
        middle = round(x + 0.11 * face.eye_distance), round(y - 0.06 * face.eye_distance)
        half = round(0.17 * face.eye_distance), round(0.1 * face.eye_distance)
        cv2.ellipse(spot, middle, half, -20, 0, 360, 255, -1, cv2.LINE_AA)
        share = cv2.GaussianBlur(spot.astype(np.float32) / 255, (0, 0), 4)[..., None] * gleam
        drawn = np.asarray(255 - (255 - drawn) * (1 - share * np.asarray(colour) / 255), np.uint8)
    return drawn


def two_lights(rgb: Rgb, face: Face, share: float) -> Rgb:
    """That share of a warm lamp on the left and of a cool window on the right, in linear light; white stays white."""
    columns = np.arange(rgb.shape[1], dtype=np.float32)[None, :, None]
    right = np.clip((columns - face.axis) / face.width + 0.5, 0, 1)
    right = right * right * (3 - 2 * right)
    light = np.array((1.5, 1.0, 0.55)) * (1 - right) + np.array((0.75, 1.0, 1.45)) * right
    linear = (rgb / 255.0) ** 2.2 * (1 + share * (light - 1))
    return np.asarray(255 * np.clip(linear, 0, 1) ** (1 / 2.2), np.uint8)


def with_clips(rgb: Rgb, face: Face, top: float, count: int, colour: Colour) -> Rgb:
    """Clips in the hair on one side; top: row of the top of the head."""
    drawn = rgb.copy()
    for clip in range(count):
        ends = [
            (face.axis + out * face.width, top + (down + 0.05 * clip) * face.width)
            for out, down in ((0.2, 0.14), (0.35, 0.2))
        ]
        at = area(rgb, _thick(ends, 0.03 * face.width), 0.7)
        shadow = np.roll(cv2.GaussianBlur(at, (0, 0), 3), 2, axis=0) * (1 - at)
        drawn = mixed(np.asarray(drawn * (1 - 0.3 * shadow[..., None]), np.uint8), colour, at)
    return drawn


def with_bow(rgb: Rgb, face: Face, top: float, size: float, colour: Colour) -> Rgb:
    """A bow on the hair, so many face widths to each side."""
    x, y, side = face.axis + 0.22 * face.width, top + 0.1 * face.width, size * face.width
    drawn = rgb.copy()
    for way in (-1, 1):
        loop = area(rgb, [(x, y), (x + way * side, y - 0.6 * side), (x + 1.1 * way * side, y + 0.6 * side)], 0.8)
        light = 1 - 0.25 * np.abs(np.arange(rgb.shape[1]) - x) / side
        drawn = mixed(
            drawn, np.asarray(np.clip(light, 0.4, 1)[None, :, None] * colour * np.ones_like(rgb), np.uint8), loop
        )
    return mixed(drawn, tuple(round(0.8 * part) for part in colour), area(rgb, _round((x, y), 0.25 * side), 0.7))


def _thick(ends: Sequence[tuple[float, float]], width: float) -> NDArray[np.float32]:
    first, last = (np.asarray(end, np.float32) for end in ends)
    along = (last - first) / np.linalg.norm(last - first)
    aside = np.array((-along[1], along[0])) * width / 2
    return np.asarray([first + aside, last + aside, last - aside, first - aside], np.float32)


def _round(middle: tuple[float, float], radius: float) -> NDArray[np.float32]:
    turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return np.asarray(np.stack([np.cos(turns), np.sin(turns)], axis=1) * radius + middle, np.float32)


def with_window_glare(rgb: Rgb, face: Face, glare: float, at: float) -> Rgb:
    """Rimmed glasses that mirror a window on each lens. at: how far aside, over half a lens."""
    drawn = rgb
    for outline in (LEFT_EYE, RIGHT_EYE):
        x, y = (float(part) for part in face.polygon(outline).mean(axis=0))
        wide, high = 0.36 * face.eye_distance, 0.25 * face.eye_distance
        left, top = x + at * wide - 0.3 * wide, y - 0.55 * high
        for across, down in ((0, 0), (1, 0), (0, 1), (1, 1)):  # four panes
            start = np.array((left + across * 0.34 * wide, top + down * 0.5 * high))
            pane = start + np.array(((0, 0), (0.3, 0.03), (0.3, 0.45), (0, 0.42))) * (wide, high)
            drawn = mixed(drawn, (250, 252, 255), area(rgb, pane, 0.7) * glare)
        middle, axes = (round(x), round(y)), (round(wide), round(high))
        cv2.ellipse(drawn, middle, axes, 0, 0, 360, (40, 34, 32), 3, cv2.LINE_AA)
    return drawn


# ------------------------------------------------------------------ coverings


def with_cloth_mask(rgb: Rgb, face: Face, colour: Colour, *, folds: bool = False, low: bool = False) -> Rgb:
    """A mask of cloth, rounded by light, with straps to the ears. folds: three pleats; low: the nose is free."""
    upper = (98, 50, 132) if low else (6, 196, 50, 123, 132)
    lower = (361, 280, 327, 2) if low else (361, 352, 280, 419)
    outline = face.polygon((*upper, 58, 172, 150, 152, 379, 397, 288, *lower))
    rows, columns = np.mgrid[0 : rgb.shape[0], 0 : rgb.shape[1]].astype(np.float32)
    light = 1.02 - 0.22 * np.clip(np.abs(columns - face.axis) / (0.5 * face.width), 0, 1) ** 2 + grain(13, 0.015, 1.0)
    if folds:
        nose, chin = face.point(2)[1], face.point(CHIN)[1]
        for share in (0.2, 0.45, 0.7):
            down = (
                rows - (nose + share * (chin - nose)) - 0.03 * face.length * ((columns - face.axis) / face.width) ** 2
            )
            light -= 0.2 * np.exp(-((down / 1.8) ** 2)) - 0.06 * np.exp(-(((down - 4) / 2.5) ** 2))
    cloth = np.clip(np.asarray(colour, np.float32) * light[..., None], 0, 255)
    drawn = rgb.copy()
    strap = tuple(int(min(255, part * 0.9 + 12)) for part in colour)
    for corner, ear in (((132 if low else 123), 127), ((361 if low else 352), 356)):
        ends = [tuple(int(part) for part in face.point(index)) for index in (corner, ear)]
        cv2.line(drawn, *ends, strap, 3, cv2.LINE_AA)
    return mixed(drawn, cloth, area(rgb, outline, 0.8))


def with_low_mask(rgb: Rgb, face: Face, colour: Colour) -> Rgb:
    """A mask that was pulled below the nose: mouth and chin covered."""
    polygon = face.polygon((98, 50, 132, 58, 172, 150, 152, 379, 397, 288, 361, 280, 327, 2))
    return mixed(rgb, np.clip(np.asarray(colour) + grain(5, 5, 6)[..., None], 0, 255), area(rgb, polygon, 1.0))


def with_patterned_mask(rgb: Rgb, face: Face) -> Rgb:
    polygon = face.polygon((6, 196, 50, 123, 132, 58, 172, 150, 152, 379, 397, 288, 361, 352, 280, 419))
    cloth = np.full(rgb.shape, (235, 225, 220), np.uint8)
    for x in range(0, rgb.shape[1], 16):
        for y in range(0, rgb.shape[0], 16):
            cv2.circle(cloth, (x + (y // 16 % 2) * 8, y), 4, (190, 60, 90), -1, cv2.LINE_AA)
    return mixed(rgb, cloth, area(rgb, polygon, 0.8))


def with_palm(rgb: Rgb, face: Face) -> Rgb:
    """The person's own hand over mouth and chin: skin with shading and the lines between fingers."""
    skin = skin_of(rgb, face)
    (x, y), wide = face.point(14), 0.3 * face.width
    shading = 1 + grain(8, 0.06, 12)[..., None]
    hand = np.clip(skin * 0.92 * shading, 0, 255)
    polygon = [
        (x - wide, y - 0.22 * face.length),
        (x + wide, y - 0.26 * face.length),
        (x + 1.05 * wide, y + 0.75 * face.length),
        (x - 0.9 * wide, y + 0.8 * face.length),
    ]
    drawn = mixed(rgb, hand, area(rgb, polygon, 2.5))
    for step in (-0.45, 0.05, 0.5):
        start = (round(x - wide), round(y + step * 0.4 * face.length))
        end = (round(x + wide), round(y + (step * 0.4 - 0.06) * face.length))
        cv2.line(drawn, start, end, tuple(int(part * 0.55) for part in skin), 2, cv2.LINE_AA)
    return drawn


def with_hand_at_cheek(rgb: Rgb, face: Face, out: float = 0.5, *, sleeve: bool = False) -> Rgb:
    """The person's own hand at the viewer's right cheek, the arm coming up from below; out: its middle off the axis."""
    skin, wide, long = skin_of(rgb, face), face.width, face.length
    x, y = face.axis + out * wide, face.point(14)[1]
    hand = np.clip(skin * 0.92 * (1 + grain(11, 0.06, 12)[..., None]), 0, 255)
    arm = [(x - 0.13 * wide, y), (x + 0.17 * wide, y), (x + 0.4 * wide, SIZE[1]), (x - 0.02 * wide, SIZE[1])]
    drawn = mixed(rgb, hand, area(rgb, arm, 2.0))
    if sleeve:
        drawn = mixed(drawn, (50, 60, 90), area(rgb, arm, 2.0) * (np.arange(SIZE[1])[:, None] > y + 0.5 * long))
    for finger in range(4):  # from the palm up over the cheek
        start = np.array((x - 0.1 * wide + 0.075 * wide * finger, y + 0.1 * long))
        tip = start + np.array((-0.13 * wide, (0.04 * abs(finger - 1) - 0.55) * long))
        stroke = np.zeros(rgb.shape[:2], np.float32)
        ends = [tuple(int(part) for part in end) for end in (start, tip)]
        cv2.line(stroke, *ends, 1.0, round(0.07 * wide), cv2.LINE_AA)
        edge = np.clip(cv2.GaussianBlur(stroke, (0, 0), 3) - stroke, 0, 1) * 0.6
        drawn = mixed(mixed(drawn, skin * 0.55, edge), hand, np.asarray(stroke, np.float32))
    return drawn


def with_beanie(rgb: Rgb, face: Face, top: float, colour: Colour) -> Rgb:
    """A knitted cap down to the middle of the forehead."""
    rows, columns = np.mgrid[0 : rgb.shape[0], 0 : rgb.shape[1]].astype(np.float32)
    low = face.point(10)[1] + 0.3 * (face.point(9)[1] - face.point(10)[1])
    inside = ((columns - face.axis) / (0.58 * face.width)) ** 2 + ((rows - low) / (low - top + 8)) ** 2 < 1
    inside &= rows < low
    knit = (
        1
        + 0.13 * np.sin(columns * 1.2) * np.cos(rows * 0.9)
        - 0.25 * np.abs((columns - face.axis) / (0.58 * face.width)) ** 2
    )
    cloth = np.clip(np.asarray(colour, np.float32) * knit[..., None], 0, 255)
    return mixed(rgb, cloth, cv2.GaussianBlur(inside.astype(np.float32), (0, 0), 0.7))


def with_brim_hat(rgb: Rgb, face: Face, top: float, colour: Colour = (205, 175, 120)) -> Rgb:
    """A hat with a wide brim, of straw."""
    rows, columns = np.mgrid[0 : rgb.shape[0], 0 : rgb.shape[1]].astype(np.float32)
    low = face.point(10)[1] + 0.15 * (face.point(9)[1] - face.point(10)[1])
    crown = (np.abs(columns - face.axis) < 0.5 * face.width) & (rows < low) & (rows > top - 4)
    brim = ((columns - face.axis) / (0.95 * face.width)) ** 2 + ((rows - low) / (0.09 * face.width)) ** 2 < 1
    straw = 1 + 0.08 * np.sin(rows * 1.6) + 0.06 * np.sin(columns * 1.1)
    cloth = np.clip(np.asarray(colour, np.float32) * straw[..., None], 0, 255)
    return mixed(rgb, cloth, cv2.GaussianBlur((crown | brim).astype(np.float32), (0, 0), 0.7))


def with_scarf(rgb: Rgb, face: Face, top: float, colour: Colour) -> Rgb:
    """A headscarf: hair, ears and neck under cloth with folds, the face free from the hairline to the chin."""
    rows, columns = np.mgrid[0 : rgb.shape[0], 0 : rgb.shape[1]].astype(np.float32)
    middle = (top + face.point(CHIN)[1]) / 2
    head = ((columns - face.axis) / (0.64 * face.width)) ** 2 + ((rows - middle) / (middle - top + 6)) ** 2 < 1
    neck = (np.abs(columns - face.axis) < 0.62 * face.width + 0.5 * (rows - face.point(CHIN)[1])) & (rows > middle)
    neck &= rows < face.point(CHIN)[1] + 0.6 * face.length
    share = (head | neck).astype(np.float32) * (1 - oval(rgb, face, 0.97))
    folds = 1 + 0.10 * np.sin(columns * 0.09 + rows * 0.05) + grain(9, 0.03, 2)
    cloth = np.clip(np.asarray(colour, np.float32) * folds[..., None], 0, 255)
    return mixed(rgb, cloth, cv2.GaussianBlur(share.astype(np.float32), (0, 0), 0.8))


def with_band(rgb: Rgb, face: Face, colour: Colour) -> Rgb:
    """A broad headband over hairline and upper forehead."""
    high, low = face.point(10)[1] - 0.12 * face.length, face.point(10)[1] + 0.12 * face.length
    half = 0.53 * face.width
    return mixed(
        rgb,
        colour,
        area(
            rgb,
            [(face.axis - half, high), (face.axis + half, high), (face.axis + half, low), (face.axis - half, low)],
            0.8,
        ),
    )


def hair_of(rgb: Rgb, face: Face, person: Share, top: float) -> NDArray[np.float32]:
    """The middle colour above the hairline, sRGB."""
    columns = slice(round(face.axis - 0.3 * face.width), round(face.axis + 0.3 * face.width))
    part = slice(round(top) + 6, max(round(top) + 14, round(face.point(10)[1]) - 6)), columns
    hair = rgb[part][person[part] > 0.9]
    return np.asarray(np.median(hair, axis=0), dtype=np.float32)


def with_felt(
    rgb: Rgb, face: Face, person: Share, top: float, colour: Colour | NDArray[np.float32], *,
    low: float = 0.15, high: float | None = None, knit: float = 0.0, wide: float = 0.62,
) -> Rgb:  # fmt: skip
    """A cap of cloth, rounded by light, a little rough, with a shadow under its hem; or a band of it.

    low: where the hem lies, 0 the hairline of the mesh .. 1 between the brows; high: height of a band in face lengths,
    None for a cap to the top of the head; knit: depth of ribs.
    """
    rows, columns = np.mgrid[0 : rgb.shape[0], 0 : rgb.shape[1]].astype(np.float32)
    across = (columns - face.axis) / (wide * face.width)
    hem = face.point(10)[1] + low * (face.point(9)[1] - face.point(10)[1])
    edge = hem + 0.03 * face.length * across**2
    if high is None:
        inside = (rows < edge) & ((rows > hem) | (across**2 + ((rows - hem) / (hem - top + 8)) ** 2 < 1))
    else:
        inside = (rows < edge) & (rows > edge - high * face.length) & (person > 0.5)
    inside &= np.abs(across) < 1
    rough = grain(1, 0.05, 0.8)
    light = np.sqrt(np.clip(1 - 0.75 * across**2, 0.05, 1)) * (1 + rough + knit * np.sin(1.3 * columns))
    cloth = np.clip(1.2 * np.asarray(colour, np.float32) * light[..., None] + 20 * rough[..., None], 0, 255)
    drawn = mixed(rgb, cloth, cv2.GaussianBlur(inside.astype(np.float32), (0, 0), 0.8))
    under = np.exp(-np.maximum(rows - edge, 0) / (0.03 * face.length)) * ((rows >= edge) & (np.abs(across) < 0.95))
    return mixed(drawn, (20, 14, 12), np.asarray(0.35 * under * person, np.float32))


def with_hair(rgb: Rgb, face: Face, person: Share, factors: Sequence[float], lift: float = 0.0) -> Rgb:
    """Hair in another colour: whatever dark belongs to the head outside the face, its strands kept."""
    head = person * (1 - oval(rgb, face, 0.95, 3))
    head[round(face.point(CHIN)[1]) :] = 0
    dark = np.clip((0.75 * float(skin_of(rgb, face).mean()) - rgb.mean(axis=2)) / 20, 0, 1)
    other = np.clip(rgb * np.asarray(factors, np.float32) + lift * np.asarray(factors, np.float32), 0, 255)
    return mixed(rgb, other, np.asarray(head * dark, np.float32))


def with_short_fringe(rgb: Rgb, face: Face, colour: Colour = (30, 24, 22)) -> Rgb:
    """Strands down to well above the brows: the forehead is half free."""
    drawn = rgb.copy()
    low = min(face.point(index)[1] for index in (105, 334)) - 0.16 * face.length
    rng = np.random.default_rng(4)
    for x in np.linspace(face.axis - 0.42 * face.width, face.axis + 0.42 * face.width, 46):
        end = low - rng.uniform(0, 0.08) * face.length
        start = (round(float(x)), round(face.point(10)[1] - 14))
        cv2.line(drawn, start, (round(float(x + rng.uniform(-5, 5))), round(float(end))), tuple(colour), 4, cv2.LINE_AA)
    return drawn


def with_side_fringe(rgb: Rgb, face: Face, colour: Colour = (30, 24, 22)) -> Rgb:
    """Hair swept over one brow, down to the lid."""
    drawn = rgb.copy()
    rng = np.random.default_rng(4)
    brow, end_y = face.polygon((70, 63, 105, 66, 107)), face.point(159)[1] - 2
    for share in np.linspace(0, 1, 40):
        start = (face.axis + (0.45 * share - 0.35) * face.width, face.point(10)[1] - 12)
        x = brow[:, 0].min() + share * np.ptp(brow[:, 0]) - 6
        cv2.line(
            drawn,
            (round(float(start[0])), round(float(start[1]))),
            (round(float(x)), round(float(end_y - rng.uniform(0, 8)))),
            tuple(colour),
            4,
            cv2.LINE_AA,
        )
    return drawn


def with_strands(rgb: Rgb, face: Face, width: float, colour: Colour, *, right: bool = False, slant: float = 0.0) -> Rgb:
    """Strands of hair over a brow and an eye. width: in face widths; slant: how far aside over their height."""
    x, y = face.point(473 if right else 468)
    half, top, end = width * face.width / 2, y - 0.8 * face.length, y + 0.16 * face.length
    rng, drawn = np.random.default_rng(15), rgb.copy()
    for place in np.linspace(-1, 1, 36):
        start = x + place * half - slant * 0.7 * face.length, top
        stop = x + 0.9 * place * half + slant * 0.2 * face.length + rng.uniform(-2, 2), end - rng.uniform(0, 10)
        strand = tuple(int(part) for part in np.clip(np.asarray(colour) * rng.uniform(0.75, 1.2), 0, 255))
        thick = max(2, round(2.6 * half / 18))
        ends = [tuple(round(float(part) * 4) for part in point) for point in (start, stop)]
        cv2.line(drawn, *ends, strand, thick, cv2.LINE_AA, 2)
    return drawn


# ------------------------------------------------------------------ walls and what is on them


def falling(colour: Colour, way: str, rest: float) -> Rgb:
    """A wall whose light falls off towards one side or a corner to `rest` of it."""
    rows, columns = np.mgrid[0 : 1 : SIZE[1] * 1j, 0 : 1 : SIZE[0] * 1j]
    along = {"up": 1 - rows, "down": rows, "left": 1 - columns, "right": columns, "corner": (rows + columns) / 2}[way]
    return np.asarray(np.asarray(colour) * (1 - (1 - rest) * along)[..., None], np.uint8)


def edge_wall(colour: Colour = LIGHT_BLUE, share: float = 0.85, at: int = 410) -> Rgb:
    """The corner of a room: right of the edge the wall is darker."""
    wall = np.full((SIZE[1], SIZE[0], 3), colour, np.float32)
    wall[:, at:] *= share
    return np.asarray(wall, np.uint8)


def with_thing(colour: Colour, box: tuple[int, int, int, int], wall: Colour = LIGHT_BLUE) -> Rgb:
    left, top, right, bottom = box
    drawn = np.full((SIZE[1], SIZE[0], 3), wall, np.uint8)
    cv2.rectangle(drawn, (left, top), (right, bottom), tuple(colour), -1)
    return drawn


def curtain(colour: Colour = LIGHT_BLUE, depth: float = 0.12) -> Rgb:
    columns = np.arange(SIZE[0])
    wall = np.asarray(colour)[None, :] * (1 - depth * (0.5 + 0.5 * np.sin(columns * 0.25)))[:, None]
    return np.asarray(np.broadcast_to(wall[None], (SIZE[1], SIZE[0], 3)), np.uint8)


def blinds(colour: Colour = LIGHT_BLUE, depth: float = 0.1) -> Rgb:
    """Slanting stripes of shadow, in linear light."""
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]]
    dark = np.clip(1.25 * np.sin((rows + 0.35 * columns) * 2 * np.pi / 34) + 0.5, 0, 1)
    return np.asarray(np.asarray(colour) * ((1 - depth * dark) ** (1 / 2.2))[..., None], np.uint8)


def creased(colour: Colour = LIGHT_BLUE, depth: float = 0.3) -> Rgb:
    """A cloth hung up with creases, each a light and a dark edge, in linear light."""
    rolls = cv2.GaussianBlur(np.random.default_rng(7).normal(0, 1, SIZE[::-1]).astype(np.float32), (0, 0), 26)
    fold = 1 - np.abs(np.sin(2.2 * rolls / rolls.std() + np.arange(SIZE[0])[None, :] / 70))
    ridge = cv2.GaussianBlur(np.clip((fold - 0.75) * 4, 0, 1).astype(np.float32), (0, 0), 3)
    dark = np.roll(ridge, 5, axis=1) - 0.6 * ridge
    return np.asarray(
        np.clip(np.asarray(colour) * (np.clip(1 - depth * dark, 0, 2) ** (1 / 2.2))[..., None], 0, 255), np.uint8
    )


def chair(face: Face, up: float, colour: Colour, wall: Colour = LIGHT_BLUE) -> Rgb:
    """The back of a chair behind the shoulders, upper edge so many face widths over the chin; a wall."""
    canvas = np.full((SIZE[1], SIZE[0], 3), wall, np.uint8)
    axis, top, bottom = face.axis, face.point(CHIN)[1] + (0.05 - up) * face.width, SIZE[1]
    out, narrow = 0.87 * face.width, 0.8 * face.width
    back = [(axis - out, top + 10), (axis - narrow, top), (axis + narrow, top), (axis + out, top + 10)]
    share = area(canvas, [*back, (axis + out, bottom), (axis - out, bottom)], 1.5)
    cloth = np.asarray(colour) * (1 + 0.1 * grain(3, 1.0, 2.0))[..., None]
    return mixed(canvas, np.asarray(np.clip(cloth, 0, 255), np.uint8), share)


def tiles(colour: Colour = LIGHT_BLUE, side: int = 80, joint: float = 0.88) -> Rgb:
    """A wall of tiles with joints of two pixels that have that share of its light."""
    wall = np.full((SIZE[1], SIZE[0], 3), colour, np.float32)
    for first in (0, 1):
        wall[20 + first :: side] = np.asarray(colour) * joint
        wall[:, 20 + first :: side] = np.asarray(colour) * joint
    return np.asarray(wall, np.uint8)


def sideways(first: Colour, second: Colour) -> Rgb:
    share = np.linspace(0, 1, SIZE[0])[None, :, None]
    wall = np.asarray(first) * (1 - share) + np.asarray(second) * share
    return np.asarray(np.broadcast_to(wall, (SIZE[1], SIZE[0], 3)), np.uint8)


def vignette(rgb: Rgb, depth: float) -> Rgb:
    rows, columns = np.mgrid[-1 : 1 : SIZE[1] * 1j, -1 : 1 : SIZE[0] * 1j]
    return np.asarray(rgb * (1 - depth * np.clip((rows**2 + columns**2) / 2, 0, 1))[..., None], np.uint8)


# ------------------------------------------------------------------ the whole picture


def with_watermark(
    rgb: Rgb, text: str, colour: Colour, share: float, *, scale: float = 1.2, degrees: float = -30
) -> Rgb:
    """Text across the picture, turned and half transparent."""
    mask = np.zeros(rgb.shape[:2], np.uint8)
    for row in range(100, 640, 150):
        cv2.putText(mask, text, (20, row), cv2.FONT_HERSHEY_SIMPLEX, scale, 255, 3, cv2.LINE_AA)
    turn = cv2.getRotationMatrix2D((240, 320), -degrees, 1)
    turned = cv2.warpAffine(mask, turn, SIZE).astype(np.float32) / 255
    return mixed(rgb, colour, turned * share)


# 网络教育学院, 24 pixels wide each; one row of pixels a line
SIGNS = (
    "000000000200000000001800000000000000"
    "0000000606000619800018000c30183f0180"
    "3ffffc060e000619800018000c30303f8180"
    "3ffffc0c0ffc3ff3007ffffe061870337ffc"
    "30418c0c1ffc3ff3003ffffc061860337ffe"
    "30c18c181c180663fe0181c03ffffc336006"
    "30c18c19bc380663fe0180e03ffffc326006"
    "30c18c31e6707ff7180300f030000c366006"
    "36d90c7723e07fff183ffff830000c361ff8"
    "37cf0c7f01c0038f181f000c37ffcc361ff8"
    "33c70c6607e01fcf1800000003ffc0330000"
    "31c30c0c0e781ff99807ffe0000380330000"
    "30c38c0c7c1e3cc1b007ffe0000700317ffe"
    "31e3cc19f00671c1b0060060001c0031fffe"
    "31f3cc3f9ff86300f0060060001800318c60"
    "31b66c7c1ff80300e007ffe07ffffe310c60"
    "31860c2018081ff8e00600603ffffe3f0c60"
    "33060c0018087fe0e0060060001800360c60"
    "330c0c0198084301f007ffe0001800301860"
    "360c0c0f98080303b0060060001800301866"
    "36180c7e1ff8030718060060001800303066"
    "30000c701ff8031e1e06006000180030e07e"
    "30007c0018081f1c060603e001f80030c07c"
    "3000780000000c000000018001f000000000"
)


def with_signs(rgb: Rgb, colour: Colour, left: int, top: int, *, upright: bool = False, share: float = 1.0) -> Rgb:
    """Six signs side by side or below each other; most are several shapes that do not touch."""
    line = np.unpackbits(np.frombuffer(bytes.fromhex(SIGNS), np.uint8)).reshape(-1, 144)
    bits = np.concatenate(np.split(line, 6, axis=1)) if upright else line
    drawn = rgb.copy()
    place = drawn[top : top + bits.shape[0], left : left + bits.shape[1]]
    place[:] = mixed(place, colour, bits * np.float32(share))
    return drawn


def with_tiled_signs(rgb: Rgb, colour: Colour, share: float, degrees: float = 30) -> Rgb:
    """The same all over the picture, turned and hardly to be seen, as such photos are marked."""
    line = np.unpackbits(np.frombuffer(bytes.fromhex(SIGNS), np.uint8)).reshape(-1, 144)
    sheet = np.tile(np.pad(line, ((0, 52), (0, 40))), (14, 6))
    turn = cv2.getRotationMatrix2D((sheet.shape[1] / 2, sheet.shape[0] / 2), degrees, 1)
    turn[:, 2] += (SIZE[0] - sheet.shape[1]) / 2, (SIZE[1] - sheet.shape[0]) / 2
    return mixed(rgb, colour, cv2.warpAffine(sheet.astype(np.float32), turn, SIZE) * np.float32(share))


def with_pattern(rgb: Rgb, face: Face, person: Share, pattern: Share, ground: Colour, colour: Colour) -> Rgb:
    """A garment with a pattern, (640, 480) 0..1, from the collar down; folds keep their shade."""
    collar = int(face.point(CHIN)[1] + 0.5 * face.length)
    garment = person.copy()
    garment[:collar] = 0
    light = cv2.GaussianBlur(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 3)
    shade = np.clip(light / max(float(np.median(light[garment > 0.5])), 1.0), 0.75, 1.15)
    cloth = mixed(np.full_like(rgb, ground), colour, cv2.GaussianBlur(pattern.astype(np.float32), (0, 0), 0.7))
    return mixed(rgb, np.clip(cloth * shade[..., None], 0, 255).astype(np.uint8), garment)


def dots(step: int, radius: float, *, turned: bool = False) -> Share:
    rows, columns = np.mgrid[0 : SIZE[1], 0 : SIZE[0]].astype(np.float32)
    if turned:
        rows, columns = (rows + columns) / np.sqrt(2), (rows - columns) / np.sqrt(2)
    return np.asarray(np.hypot(rows % step - step / 2, columns % step - step / 2) < radius, dtype=np.float32)


def plaid(step: int, width: int) -> Share:
    rows, columns = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
    return ((rows % step < width) | (columns % step < width)).astype(np.float32)


def with_bars(rgb: Rgb, colour: Colour, width: int, *, upright: bool) -> Rgb:
    """Bars at two opposite edges, as a picture of another shape gets them."""
    drawn = rgb.copy()
    if upright:
        drawn[:, :width], drawn[:, -width:] = colour, colour
    else:
        drawn[:width], drawn[-width:] = colour, colour
    return drawn


def rounded(rgb: Rgb, radius: int, colour: Colour = (255, 255, 255)) -> Rgb:
    """Corners cut round."""
    inside = np.zeros(rgb.shape[:2], np.uint8)
    cv2.rectangle(inside, (radius, 0), (SIZE[0] - radius, SIZE[1]), 1, -1)
    cv2.rectangle(inside, (0, radius), (SIZE[0], SIZE[1] - radius), 1, -1)
    for x in (radius, SIZE[0] - radius):
        for y in (radius, SIZE[1] - radius):
            cv2.circle(inside, (x, y), radius, 1, -1)
    return mixed(rgb, colour, (1 - inside).astype(np.float32))


def pixelated(rgb: Rgb, size: int) -> Rgb:
    small = cv2.resize(rgb, (SIZE[0] // size, SIZE[1] // size), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, SIZE, interpolation=cv2.INTER_NEAREST), np.uint8)


def sharpened(rgb: Rgb, amount: float) -> Rgb:
    soft = cv2.GaussianBlur(rgb, (0, 0), 1.2)
    return np.asarray(cv2.addWeighted(rgb, 1 + amount, soft, -amount, 0), np.uint8)


def gamma(rgb: Rgb, exponent: float) -> Rgb:
    return np.asarray(255 * (rgb / 255.0) ** exponent, np.uint8)


def stops_darker(rgb: Rgb, stops: float) -> Rgb:
    """In so much less light, powers of two."""
    return gamma(np.asarray(gamma(rgb, 2.2) * 2.0**-stops, np.uint8), 1 / 2.2)


def lifted(rgb: Rgb, black: int) -> Rgb:
    """As through a veil: black becomes that grey, white stays."""
    return np.asarray(black + rgb * ((255 - black) / 255), np.uint8)


def posterised(rgb: Rgb, levels: int) -> Rgb:
    """Only so many levels of each channel are left."""
    return np.asarray(np.round(np.round(rgb / 255 * (levels - 1)) / (levels - 1) * 255), np.uint8)


def with_shine(rgb: Rgb, face: Face, light: float) -> Rgb:
    """Sweat or grease on forehead, nose and cheeks: so much linear light, 0..1, is mirrored by skin of any tone."""
    rows, columns = np.mgrid[0 : rgb.shape[0], 0 : rgb.shape[1]]
    spots = np.zeros(rgb.shape[:2])
    for index, wide in ((151, 0.13), (4, 0.05), (50, 0.08), (280, 0.08)):
        x, y = face.point(index)
        spots = np.maximum(spots, np.exp(-(((columns - x) ** 2 + (rows - y) ** 2) / (wide * face.width) ** 2)))
    lit = (rgb / 255) ** 2.2 + light * spots[..., None]
    return np.asarray(255 * np.clip(lit, 0, 1) ** (1 / 2.2), np.uint8)


def sepia(rgb: Rgb, tint: Colour = (255, 225, 180)) -> Rgb:
    grey = rgb.mean(axis=2, keepdims=True) / 255
    return np.asarray(grey * np.asarray(tint), np.uint8)
