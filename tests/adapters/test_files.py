"""Files: named by their content, unreadable without our keys, whole or not there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from backend.adapters.files import FileDamaged, FileMissing, LocalFiles
from backend.records import Keys

KEYS = Keys(b"k" * 32)


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "files", KEYS)


def only_file(tmp_path: Path) -> Path:
    (path,) = (path for path in (tmp_path / "files").rglob("*") if path.is_file())
    return path


def test_what_was_put_comes_back(files: LocalFiles) -> None:
    assert files.get(files.put(b"a picture")) == b"a picture"


def test_putting_twice_keeps_one_file(files: LocalFiles) -> None:
    assert files.put(b"same") == files.put(b"same")
    assert len(list(files.names())) == 1


def test_the_disk_shows_nothing(files: LocalFiles, tmp_path: Path) -> None:
    files.put(b"a face " * 100)
    path = only_file(tmp_path)
    assert b"a face" not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.name) == 64


def test_a_changed_file_is_damaged_not_served(files: LocalFiles, tmp_path: Path) -> None:
    name = files.put(b"right")
    path = only_file(tmp_path)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(FileDamaged):
        files.get(name)


def test_a_file_moved_to_another_name_is_damaged(files: LocalFiles, tmp_path: Path) -> None:
    one, other = files.put(b"one"), files.put(b"other")
    folder = tmp_path / "files"
    (folder / one[:2] / one).write_bytes((folder / other[:2] / other).read_bytes())
    with pytest.raises(FileDamaged):
        files.get(one)


def test_other_keys_open_nothing(files: LocalFiles, tmp_path: Path) -> None:
    name = files.put(b"right")
    with pytest.raises(FileDamaged):
        LocalFiles(tmp_path / "files", Keys(b"o" * 32)).get(name)


@pytest.mark.parametrize("name", ["", "../secrets.json", "a" * 63, "A" * 64, "0" * 64])
def test_a_name_that_is_none_is_missing(files: LocalFiles, name: str) -> None:
    with pytest.raises(FileMissing):
        files.get(name)


def test_a_broken_off_write_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(_descriptor: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", no_room)
    files = LocalFiles(tmp_path / "files", KEYS)
    with pytest.raises(OSError, match="no space"):
        files.put(b"too much")
    assert list(files.names()) == []
    assert list(files.leftovers()) == []


def test_deleting_what_is_not_there_is_no_error(files: LocalFiles) -> None:
    name = files.put(b"gone soon")
    files.delete(name)
    files.delete(name)
    assert list(files.names()) == []
