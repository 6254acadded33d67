"""BG_OBJECT: nothing stands in the background (R07)."""

from __future__ import annotations

import cv2
import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.findings import Mark
from backend.compliance.observed import Grey, Mask
from backend.compliance.prepare import Prepared
from backend.compliance.regions import FACTOR
from backend.compliance.standard import Rule

AWAY = 10  # pixels at half size from the person: hair is not an object
BORDER = 3
STEEP = 4.0  # CIELAB units per pixel at half size, after a blur that noise does not survive


def measure(lab: Grey, background: Mask, person: Mask) -> tuple[float, Mask]:
    """The share of the background that is edge, 0..1, and the mask of those edges.

    lab: (h, w, 3) float32 CIELAB at half size. Raises ValueError when there is hardly any background.
    Source: R07, no number given.
    """
    edges = steep(lab)
    inner = background & (cv2.distanceTransform((~person).astype(np.uint8), cv2.DIST_L2, 3) > AWAY)
    inner[:BORDER] = inner[-BORDER:] = False
    inner[:, :BORDER] = inner[:, -BORDER:] = False
    if inner.sum() < 200:
        raise ValueError("too little background")
    return float(edges[inner].mean()), edges & inner


def steep(lab: Grey, threshold: float = STEEP) -> Mask:
    """Where the colour changes by more than the threshold per pixel."""
    soft = cv2.GaussianBlur(lab, (0, 0), 1.2)
    across, down = cv2.Sobel(soft, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(soft, cv2.CV_32F, 0, 1) / 8
    return np.asarray((across**2 + down**2).sum(axis=2) > threshold**2)


def look(prepared: Prepared, rule: Rule) -> Observation:
    parts = prepared.parts
    value, edges = measure(parts.lab, parts.background, parts.person)
    marks: tuple[Mark, ...] = ()
    if edges.any():
        x, y, width, height = cv2.boundingRect(edges.astype(np.uint8))
        marks = (Mark("box", ((x / FACTOR, y / FACTOR), ((x + width) / FACTOR, (y + height) / FACTOR))),)
    return Observation(value, marks)


CHECK = Check(Code.BG_OBJECT, look, needs_face=True)
