"""Strokes on a picture, bright or dark, and the connected shapes that they make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

THICKEST = 15  # pixels of a stroke
STROKE = 0.45  # of the strongest contrast near by: strokes stand out from their own surroundings, faint or plain
NEAR = 19  # pixels
FAINTEST = 10  # levels of contrast below which nothing counts
SPARSE = 0.04  # of the picture
LEAST_SIGN, TALLEST_SIGN = 10, 70  # pixels of a sign or of one of its strokes, of a letter that lies on its side


@dataclass(frozen=True)
class Shapes:
    """The connected shapes of some strokes that may be signs or parts of them, and the specks beside these.

    labels: (h, w) int32; label: (n,), of each shape; stats: (n, 5) left, top, width, height and pixels of each; specks:
    (m, 2) column and row where each shape below LEAST_SIGN begins.
    """

    labels: NDArray[np.int32]
    label: NDArray[np.intp]
    stats: NDArray[np.int32]
    specks: NDArray[np.int32]


def standing_out(channel: Any, operation: int) -> Any:
    """By how many levels strokes are brighter or darker than what lies round them.

    channel: (h, w) uint8; operation: cv2.MORPH_TOPHAT for bright strokes, cv2.MORPH_BLACKHAT for dark ones.
    """
    return cv2.morphologyEx(channel, operation, cv2.getStructuringElement(cv2.MORPH_RECT, (THICKEST, THICKEST)))


def strokes_of(contrast: Any) -> Any:
    """255 where a stroke stands out from its own surroundings, else 0. contrast: (h, w) uint8."""
    plain = cv2.threshold(contrast, FAINTEST, 255, cv2.THRESH_TOZERO)[1]
    near = cv2.dilate(plain, cv2.getStructuringElement(cv2.MORPH_RECT, (NEAR, NEAR)))
    return cv2.compare(plain, cv2.convertScaleAbs(near, alpha=STROKE), cv2.CMP_GT)


def connected(strokes: Any) -> Shapes:
    """strokes: (h, w) uint8, 255 on them, else 0."""
    if cv2.countNonZero(strokes) >= SPARSE * strokes.size:
        # half the time of OpenCV's usual algorithm on pictures of this size
        labels, stats = cv2.connectedComponentsWithStatsWithAlgorithm(strokes, 8, cv2.CV_32S, cv2.CCL_BBDT)[1:3]
        area, tall = stats[:, cv2.CC_STAT_AREA], stats[:, cv2.CC_STAT_HEIGHT]
        may_be, small = (area >= LEAST_SIGN) & (tall <= TALLEST_SIGN), area < LEAST_SIGN
        may_be[0] = small[0] = False  # the rest of the picture
        return Shapes(labels, np.flatnonzero(may_be), stats[may_be], stats[small, :2])
    # of few strokes their pixels alone: OpenCV looks at all of the picture for its statistics, in twice the time
    count, labels = cv2.connectedComponentsWithAlgorithm(strokes, 8, cv2.CV_32S, cv2.CCL_BBDT)
    place = np.flatnonzero((strokes & 1).view(np.bool_))
    label, across = labels.ravel()[place], strokes.shape[1]
    area = np.bincount(label, minlength=count)
    # of several pixels of a shape the one written last stays: backwards that is the first
    first, last = np.zeros((2, count), place.dtype)
    first[label[::-1]], last[label] = place[::-1], place
    top = first // across
    tall = last // across - top + 1
    may_be, small = (area >= LEAST_SIGN) & (tall <= TALLEST_SIGN), (area > 0) & (area < LEAST_SIGN)
    of_these = may_be[label]
    label, column = label[of_these], (place[of_these] % across).astype(np.int16)
    order = np.argsort(column, kind="stable")
    label, column = label[order], column[order]
    left, right = np.zeros((2, count), np.int32)
    left[label[::-1]], right[label] = column[::-1], column
    stats = np.array((left, top, right - left + 1, tall, area), np.int32).T[may_be]
    specks = np.array((first[small] % across, top[small]), np.int32).T
    return Shapes(labels, np.flatnonzero(may_be), stats, specks)
