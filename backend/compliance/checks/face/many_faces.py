"""MANY_FACES: nobody else is on the picture (R07)."""

from __future__ import annotations

from backend.compliance.checks.check import EVERYWHERE, Check, Observation
from backend.compliance.codes import Code
from backend.compliance.findings import Mark
from backend.compliance.observed import FaceBox
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule

SURE = 0.7  # the detector's score from which a small second face counts


def measure(faces: tuple[FaceBox, ...]) -> float:
    """How many faces there are, small and partial ones included. Source: R07.

    A second find that lies inside the first face (an eye, a badge on the forehead) is the same face.
    """
    return float(len(separate(faces)))


def separate(faces: tuple[FaceBox, ...]) -> list[FaceBox]:
    if not faces:
        return []
    first, *others = faces
    return [first, *(face for face in others if face.score >= SURE and not _inside(face, first))]


def _inside(face: FaceBox, first: FaceBox) -> bool:
    x, y = face.x + face.width / 2, face.y + face.height / 2
    return first.x < x < first.x + first.width and first.y < y < first.y + first.height


def look(prepared: Prepared, rule: Rule) -> Observation:
    others = separate(prepared.faces)[1:]
    marks = tuple(Mark("box", ((face.x, face.y), (face.x + face.width, face.y + face.height))) for face in others)
    return Observation(measure(prepared.faces), marks)


CHECK = Check(Code.MANY_FACES, look, modes=EVERYWHERE, needs_face=True)
