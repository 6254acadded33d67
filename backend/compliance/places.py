"""Where on the picture something is, as outlines that a screen can draw: what a mask covers, made simple.

Only looked at when a finding is not right: most pictures never ask.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from backend.compliance.face import CHEEKS, OVAL
from backend.compliance.findings import Mark
from backend.compliance.observed import Mask
from backend.compliance.prepare import Prepared
from backend.compliance.regions import FACTOR

MOST = 6  # outlines of one finding, the largest first
SMALLEST = 12  # pixels of a mask
STRAIGHT = 1.5  # pixels of a mask by which an outline may be off


def outlined(mask: Mask, *, factor: float = FACTOR) -> tuple[Mark, ...]:
    """Outlines of the largest pieces of a mask, in pixels of the judged picture; none for specks alone.

    factor: pixels of the mask per pixel of the judged picture.
    """
    found, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    pieces = sorted((piece for piece in found if cv2.contourArea(piece) >= SMALLEST), key=cv2.contourArea, reverse=True)
    marks = []
    for piece in pieces[:MOST]:
        simple = np.asarray(cv2.approxPolyDP(piece, STRAIGHT, True)).reshape(-1, 2)
        if len(simple) >= 3:
            marks.append(Mark("outline", tuple((x / factor, y / factor) for x, y in simple.tolist())))
    return tuple(marks)


def wall(prepared: Prepared) -> tuple[Mark, ...]:
    return outlined(prepared.parts.background)


def clothes(prepared: Prepared) -> tuple[Mark, ...]:
    return outlined(prepared.parts.clothes)


def face(prepared: Prepared) -> tuple[Mark, ...]:
    return (Mark("outline", prepared.subject.outline(OVAL)),)


def cheeks(prepared: Prepared) -> tuple[Mark, ...]:
    return tuple(Mark("outline", prepared.subject.outline(cheek)) for cheek in CHEEKS)


def first_of(*places: Sequence[Mark]) -> tuple[Mark, ...]:
    """The first that has anything to draw."""
    return next((tuple(place) for place in places if place), ())
