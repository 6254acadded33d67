"""FACE_COVERED: nothing covers the face: no mask, hand or phone (R02)."""

from __future__ import annotations

import cv2
import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.colour import luminance_of
from backend.compliance.face import CHEEKS, CHIN, CHIN_SKIN, GLABELLA, LOWER_CHEEKS, NOSE_BASE, OUTER_LIPS, Face
from backend.compliance.findings import Mark
from backend.compliance.observed import Grey
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median, median_colour
from backend.compliance.regions import FACTOR, Patch, Regions, grown
from backend.compliance.standard import Rule

Tint = tuple[float, float]  # red and yellow over lightness

TINTED = 0.06  # below this there is no tint to lose
STRONG = 0.4  # tint of skin beyond which the whole picture is strongly coloured
BEARD = 0.15  # how far a beard may move the tint of the chin
LIPS = 0.08  # spread of lightness over lips and the line between them, of the cheeks' lightness; the least seen 0.09
NO_LIPS = 0.05
AS_TINT = 0.39  # what surely missing lips or surely unlike halves count beside a difference of tint
MOUTH = 0.24, 0.05, 0.75  # face widths beside the axis; from nose to chin
COLUMNS, ROWS, LIGHT = 32, 24, 6.0  # of the patch looked at; what changes more slowly than this many of them is light
UNLIKE = 0.69, 0.195  # right mouths from 0.80, stubble and grain from 0.61; fingers over a mouth up to 0.57; limit 0.59

# light of cheeks and chin over that between the brows, of the darkest of the three: bare faces up to 1.17, under the
# shadow of a brim 2 (one stop), cloth of the skin's tint on dark skin from 4.1
LIGHTER = 2.4

# presence where the points are looked for first: bare faces from 0.9999995, laughing ones of other sources 0.99999,
# behind every other mask of cloth less, mostly far less
BARE = 0.999
LIPLESS = 0.9999995  # where lips hardly stand out: bare faces with painted ones from 0.99999976, cloth up to 0.9999994

BESIDE = 0.53, 0.85, 0.15  # face widths off the axis, past jaw and neck; face lengths below the chin
AS_LIGHT, SAME_TINT = (0.62, 1.3), 0.1  # of the cheeks: their lightness, how far a* and b* over L* may be from theirs
HAND = 1.5  # what skin beside the jaw counts beside a difference of tint: right pictures up to 0.11, a hand from 0.16


def measure(patch: Patch, face: Face) -> float:
    """How much the tint of the lower face differs from that between the brows: 0 the same skin, from 0.3 no skin.

    Tint: a* and b* over L*, so that light and shadow cancel out. Both cheeks beside the mouth must differ, or have
    lost their tint (a white or black mask before pale skin), or the chin must differ by more than a beard does.
    Source: R02, 教毕指〔2017〕99号; no number given.
    """
    own = tint(patch.inside(face.polygon(GLABELLA)))
    cheeks = [tint(patch.inside(face.polygon(part))) for part in LOWER_CHEEKS]
    chin = tint(patch.inside(face.polygon(CHIN_SKIN)))
    return max(min(apart(own, cheek) for cheek in cheeks), _faded(own, cheeks), apart(own, chin) - BEARD)


def lighter(patch: Patch, face: Face) -> float:
    """How many times as much light as the skin between the brows the lower face reflects, its darkest part: about 1.

    Pale cloth can have the tint of dark skin. A fair beard leaves the cheeks, light from below the chin's sides.
    """
    above, *below = (
        median(luminance_of(patch.inside(face.polygon(part))[:, 0])) for part in (GLABELLA, *LOWER_CHEEKS, CHIN_SKIN)
    )
    return min(below) / max(above, 1e-3)


def unsure(face: Face, lips_seen: float) -> bool:
    """Whether the network that gives the points was not quite sure of a face where it looked first.

    Of a bare one it always is, whatever its tone and light. lips_seen: see `lips`; without them less doubt is enough.
    """
    mesh = face.mesh
    sure = BARE if lips_seen >= LIPS else LIPLESS
    return (mesh.presence if mesh.at_first is None else mesh.at_first) < sure


def under_a_hand(patch: Patch, face: Face) -> float:
    """How surely something of the skin's own tint lies over the mouth: up to 0 for a bare one, 1 surely.

    Lips and the line between them are not to be seen, or one half of the mouth is unlike the other.
    """
    missing = (LIPS - lips(patch, face)) / (LIPS - NO_LIPS)
    right, wide = UNLIKE
    return max(missing, (right - halves(patch, face)) / wide)


def hand(regions: Regions, face: Face) -> tuple[float, Mark]:
    """The share of the place beside the jaw, on the worse side, that is skin as on the cheeks, 0 .. 1, and that place.

    Nobody has skin there, between nose and chin past the cheek: it is a hand at the cheek, or its arm.
    """
    lightness, *colour = median_colour(np.concatenate([regions.whole.inside(face.polygon(part)) for part in CHEEKS]))
    near, far, below = BESIDE
    top, bottom = face.point(NOSE_BASE)[1], face.point(CHIN)[1] + below * face.length
    rows, found = slice(max(0, int(top * FACTOR)), max(0, int(bottom * FACTOR))), []
    for way in (-1, 1):
        left, right = sorted(face.axis + way * part * face.width for part in (near, far))
        columns = slice(max(0, int(left * FACTOR)), max(0, int(right * FACTOR)))
        lab, person = regions.lab[rows, columns], regions.person[rows, columns]
        if lab.size:
            light = lab[..., 0]
            off = (lab[..., 1:] / np.maximum(light, 8)[..., None] - np.array(colour) / max(lightness, 8.0)) ** 2
            skin = person & (light > AS_LIGHT[0] * lightness) & (light < AS_LIGHT[1] * lightness)
            share = float(np.mean(skin & (off.sum(axis=-1) < SAME_TINT**2)))
            found.append((share, Mark("box", ((left, top), (right, bottom)))))
    return max(found, key=lambda one: one[0], default=(0.0, Mark("box", ())))  # a face may fill the picture


def lips(patch: Patch, face: Face) -> float:
    """How much the lightness varies over the mouth, over that of the cheek."""
    mouth = patch.inside(grown(face.polygon(OUTER_LIPS), 1.0, 1.2))[:, 0]
    return float(mouth.std()) / max(median(patch.inside(face.polygon(CHEEKS[0]))[:, 0]), 5.0)


def halves(patch: Patch, face: Face) -> float:
    """How alike both halves of the mouth and what is round it are when one is mirrored, 1 alike .. 0 unlike.

    A correlation of lightness along the line from nose to chin; slow changes are light and are taken out first.
    """
    beside, start, end = MOUTH
    nose, chin = np.array(face.point(NOSE_BASE)), np.array(face.point(CHIN))
    down = chin - nose
    across = beside * face.width * np.array([down[1], -down[0]]) / max(float(np.hypot(*down)), 1.0)
    corners = np.array([nose + start * down - across, nose + start * down + across, nose + end * down - across])
    source = ((corners - (patch.left, patch.top)) * patch.factor).astype(np.float32)
    target = np.array([[0, 0], [COLUMNS - 1, 0], [0, ROWS - 1]], np.float32)
    seen = cv2.warpAffine(patch.lightness, cv2.getAffineTransform(source, target), (COLUMNS, ROWS))
    seen = cv2.GaussianBlur(seen, (0, 0), 0.5)
    detail = seen - cv2.GaussianBlur(seen, (0, 0), LIGHT)
    return max(_mirrored(detail[:, max(0, move) : COLUMNS + min(0, move)]) for move in (-2, 0, 2))


def _mirrored(detail: Grey) -> float:
    half = detail.shape[1] // 2
    left, right = detail[:, :half], detail[:, : -half - 1 : -1]
    strength = float(np.sqrt((left * left).sum() * (right * right).sum()))
    return float((left * right).sum()) / max(strength, 1e-3)


def _faded(own: Tint, cheeks: list[Tint]) -> float:
    """0 when a cheek is as tinted as the skin between the brows, 0.5 when both are colourless."""
    strength = float(np.hypot(*own))
    if strength < TINTED:
        return 0.0  # a picture without colour
    return 0.5 * (1 - min(1.0, max(float(np.hypot(*cheek)) for cheek in cheeks) / strength))


def tint(pixels: Grey) -> Tint:
    """Red and yellow over lightness, of the median colour."""
    lightness, a, b = median_colour(pixels)
    return a / max(lightness, 8.0), b / max(lightness, 8.0)


def apart(own: Tint, other: Tint) -> float:
    """How far the other tint is from the skin's own. A picture with strong colours has more of every difference, and
    skin with more of its own tint (a flushed cheek) is skin still: that counts half."""
    strength = max(float(np.hypot(*own)), TINTED)
    red, yellow = (part / strength for part in own)
    along = (other[0] - own[0]) * red + (other[1] - own[1]) * yellow
    across = (other[0] - own[0]) * yellow - (other[1] - own[1]) * red
    return float(np.hypot(along / 2 if along > 0 else along, across)) * min(1.0, STRONG / strength)


def look(prepared: Prepared, rule: Rule) -> Observation:
    face = prepared.subject
    marks = tuple(Mark("outline", face.outline(part)) for part in (*LOWER_CHEEKS, CHIN_SKIN))
    patch = prepared.parts.whole
    asked = rule.of(prepared.mode).asked
    value = max(measure(patch, face), asked(AS_TINT * under_a_hand(patch, face)))
    # a fringe between the brows is as dark, too: a person looks
    if lighter(patch, face) > LIGHTER or unsure(face, lips(patch, face)):
        value = max(value, asked(1.0))
    beside, place = hand(prepared.parts, face)
    if asked(HAND * beside) > value:
        return Observation(asked(HAND * beside), (place,))
    return Observation(value, marks)


CHECK = Check(Code.FACE_COVERED, look, needs_face=True)
