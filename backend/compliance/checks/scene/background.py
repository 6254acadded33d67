"""The background as the scene checks see it."""

from __future__ import annotations

import numpy as np

from backend.compliance.observed import Grey
from backend.compliance.prepare import Prepared

LEAST_SHARE = 0.05


def lab_pixels(prepared: Prepared) -> Grey:
    """(n, 3) CIELAB of the background pixels. Raises ValueError when they are less than 5 % of the picture."""
    regions = prepared.parts
    if np.mean(regions.background) < LEAST_SHARE:
        raise ValueError("too little background")
    return np.asarray(regions.lab[regions.background])
