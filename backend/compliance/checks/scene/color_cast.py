"""COLOR_CAST: colours are true (R05, R25)."""

from __future__ import annotations

import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.observed import Grey
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule

# the tint of human skin over its lightness, from very dark to very light: a*/L* (red) and b*/L* (yellow)
RED = (0.05, 0.50)
YELLOW = (0.05, 0.42)


def measure(skin: Grey) -> float:
    """How far the skin's tint lies outside the range of human skin of any tone; 0 inside, 0.1 is plain to see.

    skin: (n, 3) float32 CIELAB. Red and yellow are taken over the lightness, so that dark and light skin share one
    range. Source: R05 (true colour), no number given.
    """
    lightness, a, b = (float(part) for part in np.median(skin, axis=0))
    red, yellow = a / max(lightness, 5.0), b / max(lightness, 5.0)
    return float(np.hypot(_outside(red, RED), _outside(yellow, YELLOW)))


def _outside(value: float, limits: tuple[float, float]) -> float:
    return max(0.0, limits[0] - value, value - limits[1])


def look(prepared: Prepared, rule: Rule) -> Observation:
    regions = prepared.parts
    return Observation(measure(regions.colours(prepared.skin)))


CHECK = Check(Code.COLOR_CAST, look, needs_face=True)
