"""What `make bench` prints: each kind of picture in a column, each check that it is asked in a row."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from backend.cli.bench import bench
from backend.compliance.checks import CHECKS
from backend.compliance.findings import Mode
from tests import images
from tests.compliance.portraits import Studio


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory, studio: Studio) -> list[str]:
    portrait = tmp_path_factory.mktemp("bench") / "portrait.jpg"
    portrait.write_bytes(images.jpeg(studio.moved(zoom=0.8)))
    done = CliRunner().invoke(bench, [str(portrait), "--rounds", "2"], env={"PEERS": ""})
    assert done.exit_code == 0, done.output
    return done.output.splitlines()


def test_each_check_has_a_row_and_a_number_where_it_is_asked(printed: list[str]) -> None:
    cells = {words[0]: words[1:] for words in map(str.split, printed) if len(words) == 5 and words[0].isupper()}
    assert set(cells) >= {check.code.value for check in CHECKS}
    for check in CHECKS:
        file, phone, *frames = cells[check.code.value]
        assert ((file, phone) == ("-", "-")) is (check.modes == {Mode.FRAME})
        assert (frames[0] == "-") is (Mode.FRAME not in check.modes), "everything is asked of the frame that is right"
    assert cells["HEAD_TOP"][3] == "-", "somebody too far away is told so first"


ROWS = ["whole, processor", "2 threads, processor", "decode and prepare", "memory of a worker"]


@pytest.mark.parametrize("row", ROWS)
def test_the_whole_its_parts_and_the_memory_have_a_row(printed: list[str], row: str) -> None:
    (line,) = (line for line in printed if line.startswith(row))
    assert all(float(number) > 0 for number in line.split()[-4:])


def test_without_a_face_there_is_nothing_to_measure(tmp_path: Path) -> None:
    wall = tmp_path / "wall.jpg"
    wall.write_bytes(images.jpeg(images.astronaut()[:60, :60]))
    done = CliRunner().invoke(bench, [str(wall), "--rounds", "2"])
    assert done.exit_code == 2
    assert "no face" in done.output
