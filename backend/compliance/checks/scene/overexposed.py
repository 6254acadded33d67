"""OVEREXPOSED: no part is burnt out (R05)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.compliance import places
from backend.compliance.checks.check import Check, Observation
from backend.compliance.checks.face import eyes_closed
from backend.compliance.checks.scene.underexposed import contrast
from backend.compliance.codes import Code
from backend.compliance.colour import least_of
from backend.compliance.face import CHEEKS, LEFT_EYE, RIGHT_EYE, Face
from backend.compliance.findings import Mark, Verdict
from backend.compliance.observed import Grey, Rgb
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import percentile
from backend.compliance.regions import Regions, grown
from backend.compliance.standard import Rule

FULL = 250
WHITE = 95  # percentile of the lightness in the eyes
# of a faded picture, and of eyes in too much light (all ours): each counts from here, a person is asked a little beyond
BLACK = 18.5  # L* of the darkest thing, pupils or hair; right pictures: up to 18
CONTRAST = 3.6  # stops within open and light eyes; right pictures: from 3.7
LIGHT = 65.0  # L* of the whites of such eyes: in dim light less stands out
OPEN = 0.034  # of what EYES_CLOSED measures
LIDS = 1.3, 2.0  # of an eye across and down, to which its lids are looked at
WHITES = 84.0  # L* of the whites of the eyes; right pictures in 8 % more light: up to 84.6


def measure(skin: Rgb, background: Rgb) -> float:
    """The larger burnt-out share of the skin and of the background, 0..1.

    skin, background: (n, 3) uint8. Skin is burnt out from the first full channel on. Of a background two full channels
    tell when the third is not: a coloured wall that lost its colour; white and light blue are meant to be bright.
    Clothes do not count: a white shirt may be white. Source: R05, R25; no number given.
    """
    full = _full(background)
    return max(
        0.0,
        np.count_nonzero(_full(skin)) / max(1, len(skin)),
        np.count_nonzero((full == 2) & (least_of(background) < FULL - 15)) / max(1, len(background)),
    )


def faded(eyes: Grey, person: Grey, *, open_eyes: bool = True) -> float:
    """How far a veil of light or a lifted tone curve has gone, 0 for none; 0.02 is to be seen.

    eyes, person: (n,) L*. On everybody something is black, the pupils if not the hair; and within open eyes in good
    light the whites and what is darkest lie four to seven stops apart, whatever the tone of the skin.
    """
    darkest = min(percentile(eyes, 1), percentile(person, 0.1))
    value = max(0.0, (darkest - BLACK) / 100)
    if open_eyes and percentile(eyes, WHITE) > LIGHT:
        value = max(value, (CONTRAST - contrast(eyes)) / 10)
    return value


def flooded(eyes: Grey) -> float:
    """How far the whites of the eyes are lighter than in right light. eyes: (n,) L*."""
    return (percentile(eyes, WHITE) - WHITES) / 100


def _full(tones: Rgb) -> NDArray[np.uint8]:
    """(n,): how many of the three channels are full."""
    full = (tones >= FULL).view(np.uint8)
    return np.asarray(full[:, 0] + full[:, 1] + full[:, 2])


def glared(regions: Regions, face: Face) -> bool:
    """Whether the lids are lighter than the cheeks: something shines before the eyes, which then tell nothing."""
    eyes = [face.polygon(part) for part in (LEFT_EYE, RIGHT_EYE)]
    lids = np.concatenate([regions.eyes.inside(grown(eye, *LIDS), without=[eye])[:, 0] for eye in eyes])
    cheeks = np.concatenate([regions.whole.inside(face.polygon(part))[:, 0] for part in CHEEKS])
    return percentile(lids, 95) > percentile(cheeks, 95)


def look(prepared: Prepared, rule: Rule) -> Observation:
    regions, face, band = prepared.parts, prepared.subject, rule.of(prepared.mode)
    value = measure(regions.tones(prepared.skin), regions.tones(regions.background))
    if band.judge(value) is not Verdict.OK:
        return Observation(value)
    eyes, open_eyes = regions.in_eyes(face), eyes_closed.measure(face) >= OPEN
    grey = faded(eyes, regions.colours(regions.person)[:, 0], open_eyes=open_eyes)
    light = flooded(eyes) if open_eyes else 0.0
    asked = band.asked(max(grey, light))
    if band.judge(asked) is Verdict.OK or glared(regions, face):
        return Observation(value)
    return Observation(asked, reason=None if band.judge(grey) is Verdict.OK else "faded")


def burnt(prepared: Prepared) -> tuple[Mark, ...]:
    """What lost its colours on skin and wall; the face where light has only washed out the darks."""
    parts = prepared.parts
    full = _full(parts.rgb.reshape(-1, 3)).reshape(parts.background.shape)
    lost = (full == 2) & (parts.rgb.min(axis=2) < FULL - 15) & parts.background
    return places.first_of(places.outlined(((full > 0) & parts.skin) | lost), places.face(prepared))


CHECK = Check(Code.OVEREXPOSED, look, needs_face=True, where=burnt)
