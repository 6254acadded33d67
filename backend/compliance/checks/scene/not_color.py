"""NOT_COLOR: the picture is in colour (R02)."""

from __future__ import annotations

from math import hypot

import cv2

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.observed import Grey
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median_colour
from backend.compliance.standard import Rule

SKIN = 41.5  # spread of a picture that the skin's colour counts as (ours); fair skin drawn lighter has 0.097


def measure(lab: Grey) -> float:
    """How much colours differ: the spread of a* and b* over the picture (standard deviations added), 0 for grey.

    lab: (n, 3) float32 CIELAB. A sepia or blue-toned grey picture has one hue, so its spread is small too.
    Source: R02, 教毕指〔2017〕99号.
    """
    spread = cv2.meanStdDev(lab.reshape(1, -1, 3))[1]
    return float(spread[1, 0] + spread[2, 0])


def of_skin(skin: Grey) -> float:
    """How much colour the skin has: chroma of its median over its lightness, 0 for grey; people: from 0.14.

    skin: (n, 3) float32 CIELAB. Over the lightness, so that dark and light skin share one range.
    """
    lightness, a, b = median_colour(skin)
    return hypot(a, b) / max(lightness, 5.0)


def look(prepared: Prepared, rule: Rule) -> Observation:
    parts = prepared.parts
    value = measure(parts.lab.reshape(-1, 3))
    # a grey person before a wall that was coloured later; blue light on the skin looks alike, so that a person decides
    skin = SKIN * of_skin(parts.colours(prepared.skin))
    return Observation(min(value, rule.of(prepared.mode).asked(skin)))


CHECK = Check(Code.NOT_COLOR, look, needs_face=True)
