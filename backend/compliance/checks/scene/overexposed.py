"""OVEREXPOSED: no part is burnt out (R05)."""

from __future__ import annotations

import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.observed import Rgb
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule

FULL = 250


def measure(skin: Rgb, background: Rgb, clothes: Rgb) -> float:
    """The largest burnt-out share of the skin, the background and the clothes, 0..1.

    skin, background, clothes: (n, 3) uint8. Skin is burnt out from the first full channel on. Of a background two
    full channels tell when the third is not (a coloured wall that lost its colour; white and light blue are meant to
    be bright). White clothes may be bright, but not without any texture.
    Source: R05, R25; no number given.
    """
    full = (background >= FULL).sum(axis=1)
    return max(
        float(np.mean((skin >= FULL).any(axis=1))),
        float(np.mean((full == 2) & (background.min(axis=1) < FULL - 15))) if len(background) else 0.0,
        float(np.mean((clothes >= 253).all(axis=1))) if len(clothes) > 200 else 0.0,
    )


def look(prepared: Prepared, rule: Rule) -> Observation:
    regions = prepared.parts
    rgb = regions.rgb
    return Observation(measure(rgb[regions.skin], rgb[regions.background], rgb[regions.clothes]))


CHECK = Check(Code.OVEREXPOSED, look, needs_face=True)
