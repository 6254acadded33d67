"""GLASSES_REFLECT: lenses do not reflect light (R18)."""

from __future__ import annotations

import cv2
import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.face import CHEEKS, LEFT_EYE, RIGHT_EYE, Face
from backend.compliance.findings import Mark
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median, median_colour, percentile
from backend.compliance.regions import Patch, grown
from backend.compliance.standard import Rule

LENS = (1.5, 3.6)  # the eye's outline enlarged to the size of a lens
OPENING = (1.15, 1.5)  # the eye itself, whose white is bright by nature
BRIGHTER = 10.0  # L* above the cheek, at least
RIM = np.ones((6, 6), np.uint8)  # wider than the rim of glasses at 480x640
GREENER = 6.0  # a* or b* below that of any skin: coated lenses gleam green or blue
PLAINLY = 30.0  # L* above the cheek, enough on any skin
BRIGHT = 80.0  # L*, asked of reflections on lighter skin
VEILED = 0.7  # of the cheek's L*: the darkest tenth of an open eye reaches 0.61, under a pale reflection from 0.8
PALE = 0.6  # of the cheek's colour: closed lids keep 0.85 and more, an eye under a reflection up to 0.4


def measure(eyes: Patch, whole: Patch, face: Face) -> tuple[float, float]:
    """The share of the lens zone, without the eye itself, that is bright and without the colour of skin, 0..1; and
    how much of it lies in spots rather than in thin lines, as the rims of white or silver glasses do.

    Bright: above the person's own cheek by 10 L* and beyond 80, or by 30. Where there are no glasses, skin shines
    in its own colour and does not count. The worse side counts. Source: R18, 教毕指〔2017〕99号; no number given.
    """
    shares, spots = [], []
    for eye, cheek in zip((LEFT_EYE, RIGHT_EYE), CHEEKS, strict=True):
        outline = face.polygon(eye)
        zone, mask = eyes.cut_out(grown(outline, *LENS), without=(grown(outline, *OPENING),))
        lightness, a, b = median_colour(whole.inside(face.polygon(cheek)))
        pale = np.hypot(zone[..., 1], zone[..., 2]) < max(10.0, 0.5 * float(np.hypot(a, b)))
        coated = (zone[..., 1] < min(float(a), 0.0) - GREENER) | (zone[..., 2] < min(float(b), 0.0) - GREENER)
        least = max(float(lightness) + BRIGHTER, min(BRIGHT, float(lightness) + PLAINLY))
        gleaming = ((zone[..., 0] > least) & (pale | coated) & mask).astype(np.uint8)
        shares.append(np.count_nonzero(gleaming) / np.count_nonzero(mask))
        spots.append(np.count_nonzero(cv2.morphologyEx(gleaming, cv2.MORPH_OPEN, RIM)) / np.count_nonzero(mask))
    return max(shares), max(spots)


def veiled(eyes: Patch, whole: Patch, face: Face) -> bool:
    """Whether something pale lies over an eye, so that neither iris nor lashes are dark: a reflection that is no
    brighter than fair skin. Lids over it would keep the colour of skin."""
    for eye, cheek in zip((LEFT_EYE, RIGHT_EYE), CHEEKS, strict=True):
        lightness, a, b = median_colour(whole.inside(face.polygon(cheek)))
        inside = eyes.inside(face.polygon(eye))
        pale = median(np.hypot(inside[:, 1], inside[:, 2])) < PALE * float(np.hypot(a, b))
        if pale and percentile(inside[:, 0], 10) > VEILED * lightness:
            return True
    return False


def look(prepared: Prepared, rule: Rule) -> Observation:
    face = prepared.subject
    marks = tuple(
        Mark("outline", tuple((float(x), float(y)) for x, y in grown(face.polygon(eye), *LENS)))
        for eye in (LEFT_EYE, RIGHT_EYE)
    )
    eyes, whole = prepared.parts.eyes, prepared.parts.whole
    share, spots = measure(eyes, whole, face)
    # bright lines alone, or a veil over the eye, are a question to a person
    asked = rule.of(prepared.mode).asked(1.0 if veiled(eyes, whole, face) else share)
    return Observation(max(spots, asked), marks)


CHECK = Check(Code.GLASSES_REFLECT, look, needs_face=True)
