"""COLOR_CAST: colours are true (R05, R25)."""

from __future__ import annotations

import numpy as np

from backend.compliance import places
from backend.compliance.checks.check import Check, Observation
from backend.compliance.checks.scene import bg_color
from backend.compliance.checks.scene.background import lab_pixels
from backend.compliance.codes import Code
from backend.compliance.observed import Grey
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median_colour
from backend.compliance.standard import Rule

# the tint of human skin over its lightness, from very dark to very light: a*/L* (red) and b*/L* (yellow)
RED = (0.05, 0.55)
YELLOW = (0.05, 0.50)
REDDER = 0.4  # of its yellow, that skin is red at least; 0.52 was the least seen. Green light takes it below
REFERENCES = ((100, 197, 255), (255, 255, 255), (240, 240, 240))  # walls of the standard, whatever the profile
RIGHT = 8.0  # CIEDE2000


def measure(skin: Grey) -> float:
    """How far the skin's tint lies outside the range of human skin of any tone; 0 inside, 0.1 is plain to see.

    skin: (n, 3) float32 CIELAB. Red and yellow are taken over the lightness, so that dark and light skin share one
    range. Source: R05 (true colour), no number given.
    """
    red, yellow = tint(skin)
    return max(float(np.hypot(_outside(red, RED), _outside(yellow, YELLOW))), REDDER * yellow - red)


def tint(skin: Grey) -> tuple[float, float]:
    """Red (a*) and yellow (b*) over lightness, of the median colour."""
    lightness, a, b = median_colour(skin)
    return a / max(lightness, 5.0), b / max(lightness, 5.0)


def _outside(value: float, limits: tuple[float, float]) -> float:
    return max(0.0, limits[0] - value, value - limits[1])


def look(prepared: Prepared, rule: Rule) -> Observation:
    skin = prepared.parts.colours(prepared.skin)
    value = measure(skin)
    asked = rule.of(prepared.mode).asked(value)
    if value > asked and _like_skin(*tint(skin)) and _wall_is_right(prepared):
        value = asked  # skin can be redder and browner than was seen; a wall in its own colour says the light is right
    return Observation(value)


def _like_skin(red: float, yellow: float) -> bool:
    """Whether it has the hue of skin, only more of it."""
    return min(red, yellow) > 0 and red >= REDDER * yellow


def _wall_is_right(prepared: Prepared) -> bool:
    try:
        return bg_color.measure(lab_pixels(prepared), REFERENCES) < RIGHT
    except ValueError:  # hardly any wall
        return False


CHECK = Check(Code.COLOR_CAST, look, needs_face=True, where=places.face)
