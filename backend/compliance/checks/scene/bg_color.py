"""BG_COLOR: the background has one of the allowed colours (R08)."""

from __future__ import annotations

from math import hypot

from backend.compliance import places
from backend.compliance.checks.check import Check, Observation
from backend.compliance.checks.scene.background import lab_pixels
from backend.compliance.codes import Code
from backend.compliance.colour import Lab, difference, lab_of
from backend.compliance.observed import Grey
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median_colour
from backend.compliance.standard import Rule

TINTED = 2.0  # how much a tint counts where the nearest colour is white or grey: cream and pale pink are none of them
GREY = 1.0  # a*, b* of a colour without a tint


def measure(pixels: Grey, colours: tuple[tuple[int, int, int], ...]) -> float:
    """CIEDE2000 from the background's median colour to the nearest allowed one; 1 is just visible.

    pixels: (n, 3) float32 CIELAB of the background.
    Source: R08, 教毕指〔2017〕99号: RGB(100,197,255), (255,255,255), (240,240,240); no copy states a tolerance.
    """
    return _nearest(median_colour(pixels), colours)[0]


def _nearest(colour: Lab, allowed: tuple[tuple[int, int, int], ...]) -> tuple[float, Lab]:
    return min((difference(colour, other), other) for other in (lab_of(one) for one in allowed))


def look(prepared: Prepared, rule: Rule) -> Observation:
    colour = median_colour(lab_pixels(prepared))
    value, (_, a, b) = _nearest(colour, rule.colours)
    if hypot(a, b) < GREY:  # another white than the standard's is never more than a question
        value = max(value, rule.of(prepared.mode).asked(TINTED * hypot(*colour[1:])))
    return Observation(value)


CHECK = Check(Code.BG_COLOR, look, needs_face=True, where=places.wall)
