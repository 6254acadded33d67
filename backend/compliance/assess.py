"""One picture in, one report out: the way from bytes to a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.compliance.decode import Unreadable, mode_for
from backend.compliance.findings import Mode, Report
from backend.compliance.standard import Standard

if TYPE_CHECKING:
    from backend.ports import FaceAnalyser

__all__ = ["Assessment", "Unreadable", "assess", "mode_for"]


@dataclass(frozen=True)
class Assessment:
    """A report with the pictures it speaks of.

    judged_jpeg:       the picture that was judged, as JPEG; marks are in its pixels. In capture mode without a usable
                       frame it is the whole picture, oriented and reduced.
    registration_jpeg: the normalised registration file; only in capture mode with a frame.
    """

    report: Report
    judged_jpeg: bytes
    registration_jpeg: bytes | None


def assess(
    content: bytes, *, file_name: str | None, mode: Mode, standard: Standard, profile: str, analyser: FaceAnalyser
) -> Assessment:
    """Judge one picture. Raises Unreadable with a named reason when the bytes are no picture that can be judged."""
    raise NotImplementedError
