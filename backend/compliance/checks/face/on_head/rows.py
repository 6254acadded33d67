"""Rows from side to side over hairline and forehead that are of one foreign colour, or hardly vary: caps and bands."""

from __future__ import annotations

import numpy as np

from backend.compliance.checks.face.on_head import columns
from backend.compliance.colour import Lab
from backend.compliance.face import CHEEKS, FOREHEAD, Face
from backend.compliance.observed import Grey, Mask
from backend.compliance.ranks import median_colour, row_percentiles
from backend.compliance.regions import FACTOR, Regions

COLUMNS, HEIGHT = 0.28, 0.06  # face widths beside the axis; of the face's length
ONE_COLOUR = 8.0  # a* with b*, of three quarters of a row
CLOTH = 0.9, 0.8  # of a row's colour: skin and hair reach 0.9, bands begin at 1.8
PLAIN = 0.09, 0.03  # spread of lightness over its mean: hair from 0.1, felt up to 0.062; the limit lies at 0.075
CLOTH_TONE = 20.0, 65.0  # L* between which hair is not even by itself: it is black below, and lost in the light above
OFF_SKIN, OFF_HAIR = (0.12, 16.0), 12.0  # of a* and b* over L*, and CIELAB; CIELAB, from what lies above
GREY, DARKER = 0.35, 18.0  # of the skin's tint; L* below the skin's
# the same below the hairline: bare foreheads and fringes from 0.1, cloth mostly up to 0.07; the limit lies at 0.077
PLAIN_BELOW = 0.092, 0.03
SHADED, TINTED = 0.82, ((0.18, 1.05), (0.3, 9.0))  # of the face's L*; of a* and b* over L*, up to that share of its L*
# of a* and b* over L*: off the skin between the brows and off the cheeks, up to that share of their L*
TINTED_BOTH = 0.17, 0.1, 1.1
NO_CHEEKS = 0.45  # of a* and b* over L*, off the skin between the brows: a mask
MILD = 26.0  # a* with b*: stronger colours are left to the rows of one foreign colour


def worn(parts: Regions, face: Face, first: int, lowest: int, skin: Lab, tint: tuple[float, float]) -> float:
    """How surely one of them lies there: 0 none .. 1.

    first, lowest: rows at half size, from the head's top to above the brows; skin, tint: as in `band`.
    """
    place = slice(first, lowest), columns(face, COLUMNS)
    strip = parts.lab[place]
    if not strip.size:
        return 0.0
    height = max(3, int(HEIGHT * face.length * FACTOR))
    cheeks = median_colour(np.concatenate([parts.whole.inside(face.polygon(cheek)) for cheek in CHEEKS]))
    hairline = face.point(FOREHEAD)[1] * FACTOR - first
    return max(band(strip, skin, tint, height), even(strip, parts.person[place], skin, cheeks, height, hairline))


def band(rows: Grey, skin: Lab, tint: tuple[float, float], height: int) -> float:
    """How surely a coloured or white band lies over hairline or forehead: 0 none .. 1.

    rows: (h, w, 3) CIELAB near the axis from the head top to above the brows; height: rows that a band has at least.
    skin, tint: as in `measure`. A row counts that is of one colour from side to side, a colour that neither the skin
    nor hair has; black, brown and grey bands are taken for hair.
    """
    if len(rows) < height:
        return 0.0
    channels = np.ascontiguousarray(rows.transpose(2, 0, 1))
    colour = np.stack([row_percentiles(channel, 50) for channel in channels], axis=1)
    apart = np.abs(channels[1] - colour[:, 1:2]) + np.abs(channels[2] - colour[:, 2:])
    even = row_percentiles(apart, 75) < ONE_COLOUR
    lightness, a, b = colour[:, 0], colour[:, 1] - tint[0], colour[:, 2] - tint[1]
    strong = np.hypot(a, b)
    from_skin = np.hypot(colour[:, 1] - skin[1], colour[:, 2] - skin[2])
    bright = np.minimum((strong - 28) / 10, (from_skin - 18) / 8)
    white = np.minimum(np.minimum(lightness - 76, lightness - skin[0] + 2) / 8, (12 - strong) / 6)
    foreign = np.where(even, np.maximum(np.maximum(bright, np.maximum(-4 - b, -4 - a) / 8), white), 0.0)
    least = np.lib.stride_tricks.sliding_window_view(foreign, height).min(axis=1)
    none, sure = CLOTH
    return float(np.clip((float(least.max()) - none) / sure, 0, 1))


def even(rows: Grey, person: Mask, skin: Lab, cheeks: Lab, height: int, hairline: float) -> float:
    """How surely an even band or cap lies over hairline or forehead: 0 none .. 1.

    rows, skin, height: as in `band`; person: as in `hem`; cheeks: their colour; hairline: the row of the mesh's
    hairline. So many rows that hardly vary in lightness: above the hairline with another tint than skin and another
    colour than the hair above, because hair of such a tone has strands and shine; below it, where only skin should be,
    darker than the face or of another tint.
    """
    if len(rows) < 2 * height:
        return 0.0
    lightness = rows[..., 0]
    each = np.column_stack([rows.mean(axis=1), np.square(lightness).mean(axis=1), person.mean(axis=1)])
    whole = np.lib.stride_tricks.sliding_window_view(each, height, axis=0).mean(axis=2)
    mean, colour, seen = np.maximum(whole[:, 0], 8), whole[:, :3], whole[:, 4] > 0.95
    off_tint = _off_tint(colour, skin)
    spread = np.sqrt(np.maximum(whole[:, 3] - whole[:, 0] ** 2, 0)) / mean

    dark, light = CLOTH_TONE
    worn = seen & (mean > dark) & (mean < light) & (off_tint > OFF_SKIN[0])
    # between the brows glasses gleam, and caps lie or throw shade; but a mask covers the cheeks
    face = skin if _off_tint(np.array([cheeks], np.float32), skin)[0] > NO_CHEEKS else cheeks
    for own in (skin, face):  # a forehead in less light than what lies between the brows is often like the cheeks
        worn &= np.sqrt(np.square(colour - own).sum(axis=1)) > OFF_SKIN[1]
    grey = np.hypot(colour[:, 1], colour[:, 2]) / mean < GREY * np.hypot(*skin[1:]) / max(skin[0], 8.0)
    worn &= grey | (mean < skin[0] - DARKER)  # a forehead in more light than the face is neither
    above = np.cumsum(each[: len(whole) - 1, :3], axis=0) / np.arange(1, len(whole))[:, None]
    worn[:height] = False
    worn[height:] &= np.sqrt(np.square(colour[height:] - above[height - 1 :]).sum(axis=1)) > OFF_HAIR

    low = seen & (np.arange(len(whole)) + height / 2 > hairline) & (np.hypot(colour[:, 1], colour[:, 2]) < MILD)
    share, off_face = mean / max(face[0], 8.0), _off_tint(colour, face)
    tinted = np.any([(off_face > far) & (share < lit) for far, lit in TINTED], axis=0)
    brows, least, lit = TINTED_BOTH
    tinted |= (off_tint > brows) & (off_face > least) & (share < lit)
    low &= (share < SHADED) | tinted
    return max(_surely(spread[worn], PLAIN), _surely(spread[low], PLAIN_BELOW))


def _off_tint(colour: Grey, skin: Lab) -> Grey:
    """How far a* and b* over L* are from the skin's. colour: (n, 3) CIELAB."""
    lightness = np.maximum(colour[:, :1], 8)
    return np.asarray(np.hypot(*(colour[:, 1:] / lightness - np.array(skin[1:]) / max(skin[0], 8.0)).T))


def _surely(spread: Grey, limits: tuple[float, float]) -> float:
    none, sure = limits
    return float(np.clip((none - spread.min()) / sure, 0, 1)) if spread.size else 0.0
