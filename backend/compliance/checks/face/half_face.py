"""HALF_FACE: both halves of the face are lit alike (R25)."""

from __future__ import annotations

from math import log2

import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.colour import linear
from backend.compliance.face import CHIN, NOSE_BRIDGE, OVAL, Face
from backend.compliance.findings import Mark
from backend.compliance.observed import Grey, Mask
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median
from backend.compliance.regions import FACTOR, Regions
from backend.compliance.standard import Rule

FEWEST = 40  # pixels at half size


def measure(left: Grey, right: Grey) -> float:
    """How many stops (powers of two) the viewer's left half is brighter than the right one; negative when darker.

    left, right: linear luminance of the skin of each half. A ratio: the tone of the skin cancels out.
    Source: R25, 教毕指〔2017〕99号 (曝光均匀, 阴阳脸); no number given.
    """
    return log2((median(left) + 1e-4) / (median(right) + 1e-4))


def halves(regions: Regions, face: Face) -> tuple[Mask, Mask]:
    """The skin left and right of the line from the nose bridge to the chin, without a strip along it."""
    (top_x, top_y), (low_x, low_y) = face.point(NOSE_BRIDGE), face.point(CHIN)
    height, width = regions.skin.shape
    rows = np.arange(height, dtype=np.float32)[:, None] / FACTOR
    columns = np.arange(width, dtype=np.float32)[None, :] / FACTOR
    line = top_x + (rows - top_y) * (low_x - top_x) / max(1.0, low_y - top_y)
    strip = 0.08 * face.width
    return regions.skin & (columns < line - strip), regions.skin & (columns > line + strip)


def look(prepared: Prepared, rule: Rule) -> Observation:
    left, right = halves(prepared.parts, prepared.subject)
    if min(left.sum(), right.sum()) < FEWEST:
        raise ValueError("half of the face is not on the picture")
    value = measure(*(linear(prepared.parts.rgb[half]) for half in (left, right)))
    darker = "right" if value > 0 else "left"
    return Observation(abs(value), (Mark("outline", prepared.subject.outline(OVAL)),), reason=darker)


CHECK = Check(Code.HALF_FACE, look, needs_face=True)
