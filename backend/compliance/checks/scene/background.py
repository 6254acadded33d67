"""The background as the scene checks see it."""

from __future__ import annotations

import numpy as np

from backend.compliance.observed import Grey
from backend.compliance.prepare import Prepared

LEAST_SHARE = 0.05


def lab_pixels(prepared: Prepared) -> Grey:
    """(n, 3) CIELAB of background pixels, spread over all of it.

    Raises ValueError when the background is less than 5 % of the picture.
    """
    regions = prepared.parts
    if np.count_nonzero(regions.background) < LEAST_SHARE * regions.background.size:
        raise ValueError("too little background")
    return regions.wall
