"""A piece on head, hair and ears in a colour of none of them: a clip, a bow, a hairband, headphones."""

from __future__ import annotations

import cv2
import numpy as np

from backend.compliance.checks.face.on_head import columns
from backend.compliance.colour import Lab
from backend.compliance.face import OVAL, Face
from backend.compliance.observed import Mask
from backend.compliance.regions import FACTOR, Regions

FOREIGN = 16.0  # of a* and b*, from every mixture of hair, skin, wall and grey: right pictures have no such piece
LIT_HAIR = 2.5  # of the hair's a* and b*: strands in the light have more of its colour
# of the skin's a* and b*, and from there: in shade, below a close-cropped hairline, it has more of the same colour
SHADED_SKIN, NEAR_SHADED = 1.9, 8.0
GRID, TINTS = 2.5, 64  # of a* and b*, and so many steps: tints are looked up
ORNAMENT = 15  # of every second pixel: right pictures have up to 6, a clip 19 to 24, a bow or a band from 40
BELOW_EYES = 0.5  # face lengths, to the lobes of the ears
ABOVE_HEAD, BESIDE_HEAD = 18, 0.7  # pixels over the top of the head; face widths beside the axis


def ornament(regions: Regions, face: Face, top: float, colours: tuple[Lab, ...]) -> int:
    """Pixels of the largest piece on head and hair, every second one at half size, in a colour that is of neither.

    colours: of hair, skin and wall. Their mixtures and all greys belong to the head; so black and white things are not
    seen. top: row of the head's top, in pixels of the picture.
    """
    lobes = face.eye_middle[1] + BELOW_EYES * face.length
    first, last = max(0, int(top * FACTOR) - ABOVE_HEAD), max(0, int(lobes * FACTOR))
    across = columns(face, BESIDE_HEAD)
    place = slice(first, last, 2), slice(across.start, across.stop, 2)
    lab = regions.lab[place]
    if min(lab.shape[:2]) < 3:
        return 0
    head = cv2.dilate(regions.person[place].astype(np.uint8), np.ones((3, 3), np.uint8))
    oval = (face.polygon(OVAL) * FACTOR - (across.start, first)) / 2
    cv2.fillPoly(head, [np.round(oval).astype(np.int32)], 0)
    places = np.clip(lab[..., 1:] * (1 / GRID) + (TINTS / 2 + 0.5), 0, TINTS - 1).astype(np.intp)
    pieces = np.where(_foreign(colours)[places[..., 0], places[..., 1]], head, 0).astype(np.uint8)
    opened = cv2.morphologyEx(pieces, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    if not opened.any():
        return 0
    _, _, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=8)
    return int(stats[1:, cv2.CC_STAT_AREA].max())


def _foreign(colours: tuple[Lab, ...]) -> Mask:
    """(TINTS, TINTS) over a* and b* in steps of GRID: where no mixture of hair, skin, wall and grey comes near."""
    lit = (0.0, *(LIT_HAIR * part for part in colours[0][1:]))
    shaded = (0.0, *(SHADED_SKIN * part for part in colours[1][1:]))
    hair, skin, wall, bright, shade, grey = (
        [round(part / GRID + TINTS / 2) for part in colour[1:]] for colour in (*colours, lit, shaded, (0, 0, 0))
    )
    table = np.ones((TINTS, TINTS), np.uint8)
    for end, other in ((hair, skin), (hair, wall), (skin, wall), (bright, grey), (skin, grey)):
        cv2.line(table, end[::-1], other[::-1], 0, round(2 * FOREIGN / GRID))  # a line's column comes before its row
    cv2.line(table, shade[::-1], skin[::-1], 0, round(2 * NEAR_SHADED / GRID))
    return table > 0
