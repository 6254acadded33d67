"""HEADWEAR: no hat, cap or scarf (R19). A person always decides: some have a good reason to wear one."""

from __future__ import annotations

import cv2
import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.checks.face.on_head import hairband, hem, pieces, rows
from backend.compliance.codes import Code
from backend.compliance.colour import Lab, chroma_of, difference
from backend.compliance.face import CHEEKS, FOREHEAD, GLABELLA, Face
from backend.compliance.findings import Mark
from backend.compliance.observed import Grey, Mask
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median, median_colour, percentile
from backend.compliance.regions import FACTOR, Regions
from backend.compliance.standard import Rule

BESIDE = 0.42  # face widths left and right of the axis
FEWEST = 80
BETWEEN_BROWS = 9
ABOVE_BROWS = 0.04  # face lengths over it, where rows end
AS_SKIN = 12.0  # CIEDE2000: a bald head
HAIR_SPREAD = 7.0  # L*: the least that hair, with its strands and shine, was seen to vary
STRONG, DYED = 28.0, 43.0  # a* with b*: what natural hair has at most, and red hair with its strands
RED_HAIR = 0.55, 2.5  # b* over a*
STRANDS = 0.05  # of SMOOTH: what hair surely has
SMOOTH = 0.044  # fine detail over lightness: strands show at least 0.048, cloth up to 0.045
FOREHEAD_SKIN = 14.0, 9.0  # L*, and a* with b*: what is as near to the skin between the brows is bare forehead


def measure(dome: Grey, skin: Lab, tint: tuple[float, float], detail: float | None = None) -> float:
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
    bright = (float(np.hypot(a, b)) - (DYED if _as_dyed(a, b, spread, detail) else STRONG)) / 10
    white = min((lightness - 76) / 8, (12 - float(np.hypot(a, b))) / 6)
    plain = 0.0 if detail is None else 0.5 + (SMOOTH - detail) / 0.02
    return float(np.clip(max(even, plain, blue_or_green, bright, white), 0, 1))


def _as_dyed(a: float, b: float, spread: float, detail: float | None) -> bool:
    """Whether a strong colour may be that of ginger or dyed hair: warm, with shine and strands."""
    warm = a > 0 and RED_HAIR[0] * a < b < RED_HAIR[1] * a
    return warm and spread > HAIR_SPREAD and detail is not None and detail > STRANDS


def strands(regions: Regions, dome: Mask, skin: Lab) -> float | None:
    """Fine detail of what covers the head, over its lightness; None when most of it is bare skin."""
    x, y, width, height = cv2.boundingRect(dome.view(np.uint8))
    rows, columns = slice(y, y + height), slice(x, x + width)
    lab, fine, dome = regions.lab[rows, columns], regions.whole.detail[rows, columns], dome[rows, columns]
    far, hue = FOREHEAD_SKIN
    bare = (np.abs(lab[..., 0] - skin[0]) < far) & (chroma_of(lab[..., 1] - skin[1], lab[..., 2] - skin[2]) < hue)
    covered = dome & ~bare
    if np.count_nonzero(covered) < 2 * FEWEST:
        return None
    return percentile(fine[covered], 70) / max(8.0, median(lab[..., 0][covered]))


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
    skin = lightness, _, b = median_colour(parts.whole.inside(face.polygon(GLABELLA)))
    # a bluish cast makes black hair blue; skin that is less yellow than any skin tells how much
    cast = (0.0, min(0.0, b - 0.05 * lightness))
    left, right = face.axis - BESIDE * face.width, face.axis + BESIDE * face.width
    marks = (Mark("box", ((left, top), (right, face.point(FOREHEAD)[1]))),)
    first, between_brows = int(top * FACTOR) + 3, face.point(BETWEEN_BROWS)[1]
    lowest = max(0, int((between_brows - ABOVE_BROWS * face.length) * FACTOR))
    value = max(
        measure(dome, skin, cast, strands(parts, above, skin)),
        rows.worn(parts, face, first, lowest, skin, cast),
        hem.worn(parts, face, first, between_brows * FACTOR, lightness),
        hairband.worn(parts, face, top),
    )
    band = rule.of(prepared.mode)
    if band.high is not None and len(parts.wall):
        cheek = median_colour(parts.whole.inside(face.polygon(CHEEKS[0])))
        found = pieces.ornament(parts, face, top, (median_colour(dome), cheek, parts.usual_wall))
        value = max(value, min(1.0, band.high * found / pieces.ORNAMENT))
    return Observation(value, marks)


CHECK = Check(Code.HEADWEAR, look, needs_face=True)
