"""Judging picture files from the command line: which files, and what became of each."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryFile
from time import perf_counter
from typing import Any

import click

from backend.adapters.faces import FaceNetworks
from backend.compliance.assess import Assessment, Unreadable, assess, mode_for
from backend.compliance.findings import Mode, Report
from backend.compliance.standard import Standard, load_standard
from backend.ports import FaceAnalyser
from backend.settings import PROJECT, load_settings

STANDARD = PROJECT / "config" / "photo-standard.toml"
PICTURES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".png", ".heic", ".heif", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".mpo"}
)


@dataclass(frozen=True)
class Checked:
    """One file and what became of it: a report with the judged picture, or the reason why it could not be read."""

    path: Path
    assessment: Assessment | None
    error: str | None
    milliseconds: float

    @property
    def report(self) -> Report | None:
        return None if self.assessment is None else self.assessment.report

    def as_dict(self) -> dict[str, Any]:
        """The line that `check-photo --json` prints."""
        report = self.report
        return {
            "path": shown_name(self.path),
            "verdict": None if report is None else report.verdict.value,
            "findings": []
            if report is None
            else [
                {
                    "code": finding.code.value,
                    "verdict": finding.verdict.value,
                    "value": finding.value,
                    "unit": finding.unit,
                    "low": finding.low,
                    "high": finding.high,
                }
                for finding in report.findings
            ],
            "frame": None if report is None or report.frame is None else list(report.frame),
            "ms": self.milliseconds,
            "error": self.error,
        }


@dataclass(frozen=True)
class Checker:
    """The engine with its standard and models, for many files."""

    standard: Standard
    analyser: FaceAnalyser
    today: date | None = None

    def check(self, path: Path, *, mode: Mode | None, profile: str) -> Checked:
        """Judge one file; without a mode, the one that fits the file. Never raises for the file's own faults."""
        started = perf_counter()
        try:
            limit = self.standard.intake.max_bytes
            with path.open("rb") as file:
                content = file.read(limit + 1)  # one byte more tells that it is too large
            assessment = assess(
                content,
                file_name=path.name,
                mode=mode or mode_for(content),
                standard=self.standard,
                profile=profile,
                analyser=self.analyser,
                today=self.today,
            )
        except Unreadable as error:
            return Checked(path, None, error.reason, _since(started))
        except OSError as error:
            return Checked(path, None, error.strerror or "cannot be opened", _since(started))
        return Checked(path, assessment, None, _since(started))


def load_checker(today: date | None = None) -> Checker:
    """The engine as this installation is set up. Raises FileNotFoundError without the models."""
    return Checker(load_standard(STANDARD), FaceNetworks(load_settings().data.models_dir), today)


@dataclass(frozen=True)
class Found:
    """What lies at the paths that were named.

    pictures: the files named, and the pictures (by their ending) in the folders named, in order of their names.
    others:   files in the folders that are no pictures by their ending, and folders that cannot be opened.
    """

    pictures: tuple[Path, ...]
    others: tuple[Path, ...]

    def without(self, report: Path) -> Found:
        """A report of before may lie in the folder."""
        return replace(self, others=tuple(path for path in self.others if path.absolute() != report.absolute()))


def files_in(paths: Iterable[Path]) -> Found:
    """Hidden files are left out: what a Mac writes beside each file on a stick is called ._a.jpg and is no picture."""
    pictures: list[Path] = []
    others: list[Path] = []
    for path in paths:
        if not path.is_dir():
            pictures.append(path)
            continue
        inside, closed = _inside(path)
        others += closed
        pictures += sorted(file for file in inside if file.suffix.lower() in PICTURES and file.is_file())
        others += sorted(file for file in inside if file.suffix.lower() not in PICTURES)
    return Found(tuple(pictures), tuple(others))


def _inside(folder: Path) -> tuple[list[Path], list[Path]]:
    """All files in it, however deep, and the folders that cannot be opened."""
    files: list[Path] = []
    closed: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=lambda error: closed.append(Path(error.filename))):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files += [Path(place, name) for name in names if not name.startswith(".")]
    return files, closed


def shown_name(path: Path | str) -> str:
    """The name as it can be printed: one in another encoding than UTF-8 (old archives) has no letters of its own."""
    return os.fsencode(path).decode("utf-8", "replace")


def ensure_writable(html: Path) -> None:
    """Before minutes of work: that the report can be written. Raises UsageError."""
    try:
        with TemporaryFile(dir=html.absolute().parent):
            return
    except OSError as error:
        reason = f"{shown_name(html.absolute().parent)}: {error.strerror}"
        raise click.UsageError(f"报告写不到这个文件夹 the report cannot be written there: {reason}") from error


def _since(started: float) -> float:
    return round((perf_counter() - started) * 1000, 1)
