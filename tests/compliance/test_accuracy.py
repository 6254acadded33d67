"""The measuring of the checks on labelled pictures: what counts as right, as missed, as a wrong doubt."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from backend.cli.accuracy import accuracy
from backend.cli.checked import Checker, load_checker
from backend.compliance.findings import Severity
from tests import images
from tests.compliance.portraits import Studio


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, studio: Studio) -> Path:
    """One picture called right (she shows her teeth), one defect that is seen, one wrong label, one raw picture."""
    place = tmp_path_factory.mktemp("labelled")
    pictures = {
        "1_teeth.jpg": ("final", "accept", images.jpeg(studio.straight)),
        "2_red.jpg": ("final", "defect:BG_COLOR", images.jpeg(images.on_wall(studio.person, (190, 40, 40)))),
        "3_mislabelled.jpg": ("final", "defect:MANY_FACES", images.jpeg(studio.straight)),
        "4_raw.jpg": ("capture", "either", images.jpeg(images.astronaut())),
    }
    lines = ["path\tmode\texpect\tlabels\tgroup\tshows\tlicence\tsource"]
    for name, (mode, expect, content) in pictures.items():
        (place / name).write_bytes(content)
        lines.append(f"{name}\t{mode}\t{expect}\t\tfemale/white\twhat it shows\t\t")
    (place / "manifest.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return place


def run(*arguments: str) -> str:
    done = CliRunner().invoke(accuracy, arguments)
    assert done.exit_code == 0, done.output
    return done.output


def row(output: str, name: str) -> list[str]:
    return next(line.split() for line in output.splitlines() if line.split()[:1] == [name])


def test_each_code_is_counted_and_each_miss_is_named_with_its_value(folder: Path) -> None:
    output = run(str(folder))
    assert row(output, "BG_COLOR")[:3] == ["BG_COLOR", "1", "0"]
    assert row(output, "MANY_FACES")[:3] == ["MANY_FACES", "0", "1"]
    assert "misses: 2 of 4" in output
    assert "1_teeth.jpg: sent back wrongly" in output
    assert "3_mislabelled.jpg: caught for another reason; expected MANY_FACES=1" in output


def test_a_doubt_that_a_person_saw_to_be_right_is_no_wrong_doubt(folder: Path, tmp_path: Path) -> None:
    output = run(str(folder))
    raised = output.split("raised: ")[1].splitlines()[0]
    codes = " ".join(part.split()[0] for part in raised.split(", "))
    assert row(output, "final")[1:] == ["1", "0", "0", "1", "1"]
    seen = tmp_path / "seen.tsv"
    seen.write_text(f"path\tcodes\n1_teeth.jpg\t{codes}\n", encoding="utf-8")
    assert row(run(str(folder), "--seen", str(seen)), "final")[1:] == ["1", "0", "0", "1", "0"]


def test_a_frame_that_no_picture_could_give_is_told_from_one_that_was_missed(folder: Path) -> None:
    output = run(str(folder))
    line = next(line for line in output.splitlines() if line.startswith("frames proposed"))
    assert line == "frames proposed 1, with room for all three windows 0, all three met 0"
    assert "4_raw.jpg: no room" in output


def test_what_is_said_too_much_is_named_with_its_value(folder: Path) -> None:
    line = next(line for line in run(str(folder)).splitlines() if "1_teeth.jpg: sent back wrongly" in line)
    assert re.search(r"raised .*MOUTH_OPEN=0\.\d+", line)


def sections(page: str) -> dict[str, list[str]]:
    """Kind -> the pictures shown under it."""
    parts = re.split(r'<p class="by">([^:<]+): \d+</p>', page)
    return {
        kind: re.findall(r"<h2><a [^>]+>([^<]+)</a>", part) for kind, part in zip(parts[1::2], parts[2::2], strict=True)
    }


def all_soft() -> Checker:
    """The engine with a standard that sends nobody back: what is wrong is a doubt."""
    checker = load_checker()
    base = checker.standard.profile("base")
    rules = {code: replace(rule, severity=Severity.SOFT) for code, rule in base.rules.items()}
    return replace(checker, standard=replace(checker.standard, profiles={"base": replace(base, rules=rules)}))


def test_the_sheet_shows_misses_and_doubts_with_a_way_to_the_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, seen = folder.parent / "sheet.html", tmp_path / "seen.tsv"
    output = run(str(folder), "--html", str(page))
    assert output.splitlines()[-1] == f"sheet to look at: {page}"
    doubts, right = "Doubts for which nobody saw a reason", "Doubts that a person found to be right"
    teeth, mislabelled = "1_teeth.jpg", "3_mislabelled.jpg"
    shown = page.read_text("utf-8")
    assert sections(shown) == {"Misses": [teeth, mislabelled], doubts: [], right: []}
    assert f'<a href="{folder.name}/1_teeth.jpg">' in shown

    monkeypatch.setattr("backend.cli.accuracy.load_checker", all_soft)
    output = run(str(folder), "--html", str(page))
    assert sections(page.read_text("utf-8")) == {"Misses": [mislabelled], doubts: [teeth], right: []}
    codes = " ".join(part.split()[0] for part in output.split("raised: ")[1].splitlines()[0].split(", "))
    seen.write_text(f"path\tcodes\n{teeth}\t{codes}\n", encoding="utf-8")
    run(str(folder), "--html", str(page), "--seen", str(seen))
    assert sections(page.read_text("utf-8")) == {"Misses": [mislabelled], doubts: [], right: [teeth]}


BAD_ROWS = {
    "1_teeth.jpg\tfinall\taccept": "mode 'finall' is neither of final, capture",
    "1_teeth.jpg\tframe\taccept": "mode 'frame' is neither of final, capture",
    "1_teeth.jpg\tfinal": "no expect",
    "\tfinal\taccept": "no path",
    "1_teeth.jpg\tfinal\tgood": "expect 'good' is none of accept, defect:CODE|CODE, either",
    "1_teeth.jpg\tfinal\tdefect:BLUR|NOPE": "no check is called NOPE",
}


def test_a_bad_row_is_named_and_the_others_are_measured(folder: Path) -> None:
    manifest = folder / "manifest.tsv"
    whole = manifest.read_text("utf-8")
    manifest.write_text("\ufeffpath\tmode\texpect\r\n1_teeth.jpg\tfinal\taccept\r\n" + "\r\n".join(BAD_ROWS), "utf-8")
    try:
        output = run(str(folder))
    finally:
        manifest.write_text(whole, "utf-8")
    assert "misses: 1 of 1" in output
    for number, fault in enumerate(BAD_ROWS.values(), 3):
        assert f"left out: manifest.tsv, line {number}: {fault}" in output


def test_a_picture_that_is_missing_is_a_miss(tmp_path: Path) -> None:
    (tmp_path / "manifest.tsv").write_text("path\tmode\texpect\ngone.jpg\tfinal\tdefect:BLUR\n", "utf-8")
    page = tmp_path / "sheet.html"
    assert "gone.jpg: unreadable: No such file or directory" in run(str(tmp_path), "--html", str(page))
    assert "unreadable: No such file or directory" in page.read_text("utf-8")


@pytest.mark.parametrize(("content", "said"), [(None, "No such file"), ("表".encode("utf-16"), "can't decode")])
def test_a_folder_without_a_table_says_so(content: bytes | None, said: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "manifest.tsv").write_bytes(content)
    output = run(str(tmp_path))
    assert "misses: 0 of 0" in output
    assert f"left out: manifest.tsv: {said}" in re.sub(r"'utf-8' codec ", "", output)
