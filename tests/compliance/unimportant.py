"""Changes that must not matter: other light, other blues, other glasses, hair and clothes, other compression."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from tests import accessories as a
from tests import drawings as d
from tests import images
from tests.compliance.sitter import Draw
from tests.images import LIGHT_BLUE, Rgb


def decoded(content: bytes) -> Rgb:
    return np.asarray(Image.open(io.BytesIO(content)))


RIGHT: dict[str, Draw] = {
    "as it is": lambda s: s.rgb,
    "quality 75": lambda s: images.jpeg(s.rgb, 75),
    "quality 85 twice": lambda s: images.jpeg(decoded(images.jpeg(s.rgb, 85)), 85),
    "light x 0.92": lambda s: images.scaled(s.rgb, 0.92),
    "light x 1.08": lambda s: images.scaled(s.rgb, 1.08),
    "smaller by 3 %": lambda s: s.zoomed(0.97),
    "larger by 3 %": lambda s: s.zoomed(1.03),
    "turned by 2 deg": lambda s: images.rolled(s.rgb, 2.0),
    "turned by -2 deg": lambda s: images.rolled(s.rgb, -2.0),
    "warmer by 4 %": lambda s: images.scaled(s.rgb, 1.0, 0.99, 0.96),
    "cooler by 4 %": lambda s: images.scaled(s.rgb, 0.96, 0.99, 1.0),
    "grain, sigma 2": lambda s: images.noisy(s.rgb, 2.0),
    "soft, sigma 0.5": lambda s: images.blurred(s.rgb, 0.5),
    "person darker": lambda s: s.skin_times(1.35),
    "person much darker": lambda s: s.skin_times(1.7),
    "person lighter": lambda s: s.skin_times(0.85),
    "blue 90 190 250": lambda s: s.before((90, 190, 250)),
    "blue 110 200 255": lambda s: s.before((110, 200, 255)),
    "blue 100 197 240": lambda s: s.before((100, 197, 240)),
    "blue 115 190 245": lambda s: s.before((115, 190, 245)),
    "white wall": lambda s: s.before((252, 252, 252)),
    "light grey wall": lambda s: s.before((238, 238, 240)),
    "wall falls off by 4 %": lambda s: s.before(images.gradient(LIGHT_BLUE, (96, 189, 245))),
    "faint shadow 8 %": lambda s: images.with_shadow(s.person, 0.08),
    "clear glasses": lambda s: images.with_glasses(s.rgb, s.face),
    "clear glasses, thin": lambda s: images.with_glasses(s.rgb, s.face, rim=2),
    **{
        f"clothes with {name}": lambda s, pattern=pattern: d.with_pattern(
            s.rgb, s.face, s.share, pattern, (240, 240, 240), (30, 40, 80)
        )
        for name, pattern in {
            "dots": d.dots(32, 10),
            "dots aslant": d.dots(24, 8, turned=True),
            "plaid": d.plaid(20, 3),
        }.items()
    },
    "plain dark clothes": lambda s: images.with_clothes(s.rgb, s.face, (40, 40, 48)),
    # the tone of the face alone: no check may ask how bright it is
    **{
        f"face gamma {gamma:g}": lambda s, gamma=gamma: d.face_gamma(s.rgb, s.face, gamma)
        for gamma in (0.7, 1.3, 1.6, 2.0)
    },
    "blue 0 191 243": lambda s: s.before((0, 191, 243)),
    "blue 130 205 250": lambda s: s.before((130, 205, 250)),
    "blue 85 170 235": lambda s: s.before((85, 170, 235)),
    "grey wall 228": lambda s: s.before((228, 228, 228)),
    "wall side to side 3 %": lambda s: s.before(d.sideways((100, 197, 255), (97, 191, 247))),
    "vignette 4 %": lambda s: d.vignette(s.rgb, 0.04),
    "mirrored": lambda s: s.rgb[:, ::-1].copy(),
    "quality 62": lambda s: images.jpeg(s.rgb, 62),
    "sharpened": lambda s: d.sharpened(s.rgb, 0.6),
    "enlarged 1.2 times": lambda s: images.enlarged(s.rgb, 1.2),
    "grain, sigma 3": lambda s: images.noisy(s.rgb, 3.0),
    "gamma 0.85": lambda s: d.gamma(s.rgb, 0.85),
    "gamma 1.15": lambda s: d.gamma(s.rgb, 1.15),
    "one side at 85 %": lambda s: d.mixed(s.rgb, images.side_light(s.rgb, s.face, 0.85), s.share),
    "higher by 12 px": lambda s: s.shifted(-12),
    "lower by 8 px": lambda s: s.shifted(8),
    "aside by 14 px": lambda s: s.shifted(0, 14),
    "eyes at 80 %": lambda s: d.eyes_narrowed(s.rgb, s.face, 0.8),
    "stubble": lambda s: d.with_stubble(s.rgb, s.face, 0.2),
    "dark stubble": lambda s: d.with_stubble(s.rgb, s.face, 0.4),
    "lipstick": lambda s: d.with_lipstick(s.rgb, s.face),
    "pale lips": lambda s: d.with_lipstick(s.rgb, s.face, (215, 165, 150), 0.4),
    "moles": lambda s: d.with_moles(s.rgb, s.face),
    "soft gleam": lambda s: d.with_gleam(s.rgb, s.face),
    "brown square glasses": lambda s: d.with_square_glasses(s.rgb, s.face),
    "red glasses": lambda s: d.with_square_glasses(s.rgb, s.face, colour=(150, 30, 40), rim=4),
    "golden glasses": lambda s: d.with_square_glasses(s.rgb, s.face, colour=(190, 160, 90), rim=2),
    "half rims": lambda s: d.with_square_glasses(s.rgb, s.face, colour=(30, 30, 35), rim=4, upper_only=True),
    "white rims": lambda s: d.with_square_glasses(s.rgb, s.face, colour=(235, 235, 235), rim=3),
    "lenses 6 % grey": lambda s: d.with_square_glasses(s.rgb, s.face, tint=0.06),
    "brown hair": lambda s: d.with_hair(s.rgb, s.face, s.share, (1.25, 0.95, 0.75), 25),
    "red hair": lambda s: d.with_hair(s.rgb, s.face, s.share, (1.5, 0.85, 0.6), 35),
    "grey hair": lambda s: d.with_hair(s.rgb, s.face, s.share, (1.0, 1.0, 1.03), 70),
    "black hair": lambda s: d.with_hair(s.rgb, s.face, s.share, (0.6, 0.6, 0.62)),
    "light round the hair": lambda s: a.with_ring_of_light(s.rgb, s.face, s.share, images.HEAD_TOP, 0.35),
    "short fringe": lambda s: d.with_short_fringe(s.rgb, s.face),
    **{
        f"clothes {colour[0]} {colour[1]} {colour[2]}": lambda s, colour=colour: images.with_clothes(
            s.rgb, s.face, colour
        )
        for colour in (
            (160, 30, 40),
            (225, 225, 228),
            (30, 60, 120),
            (20, 90, 60),
            (235, 190, 60),
            (140, 140, 145),
            (70, 110, 160),
            (85, 130, 180),
            (60, 150, 160),
        )
    },
}
