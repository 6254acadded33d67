"""EARS_HIDDEN: neither hair nor anything else covers the ears (R12)."""

from __future__ import annotations

import cv2
import numpy as np

from backend.compliance.checks.check import Check, Observation
from backend.compliance.checks.face import wire
from backend.compliance.codes import Code
from backend.compliance.colour import Lab, chroma_of
from backend.compliance.face import CHEEKS, FOREHEAD, Face
from backend.compliance.findings import Mark
from backend.compliance.observed import Grey, Mask
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median_colour
from backend.compliance.regions import FACTOR, Regions
from backend.compliance.standard import Rule

INNER, OUTER = 0.01, 0.09  # where an ear sticks out beyond the edge of the face, in face widths
UNLIKE = 0.40
PALE = 0.3  # of the skin's a* with b* over L*: grey hair, white and grey headphones
AS_HAIR = 0.4  # as far from the hair above the forehead as from the skin
APART = 0.8  # of hair and skin, L* over 40 and a* and b* over L* times 6, where hair can be told from ears
HAIR, FEWEST = 0.3, 40  # face widths beside the axis; pixels: less of it say nothing
ONE = 0.73  # what one hidden ear counts when the other is seen: of an ear in sight up to 0.86 is dark, behind hair 0.9


def measure(shares: list[float]) -> float:
    """How far the ears are hidden, 0 .. 1: the freer one, or the other where nothing of that is seen.

    shares: of the place of each ear that is on the picture, how much is not the person's own skin. A slight turn or an
    ear that lies close hides much of one without any hair, so the other counts less.
    Source: R12, R21, 教毕指〔2017〕99号.
    """
    return max(min(shares), ONE * max(shares))


def hidden(parts: Regions, face: Face, hair: Lab | None) -> list[tuple[float, Mark]]:
    """For each ear that is on the picture the share of its place that is not skin, 0 .. 1, and that place.

    hair: the colour of that above the forehead, None where it is not seen. What is far darker than the cheeks is no
    skin, nor is what of the person is pale, or has the hair's colour. Raises ValueError without any.
    """
    cheeks = [median_colour(parts.whole.inside(face.polygon(part))) for part in CHEEKS]
    skin = np.asarray(cheeks, np.float32).mean(axis=0)
    tint = PALE * float(np.hypot(*skin[1:])) / max(float(skin[0]), 8.0)
    found = []
    for box in boxes(face):
        try:
            lab, place = parts.whole.cut_out(box)
        except ValueError:  # the ear is outside the picture
            continue
        left, top = np.maximum(np.round(box.min(axis=0) * FACTOR), 0).astype(int)
        person = parts.person[top : top + lab.shape[0], left : left + lab.shape[1]].astype(np.uint8)
        other = chroma_of(lab[..., 1], lab[..., 2]) < tint * np.maximum(lab[..., 0], 8.0)
        if hair is not None:
            other |= _like(lab, hair, skin)
        other &= cv2.erode(person, np.ones((3, 3), np.uint8)) > 0  # not the wall beside a narrow ear
        other |= lab[..., 0] < (1 - UNLIKE) * skin[0]
        mark = Mark("outline", tuple((float(x), float(y)) for x, y in box))
        found.append((float(np.mean(other[place])), mark))
    if not found:
        raise ValueError("both ears are outside the picture")
    return found


def _hair(parts: Regions, face: Face, top: float) -> Lab | None:
    """The middle colour of what lies above the forehead, None below FEWEST pixels. top: row of the head's top."""
    above = slice(max(0, int(top * FACTOR)), max(0, int(face.point(FOREHEAD)[1] * FACTOR)), 2)
    left, right = (max(0, int((face.axis + side * HAIR * face.width) * FACTOR)) for side in (-1, 1))
    beside = slice(left, right, 2)
    seen = parts.lab[above, beside][parts.person[above, beside]]
    return median_colour(seen) if len(seen) > FEWEST else None


def _like(lab: Grey, hair: Lab, skin: Grey) -> Mask:
    """Which colours are far nearer to the hair than to the skin; none where these are too much alike."""
    seen, own, other = (_tint(np.asarray(colours, np.float32)) for colours in (lab, skin, hair))
    if np.linalg.norm(own - other) < APART:
        return np.zeros(lab.shape[:2], bool)
    near, far = (np.square(seen - one).sum(axis=-1) for one in (other, own))
    return np.asarray(near < AS_HAIR**2 * far)


def _tint(lab: Grey) -> Grey:
    """(..., 3): lightness and tints in steps that count alike."""
    light = lab[..., :1]
    return np.concatenate([light / 40, 6 * lab[..., 1:] / np.maximum(light, 8.0)], axis=-1)


def boxes(face: Face) -> tuple[Grey, Grey]:
    """Left and right: beside the cheek's edge, between the height of the eyes and that of the nose's tip."""
    top, bottom = face.eye_middle[1] + 0.05 * face.length, face.eye_middle[1] + 0.45 * face.length
    found = []
    for edge, way in ((face.point(234)[0], -1), (face.point(454)[0], 1)):
        near, far = edge + way * INNER * face.width, edge + way * OUTER * face.width
        found.append(np.array([[near, top], [far, top], [far, bottom], [near, bottom]], dtype=np.float32))
    return found[0], found[1]


def look(prepared: Prepared, rule: Rule) -> Observation:
    face, parts = prepared.subject, prepared.parts
    ears = hidden(parts, face, _hair(parts, face, prepared.head_top or 0.0))
    shares = [share for share, _ in ears]
    value = measure(shares)
    one = value > min(shares)
    marks = tuple(mark for share, mark in ears if not one or share == max(shares))
    line = wire.hanging(prepared.grey, face)
    if line is not None:  # what hangs from an ear is in it
        value = max(value, rule.of(prepared.mode).asked(1.0))
        marks = (Mark("line", tuple((float(x), float(y)) for x, y in line)),)
    return Observation(value, marks)


CHECK = Check(Code.EARS_HIDDEN, look, needs_face=True)
