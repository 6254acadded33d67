"""UPSCALED: the picture was not enlarged from a smaller one (R05)."""

from __future__ import annotations

import numpy as np

from backend.compliance import places
from backend.compliance.checks.check import Check, Observation
from backend.compliance.checks.scene.blur import face_crop
from backend.compliance.codes import Code
from backend.compliance.observed import Grey
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule


def measure(grey: Grey) -> float:
    """How much fine structure the face has beside coarse structure: log10 of the energies of the two bands.

    grey: (h, w) float32, the face. Bands: 0.25-0.40 and 0.08-0.16 cycles per pixel. A picture enlarged twice or more
    has nothing above 0.25; a ratio, so neither contrast nor skin tone matters. Source: R05; no number given.
    """
    window = np.hanning(grey.shape[0])[:, None], np.hanning(grey.shape[1])
    waves = np.fft.rfft2((grey - grey.mean()) * np.float32(window[0]) * np.float32(window[1]))
    energy = np.square(waves.real) + np.square(waves.imag)
    rows, columns = np.fft.fftfreq(grey.shape[0])[:, None], np.fft.rfftfreq(grey.shape[1])[None, :]
    frequency = np.square(rows) + np.square(columns)
    fine = energy[(frequency > 0.25**2) & (frequency < 0.40**2)].mean()
    coarse = energy[(frequency > 0.08**2) & (frequency < 0.16**2)].mean()
    return float(np.log10((fine + 1e-6) / (coarse + 1e-6)))


def look(prepared: Prepared, rule: Rule) -> Observation:
    grey, _ = face_crop(prepared.grey, prepared.subject)
    return Observation(measure(grey))


CHECK = Check(Code.UPSCALED, look, needs_face=True, where=places.face)
