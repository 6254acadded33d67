"""Labelled pictures: a folder with `manifest.tsv` that says what is on each and what the engine should say.

The columns are path, mode, expect, labels, group, shows; the first three are needed. `expect` is `accept` (must not be
RETAKE), `defect:CODE|CODE` (must not be PASS, and one of the codes must be among the findings) or `either`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from backend.compliance.codes import MACHINE
from backend.compliance.findings import Mode

NEEDED = ("path", "mode", "expect")
MODES = (Mode.FINAL, Mode.CAPTURE)


@dataclass(frozen=True)
class Labelled:
    """One line of the manifest."""

    path: str
    mode: Mode
    expect: str
    group: str
    labels: str
    shows: str

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(self.expect.removeprefix("defect:").split("|")) if self.expect.startswith("defect:") else ()

    @property
    def person(self) -> str:
        """Who is on it, as far as the file's name tells: the first number in it."""
        number = re.match(r"\d+", Path(self.path).name)
        return number.group() if number else Path(self.path).stem


@dataclass(frozen=True)
class Manifest:
    """rows: what can be used; faults: what is wrong with the rest, each with its line."""

    rows: tuple[Labelled, ...]
    faults: tuple[str, ...]


def read_manifest(folder: Path) -> Manifest:
    """Never raises for what is in the folder: a file that is missing or no table is one fault, as is each bad line."""
    try:
        with (folder / "manifest.tsv").open(encoding="utf-8-sig", newline="") as file:
            table = list(csv.DictReader(file, delimiter="\t"))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        return Manifest((), (f"manifest.tsv: {getattr(error, 'strerror', None) or error}",))
    rows: list[Labelled] = []
    faults: list[str] = []
    for number, row in enumerate(table, 2):
        fault = _fault(row)
        if fault:
            faults.append(f"manifest.tsv, line {number}: {fault}")
        else:
            others = (row.get(name) or "" for name in ("group", "labels", "shows"))
            rows.append(Labelled(row["path"], Mode(row["mode"]), row["expect"], *others))
    return Manifest(tuple(rows), tuple(faults))


def _fault(row: Mapping[str, str | None]) -> str | None:
    for name in NEEDED:
        if not row.get(name):
            return f"no {name}"
    if row["mode"] not in MODES:
        return f"mode {row['mode']!r} is neither of {', '.join(MODES)}"
    expect = row["expect"] or ""
    if expect in ("accept", "either"):
        return None
    if not expect.startswith("defect:"):
        return f"expect {expect!r} is none of accept, defect:CODE|CODE, either"
    unknown = set(expect.removeprefix("defect:").split("|")) - set(MACHINE)
    return f"no check is called {', '.join(sorted(unknown)) or 'nothing'}" if unknown else None


def in_half(person: str, half: str) -> bool:
    """People are halved by their number: limits are chosen on one half and confirmed on the other."""
    odd = sum(person.encode()) % 2 == 1
    return half == "all" or odd == (half == "choose")
