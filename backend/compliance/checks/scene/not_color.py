"""NOT_COLOR: the picture is in colour (R02)."""

from __future__ import annotations

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.observed import Grey
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule


def measure(lab: Grey) -> float:
    """How much colours differ: the spread of a* and b* over the picture (standard deviations added), 0 for grey.

    lab: (n, 3) float32 CIELAB. A sepia or blue-toned grey picture has one hue, so its spread is small too.
    Source: R02, 教毕指〔2017〕99号.
    """
    return float(lab[:, 1].std() + lab[:, 2].std())


def look(prepared: Prepared, rule: Rule) -> Observation:
    return Observation(measure(prepared.parts.lab.reshape(-1, 3)))


CHECK = Check(Code.NOT_COLOR, look, needs_face=True)
