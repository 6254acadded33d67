"""BG_OBJECT: nothing stands in the background (R07)."""

from __future__ import annotations

import cv2
import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.findings import Mark
from backend.compliance.observed import Grey, Mask
from backend.compliance.prepare import Prepared
from backend.compliance.regions import FACTOR, Regions
from backend.compliance.standard import Rule

AWAY = 10  # pixels at half size from the person: hair is not an object
BORDER = 3
STEEP = 4.0  # CIELAB units per pixel at half size, after a blur that noise does not survive


def measure(edges: Mask, background: Mask, away: Grey) -> tuple[float, Mask]:
    """The share of the background that is edge, 0..1, and the mask of those edges.

    Masks at half size; away: distance to the person. Raises ValueError when there is hardly any background.
    Source: R07, no number given.
    """
    inner = background & (away > AWAY)
    inner[:BORDER] = inner[-BORDER:] = False
    inner[:, :BORDER] = inner[:, -BORDER:] = False
    size = np.count_nonzero(inner)
    if size < 200:
        raise ValueError("too little background")
    found = edges & inner
    return np.count_nonzero(found) / size, found


def steep(parts: Regions) -> Mask:
    """Where the colour changes by more than STEEP per pixel."""
    return np.asarray(parts.steepness > STEEP**2)


def look(prepared: Prepared, rule: Rule) -> Observation:
    parts = prepared.parts
    value, edges = measure(steep(parts), parts.background, parts.away)
    marks: tuple[Mark, ...] = ()
    if edges.any():
        x, y, width, height = cv2.boundingRect(edges.astype(np.uint8))
        marks = (Mark("box", ((x / FACTOR, y / FACTOR), ((x + width) / FACTOR, (y + height) / FACTOR))),)
    return Observation(value, marks)


CHECK = Check(Code.BG_OBJECT, look, needs_face=True)
