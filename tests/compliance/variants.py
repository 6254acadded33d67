"""Right pictures with small changes that must not matter, and drawn defects, on people of a labelled folder.

    python -m tests.compliance.variants FOLDER [--half choose|confirm] [--people 20] [--only NAME]

FOLDER holds manifest.tsv (see `flask accuracy --help`); its raw pictures to be accepted are cut out, put before a wall
and changed. Prints for each change how many pictures are sent back or doubted, and for each defect how many are missed.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from backend.cli.checked import Checker, load_checker
from backend.cli.labelled import Labelled, in_half, read_manifest
from backend.compliance.assess import assess
from backend.compliance.findings import Mode, PictureVerdict, Report
from backend.compliance.prepare import find_face
from tests import images
from tests.compliance.drawn import DEFECTS
from tests.compliance.sitter import Sitter
from tests.compliance.unimportant import RIGHT
from tests.images import Rgb

LOWEST = 600  # of 640 rows, to which the body reaches


def sitters(folder: Path, checker: Checker, half: str, people: int) -> Iterator[Sitter]:
    """One picture for each person, spread over the groups of the set."""
    seen: dict[str, Labelled] = {}
    for one in read_manifest(folder).rows:
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


def judged(checker: Checker, picture: Rgb | bytes, mode: Mode = Mode.FINAL) -> Report:
    content = picture if isinstance(picture, bytes) else images.jpeg(picture)
    common = {"standard": checker.standard, "profile": "base", "analyser": checker.analyser}
    return assess(content, file_name="a.jpg", mode=mode, **common).report  # type: ignore[arg-type]


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
    usual = [raised(judged(checker, sitter.rgb)) for sitter in people]
    for name, draw in RIGHT.items():
        if given.only in name:
            print(_right(name, [judged(checker, draw(sitter)) for sitter in people], usual), flush=True)
    print(f"{'defect':26s} missed  sent back")
    for name, (codes, draw) in DEFECTS.items():
        if given.only in name:
            print(_defect(name, codes, people, [judged(checker, draw(sitter)) for sitter in people]), flush=True)


def raised(report: Report) -> set[str]:
    return {finding.code.value for finding in (*report.hard_bad, *report.doubts)}


def _right(name: str, reports: list[Report], usual: list[set[str]]) -> str:
    back = Counter(finding.code.value for report in reports for finding in report.hard_bad)
    new = Counter(code for report, codes in zip(reports, usual, strict=True) for code in raised(report) - codes)
    sent = sum(report.verdict is PictureVerdict.RETAKE for report in reports)
    return f"{name:26s} {sent:9d}  {_counted(new)}{'   BACK: ' + _counted(back) if back else ''}"


def _defect(name: str, codes: set[str], people: list[Sitter], reports: list[Report]) -> str:
    missed = [
        f"{sitter.labelled.person}({_values(report, codes)})"
        for sitter, report in zip(people, reports, strict=True)
        if not codes & raised(report)
    ]
    sent = sum(report.verdict is PictureVerdict.RETAKE for report in reports)
    return f"{name:26s} {len(missed):6d}  {sent:9d}  {' '.join(missed[:8])}"


def _values(report: Report, codes: set[str]) -> str:
    return "/".join(f"{one.value:g}" for one in report.findings if one.code in codes and one.value is not None)


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{code} {count}" for code, count in counter.most_common()) or "-"


if __name__ == "__main__":
    main()
