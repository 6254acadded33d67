"""CLOTH_LIKE_BG: clothes differ clearly from the background (R23)."""

from __future__ import annotations

from backend.compliance import places
from backend.compliance.checks.check import Check, Observation
from backend.compliance.checks.scene.background import lab_pixels
from backend.compliance.codes import Code
from backend.compliance.colour import within
from backend.compliance.observed import Grey
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median_colour
from backend.compliance.standard import Rule

ALIKE = 4.0  # CIEDE2000
FEWEST = 200
SAMPLES = 160


def measure(clothes: Grey, background: Grey) -> float:
    """The share of the clothes whose colour is within 4 CIEDE2000 of the background's, 0..1.

    clothes, background: (n, 3) CIELAB. A share and not a mean: a collar, a tie or folds must not hide a garment that
    melts into the wall. Source: R23, 教毕指〔2017〕99号; no number given.
    """
    lightness, a, b = median_colour(background)
    step = max(1, len(clothes) // SAMPLES)
    return within(clothes[::step], (lightness, a, b), ALIKE)


def look(prepared: Prepared, rule: Rule) -> Observation:
    clothes = prepared.parts.colours(prepared.parts.clothes)
    if len(clothes) < FEWEST:
        return Observation(None, clear=True, reason="no_clothes")
    return Observation(measure(clothes, lab_pixels(prepared)))


CHECK = Check(Code.CLOTH_LIKE_BG, look, needs_face=True, where=places.clothes)
