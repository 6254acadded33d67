"""Commands of the compliance engine: check-photo, accuracy, bench, standard."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import click

from backend.cli.accuracy import accuracy
from backend.cli.bench import bench
from backend.cli.checked import STANDARD, Checked, files_in, load_checker
from backend.cli.photo_report import PAGE_END, VERDICTS, Tally, card, page_start
from backend.cli.standard_table import table
from backend.cli.words_of import names, sentences
from backend.compliance.findings import Mode, Verdict
from backend.compliance.standard import StandardError, load_standard
from backend.days import day_of


@click.command("check-photo")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=False, path_type=Path))
@click.option(
    "--mode", type=click.Choice([Mode.FINAL.value, Mode.CAPTURE.value]), help="else by the file: 480x640 JPEG is final"
)
@click.option("--profile", default="base", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="one JSON object per line")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="write a report with the drawn pictures")
def check_photo(paths: tuple[Path, ...], mode: str | None, profile: str, as_json: bool, html: Path | None) -> None:
    """Judge pictures (files, or folders of them) by the photo standard."""
    checker = load_checker(day_of(datetime.now(UTC)))
    try:
        checker.standard.profile(profile)
    except StandardError as error:
        raise click.UsageError(str(error)) from error
    chosen = list(files_in(paths))
    tally = Tally()
    with _growing(html) as cards:
        for number, path in enumerate(chosen, start=1):
            done = checker.check(path, mode=Mode(mode) if mode else None, profile=profile)
            click.echo(json.dumps(done.as_dict(), ensure_ascii=False) if as_json else line(done))
            sys.stdout.flush()
            if cards is not None:
                tally.add(done)
                cards.write(card(done, VERDICTS[done.report.verdict.value] if done.report else "", sentences(done)))
                click.echo(f"\r{number}/{len(chosen)}", nl=False, err=True)
        if html is not None and cards is not None:
            click.echo("", err=True)
            _put_together(html, page_start(f"{len(chosen)} 张照片", tally.table(names()), choose=True), cards)


@contextmanager
def _growing(html: Path | None) -> Iterator[IO[str] | None]:
    """A file for the cards, so that the pictures of a large folder never are in memory together."""
    if html is None:
        yield None
        return
    with TemporaryFile("w+", encoding="utf-8", dir=html.absolute().parent) as cards:
        yield cards


def _put_together(html: Path, start: str, cards: IO[str]) -> None:
    """The summary is known last but stands first."""
    cards.seek(0)
    with html.open("w", encoding="utf-8") as whole:
        whole.write(start)
        shutil.copyfileobj(cards, whole)
        whole.write(PAGE_END)


def line(done: Checked) -> str:
    """One file in one line for people: verdict, path, and each finding that is not OK."""
    if done.report is None:
        return f"error   {done.path}  {done.error}"
    faults = [
        f"{finding.code.value}={finding.verdict.value}" + ("" if finding.value is None else f"({finding.value:g})")
        for finding in done.report.findings
        if finding.verdict is not Verdict.OK
    ]
    return f"{done.report.verdict.value:7s} {done.path}  {' '.join(faults)}"


@click.group("standard")
def standard() -> None:
    """The photo standard of this installation."""


@standard.command("show")
@click.option("--profile", default=None, help="only this one; else all")
def show(profile: str | None) -> None:
    """Print limits and sources as a table that can be held against the documents."""
    edition = load_standard(STANDARD)
    try:
        profiles = [edition.profile(profile)] if profile else list(edition.profiles.values())
    except StandardError as error:
        raise click.UsageError(str(error)) from error
    for one in profiles:
        click.echo(table(edition, one))


COMMANDS: tuple[click.Command, ...] = (check_photo, accuracy, bench, standard)


@click.group()
def main() -> None:
    """The commands without the application: python -m backend.cli.compliance check-photo ..."""


for command in COMMANDS:
    main.add_command(command)

if __name__ == "__main__":
    main()
