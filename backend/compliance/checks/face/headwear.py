"""HEADWEAR: no hat, cap or scarf (R19). A person always decides: some have a good reason to wear one."""

from __future__ import annotations

import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.colour import difference
from backend.compliance.face import FOREHEAD, GLABELLA, Face
from backend.compliance.findings import Mark
from backend.compliance.observed import Grey, Mask
from backend.compliance.prepare import Prepared
from backend.compliance.regions import FACTOR, Regions
from backend.compliance.standard import Rule

BESIDE = 0.42  # face widths left and right of the axis
FEWEST = 80
AS_SKIN = 12.0  # CIEDE2000: a bald head
HAIR_SPREAD = 7.0  # L*: the least that hair, with its strands and shine, was seen to vary


def measure(dome: Grey, skin: tuple[float, float, float], tint: tuple[float, float]) -> float:
    """How little the part above the forehead looks like hair: 0 hair or bald .. 1 surely not.

    dome: (n, 3) CIELAB above the forehead. skin: the face's colour. tint: shift of the picture's own colours in a*
    and b*, taken out first. Hair varies in lightness and is between black, brown, red, blond and grey; cloth is even,
    or white, or has a colour that hair has not. Source: R19, 教毕指〔2017〕99号; limits ours.
    """
    lightness, a, b = (float(part) for part in np.median(dome, axis=0))
    if difference((lightness, a, b), skin) < AS_SKIN:
        return 0.0
    spread = float(dome[:, 0].std())
    even = (HAIR_SPREAD - spread) / 3
    a, b = a - tint[0], b - tint[1]
    blue_or_green = max(-4 - b, -4 - a) / 8
    bright = (float(np.hypot(a, b)) - 28) / 10
    white = min((lightness - 76) / 8, (12 - float(np.hypot(a, b))) / 6)
    return float(np.clip(max(even, blue_or_green, bright, white), 0, 1))


def dome_of(regions: Regions, face: Face, top: float) -> Mask:
    """The person between the head top and the hairline of the mesh, near the axis, at half size."""
    height, width = regions.person.shape
    rows, columns = np.arange(height)[:, None], np.arange(width)[None, :]
    hairline = (face.point(FOREHEAD)[1] - 0.02 * face.width) * FACTOR
    near = np.abs(columns - face.axis * FACTOR) < BESIDE * face.width * FACTOR
    return np.asarray(regions.person & near & (rows < hairline) & (rows > top * FACTOR + 3))


def look(prepared: Prepared, rule: Rule) -> Observation:
    face, parts = prepared.subject, prepared.parts
    top = prepared.head_top or 0.0
    dome = parts.lab[dome_of(parts, face, top)]
    if len(dome) < FEWEST:
        return Observation(None, clear=True, reason="not_seen")
    lightness, a, b = (float(part) for part in np.median(parts.whole.inside(face.polygon(GLABELLA)), axis=0))
    # a bluish cast makes black hair blue; skin that is less yellow than any skin tells how much
    cast = (0.0, min(0.0, b - 0.05 * lightness))
    left, right = face.axis - BESIDE * face.width, face.axis + BESIDE * face.width
    marks = (Mark("box", ((left, top), (right, face.point(FOREHEAD)[1]))),)
    return Observation(measure(dome, (lightness, a, b), cast), marks)


CHECK = Check(Code.HEADWEAR, look, needs_face=True)
