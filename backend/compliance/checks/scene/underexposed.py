"""UNDEREXPOSED: there is enough light (R05)."""

from __future__ import annotations

import numpy as np

from backend.compliance.checks.check import EVERYWHERE, Check, Observation
from backend.compliance.codes import Code
from backend.compliance.observed import Rgb
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule


def measure(rgb: Rgb) -> float:
    """The brightness that the brightest tenth of the picture reaches, 0..255 of the strongest channel.

    Background, clothes and eyes count, not the face: a picture in good light has something bright in it, whatever the
    tone of the skin. Source: R05, R25; no number given.
    """
    return float(np.percentile(rgb.max(axis=2), 90))


def look(prepared: Prepared, rule: Rule) -> Observation:
    rgb = prepared.rgb if prepared.regions is None else prepared.regions.rgb
    return Observation(measure(rgb[::2, ::2]))


CHECK = Check(Code.UNDEREXPOSED, look, modes=EVERYWHERE)
