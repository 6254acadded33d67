"""BROWS_HIDDEN: hair does not cover the eyebrows (R21)."""

from __future__ import annotations

import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.colour import chroma_of
from backend.compliance.face import BROW_LINES, CHEEKS, LEFT_BROW, RIGHT_BROW, Face
from backend.compliance.findings import Mark
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median_colour
from backend.compliance.regions import Patch
from backend.compliance.standard import Rule

LOW, HIGH = 0.03, 0.10  # the strip above the brow, in face lengths: a fringe that ends above it is fine
OTHER_TINT = 0.2  # of a* and b* over L*, from the cheeks'
UNLIKE = 0.45  # a lightness that differs from the cheeks' by this share of it is not the same skin


def measure(patch: Patch, face: Face) -> float:
    """The share of the strip just above the brow that is not the person's own skin, on the worse side: 0 free .. 1.

    A visible brow has skin above it; a fringe that covers the brow covers that strip as well. Compared with the
    person's cheeks, so the tone of the skin cancels out. Source: R21, 教毕指〔2017〕99号; no number given.
    """
    return max(shares(patch, face))


def shares(patch: Patch, face: Face, *, tints: bool = False) -> tuple[float, float]:
    """What `measure` takes the greater of: over the left brow and over the right.

    tints: what has another tint than the cheeks counts, too.
    """
    cheeks = [median_colour(patch.inside(face.polygon(part))) for part in CHEEKS]
    usual = np.mean(cheeks, axis=0)
    found = []
    for line, cheek in zip(BROW_LINES, cheeks, strict=True):
        skin = max(cheek[0], float(usual[0]))
        over = patch.inside(strip(face, line))
        other = np.abs(over[:, 0] - skin) > UNLIKE * skin
        if tints:
            red, yellow = (
                over[:, part] / np.maximum(over[:, 0], 8.0) - usual[part] / max(usual[0], 8.0) for part in (1, 2)
            )
            other |= chroma_of(red, yellow) > OTHER_TINT
        found.append(float(np.mean(other)))
    return found[0], found[1]


def strip(face: Face, line: tuple[int, ...]) -> np.ndarray:
    brow = face.polygon(line)
    up = np.array([0.0, -face.length], dtype=np.float32)
    return np.vstack([brow + up * LOW, (brow + up * HIGH)[::-1]])


def look(prepared: Prepared, rule: Rule) -> Observation:
    face = prepared.subject
    marks = (Mark("outline", face.outline(LEFT_BROW)), Mark("outline", face.outline(RIGHT_BROW)))
    return Observation(measure(prepared.parts.whole, face), marks)


CHECK = Check(Code.BROWS_HIDDEN, look, needs_face=True)
