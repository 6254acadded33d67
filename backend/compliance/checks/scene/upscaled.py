"""UPSCALED: the picture was not enlarged from a smaller one (R05)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.compliance import places
from backend.compliance.checks.check import Check, Observation
from backend.compliance.checks.scene.blur import face_crop
from backend.compliance.codes import Code
from backend.compliance.observed import Grey
from backend.compliance.prepare import Prepared
from backend.compliance.ranks import median
from backend.compliance.standard import Rule

FINE, COARSE = (0.25, 0.40), (0.08, 0.16)  # cycles per pixel
STEPS = 20.0  # how much a step between rows counts beside the decades of the other measure (ours)


def measure(grey: Grey) -> float:
    """How much fine structure the face has beside coarse structure: log10 of the energies of the two bands.

    grey: (h, w) float32, the face. Bands: 0.25-0.40 and 0.08-0.16 cycles per pixel. A picture enlarged twice or more
    has nothing above 0.25; a ratio, so neither contrast nor skin tone matters. Source: R05; no number given.
    """
    window = np.hanning(grey.shape[0])[:, None], np.hanning(grey.shape[1])
    seen = (grey - grey.mean()) * np.float32(window[0]) * np.float32(window[1])
    # with nothing beside it, to a size of small factors: others take up to ten times as long
    height, width = (cv2.getOptimalDFTSize(side) for side in grey.shape)
    waves = np.fft.rfft2(seen, (height, width)).ravel()
    energy = np.square(waves.real) + np.square(waves.imag)
    fine, coarse = (float(energy @ band) for band in _bands(height, width))
    return float(np.log10((fine + 1e-6) / (coarse + 1e-6)))


@lru_cache(maxsize=8)  # faces on finished files differ little in size
def _bands(height: int, width: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Which waves lie in the bands FINE and COARSE, as weights for a mean."""
    rows, columns = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :]
    frequency = np.hypot(rows, columns).ravel()
    fine, coarse = ((frequency > low) & (frequency < high) for low, high in (FINE, COARSE))
    return (fine / fine.sum()).astype(np.float32), (coarse / coarse.sum()).astype(np.float32)


def squares(grey: Grey) -> float:
    """How unevenly rows and columns differ from their neighbours: 0.06 at most in a photo, 0.15 and more in one that
    was enlarged by repeating pixels, by whatever factor.

    grey: (h, w) float32, the face. The middle of |a - 2b + c| / (a + 2b + c) over three steps that follow each other,
    in the direction where it is less: lines of compression and the edge of a collar are few. Source: R05; ours.
    """
    return min(_unevenness(cv2.absdiff(grey[1:], grey[:-1]), 1), _unevenness(cv2.absdiff(grey[:, 1:], grey[:, :-1]), 0))


def _unevenness(apart: Any, axis: int) -> float:
    steps = cv2.reduce(apart, axis, cv2.REDUCE_AVG).ravel()
    turn = np.abs(steps[2:] - 2 * steps[1:-1] + steps[:-2])
    return median(turn / (steps[2:] + 2 * steps[1:-1] + steps[:-2] + 0.2))


def look(prepared: Prepared, rule: Rule) -> Observation:
    grey, _ = face_crop(prepared.grey, prepared.subject)
    return Observation(min(measure(grey), -STEPS * squares(grey)))


CHECK = Check(Code.UPSCALED, look, needs_face=True, where=places.face)
