"""FACE_COVERED: nothing covers the face: no mask, hand or phone (R02)."""

from __future__ import annotations

import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.face import CHIN_SKIN, GLABELLA, LOWER_CHEEKS, Face
from backend.compliance.findings import Mark
from backend.compliance.observed import Grey
from backend.compliance.prepare import Prepared
from backend.compliance.regions import Patch
from backend.compliance.standard import Rule

BEARD = 0.15  # how far a beard may move the tint of the chin


def measure(patch: Patch, face: Face) -> float:
    """How much the tint of the lower face differs from that between the brows: 0 the same skin, from 0.3 no skin.

    Tint: a* and b* over L*, so that light and shadow cancel out. Both cheeks beside the mouth must differ, or the
    chin by more than a beard does. Source: R02, 教毕指〔2017〕99号; no number given.
    """
    own = tint(patch.inside(face.polygon(GLABELLA)))
    cheeks = [_apart(own, patch.inside(face.polygon(part))) for part in LOWER_CHEEKS]
    return max(min(cheeks), _apart(own, patch.inside(face.polygon(CHIN_SKIN))) - BEARD)


def tint(pixels: Grey) -> tuple[float, float]:
    """Red and yellow over lightness, of the median colour."""
    lightness, a, b = (float(part) for part in np.median(pixels, axis=0))
    return a / max(lightness, 8.0), b / max(lightness, 8.0)


def _apart(own: tuple[float, float], pixels: Grey) -> float:
    red, yellow = tint(pixels)
    return float(np.hypot(red - own[0], yellow - own[1]))


def look(prepared: Prepared, rule: Rule) -> Observation:
    face = prepared.subject
    marks = tuple(Mark("outline", face.outline(part)) for part in (*LOWER_CHEEKS, CHIN_SKIN))
    return Observation(measure(prepared.parts.whole, face), marks)


CHECK = Check(Code.FACE_COVERED, look, needs_face=True)
