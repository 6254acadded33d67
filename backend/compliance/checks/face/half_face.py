"""HALF_FACE: both halves of the face are lit alike (R25)."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot, log2

import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.colour import in_lab, linear, luminance_of
from backend.compliance.face import CHEEKS, CHIN, GLABELLA, NOSE_BRIDGE, OVAL, Face
from backend.compliance.findings import Mark
from backend.compliance.observed import Grey, Rgb
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median, median_colour, percentile
from backend.compliance.regions import FACTOR, Regions
from backend.compliance.standard import Rule

FEWEST = 40  # pixels at half size
EVERY = 5  # of the pixels one in so many is asked for its tint
DARK = 30.0  # L*: below it a tint over L* grows as light goes, so that a little less light would look like another
ALIKE = 20, 85  # percentiles of the lightness in which both halves have to lie to be compared among their like
TWO_LIGHTS = 0.1  # of a* and b* over L*: right pictures have up to 0.06, light that throws shadows 0.09; a warm lamp
# against a window from 0.117


def measure(left: Grey, right: Grey) -> float:
    """How many stops (powers of two) the viewer's left half is brighter than the right one; negative when darker.

    left, right: linear luminance of the skin of each half. A ratio: the tone of the skin cancels out.
    Source: R25, 教毕指〔2017〕99号 (曝光均匀, 阴阳脸); no number given.
    """
    return log2((median(left) + 1e-4) / (median(right) + 1e-4))


def halves(regions: Regions, face: Face) -> tuple[Rgb, Rgb]:
    """(n, 3): the skin left and right of the line from the nose bridge to the chin, without a strip along it."""
    (top_x, top_y), (low_x, low_y) = face.point(NOSE_BRIDGE), face.point(CHIN)
    rows, columns = np.nonzero(regions.skin)
    skin = regions.rgb[rows, columns]
    lean = (low_x - top_x) / max(1.0, low_y - top_y)
    beside = columns / FACTOR - (top_x + (rows / FACTOR - top_y) * lean)
    strip = 0.08 * face.width
    return skin[beside < -strip], skin[beside > strip]


def two_lights(left: Rgb, right: Rgb) -> float:
    """How far the tints of both halves are apart, a* and b* over L*: a lamp on one side and a window on the other.

    left, right: (n, 3) sRGB of the skin of each half. The tone of the skin cancels out, as does a cast of all of it.
    What is lit less has more of a tint in any light: both are compared among skin of the same lightness as well.
    """
    both = [in_lab(half[None])[0] for half in (left, right)]
    apart = _apart(both)
    if apart <= TWO_LIGHTS:
        return apart
    darkest = max(percentile(half[:, 0], ALIKE[0]) for half in both)
    lightest = min(percentile(half[:, 0], ALIKE[1]) for half in both)
    alike = [half[(half[:, 0] >= darkest) & (half[:, 0] <= lightest)] for half in both]
    return apart if min(len(half) for half in alike) < FEWEST else min(apart, _apart(alike))


def _apart(both: Sequence[Grey]) -> float:
    """both: (n, 3) CIELAB of each half."""
    (light, a, b), (light_right, a_right, b_right) = (median_colour(half) for half in both)
    light, light_right = max(light, DARK), max(light_right, DARK)
    return hypot(a / light - a_right / light_right, b / light - b_right / light_right)


def shaded_above(regions: Regions, face: Face) -> float:
    """How many stops it is darker between the brows than on the cheeks: the shadow of a brim, light from far above.

    Not the forehead: hair lies there. Right pictures: up to 0.4.
    """
    brows = median(luminance_of(regions.whole.inside(face.polygon(GLABELLA))[:, 0]))
    skin = np.concatenate([regions.whole.inside(face.polygon(part))[:, 0] for part in CHEEKS])
    cheeks = median(luminance_of(skin))
    return log2((cheeks + 1e-4) / (brows + 1e-4))


def look(prepared: Prepared, rule: Rule) -> Observation:
    left, right = halves(prepared.parts, prepared.subject)
    if min(len(left), len(right)) < FEWEST:
        raise ValueError("half of the face is not on the picture")
    value = measure(linear(left), linear(right))
    darker = "right" if value > 0 else "left"
    outline = (Mark("outline", prepared.subject.outline(OVAL)),)
    band = rule.of(prepared.mode)
    # brows that meet or a fringe are dark, too
    above = band.asked(shaded_above(prepared.parts, prepared.subject))
    colours = two_lights(left[::EVERY], right[::EVERY])
    if band.high is not None and colours > TWO_LIGHTS and max(abs(value), above) <= band.high:
        return Observation(band.asked(band.high * colours / TWO_LIGHTS), outline, reason="colours")
    if above > abs(value):
        return Observation(above, outline, reason="above")
    return Observation(abs(value), outline, reason=darker)


CHECK = Check(Code.HALF_FACE, look, needs_face=True)
