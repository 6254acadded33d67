"""BLUR: the face is in focus and not smeared by movement (R05)."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from backend.compliance.checks.check import EVERYWHERE, Check, Observation
from backend.compliance.codes import Code
from backend.compliance.face import OVAL, Face
from backend.compliance.findings import Mark, Mode
from backend.compliance.observed import Grey, Rgb
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule

KERNEL = 11
HALF = 1.06  # how much blur at half size counts beside that at full size (ours): sharp faces measure up to 0.44 there


def measure(grey: Grey) -> float:
    """How little a further blur changes the picture, in the worse of the two directions: 0 sharp .. 1 blurred.

    grey: (h, w) float32, the face only, so that a plain background says nothing. A ratio of the picture's own
    differences between neighbours: neither skin tone nor contrast changes it.
    Source: R05; Crete et al., "The blur effect", 2007, as in scikit-image's blur_effect.
    """
    return max(_along(grey, axis=0), _along(grey, axis=1))


def measure_still(grey: Grey) -> float:
    """The same, at half size too, HALF times: grain makes a blurred picture look sharp where it is finest.

    grey: (h, w) float32, the face only.
    """
    half = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return max(measure(grey), HALF * measure(np.asarray(half, dtype=np.float32)))


def _along(grey: Grey, axis: int) -> float:
    size = (1, KERNEL) if axis == 0 else (KERNEL, 1)  # OpenCV wants width, height
    before, after = (_steps(picture, axis) for picture in (grey, cv2.blur(grey, size)))
    total = float(before.sum())
    if total == 0:
        return 1.0
    lost = cv2.subtract(before, after)
    return 1 - float(np.maximum(lost, 0).sum()) / total


def _steps(grey: Any, axis: int) -> Any:
    """Between neighbours, without sign."""
    return cv2.absdiff(grey[1:], grey[:-1]) if axis == 0 else cv2.absdiff(grey[:, 1:], grey[:, :-1])


def face_crop(picture: Rgb, face: Face) -> tuple[Grey, tuple[int, int, int, int]]:
    """The rectangle round the face on a grey picture, (h, w) uint8, as float32, and where it lies.

    Raises ValueError when it is tiny.
    """
    oval = face.polygon(OVAL)
    left, top = (max(0, int(part)) for part in oval.min(axis=0))
    right, bottom = (int(part) for part in oval.max(axis=0))
    crop = picture[top:bottom, left:right]
    if crop.shape[0] < 2 * KERNEL or crop.shape[1] < 2 * KERNEL:
        raise ValueError("the face is too small to judge")
    return crop.astype(np.float32), (left, top, right, bottom)


def look(prepared: Prepared, rule: Rule) -> Observation:
    grey, (left, top, right, bottom) = face_crop(prepared.grey, prepared.subject)
    measured = measure(grey) if prepared.mode is Mode.FRAME else measure_still(grey)
    return Observation(measured, (Mark("box", ((left, top), (right, bottom))),))


CHECK = Check(Code.BLUR, look, modes=EVERYWHERE, needs_face=True)
