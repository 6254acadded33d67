"""EYES_HIDDEN: hair or something else does not cover an eye (R21)."""

from __future__ import annotations

import cv2
import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.checks.face import brows_hidden
from backend.compliance.codes import Code
from backend.compliance.face import LEFT_EYE, RIGHT_EYE, Face
from backend.compliance.findings import Mark
from backend.compliance.observed import Grey, Rgb
from backend.compliance.prepare import Prepared
from backend.compliance.regions import Patch
from backend.compliance.standard import Rule

WIDTH, HEIGHT, CORNER = 64, 36, 10
# a lock narrower than the eye: both eyes less alike than this, and one brow has so much more over it that is no skin
UNLIKE, ONE_BROW = 0.69, 0.2  # locks up to 0.63; right eyes under such uneven brows from 0.77, others from 0.53
ONE_BROW_TINTED = 0.3  # the same of tints: right eyes as unlike up to 0.19, locks of the skin's lightness from 0.41
NARROW = 0.6  # of the strip over that brow: what covers more is asked about as a hidden brow


def measure(grey: Rgb, face: Face) -> float:
    """How alike the two eyes are when one is mirrored: correlation of their patches, 1 alike .. 0 unlike.

    grey: (h, w) uint8. Both eyes are brought to the same place by their corners; brightness and contrast are taken
    out, so that light from one side and skin tone do not matter. An eye behind hair is unlike the other one.
    Source: R21, 教毕指〔2017〕99号; no number given.
    """
    (x, y), reach = face.eye_middle, face.eye_distance
    top, bottom, start, end = (int(max(0, side)) for side in (y - reach, y + reach, x - 2 * reach, x + 2 * reach))
    part = grey[top:bottom, start:end].astype(np.float32)
    if not part.size:
        raise ValueError("the eyes are outside the picture")
    soft = np.asarray(cv2.GaussianBlur(part, (0, 0), 1), dtype=np.float32)
    points = face.points - (start, top)
    left, right = _patch(soft, points, 33, 133), _patch(soft, points, 263, 362)
    return float((left * right).mean())


def _patch(grey: Grey, points: Grey, outer: int, inner: int) -> Grey:
    start, end = points[outer], points[inner]
    across = end - start
    down = np.array([-across[1], across[0]])
    down = down if down[1] > 0 else -down
    source = np.array([start, end, (start + end) / 2 + 0.6 * down], dtype=np.float32)
    reach = WIDTH - 2 * CORNER
    target = np.array(
        [[CORNER, HEIGHT / 2], [WIDTH - CORNER, HEIGHT / 2], [WIDTH / 2, HEIGHT / 2 + 0.6 * reach]], dtype=np.float32
    )
    patch = cv2.warpAffine(grey, cv2.getAffineTransform(source, target), (WIDTH, HEIGHT))
    return np.asarray((patch - patch.mean()) / (patch.std() + 1), dtype=np.float32)


def one_brow_covered(patch: Patch, face: Face) -> bool:
    """Whether more over one brow than over the other is no skin, by its lightness or by its tint: a narrow lock."""
    left, right = brows_hidden.shares(patch, face)
    if max(left, right) > NARROW:
        return False
    if abs(left - right) > ONE_BROW:
        return True
    left, right = brows_hidden.shares(patch, face, tints=True)
    return abs(left - right) > ONE_BROW_TINTED


def look(prepared: Prepared, rule: Rule) -> Observation:
    face = prepared.subject
    marks = (Mark("outline", face.outline(LEFT_EYE)), Mark("outline", face.outline(RIGHT_EYE)))
    value = measure(prepared.grey, face)
    if prepared.regions is not None and value < UNLIKE and one_brow_covered(prepared.regions.whole, face):
        value = min(value, rule.of(prepared.mode).asked(0.0))  # both together are a question to a person
    return Observation(value, marks)


CHECK = Check(Code.EYES_HIDDEN, look, needs_face=True)
