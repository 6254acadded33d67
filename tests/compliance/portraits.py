"""One portrait, with each thing that can be wrong with it, weaker to stronger."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cached_property

import cv2
import numpy as np
from PIL import Image

from backend.compliance.codes import Code
from backend.compliance.face import Face
from backend.compliance.prepare import find_face
from backend.ports import FaceAnalyser
from tests import drawings, images
from tests.images import LIGHT_BLUE, Rgb, jpeg

# for each code: pictures from right to clearly wrong; the measured value moves one way and the last one is not OK
Series = Callable[["Studio"], list[bytes]]
WHITE = (255, 255, 255)


class Studio:
    """Takes pictures of the portrait."""

    def __init__(self, analyser: FaceAnalyser) -> None:
        self.analyser = analyser
        self.person = images.cut_out(images.astronaut(), analyser)

    @cached_property
    def straight(self) -> Rgb:
        """The portrait with its head held straight, before light blue."""
        return images.rolled(images.on_wall(self.person), -self.person[2].tilt)

    @cached_property
    def face(self) -> Face:
        face, _ = find_face(self.straight, self.analyser, blendshapes=True)
        assert face is not None
        return face

    def moved(self, *, right: int = 0, down: int = 0, zoom: float = 1.0) -> Rgb:
        shift = np.array([[zoom, 0, 240 * (1 - zoom) + right], [0, zoom, 260 * (1 - zoom) + down]], np.float32)
        return np.asarray(
            cv2.warpAffine(self.straight, shift, (480, 640), borderMode=cv2.BORDER_CONSTANT, borderValue=LIGHT_BLUE)
        )


def _each(draw: Callable[[Rgb, Face, float], Rgb], *strengths: float) -> Series:
    return lambda studio: [jpeg(draw(studio.straight, studio.face, strength)) for strength in strengths]


def _walls(*walls: Callable[[Studio], Rgb]) -> Series:
    return lambda studio: [jpeg(wall(studio)) for wall in walls]


def _plain(change: Callable[[Rgb, float], Rgb], *strengths: float) -> Series:
    return lambda studio: [jpeg(change(studio.straight, strength)) for strength in strengths]


def _with_exif(studio: Studio, software: str = "", taken: str = "") -> bytes:
    exif = Image.Exif()
    if software:
        exif[0x0131] = software
    if taken:
        exif.get_ifd(0x8769)[0x9003] = taken
    return jpeg(studio.straight, exif=exif.tobytes())


def _again(studio: Studio, first: int) -> bytes:
    """Compressed strongly once, then gently."""
    poor = np.asarray(Image.open(io.BytesIO(jpeg(studio.straight, first))))
    return jpeg(poor, 92)


def _sized(studio: Studio, side: int) -> bytes:
    return jpeg(np.asarray(Image.fromarray(studio.straight).resize((side, side * 4 // 3))))


def _grade(rgb: Rgb, share: float) -> Rgb:
    return np.asarray(rgb * (1 - share) + images.grey(rgb) * share, dtype=np.uint8)


def _looking(rgb: Rgb, face: Face, share: float) -> Rgb:
    """Both irises moved to one side, the white filled in behind them."""
    drawn = rgb.copy()
    for pupil, outer, inner in ((468, 33, 133), (473, 263, 362)):
        x, y = face.point(pupil)
        width = face.distance(outer, inner)
        radius = round(0.2 * width)
        cv2.circle(drawn, (round(x), round(y)), radius + 1, (215, 205, 200), -1, cv2.LINE_AA)
        cv2.circle(drawn, (round(x + share * width), round(y)), radius, (60, 40, 30), -1, cv2.LINE_AA)
    return drawn


SERIES: dict[Code, Series] = {
    Code.FILE_FORMAT: lambda s: [jpeg(s.straight), images.encoded(s.straight, "PNG")],
    Code.PIXEL_SIZE: lambda s: [jpeg(s.straight), _sized(s, 413), _sized(s, 240)],
    Code.DPI: lambda s: [jpeg(s.straight), jpeg(s.straight, dpi=(150, 150)), jpeg(s.straight, dpi=(72, 72))],
    Code.COLOR_DEPTH: lambda s: [jpeg(s.straight), jpeg(np.asarray(Image.fromarray(s.straight).convert("L")))],
    Code.JPEG_QUALITY: lambda s: [jpeg(s.straight, 90), jpeg(s.straight, 60), jpeg(s.straight, 30)],
    Code.SIZE_LOW: lambda s: [jpeg(s.straight, 92), jpeg(images.blurred(s.straight, 3), 60)],
    Code.SIZE_HIGH: lambda s: [jpeg(s.straight, 80), jpeg(images.noisy(s.straight, 12), 95)],
    Code.EDITED: lambda s: [_with_exif(s, "HDR+ 1.0"), _with_exif(s, "Adobe Photoshop 25.0")],
    Code.NO_FACE: lambda s: [jpeg(s.straight), jpeg(images.gradient(LIGHT_BLUE, WHITE))],
    Code.MANY_FACES: lambda s: [jpeg(s.straight), jpeg(images.with_second_face(s.straight, s.face))],
    Code.HEAD_TOP: lambda s: [jpeg(s.moved(down=down)) for down in (0, -25, -50)],
    Code.EYE_LINE: lambda s: [jpeg(s.moved(down=down)) for down in (0, 50, 100)],
    Code.FACE_WIDTH: lambda s: [jpeg(s.moved(zoom=zoom)) for zoom in (1.0, 0.85, 0.65)],
    Code.CENTERING: lambda s: [jpeg(s.moved(right=right)) for right in (0, 30, 70)],
    Code.EYE_TILT: lambda s: [jpeg(images.rolled(s.straight, degrees)) for degrees in (0, 5, 15)],
    Code.HEAD_POSE: _each(drawings.turned, 0, 10, 20),
    Code.SHOULDERS: _each(drawings.leaning, -12, 0, 10),
    Code.EYES_CLOSED: lambda s: [jpeg(s.straight), jpeg(images.with_closed_eyes(s.straight, s.face))],
    Code.GAZE: _each(_looking, 0.0, 0.1, 0.25),
    Code.MOUTH_OPEN: _each(images.with_open_mouth, 0.06, 0.12, 0.2),
    Code.BROWS_HIDDEN: lambda s: [
        jpeg(images.with_fringe(s.straight, s.face, colour))
        for colour in ((214, 160, 130), (120, 80, 60), (28, 22, 20))
    ],
    Code.EYES_HIDDEN: _each(images.with_lock, 0.001, 0.22, 0.3),
    Code.EARS_HIDDEN: lambda s: [
        jpeg(images.with_long_hair(s.straight, s.face, colour)) for colour in ((214, 160, 130), (28, 22, 20))
    ],
    Code.GLASSES_TINT: _each(lambda rgb, face, tint: images.with_glasses(rgb, face, tint=tint), 0.0, 0.4, 0.8),
    Code.GLASSES_FRAME: _each(lambda rgb, face, rim: images.with_glasses(rgb, face, rim=int(rim)), 0, 12, 26),
    Code.GLASSES_REFLECT: _each(lambda rgb, face, glare: images.with_glasses(rgb, face, glare=glare), 0.0, 0.6, 1.0),
    Code.FACE_COVERED: lambda s: [jpeg(s.straight), jpeg(images.with_mask(s.straight, s.face))],
    Code.HEADWEAR: lambda s: [jpeg(s.straight), jpeg(images.with_cap(s.straight, s.face, 60))],
    Code.HALF_FACE: lambda s: [jpeg(images.side_light(s.straight, s.face, rest)) for rest in (0.8, 0.5, 0.25)],
    Code.HIGHLIGHT: _each(images.with_shine, 0.01, 0.05, 0.1),
    Code.RED_EYE: lambda s: [jpeg(s.straight), jpeg(images.with_red_eyes(s.straight, s.face))],
    Code.NOT_COLOR: _plain(_grade, 0.0, 0.6, 1.0),
    Code.BLUR: _plain(images.blurred, 0.3, 1.5, 3.0),
    Code.UPSCALED: lambda s: [jpeg(images.enlarged(images.noisy(s.straight, 5), factor)) for factor in (1.0, 2.0, 4.0)],
    Code.NOISE: _plain(images.noisy, 0.0, 8.0, 25.0),
    Code.COMPRESSION: lambda s: [_again(s, 90), _again(s, 25), _again(s, 8)],
    Code.UNDEREXPOSED: _plain(lambda rgb, factor: images.scaled(rgb, factor), 1.0, 0.6, 0.35),
    Code.OVEREXPOSED: _plain(lambda rgb, factor: images.scaled(rgb, factor), 1.0, 1.4, 1.9),
    Code.COLOR_CAST: _plain(lambda rgb, blue: images.scaled(rgb, 1.0, 1.0, blue), 1.0, 0.6, 0.35),
    Code.BG_COLOR: lambda s: [
        jpeg(images.on_wall(s.person, wall)) for wall in (LIGHT_BLUE, (60, 150, 220), (20, 90, 170), (200, 30, 40))
    ],
    Code.BG_UNIFORM: _walls(
        lambda s: images.on_wall(s.person, images.gradient(LIGHT_BLUE, LIGHT_BLUE)),
        lambda s: images.on_wall(s.person, images.gradient(LIGHT_BLUE, (150, 215, 255))),
        lambda s: images.on_wall(s.person, images.gradient(LIGHT_BLUE, WHITE)),
    ),
    Code.BG_SHADOW: lambda s: [jpeg(images.with_shadow(s.person, depth)) for depth in (0.0, 0.2, 0.5)],
    Code.BG_OBJECT: lambda s: [jpeg(s.straight), jpeg(images.on_wall(s.person, images.shelf()))],
    Code.CLOTH_LIKE_BG: lambda s: [
        jpeg(images.with_clothes(s.straight, s.face, colour)) for colour in ((30, 30, 40), (60, 150, 220), LIGHT_BLUE)
    ],
    Code.CLOTH_PATTERN: lambda s: [
        jpeg(images.with_clothes(s.straight, s.face, (230, 230, 230))),
        jpeg(images.with_clothes(s.straight, s.face, (230, 230, 230), stripes=(20, 20, 60))),
    ],
    Code.FRAME_OR_TEXT: lambda s: [
        jpeg(s.straight),
        jpeg(images.with_text(s.straight)),
        jpeg(images.with_border(s.straight)),
    ],
    Code.STRETCHED: lambda s: [jpeg(images.pulled(s.straight, wide)) for wide in (1.0, 1.15, 1.33)],
    Code.RETOUCHED: lambda s: [jpeg(s.straight), jpeg(images.smoothed_skin(s.straight, s.face))],
}
