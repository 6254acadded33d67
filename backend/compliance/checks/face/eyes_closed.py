"""EYES_CLOSED: both eyes are naturally open (R11)."""

from __future__ import annotations

import numpy as np

from backend.compliance.checks.check import EVERYWHERE, Check, Observation
from backend.compliance.checks.face import glasses_tint
from backend.compliance.codes import Code
from backend.compliance.face import BLINK, CHEEKS, LEFT_EYE, LEFT_LIDS, RIGHT_EYE, RIGHT_LIDS, Face
from backend.compliance.findings import Mark
from backend.compliance.observed import Grey
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median
from backend.compliance.regions import Patch
from backend.compliance.standard import Rule

NOTHING_SEEN = 0.5  # contrast of the eyes, of that in open ones, below which there is neither iris nor white
WINKING = 0.72  # of the wider eye's opening; the most uneven open eyes seen: 0.77
BLINKING = 0.25  # of both eyes at once; open ones up to 0.22
IRIS = 0.19  # over the width of the eye; open from 0.2, narrow ones included
WINKING_IRIS = 0.66  # of the other eye's; open from 0.69
WELL_LIT = 60.0  # L* of a cheek; in less light everything stands out less


def measure(face: Face) -> float:
    """The gap between the lids of the narrower eye over the length of the face (eyes to chin), 0 .. about 0.15,
    lowered by how much the expression model sees that eye blink.

    Neither is enough alone: naturally narrow eyes have a small gap without a blink, and behind painted or swollen lids
    the points keep a gap that the blink gives away.
    Source: R11, 教毕指〔2017〕99号; the ratio is EyesOpen of ISO/IEC 29794-5.
    """
    left = gap(face, LEFT_LIDS) * (1 - face.shape(BLINK[1:]))
    right = gap(face, RIGHT_LIDS) * (1 - face.shape(BLINK[:1]))
    return min(left, right) / face.length


def uneven(face: Face) -> bool:
    """Whether one eye is so much narrower than the other that it may be winking."""
    both = [gap(face, LEFT_LIDS) * (1 - face.shape(BLINK[1:])), gap(face, RIGHT_LIDS) * (1 - face.shape(BLINK[:1]))]
    return min(both) < WINKING * max(both)


def iris_height(patch: Patch, pupil: float, outline: Grey, cheek: float) -> float:
    """How high the dark part of an eye stands over the pupil, over the width of the eye: an iris 0.2 and more, the
    line of lashes of a closed eye up to 0.1.

    Dark is what is nearer to the darkest row than to the cheek: blue eyes and a lightened face have less of a step, not
    a lower one. pupil: its column; cheek: L* of the cheek under the eye.
    """
    wide, (_, y) = float(np.ptp(outline[:, 0])), outline.mean(axis=0)
    columns = slice(max(0, int(pupil - 0.12 * wide - patch.left)), max(0, int(pupil + 0.12 * wide - patch.left)) + 1)
    rows = slice(max(0, int(y - 0.3 * wide - patch.top)), max(0, int(y + 0.3 * wide - patch.top)))
    part = patch.lab[rows, columns, 0]
    if not part.size:
        raise ValueError("the eye is outside the picture")
    lightness = np.median(part, axis=1)
    dark = lightness < (cheek + float(lightness.min())) / 2
    return np.count_nonzero(dark) / max(wide, 1.0)


def gap(face: Face, lids: tuple[tuple[int, int], ...]) -> float:
    return float(np.max([face.distance(upper, lower) for upper, lower in lids]))


def look(prepared: Prepared, rule: Rule) -> Observation:
    face = prepared.subject
    marks = (Mark("outline", face.outline(LEFT_EYE)), Mark("outline", face.outline(RIGHT_EYE)))
    value = measure(face)
    if prepared.regions is not None and (_narrowed(face) or not _seen(prepared, face) or not _irises(prepared, face)):
        # the points keep a gap where lids lie over the eyes, the more the larger the eyes are; a person looks
        value = min(value, rule.of(prepared.mode).asked(0.0))
    return Observation(value, marks)


def _narrowed(face: Face) -> bool:
    """Whether the lids may be half closed, of one eye or of both."""
    return uneven(face) or min(face.shape(BLINK[:1]), face.shape(BLINK[1:])) > BLINKING


def _irises(prepared: Prepared, face: Face) -> bool:
    """Whether both eyes show an iris, and about as much of it."""
    heights = []
    for eye, pupil, cheek in zip((LEFT_EYE, RIGHT_EYE), face.pupils, CHEEKS, strict=True):
        lightness = median(prepared.parts.whole.inside(face.polygon(cheek))[:, 0])
        heights.append(iris_height(prepared.parts.eyes, pupil[0], face.polygon(eye), lightness))
    return min(heights) >= max(IRIS, WINKING_IRIS * max(heights))


def _seen(prepared: Prepared, face: Face) -> bool:
    """Whether irises and whites stand out. Behind dark lenses nothing does either: those have a check of their own."""
    whole = prepared.parts.whole
    brightness, contrast = glasses_tint.ratios(prepared.parts.eyes, whole, face)
    cheek = median(whole.inside(face.polygon(CHEEKS[0]))[:, 0])
    return contrast >= NOTHING_SEEN * min(1.0, cheek / WELL_LIT) or brightness < glasses_tint.LENS


CHECK = Check(Code.EYES_CLOSED, look, modes=EVERYWHERE, needs_face=True)
