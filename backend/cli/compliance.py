"""Commands of the compliance engine: check-photo, accuracy, bench, standard."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from math import ceil
from pathlib import Path
from tempfile import TemporaryFile
from time import perf_counter
from typing import IO
from urllib.parse import quote

import click

from backend.cli.accuracy import accuracy
from backend.cli.bench import bench
from backend.cli.checked import STANDARD, Checked, files_in, load_checker
from backend.cli.photo_report import PAGE_END, VERDICTS, Tally, card, page_start
from backend.cli.standard_table import BASE, differences, table
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
    judge = partial(checker.check, mode=Mode(mode) if mode else None, profile=profile)
    say = partial(_say, as_json=as_json)
    if html is not None:
        _report(html, chosen, judge, say)
        return
    for path in chosen:
        say(judge(path))


def _say(done: Checked, as_json: bool) -> None:
    click.echo(json.dumps(done.as_dict(), ensure_ascii=False) if as_json else line(done))
    sys.stdout.flush()


def _report(html: Path, chosen: list[Path], judge: Callable[[Path], Checked], say: Callable[[Checked], None]) -> None:
    """Judge each and write the report. Stopped by hand (Ctrl-C), it holds what was judged until then."""
    tally, progress = Tally(), Progress(len(chosen))
    here = html.absolute().parent
    folder = common_folder(chosen)
    with TemporaryFile("w+", encoding="utf-8", dir=here) as cards:  # the pictures are never in memory together
        try:
            for path in chosen:
                done = judge(path)
                say(done)
                name, href = os.path.relpath(path.absolute(), folder), quote(os.path.relpath(path.absolute(), here))
                note = VERDICTS[done.report.verdict.value] if done.report else ""
                cards.write(card(done, note, sentences(done), name=name, href=href))
                tally.add(done)
                click.echo(progress.after_one(), nl=False, err=True)
        except KeyboardInterrupt:
            pass
        click.echo("", err=True)
        judged = sum(tally.verdicts.values())
        title = f"{judged} 张照片" if judged == len(chosen) else f"{len(chosen)} 张照片中的 {judged} 张（中途停止）"
        _put_together(html, page_start(title, *tally.choice(names())), cards)


class Progress:
    """How far it is and how long it will take, in one line that is written over."""

    def __init__(self, total: int, clock: Callable[[], float] = perf_counter) -> None:
        self._total, self._clock, self._started, self._done = total, clock, clock(), 0

    def after_one(self) -> str:
        self._done += 1
        left = (self._clock() - self._started) / self._done * (self._total - self._done)
        return f"\r{self._done}/{self._total}  还需 {ceil(left / 60)} 分钟 " if left > 90 else self._soon(left)

    def _soon(self, left: float) -> str:
        return f"\r{self._done}/{self._total}  还需 {ceil(left)} 秒   "


def common_folder(paths: list[Path]) -> Path:
    """The folder in which all of them lie, however deep; names are told from there."""
    return Path(os.path.commonpath([path.absolute().parent for path in paths])) if paths else Path.cwd()


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
@click.option("--profile", default=None, help="all of this one; else the base, and what each profile changes")
def show(profile: str | None) -> None:
    """Print limits and sources as a table that can be held against the documents."""
    edition = load_standard(STANDARD)
    try:
        chosen = edition.profile(profile or BASE)
    except StandardError as error:
        raise click.UsageError(str(error)) from error
    click.echo(table(edition, chosen, names()), nl=False)
    for one in edition.profiles.values():
        if profile is None and one.name != BASE:
            click.echo("\n" + differences(edition, one, names()), nl=False)


COMMANDS: tuple[click.Command, ...] = (check_photo, accuracy, bench, standard)


@click.group()
def main() -> None:
    """The commands without the application: python -m backend.cli.compliance check-photo ..."""


for command in COMMANDS:
    main.add_command(command)

if __name__ == "__main__":
    main()
