"""MOUTH_OPEN: the lips are naturally closed, no teeth show (R14)."""

from __future__ import annotations

import numpy as np

from backend.compliance.checks.check import EVERYWHERE, Check, Observation
from backend.compliance.codes import Code
from backend.compliance.face import INNER_LIPS, OUTER_LIPS, Face
from backend.compliance.findings import Mark
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule


def measure(face: Face) -> float:
    """The widest gap between the inner edges of the lips over the length of the face, 0 (closed) .. about 0.5.

    Source: R14, 教毕指〔2017〕99号; the ratio is MouthClosed of ISO/IEC 29794-5.
    """
    return float(np.max([face.distance(upper, lower) for upper, lower in INNER_LIPS])) / face.length


def look(prepared: Prepared, rule: Rule) -> Observation:
    return Observation(measure(prepared.subject), (Mark("outline", prepared.subject.outline(OUTER_LIPS)),))


CHECK = Check(Code.MOUTH_OPEN, look, modes=EVERYWHERE, needs_face=True)
