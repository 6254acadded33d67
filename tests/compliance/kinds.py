"""The kinds of defect of the labelled folder, in other shades and strengths and on all its people.

    python -m tests.compliance.kinds FOLDER [--half choose|confirm] [--only KIND] [--wide | --raw]

FOLDER holds manifest.tsv (see `flask accuracy --help`). Each kind has strengths from clearly weaker than in the folder,
but plain to a reviewer, to clearly stronger. Prints for each kind how many pictures none of its codes is raised on,
how many of these pass altogether, and which.

--wide: the drawings of `wide.py` instead, each on every third person, so that all are drawn on in turn; --raw: those of
them that can be asked of a raw picture, twice as large and judged as one.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

from backend.cli.checked import load_checker
from backend.compliance.findings import Mode, PictureVerdict
from tests import drawings as d
from tests import images
from tests.compliance import wide
from tests.compliance.drawn import BG, COVERED, DARK, DEFECTS, HAIR, WEARING
from tests.compliance.sitter import Draw, Sitter
from tests.compliance.unimportant import decoded
from tests.compliance.variants import judged, raised, sitters
from tests.images import LIGHT_BLUE, Rgb

Colour = tuple[int, int, int]


def each(change: Callable[..., Rgb | bytes], *strengths: object) -> dict[str, Draw]:
    """One drawing for each strength; change takes a sitter and the strength."""
    return {str(strength): lambda s, strength=strength: change(s, strength) for strength in strengths}


def before(*walls: Colour) -> dict[str, Draw]:
    return each(lambda s, wall: s.before(wall), *walls)


def drawn(*names: str) -> dict[str, Draw]:
    return {name: DEFECTS[name][1] for name in names}


def resized(s: Sitter, size: tuple[int, int]) -> Rgb:
    return np.asarray(cv2.resize(s.rgb, size, interpolation=cv2.INTER_AREA))


KINDS: dict[str, tuple[set[str], dict[str, Draw]]] = {
    "background colour": (
        {"BG_COLOR"},
        before(
            *((30, 90, 170), (60, 140, 90), (190, 40, 40), (150, 150, 150), (240, 170, 190), (20, 20, 20)),
            *((235, 215, 180), (190, 230, 190), (0, 128, 128), (200, 180, 230), (128, 60, 40), (255, 220, 120)),
        ),
    ),
    "background busy": (
        BG,
        drawn("shelves", "curtain", "window", "door frame", "picture on the wall")
        | {"tiles": lambda s: s.before(d.tiles())},
    ),
    "background gradient": (
        BG,
        each(
            lambda s, rest: s.before(images.gradient(LIGHT_BLUE, [rest * part for part in LIGHT_BLUE])),
            *(0.85, 0.75, 0.6, 0.4),
        ),
    ),
    "background shadow": (BG, each(lambda s, depth: images.with_shadow(s.person, depth), 0.2, 0.28, 0.35, 0.5)),
    "blur": ({"BLUR", "UPSCALED"}, each(lambda s, sigma: images.blurred(s.rgb, sigma), 1.7, 2.2, 3.0, 5.0)),
    "moved": ({"BLUR"}, each(lambda s, length: images.smeared(s.rgb, length), 9, 13, 17, 25)),
    "enlarged": ({"BLUR", "UPSCALED"}, each(lambda s, factor: images.enlarged(s.rgb, factor), 2.5, 3.0, 4.0, 6.0)),
    "noise": ({"NOISE"}, each(lambda s, sigma: images.noisy(s.rgb, sigma), 12, 18, 25, 40)),
    "compression": ({"JPEG_QUALITY"}, each(lambda s, quality: images.jpeg(s.rgb, quality), 50, 30, 10, 5)),
    "frame": (
        {"FRAME_OR_TEXT"},
        each(
            lambda s, frame: images.with_border(s.rgb, *frame),
            *(
                (width, colour)
                for width in (4, 12, 24, 36)
                for colour in ((255, 255, 255), (20, 20, 20), (20, 60, 160))
            ),
        ),
    ),
    "text": (
        {"FRAME_OR_TEXT"},
        drawn(
            *("white text", "black text, short", "red text", "yellow date", "orange date", "blue text on the wall"),
            "grey text across",
        ),
    ),
    "grey picture": ({"NOT_COLOR"}, drawn("grey")),
    "cast": (
        {"COLOR_CAST"},
        each(
            lambda s, gains: images.scaled(s.rgb, *gains),
            *((1.0, 0.95, 0.62), (1.0, 0.92, 0.5), (1.0, 0.9, 0.4)),
            *((0.75, 0.9, 1.0), (0.65, 0.85, 1.0), (0.5, 0.75, 1.0)),
        ),
    ),
    "too dark": ({"UNDEREXPOSED"}, each(lambda s, light: images.scaled(s.rgb, light), 0.55, 0.45, 0.35, 0.25)),
    "too light": ({"OVEREXPOSED", "HIGHLIGHT"}, each(lambda s, light: images.scaled(s.rgb, light), 1.5, 1.7, 1.9, 2.3)),
    "light from one side": (
        {"HALF_FACE"},
        each(lambda s, rest: images.side_light(s.rgb, s.face, rest), 0.6, 0.5, 0.4, 0.3),
    ),
    "clothes like the wall": (
        {"CLOTH_LIKE_BG"},
        each(
            lambda s, light: images.with_clothes(s.rgb, s.face, [min(255, light * part) for part in LIGHT_BLUE]),
            *(0.85, 0.93, 1.0, 1.05),
        ),
    ),
    "head cut": ({"HEAD_TOP"}, each(lambda s, down: s.shifted(down), -50, -65, -90)),
    "eyes too low": ({"EYE_LINE", "HEAD_TOP"}, each(lambda s, down: s.shifted(down), 55, 75, 100)),
    "not centred": ({"CENTERING"}, each(lambda s, right: s.shifted(0, right), 45, -55, 70)),
    "face too large": ({"FACE_WIDTH"}, each(lambda s, factor: s.zoomed(factor), 1.5, 1.6, 1.75)),
    "face too small": ({"FACE_WIDTH"}, each(lambda s, factor: s.zoomed(factor), 0.72, 0.6, 0.5)),
    "turned": ({"EYE_TILT"}, each(lambda s, degrees: images.rolled(s.rgb, degrees), 8, -8, 11, -15, 20)),
    "pixels": ({"PIXEL_SIZE"}, each(resized, (413, 626), (358, 441), (600, 800))),
    "second face": ({"MANY_FACES"}, each(lambda s, width: images.with_second_face(s.rgb, s.face, width), 70, 90, 130)),
    "eyes closed": (
        {"EYES_CLOSED"},
        drawn("eyes closed", "eyes at 8 %", "lids at 8 %", "lids at 20 %"),
    ),
    "mouth open": (
        {"MOUTH_OPEN"},
        drawn("mouth open 8 %", "mouth open 14 %", "mouth open 20 %", "teeth 8 %", "lips parted 8 %"),
    ),
    "mask": (
        COVERED,
        drawn("blue mask", "white mask", "black mask", "pink mask", "green mask", "beige mask"),
    ),
    "sunglasses": (
        DARK,
        {
            **each(lambda s, tint: images.with_glasses(s.rgb, s.face, tint=tint), 0.7, 0.85, 0.95),
            **drawn("brown lenses", "square dark lenses"),
        },
    ),
    "glare": (
        {"GLASSES_REFLECT"},
        {
            **each(lambda s, glare: images.with_glasses(s.rgb, s.face, glare=glare), 0.6, 0.75, 0.9),
            **drawn("stripe of glare"),
        },
    ),
    "cap": (
        WEARING,
        drawn(
            *("cap 28 40 64", "cap 160 30 40", "cap 230 230 230", "cap 30 30 30"),
            *("beanie 60 60 66", "beanie 150 40 50", "beanie 120 90 60"),
        ),
    ),
    "hair over an eye": (
        HAIR,
        each(
            lambda s, lock: images.with_lock(s.rgb, s.face, *lock),
            *((0.18, (28, 22, 20)), (0.22, (90, 55, 35)), (0.26, (200, 165, 110)), (0.3, (28, 22, 20))),
        ),
    ),
}


IN_TURN = 3  # of the many drawings of `wide.py` each is drawn on every third person


def as_raw(picture: Rgb | bytes) -> Rgb:
    """Twice as large: a raw picture from which the frame is cut out again."""
    rgb = decoded(picture) if isinstance(picture, bytes) else picture
    return np.asarray(cv2.resize(rgb, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", choices=("all", "choose", "confirm"), default="all")
    parser.add_argument("--only", default="")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--wide", action="store_true")
    which.add_argument("--raw", action="store_true")
    given = parser.parse_args()
    checker = load_checker()
    everybody = sitters(given.folder, checker, given.half, 100)
    people = [one for one in everybody if judged(checker, one.rgb).verdict is not PictureVerdict.RETAKE]
    print(f"{len(people)} people who fit the frame: {Counter(one.labelled.group or '-' for one in people)}")
    print(f"{'kind':28s} pictures  missed  passed")
    sums: Counter[str] = Counter()
    for kind, codes, draws in chosen(people, wider=given.wide, raw=given.raw):
        if given.only not in kind:
            continue
        missed, passed = [], 0
        pictures = list(drawings(draws, people, IN_TURN if given.wide or given.raw else 1))
        for name, sitter, draw in pictures:
            picture = draw(sitter)
            report = judged(checker, as_raw(picture), Mode.CAPTURE) if given.raw else judged(checker, picture)
            if not codes & raised(report):
                missed.append(f"{name}: {sitter.labelled.person}")
                passed += report.verdict is PictureVerdict.PASS
        sums.update(pictures=len(pictures), missed=len(missed), passed=passed)
        print(f"{kind:28s} {len(pictures):8d} {len(missed):7d} {passed:7d}  {'; '.join(missed[:6])}", flush=True)
    print(f"{'all':28s} {sums['pictures']:8d} {sums['missed']:7d} {sums['passed']:7d}")


def chosen(people: list[Sitter], *, wider: bool, raw: bool) -> Iterator[tuple[str, set[str], dict[str, Draw]]]:
    if not wider and not raw:
        yield from ((kind, codes, draws) for kind, (codes, draws) in KINDS.items())
        return
    for kind, (codes, may_be_raw, draws) in wide.kinds(people).items():
        if may_be_raw or not raw:
            yield kind, codes, draws


def drawings(draws: dict[str, Draw], people: list[Sitter], step: int) -> Iterator[tuple[str, Sitter, Draw]]:
    """Each drawing on every step-th person, beginning with another one each time."""
    for number, (name, draw) in enumerate(draws.items()):
        yield from ((name, sitter, draw) for sitter in people[number % step :: step])


if __name__ == "__main__":
    main()
