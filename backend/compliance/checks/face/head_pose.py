"""HEAD_POSE: the face looks straight at the camera (R11, frontal)."""

from __future__ import annotations

from math import atan2, degrees

from backend.compliance import places
from backend.compliance.checks.check import EVERYWHERE, Check, Observation
from backend.compliance.codes import Code
from backend.compliance.face import CHIN, FOREHEAD, LEFT_CHEEK, RIGHT_CHEEK, Face
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule

USUAL_PITCH = 2.4  # the mesh reads this on faces held level
YAW_WEIGHT = 1.14  # it reads turns as 0.88 of what they are
PITCH_WEIGHT = 0.66  # and nods less exactly: faces held straight spread over 26 degrees, not over 16


def measure(face: Face) -> float:
    """Degrees by which the head is turned sideways or nodded, whichever is more.

    From the depth that the mesh gives to the cheeks (yaw), the forehead and the chin (pitch).
    Source: R11, R02, 教毕指〔2017〕99号; no number given.
    """
    return max(YAW_WEIGHT * abs(yaw(face)), PITCH_WEIGHT * abs(pitch(face) - USUAL_PITCH))


def yaw(face: Face) -> float:
    """Degrees, positive when the face looks to the viewer's left."""
    across = face.mesh.points[RIGHT_CHEEK] - face.mesh.points[LEFT_CHEEK]
    return degrees(atan2(float(across[2]), float(across[0])))


def pitch(face: Face) -> float:
    """Degrees, positive when the chin is further away than the forehead."""
    down = face.mesh.points[CHIN] - face.mesh.points[FOREHEAD]
    return degrees(atan2(float(down[2]), float(down[1])))


def look(prepared: Prepared, rule: Rule) -> Observation:
    return Observation(measure(prepared.subject))


CHECK = Check(Code.HEAD_POSE, look, modes=EVERYWHERE, needs_face=True, where=places.face)
