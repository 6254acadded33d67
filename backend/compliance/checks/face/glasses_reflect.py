"""GLASSES_REFLECT: lenses do not reflect light (R18)."""

from __future__ import annotations

import cv2
import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.colour import chroma_of
from backend.compliance.face import CHEEKS, LEFT_EYE, RIGHT_EYE, Face
from backend.compliance.findings import Mark
from backend.compliance.observed import Mask
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median, median_colour, percentile
from backend.compliance.regions import Patch, grown
from backend.compliance.standard import Rule

LENS = (1.5, 3.6)  # the eye's outline enlarged to the size of a lens
OPENING = (1.15, 1.5)  # the eye itself, whose white is bright by nature
BRIGHTER = 10.0  # L* above the cheek, at least
RIM = np.ones((6, 6), np.uint8)  # wider than the rim of glasses at 480x640
GREENER = 6.0  # a* or b* below that of any skin: coated lenses gleam green or blue
LIT = 0.6  # of the cheek's L*: a coating's gleam hides what lies below it, and dark rims are darker
PLAINLY = 30.0  # L* above the cheek, enough on any skin
BRIGHT = 80.0  # L*, asked of reflections on lighter skin
FAINTLY = 6.0  # L* above the cheek, enough to ask about in a colour that skin never shines in
# a pale window: L* above the cheek; of its colour; share of the lens zone (eyes up to 0.023, windows from 0.038); the
# least share beyond the eye's outline (eyes 0, whatever the tone of the skin; windows beside the iris from 0.007)
WINDOW, WHITE, PANES, BEYOND = 4.0, 0.3, 0.03, 0.004
WARM = 0.3  # a* over b*: lamps gleam yellower than any skin, which is redder than 0.4 of its yellow
IRIS, AS_LIGHT, GLEAM = 0.12, 0.85, 0.45  # widths of the eye; of the cheek's L*; share of the iris: open up to 0.15
VEILED = 0.7  # of the cheek's L*: the darkest tenth of an open eye reaches 0.61, under a pale reflection from 0.8
PALE = 0.6  # of the cheek's colour: closed lids keep 0.85 and more, an eye under a reflection up to 0.4


def measure(eyes: Patch, whole: Patch, face: Face) -> tuple[float, float]:
    """The share of the lens zone, without the eye itself, that is bright and without the colour of skin, or green or
    blue without being dark, 0..1; and how much of what is bright lies in spots rather than in thin lines, as the rims
    of white or silver glasses do.

    Bright: above the person's own cheek by 10 L* and beyond 80, or by 30. Where there are no glasses, skin shines
    in its own colour and does not count. The worse side counts. Source: R18, 教毕指〔2017〕99号; no number given.
    """
    shares, spots = [], []
    for eye, cheek in zip((LEFT_EYE, RIGHT_EYE), CHEEKS, strict=True):
        outline = face.polygon(eye)
        zone, mask = eyes.cut_out(grown(outline, *LENS), without=(grown(outline, *OPENING),))
        lightness, a, b = median_colour(whole.inside(face.polygon(cheek)))
        pale = chroma_of(zone[..., 1], zone[..., 2]) < max(10.0, 0.5 * float(np.hypot(a, b)))
        coated = (zone[..., 1] < min(float(a), 0.0) - GREENER) | (zone[..., 2] < min(float(b), 0.0) - GREENER)
        least = max(float(lightness) + BRIGHTER, min(BRIGHT, float(lightness) + PLAINLY))
        gleaming = ((zone[..., 0] > least) & (pale | coated) & mask).astype(np.uint8)
        softly = coated & (zone[..., 0] > LIT * lightness) & mask
        shares.append(np.count_nonzero(softly | (gleaming > 0)) / np.count_nonzero(mask))
        spots.append(np.count_nonzero(cv2.morphologyEx(gleaming, cv2.MORPH_OPEN, RIM)) / np.count_nonzero(mask))
    return max(shares), max(spots)


def faint(eyes: Patch, whole: Patch, face: Face) -> tuple[float, float]:
    """The shares of the lens zone on which something gleams faintly, in spots, on the worse side, 0..1.

    The first in a colour that skin never has, the eye itself left out: the green and blue of coated lenses, the yellow
    of a lamp. The second pale, over the eye too, but not within it alone, where the white may be wide: a window.
    """
    coloured, pale = [], []
    for eye, cheek in zip((LEFT_EYE, RIGHT_EYE), CHEEKS, strict=True):
        outline = face.polygon(eye)
        zone, lens = eyes.cut_out(grown(outline, *LENS))
        _, mask = eyes.cut_out(grown(outline, *LENS), without=(grown(outline, *OPENING),))
        lightness, a, b = median_colour(whole.inside(face.polygon(cheek)))
        red, yellow = zone[..., 1], zone[..., 2]
        other = (red < min(float(a), 0.0) - GREENER) | (yellow < min(float(b), 0.0) - GREENER) | (red < WARM * yellow)
        other &= (zone[..., 0] > float(lightness) + FAINTLY) & mask
        window = (
            (chroma_of(red, yellow) < WHITE * float(np.hypot(a, b))) & (zone[..., 0] > float(lightness) + WINDOW) & lens
        )
        coloured.append(np.count_nonzero(_spots(other)) / np.count_nonzero(mask))
        panes, zone_size = _spots(window), np.count_nonzero(lens)
        _, lids = eyes.cut_out(grown(outline, *LENS), without=(outline,))
        beyond = np.count_nonzero(panes & lids) > BEYOND * zone_size
        pale.append(np.count_nonzero(panes) / zone_size if beyond else 0.0)
    return max(coloured), max(pale)


def _spots(mask: Mask) -> Mask:
    """What of it is no line."""
    return np.asarray(cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, RIM) > 0)


def over_the_iris(eyes: Patch, whole: Patch, face: Face) -> float:
    """The share of the middle of an iris that is pale and as light as the cheek, on the worse side, 0..1.

    An iris is dark but for the catchlight, on anybody: a window mirrored by the lens before it is not.
    """
    turn = np.linspace(0, 2 * np.pi, 20)
    round_it = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    found = []
    for eye, pupil, cheek in zip((LEFT_EYE, RIGHT_EYE), face.pupils, CHEEKS, strict=True):
        reach = IRIS * float(np.ptp(face.polygon(eye)[:, 0]))
        iris = eyes.inside(np.asarray(np.array(pupil) + reach * round_it, np.float32))
        lightness, a, b = median_colour(whole.inside(face.polygon(cheek)))
        pale = np.hypot(iris[:, 1], iris[:, 2]) < max(10.0, 0.5 * float(np.hypot(a, b)))
        found.append(float(np.mean((iris[:, 0] > AS_LIGHT * lightness) & pale)))
    return max(found)


def veiled(eyes: Patch, whole: Patch, face: Face) -> bool:
    """Whether something pale lies over an eye, so that neither iris nor lashes are dark: a reflection that is no
    brighter than fair skin. Lids over it would keep the colour of skin."""
    for eye, cheek in zip((LEFT_EYE, RIGHT_EYE), CHEEKS, strict=True):
        lightness, a, b = median_colour(whole.inside(face.polygon(cheek)))
        inside = eyes.inside(face.polygon(eye))
        pale = median(np.hypot(inside[:, 1], inside[:, 2])) < PALE * float(np.hypot(a, b))
        if pale and percentile(inside[:, 0], 10) > VEILED * lightness:
            return True
    return False


def look(prepared: Prepared, rule: Rule) -> Observation:
    face = prepared.subject
    marks = tuple(
        Mark("outline", tuple((float(x), float(y)) for x, y in grown(face.polygon(eye), *LENS)))
        for eye in (LEFT_EYE, RIGHT_EYE)
    )
    eyes, whole = prepared.parts.eyes, prepared.parts.whole
    share, spots = measure(eyes, whole, face)
    # bright lines alone, a veil over the eye and faint gleams are a question to a person
    coloured, pale = faint(eyes, whole, face)
    over = pale > PANES or veiled(eyes, whole, face) or over_the_iris(eyes, whole, face) > GLEAM
    asked = rule.of(prepared.mode).asked(1.0 if over else max(share, coloured))
    return Observation(max(spots, asked), marks)


CHECK = Check(Code.GLASSES_REFLECT, look, needs_face=True)
