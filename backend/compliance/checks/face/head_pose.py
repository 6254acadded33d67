"""HEAD_POSE: the face looks straight at the camera (R11, frontal)."""

from __future__ import annotations

from math import atan2, degrees, hypot

from backend.compliance import places
from backend.compliance.checks.check import EVERYWHERE, Check, Observation
from backend.compliance.codes import Code
from backend.compliance.face import CHIN, EYE_CORNERS, FOREHEAD, LEFT_CHEEK, RIGHT_CHEEK, Face
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule

USUAL_PITCH = 2.4  # the mesh reads this on faces held level
PITCH_WEIGHT = 0.62  # faces held straight spread over 22 degrees of it, and over 14 of a turn
TURN = 140.0  # degrees for each face width by which eyes and chin, in the mean, lie beside the middle of the cheeks


def measure(face: Face) -> float:
    """Degrees by which the head is turned sideways or nodded, whichever is more.

    A turn from where eyes and chin lie between the cheeks, a nod from the depth that the mesh gives forehead and chin.
    Source: R11, R02, 教毕指〔2017〕99号; no number given.
    """
    return max(abs(yaw(face)), PITCH_WEIGHT * abs(pitch(face) - USUAL_PITCH))


def yaw(face: Face) -> float:
    """Degrees, positive when the face looks to the viewer's right.

    The corners of the eyes, not the pupils, which stay on the camera; along the line of the eyes, so that a head that
    leans is not a turned one. Two places in the picture say it better than the depths of the cheeks.
    """
    (left_x, left_y), (right_x, right_y) = (_middle(face, corners) for corners in EYE_CORNERS)
    cheeks, chin = _middle(face, (LEFT_CHEEK, RIGHT_CHEEK)), face.point(CHIN)
    beside = [(left_x + right_x) / 4 + chin[0] / 2 - cheeks[0], (left_y + right_y) / 4 + chin[1] / 2 - cheeks[1]]
    across = right_x - left_x, right_y - left_y
    along = (beside[0] * across[0] + beside[1] * across[1]) / max(hypot(*across), 1.0)
    return TURN * along / max(face.width, 1.0)


def _middle(face: Face, two: tuple[int, int]) -> tuple[float, float]:
    (x, y), (other_x, other_y) = face.point(two[0]), face.point(two[1])
    return (x + other_x) / 2, (y + other_y) / 2


def pitch(face: Face) -> float:
    """Degrees, positive when the chin is further away than the forehead."""
    down = face.mesh.points[CHIN] - face.mesh.points[FOREHEAD]
    return degrees(atan2(float(down[2]), float(down[1])))


def look(prepared: Prepared, rule: Rule) -> Observation:
    return Observation(measure(prepared.subject))


CHECK = Check(Code.HEAD_POSE, look, modes=EVERYWHERE, needs_face=True, where=places.face)
