"""GLASSES_TINT: lenses are clear (R16)."""

from __future__ import annotations

from backend.compliance.checks.check import Check, Observation
from backend.compliance.checks.face import face_covered
from backend.compliance.codes import Code
from backend.compliance.colour import luminance_of
from backend.compliance.face import CHEEKS, GLABELLA, LEFT_EYE, RIGHT_EYE, Face
from backend.compliance.findings import Mark
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median, percentile
from backend.compliance.regions import Patch, grown
from backend.compliance.standard import Rule

OPEN_CONTRAST = 45.0  # L* between the lightest and darkest part of an eye that nothing covers; 31 was the least seen
LIDS, OPENING = (1.45, 2.4), (1.1, 1.35)  # the outline of the eye enlarged: with the lids, and with the lashes
COLOURED = 2.2  # takes the least colour that counts, a tint of 0.25, to the limit
SHADED = 0.4  # lids over the skin beside them; without glasses from 0.44, under 45 % grey up to 0.35
FLAT = 0.7  # of an open eye's contrast: lids that lie deep are dark as well, but the eye in them stands out
LENS = 0.55  # of the cheek's brightness, below which something dark lies over the eye


def measure(eyes: Patch, whole: Patch, face: Face) -> float:
    """Brightness of the bright parts of the eye zone (white of the eye, lids) over the cheek: about 1, dark below 0.5.

    The contrast within the eye zone counts too, over that of an open eye: lenses as dark as dark skin leave the
    brightness but not the white of the eye. The better of both eyes counts, so that one eye behind hair or in shadow
    is not taken for a lens. Ratios of light: the tone of the skin cancels out. The expression model is not asked: it
    invents open eyes behind dark glasses. Source: R16, 教毕指〔2017〕99号; no number given.
    """
    return min(ratios(eyes, whole, face))


def colour(eyes: Patch, whole: Patch, face: Face) -> float:
    """How far the tint of the lids is from the person's own skin, on the better side: 0 the same, from 0.3 a colour
    that lies over both eyes. Lids are skin; a coloured lens before them keeps much of the light."""
    own = face_covered.tint(whole.inside(face.polygon(GLABELLA)))
    apart = []
    for eye, cheek in zip((LEFT_EYE, RIGHT_EYE), CHEEKS, strict=True):
        outline = face.polygon(eye)
        lids = face_covered.tint(eyes.inside(grown(outline, *LIDS), without=(grown(outline, *OPENING),)))
        beside = face_covered.tint(whole.inside(face.polygon(cheek)))
        apart.append(min(face_covered.apart(own, lids), face_covered.apart(beside, lids)))
    return min(apart)


def ratios(eyes: Patch, whole: Patch, face: Face) -> tuple[float, float]:
    """Of the better eye: its brightness over the cheek's, and its contrast over that of an open eye."""
    brightness, contrasts = [], []
    for eye, cheek in zip((LEFT_EYE, RIGHT_EYE), CHEEKS, strict=True):
        lightness = eyes.inside(grown(face.polygon(eye), 1.25, 2.2))[:, 0]
        zone = luminance_of(lightness)
        skin = luminance_of(whole.inside(face.polygon(cheek))[:, 0])
        brightness.append(percentile(zone, 90) / max(median(skin), 1e-3))
        contrasts.append((percentile(lightness, 95) - percentile(lightness, 5)) / OPEN_CONTRAST)
    return max(brightness), max(contrasts)


def shaded(eyes: Patch, whole: Patch, face: Face) -> bool:
    """Whether the lids are much darker than cheeks and brow and the eyes between them flat.

    In dark skin the white of an eye is three times as bright as the cheek, and half of it is left under a grey lens: it
    alone does not give the lens away.
    """
    if ratios(eyes, whole, face)[1] >= FLAT:
        return False
    between = median(luminance_of(whole.inside(face.polygon(GLABELLA))[:, 0]))
    over_cheek, over_brow = [], []
    for eye, cheek in zip((LEFT_EYE, RIGHT_EYE), CHEEKS, strict=True):
        outline = face.polygon(eye)
        lids = luminance_of(eyes.inside(grown(outline, *LIDS), without=(grown(outline, *OPENING),))[:, 0])
        bright = percentile(lids, 75)
        over_cheek.append(bright / max(median(luminance_of(whole.inside(face.polygon(cheek))[:, 0])), 1e-3))
        over_brow.append(bright / max(between, 1e-3))
    return min(max(over_cheek), max(over_brow)) < SHADED


def look(prepared: Prepared, rule: Rule) -> Observation:
    face = prepared.subject
    marks = tuple(
        Mark("outline", tuple((float(x), float(y)) for x, y in grown(face.polygon(eye), 1.25, 2.2)))
        for eye in (LEFT_EYE, RIGHT_EYE)
    )
    eyes, whole = prepared.parts.eyes, prepared.parts.whole
    value, asked = measure(eyes, whole, face), rule.of(prepared.mode).asked
    if value < FLAT and shaded(eyes, whole, face):
        value = min(value, asked(0.0))
    # make-up colours lids too: a colour alone is never more than a question to a person
    return Observation(min(value, asked(1.1 - COLOURED * colour(eyes, whole, face))), marks)


CHECK = Check(Code.GLASSES_TINT, look, needs_face=True)
