"""EYE_TILT: the eyes are level, and with them the head and the picture (X03)."""

from __future__ import annotations

from math import atan2, degrees

from backend.compliance.checks.check import EVERYWHERE, Check, Observation
from backend.compliance.checks.face import shoulders
from backend.compliance.codes import Code
from backend.compliance.face import CHIN, MOUTH_CORNERS, NOSE_BRIDGE, Face
from backend.compliance.findings import Mark
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule

LEANING = 2.5  # degrees of the eyes from which the shoulders are asked too
SHOULDERS_LEANING = 7.5
NO_MORE = 12.0  # degrees that shoulders may lean beyond the eyes; more is a garment that the mask lost


def measure(face: Face, shoulder_tilt: float | None = None) -> float:
    """Degrees between the line of the pupils and the horizontal, positive when the viewer's right eye is lower.

    shoulder_tilt: degrees of the shoulder line, None when it is not seen. Where eyes and shoulders clearly lean the
    same way, the camera was held askew; a face whose eyes are not quite level by nature would hide half of that, so
    the mean of both counts.
    Source: X03 (capture units: the pupils on one horizontal line), no number given.
    """
    tilt = face.tilt
    if shoulder_tilt is None or abs(tilt) < LEANING or tilt * shoulder_tilt < 0:
        return tilt
    credible = SHOULDERS_LEANING <= abs(shoulder_tilt) <= abs(tilt) + NO_MORE
    return (tilt + shoulder_tilt) / 2 if credible and abs(shoulder_tilt) > abs(tilt) else tilt


def head(face: Face) -> float:
    """Degrees by which the head leans, positive when the viewer's right side is lower.

    The mean of the pupils, the corners of the mouth and the square to the line from the bridge of the nose to the chin:
    on a face that is uneven by nature these lean by up to 3 degrees against each other.
    """
    (left_x, left_y), (right_x, right_y) = (face.point(corner) for corner in MOUTH_CORNERS)
    (bridge_x, bridge_y), (chin_x, chin_y) = face.point(NOSE_BRIDGE), face.point(CHIN)
    mouth = degrees(atan2(right_y - left_y, right_x - left_x))
    down = degrees(atan2(bridge_x - chin_x, chin_y - bridge_y))
    return (face.tilt + mouth + down) / 3


def look(prepared: Prepared, rule: Rule) -> Observation:
    face = prepared.subject
    left, right = face.pupils
    level = Mark("line", ((left[0], face.eye_middle[1]), (right[0], face.eye_middle[1])), "limit")
    both = None if prepared.person is None else shoulders.shoulders(prepared.person, face)
    value = measure(face, None if both is None else shoulders.measure(*both))
    marks: tuple[Mark, ...] = (Mark("line", face.pupils), level)
    if both is not None and value != face.tilt:  # what counted is drawn
        marks = (*marks, Mark("line", both))
    leaning = head(face)
    if abs(leaning) > abs(value):
        value, marks = leaning, (*marks, Mark("line", (face.point(NOSE_BRIDGE), face.point(CHIN))))
    return Observation(abs(value), marks)


CHECK = Check(Code.EYE_TILT, look, modes=EVERYWHERE, needs_face=True)
