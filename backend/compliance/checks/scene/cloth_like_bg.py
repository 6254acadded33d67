"""CLOTH_LIKE_BG: clothes differ clearly from the background (R23)."""

from __future__ import annotations

from math import hypot

import numpy as np

from backend.compliance import places
from backend.compliance.checks.check import Check, Observation
from backend.compliance.checks.scene.background import lab_pixels
from backend.compliance.codes import Code
from backend.compliance.colour import COLOURED, Lab, shades, within
from backend.compliance.face import CHIN, Face
from backend.compliance.findings import Mark
from backend.compliance.observed import Grey
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median_colour
from backend.compliance.regions import FACTOR, Regions
from backend.compliance.standard import Rule

ALIKE = 4.0  # CIEDE2000
# of the wall's lightness, and more, is a shade of it; of a coloured wall a little lighter ones, too (ours)
SHADE, LIGHTEST = 0.72, 1.15
FEWEST = 200
SAMPLES = 160
SHOULDER = 0.45, 0.9  # face widths from the axis: beside the neck, and within the narrowest shoulders
BELOW_CHIN = 0.8  # of the face's length, where a neck however long has become a shoulder
FEWEST_ROWS = 8  # at half size

Box = tuple[int, int, int, int]


def measure(clothes: Grey, background: Grey) -> float:
    """The share of the clothes, 0..1, whose colour is within 4 CIEDE2000 of the background's or, if that is more, a
    shade of it: of the same hue and not much darker.

    clothes, background: (n, 3) CIELAB. A share and not a mean: a collar, a tie or folds must not hide a garment that
    melts into the wall. Source: R23, 教毕指〔2017〕99号; no number given.
    """
    wall = median_colour(background)
    return max(_alike(clothes, wall), shaded(clothes, wall))


def shaded(clothes: Grey, wall: Lab) -> float:
    """The share of the clothes, (n, 3) CIELAB, that is a shade of the wall, 0..1; white before a greyish wall is none,
    nor is navy before light blue."""
    lightest = LIGHTEST if hypot(*wall[1:]) > COLOURED else 1.0
    light, walls = np.maximum(clothes[:, 0], 1.0), max(wall[0], 1.0)
    return float(np.mean(shades(clothes, wall) & (light > SHADE * walls) & (light < lightest * walls)))


def _alike(colours: Grey, wall: Lab) -> float:
    return within(colours[:: max(1, len(colours) // SAMPLES)], wall, ALIKE)


def vanished(regions: Regions, background: Grey, place: Box) -> float:
    """The share of a shoulder's place where the mask sees no person and the colour is the wall's, 0..1: a garment that
    has melted into the wall so far that it is taken for it."""
    left, top, right, bottom = place
    gone = ~regions.person[top:bottom, left:right]
    colours = regions.lab[top:bottom, left:right][gone]
    return 0.0 if not len(colours) else _alike(colours, median_colour(background)) * len(colours) / gone.size


def shoulders(regions: Regions, face: Face) -> tuple[Box, ...]:
    """Where both shoulders have to be, as left, top, right, bottom at half size; none where the picture ends above."""
    height, width = regions.person.shape
    top = round((face.point(CHIN)[1] + BELOW_CHIN * face.length) * FACTOR)
    if height - top < FEWEST_ROWS:
        return ()
    near, far = (part * face.width * FACTOR for part in SHOULDER)
    axis = face.axis * FACTOR
    sides = (axis - far, axis - near), (axis + near, axis + far)
    return tuple(
        (max(0, round(left)), top, min(width, round(right)), height)
        for left, right in sides
        if left < width - 1 and right > 1
    )


def look(prepared: Prepared, rule: Rule) -> Observation:
    regions, wall = prepared.parts, lab_pixels(prepared)
    clothes = regions.colours(regions.clothes)
    beside = shoulders(regions, prepared.subject)
    gone = [vanished(regions, wall, place) for place in beside]
    alike = measure(clothes, wall) if len(clothes) >= FEWEST else 0.0
    if max(gone, default=0.0) > alike:
        corners = ((place[:2], place[2:]) for share, place in zip(gone, beside, strict=True) if share > alike)
        marks = tuple(Mark("box", tuple((x / FACTOR, y / FACTOR) for x, y in both)) for both in corners)
        return Observation(max(gone), marks)
    if len(clothes) < FEWEST:
        return Observation(None, clear=True, reason="no_clothes")
    return Observation(alike)


CHECK = Check(Code.CLOTH_LIKE_BG, look, needs_face=True, where=places.clothes)
