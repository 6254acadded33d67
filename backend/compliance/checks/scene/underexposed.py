"""UNDEREXPOSED: there is enough light (R05)."""

from __future__ import annotations

from math import log2

import cv2
import numpy as np

from backend.compliance.checks.check import EVERYWHERE, Check, Observation
from backend.compliance.codes import Code
from backend.compliance.colour import least_of, luminance_of
from backend.compliance.findings import Verdict
from backend.compliance.observed import Grey, Rgb
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median, percentile
from backend.compliance.regions import Regions
from backend.compliance.standard import Rule

CRUSHED = 3  # of 255: a channel at its end holds no picture any more
BRIGHTEST = 0.1  # the share of the picture that has to be bright
WHITE_OF_EYE = 99  # percentile of the lightness in the eyes
# the lightness of the whites of the eyes that counts as the least brightness allowed (all ours): before any wall,
# and before a light one, which may hide that the person is a stop too dark
DIM, DIM_BEFORE_LIGHT, LIGHT_WALL = 54.0, 61.5, 70.0
LIT = 78.0  # L*: a catchlight or clothes as light are lit; in half the light white is 77 at most
IN_SIGHT = 3.0  # stops within the eyes: open ones have more, dark lenses and lids less
EVERY = 2  # one column and row in so many is looked at


def measure(grey: Rgb, skin: Rgb | None = None) -> float:
    """The brightness that the brightest tenth of the picture reaches, 0..255, less the share of the skin in which a
    channel is cut off at black.

    grey: (h, w) uint8; skin: (n, 3) uint8, None without regions. Background, clothes and eyes count, not the
    brightness of the face: a picture in good light has something bright in it, whatever the tone of the skin, and no
    skin is so dark that a channel ends at zero. Source: R05, R25; no number given.
    """
    bright = percentile(grey, 100 * (1 - BRIGHTEST))
    crushed = 0.0 if skin is None or not len(skin) else np.count_nonzero(least_of(skin) <= CRUSHED) / len(skin)
    return bright * (1 - crushed)


def white_of_eyes(eyes: Grey) -> float:
    """How light the whites of the eyes are, L* 0..100. eyes: (n,) L* between the lids.

    They are nearly as light in a dark face as in a fair one: before a light wall they tell a person in the dark from a
    dark person.
    """
    return percentile(eyes, WHITE_OF_EYE)


def contrast(eyes: Grey) -> float:
    """How many stops (powers of two) lie between the whites of the eyes and what is darkest in them.

    eyes: (n,) L*. In less light both are darker, but as far apart; behind dark lenses and under lids it is little.
    """
    dark, light = luminance_of(np.array([percentile(eyes, 2), percentile(eyes, 95)], np.float32)) + 1e-3
    return log2(light / dark)


def lit(eyes: Grey, clothes: Grey) -> bool:
    """Whether something on the person says that there is light enough: a catchlight or light clothes. (n,) L* each.

    A catchlight mirrors the lamp on any eye, however deep it lies and whatever the tone of the skin.
    """
    return float(eyes.max()) >= LIT or (len(clothes) > 0 and median(clothes) >= LIT)


def _dim(parts: Regions) -> float:
    wall = parts.wall[:, 0]
    return DIM_BEFORE_LIGHT if len(wall) and median(wall) >= LIGHT_WALL else DIM


def look(prepared: Prepared, rule: Rule) -> Observation:
    if prepared.regions is None:
        return Observation(measure(prepared.grey[::EVERY, ::EVERY]))
    parts = prepared.regions
    small = np.ascontiguousarray(parts.rgb[::EVERY, ::EVERY])
    value, band = measure(_grey(small), parts.tones(parts.skin)), rule.of(prepared.mode)
    # the eyes alone make a person look, no more: they may be narrow or shaded by a brow
    eyes = parts.in_eyes(prepared.subject)
    if band.low is None:
        return Observation(value)
    whites = band.asked(band.low * white_of_eyes(eyes) / _dim(parts))
    if band.judge(value) is not Verdict.OK or band.judge(whites) is Verdict.OK or contrast(eyes) < IN_SIGHT:
        return Observation(value)
    if lit(eyes, parts.colours(parts.clothes)[:, 0]):  # eyes lie in the shade of a brow
        return Observation(value)
    return Observation(whites, reason="against_light")


def _grey(rgb: Rgb) -> Rgb:
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


CHECK = Check(Code.UNDEREXPOSED, look, modes=EVERYWHERE)
