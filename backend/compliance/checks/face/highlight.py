"""HIGHLIGHT: no shiny spots on the face (R25)."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.compliance import places
from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.colour import TO_LINEAR, least_of
from backend.compliance.findings import Mark
from backend.compliance.observed import Mask, Rgb
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import percentile
from backend.compliance.regions import Regions
from backend.compliance.standard import Rule

WHITE = 235
# what a shiny spot adds in linear light, 0..1 (ours): the same to skin of any tone, beside the folds of light skin
GLEAM, FOLDS = 0.17, 0.3  # FOLDS of what is usual
USUAL = 60  # percentile of the skin that is taken for it
SPOT = 5  # pixels at half size: rims of glasses and wet lashes are narrower
AS_WHITE = 0.6  # share of burnt skin that a share of shiny skin counts as (ours): 0.0167; right pictures up to 0.0135


def measure(skin: Rgb) -> float:
    """The share of the skin that has lost its colour to light: all three channels at least 235, 0..1.

    skin: (n, 3) uint8. Near the end of the scale, so that light skin in good light does not count.
    Source: R25, 教毕指〔2017〕99号; no number given.
    """
    return np.count_nonzero(least_of(skin) >= WHITE) / max(1, len(skin))


def shiny(regions: Regions) -> Mask:
    """(h, w): where light is mirrored by the skin, at half size.

    A gleam adds the same light to skin of any tone; fair skin shines white with it and dark skin grey. So what counts
    is how much more than usual the least of the channels has, of which skin itself has little. Raises ValueError
    without skin.
    """
    least, skin = _least(regions), regions.skin
    level = round(max(percentile(least[half][skin[half]], USUAL) for half in _halves(skin)))
    from_here = TO_LINEAR[level] * (1 + FOLDS) + GLEAM
    found = (least >= int(np.searchsorted(TO_LINEAR, from_here))) & skin
    return cv2.morphologyEx(found.astype(np.uint8), cv2.MORPH_OPEN, np.ones((SPOT, SPOT), np.uint8)) > 0


def _halves(skin: Mask) -> tuple[slice, slice]:
    """Upper and lower half of the face: a mask or a fringe lies over one of them."""
    rows = np.flatnonzero(skin.any(axis=1))
    middle = int(rows[0] + rows[-1]) // 2 if len(rows) else 0
    return slice(None, middle), slice(middle, None)


def _least(regions: Regions) -> NDArray[np.uint8]:
    """(h, w): the least of the three channels."""
    red, green, blue = cv2.split(regions.rgb)
    return np.asarray(cv2.min(cv2.min(red, green), blue))


def look(prepared: Prepared, rule: Rule) -> Observation:
    parts = prepared.parts
    share = float(np.count_nonzero(shiny(parts)) / np.count_nonzero(prepared.skin))
    # grease and sweat, or a lamp: a person looks
    return Observation(max(measure(parts.tones(prepared.skin)), rule.of(prepared.mode).asked(AS_WHITE * share)))


def shining(prepared: Prepared) -> tuple[Mark, ...]:
    """The shiny spots."""
    parts = prepared.parts
    burnt = (_least(parts) >= WHITE) & parts.skin
    return places.first_of(places.outlined(burnt | shiny(parts)), places.face(prepared))


CHECK = Check(Code.HIGHLIGHT, look, needs_face=True, where=shining)
