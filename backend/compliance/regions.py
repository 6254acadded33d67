"""Parts of the picture: background, person, skin, clothes as masks at half size, and patches to sample colours from.

Half size because colours and spreads do not change with it and it is four times as fast; the strip with the eyes
stays at full size, where an iris has only a dozen pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import hypot

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.compliance.colour import COLOURED, chroma_of, in_lab, shades
from backend.compliance.face import CHIN, FOREHEAD, GLABELLA, LEFT_EYE, OUTER_LIPS, OVAL, RIGHT_EYE, Face
from backend.compliance.observed import Grey, Mask, Rgb
from backend.compliance.ranks import median_colour, percentile

FACTOR = 0.5
CERTAINLY_BACKGROUND = 0.15  # the person mask below this
EDGE = 7  # pixels at half size kept away from the person: hair wisps and the mask's own error
SPECK = 0.02  # parts of the background smaller than this share of the picture are gaps in the hair
FEWEST = 8  # pixels, below which a colour says nothing
# long hair beside the neck that the person mask takes for the wall (all ours)
HAIR_BESIDE = 0.85  # face widths from the axis
HAIR_BELOW = 1.0  # face widths below the chin
HAIR_LIKE = 14.0  # of a* and b* from those of the hair above the forehead
HAIR_LIGHTER = 8.0  # L* lighter than the lighter part of that hair; behind the neck it is darker
HAIR_SHADE = 0.42  # of the wall's lightness: no shadow on white or grey is so dark
SKIN_TINT = 0.12  # of a* and b* over L*: neck and chest have the tint of the face within this
ENOUGH = 6000  # pixels of a part that are looked at: medians and shares of a whole wall do not change with more


@dataclass(frozen=True)
class Patch:
    """A part of the picture in CIELAB that starts at left, top; factor: its pixels per pixel of the judged picture."""

    lab: Grey
    left: int
    top: int
    factor: float
    _seen: dict[tuple[bytes, ...], Grey] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def lightness(self) -> Grey:
        """(h, w): L* alone."""
        return np.ascontiguousarray(self.lab[..., 0])

    @cached_property
    def detail(self) -> Grey:
        """(h, w): how far L* is from that of what is round it."""
        return np.asarray(cv2.absdiff(self.lightness, self.smooth), dtype=np.float32)

    @cached_property
    def smooth(self) -> Grey:
        """(h, w): L* without fine detail."""
        return np.asarray(cv2.GaussianBlur(self.lightness, (0, 0), 1.5), dtype=np.float32)

    def inside(self, polygon: Grey, *, without: Sequence[Grey] = ()) -> Grey:
        """(n, 3) CIELAB of the pixels in the polygon and in none of the others. Raises ValueError below 8 pixels.

        polygon: (k, 2) in pixels of the judged picture. Many checks look at the same cheek: what was asked is kept.
        """
        asked = tuple(shape.tobytes() for shape in (polygon, *without))
        if asked not in self._seen:
            part, mask = self.cut_out(polygon, without=without)
            self._seen[asked] = np.asarray(part[mask])
            self._seen[asked].flags.writeable = False
        return self._seen[asked]

    def cut_out(self, polygon: Grey, *, without: Sequence[Grey] = ()) -> tuple[Grey, Mask]:
        """(h, w, 3) CIELAB of the rectangle round the polygon, and which of it `inside` gives. Raises ValueError."""
        shape = self._at(polygon)
        left, top = np.maximum(shape.min(axis=0), 0)
        right, bottom = shape.max(axis=0) + 1
        part = self.lab[top:bottom, left:right]
        if part.shape[0] < 1 or part.shape[1] < 1:
            raise ValueError("outside the picture")
        mask = np.zeros(part.shape[:2], np.uint8)
        cv2.fillPoly(mask, [shape - (left, top)], 1)
        for other in without:
            cv2.fillPoly(mask, [self._at(other) - (left, top)], 0)
        chosen = mask > 0
        if np.count_nonzero(chosen) < FEWEST:
            raise ValueError("too few pixels")
        return part, np.asarray(chosen)

    def _at(self, polygon: Grey) -> NDArray[np.int32]:
        return np.asarray(np.round((polygon - (self.left, self.top)) * self.factor), dtype=np.int32)


@dataclass(frozen=True)
class Regions:
    """Masks and colours at half size, (h, w), with the whole picture and the eyes as patches."""

    rgb: Rgb
    background: Mask
    person: Mask
    skin: Mask
    clothes: Mask
    whole: Patch
    eyes: Patch
    _places: dict[int, NDArray[np.intp]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def lab(self) -> Grey:
        """(h, w, 3) float32: L* 0..100, a*, b*."""
        return self.whole.lab

    @cached_property
    def away(self) -> Grey:
        """(h, w): pixels at half size to the nearest one of the person."""
        return np.asarray(cv2.distanceTransform((~self.person).astype(np.uint8), cv2.DIST_L2, 3), dtype=np.float32)

    @cached_property
    def steepness(self) -> Grey:
        """(h, w): CIELAB units per pixel at half size, squared, after a blur that noise does not survive."""
        soft = cv2.GaussianBlur(self.lab, (0, 0), 1.2)
        across, down = (np.asarray(cv2.Sobel(soft, cv2.CV_32F, x, y), dtype=np.float32) for x, y in ((1, 0), (0, 1)))
        both = np.square(across, out=across)
        both += np.square(down, out=down)
        return np.asarray(cv2.transform(both, _SUM_OF_SOBELS), dtype=np.float32)

    @cached_property
    def wall(self) -> Grey:
        """(n, 3) CIELAB of the background, at most about ENOUGH pixels spread over all of it."""
        return self.colours(self.background)

    @cached_property
    def usual_wall(self) -> tuple[float, float, float]:
        """The median of `wall`, CIELAB. Raises ValueError when there is none."""
        return median_colour(self.wall)

    def in_eyes(self, face: Face) -> Grey:
        """(n,) L* in both eyes, between the lids. Raises ValueError when an eye is not on the picture."""
        return np.concatenate([eye[:, 0] for eye in self.each_eye(face)])

    def each_eye(self, face: Face) -> tuple[Grey, ...]:
        """(n, 3) CIELAB of each eye, between the lids. Raises ValueError when one is not on the picture."""
        return tuple(self.eyes.inside(face.polygon(part)) for part in (LEFT_EYE, RIGHT_EYE))

    def colours(self, part: Mask) -> Grey:
        """(n, 3) CIELAB in that part, at most about ENOUGH pixels."""
        return np.asarray(self.lab.reshape(-1, 3)[self._spread(part)])

    def tones(self, part: Mask) -> Rgb:
        """(n, 3) sRGB in that part, at most about ENOUGH pixels."""
        return np.asarray(self.rgb.reshape(-1, 3)[self._spread(part)])

    def _spread(self, part: Mask) -> NDArray[np.intp]:
        """Found once for each of the parts above."""
        if not any(part is own for own in (self.background, self.person, self.skin, self.clothes)):
            return _spread(part)
        if id(part) not in self._places:
            self._places[id(part)] = _spread(part)
        return self._places[id(part)]


_SUM_OF_SOBELS = np.full((1, 3), 1 / 64, np.float32)  # of three channels; a Sobel kernel counts a step eight times


def _spread(part: Mask) -> NDArray[np.intp]:
    """Places of about ENOUGH pixels of the part; a step over a list of pixels that no row's length divides."""
    places = np.flatnonzero(part)
    return places[:: max(1, len(places) // ENOUGH)]


def regions_of(rgb: Rgb, person: Grey, face: Face) -> Regions:
    height, width = rgb.shape[:2]
    size = max(1, round(width * FACTOR)), max(1, round(height * FACTOR))
    small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    alpha = np.asarray(cv2.resize(person, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    whole = Patch(in_lab(small), 0, 0, FACTOR)
    alpha = _with_long_hair(alpha, whole.lab, face)
    return Regions(
        rgb=small,
        background=_background(alpha),
        person=alpha > 0.5,
        skin=_skin(size, face),
        clothes=_clothes(alpha, whole, face),
        whole=whole,
        eyes=_eyes(rgb, face),
    )


def grown(polygon: Grey, across: float, down: float) -> Grey:
    """The polygon enlarged about its middle."""
    middle = polygon.mean(axis=0)
    return np.asarray(middle + (polygon - middle) * (across, down), dtype=np.float32)


def _background(alpha: Grey) -> Mask:
    near_person = cv2.dilate((alpha > CERTAINLY_BACKGROUND).astype(np.uint8), np.ones((EDGE, EDGE), np.uint8))
    # half the time of OpenCV's own statistics, which are of more than the sizes
    _, labels = cv2.connectedComponents((near_person == 0).astype(np.uint8), connectivity=4, ltype=cv2.CV_16U)
    large = np.bincount(labels.ravel()) >= SPECK * alpha.size
    large[0] = False  # what is near the person
    return np.asarray(large[labels])


def _with_long_hair(alpha: Grey, lab: Grey, face: Face) -> Grey:
    """The mask with the hair that hangs behind neck and shoulders, which the network often takes for the wall.

    Below the eyes and close to the neck, what touches the person, has the colour of the hair above the forehead and is
    no shade of the wall, not even a deep shadow on it.
    """
    width, axis, eyes = face.width * FACTOR, face.axis * FACTOR, face.eye_middle[1] * FACTOR
    left, right = max(0, int(axis - HAIR_BESIDE * width)), int(axis + HAIR_BESIDE * width)
    top, bottom = max(0, int(eyes)), int(face.point(CHIN)[1] * FACTOR + HAIR_BELOW * width)
    beside = slice(top, bottom), slice(left, max(left + 1, right))
    surely = alpha < CERTAINLY_BACKGROUND
    if np.count_nonzero(surely) < FEWEST or alpha[beside].size == 0:
        return alpha
    wall = median_colour(lab.reshape(-1, 3)[_spread(surely)])
    near = lab[beside]
    other = ~shades(near, wall, palest=0.0) & (near[..., 0] < wall[0])
    if hypot(*wall[1:]) <= COLOURED:  # black has no tint that would tell it from white in the shade
        other |= near[..., 0] < HAIR_SHADE * wall[0]
    other &= surely[beside]
    if np.count_nonzero(other) < FEWEST:
        return alpha
    hairline = int(face.point(FOREHEAD)[1] * FACTOR)
    forehead = (
        slice(max(0, hairline - int(0.4 * width)), hairline),
        slice(*(int(axis + x * width) for x in (-0.3, 0.3))),
    )
    hair = lab[forehead][alpha[forehead] > 0.9]
    if len(hair) < FEWEST:
        return alpha
    lightest = percentile(hair[:, 0], 75) + HAIR_LIGHTER
    _, red, yellow = median_colour(hair)
    like = other & (near[..., 0] < lightest) & (chroma_of(near[..., 1] - red, near[..., 2] - yellow) < HAIR_LIKE)
    _, labels = cv2.connectedComponents((like | ~surely[beside]).astype(np.uint8), connectivity=4)
    touching = np.unique(labels[alpha[beside] > 0.5])
    found = alpha.copy()
    found[beside][like & np.isin(labels, touching)] = 1.0
    return found


def _skin(size: tuple[int, int], face: Face) -> Mask:
    """Cheeks, nose, forehead below the hair and chin: the inside of the oval without eyes and mouth."""
    mask = np.zeros(size[::-1], np.uint8)
    cv2.fillPoly(mask, [_half(grown(face.polygon(OVAL), 0.85, 0.85))], 1)
    for part, grow in ((LEFT_EYE, 2.2), (RIGHT_EYE, 2.2), (OUTER_LIPS, 1.2)):
        cv2.fillPoly(mask, [_half(grown(face.polygon(part), grow, grow))], 0)
    return np.asarray(mask > 0)


def _clothes(alpha: Grey, whole: Patch, face: Face) -> Mask:
    """The person well below the chin, without what has the tint of the face: neck and chest."""
    mask = cv2.erode((alpha > 0.9).astype(np.uint8), np.ones((EDGE, EDGE), np.uint8)) > 0
    collar = int(np.clip((face.point(CHIN)[1] + 0.55 * face.length) * FACTOR, 0, alpha.shape[0]))
    mask[:collar] = False
    try:
        skin = median_colour(whole.inside(face.polygon(GLABELLA)))
    except ValueError:
        return np.asarray(mask)
    below = whole.lab[collar:]
    lightness = np.maximum(below[..., 0], 8)
    red, yellow = (part / max(skin[0], 8.0) for part in skin[1:])
    unlike = np.square(below[..., 1] / lightness - red) + np.square(below[..., 2] / lightness - yellow)
    like_skin = (unlike < SKIN_TINT**2) & (np.abs(lightness - skin[0]) < 30)
    mask[collar:] &= ~like_skin
    return np.asarray(mask)


def _eyes(rgb: Rgb, face: Face) -> Patch:
    """The strip from above the brows to the cheekbones, over the whole width of the face."""
    middle_x, middle_y = face.eye_middle
    reach_x, reach_y = 1.1 * face.eye_distance, 0.75 * face.eye_distance
    left, top = max(0, int(middle_x - reach_x)), max(0, int(middle_y - reach_y))
    part = rgb[top : max(top + 1, int(middle_y + reach_y)), left : max(left + 1, int(middle_x + reach_x))]
    if part.size == 0:
        raise ValueError("the eyes are outside the picture")
    return Patch(in_lab(np.ascontiguousarray(part)), left, top, 1.0)


def _half(polygon: Grey) -> NDArray[np.int32]:
    return np.asarray(np.round(polygon * FACTOR), dtype=np.int32)
