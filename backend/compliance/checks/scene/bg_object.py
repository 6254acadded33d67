"""BG_OBJECT: nothing stands in the background (R07)."""

from __future__ import annotations

import cv2
import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.checks.scene.on_wall import behind, line, patch, wall_of
from backend.compliance.codes import Code
from backend.compliance.findings import Mark
from backend.compliance.observed import Grey, Mask
from backend.compliance.prepare import Prepared
from backend.compliance.regions import FACTOR, Regions
from backend.compliance.standard import Rule

AWAY = 10  # pixels at half size from the person: hair is not an object
BORDER = 3
APART = 10  # pixels further from the person, where nothing hangs together with loose hair
SPECK = 12  # pixels of edge
THING = 60  # pixels of edge away from the person that make a thing
PATCH = 22  # cells of 4x4 pixels: right pictures have up to 16 (hair apart from the head), a small switch 29
LINE = 38  # cells of 4 pixels: right pictures have up to 30, the corner of a room at 4 % less light from 46
BEHIND = 10  # cells of 8 pixels: right pictures have none, the back of a chair from 20
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


def things(edges: Mask, away: Grey) -> int:
    """Pixels of the pieces of edge that nowhere come near the person: a switch, a picture, corners cut round.

    Specks do not count.
    """
    if not edges.any():
        return 0
    x, y, width, height = cv2.boundingRect(edges.view(np.uint8))
    edges, away = edges[y : y + height, x : x + width], away[y : y + height, x : x + width]
    near = edges & (away <= AWAY + APART)
    # as in regions: only the sizes are wanted
    _, labels = cv2.connectedComponents(edges.astype(np.uint8), connectivity=8, ltype=cv2.CV_16U)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    sizes[np.unique(labels[near])] = 0
    return int(sizes[sizes >= SPECK].sum())


def steep(parts: Regions) -> Mask:
    """Where the colour changes by more than STEEP per pixel."""
    return np.asarray(parts.steepness > STEEP**2)


def look(prepared: Prepared, rule: Rule) -> Observation:
    parts = prepared.parts
    value, edges = measure(steep(parts), parts.background, parts.away)
    wall = wall_of(parts)
    alone, straight, chair = patch(wall, parts.usual_wall), line(wall), behind(prepared)
    boxes = [cv2.boundingRect(edges.astype(np.uint8))] if edges.any() else []
    band = rule.of(prepared.mode)
    if band.high is not None:  # a small or faint thing is never more than a question
        value = max(value, band.asked(band.high * things(edges, parts.away) / THING))
        sizes = ((alone, PATCH), (straight, LINE), (chair, BEHIND))
        if value <= band.high:
            boxes += [found.box for found, least in sizes if found.size > least]
        value = max(value, band.asked(band.high * max(found.size / least for found, least in sizes)))
    return Observation(value, tuple(_box(*box) for box in boxes))


def _box(x: int, y: int, width: int, height: int) -> Mark:
    return Mark("box", ((x / FACTOR, y / FACTOR), ((x + width) / FACTOR, (y + height) / FACTOR)))


CHECK = Check(Code.BG_OBJECT, look, needs_face=True)
