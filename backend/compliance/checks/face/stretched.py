"""STRETCHED: the face has its own proportions (X06, R05). Only ever a question to the reviewer."""

from __future__ import annotations

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.face import IRISES, Face
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule

ROUND = 1.09  # width over height of a round iris as the network draws it, the median of 676 right pictures


def measure(face: Face) -> float:
    """How many times as wide as high the irises are, over a round one: 1 natural, 1.2 pulled wide by a sixth or so.

    An iris is round on everybody, and the points of the whole of it are given where lids or glasses hide a part.
    Source: R05, 教毕指〔2017〕99号: no visible distortion; X06: nothing but cropping; no number given.
    """
    wide = sum(face.distance(right, left) for right, _, left, _ in IRISES)
    high = sum(face.distance(upper, lower) for _, upper, _, lower in IRISES)
    return wide / max(high, 1e-3) / ROUND


def look(prepared: Prepared, rule: Rule) -> Observation:
    return Observation(measure(prepared.subject))


CHECK = Check(Code.STRETCHED, look, needs_face=True)
