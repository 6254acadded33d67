"""One person of a labelled folder, put before a wall."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from backend.cli.labelled import Labelled
from backend.compliance.face import Face
from tests import images
from tests.images import Rgb

Draw = Callable[["Sitter"], Rgb | bytes]


@dataclass(frozen=True)
class Sitter:
    """One person before a light-blue wall at 480x640."""

    labelled: Labelled
    person: tuple[Rgb, np.ndarray, Face, float]
    rgb: Rgb
    face: Face

    def before(self, wall: Rgb | tuple[int, int, int]) -> Rgb:
        return images.on_wall(self.person, wall)

    def skin_times(self, factor: float) -> Rgb:
        """The person, clothes and all, darker or lighter; the wall and its light stay."""
        return self.person_only(lambda rgb: np.asarray(np.clip(255 * (rgb / 255.0) ** factor, 0, 255), np.uint8))

    def person_only(self, change: Callable[[Rgb], Rgb]) -> Rgb:
        """The person changed, clothes and all, before the same wall."""
        large, alpha, face, top = self.person
        return images.on_wall((change(large), alpha, face, top))

    def zoomed(self, factor: float) -> Rgb:
        shift = np.array([[factor, 0, 240 * (1 - factor)], [0, factor, 250 * (1 - factor)]], np.float32)
        edges = cv2.BORDER_REPLICATE  # the garment goes on below
        return np.asarray(
            cv2.warpAffine(self.rgb, shift, (480, 640), flags=cv2.INTER_CUBIC, borderMode=edges), np.uint8
        )

    def shifted(self, down: int, right: int = 0) -> Rgb:
        """Moved in the frame: the wall goes on above and beside, the garment below."""
        move = np.array([[1, 0, right], [0, 1, down]], np.float32)
        return np.asarray(cv2.warpAffine(self.rgb, move, (480, 640), borderMode=cv2.BORDER_REPLICATE), np.uint8)

    @cached_property
    def share(self) -> np.ndarray:
        """(640, 480) float32: 1 on the person, 0 on the wall."""
        _, alpha, face, top = self.person
        white = np.repeat((alpha * 255).astype(np.uint8)[..., None], 3, axis=2)
        return images.on_wall((white, alpha, face, top), (0, 0, 0))[..., 0].astype(np.float32) / 255
