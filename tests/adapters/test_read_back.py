"""What we hand to others reads the same in their software: with every program that this machine has."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.read_back import LIST, PROGRAMS, checked, differences, main, packages, unpacked


@pytest.mark.parametrize("key", ["dbf-basic", "xlsx-basic", "code-only"])
def test_libraries_of_others_read_every_table_as_it_was_written(key: str, tmp_path: Path) -> None:
    unit_format, content, wanted = next(found for found in packages() if found[0].key == key)
    assert unpacked(content, tmp_path) == []
    path = tmp_path / f"{key}.{unit_format.kind}"
    libraries = [program for program in PROGRAMS if not program.command and path.suffix in program.suffixes]
    assert libraries, "one library for each kind of table is always there"
    for program in libraries:
        assert differences(wanted, program.read(path, tmp_path)) == [], program.name


def test_a_changed_cell_a_lost_line_and_a_broken_file_are_noticed(tmp_path: Path) -> None:
    wanted = [list(row) for row in LIST]
    assert differences(wanted, wanted) == []
    changed = [list(row) for row in LIST]
    changed[1][0] = "123456"  # a zero at the start is lost
    assert differences(wanted, changed) == ["line 2, 学号: '123456' instead of '000123456'"]
    assert differences(wanted, wanted[:-1]) == ["3 lines instead of 4"]
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK")
    assert all("could not read it" in problems[0] for _, problems in checked(broken, wanted, tmp_path))


def test_a_photo_that_changed_on_its_way_is_noticed(tmp_path: Path) -> None:
    content = bytearray(next(packages())[1])
    place = content.index(b"\xff\xd8\xff") + 30
    content[place] ^= 1
    (tmp_path / "out").mkdir()
    with pytest.raises(Exception, match=r"unzip|CRC"):
        unpacked(bytes(content), tmp_path / "out")


def test_the_command_says_what_is_not_here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    assert main() == 0
    said = capsys.readouterr().out
    assert "apt-get install dbview" in said
    assert "DIFFERENT" not in said
