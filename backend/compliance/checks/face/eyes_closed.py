"""EYES_CLOSED: both eyes are naturally open (R11)."""

from __future__ import annotations

import numpy as np

from backend.compliance.checks.check import EVERYWHERE, Check, Observation
from backend.compliance.checks.face import glasses_tint
from backend.compliance.codes import Code
from backend.compliance.face import BLINK, CHEEKS, LEFT_EYE, LEFT_LIDS, RIGHT_EYE, RIGHT_LIDS, Face
from backend.compliance.findings import Mark
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule

NOTHING_SEEN = 0.5  # contrast of the eyes, of that in open ones, below which there is neither iris nor white
WELL_LIT = 60.0  # L* of a cheek; in less light everything stands out less


def measure(face: Face) -> float:
    """The gap between the lids of the narrower eye over the length of the face (eyes to chin), 0 .. about 0.15,
    lowered by how much the expression model sees that eye blink.

    Neither is enough alone: naturally narrow eyes have a small gap without a blink, and behind painted or swollen lids
    the points keep a gap that the blink gives away.
    Source: R11, 教毕指〔2017〕99号; the ratio is EyesOpen of ISO/IEC 29794-5.
    """
    left = gap(face, LEFT_LIDS) * (1 - face.shape(BLINK[1:]))
    right = gap(face, RIGHT_LIDS) * (1 - face.shape(BLINK[:1]))
    return min(left, right) / face.length


def gap(face: Face, lids: tuple[tuple[int, int], ...]) -> float:
    return float(np.max([face.distance(upper, lower) for upper, lower in lids]))


def look(prepared: Prepared, rule: Rule) -> Observation:
    face = prepared.subject
    marks = (Mark("outline", face.outline(LEFT_EYE)), Mark("outline", face.outline(RIGHT_EYE)))
    value = measure(face)
    if prepared.regions is not None and not _seen(prepared, face):
        # the points keep their gap where lids lie over the eyes without a line; a person looks
        value = min(value, rule.band.bad_low or value)
    return Observation(value, marks)


def _seen(prepared: Prepared, face: Face) -> bool:
    """Whether irises and whites stand out. Behind dark lenses nothing does either: those have a check of their own."""
    whole = prepared.parts.whole
    brightness, contrast = glasses_tint.ratios(prepared.parts.eyes, whole, face)
    cheek = float(np.median(whole.inside(face.polygon(CHEEKS[0]))[:, 0]))
    return contrast >= NOTHING_SEEN * min(1.0, cheek / WELL_LIT) or brightness < glasses_tint.LENS


CHECK = Check(Code.EYES_CLOSED, look, modes=EVERYWHERE, needs_face=True)
