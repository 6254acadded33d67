"""Drawn defects, each with the codes of which one has to be raised."""

from __future__ import annotations

from collections.abc import Callable

import cv2

from backend.compliance.face import Face
from tests import accessories as a
from tests import drawings as d
from tests import images
from tests.compliance.sitter import Draw, Sitter
from tests.compliance.unimportant import decoded
from tests.images import LIGHT_BLUE, Rgb

Colour = tuple[int, int, int]


def text(words: str, colour: tuple[int, int, int], scale: float, at: tuple[int, int], weight: int = 2) -> Draw:
    def draw(sitter: Sitter) -> Rgb:
        drawn = sitter.rgb.copy()
        cv2.putText(drawn, words, at, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, weight, cv2.LINE_AA)
        return drawn

    return draw


def _before(wall: Colour | Rgb) -> Draw:
    return lambda s: s.before(wall)


def _coloured(worn: Callable[[Rgb, Face, float, Colour], Rgb], height: float, colour: Colour) -> Draw:
    return lambda s: worn(s.rgb, s.face, height, colour)


def _felt(colour: Colour | None, **how: float) -> Draw:
    """Of that colour, or of the person's own hair."""

    def draw(s: Sitter) -> Rgb:
        chosen = d.hair_of(s.rgb, s.face, s.share, images.HEAD_TOP) if colour is None else colour
        return d.with_felt(s.rgb, s.face, s.share, images.HEAD_TOP, chosen, **how)

    return draw


HAIRLIKE: dict[str, Colour] = {"black": (30, 30, 33), "grey": (120, 120, 124), "brown": (92, 64, 48)}
COVERED = {"FACE_COVERED"}
DARK = {"GLASSES_TINT"}
BG = {"BG_UNIFORM", "BG_SHADOW", "BG_OBJECT", "BG_COLOR"}
WEARING = {"HEADWEAR", "BROWS_HIDDEN", "HEAD_TOP"}
WINK = {"EYES_CLOSED", "EYES_HIDDEN"}
HAIR = {"BROWS_HIDDEN", "EYES_HIDDEN"}
DEFECTS: dict[str, tuple[set[str], Draw]] = {
    **{
        f"wall {wall[0]} {wall[1]} {wall[2]}": ({"BG_COLOR"}, _before(wall))
        for wall in ((30, 90, 170), (60, 140, 90), (190, 40, 40), (150, 150, 150), (240, 170, 190), (20, 20, 20))
    },
    "wall falls off by 20 %": (BG, lambda s: s.before(images.gradient(LIGHT_BLUE, (80, 158, 204)))),
    "wall to white": (BG, lambda s: s.before(images.gradient(LIGHT_BLUE, (255, 255, 255)))),
    "shadow 20 %": (BG, lambda s: images.with_shadow(s.person, 0.20)),
    "shadow 35 %": (BG, lambda s: images.with_shadow(s.person, 0.35)),
    "shelves": (BG, lambda s: s.before(images.shelf())),
    "blur sigma 2": ({"BLUR", "UPSCALED"}, lambda s: images.blurred(s.rgb, 2.0)),
    "moved by 11 px": ({"BLUR"}, lambda s: images.smeared(s.rgb, 11)),
    "enlarged 3 times": ({"BLUR", "UPSCALED"}, lambda s: images.enlarged(s.rgb, 3)),
    "noise sigma 15": ({"NOISE"}, lambda s: images.noisy(s.rgb, 15)),
    "light x 0.5": ({"UNDEREXPOSED"}, lambda s: images.scaled(s.rgb, 0.5)),
    "light x 1.6": ({"OVEREXPOSED", "HIGHLIGHT"}, lambda s: images.scaled(s.rgb, 1.6)),
    "one side at 40 %": ({"HALF_FACE"}, lambda s: images.side_light(s.rgb, s.face, 0.4)),
    "yellow cast": ({"COLOR_CAST"}, lambda s: images.scaled(s.rgb, 1.0, 0.92, 0.5)),
    "blue cast": ({"COLOR_CAST"}, lambda s: images.scaled(s.rgb, 0.65, 0.85, 1.0)),
    "green cast": ({"COLOR_CAST"}, lambda s: images.scaled(s.rgb, 0.75, 1.0, 0.75)),
    "grey": ({"NOT_COLOR"}, lambda s: images.grey(s.rgb)),
    **{
        f"head turned {yaw} deg": ({"HEAD_POSE"}, lambda s, yaw=yaw: d.turned(s.rgb, s.face, yaw))
        for yaw in (-20, -15, -12, 12, 15, 20)
    },
    **{
        f"chin {'up' if pitch > 0 else 'down'} {abs(pitch)} deg": (
            {"HEAD_POSE"},
            lambda s, pitch=pitch: d.turned(s.rgb, s.face, 0, pitch),
        )
        for pitch in (-25, -20, -15, 15, 20, 25)
    },
    **{
        f"shoulders {lean} deg": ({"SHOULDERS"}, lambda s, lean=lean: d.leaning(s.rgb, s.face, lean))
        for lean in (-15, -12, -10, 10, 12, 15)
    },
    "one ear covered": ({"EARS_HIDDEN"}, lambda s: images.with_long_hair(s.rgb, s.face, only_left=True)),
    "one ear covered, brown": (
        {"EARS_HIDDEN"},
        lambda s: images.with_long_hair(s.rgb, s.face, (70, 48, 36), only_left=True),
    ),
    **{
        f"{share} % of a face at the edge": (
            {"MANY_FACES"},
            lambda s, share=share: s.before(images.on_wall(s.person, right=round(240 + (0.5 - share / 100) * 215))),
        )
        for share in (30, 40, 50)
    },
    "turned by 10 deg": ({"EYE_TILT"}, lambda s: images.rolled(s.rgb, 10)),
    "eyes closed": ({"EYES_CLOSED"}, lambda s: images.with_closed_eyes(s.rgb, s.face)),
    "mouth open 8 %": ({"MOUTH_OPEN"}, lambda s: images.with_open_mouth(s.rgb, s.face, 0.08)),
    "mouth open 14 %": ({"MOUTH_OPEN"}, lambda s: images.with_open_mouth(s.rgb, s.face, 0.14)),
    "mouth open 20 %": ({"MOUTH_OPEN"}, lambda s: images.with_open_mouth(s.rgb, s.face, 0.20)),
    "dark lenses": (DARK, lambda s: images.with_glasses(s.rgb, s.face, tint=0.85)),
    "brown lenses": (DARK, lambda s: images.with_glasses(s.rgb, s.face, tint=0.65, colour=(70, 40, 20))),
    "glare 60 %": ({"GLASSES_REFLECT"}, lambda s: images.with_glasses(s.rgb, s.face, glare=0.6)),
    "glare 90 %": ({"GLASSES_REFLECT"}, lambda s: images.with_glasses(s.rgb, s.face, glare=0.9)),
    "blue mask": (COVERED, lambda s: images.with_mask(s.rgb, s.face)),
    "white mask": (COVERED, lambda s: images.with_mask(s.rgb, s.face, (240, 240, 240))),
    "black mask": (COVERED, lambda s: images.with_mask(s.rgb, s.face, (25, 25, 28))),
    "phone": (COVERED, lambda s: images.with_hand(s.rgb, s.face)),
    **{
        f"cap {colour[0]} {colour[1]} {colour[2]}": (
            WEARING,
            _coloured(images.with_cap, 66, colour),
        )
        for colour in ((28, 40, 64), (160, 30, 40), (230, 230, 230), (30, 30, 30))
    },
    "lock black": (HAIR, lambda s: images.with_lock(s.rgb, s.face)),
    "lock brown": (HAIR, lambda s: images.with_lock(s.rgb, s.face, colour=(90, 55, 35))),
    "lock blond": (HAIR, lambda s: images.with_lock(s.rgb, s.face, colour=(200, 165, 110))),
    "fringe": (HAIR, lambda s: images.with_fringe(s.rgb, s.face)),
    "ears covered": ({"EARS_HIDDEN"}, lambda s: images.with_long_hair(s.rgb, s.face)),
    "red eyes": ({"RED_EYE"}, lambda s: images.with_red_eyes(s.rgb, s.face)),
    "second face": ({"MANY_FACES"}, lambda s: images.with_second_face(s.rgb, s.face)),
    "second face, small": ({"MANY_FACES"}, lambda s: images.with_second_face(s.rgb, s.face, 70)),
    "white frame": ({"FRAME_OR_TEXT"}, lambda s: images.with_border(s.rgb)),
    "thin dark frame": ({"FRAME_OR_TEXT"}, lambda s: images.with_border(s.rgb, 4, (20, 20, 20))),
    "white text": ({"FRAME_OR_TEXT"}, text("SAMPLE 2026", (255, 255, 255), 1.1, (110, 606), 3)),
    "black text, short": ({"FRAME_OR_TEXT"}, text("20261102", (0, 0, 0), 0.7, (330, 620))),
    "black text on the wall": ({"FRAME_OR_TEXT"}, text("20261102", (0, 0, 0), 0.6, (20, 40))),
    "red text": ({"FRAME_OR_TEXT"}, text("2026 11 02", (200, 30, 40), 0.8, (290, 610))),
    "grey text across": ({"FRAME_OR_TEXT"}, text("COPY COPY COPY", (150, 150, 150), 1.0, (60, 560))),
    "yellow date": ({"FRAME_OR_TEXT"}, text("'26 11 2", (250, 200, 60), 0.9, (320, 600))),
    **{
        f"pulled to {x:g} x {y:g}": ({"STRETCHED"}, lambda s, x=x, y=y: images.pulled(s.rgb, x, y))
        for x, y in ((1.12, 1), (1.2, 1), (1.33, 1), (1, 1.12), (1, 1.2), (1, 1.33), (0.83, 1), (0.75, 1))
    },
    "clothes like the wall": (
        {"CLOTH_LIKE_BG"},
        lambda s: images.with_clothes(s.rgb, s.face, LIGHT_BLUE),
    ),
    "clothes at 75 % of the wall": (
        {"CLOTH_LIKE_BG"},
        lambda s: images.with_clothes(s.rgb, s.face, [0.75 * part for part in LIGHT_BLUE]),
    ),
    "light blue shirt": (
        {"CLOTH_LIKE_BG"},
        lambda s: images.with_clothes(s.rgb, s.face, (160, 200, 230)),
    ),
    "striped clothes": (
        {"CLOTH_PATTERN"},
        lambda s: images.with_clothes(s.rgb, s.face, (230, 230, 230), stripes=(20, 20, 60)),
    ),
    **{
        f"wall {wall[0]} {wall[1]} {wall[2]}": ({"BG_COLOR"}, _before(wall))
        for wall in (
            (235, 215, 180),
            (190, 230, 190),
            (90, 90, 95),
            (67, 142, 219),
            (0, 128, 128),
            (200, 180, 230),
            (250, 215, 220),
            (190, 190, 190),
        )
    },
    "wall side to side": (BG, lambda s: s.before(d.sideways(LIGHT_BLUE, (75, 150, 200)))),
    "corner of the room": (BG, lambda s: s.before(d.edge_wall())),
    "faint corner": (BG, lambda s: s.before(d.edge_wall(share=0.92))),
    "curtain": (BG, lambda s: s.before(d.curtain())),
    "door frame": (BG, lambda s: s.before(d.with_thing((240, 235, 225), (6, 0, 34, 640)))),
    "light switch": (BG, lambda s: s.before(d.with_thing((245, 245, 240), (28, 210, 64, 256)))),
    "picture on the wall": (BG, lambda s: s.before(d.with_thing((90, 60, 40), (395, 40, 470, 150)))),
    "window": (BG, lambda s: s.before(d.with_thing((255, 255, 255), (0, 0, 90, 240)))),
    "vignette 30 %": (BG, lambda s: d.vignette(s.rgb, 0.3)),
    "shadow 28 %": (BG, lambda s: images.with_shadow(s.person, 0.28)),
    "blur sigma 1.5": ({"BLUR", "UPSCALED"}, lambda s: images.blurred(s.rgb, 1.5)),
    "enlarged 2.2 times": ({"BLUR", "UPSCALED"}, lambda s: images.enlarged(s.rgb, 2.2)),
    "moved by 7 px": ({"BLUR"}, lambda s: images.smeared(s.rgb, 7)),
    "noise sigma 9": ({"NOISE"}, lambda s: images.noisy(s.rgb, 9)),
    "quality 20, saved again": ({"COMPRESSION"}, lambda s: images.jpeg(decoded(images.jpeg(s.rgb, 20)), 92)),
    "quality 40": ({"JPEG_QUALITY"}, lambda s: images.jpeg(s.rgb, 40)),
    "squares of 4": ({"COMPRESSION", "BLUR", "UPSCALED"}, lambda s: d.pixelated(s.rgb, 4)),
    "gamma 2.2": ({"UNDEREXPOSED", "BG_COLOR", "COLOR_CAST"}, lambda s: d.gamma(s.rgb, 2.2)),
    "light x 0.4, grain": ({"UNDEREXPOSED"}, lambda s: images.noisy(images.scaled(s.rgb, 0.4), 5)),
    "light x 1.4": ({"OVEREXPOSED", "HIGHLIGHT"}, lambda s: images.scaled(s.rgb, 1.4)),
    "light x 1.3, white wall": ({"OVEREXPOSED", "HIGHLIGHT"}, lambda s: images.scaled(s.before((252, 252, 252)), 1.3)),
    "person 1 stop darker": ({"UNDEREXPOSED"}, lambda s: s.person_only(lambda rgb: d.stops_darker(rgb, 1))),
    "person 1.3 stops darker": ({"UNDEREXPOSED"}, lambda s: s.person_only(lambda rgb: d.stops_darker(rgb, 1.3))),
    "gamma 0.55": ({"OVEREXPOSED"}, lambda s: d.gamma(s.rgb, 0.55)),
    "black as 50": ({"OVEREXPOSED"}, lambda s: d.lifted(s.rgb, 50)),
    "shine, 30 % of the light": ({"HIGHLIGHT"}, lambda s: d.with_shine(s.rgb, s.face, 0.3)),
    "shine, 45 % of the light": ({"HIGHLIGHT"}, lambda s: d.with_shine(s.rgb, s.face, 0.45)),
    "8 levels": ({"COMPRESSION"}, lambda s: d.posterised(s.rgb, 8)),
    "16 levels": ({"COMPRESSION"}, lambda s: d.posterised(s.rgb, 16)),
    "one side at 55 %": ({"HALF_FACE"}, lambda s: images.side_light(s.rgb, s.face, 0.55)),
    "shine": ({"HIGHLIGHT", "OVEREXPOSED"}, lambda s: images.with_shine(s.rgb, s.face, 0.07)),
    "magenta cast": ({"COLOR_CAST"}, lambda s: images.scaled(s.rgb, 1.0, 0.7, 0.95)),
    "orange cast": ({"COLOR_CAST"}, lambda s: images.scaled(s.rgb, 1.0, 0.8, 0.45)),
    "sepia": ({"NOT_COLOR", "COLOR_CAST"}, lambda s: d.sepia(s.rgb)),
    "turned by 8 deg": ({"EYE_TILT"}, lambda s: images.rolled(s.rgb, 8)),
    "turned by -11 deg": ({"EYE_TILT"}, lambda s: images.rolled(s.rgb, -11)),
    "higher by 45 px": ({"HEAD_TOP"}, lambda s: s.shifted(-45)),
    "lower by 45 px": ({"HEAD_TOP"}, lambda s: s.shifted(45)),
    "aside by 40 px": ({"CENTERING"}, lambda s: s.shifted(0, 40)),
    "smaller by 25 %": ({"FACE_WIDTH", "HEAD_TOP"}, lambda s: s.zoomed(0.75)),
    "larger by 45 %": ({"FACE_WIDTH", "HEAD_TOP"}, lambda s: s.zoomed(1.45)),
    **{
        f"eyes at {rest} %": ({"EYES_CLOSED"}, lambda s, rest=rest: d.eyes_narrowed(s.rgb, s.face, rest / 100))
        for rest in (30, 20, 8)
    },
    **{
        f"lids at {rest} %": ({"EYES_CLOSED"}, lambda s, rest=rest: d.lids_lowered(s.rgb, s.face, rest / 100))
        for rest in (30, 20, 8)
    },
    **{
        f"one eye at {rest} %": (WINK, lambda s, rest=rest: d.eyes_narrowed(s.rgb, s.face, rest / 100, only_left=True))
        for rest in (20, 8)
    },
    **{
        f"one lid at {rest} %": (WINK, lambda s, rest=rest: d.lids_lowered(s.rgb, s.face, rest / 100, only_left=True))
        for rest in (20, 8)
    },
    "lips parted 8 %": ({"MOUTH_OPEN"}, lambda s: d.mouth_parted(s.rgb, s.face, 0.08, teeth=False)),
    "teeth 8 %": ({"MOUTH_OPEN"}, lambda s: d.mouth_parted(s.rgb, s.face, 0.08, teeth=True)),
    "teeth 14 %": ({"MOUTH_OPEN"}, lambda s: d.mouth_parted(s.rgb, s.face, 0.14, teeth=True)),
    "square dark lenses": (DARK, lambda s: d.with_square_glasses(s.rgb, s.face, tint=0.8)),
    "lenses fading down": (DARK, lambda s: d.with_square_glasses(s.rgb, s.face, tint=0.9, gradient=True)),
    "blue lenses": (DARK, lambda s: d.with_square_glasses(s.rgb, s.face, tint=0.55, lens=(30, 60, 160))),
    "yellow lenses": (DARK, lambda s: d.with_square_glasses(s.rgb, s.face, tint=0.5, lens=(230, 180, 20))),
    "pink lenses": (DARK, lambda s: d.with_square_glasses(s.rgb, s.face, tint=0.45, lens=(220, 60, 120))),
    "lenses 45 % grey": (DARK, lambda s: d.with_square_glasses(s.rgb, s.face, tint=0.45)),
    "stripe of glare": ({"GLASSES_REFLECT"}, lambda s: d.with_square_glasses(s.rgb, s.face, glare=0.75)),
    "green glare": (
        {"GLASSES_REFLECT"},
        lambda s: d.with_square_glasses(s.rgb, s.face, glare=0.8, glare_colour=(170, 240, 200)),
    ),
    "thick frames on the eyes": (
        {"GLASSES_FRAME", "EYES_HIDDEN", "GLASSES_TINT"},
        lambda s: d.with_square_glasses(s.rgb, s.face, rim=20, colour=(15, 15, 15)),
    ),
    "pink mask": (COVERED, lambda s: images.with_mask(s.rgb, s.face, (235, 180, 190))),
    "green mask": (COVERED, lambda s: images.with_mask(s.rgb, s.face, (90, 150, 120))),
    "beige mask": (COVERED, lambda s: images.with_mask(s.rgb, s.face, (222, 190, 165))),
    "patterned mask": (COVERED, lambda s: d.with_patterned_mask(s.rgb, s.face)),
    "mask below the nose, white": (COVERED, lambda s: d.with_low_mask(s.rgb, s.face, (236, 238, 240))),
    "mask below the nose, black": (COVERED, lambda s: d.with_low_mask(s.rgb, s.face, (30, 30, 34))),
    "own palm": (COVERED | {"MOUTH_OPEN"}, lambda s: d.with_palm(s.rgb, s.face)),
    **{
        f"hand at the cheek, {out:g} off": (COVERED, lambda s, out=out: d.with_hand_at_cheek(s.rgb, s.face, out))
        for out in (0.42, 0.5, 0.6)
    },
    "hand at the cheek, sleeve": (COVERED, lambda s: d.with_hand_at_cheek(s.rgb, s.face, sleeve=True)),
    **{
        f"beanie {colour[0]} {colour[1]} {colour[2]}": (
            WEARING,
            _coloured(d.with_beanie, 66, colour),
        )
        for colour in ((60, 60, 66), (150, 40, 50), (205, 200, 190), (40, 70, 120), (120, 90, 60))
    },
    "straw hat": (WEARING, lambda s: d.with_brim_hat(s.rgb, s.face, 70)),
    "black hat": (WEARING, lambda s: d.with_brim_hat(s.rgb, s.face, 70, (32, 30, 32))),
    **{
        f"scarf {colour[0]} {colour[1]} {colour[2]}": (
            WEARING | {"EARS_HIDDEN"},
            _coloured(d.with_scarf, 70, colour),
        )
        for colour in ((30, 30, 34), (225, 220, 215), (120, 60, 100), (60, 110, 110))
    },
    "headband": (WEARING, lambda s: d.with_band(s.rgb, s.face, (180, 40, 90))),
    **{f"headband {name}": (WEARING, _felt(colour, low=0.2, high=0.2)) for name, colour in HAIRLIKE.items()},
    **{f"narrow headband {name}": (WEARING, _felt(colour, low=0.1, high=0.1)) for name, colour in HAIRLIKE.items()},
    "half cap brown": (WEARING, _felt(HAIRLIKE["brown"], low=0.2, high=0.45)),
    "black cap of felt": (WEARING, _felt(HAIRLIKE["black"])),
    "cap as the hair": (WEARING, _felt(None)),
    "low cap as the hair": (WEARING, _felt(None, low=0.35)),
    "knitted cap as the hair": (WEARING, _felt(None, low=0.35, knit=0.16)),
    "side fringe": (HAIR, lambda s: d.with_side_fringe(s.rgb, s.face)),
    "frame of 2 px": ({"FRAME_OR_TEXT"}, lambda s: images.with_border(s.rgb, 3, (250, 250, 250))),
    "blue frame": ({"FRAME_OR_TEXT"}, lambda s: images.with_border(s.rgb, 8, (20, 60, 160))),
    "bars left and right": ({"FRAME_OR_TEXT", *BG}, lambda s: d.with_bars(s.rgb, (0, 0, 0), 24, upright=True)),
    "bars above and below": ({"FRAME_OR_TEXT", *BG}, lambda s: d.with_bars(s.rgb, (255, 255, 255), 20, upright=False)),
    "rounded corners": ({"FRAME_OR_TEXT", *BG}, lambda s: d.rounded(s.rgb, 40)),
    "watermark grey": ({"FRAME_OR_TEXT", *BG}, lambda s: d.with_watermark(s.rgb, "SAMPLE COPY", (120, 120, 120), 0.5)),
    "watermark white": ({"FRAME_OR_TEXT", *BG}, lambda s: d.with_watermark(s.rgb, "SAMPLE COPY", (255, 255, 255), 0.5)),
    "orange date": ({"FRAME_OR_TEXT"}, text("2026/11/02", (255, 140, 30), 0.7, (300, 610))),
    "small date": ({"FRAME_OR_TEXT"}, text("2026-11-02 08:30", (255, 255, 255), 0.5, (290, 625), 1)),
    "blue text on the wall": ({"FRAME_OR_TEXT"}, text("PHOTO STUDIO", (30, 60, 160), 0.6, (12, 34))),
    **{
        f"coating gleams {name} {gleam}": (
            {"GLASSES_REFLECT"},
            lambda s, gleam=gleam, colour=colour: d.with_coating(s.rgb, s.face, gleam / 100, colour),
        )
        for name, colour in {"green": (90, 230, 155), "blue": (115, 140, 255), "purple": (180, 100, 240)}.items()
        for gleam in (40, 60)
    },
    **{
        f"lamp and window {share} %": (
            {"HALF_FACE", "COLOR_CAST"},
            lambda s, share=share: s.person_only(lambda rgb: d.two_lights(rgb, s.person[2], share / 100)),
        )
        for share in (35, 60, 100)
    },
    **{
        f"{name} headphones": (
            {"EARS_HIDDEN", "HEADWEAR"},
            lambda s, colour=colour: a.with_headphones(s.rgb, s.face, s.share, images.HEAD_TOP, colour),
        )
        for name, colour in {
            "white": (240, 240, 240),
            "grey": (130, 132, 136),
            "black": (24, 24, 28),
            "pink": (240, 120, 160),
        }.items()
    },
    "white earphones with a wire": (
        {"EARS_HIDDEN"},
        lambda s: a.with_earphones(s.rgb, s.face, (240, 240, 240), wire=True),
    ),
    **{
        f"{name} hairband, {place:.0%} down": (
            WEARING,
            lambda s, colour=colour, place=place: a.with_hairband(
                s.rgb, s.face, s.share, images.HEAD_TOP, colour, place=place, gloss=0.5
            ),
        )
        for name, colour in {"white": (240, 240, 240), "grey": (130, 132, 136), "black": (24, 24, 28)}.items()
        for place in (0.15, 0.4, 0.7)
    },
    **{
        f"{count} hair clips {name}": (
            WEARING,
            lambda s, count=count, colour=colour: d.with_clips(s.rgb, s.face, images.HEAD_TOP, count, colour),
        )
        for name, colour in {"yellow": (240, 205, 50), "pink": (230, 75, 115)}.items()
        for count in (1, 2, 3)
    },
    **{
        f"bow of {size} %": (
            WEARING,
            lambda s, size=size: d.with_bow(s.rgb, s.face, images.HEAD_TOP, size / 100, (205, 25, 30)),
        )
        for size in (9, 13, 19)
    },
    **{
        f"{name} chair {up} % over the chin": (
            BG,
            lambda s, up=up, colour=colour: s.before(d.chair(s.face, up / 100, colour)),
        )
        for name, colour in {"black": (40, 40, 45), "brown": (110, 75, 45), "grey": (125, 125, 130)}.items()
        for up in (0, 12, 28)
    },
    **{f"blinds of {depth} %": (BG, _before(d.blinds(depth=depth / 100))) for depth in (7, 10, 18)},
    **{f"creased cloth {depth} %": (BG, _before(d.creased(depth=depth / 100))) for depth in (20, 34, 50)},
    "white text on the wall": ({"FRAME_OR_TEXT"}, text("PHOTO STUDIO", (255, 255, 255), 0.6, (12, 34))),
    **{
        f"signs below each other, {name}": (
            {"FRAME_OR_TEXT"},
            lambda s, colour=colour: d.with_signs(s.rgb, colour, 445, 40, upright=True),
        )
        for name, colour in {"black": (20, 20, 20), "red": (200, 40, 40), "white": (255, 255, 255)}.items()
    },
    **{
        f"{name} watermark of signs, {share:.0%}": (
            {"FRAME_OR_TEXT", *BG},
            lambda s, colour=colour, share=share: d.with_tiled_signs(s.rgb, colour, share),
        )
        for name, colour in {"grey": (128, 128, 128), "black": (0, 0, 0), "white": (255, 255, 255)}.items()
        for share in (0.12, 0.18, 0.25)
    },
}
