"""GLASSES_REFLECT: lenses do not reflect light (R18)."""

from __future__ import annotations

import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.face import CHEEKS, LEFT_EYE, RIGHT_EYE, Face
from backend.compliance.findings import Mark
from backend.compliance.prepare import Prepared
from backend.compliance.regions import Patch, grown
from backend.compliance.standard import Rule

LENS = (1.5, 3.6)  # the eye's outline enlarged to the size of a lens
OPENING = (1.15, 1.5)  # the eye itself, whose white is bright by nature
BRIGHTER = 10.0  # L* above the cheek, at least
PLAINLY = 30.0  # L* above the cheek, enough on any skin
BRIGHT = 80.0  # L*, asked of reflections on lighter skin


def measure(eyes: Patch, whole: Patch, face: Face) -> float:
    """The share of the lens zone, without the eye itself, that is bright and without the colour of skin, 0..1.

    Bright: above the person's own cheek by 10 L* and beyond 80, or by 30. Where there are no glasses, skin shines
    in its own colour and does not count. The worse side counts. Source: R18, 教毕指〔2017〕99号; no number given.
    """
    shares = []
    for eye, cheek in zip((LEFT_EYE, RIGHT_EYE), CHEEKS, strict=True):
        outline = face.polygon(eye)
        zone = eyes.inside(grown(outline, *LENS), without=(grown(outline, *OPENING),))
        lightness, a, b = np.median(whole.inside(face.polygon(cheek)), axis=0)
        pale = np.hypot(zone[:, 1], zone[:, 2]) < max(10.0, 0.5 * float(np.hypot(a, b)))
        least = max(float(lightness) + BRIGHTER, min(BRIGHT, float(lightness) + PLAINLY))
        shares.append(float(np.mean((zone[:, 0] > least) & pale)))
    return max(shares)


def look(prepared: Prepared, rule: Rule) -> Observation:
    face = prepared.subject
    marks = tuple(
        Mark("outline", tuple((float(x), float(y)) for x, y in grown(face.polygon(eye), *LENS)))
        for eye in (LEFT_EYE, RIGHT_EYE)
    )
    return Observation(measure(prepared.parts.eyes, prepared.parts.whole, face), marks)


CHECK = Check(Code.GLASSES_REFLECT, look, needs_face=True)
