"""Does a QR code in a picture read? What it says is thrown away."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.onsite.rules import CodeSight

LONGEST = 2400  # pixels of the longer side that are looked at; beyond it nothing is gained


def see_code(rgb: NDArray[np.uint8]) -> CodeSight:
    """rgb: (height, width, 3) uint8. Takes 10 to 200 ms. Never raises for what a picture may show.

    module_pixels is measured in the picture as it was sent, before it is made smaller here.
    """
    height, width = rgb.shape[:2]
    factor = min(1.0, LONGEST / max(height, width))
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    if factor < 1.0:
        grey = cv2.resize(grey, (round(width * factor), round(height * factor)), interpolation=cv2.INTER_AREA)
    reader = cv2.QRCodeDetector()
    try:
        text, corners, straight = reader.detectAndDecode(grey)
    except cv2.error:
        return CodeSight(False, False, 0.0)
    if corners is None or not np.size(corners):  # type: ignore[redundant-expr]  # its stubs forget None
        return CodeSight(False, False, 0.0)
    if not text or straight is None:
        return CodeSight(True, False, 0.0)
    square = np.asarray(corners, dtype=np.float64).reshape(-1, 2)
    sides = np.linalg.norm(square - np.roll(square, -1, axis=0), axis=1)
    modules = max(21, straight.shape[0])  # the smallest code has 21
    return CodeSight(True, True, round(float(sides.min()) / modules / factor, 2))
