"""GLASSES_FRAME: the frame of the glasses does not cover the eyes (R17)."""

from __future__ import annotations

import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.face import CHEEKS, LEFT_EYE, RIGHT_EYE, Face
from backend.compliance.findings import Mark
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median
from backend.compliance.regions import Patch, grown
from backend.compliance.standard import Rule

LIDS = (1.45, 2.4)  # the lids round the eye, where a frame that covers the eye also runs
OPENING = (1.1, 1.35)  # with the lashes
DARK = 0.42  # of the cheek's lightness


def measure(eyes: Patch, whole: Patch, face: Face) -> float:
    """The share of the lids that is much darker than the person's own cheek, on the worse side, 0..1.

    Lids are skin; a frame across them is seen as dark there. Light frames escape. Source: R17, 教毕指〔2017〕99号.
    """
    shares = []
    for eye, cheek in zip((LEFT_EYE, RIGHT_EYE), CHEEKS, strict=True):
        outline = face.polygon(eye)
        lids = eyes.inside(grown(outline, *LIDS), without=(grown(outline, *OPENING),))
        skin = median(whole.inside(face.polygon(cheek))[:, 0])
        shares.append(float(np.mean(lids[:, 0] < DARK * skin)))
    return max(shares)


def look(prepared: Prepared, rule: Rule) -> Observation:
    face = prepared.subject
    marks = (Mark("outline", face.outline(LEFT_EYE)), Mark("outline", face.outline(RIGHT_EYE)))
    return Observation(measure(prepared.parts.eyes, prepared.parts.whole, face), marks)


CHECK = Check(Code.GLASSES_FRAME, look, needs_face=True)
