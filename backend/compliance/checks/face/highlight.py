"""HIGHLIGHT: no shiny spots on the face (R25)."""

from __future__ import annotations

import numpy as np

from backend.compliance import places
from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.findings import Mark
from backend.compliance.observed import Rgb
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule

WHITE = 235


def measure(skin: Rgb) -> float:
    """The share of the skin that has lost its colour to light: all three channels at least 235, 0..1.

    skin: (n, 3) uint8. Near the end of the scale, so that light skin in good light does not count.
    Source: R25, 教毕指〔2017〕99号; no number given.
    """
    return float(np.mean(skin.min(axis=1) >= WHITE))


def look(prepared: Prepared, rule: Rule) -> Observation:
    return Observation(measure(prepared.parts.tones(prepared.skin)))


def shining(prepared: Prepared) -> tuple[Mark, ...]:
    """The shiny spots."""
    parts = prepared.parts
    return places.first_of(places.outlined((parts.rgb.min(axis=2) >= WHITE) & parts.skin), places.face(prepared))


CHECK = Check(Code.HIGHLIGHT, look, needs_face=True, where=shining)
