"""Colours as people see them: CIELAB and the CIEDE2000 difference."""

from __future__ import annotations

from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.compliance.observed import Grey, Mask, Rgb

Lab: TypeAlias = tuple[float, float, float]


def lab_of(colour: tuple[float, float, float]) -> Lab:
    """sRGB 0..255 to L* 0..100, a*, b* (D65)."""
    pixel = np.array([[colour]], dtype=np.float32) / 255
    lightness, a, b = cv2.cvtColor(pixel, cv2.COLOR_RGB2LAB)[0, 0]
    return float(lightness), float(a), float(b)


def in_lab(rgb: Rgb) -> Grey:
    """(h, w, 3) uint8 sRGB to float32 L* 0..100, a*, b* (D65)."""
    return np.asarray(cv2.cvtColor(np.multiply(rgb, _TO_ONE, dtype=np.float32), cv2.COLOR_RGB2LAB), dtype=np.float32)


_TO_ONE = np.float32(1 / 255)


# a shade of a wall (all ours). Of white or grey: as much tint (a*, b* over L*) within TINT; of a wall with more chroma
# than COLOURED: of its hue within HUE degrees and of PALEST of its chroma
TINT = 0.08
COLOURED, HUE, PALEST = 15.0, 12.0, 0.45


def shades(colours: Grey, wall: Lab, *, palest: float = PALEST) -> Mask:
    """(...): which of the colours, (..., 3) CIELAB, have the wall's tint or hue, however light or dark they are."""
    light, red, yellow = np.maximum(colours[..., 0], 1.0), colours[..., 1], colours[..., 2]
    if (strength := hypot(*wall[1:])) > COLOURED:
        chroma = chroma_of(red, yellow)
        along = (red * wall[1] + yellow * wall[2]) / strength  # of the chroma, in the direction of the wall's hue
        return np.asarray((along >= cos(radians(HUE)) * chroma) & (chroma > palest * strength))
    walls = max(wall[0], 1.0)
    return np.asarray(chroma_of(red / light - wall[1] / walls, yellow / light - wall[2] / walls) < TINT)


def chroma_of(a: NDArray[Any], b: NDArray[Any]) -> Grey:
    """The length of a* and b*; numpy's hypot, which guards against overflow, takes ten times as long."""
    return np.asarray(np.sqrt(a * a + b * b), dtype=np.float32)


def within(colours: Grey, wanted: Lab, limit: float) -> float:
    """The share of the colours, (n, 3) CIELAB, that is within `limit` CIEDE2000 of the wanted one, 0..1.

    A colour whose L* alone is too far away is not compared any further: what CIEDE2000 makes of a step in lightness
    is at least the step over 1.75 (at black and white), and other differences only add to it.
    """
    near = colours[np.abs(colours[:, 0] - wanted[0]) < 1.75 * limit]
    alike = sum(difference((float(x[0]), float(x[1]), float(x[2])), wanted) < limit for x in near)
    return alike / max(1, len(colours))


def difference(first: Lab, second: Lab) -> float:
    """CIEDE2000 between two CIELAB colours: about 1 is just visible, 10 is a different shade.

    Source: Sharma, Wu, Dalal, "The CIEDE2000 color-difference formula", 2005; tested against its table.
    """
    lightness_1, a_1, b_1 = first
    lightness_2, a_2, b_2 = second
    mean_chroma = (hypot(a_1, b_1) + hypot(a_2, b_2)) / 2
    g = 0.5 * (1 - sqrt(mean_chroma**7 / (mean_chroma**7 + 25.0**7)))
    a_1, a_2 = a_1 * (1 + g), a_2 * (1 + g)
    chroma_1, chroma_2 = hypot(a_1, b_1), hypot(a_2, b_2)
    hue_1, hue_2 = degrees(atan2(b_1, a_1)) % 360, degrees(atan2(b_2, a_2)) % 360

    d_lightness, d_chroma = lightness_2 - lightness_1, chroma_2 - chroma_1
    d_hue, mean_hue = _hues(hue_1, hue_2, chroma_1 * chroma_2)
    d_arc = 2 * sqrt(chroma_1 * chroma_2) * sin(radians(d_hue / 2))

    lightness, chroma = (lightness_1 + lightness_2) / 2, (chroma_1 + chroma_2) / 2
    t = (
        1
        - 0.17 * cos(radians(mean_hue - 30))
        + 0.24 * cos(radians(2 * mean_hue))
        + 0.32 * cos(radians(3 * mean_hue + 6))
        - 0.20 * cos(radians(4 * mean_hue - 63))
    )
    s_lightness = 1 + 0.015 * (lightness - 50) ** 2 / sqrt(20 + (lightness - 50) ** 2)
    s_chroma, s_hue = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    turn = 30 * exp(-(((mean_hue - 275) / 25) ** 2))
    rotation = -2 * sqrt(chroma**7 / (chroma**7 + 25.0**7)) * sin(radians(2 * turn))
    l_part, c_part, h_part = d_lightness / s_lightness, d_chroma / s_chroma, d_arc / s_hue
    return sqrt(max(0.0, l_part**2 + c_part**2 + h_part**2 + rotation * c_part * h_part))


def _hues(hue_1: float, hue_2: float, chroma_product: float) -> tuple[float, float]:
    """The hue difference and the mean hue in degrees; without chroma there is no hue to differ."""
    if chroma_product == 0:
        return 0.0, hue_1 + hue_2
    d_hue = (hue_2 - hue_1 + 180) % 360 - 180
    if abs(hue_1 - hue_2) <= 180:
        return d_hue, (hue_1 + hue_2) / 2
    return d_hue, (hue_1 + hue_2 + (360 if hue_1 + hue_2 < 360 else -360)) / 2


def linear(rgb: Rgb) -> Grey:
    """(..., 3) uint8 sRGB to (...) float32 linear luminance 0..1 (Rec. 709 weights)."""
    light = TO_LINEAR[rgb]
    return np.asarray(light @ _WEIGHTS, dtype=np.float32)


_STEPS = np.arange(256) / 255
# (256,): sRGB level to linear light 0..1
TO_LINEAR = np.where(_STEPS <= 0.04045, _STEPS / 12.92, ((_STEPS + 0.055) / 1.055) ** 2.4).astype(np.float32)
_WEIGHTS = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)


def luminance_of(lightness: Grey) -> Grey:
    """L* 0..100 to linear luminance 0..1 (the inverse of CIELAB's lightness)."""
    return np.asarray(np.where(lightness > 8, ((lightness + 16) / 116) ** 3, lightness / 903.3), dtype=np.float32)


def least_of(tones: Rgb) -> NDArray[np.uint8]:
    """(n,): the least of the channels of (n, 3) tones; numpy itself takes ten times as long along so short an axis."""
    return np.minimum(np.minimum(tones[:, 0], tones[:, 1]), tones[:, 2])
