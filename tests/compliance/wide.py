"""The kinds of the labelled folder once more, wider: hues around the wheel, other shapes, places, sizes and materials.

Each kind has its codes, and whether it can be asked of a raw picture too. A second face is that of another sitter.
"""

from __future__ import annotations

import colorsys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product

import cv2
import numpy as np

from backend.compliance.colour import difference, lab_of
from tests import drawings as d
from tests import images
from tests.compliance.drawn import BG, COVERED, DARK, HAIR, WEARING
from tests.compliance.sitter import Draw, Sitter
from tests.images import LIGHT_BLUE, Rgb

Colour = tuple[int, int, int]
Kinds = dict[str, tuple[set[str], bool, dict[str, Draw]]]

NAMED: dict[str, Colour] = {
    "white": (240, 240, 240),
    "grey": (130, 132, 136),
    "black": (24, 24, 28),
    "navy": (28, 40, 80),
    "blue": (120, 170, 225),
    "teal": (30, 120, 125),
    "green": (60, 140, 80),
    "olive": (110, 110, 60),
    "yellow": (235, 205, 70),
    "orange": (235, 130, 40),
    "red": (185, 35, 40),
    "wine": (105, 25, 45),
    "pink": (240, 180, 195),
    "purple": (110, 70, 150),
    "brown": (110, 75, 50),
    "beige": (220, 195, 165),
}


READABLE = 20  # L* between letters and the wall


def wheel(count: int, saturation: float, value: float, start: float = 0.0) -> Iterator[Colour]:
    for step in range(count):
        red, green, blue = colorsys.hsv_to_rgb((start + step / count) % 1, saturation, value)
        yield round(255 * red), round(255 * green), round(255 * blue)


def gains(hue: float, strength: float) -> tuple[float, float, float]:
    """Light of that hue, 0 red .. 1: the channel farthest from it keeps 1 - strength of its light."""
    parts = [1 - strength * (1 - np.cos(2 * np.pi * (hue - place / 3))) / 2 for place in range(3)]
    return tuple(float(part / max(parts)) for part in parts)  # type: ignore[return-value]


def _walls() -> Iterator[Colour]:
    """Round the wheel, strong, pale and dark: only what nobody takes for a wall of the standard."""
    references = (LIGHT_BLUE, (255, 255, 255), (240, 240, 240))
    every = (*wheel(12, 0.75, 0.8), *wheel(12, 0.3, 0.92, 1 / 24), *wheel(8, 0.6, 0.4))
    for wall in every:
        if min(difference(lab_of(wall), lab_of(one)) for one in references) > 13:
            yield wall


def other_head(s: Sitter, other: Sitter, width: int, place: str) -> Rgb:
    """Somebody else beside or behind: the head, so many pixels wide, before the wall; the person stays in front."""
    top = max(0, int(images.HEAD_TOP) - 6)
    bottom, half = int(other.face.point(152)[1] + 70), round(0.75 * other.face.width)
    columns = slice(max(0, int(other.face.axis) - half), int(other.face.axis) + half)
    factor = width / other.face.width
    head, share = (cv2.resize(part[top:bottom, columns], None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
                   for part in (other.rgb, other.share))  # fmt: skip
    high, wide = head.shape[:2]
    x, y = {
        "left above": (0, 10), "right above": (480 - wide, 20), "left": (0, 250), "right": (480 - wide, 230),
        "before the chest": (240 - wide // 2 + 90, 640 - high),
    }[place]  # fmt: skip
    drawn, weight = s.rgb.astype(np.float32), np.zeros(s.rgb.shape[:2], np.float32)
    high, wide = min(high, 640 - y), min(wide, 480 - x)
    weight[y : y + high, x : x + wide] = share[:high, :wide]
    layer = np.zeros_like(drawn)
    layer[y : y + high, x : x + wide] = head[:high, :wide]
    if place != "before the chest":
        weight *= 1 - s.share
    return d.mixed(s.rgb, layer.astype(np.uint8), weight)


def _near_skin(s: Sitter, factors: Sequence[float]) -> Colour:
    return tuple(int(part) for part in np.clip(d.skin_of(s.rgb, s.face) * factors, 0, 255))  # type: ignore[return-value]


def _mask(colour: Colour | Sequence[float], **how: object) -> Draw:
    """Floats are taken of the person's own skin."""

    def draw(s: Sitter) -> Rgb:
        own = isinstance(colour[0], float)
        return d.with_cloth_mask(s.rgb, s.face, _near_skin(s, colour) if own else colour, **how)  # type: ignore[arg-type]

    return draw


def _written(
    words: str, colour: Colour, font: int, scale: float, at: tuple[int, int], weight: int, turned: bool
) -> Draw:
    def draw(s: Sitter) -> Rgb:
        rgb = np.ascontiguousarray(np.rot90(s.rgb)) if turned else s.rgb.copy()
        cv2.putText(rgb, words, at, font, scale, colour, weight, cv2.LINE_AA)
        return np.ascontiguousarray(np.rot90(rgb, -1)) if turned else rgb

    return draw


def on_clothes_of(colour: Colour, draw: Draw) -> Draw:
    """The same with plain clothes of that colour."""
    return lambda s: draw(replace(s, rgb=images.with_clothes(s.rgb, s.face, colour)))


def defocused(rgb: Rgb, radius: float) -> Rgb:
    size = 2 * int(radius + 1) + 1
    rows, columns = np.mgrid[:size, :size] - size // 2
    disc = np.clip(radius + 0.5 - np.hypot(rows, columns), 0, 1).astype(np.float32)
    return np.asarray(cv2.filter2D(rgb, -1, disc / disc.sum()), np.uint8)


def shaken(rgb: Rgb, length: int, degrees: float) -> Rgb:
    line = np.zeros((length | 1, length | 1), np.float32)
    line[length // 2] = 1
    turn = cv2.getRotationMatrix2D((length // 2, length // 2), degrees, 1)
    line = cv2.warpAffine(line, turn, line.shape[::-1])
    return np.asarray(cv2.filter2D(rgb, -1, line / line.sum()), np.uint8)


def lit_from(s: Sitter, degrees: float, rest: float) -> Rgb:
    """Light from one side, slanting: what lies away from it keeps `rest` of it; the wall keeps its light."""
    (x, y), wide = s.face.point(4), s.face.width
    rows, columns = np.mgrid[0 : s.rgb.shape[0], 0 : s.rgb.shape[1]]
    across = (columns - x) * np.cos(np.radians(degrees)) + (rows - y) * np.sin(np.radians(degrees))
    fall = 1 / (1 + np.exp(-across / (0.12 * wide)))
    dark = s.rgb * (1 - (1 - rest) * fall)[..., None]
    return d.mixed(s.rgb, dark.astype(np.uint8), s.share)


def coloured_noise(rgb: Rgb, sigma: float, soft: float) -> Rgb:
    noise = np.random.default_rng(11).normal(0, 1, rgb.shape).astype(np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), soft) if soft else noise
    return np.asarray(np.clip(rgb + noise / noise.std() * sigma, 0, 255), np.uint8)


def _each(change: Callable[..., Rgb | bytes], cases: Sequence[object]) -> dict[str, Draw]:
    return {str(case): lambda s, case=case: change(s, *case) if isinstance(case, tuple) else change(s, case)
            for case in cases}  # fmt: skip


def _eyes() -> dict[str, Draw]:
    lashes = ((30, 22, 20), (95, 60, 40), (120, 112, 105))
    shut = {
        f"shut, {name}, {shade}": lambda s, colour=colour, shade=shade, sag=sag, thick=thick: d.eyes_shut(
            s.rgb, s.face, colour, shade=shade, sag=sag, thick=thick
        )
        for (name, colour), (shade, sag, thick) in product(
            zip(("black", "brown", "grey"), lashes, strict=True),
            ((0.9, 0.10, 2), (0.75, 0.16, 1), (1.0, 0.02, 3), (0.85, 0.12, 4)),
        )
    }
    half = {
        f"{name} at {rest} %": lambda s, change=change, rest=rest: change(s.rgb, s.face, rest / 100)
        for name, change in (("squeezed", d.eyes_narrowed), ("lid", d.lids_lowered))
        for rest in (4, 12, 15)
    }
    return shut | half


def _mouths() -> dict[str, Draw]:
    shapes = ((0.46, 0.05), (0.42, 0.08), (0.30, 0.10), (0.2, 0.10), (0.2, 0.16), (0.36, 0.18))
    insides: dict[str, Colour] = {"red": (60, 15, 15), "black": (30, 8, 10), "tongue": (48, 14, 16)}
    return {
        f"{wide} wide, {high} high, {name}": lambda s, how=(wide, high, inside), tongue=name == "tongue": d.mouth_of(
            s.rgb, s.face, *how, tongue=tongue
        )
        for (wide, high), (name, inside) in product(shapes, insides.items())
    } | {
        f"parted {gap}{', teeth' if teeth else ''}": lambda s, gap=gap, teeth=teeth: d.mouth_parted(
            s.rgb, s.face, gap, teeth=teeth
        )
        for gap, teeth in product((0.06, 0.1, 0.13, 0.17), (False, True))
    }


def _lenses() -> dict[str, Draw]:
    tints: dict[str, Colour] = {
        "black": (12, 12, 12),
        "grey": (60, 62, 66),
        "brown": (70, 40, 20),
        "green": (25, 60, 40),
        "blue": (25, 50, 130),
        "violet": (80, 40, 110),
        "red": (140, 25, 30),
        "orange": (200, 100, 20),
        "yellow": (225, 185, 30),
        "pink": (215, 70, 130),
    }
    return {
        f"{name} {tint}, {'square' if square else 'round'}": (
            (lambda s, c=c, t=t: d.with_square_glasses(s.rgb, s.face, tint=t, lens=c))
            if square
            else (lambda s, c=c, t=t: images.with_glasses(s.rgb, s.face, tint=t, colour=c))
        )
        for (name, c), (t, square), tint in (
            (one, (tint, square), tint) for one, tint, square in product(tints.items(), (0.6, 0.75, 0.9), (True, False))
        )
    }


def _glare() -> dict[str, Draw]:
    colours: tuple[Colour, ...] = ((255, 255, 255), (190, 225, 255), (180, 245, 205), (255, 240, 200))
    return {
        f"{colour} {share}": lambda s, c=colour, g=share: d.with_square_glasses(s.rgb, s.face, glare=g, glare_colour=c)
        for colour, share in product(colours, (0.6, 0.75, 0.9))
    } | {
        f"window {share} {at}": lambda s, g=share, at=at: d.with_window_glare(s.rgb, s.face, g, at)
        for share, at in product((0.6, 0.8, 0.95), (-0.35, 0.0, 0.35))
    }


def _caps() -> dict[str, Draw]:
    worn = {
        "cap": lambda s, c: images.with_cap(s.rgb, s.face, 66, c),
        "beanie": lambda s, c: d.with_beanie(s.rgb, s.face, 66, c),
        "felt": lambda s, c: d.with_felt(s.rgb, s.face, s.share, images.HEAD_TOP, c, low=0.3),
        "band": lambda s, c: d.with_felt(s.rgb, s.face, s.share, images.HEAD_TOP, c, low=0.2, high=0.18),
        "hat": lambda s, c: d.with_brim_hat(s.rgb, s.face, 70, c),
        "scarf": lambda s, c: d.with_scarf(s.rgb, s.face, 70, c),
    }
    return {
        f"{kind}, {name}": lambda s, draw=draw, colour=colour: draw(s, colour)
        for (kind, draw), (name, colour) in product(worn.items(), NAMED.items())
    }


def _locks() -> dict[str, Draw]:
    hair: dict[str, Colour] = {
        "black": (28, 22, 20),
        "brown": (90, 55, 35),
        "blond": (200, 165, 110),
        "grey": (150, 148, 146),
        "red": (150, 70, 35),
        "dyed blue": (60, 80, 150),
    }
    return {
        f"{name} {width} {side} {slant}": lambda s, c=c, w=width, side=side, slant=slant: d.with_strands(
            s.rgb, s.face, w, c, right=side == "right", slant=slant
        )
        for (name, c), width, (side, slant) in product(
            hair.items(), (0.16, 0.2, 0.26, 0.34), (("left", 0.0), ("right", 0.0), ("left", 0.25), ("right", -0.25))
        )
    }


def _texts() -> dict[str, Draw]:
    colours: dict[str, Colour] = {
        "white": (255, 255, 255),
        "black": (10, 10, 10),
        "red": (215, 30, 35),
        "blue": (30, 60, 190),
        "green": (30, 160, 60),
        "yellow": (250, 220, 60),
        "orange": (255, 140, 30),
        "magenta": (220, 40, 180),
    }
    places = (
        ("2026-11-02", cv2.FONT_HERSHEY_SIMPLEX, 0.7, (300, 615), 2, False),
        ("ID 20260417", cv2.FONT_HERSHEY_DUPLEX, 0.8, (20, 40), 1, False),
        ("STUDIO SUN", cv2.FONT_HERSHEY_TRIPLEX, 1.2, (90, 600), 2, False),
        ("Photo by Lin", cv2.FONT_HERSHEY_COMPLEX, 0.9, (210, 580), 2, False),
        ("WANG XIAOMING", cv2.FONT_HERSHEY_PLAIN, 2.0, (120, 625), 2, False),
        ("F202400001", cv2.FONT_HERSHEY_SIMPLEX, 0.8, (20, 30), 2, True),
    )
    clothes: dict[str, Colour] = {"dark": (40, 42, 50), "red": (150, 35, 45), "pale": (222, 214, 200)}
    found = {}
    for (name, colour), (words, font, scale, at, weight, turned) in product(colours.items(), places):
        over = {name: abs(lab_of(colour)[0] - lab_of(worn)[0]) for name, worn in clothes.items()}
        if at[1] < 100 and abs(lab_of(colour)[0] - lab_of(LIGHT_BLUE)[0]) < READABLE:
            continue
        cloth = max(over, key=lambda name: over[name])
        found[f"{name} {words} on {cloth}"] = on_clothes_of(
            clothes[cloth], _written(words, colour, font, scale, at, weight, turned)
        )
    return found


def kinds(people: Sequence[Sitter]) -> Kinds:
    """people: everybody who is drawn on; a second face is the next one's or the one after."""

    def second(s: Sitter, step: int, width: int, place: str) -> Rgb:
        at = next(number for number, one in enumerate(people) if one.labelled.person == s.labelled.person)
        return other_head(s, people[(at + step) % len(people)], width, place)

    walls: dict[str, Colour] = {"blue": LIGHT_BLUE, "white": (252, 252, 252), "grey": (238, 238, 240)}
    return {
        "wall of another colour": ({"BG_COLOR"}, False, _each(lambda s, *wall: s.before(wall), list(_walls()))),
        "wall falling off": (
            BG,
            False,
            _each(
                lambda s, name, way, rest: s.before(d.falling(walls[name], way, rest)),
                list(product(walls, ("up", "down", "left", "right", "corner"), (0.8, 0.65))),
            ),
        ),
        "shadow on the wall": (
            BG,
            False,
            _each(
                lambda s, name, depth, right: images.with_shadow(s.person, depth, right=right, colour=walls[name]),
                list(product(walls, (0.22, 0.4), (-40, 45))),
            ),
        ),
        "things on the wall": (
            BG,
            False,
            _each(
                lambda s, name, colour, box: s.before(d.with_thing(NAMED[colour], box, walls[name])),
                list(
                    product(
                        walls,
                        ("black", "brown", "green", "red"),
                        ((0, 60, 60, 160), (410, 30, 480, 90), (20, 260, 60, 300), (440, 0, 456, 420)),
                    )
                ),
            ),
        ),
        "blur of other kinds": (
            {"BLUR", "UPSCALED"},
            True,
            _each(lambda s, radius: defocused(s.rgb, radius), (3.0, 4.0, 6.0))
            | _each(
                lambda s, length, degrees: shaken(s.rgb, length, degrees), list(product((11, 15, 21), (30, 90, 120)))
            ),
        ),
        "noise of other kinds": (
            {"NOISE"},
            False,
            _each(lambda s, *how: coloured_noise(s.rgb, *how), list(product((14, 22), (0.0, 0.8, 1.2)))),
        ),
        "cast around the wheel": (
            {"COLOR_CAST"},
            True,
            _each(
                lambda s, hue, strength: images.scaled(s.rgb, *gains(hue / 12, strength)),
                list(product(range(12), (0.25, 0.35, 0.5))),
            ),
        ),
        "light from other sides": (
            {"HALF_FACE"},
            True,
            _each(lit_from, list(product((0, 180, 25, 155, -25, -155), (0.55, 0.45, 0.3)))),
        ),
        "second face, somebody else": (
            {"MANY_FACES"},
            False,
            _each(
                second,
                list(
                    product(
                        (1, 7, 13), (80, 100, 140), ("left above", "right above", "left", "right", "before the chest")
                    )
                ),
            ),
        ),
        "eyes closed in other ways": ({"EYES_CLOSED"}, True, _eyes()),
        "mouths of other shapes": ({"MOUTH_OPEN"}, True, _mouths()),
        "masks of cloth": (
            COVERED,
            True,
            {
                f"{name}{', folds' if folds else ''}{', nose free' if low else ''}": _mask(colour, folds=folds, low=low)
                for (name, colour), (folds, low) in product(
                    NAMED.items(), ((True, False), (False, False), (True, True))
                )
            }
            | {
                f"skin {factors}{', nose free' if low else ''}": _mask(factors, folds=True, low=low)
                for factors, low in product(
                    ((1.0, 1.0, 1.0), (0.8, 0.8, 0.8), (1.2, 1.2, 1.2), (1.1, 1.0, 0.95), (1.0, 1.0, 1.1)),
                    (False, True),
                )
            },
        ),
        "lenses of other tints": (DARK, True, _lenses()),
        "glare of other kinds": ({"GLASSES_REFLECT"}, True, _glare()),
        "caps, bands, hats, scarves": (WEARING, True, _caps()),
        "locks over an eye": (HAIR, True, _locks()),
        "text in other colours": ({"FRAME_OR_TEXT"}, False, _texts()),
        "frames of other kinds": (
            {"FRAME_OR_TEXT"},
            False,
            _each(
                lambda s, width, name: images.with_border(s.rgb, width, NAMED[name]),
                list(product((5, 9, 18, 30), ("grey", "wine", "green", "yellow", "beige", "pink"))),
            ),
        ),
        "clothes like the wall": (
            {"CLOTH_LIKE_BG"},
            False,
            _each(
                lambda s, name, light: images.with_clothes(
                    s.before(walls[name]), s.face, [min(255, light * part) for part in walls[name]]
                ),
                list(product(walls, (0.85, 0.93, 1.0))),
            ),
        ),
        "turned by other angles": (
            {"EYE_TILT"},
            False,
            _each(lambda s, degrees: images.rolled(s.rgb, degrees), (8.5, -8.5, 9.5, -9.5, 13, -13)),
        ),
    }
