"""HEADWEAR: no hat, cap or scarf (R19). A person always decides: some have a good reason to wear one."""

from __future__ import annotations

import cv2
import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.colour import difference
from backend.compliance.face import FOREHEAD, GLABELLA, Face
from backend.compliance.findings import Mark
from backend.compliance.observed import Grey, Mask
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median, median_colour, percentile
from backend.compliance.regions import FACTOR, Regions
from backend.compliance.standard import Rule

BESIDE = 0.42  # face widths left and right of the axis
FEWEST = 80
BETWEEN_BROWS = 9
AS_SKIN = 12.0  # CIEDE2000: a bald head
HAIR_SPREAD = 7.0  # L*: the least that hair, with its strands and shine, was seen to vary
SMOOTH = 0.044  # fine detail over lightness: strands show at least 0.048, cloth up to 0.045
SOFT = 6  # pixels at half size that the blur of strands reaches
BAND_COLUMNS, BAND_HEIGHT = 0.28, 0.06  # face widths beside the axis; of the face's length
ONE_COLOUR = 8.0  # a* with b*, of three quarters of a row
CLOTH = 0.9, 0.8  # of a row's colour: skin and hair reach 0.9, bands begin at 1.8
PLAIN = 0.09, 0.03  # spread of lightness over its mean: hair from 0.1, felt up to 0.062; the limit lies at 0.075
CLOTH_TONE = 20.0, 65.0  # L* between which hair is not even by itself: it is black below, and lost in the light above
OFF_SKIN, OFF_HAIR = (0.12, 16.0), 12.0  # of a* and b* over L*, and CIELAB; CIELAB, from what lies above
GREY, DARKER = 0.35, 18.0  # of the skin's tint; L* below the skin's
STEP = 8.0, 0.4  # least step between rows, CIELAB with its channels added up; of the usual strongest one in a column
CLIMB = 4  # rows at half size from where a step begins to where it is steepest
HEM_ERROR = 0.3  # rows at half size that a hem is off a parabola
HEM = 0.5, 0.64  # of the columns: hairlines reach 0.63, dense bangs 0.79, bands mostly 0.9; the limit lies at 0.82
FOREHEAD_SKIN = 14.0, 9.0  # L*, and a* with b*: what is as near to the skin between the brows is bare forehead


def measure(
    dome: Grey, skin: tuple[float, float, float], tint: tuple[float, float], detail: float | None = None
) -> float:
    """How little the part above the forehead looks like hair: 0 hair or bald .. 1 surely not.

    dome: (n, 3) CIELAB above the forehead. skin: the face's colour. tint: shift of the picture's own colours in a*
    and b*, taken out first. detail: see `strands`. Hair varies in lightness and is between black, brown, red, blond and
    grey; cloth is even, or without strands, or white, or has a colour that hair has not.
    Source: R19, 教毕指〔2017〕99号; limits ours.
    """
    lightness, a, b = median_colour(dome)
    spread = float(dome[:, 0].std())
    # bare skin shines, or has the hue of the face; a cap of nearly its colour does neither
    if difference((lightness, a, b), skin) < AS_SKIN and (detail is None or spread > HAIR_SPREAD):
        return 0.0
    even = (HAIR_SPREAD - spread) / 3
    a, b = a - tint[0], b - tint[1]
    blue_or_green = max(-4 - b, -4 - a) / 8
    bright = (float(np.hypot(a, b)) - 28) / 10
    white = min((lightness - 76) / 8, (12 - float(np.hypot(a, b))) / 6)
    plain = 0.0 if detail is None else 0.5 + (SMOOTH - detail) / 0.02
    return float(np.clip(max(even, plain, blue_or_green, bright, white), 0, 1))


def strands(regions: Regions, dome: Mask, skin: tuple[float, float, float]) -> float | None:
    """Fine detail of what covers the head, over its lightness; None when most of it is bare skin."""
    x, y, width, height = cv2.boundingRect(dome.view(np.uint8))
    rows = slice(max(0, y - SOFT), y + height + SOFT)  # what the blur reads
    columns = slice(max(0, x - SOFT), x + width + SOFT)
    lab, dome = regions.lab[rows, columns], dome[rows, columns]
    far, hue = FOREHEAD_SKIN
    bare = (np.abs(lab[..., 0] - skin[0]) < far) & (np.hypot(lab[..., 1] - skin[1], lab[..., 2] - skin[2]) < hue)
    covered = dome & ~bare
    if np.count_nonzero(covered) < 2 * FEWEST:
        return None
    lightness = np.ascontiguousarray(lab[..., 0])
    fine = np.abs(lightness - cv2.GaussianBlur(lightness, (0, 0), 1.5))[covered]
    return percentile(fine, 70) / max(8.0, median(lightness[covered]))


def dome_of(regions: Regions, face: Face, top: float) -> Mask:
    """The person between the head top and the hairline of the mesh, near the axis, at half size."""
    height, width = regions.person.shape
    rows, columns = np.arange(height)[:, None], np.arange(width)[None, :]
    hairline = (face.point(FOREHEAD)[1] - 0.02 * face.width) * FACTOR
    near = np.abs(columns - face.axis * FACTOR) < BESIDE * face.width * FACTOR
    return np.asarray(regions.person & near & (rows < hairline) & (rows > top * FACTOR + 3))


def band(rows: Grey, skin: tuple[float, float, float], tint: tuple[float, float], height: int) -> float:
    """How surely a coloured or white band lies over hairline or forehead: 0 none .. 1.

    rows: (h, w, 3) CIELAB near the axis from the head top to above the brows; height: rows that a band has at least.
    skin, tint: as in `measure`. A row counts that is of one colour from side to side, a colour that neither the skin
    nor hair has; black, brown and grey bands are taken for hair.
    """
    if len(rows) < height:
        return 0.0
    colour = np.median(rows, axis=1)
    apart = np.abs(rows[..., 1:] - colour[:, None, 1:]).sum(axis=2)
    even = np.percentile(apart, 75, axis=1) < ONE_COLOUR
    lightness, a, b = colour[:, 0], colour[:, 1] - tint[0], colour[:, 2] - tint[1]
    strong = np.hypot(a, b)
    from_skin = np.hypot(colour[:, 1] - skin[1], colour[:, 2] - skin[2])
    bright = np.minimum((strong - 28) / 10, (from_skin - 18) / 8)
    white = np.minimum(np.minimum(lightness - 76, lightness - skin[0] + 2) / 8, (12 - strong) / 6)
    foreign = np.where(even, np.maximum(np.maximum(bright, np.maximum(-4 - b, -4 - a) / 8), white), 0.0)
    least = np.lib.stride_tricks.sliding_window_view(foreign, height).min(axis=1)
    none, sure = CLOTH
    return float(np.clip((float(least.max()) - none) / sure, 0, 1))


def even(rows: Grey, person: Mask, skin: tuple[float, float, float], height: int) -> float:
    """How surely a grey or brown band lies over hairline or forehead: 0 none .. 1.

    rows, skin, height: as in `band`; person: as in `hem`. So many rows that hardly vary in lightness, with another tint
    than skin and another colour than the hair above: hair of such a tone has strands and shine.
    """
    if len(rows) < 2 * height:
        return 0.0
    lightness = rows[..., 0]
    each = np.column_stack([rows.mean(axis=1), np.square(lightness).mean(axis=1), person.mean(axis=1)])
    whole = np.lib.stride_tricks.sliding_window_view(each, height, axis=0).mean(axis=2)[height:]
    above = (np.cumsum(each[:, :3], axis=0) / np.arange(1, len(each) + 1)[:, None])[
        height - 1 : height - 1 + len(whole)
    ]
    mean, colour = np.maximum(whole[:, 0], 8), whole[:, :3]
    tint = colour[:, 1:] / mean[:, None] - np.array(skin[1:]) / max(skin[0], 8.0)
    dark, light = CLOTH_TONE
    cloth = (whole[:, 4] > 0.95) & (mean > dark) & (mean < light) & (np.hypot(*tint.T) > OFF_SKIN[0])
    for other, least in ((np.array(skin), OFF_SKIN[1]), (above, OFF_HAIR)):
        cloth &= np.sqrt(np.square(colour - other).sum(axis=1)) > least
    grey = np.hypot(colour[:, 1], colour[:, 2]) / mean < GREY * np.hypot(*skin[1:]) / max(skin[0], 8.0)
    cloth &= grey | (mean < skin[0] - DARKER)  # a forehead in more light than the face is neither
    spread = np.sqrt(np.maximum(whole[:, 3] - mean**2, 0)) / mean
    none, sure = PLAIN
    return float(np.clip((none - spread[cloth].min()) / sure, 0, 1)) if cloth.any() else 0.0


def hem(rows: Grey, person: Mask) -> float:
    """How surely the lowest edge above the brows is the hem of something worn: 0 a hairline or none .. 1.

    rows: as in `band`. person: (h, w), where they show the person. From side to side a hem is one even curve, whatever
    the colour of the cloth; hairlines, fringes and curls leave every such curve. Only neighbouring rows are compared,
    so that the tone of the skin and the light on it cancel out.
    """
    if len(rows) < 4 * CLIMB:
        return 0.0
    pairs = rows[:-1] + rows[1:]
    steps = np.abs(pairs[:-2] - pairs[2:]).sum(axis=2) / 2
    steps[~person[:-3]] = 0  # the edge of the head itself
    least, share = STEP
    edge = steps > max(least, share * median(steps.max(axis=0)))
    last = len(steps) - 1
    start = last - edge[::-1].argmax(axis=0)
    climb = np.maximum(start - np.arange(CLIMB)[:, None], 0)
    columns = np.arange(rows.shape[1])
    place = np.clip(start - steps[climb, columns].argmax(axis=0), 1, last - 1)
    above, here, below = (steps[place + shift, columns] for shift in (-1, 0, 1))
    bend = np.minimum(above - 2 * here + below, -1e-3)  # to a fraction of a row: the top of a parabola
    curve = np.where(edge.any(axis=0), place + np.clip((above - below) / (2 * bend), -0.5, 0.5), 0.0)
    off = _off_a_parabola(curve)
    none, sure = HEM
    return float(np.clip((np.mean(edge.any(axis=0) & (off < HEM_ERROR)) - none) / sure, 0, 1))


def _off_a_parabola(curve: Grey) -> Grey:
    """How far each of the heights is from the parabola that most of them follow: the others count ever less."""
    x = np.linspace(-1, 1, len(curve))
    powers = np.stack([np.ones_like(x), x, x * x])
    off = np.abs(curve - np.median(curve))
    for width in (6.0, 1.5, 0.5):
        weighted = powers / (1 + np.square(off / width)) ** 2
        off = np.abs(curve - np.linalg.solve(weighted @ powers.T, weighted @ curve) @ powers)
    return np.asarray(off)


def look(prepared: Prepared, rule: Rule) -> Observation:
    face, parts = prepared.subject, prepared.parts
    top = prepared.head_top or 0.0
    above = dome_of(parts, face, top)
    dome = parts.lab[above]
    if len(dome) < FEWEST:
        return Observation(None, clear=True, reason="not_seen")
    lightness, a, b = median_colour(parts.whole.inside(face.polygon(GLABELLA)))
    # a bluish cast makes black hair blue; skin that is less yellow than any skin tells how much
    cast = (0.0, min(0.0, b - 0.05 * lightness))
    left, right = face.axis - BESIDE * face.width, face.axis + BESIDE * face.width
    marks = (Mark("box", ((left, top), (right, face.point(FOREHEAD)[1]))),)
    skin = lightness, a, b
    value = measure(dome, skin, cast, strands(parts, above, skin))
    half = BAND_COLUMNS * face.width
    columns = slice(max(0, int((face.axis - half) * FACTOR)), max(0, int((face.axis + half) * FACTOR)))
    lowest = max(0, int((face.point(BETWEEN_BROWS)[1] - 0.1 * face.length) * FACTOR))
    place = slice(int(top * FACTOR) + 3, lowest), columns
    strip = parts.lab[place]
    if strip.size:
        person, height = parts.person[place], max(3, int(BAND_HEIGHT * face.length * FACTOR))
        worn = max(band(strip, skin, cast, height), even(strip, person, skin, height))
        value = max(value, worn, hem(strip, person))
    return Observation(value, marks)


CHECK = Check(Code.HEADWEAR, look, needs_face=True)
