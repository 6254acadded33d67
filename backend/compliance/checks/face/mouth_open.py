"""MOUTH_OPEN: the lips are naturally closed, no teeth show (R14)."""

from __future__ import annotations

import numpy as np

from backend.compliance.checks.check import EVERYWHERE, Check, Observation
from backend.compliance.codes import Code
from backend.compliance.face import CHEEKS, INNER_LIPS, MOUTH_CORNERS, OUTER_LIPS, Face
from backend.compliance.findings import Mark
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median, median_colour, percentile
from backend.compliance.regions import FACTOR, Regions
from backend.compliance.standard import Rule

DARK = 0.4  # of the cheeks' lightness: the line between closed lips and a beard are as dark
RED = 7.0  # a*: but not as red as the inside of a mouth
# on dark skin little is dark beside the cheeks: half the lightness of the lips (their 70th percentile: the outline
# holds what is between them), with an a* over L* that skin and lips have not, nor in red light, which the cheeks show
LIPS, BELOW_LIPS, REDDEST, REDDER = 70, 0.5, 1.1, 2.4  # closed up to 0.025, face gamma 2 0.034; parted from 0.042
LEAST_LIGHT = 6.0  # L*: below it a colour over its lightness says nothing
MIDDLE = 0.2  # of the mouth's width to each side of its middle


def measure(face: Face) -> float:
    """The widest gap between the inner edges of the lips over the length of the face, 0 (closed) .. about 0.5.

    Source: R14, 教毕指〔2017〕99号; the ratio is MouthClosed of ISO/IEC 29794-5.
    """
    return float(np.max([face.distance(upper, lower) for upper, lower in INNER_LIPS])) / face.length


def inside_of_mouth(regions: Regions, face: Face) -> float:
    """How high the dark red inside of a mouth stands within the outline of the lips, over the length of the face; 0
    closed.

    The inner points sometimes stay together where a mouth is wide open. Dark is meant beside the own cheeks, or
    beside the own lips where it is redder than these can be. Above and below the lips a dark moustache and beard are as
    red: within them these leave up to 0.023, mouths parted by 8 % from 0.053.
    """
    (left, _), (right, _) = (face.point(corner) for corner in MOUTH_CORNERS)
    middle, half = (left + right) / 2, MIDDLE * abs(right - left)
    columns = slice(max(0, int((middle - half) * FACTOR)), int((middle + half) * FACTOR) + 1)
    outline = face.polygon(OUTER_LIPS)
    upper, lower = outline[:, 1].min(), outline[:, 1].max()
    rows = slice(max(0, round(float(upper) * FACTOR)), max(0, round(float(lower) * FACTOR)))
    part = regions.lab[rows, columns]
    if not part.size:
        raise ValueError("the mouth is outside the picture")
    cheeks, redness = _cheeks(regions, face)
    lips = percentile(regions.whole.inside(outline)[:, 0], LIPS)
    light, red = part[..., 0], part[..., 1]
    dark = (light < DARK * cheeks) & (red > RED)
    reddest = max(REDDEST, REDDER * redness)
    dark |= (light < BELOW_LIPS * lips) & (red > reddest * np.maximum(light, LEAST_LIGHT))
    return median(np.count_nonzero(dark, axis=0)) / FACTOR / face.length


def _cheeks(regions: Regions, face: Face) -> tuple[float, float]:
    """Their lightness, and how red they are over it."""
    lightness, red, _ = median_colour(np.concatenate([regions.whole.inside(face.polygon(cheek)) for cheek in CHEEKS]))
    return lightness, red / max(lightness, LEAST_LIGHT)


def look(prepared: Prepared, rule: Rule) -> Observation:
    face, marks = prepared.subject, (Mark("outline", prepared.subject.outline(OUTER_LIPS)),)
    value = measure(face)
    if prepared.regions is not None:
        # the points measure; where only the colour tells, a person looks
        value = max(value, rule.of(prepared.mode).asked(inside_of_mouth(prepared.regions, face)))
    return Observation(value, marks)


CHECK = Check(Code.MOUTH_OPEN, look, modes=EVERYWHERE, needs_face=True)
