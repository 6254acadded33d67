"""BG_COLOR: the background has one of the allowed colours (R08)."""

from __future__ import annotations

from backend.compliance import places
from backend.compliance.checks.check import Check, Observation
from backend.compliance.checks.scene.background import lab_pixels
from backend.compliance.codes import Code
from backend.compliance.colour import difference, lab_of
from backend.compliance.observed import Grey
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median_colour
from backend.compliance.standard import Rule


def measure(pixels: Grey, colours: tuple[tuple[int, int, int], ...]) -> float:
    """CIEDE2000 from the background's median colour to the nearest allowed one; 1 is just visible.

    pixels: (n, 3) float32 CIELAB of the background.
    Source: R08, 教毕指〔2017〕99号: RGB(100,197,255), (255,255,255), (240,240,240); no copy states a tolerance.
    """
    lightness, a, b = median_colour(pixels)
    return min(difference((lightness, a, b), lab_of(colour)) for colour in colours)


def look(prepared: Prepared, rule: Rule) -> Observation:
    return Observation(measure(lab_pixels(prepared), rule.colours))


CHECK = Check(Code.BG_COLOR, look, needs_face=True, where=places.wall)
