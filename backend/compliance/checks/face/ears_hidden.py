"""EARS_HIDDEN: hair does not cover the ears (R12)."""

from __future__ import annotations

import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.face import CHEEKS, Face
from backend.compliance.findings import Mark
from backend.compliance.observed import Grey
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median
from backend.compliance.regions import Patch
from backend.compliance.standard import Rule

INNER, OUTER = 0.01, 0.09  # where an ear sticks out beyond the edge of the face, in face widths
UNLIKE = 0.40


def measure(patch: Patch, face: Face) -> float:
    """The share of the place where an ear sticks out that is not the person's own skin, on the better side: 0 .. 1.

    The better side: a slight turn hides one ear without any hair. Source: R12, R21, 教毕指〔2017〕99号.
    """
    skin = sum(median(patch.inside(face.polygon(part))[:, 0]) for part in CHEEKS) / len(CHEEKS)
    shares = []
    for box in boxes(face):
        try:
            place = patch.inside(box)
        except ValueError:  # the ear is outside the picture
            continue
        shares.append(float(np.mean(place[:, 0] < (1 - UNLIKE) * skin)))
    if not shares:
        raise ValueError("both ears are outside the picture")
    return min(shares)


def boxes(face: Face) -> tuple[Grey, Grey]:
    """Left and right: beside the cheek's edge, between the height of the eyes and that of the nose's tip."""
    top, bottom = face.eye_middle[1] + 0.05 * face.length, face.eye_middle[1] + 0.45 * face.length
    found = []
    for edge, way in ((face.point(234)[0], -1), (face.point(454)[0], 1)):
        near, far = edge + way * INNER * face.width, edge + way * OUTER * face.width
        found.append(np.array([[near, top], [far, top], [far, bottom], [near, bottom]], dtype=np.float32))
    return found[0], found[1]


def look(prepared: Prepared, rule: Rule) -> Observation:
    face = prepared.subject
    marks = tuple(Mark("outline", tuple((float(x), float(y)) for x, y in box)) for box in boxes(face))
    return Observation(measure(prepared.parts.whole, face), marks)


CHECK = Check(Code.EARS_HIDDEN, look, needs_face=True)
