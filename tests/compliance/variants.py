"""Right pictures with small changes that must not matter, and drawn defects, on people of a labelled folder.

    python -m tests.compliance.variants FOLDER [--half choose|confirm] [--people 20] [--only NAME]

FOLDER holds manifest.tsv (see `flask accuracy --help`); its raw pictures to be accepted are cut out, put before a wall
and changed. Prints for each change how many pictures are sent back or doubted, and for each defect how many are missed.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from backend.cli.accuracy import Labelled, in_half, read_manifest
from backend.cli.checked import Checker, load_checker
from backend.compliance.assess import assess
from backend.compliance.face import Face
from backend.compliance.findings import Mode, PictureVerdict, Report
from backend.compliance.prepare import find_face
from tests import images
from tests.images import LIGHT_BLUE, Rgb

LOWEST = 600  # of 640 rows, to which the body reaches
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
        large, alpha, face, top = self.person
        dim = np.asarray(np.clip(255 * (large / 255.0) ** factor, 0, 255), dtype=np.uint8)
        return images.on_wall((dim, alpha, face, top))

    def zoomed(self, factor: float) -> Rgb:
        shift = np.array([[factor, 0, 240 * (1 - factor)], [0, factor, 250 * (1 - factor)]], np.float32)
        edges = cv2.BORDER_REPLICATE  # the garment goes on below
        return np.asarray(
            cv2.warpAffine(self.rgb, shift, (480, 640), flags=cv2.INTER_CUBIC, borderMode=edges), np.uint8
        )


RIGHT: dict[str, Draw] = {
    "as it is": lambda s: s.rgb,
    "quality 75": lambda s: images.jpeg(s.rgb, 75),
    "quality 85 twice": lambda s: images.jpeg(_again(s.rgb, 85), 85),
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
    "plain dark clothes": lambda s: images.with_clothes(s.rgb, s.face, (40, 40, 48)),
}


def _again(rgb: Rgb, quality: int) -> Rgb:
    import io

    return np.asarray(Image.open(io.BytesIO(images.jpeg(rgb, quality))))


def _text(text: str, colour: tuple[int, int, int], scale: float, at: tuple[int, int], weight: int = 2) -> Draw:
    def draw(sitter: Sitter) -> Rgb:
        drawn = sitter.rgb.copy()
        cv2.putText(drawn, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, weight, cv2.LINE_AA)
        return drawn

    return draw


COVERED = {"FACE_COVERED"}
DARK = {"GLASSES_TINT"}
BG = {"BG_UNIFORM", "BG_SHADOW", "BG_OBJECT", "BG_COLOR"}
WEARING = {"HEADWEAR", "BROWS_HIDDEN", "HEAD_TOP"}
HAIR = {"BROWS_HIDDEN", "EYES_HIDDEN"}
DEFECTS: dict[str, tuple[set[str], Draw]] = {
    **{
        f"wall {wall[0]} {wall[1]} {wall[2]}": ({"BG_COLOR"}, lambda s, wall=wall: s.before(wall))  # type: ignore[misc]
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
            lambda s, colour=colour: images.with_cap(s.rgb, s.face, 66, colour),  # type: ignore[misc]
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
    "white text": ({"FRAME_OR_TEXT"}, _text("SAMPLE 2026", (255, 255, 255), 1.1, (110, 606), 3)),
    "black text, short": ({"FRAME_OR_TEXT"}, _text("20261102", (0, 0, 0), 0.7, (330, 620))),
    "black text on the wall": ({"FRAME_OR_TEXT"}, _text("20261102", (0, 0, 0), 0.6, (20, 40))),
    "red text": ({"FRAME_OR_TEXT"}, _text("2026 11 02", (200, 30, 40), 0.8, (290, 610))),
    "grey text across": ({"FRAME_OR_TEXT"}, _text("COPY COPY COPY", (150, 150, 150), 1.0, (60, 560))),
    "yellow date": ({"FRAME_OR_TEXT"}, _text("'26 11 2", (250, 200, 60), 0.9, (320, 600))),
    "clothes like the wall": (
        {"CLOTH_LIKE_BG"},
        lambda s: images.with_clothes(s.rgb, s.face, LIGHT_BLUE),
    ),
    "striped clothes": (
        {"CLOTH_PATTERN"},
        lambda s: images.with_clothes(s.rgb, s.face, (230, 230, 230), stripes=(20, 20, 60)),
    ),
}


def sitters(folder: Path, checker: Checker, half: str, people: int) -> Iterator[Sitter]:
    """One picture for each person, spread over the groups of the set."""
    seen: dict[str, Labelled] = {}
    for one in read_manifest(folder):
        if one.expect == "accept" and one.mode is Mode.CAPTURE and in_half(one.person, half):
            seen.setdefault(one.person, one)
    by_group = sorted(seen.values(), key=lambda one: (one.group, one.person))
    step = max(1.0, len(by_group) / people)
    for one in (by_group[int(place)] for place in np.arange(0, len(by_group), step)):
        raw = np.asarray(Image.open(folder / one.path).convert("RGB"))
        person = images.cut_out(raw, checker.analyser)
        if person[0].shape[0] < person[3] - images.HEAD_TOP + LOWEST:
            continue  # the body ends too high up: something would have to be invented below it
        rgb = images.on_wall(person)
        face, _ = find_face(rgb, checker.analyser, blendshapes=True)
        if face is not None:
            yield Sitter(one, person, rgb, face)


def judged(checker: Checker, picture: Rgb | bytes) -> Report:
    content = picture if isinstance(picture, bytes) else images.jpeg(picture)
    common = {"standard": checker.standard, "profile": "base", "analyser": checker.analyser}
    return assess(content, file_name="a.jpg", mode=Mode.FINAL, **common).report  # type: ignore[arg-type]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", choices=("all", "choose", "confirm"), default="all")
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    checker = load_checker()
    chosen = [
        (sitter, judged(checker, sitter.rgb)) for sitter in sitters(given.folder, checker, given.half, given.people)
    ]
    people = [sitter for sitter, report in chosen if report.verdict is not PictureVerdict.RETAKE]
    print(
        f"{len(people)} of {len(chosen)} people fit the frame: {Counter(one.labelled.group or '-' for one in people)}"
    )
    print(f"{'must not matter':26s} sent back  new doubts")
    usual = [_raised(judged(checker, sitter.rgb)) for sitter in people]
    for name, draw in RIGHT.items():
        if given.only in name:
            print(_right(name, [judged(checker, draw(sitter)) for sitter in people], usual), flush=True)
    print(f"{'defect':26s} missed  sent back")
    for name, (codes, draw) in DEFECTS.items():
        if given.only in name:
            print(_defect(name, codes, people, [judged(checker, draw(sitter)) for sitter in people]), flush=True)


def _raised(report: Report) -> set[str]:
    return {finding.code.value for finding in (*report.hard_bad, *report.doubts)}


def _right(name: str, reports: list[Report], usual: list[set[str]]) -> str:
    back = Counter(finding.code.value for report in reports for finding in report.hard_bad)
    new = Counter(code for report, codes in zip(reports, usual, strict=True) for code in _raised(report) - codes)
    sent = sum(report.verdict is PictureVerdict.RETAKE for report in reports)
    return f"{name:26s} {sent:9d}  {_counted(new)}{'   BACK: ' + _counted(back) if back else ''}"


def _defect(name: str, codes: set[str], people: list[Sitter], reports: list[Report]) -> str:
    missed = [
        f"{sitter.labelled.person}({_values(report, codes)})"
        for sitter, report in zip(people, reports, strict=True)
        if not codes & _raised(report)
    ]
    sent = sum(report.verdict is PictureVerdict.RETAKE for report in reports)
    return f"{name:26s} {len(missed):6d}  {sent:9d}  {' '.join(missed[:8])}"


def _values(report: Report, codes: set[str]) -> str:
    return "/".join(f"{one.value:g}" for one in report.findings if one.code in codes and one.value is not None)


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{code} {count}" for code, count in counter.most_common()) or "-"


if __name__ == "__main__":
    main()
