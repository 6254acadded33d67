"""GLASSES_TINT: lenses are clear (R16)."""

from __future__ import annotations

import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.colour import luminance_of
from backend.compliance.face import CHEEKS, LEFT_EYE, RIGHT_EYE, Face
from backend.compliance.findings import Mark
from backend.compliance.prepare import Prepared
from backend.compliance.regions import Patch, grown
from backend.compliance.standard import Rule


def measure(eyes: Patch, whole: Patch, face: Face) -> float:
    """Brightness of the bright parts of the eye zone (white of the eye, lids) over the cheek: about 1, dark below 0.5.

    The brighter of both eyes counts, so that one eye behind hair or in shadow is not taken for a lens. A ratio of
    linear light: the tone of the skin cancels out. The expression model is not asked: it invents open eyes behind
    dark glasses. Source: R16, 教毕指〔2017〕99号; no number given.
    """
    ratios = []
    for eye, cheek in zip((LEFT_EYE, RIGHT_EYE), CHEEKS, strict=True):
        zone = luminance_of(eyes.inside(grown(face.polygon(eye), 1.25, 2.2))[:, 0])
        skin = luminance_of(whole.inside(face.polygon(cheek))[:, 0])
        ratios.append(float(np.percentile(zone, 90)) / max(float(np.median(skin)), 1e-3))
    return max(ratios)


def look(prepared: Prepared, rule: Rule) -> Observation:
    face = prepared.subject
    marks = tuple(
        Mark("outline", tuple((float(x), float(y)) for x, y in grown(face.polygon(eye), 1.25, 2.2)))
        for eye in (LEFT_EYE, RIGHT_EYE)
    )
    return Observation(measure(prepared.parts.eyes, prepared.parts.whole, face), marks)


CHECK = Check(Code.GLASSES_TINT, look, needs_face=True)
