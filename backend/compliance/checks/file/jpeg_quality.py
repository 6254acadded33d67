"""JPEG_QUALITY: the compression kept a quality factor of at least 60 (R31)."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from backend.compliance.checks.check import Check, Observation
from backend.compliance.codes import Code
from backend.compliance.prepare import Prepared
from backend.compliance.standard import Rule

# ITU-T T.81 Annex K, table K.1 (luminance), row by row; the sum does not depend on the order
_BASE_LUMINANCE = np.array([
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
    87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
    72, 92, 95, 98, 112, 100, 103, 99,
])  # fmt: skip


def measure(luminance: tuple[int, ...]) -> float | None:
    """The quality factor 1..100 of the usual encoders that gives this luminance table; None for an unusual table.

    The factor is not stored in a JPEG: it is found by comparing with the scaled tables of the standard. An unusual
    table (Photoshop, cameras) that is everywhere finer than factor q's table counts as q.
    Source: R31, 教毕指〔2017〕99号; scaling as in the Independent JPEG Group's library.
    """
    steps = np.sort(np.asarray(luminance))
    usual = _usual_tables().get(tuple(steps.tolist()))
    if usual is not None:
        return float(usual)
    tables = _sorted_tables()
    finer = [quality for quality, table in tables.items() if (steps <= table).all()]
    coarser = [quality for quality, table in tables.items() if (steps >= table).all()]
    surely, at_most = max(finer, default=1), min(coarser, default=100)
    if at_most - surely > 25:
        return None
    return float((surely + at_most) // 2)


@cache
def _usual_tables() -> dict[tuple[int, ...], int]:
    """The quality of each sorted table, the lowest where two are the same."""
    return {tuple(table.tolist()): quality for quality, table in reversed(_sorted_tables().items())}


@cache
def _sorted_tables() -> dict[int, NDArray[np.int_]]:
    return {quality: np.sort(scaled_table(quality)) for quality in range(1, 101)}


def scaled_table(quality: int) -> NDArray[np.int_]:
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    return np.asarray(np.clip((_BASE_LUMINANCE * scale + 50) // 100, 1, 255))


def look(prepared: Prepared, rule: Rule) -> Observation:
    tables = prepared.file.metadata.tables
    if not tables or len(tables[0]) != 64:
        return Observation(None, clear=prepared.file.metadata.kind != "JPEG", reason="no_tables")
    quality = measure(tables[0])
    return Observation(quality, reason="unusual_tables" if quality is None else None)


CHECK = Check(Code.JPEG_QUALITY, look)
