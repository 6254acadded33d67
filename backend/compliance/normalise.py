"""From a raw picture to a registration file: choose the frame, crop, scale, write. Nothing else is done to it.

No rotation, mirroring, retouching, sharpening or change of background: R03, R04 forbid them. The same bytes, frame
and target give the same file again.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from math import inf, log

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.compliance.codes import Code
from backend.compliance.decode import Source, read
from backend.compliance.observed import Rgb
from backend.compliance.standard import Band, Profile, Target

OFF_AXIS = 30  # pixels that the face may stand beside the middle when the picture has no more room
SCALES = 160  # how many sizes are tried between the smallest and the largest frame
BEST_QUALITY = 95
READ = 1280  # a picture is read with its longer side at least this long: as a rule enough for any frame in it


@dataclass(frozen=True)
class Head:
    """Where the head is in the oriented original, in its pixels."""

    top: float
    eyes: float
    axis: float
    width: float


@dataclass(frozen=True)
class Frame:
    """A crop at 3:4 in the oriented original."""

    x: int
    y: int
    width: int
    height: int

    @property
    def box(self) -> tuple[int, int, int, int]:
        return self.x, self.y, self.width, self.height


def propose(head: Head, size: tuple[int, int], profile: Profile) -> Frame | None:
    """The frame that puts head top, eyes and face width deepest inside their windows, inside the picture.

    size: width and height of the original. None when the picture is too small for any frame.
    Where the picture has no room for all windows, the frame with the smallest misses together. Among frames that are
    deep enough inside (the target's margin), the one whose face width is nearest to the target.
    """
    target = profile.target
    widest = min(size[0], size[1] * target.width / target.height)
    if widest < 9:
        return None
    narrowest = min(widest, max(9.0, head.width * target.width / 400))
    widths = np.linspace(narrowest, widest, SCALES)
    scale = target.width / widths
    y = _best_top(head, scale, profile)
    y = np.clip(y, 0, size[1] - widths * target.height / target.width)
    x = np.clip(head.axis - widths / 2, 0, size[0] - widths)
    depths = np.stack(
        [
            _depth((head.top - y) * scale, profile.rule(Code.HEAD_TOP).band),
            _depth((head.eyes - y) * scale, profile.rule(Code.EYE_LINE).band),
            _depth(head.width * scale, profile.rule(Code.FACE_WIDTH).band),
            1 - np.abs((head.axis - x) * scale - target.width / 2) / OFF_AXIS,
        ]
    )
    missed = np.minimum(depths, 0).sum(axis=0)  # one window missed by far rather than several by a little
    inside = np.minimum(depths.min(axis=0), target.margin)
    enlarged = np.maximum(0, target.width / widths - 1)  # enlarging invents pixels
    off_target = np.abs(head.width * scale - target.face_width) / target.face_width
    score = 4 * missed + inside - 4 * enlarged - 0.1 * off_target
    best = int(np.argmax(score))
    return _whole(float(x[best]), float(y[best]), float(widths[best]), size)


def has_room(head: Head, size: tuple[int, int], profile: Profile) -> bool:
    """Whether any 3:4 frame inside the picture puts head top, eyes and face width inside their windows.

    Exact, and apart from `propose`: every condition on a frame's width and upper edge is linear, so the widths that
    leave an upper edge at all are an interval. size: width and height of the original. The head may stand beside the
    middle; that has a check of its own.
    """
    target = profile.target
    windows = [(head.top, profile.rule(Code.HEAD_TOP).band), (head.eyes, profile.rule(Code.EYE_LINE).band)]
    # an upper edge y for a frame of that width: each (at, slope) stands for at + slope * width
    lowest = [(0.0, 0.0), *((row, -(band.high or inf) / target.width) for row, band in windows)]
    highest = [(float(size[1]), -target.height / target.width)]
    highest += [(row, -(band.low or 0.0) / target.width) for row, band in windows]
    face = profile.rule(Code.FACE_WIDTH).band
    narrowest = head.width * target.width / (face.high or inf)
    widest = min(size[0], size[1] * target.width / target.height, head.width * target.width / (face.low or 1e-9))
    for low, low_slope in lowest:
        for high, high_slope in highest:
            slope = low_slope - high_slope  # low + low_slope * width <= high + high_slope * width
            if slope > 0:
                widest = min(widest, (high - low) / slope)
            elif slope < 0:
                narrowest = max(narrowest, (high - low) / slope)
            elif low > high:
                return False
    return narrowest <= widest


def _best_top(head: Head, scale: NDArray[np.float64], profile: Profile) -> NDArray[np.float64]:
    """The upper edge for which head top and eyes miss the middle of their windows by equal parts of the windows."""
    top, eyes = profile.rule(Code.HEAD_TOP).band, profile.rule(Code.EYE_LINE).band
    top_half, eyes_half = _half(top), _half(eyes)
    top_wish = head.top - _middle(top) / scale
    eyes_wish = head.eyes - _middle(eyes) / scale
    return (top_wish * eyes_half + eyes_wish * top_half) / (top_half + eyes_half)


def _depth(value: NDArray[np.float64], band: Band) -> NDArray[np.float64]:
    """1 in the middle of the window, 0 at its edge, negative outside."""
    return 1 - np.abs(value - _middle(band)) / _half(band)


def _middle(band: Band) -> float:
    return ((band.low or 0.0) + (band.high or 0.0)) / 2


def _half(band: Band) -> float:
    return max(1.0, ((band.high or 0.0) - (band.low or 0.0)) / 2)


def _whole(x: float, y: float, width: float, size: tuple[int, int]) -> Frame:
    """Whole pixels, with a width that is a multiple of 3 so that the height is exactly 4/3 of it."""
    whole = max(3, int(width) // 3 * 3)
    height = whole // 3 * 4
    left = min(max(0, round(x + (width - whole) / 2)), size[0] - whole)
    top = min(max(0, round(y)), size[1] - height)
    return Frame(left, top, whole, height)


def first_reading(size: tuple[int, int]) -> tuple[int, int]:
    """Width and height that a picture of that size is read with, at least, before anything is known of it."""
    factor = min(1.0, READ / max(size))
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def cut(source: Source, frame: Frame, target: Target, picture: Image.Image | None = None) -> Rgb:
    """The frame's pixels at the target's size: (height, width, 3). The same file and frame give the same pixels again.

    picture: what `first_reading` gave, to save reading it again. Raises Unreadable.
    """
    if picture is None:
        picture = read(source, at_least=first_reading(source.size))
    if picture.width * frame.width < target.width * source.size[0]:  # a small frame in a large picture
        factor = min(1.0, target.width / frame.width)
        picture = read(source, at_least=(round(source.size[0] * factor), round(source.size[1] * factor)))
    return scale_to(picture, source.size, frame, target)


def scale_to(picture: Image.Image, original: tuple[int, int], frame: Frame, target: Target) -> Rgb:
    """Crop and scale a picture that may already be reduced; the frame is in pixels of the original."""
    across, down = picture.width / original[0], picture.height / original[1]
    box = (
        frame.x * across,
        frame.y * down,
        min((frame.x + frame.width) * across, picture.width),
        min((frame.y + frame.height) * down, picture.height),
    )
    size = target.width, target.height
    # a reduction by a whole number first, where there is one, halves the time
    return np.asarray(picture.resize(size, Image.Resampling.BICUBIC, box=box, reducing_gap=1.0))


def write(rgb: Rgb, target: Target) -> bytes:
    """The registration file: 24-bit JPEG with the target's density, no metadata.

    The quality is the best up to 95 whose size fits the window, never below the target's lowest; where no quality
    fits, the nearest one, and the size check says so.
    """
    best = _largest_that_fits(rgb, target)
    if len(best) < target.min_bytes:
        best = _jpeg(rgb, 100, target.dpi, subsampling=0)
    return best


def _largest_that_fits(rgb: Rgb, target: Target) -> bytes:
    """The best quality whose bytes fit; the lowest allowed one when none does."""
    fits, best = target.min_quality, _jpeg(rgb, target.min_quality, target.dpi)
    too_much, much = BEST_QUALITY, _jpeg(rgb, BEST_QUALITY, target.dpi)
    if len(much) <= target.max_bytes:
        return much
    if len(best) > target.max_bytes:
        return best
    size, more = len(best), len(much)
    while too_much - fits > 1:
        # bytes are nearly a power of the table's steps: two guesses instead of a search by halves
        share = log(target.max_bytes / size) / log(more / size) if more > size else 0.5
        steps = _steps(fits) * (_steps(too_much) / _steps(fits)) ** share
        guess = min(max(int(100 - steps / 2), fits + 1), too_much - 1)
        content = _jpeg(rgb, guess, target.dpi)
        if len(content) <= target.max_bytes:
            fits, best, size = guess, content, len(content)
        else:
            too_much, more = guess, len(content)
    return best


def _steps(quality: int) -> float:
    """What libjpeg multiplies its table with at that quality, from 50 to 99, in hundredths."""
    return 200 - 2 * quality


def _jpeg(rgb: Rgb, quality: int, dpi: int, subsampling: int = 2) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=quality, dpi=(dpi, dpi), subsampling=subsampling, optimize=False)
    return buffer.getvalue()
