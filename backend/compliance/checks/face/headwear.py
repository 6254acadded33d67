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
AS_SKIN = 12.0  # CIEDE2000: a bald head
HAIR_SPREAD = 7.0  # L*: the least that hair, with its strands and shine, was seen to vary
SMOOTH = 0.044  # fine detail over lightness: strands show at least 0.048, cloth up to 0.045
SOFT = 6  # pixels at half size that the blur of strands reaches
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
    if difference((lightness, a, b), skin) < AS_SKIN:
        return 0.0
    spread = float(dome[:, 0].std())
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
    return Observation(measure(dome, skin, cast, strands(parts, above, skin)), marks)


CHECK = Check(Code.HEADWEAR, look, needs_face=True)
