"""COLOR_CAST: colours are true (R05, R25)."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from backend.compliance import places
from backend.compliance.checks.check import Check, Observation
from backend.compliance.checks.scene import bg_color
from backend.compliance.checks.scene.background import lab_pixels
from backend.compliance.checks.scene.underexposed import IN_SIGHT, contrast
from backend.compliance.codes import Code
from backend.compliance.observed import Grey, Rgb
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median_colour, percentile
from backend.compliance.standard import Rule

# the tint of human skin over its lightness, from very dark to very light: a*/L* (red) and b*/L* (yellow)
RED = (0.05, 0.55)
YELLOW = (0.05, 0.50)
REDDER = 0.4  # of its yellow, that skin is red at least; 0.52 was the least seen. Green light takes it below
# the same of the whites of the eyes, nearly without colour on everybody: right pictures, 4 % warmer or cooler ones too,
# from -0.01 to 0.24 in red (raw ones 0.36, one 0.51) and from -0.04 in yellow
WHITE_RED, WHITE_YELLOW = 0.48, -0.005  # at most; at least
# and at most where the light is certainly right, so that browner skin than was seen is no cast: right pictures up to
# 0.11 and 0.15, a slightly yellow or reddish one (gains 1, 0.95, 0.8; 1.25, 1, 0.75) from 0.25 in yellow
NEUTRAL = 0.2, 0.2
WHITEST = 85, 97  # percentiles of the lightness in an eye: whites without what gleams in them
WHITE = 0.07, 0.05  # the same of right whites in the middle
# how far off the light is, at least, by the wall: real studios up to 0.162, weak casts from 0.167, most from 0.2; by
# the whites of the eyes in that direction: before other walls up to 0.083, weak casts from 0.098 (a doubt is 0.05 more)
BY_WALL, BY_WHITES = 0.18, 0.041
REFERENCES = ((100, 197, 255), (255, 255, 255), (240, 240, 240))  # walls of the standard, whatever the profile
RIGHT = 8.0  # CIEDE2000


def measure(skin: Grey) -> float:
    """How far the skin's tint lies outside the range of human skin of any tone; 0 inside, 0.1 is plain to see.

    skin: (n, 3) float32 CIELAB. Red and yellow are taken over the lightness, so that dark and light skin share one
    range. Source: R05 (true colour), no number given.
    """
    red, yellow = tint(skin)
    return max(float(np.hypot(_outside(red, RED), _outside(yellow, YELLOW))), REDDER * yellow - red)


def measure_whites(eyes: Sequence[Grey]) -> float:
    """How far the whites of the eyes are too blue or too red, as measure() gives it for the skin; 0 not at all.

    eyes: (n, 3) float32 CIELAB between the lids of each. Dark skin in cool light stays within the range of skin.
    """
    reds, yellows = zip(*(tint(_whites(eye)) for eye in eyes), strict=True)
    red, yellow = float(np.mean(reds)), float(np.mean(yellows))
    return max(0.0, red - WHITE_RED, WHITE_YELLOW - yellow)


def measure_light(wall: Rgb, eyes: Sequence[Grey]) -> float:
    """How far the whites of the eyes are off in the direction in which the wall says that the light is off; 0 where the
    wall says that it is right.

    wall: (n, 3) sRGB; eyes as in measure_whites(). What the wall says is the tint of a white sheet in the light in
    which the nearest wall of the standard would look like it. A wall of another colour leaves the eyes as they are;
    light tints both.
    """
    seen = np.maximum(np.median(wall, axis=0), 3.0)
    lights = np.array([seen / np.array(reference) for reference in REFERENCES], np.float32)
    sheets = cv2.cvtColor((lights / lights.max(axis=1, keepdims=True))[None], cv2.COLOR_RGB2LAB)[0]
    sheet = min((tint(one[None]) for one in sheets), key=lambda one: float(np.hypot(*one)))
    strength = float(np.hypot(*sheet))
    if strength < BY_WALL:
        return 0.0
    whites = np.mean([tint(_whites(eye)) for eye in eyes], axis=0) - WHITE
    return max(0.0, float(whites @ sheet) / strength - BY_WHITES)


def _whites(eye: Grey) -> Grey:
    low, high = (percentile(eye[:, 0], part) for part in WHITEST)
    return np.asarray(eye[(eye[:, 0] >= low) & (eye[:, 0] <= high)])


def tint(skin: Grey) -> tuple[float, float]:
    """Red (a*) and yellow (b*) over lightness, of the median colour."""
    lightness, a, b = median_colour(skin)
    return a / max(lightness, 5.0), b / max(lightness, 5.0)


def _outside(value: float, limits: tuple[float, float]) -> float:
    return max(0.0, limits[0] - value, value - limits[1])


def look(prepared: Prepared, rule: Rule) -> Observation:
    skin = prepared.parts.colours(prepared.skin)
    value = measure(skin)
    asked = rule.of(prepared.mode).asked(value)
    if value > asked and _like_skin(*tint(skin)) and _wall_is_right(prepared):
        value = asked  # skin can be redder and browner than was seen; a wall in its own colour says the light is right
    eyes = prepared.parts.each_eye(prepared.subject)
    if contrast(np.concatenate(eyes)[:, 0]) < IN_SIGHT:  # lids, dark lenses
        return Observation(value)
    if _like_skin(*tint(skin)) and _neutral(eyes):
        value = 0.0
    # the eyes alone make a person look, no more: lenses may be tinted
    value = max(value, rule.of(prepared.mode).asked(measure_whites(eyes)))
    wall = prepared.parts.tones(prepared.parts.background)
    if len(wall):
        value = max(value, rule.of(prepared.mode).asked(measure_light(wall, eyes)))
    return Observation(value)


def _like_skin(red: float, yellow: float) -> bool:
    """Whether it has the hue of skin, only more of it."""
    return min(red, yellow) > 0 and red >= REDDER * yellow


def _neutral(eyes: Sequence[Grey]) -> bool:
    """Whether the whites of the eyes are nearly without colour."""
    red, yellow = np.mean([tint(_whites(eye)) for eye in eyes], axis=0)
    return bool(red < NEUTRAL[0] and yellow < NEUTRAL[1])


def _wall_is_right(prepared: Prepared) -> bool:
    try:
        return bg_color.measure(lab_pixels(prepared), REFERENCES) < RIGHT
    except ValueError:  # hardly any wall
        return False


CHECK = Check(Code.COLOR_CAST, look, needs_face=True, where=places.face)
