"""MANY_FACES: nobody else is on the picture (R07)."""

from __future__ import annotations

import numpy as np

from backend.compliance.checks.check import EVERYWHERE, Check, Observation
from backend.compliance.codes import Code
from backend.compliance.face import CHIN, Face
from backend.compliance.findings import Mark
from backend.compliance.observed import FaceBox, Grey
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule

SURE = 0.7  # the detector's score from which a small second face counts
COMPANION = 0.5  # widths of the first face from which a face outside the frame is somebody who stands beside

EDGE = 3  # pixels from the picture's left or right edge
SOMEBODY = 0.85  # face lengths above the chin on which one edge alone is covered: hair up to 0.5, half a face from 1.1


def measure(faces: tuple[FaceBox, ...], outside: tuple[FaceBox, ...] = ()) -> float:
    """How many faces there are, small and partial ones included. Source: R07.

    A second find that lies inside the first face (an eye, a badge on the forehead) is the same face.
    outside: faces that the frame cuts off from a raw picture. Somebody of comparable size stands beside the person,
    and which of the two is meant is not for a program to guess: that counts wherever it is. A small face (somebody in
    the distance, a picture on the wall) does not come onto the file and does not count.
    """
    return float(len(separate(faces)) + len(companions(faces, outside)))


def separate(faces: tuple[FaceBox, ...]) -> list[FaceBox]:
    if not faces:
        return []
    first, *others = faces
    return [first, *(face for face in others if face.score >= SURE and not _inside(face, first))]


def companions(faces: tuple[FaceBox, ...], outside: tuple[FaceBox, ...]) -> list[FaceBox]:
    least = COMPANION * faces[0].width if faces else 0.0
    return [face for face in outside if face.score >= SURE and face.width >= least and not _known(face, faces)]


def _known(face: FaceBox, faces: tuple[FaceBox, ...]) -> bool:
    """Whether the same face, cut by the frame's edge, was also found on the judged picture."""
    return any(_inside(face, other) or _inside(other, face) for other in faces)


def _inside(face: FaceBox, first: FaceBox) -> bool:
    x, y = face.middle
    return first.x < x < first.x + first.width and first.y < y < first.y + first.height


def at_edge(person: Grey, face: Face) -> tuple[float, Mark]:
    """How far above the chin somebody covers one edge of the picture but not the other, in face lengths, and where.

    A face of which less than half is on the picture is not found as one. Hair that reaches the edges reaches both.
    """
    chin = int(np.clip(face.point(CHIN)[1], 1, person.shape[0]))
    sides = EDGE, person.shape[1] - 1 - EDGE
    left, right = (np.flatnonzero(person[:chin, x] > 0.5) for x in sides)
    x, rows = (sides[0], left) if left.size > right.size else (sides[1], right)
    ends = ((float(x), float(row)) for row in (rows[[0, -1]] if rows.size else ()))
    return abs(left.size - right.size) / face.length, Mark("line", tuple(ends))


def look(prepared: Prepared, rule: Rule) -> Observation:
    beside = companions(prepared.faces, prepared.outside)
    within = separate(prepared.faces)[1:]
    marks = tuple(_mark(face, prepared) for face in (*within, *beside))
    reason = "outside" if beside and not within else None
    if not marks and prepared.person is not None:
        reach, where = at_edge(prepared.person, prepared.subject)
        if reach > SOMEBODY:
            return Observation(None, (where,), reason="at_the_edge")
    return Observation(measure(prepared.faces, prepared.outside), marks, reason=reason)


def _mark(face: FaceBox, prepared: Prepared) -> Mark:
    """The face's box; of one that lies outside, the stretch of the edge that is nearest to it."""
    left, right = (min(max(x, 0.0), float(prepared.width)) for x in (face.x, face.x + face.width))
    top, bottom = (min(max(y, 0.0), float(prepared.height)) for y in (face.y, face.y + face.height))
    return Mark("box", ((left, top), (right, bottom)))


CHECK = Check(Code.MANY_FACES, look, modes=EVERYWHERE, needs_face=True)
