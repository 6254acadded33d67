"""GAZE: the eyes look at the camera (R11)."""

from __future__ import annotations

import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.face import LEFT_PUPIL, RIGHT_PUPIL, Face
from backend.compliance.findings import Mark
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule


def measure(face: Face) -> float:
    """How far both pupils stand to one side between the corners of the eyes, as a share of the eye's width; 0 straight.

    Each eye alone says little (pupils stand nearer the nose by nature); what counts is how they differ from mirror
    images. Source: R11, 教毕指〔2017〕99号; no number given.
    """
    left = _place(face, LEFT_PUPIL, 33, 133)
    right = _place(face, RIGHT_PUPIL, 263, 362)
    return abs(left - right) / 2


def _place(face: Face, pupil: int, outer: int, inner: int) -> float:
    across = face.points[inner] - face.points[outer]
    return float(np.dot(face.points[pupil] - face.points[outer], across) / max(float(np.dot(across, across)), 1e-6))


def look(prepared: Prepared, rule: Rule) -> Observation:
    return Observation(measure(prepared.subject), (Mark("points", prepared.subject.pupils),))


CHECK = Check(Code.GAZE, look, needs_face=True)
