"""GLASSES_FRAME: the frame of the glasses does not cover the eyes (R17)."""

from __future__ import annotations

import cv2
import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.face import CHEEKS, LEFT_EYE, LEFT_PUPIL, RIGHT_EYE, RIGHT_PUPIL, Face
from backend.compliance.findings import Mark, Verdict
from backend.compliance.observed import Grey
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median, row_percentiles
from backend.compliance.regions import Patch, grown
from backend.compliance.standard import Rule

LIDS = (1.45, 2.4)  # the lids round the eye, where a frame that covers the eye also runs
OPENING = (1.1, 1.35)  # with the lashes
DARK = 0.42  # of the cheek's lightness
# a rim across the pupils goes on beside both corners of the eye, and hides the white beside the iris (all ours)
EYES = ((133, 33, LEFT_PUPIL), (362, 263, RIGHT_PUPIL))  # inner and outer corner, pupil
BESIDE = 0.03, 0.04, 0.05, 0.06, 0.07  # face widths beyond a corner
RUN, LEVEL = 0.09, 0.035  # face widths up and down from there: the skin that is compared, and where the rim is
ACROSS = 0.36  # darker than that skin by this share: without small glasses up to 0.29, rims from 0.38
INSIDE, COLUMNS = 0.12, 24  # of the eye's length left out at each corner; places looked at
THICK = 1.5  # pixels up and down from the pupils' height
WHITE = 0.55  # of the cheek's lightness
# share of those places that are white on the lesser eye: behind small glasses from 0.42, under a rim mostly to 0.33
SEEN = 0.36


def measure(eyes: Patch, whole: Patch, face: Face) -> float:
    """The share of the lids that is much darker than the person's own cheek, on the worse side, 0..1.

    Lids are skin; a frame across them is seen as dark there. Light frames escape. Source: R17, 教毕指〔2017〕99号.
    """
    shares = []
    for eye, cheek in zip((LEFT_EYE, RIGHT_EYE), CHEEKS, strict=True):
        outline = face.polygon(eye)
        lids = eyes.inside(grown(outline, *LIDS), without=(grown(outline, *OPENING),))
        skin = median(whole.inside(face.polygon(cheek))[:, 0])
        shares.append(float(np.mean(lids[:, 0] < DARK * skin)))
    return max(shares)


def crossed(eyes: Patch, whole: Patch, face: Face) -> bool:
    """Whether something dark runs across an eye, from beside one corner to beside the other, over the pupil.

    Lashes and lines of make-up leave the inner corner, the shade of the nose the outer one; small glasses close to the
    eyes are dark at both, but leave the white in sight. Source: R17, 教毕指〔2017〕99号.
    """
    soft = np.asarray(cv2.GaussianBlur(eyes.lightness, (0, 0), 0.8), np.float32)
    return (
        max(_darker(soft, eyes, face, eye) for eye in EYES) > ACROSS
        and min(
            _white(eyes, face, eye, median(whole.inside(face.polygon(cheek))[:, 0]))
            for eye, cheek in zip(EYES, CHEEKS, strict=True)
        )
        < SEEN
    )


def _darker(lightness: Grey, eyes: Patch, face: Face, eye: tuple[int, int, int]) -> float:
    """How much darker than the skin above and below it something is beside the corner where that is less, 0..1."""
    inner, outer = face.points[eye[0]], face.points[eye[1]]
    rows = np.arange(-RUN * face.width, RUN * face.width)
    level = np.abs(rows) < LEVEL * face.width
    sides = []
    for start, along in ((inner, inner - outer), (outer, outer - inner)):
        step = along / max(float(np.hypot(*along)), 1.0)
        out = start + np.array(BESIDE)[:, None] * (step * face.width)
        columns = _seen(lightness, eyes, out[:, None] + rows[:, None] * np.array((-step[1], step[0])))
        usual = np.maximum(row_percentiles(columns, 50), 5.0)
        sides.append(median(1 - columns[:, level].min(axis=1) / usual))
    return min(sides)


def _white(eyes: Patch, face: Face, eye: tuple[int, int, int], skin: float) -> float:
    """The share of places along the eye, at the pupil's height, where its white is to be seen, 0..1."""
    inner, outer, pupil = (face.points[point] for point in eye)
    along = outer - inner
    shares = INSIDE + (1 - 2 * INSIDE) * np.linspace(0, 1, COLUMNS)
    off = np.dot(pupil - inner, (-along[1], along[0])) / max(float(np.dot(along, along)), 1.0)
    across = np.array((-along[1], along[0]))
    line = inner + shares[:, None] * along + off * across
    down = across / max(float(np.hypot(*across)), 1.0)
    looked = np.stack([line + row * down for row in (-THICK, -0.5, 0.5, THICK)])
    brightest = _seen(eyes.lightness, eyes, looked).max(axis=0)
    return float(np.mean(brightest > WHITE * skin))


def _seen(lightness: Grey, eyes: Patch, places: Grey) -> Grey:
    """(...): the lightness at those places, (..., 2) in pixels of the picture; at the nearest ones beyond the strip."""
    x, y = (np.rint(places[..., axis] - first).astype(np.intp) for axis, first in enumerate((eyes.left, eyes.top)))
    height, width = lightness.shape
    return np.asarray(lightness[y.clip(0, height - 1), x.clip(0, width - 1)])


def look(prepared: Prepared, rule: Rule) -> Observation:
    face = prepared.subject
    marks = (Mark("outline", face.outline(LEFT_EYE)), Mark("outline", face.outline(RIGHT_EYE)))
    eyes, whole = prepared.parts.eyes, prepared.parts.whole
    value, band = measure(eyes, whole, face), rule.of(prepared.mode)
    if band.judge(value) is Verdict.OK and crossed(eyes, whole, face):
        value = band.asked(1.0)
    return Observation(value, marks)


CHECK = Check(Code.GLASSES_FRAME, look, needs_face=True)
