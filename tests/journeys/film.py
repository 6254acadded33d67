"""Films for Chromium's fake camera, of the studio's pictures: concatenated JPEGs, thirty a second, over and over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from backend.compliance.prepare import find_face
from backend.demo.pictures import Studio, Wish
from backend.ports import FaceAnalyser
from tests.images import with_closed_eyes

PER_SECOND = 30  # how fast Chromium plays such a film
SIZE = (720, 960)  # width and height of what the camera gives
RIGHT = {"scale": 1.4, "shift": (0, 80)}  # fills the frame as the guide asks


@dataclass(frozen=True)
class Scene:
    """One picture, held for so many seconds. marked: a red patch on the left, to tell it from its mirror image."""

    wish: Wish
    seconds: float
    eyes_closed: bool = False
    marked: bool = False


def right(seconds: float, *, marked: bool = False) -> Scene:
    return Scene(Wish(**RIGHT), seconds, marked=marked)  # type: ignore[arg-type]


def lesson() -> list[Scene]:
    """What a student does before it is right, and then right."""
    return [
        Scene(Wish(), 6),  # too far; long, because the film runs while a busy machine still starts the page
        Scene(Wish(scale=1.4, tilt=13, shift=(-70, 80)), 2.4),
        Scene(Wish(light=0.25, **RIGHT), 2.4),  # type: ignore[arg-type]
        Scene(Wish(people=2, **RIGHT), 2.4),  # type: ignore[arg-type]
        Scene(Wish(**RIGHT), 2.4, eyes_closed=True),  # type: ignore[arg-type]
        right(9),
    ]


def shoot(path: Path, studio: Studio, analyser: FaceAnalyser, scenes: Sequence[Scene]) -> Path:
    with path.open("wb") as film:
        for scene in scenes:
            picture = picture_of(scene, studio, analyser)
            for _ in range(round(scene.seconds * PER_SECOND)):
                film.write(picture)
    return path


def picture_of(scene: Scene, studio: Studio, analyser: FaceAnalyser) -> bytes:
    large = cv2.imdecode(np.frombuffer(studio.take(scene.wish), np.uint8), cv2.IMREAD_COLOR)
    rgb = np.ascontiguousarray(cv2.resize(large, SIZE, interpolation=cv2.INTER_AREA)[..., ::-1])
    if scene.eyes_closed:
        face, _faces = find_face(rgb, analyser, blendshapes=False)
        assert face is not None
        rgb = with_closed_eyes(rgb, face)
    if scene.marked:
        rgb[840:920, 140:220] = (200, 30, 30)
    return cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 82])[1].tobytes()
