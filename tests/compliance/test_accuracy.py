"""The measuring of the checks on labelled pictures: what counts as right, as missed, as a wrong doubt."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from backend.cli.accuracy import accuracy
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


def test_the_sheet_shows_what_was_missed(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "sheet.html"
    run(str(folder), "--html", str(page))
    assert "3_mislabelled.jpg" in page.read_text(encoding="utf-8")
