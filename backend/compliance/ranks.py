"""Medians and percentiles, several times as fast as numpy's on the few thousand numbers that a check looks at.

The same numbers as numpy's: interpolated linearly between the two nearest. All raise ValueError for no numbers. Few
numbers are sorted, which numpy does fastest; of many one is put in its place: two at once take ten times as long.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FEW = 2000


def median(values: NDArray[Any]) -> float:
    """values: of any shape."""
    count = values.size
    if not count:
        raise ValueError("nothing to take the median of")
    ranked, middle = values.flatten(), count // 2
    if count <= FEW:
        ranked.sort()
        low = ranked[(count - 1) // 2]
    else:
        ranked.partition(middle)
        low = ranked[middle] if count % 2 else ranked[:middle].max()
    return (float(low) + float(ranked[middle])) / 2


def percentile(values: NDArray[Any], percent: float) -> float:
    """The value below which that many hundredths lie. values: of any shape; percent: 0..100."""
    count = values.size
    if not count:
        raise ValueError("nothing to rank")
    place = percent / 100 * (count - 1)
    below = min(int(place), count - 1)
    ranked = values.flatten()
    if count <= FEW:
        ranked.sort()
        high = ranked[min(below + 1, count - 1)]
    else:
        ranked.partition(below)
        high = ranked[below + 1 :].min(initial=ranked.max())
    low = float(ranked[below])
    return low + (float(high) - low) * (place - below)


def row_percentiles(values: NDArray[Any], percent: float) -> NDArray[Any]:
    """(h,): that percentile of each row. values: (h, w), one column at least; percent: 0..100."""
    place = percent / 100 * (values.shape[1] - 1)
    below = min(int(place), values.shape[1] - 1)
    ranked = np.sort(values, axis=1)
    low, high = ranked[:, below], ranked[:, min(below + 1, values.shape[1] - 1)]
    return np.asarray(low + (high - low) * values.dtype.type(place - below))


def median_colour(pixels: NDArray[Any]) -> tuple[float, float, float]:
    """Of each of three channels. pixels: (n, 3)."""
    count, ranked = len(pixels), pixels.T.copy()
    if not count:
        raise ValueError("nothing to take the median of")
    middle = count // 2
    if count <= FEW:
        ranked.sort(axis=1)
        low = ranked[:, (count - 1) // 2]
    else:
        ranked.partition(middle, axis=1)
        low = ranked[:, middle] if count % 2 else ranked[:, :middle].max(axis=1)
    first, second, third = ((np.asarray(low, np.float64) + ranked[:, middle]) / 2).tolist()
    return first, second, third
