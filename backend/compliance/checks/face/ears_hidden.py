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
ONE = 0.73  # what one hidden ear counts when the other is seen: of an ear in sight up to 0.86 is dark, behind hair 0.9


def measure(shares: list[float]) -> float:
    """How far the ears are hidden, 0 .. 1: the freer one, or the other where nothing of that is seen.

    shares: of the place of each ear that is on the picture, how much is not the person's own skin. A slight turn or an
    ear that lies close hides much of one without any hair, so the other counts less.
    Source: R12, R21, 教毕指〔2017〕99号.
    """
    return max(min(shares), ONE * max(shares))


def hidden(patch: Patch, face: Face) -> list[tuple[float, Mark]]:
    """For each ear that is on the picture the share of its place that is not skin, 0 .. 1, and that place.

    Raises ValueError without any.
    """
    skin = sum(median(patch.inside(face.polygon(part))[:, 0]) for part in CHEEKS) / len(CHEEKS)
    found = []
    for box in boxes(face):
        try:
            place = patch.inside(box)
        except ValueError:  # the ear is outside the picture
            continue
        mark = Mark("outline", tuple((float(x), float(y)) for x, y in box))
        found.append((float(np.mean(place[:, 0] < (1 - UNLIKE) * skin)), mark))
    if not found:
        raise ValueError("both ears are outside the picture")
    return found


def boxes(face: Face) -> tuple[Grey, Grey]:
    """Left and right: beside the cheek's edge, between the height of the eyes and that of the nose's tip."""
    top, bottom = face.eye_middle[1] + 0.05 * face.length, face.eye_middle[1] + 0.45 * face.length
    found = []
    for edge, way in ((face.point(234)[0], -1), (face.point(454)[0], 1)):
        near, far = edge + way * INNER * face.width, edge + way * OUTER * face.width
        found.append(np.array([[near, top], [far, top], [far, bottom], [near, bottom]], dtype=np.float32))
    return found[0], found[1]


def look(prepared: Prepared, rule: Rule) -> Observation:
    ears = hidden(prepared.parts.whole, prepared.subject)
    shares = [share for share, _ in ears]
    one = measure(shares) > min(shares)
    marks = tuple(mark for share, mark in ears if not one or share == max(shares))
    return Observation(measure(shares), marks)


CHECK = Check(Code.EARS_HIDDEN, look, needs_face=True)
