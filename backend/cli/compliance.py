"""Commands of the compliance engine: check-photo, accuracy, bench, standard."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from urllib.parse import quote

import click

from backend.cli.accuracy import accuracy
from backend.cli.bench import bench
from backend.cli.checked import STANDARD, Checked, Found, ensure_writable, files_in, load_checker, shown_name
from backend.cli.photo_report import PAGE_END, VERDICTS, Tally, about, card, left_out, page_start
from backend.cli.progress import Progress
from backend.cli.standard_table import BASE, differences, table
from backend.cli.words_of import names, sentences
from backend.compliance.findings import Mode, Verdict
from backend.compliance.standard import StandardError, load_standard
from backend.days import day_of

STOPPED = 130  # what a shell says of a program that Ctrl-C ended
MOST_NAMED = 20  # files that were not looked at, on the screen; a report names them all


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
    if html is not None:
        ensure_writable(html)
    today = day_of(datetime.now(UTC))
    checker = load_checker(today)
    try:
        rules = checker.standard.profile(profile)
    except StandardError as error:
        raise click.UsageError(str(error)) from error
    found = files_in(paths) if html is None else files_in(paths).without(html)
    judge = partial(checker.check, mode=Mode(mode) if mode else None, profile=profile)
    say = partial(_say, as_json=as_json)
    if html is None:
        for path in found.pictures:
            say(judge(path))
    else:
        facts = {"规则": f"{rules.title}（{rules.name}，{checker.standard.edition}）", "检查日期": today.isoformat()}
        try:
            _report(html, found, judge, say, facts)
        except KeyboardInterrupt:
            click.echo("中途停止，报告里只有检查过的照片 stopped: the report holds what was judged", err=True)
            raise click.exceptions.Exit(STOPPED) from None
    _say_what_is_left(found)


def _say(done: Checked, as_json: bool) -> None:
    click.echo(json.dumps(done.as_dict(), ensure_ascii=False) if as_json else line(done))
    sys.stdout.flush()


def _say_what_is_left(found: Found) -> None:
    if not found.pictures:
        click.echo("没有找到照片 no pictures found", err=True)
    for path in found.others[:MOST_NAMED]:
        click.echo(f"没有检查 not looked at: {shown_name(path)}", err=True)
    if len(found.others) > MOST_NAMED:
        click.echo(f"没有检查 not looked at: {len(found.others) - MOST_NAMED} 个文件 more", err=True)


def _report(
    html: Path,
    found: Found,
    judge: Callable[[Path], Checked],
    say: Callable[[Checked], None],
    facts: Mapping[str, str],
) -> None:
    """Judge each and write the report. Stopped by hand (Ctrl-C) or by a fault, it holds what was judged until then."""
    chosen = found.pictures
    tally, progress = Tally(), Progress(len(chosen))
    here = html.absolute().parent
    folder = common_folder(chosen)
    with TemporaryFile("w+", encoding="utf-8", dir=here) as cards:  # the pictures are never in memory together
        try:
            for path in chosen:
                done = judge(path)
                progress.clear()
                say(done)
                name, href = shown_name(os.path.relpath(path.absolute(), folder)), _address(path, here)
                note = VERDICTS[done.report.verdict.value] if done.report else ""
                cards.write(card(done, note, sentences(done), name=name, href=href))
                tally.add(done)
                progress.after_one()
        finally:
            progress.clear()
            judged = sum(tally.verdicts.values())
            whole = judged == len(chosen)
            title = f"{judged} 张照片" if whole else f"{len(chosen)} 张照片中的 {judged} 张（中途停止）"
            buttons, style = tally.choice(names())
            others = left_out(shown_name(path) for path in found.others)
            top = about({**facts, "文件夹": shown_name(folder)}) + others
            _put_together(html, page_start(title, top + buttons, style), cards)
            click.echo(f"报告 report: {shown_name(html)}", err=True)


def _address(path: Path, here: Path) -> str:
    """The way from the report to the file, as a link. The bytes of its name count, whatever letters they are."""
    return quote(os.fsencode(os.path.relpath(path.absolute(), here)))


def common_folder(paths: Sequence[Path]) -> Path:
    """The folder in which all of them lie, however deep; names are told from there."""
    return Path(os.path.commonpath([path.absolute().parent for path in paths])) if paths else Path.cwd()


def _put_together(html: Path, start: str, cards: IO[str]) -> None:
    """The summary is known last but stands first. A report of before stays until the new one is whole."""
    cards.seek(0)
    half = html.with_name(f".{html.name}.{os.getpid()}")
    try:
        with half.open("w", encoding="utf-8") as whole:
            whole.write(start)
            shutil.copyfileobj(cards, whole)
            whole.write(PAGE_END)
        half.replace(html)
    finally:
        half.unlink(missing_ok=True)


def line(done: Checked) -> str:
    """One file in one line for people: verdict, path, and each finding that is not OK."""
    if done.report is None:
        return f"error   {shown_name(done.path)}  {done.error}"
    faults = [
        f"{finding.code.value}={finding.verdict.value}" + ("" if finding.value is None else f"({finding.value:g})")
        for finding in done.report.findings
        if finding.verdict is not Verdict.OK
    ]
    return f"{done.report.verdict.value:7s} {shown_name(done.path)}  {' '.join(faults)}"


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
