"""OVEREXPOSED: no part is burnt out (R05)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.compliance import places
from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.findings import Mark
from backend.compliance.observed import Grey, Rgb
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import percentile
from backend.compliance.standard import Rule

FULL = 250
DARKEST = 2  # hundredths of the strip of the eyes
WASHED = 32.0  # L* that the darkest hundredth of the person stays below: hair, pupils, nostrils; light lashes: 31


def measure(skin: Rgb, background: Rgb, person: Grey) -> float:
    """The larger burnt-out share of the skin and of the background, 0..1; or how washed out the picture is.

    skin, background: (n, 3) uint8. person: (n,) L*, whose darkest parts are dark unless light has flooded all. Skin is
    burnt out from the first full channel on. Of a background two full channels tell when the third is not: a coloured
    wall that lost its colour; white and light blue are meant to be bright. Clothes do not count: a white shirt may be
    white. Source: R05, R25; no number given.
    """
    full = _full(background)
    washed = (percentile(person, 1) - WASHED) / 60
    return max(
        0.0,
        washed,
        float(np.mean(_full(skin) > 0)),
        float(np.mean((full == 2) & (background.min(axis=1) < FULL - 15))) if len(background) else 0.0,
    )


def _full(tones: Rgb) -> NDArray[np.uint8]:
    """(n,): how many of the three channels are full."""
    full = (tones >= FULL).view(np.uint8)
    return np.asarray(full[:, 0] + full[:, 1] + full[:, 2])


def look(prepared: Prepared, rule: Rule) -> Observation:
    regions = prepared.parts
    skin, wall = regions.tones(prepared.skin), regions.tones(regions.background)
    # pupils, lashes and brows are dark on everybody; grey hair over white clothes has nothing dark beside them
    person = np.minimum(regions.colours(regions.person)[:, 0], percentile(regions.eyes.lab[::2, ::2, 0], DARKEST))
    return Observation(measure(skin, wall, person))


def burnt(prepared: Prepared) -> tuple[Mark, ...]:
    """What lost its colours on skin and wall; the face where light has only washed out the darks."""
    parts = prepared.parts
    full = _full(parts.rgb.reshape(-1, 3)).reshape(parts.background.shape)
    lost = (full == 2) & (parts.rgb.min(axis=2) < FULL - 15) & parts.background
    return places.first_of(places.outlined(((full > 0) & parts.skin) | lost), places.face(prepared))


CHECK = Check(Code.OVEREXPOSED, look, needs_face=True, where=burnt)
