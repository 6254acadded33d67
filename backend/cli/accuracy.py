"""How often the photo checks are right on labelled pictures (see `labelled`).

Whether a doubt about a picture to be accepted is right, only a person can say who looked at it: a second table with the
columns path and codes lists the reasons that are really there. What it does not list counts as a wrong doubt.
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import click

from backend.cli.checked import Checked, Checker, ensure_writable, load_checker
from backend.cli.labelled import MODES, Labelled, in_half, read_manifest
from backend.cli.photo_report import Entry, sheet
from backend.cli.progress import Progress
from backend.compliance.codes import Code
from backend.compliance.findings import Finding, PictureVerdict, Report, Verdict
from backend.compliance.normalise import Head, has_room
from backend.compliance.standard import Profile, StandardError

WINDOWS = (Code.HEAD_TOP, Code.EYE_LINE, Code.FACE_WIDTH)


@dataclass(frozen=True)
class Judged:
    labelled: Labelled
    checked: Checked

    @property
    def open_findings(self) -> tuple[Finding, ...]:
        """Those that are not OK."""
        report = self.checked.report
        return () if report is None else tuple(f for f in report.findings if f.verdict is not Verdict.OK)

    @property
    def raised(self) -> tuple[str, ...]:
        """Codes that are not OK."""
        return tuple(finding.code.value for finding in self.open_findings)

    @property
    def miss(self) -> str | None:
        """What is wrong with the verdict, or None."""
        report = self.checked.report
        if report is None:
            return f"unreadable: {self.checked.error}"
        if self.labelled.expect == "accept" and report.verdict is PictureVerdict.RETAKE:
            return "sent back wrongly"
        if self.labelled.codes and report.verdict is PictureVerdict.PASS:
            return "passed silently"
        if self.labelled.codes and not set(self.labelled.codes) & set(self.raised):
            return "caught for another reason"
        return None


def _read_seen(path: Path | None) -> dict[str, frozenset[str]]:
    """Path of a picture -> the codes that a person saw to be right."""
    if path is None:
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["path"]: frozenset(row["codes"].split()) for row in csv.DictReader(file, delimiter="\t")}


def _unseen(one: Judged, right: dict[str, frozenset[str]]) -> tuple[str, ...]:
    """Codes raised on a picture to be accepted for which nobody saw a reason."""
    return tuple(code for code in one.raised if code not in right.get(one.labelled.path, frozenset()))


def judge_all(folder: Path, labelled: Sequence[Labelled], checker: Checker, profile: str) -> list[Judged]:
    progress, judged = Progress(len(labelled)), []
    for one in labelled:
        judged.append(Judged(one, checker.check(folder / one.path, mode=one.mode, profile=profile)))
        progress.after_one()
    progress.clear()
    return judged


@click.command("accuracy")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--profile", default="base", show_default=True)
@click.option(
    "--seen",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="table of path and codes: doubts that a person found to be right",
)
@click.option("--half", type=click.Choice(["all", "choose", "confirm"]), default="all", show_default=True)
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), help="write a sheet with the misses to look at"
)
def accuracy(folder: Path, profile: str, half: str, seen: Path | None, html: Path | None) -> None:
    """Measure the photo checks on the labelled pictures in FOLDER (with manifest.tsv)."""
    if html is not None:
        ensure_writable(html)
    checker = load_checker()
    try:
        rules = checker.standard.profile(profile)
    except StandardError as error:
        raise click.UsageError(str(error)) from error
    manifest = read_manifest(folder)
    chosen = [one for one in manifest.rows if in_half(one.person, half)]
    judged = judge_all(folder, chosen, checker, profile)
    right = _read_seen(seen)
    click.echo(_accepted(judged, right))
    click.echo(_codes(judged))
    click.echo(_groups(judged, right))
    click.echo(_frames(judged, rules))
    click.echo(_misses(judged))
    for fault in manifest.faults:
        click.echo(f"  left out: {fault}")
    if html is not None:
        html.write_text(
            sheet(f"{len(judged)} labelled pictures, profile {profile}", _to_see(judged, right, html)), "utf-8"
        )
        click.echo(f"\nsheet to look at: {html}")


def _to_see(judged: list[Judged], right: dict[str, frozenset[str]], html: Path) -> dict[str, list[Entry]]:
    """What to look at, the worst first. A picture to be accepted is shown once, where it weighs most."""
    kinds: dict[str, list[Judged]] = {
        "Misses": [one for one in judged if one.miss],
        "Doubts for which nobody saw a reason": [one for one in judged if _is_doubted(one) and _unseen(one, right)],
        "Doubts that a person found to be right": [
            one for one in judged if _is_doubted(one) and not _unseen(one, right)
        ],
    }
    return {kind: [_entry(one, right, html) for one in some] for kind, some in kinds.items()}


def _is_doubted(one: Judged) -> bool:
    return one.labelled.expect == "accept" and bool(one.raised) and one.miss is None


def _entry(one: Judged, right: dict[str, frozenset[str]], html: Path) -> Entry:
    unseen = _unseen(one, right) if _is_doubted(one) else ()
    why = one.miss or (f"no reason seen for {' '.join(unseen)}" if unseen else "doubted")
    href = quote(os.path.relpath((one.checked.path).absolute(), html.absolute().parent))
    said = [_valued(finding) for finding in one.open_findings]
    return Entry(
        one.checked,
        f"{why}; expected {one.labelled.expect}. Shows: {one.labelled.shows}",
        said,
        one.labelled.path,
        href,
    )


def _accepted(judged: list[Judged], right: dict[str, frozenset[str]]) -> str:
    """unseen: goes to a person for a reason that nobody saw on the picture."""
    lines = ["accept pictures          n   pass review retake unseen"]
    for mode in MODES:
        some = [one for one in judged if one.labelled.expect == "accept" and one.labelled.mode is mode]
        verdicts = Counter(one.checked.report.verdict for one in some if one.checked.report)
        unseen = sum(bool(_unseen(one, right)) for one in some)
        counts = (*(verdicts[verdict] for verdict in PictureVerdict), unseen)
        lines.append(f"  {mode.value:20s} {len(some):4d} " + " ".join(f"{count:6d}" for count in counts))
        causes = Counter(code for one in some for code in one.raised)
        if causes:
            lines.append("    raised: " + ", ".join(f"{code} {count}" for code, count in causes.most_common()))
    return "\n".join(lines)


def _codes(judged: list[Judged]) -> str:
    """caught: one of the expected codes is raised; missed: none is; false: raised on an accept picture."""
    lines = ["", "code              caught missed  false  also"]
    codes = sorted({code for one in judged for code in (*one.labelled.codes, *one.raised)})
    for code in codes:
        wanted = [one for one in judged if code in one.labelled.codes]
        caught = sum(bool(set(one.labelled.codes) & set(one.raised)) for one in wanted)
        false = sum(one.labelled.expect == "accept" and code in one.raised for one in judged)
        also = sum(bool(one.labelled.codes) and code not in one.labelled.codes and code in one.raised for one in judged)
        lines.append(f"{code:16s} {caught:7d} {len(wanted) - caught:6d} {false:6d} {also:5d}")
    return "\n".join(lines)


def _groups(judged: list[Judged], right: dict[str, frozenset[str]]) -> str:
    """By sex, by skin tone, by both; with what the doubts were about."""
    lines = ["", "group                 accept retake review unseen   defect missed  doubts"]
    groups = sorted({one.labelled.group for one in judged})
    parts = sorted({part for group in groups for part in group.split("/") if "/" in group})
    for group in (*parts, *groups):  # by sex, by skin tone, then by both
        some = [one for one in judged if group in (one.labelled.group, *one.labelled.group.split("/"))]
        accept = [one for one in some if one.labelled.expect == "accept"]
        defect = [one for one in some if one.labelled.codes]
        verdicts = Counter(one.checked.report.verdict for one in accept if one.checked.report)
        lines.append(
            f"{group or '-':20s} {len(accept):7d} {verdicts[PictureVerdict.RETAKE]:6d} "
            f"{verdicts[PictureVerdict.REVIEW]:6d} {sum(bool(_unseen(one, right)) for one in accept):6d} "
            f"{len(defect):8d} {sum(one.miss is not None for one in defect):6d}  {_causes(accept)}"
        )
    return "\n".join(line.rstrip() for line in lines)


def _causes(accept: list[Judged]) -> str:
    """The share of pictures by what was doubted, the most frequent first."""
    counted = Counter(code for one in accept for code in one.raised)
    return ", ".join(f"{code} {100 * count / len(accept):.0f} %" for code, count in counted.most_common())


def _frames(judged: list[Judged], profile: Profile) -> str:
    """How many frames put head top, eyes and face width inside all three windows, of those that can."""
    framed = [(one, r) for one in judged if (r := one.checked.report) and r.frame is not None]
    outside = [(one, report) for one, report in framed if not _all_windows(report)]
    roomy = [one for one, report in outside if _has_room(report, profile)]
    met, room = len(framed) - len(outside), len(framed) - len(outside) + len(roomy)
    lines = ["", f"frames proposed {len(framed)}, with room for all three windows {room}, all three met {met}"]
    for one, report in outside:
        values = {finding.code: finding.value for finding in report.findings}
        missed = " ".join(f"{code.value}={values.get(code)}" for code in WINDOWS)
        lines.append(f"  {one.labelled.path}: {'NOT MET' if one in roomy else 'no room'}; {missed}")
    return "\n".join(lines)


def _has_room(report: Report, profile: Profile) -> bool:
    """Whether the original has a frame in all three windows, by the head where the judged picture shows it."""
    values = [next((f.value for f in report.findings if f.code is code), None) for code in WINDOWS]
    top, eyes, width = values
    if report.frame is None or not report.scale or top is None or eyes is None or width is None:
        return False
    _, y, _, _ = report.frame
    head = Head(top=y + top / report.scale, eyes=y + eyes / report.scale, axis=0.0, width=width / report.scale)
    return has_room(head, report.original_size, profile)


def _all_windows(report: Report) -> bool:
    return all(
        finding.value is not None
        and finding.low is not None
        and finding.high is not None
        and finding.low <= finding.value <= finding.high
        for finding in report.findings
        if finding.code in WINDOWS
    )


def _misses(judged: list[Judged]) -> str:
    lines = ["", f"misses: {sum(one.miss is not None for one in judged)} of {len(judged)}"]
    for one in judged:
        if one.miss is None:
            continue
        report = one.checked.report
        values = {} if report is None else {f.code.value: f for f in report.findings}
        wanted = [f"{code}={values[code].value}" for code in one.labelled.codes if code in values]
        lines.append(
            f"  {one.labelled.path}: {one.miss}; expected {' '.join(wanted) or one.labelled.expect};"
            f" raised {' '.join(map(_valued, one.open_findings)) or '-'}"
        )
    return "\n".join(lines)


def _valued(finding: Finding) -> str:
    """The code with what was measured, or why nothing was."""
    if finding.value is None:
        return f"{finding.code.value}={finding.reason or finding.verdict.value}"
    return f"{finding.code.value}={finding.value:g}"
