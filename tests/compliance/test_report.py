"""`check-photo --html`: a page for a folder of photos, with a summary that narrows it down."""

from __future__ import annotations

import errno
import io
import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from backend.cli import compliance
from backend.cli.checked import files_in, load_checker
from backend.cli.compliance import check_photo, common_folder
from backend.cli.progress import Progress
from backend.cli.words_of import sentences
from backend.compliance.findings import Mode
from backend.days import day_of
from tests import images
from tests.compliance.portraits import Studio


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, studio: Studio) -> Path:
    folder = tmp_path_factory.mktemp("scans")
    (folder / "年级 1").mkdir()
    (folder / "年级 1" / "a&b.jpg").write_bytes(images.jpeg(studio.straight))
    (folder / "red wall.jpg").write_bytes(images.jpeg(images.on_wall(studio.person, (200, 40, 40))))
    (folder / "broken.jpg").write_bytes(b"no picture")
    (folder / "名单.xlsx").write_bytes(b"no picture by its name")
    (folder / "._broken.jpg").write_bytes(b"what a Mac writes beside each file")
    return folder


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    (folder / "report.html").write_text("of before", "utf-8")
    done = CliRunner().invoke(check_photo, [str(folder), "--html", str(folder / "report.html")])
    assert done.exit_code == 0, done.output
    return (folder / "report.html").read_text("utf-8")


def test_each_photo_has_a_card_with_its_name_and_a_way_to_the_file(page: str) -> None:
    assert page.count("<article") == 3
    assert '<a href="%E5%B9%B4%E7%BA%A7%201/a%26b.jpg">年级 1/a&amp;b.jpg</a>' in page
    assert '<a href="broken.jpg">' in page


def test_the_summary_counts_and_each_number_narrows_the_page(page: str) -> None:
    assert "<h1>3 张照片</h1>" in page
    assert '<label class="show" for="verdict-error">读不出来 <b>1</b></label>' in page
    assert '<label class="show" for="code-BG_COLOR">背景颜色 <b>1</b></label>' in page
    assert "#code-BG_COLOR:checked~.cards>:not(.BG_COLOR)" in page
    assert len(re.findall(r'<article class="card [^"]*\bBG_COLOR\b', page)) == 1
    assert "<script" not in page


def test_every_choice_has_its_radio_before_the_cards(page: str) -> None:
    before, _, _ = page.partition('<div class="cards">')
    labels = re.findall(r'<label class="show" for="([^"]+)"', before)
    assert labels
    assert labels == re.findall(r'<input class="pick" type="radio" name="[a-z]+" id="([^"]+)"', before)


def test_the_pictures_are_small_copies(page: str) -> None:
    pictures = re.findall(r"data:image/jpeg;base64,([^\"]+)", page)
    assert len(pictures) == 2
    assert all(len(picture) < 60_000 for picture in pictures)
    assert "lazy" not in page  # a browser prints no picture that it has not loaded yet


def test_it_says_by_which_rules_and_what_to_do_and_names_what_was_left_out(page: str, folder: Path) -> None:
    before, _, _ = page.partition('<div class="cards">')
    assert f"规则：通用标准（base，2017-99） · 检查日期：{day_of(datetime.now(UTC))} · 文件夹：{folder}" in before
    assert "<b>需重拍</b>：标“✗”的几项不符合规定" in before
    assert "没有检查的文件 1 个" in before
    assert "名单.xlsx</li>" in before
    assert "._broken" not in page


def test_stopped_by_hand_the_report_holds_what_was_judged(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def line(done: compliance.Checked) -> str:
        if said:
            raise KeyboardInterrupt
        said.append(str(done.path))
        return "one"

    monkeypatch.setattr(compliance, "line", line)
    report = tmp_path / "report.html"
    done = CliRunner().invoke(check_photo, [str(folder), "--html", str(report)])
    assert done.exit_code == 130, done.output
    page = report.read_text("utf-8")
    assert "3 张照片中的 1 张（中途停止）" in page
    assert page.count("<article") == 1
    assert page.endswith("</html>")


def test_a_fault_of_ours_does_not_lose_what_was_judged(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def line(done: compliance.Checked) -> str:
        if done.path.name == "red wall.jpg":
            raise ArithmeticError
        return "one"

    monkeypatch.setattr(compliance, "line", line)
    done = CliRunner().invoke(check_photo, [str(folder), "--html", str(tmp_path / "report.html")])
    assert isinstance(done.exception, ArithmeticError)
    assert (tmp_path / "report.html").read_text("utf-8").count("<article") == 1


def test_the_report_of_before_stays_until_the_new_one_is_whole(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    report = tmp_path / "report.html"
    report.write_text("of before")
    done = CliRunner().invoke(check_photo, [str(folder / "broken.jpg"), "--html", str(report)])
    assert done.exit_code == 1
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("report.html", "of before")]


def test_a_folder_that_cannot_take_the_report_is_named_before_the_work(folder: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(check_photo, [str(folder), "--html", str(tmp_path / "missing" / "report.html")])
    assert done.exit_code == 2
    assert f"{tmp_path / 'missing'}: No such file or directory" in done.output
    assert "red wall" not in done.output


def test_a_folder_that_cannot_be_opened_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = os.scandir

    def scandir(path: str) -> object:
        if path.endswith("年级 1"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return opened(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = files_in([folder])
    assert [path.name for path in found.pictures] == ["broken.jpg", "red wall.jpg"]
    assert [path.name for path in found.others if path.name != "report.html"] == ["年级 1", "名单.xlsx"]


def test_a_name_in_another_encoding_does_not_stop_the_work(tmp_path: Path) -> None:
    old = tmp_path / os.fsdecode("张三.jpg".encode("gbk"))
    old.write_bytes(b"no picture")
    done = CliRunner().invoke(check_photo, [str(tmp_path), "--html", str(tmp_path / "report.html")])
    assert done.exit_code == 0, done.output
    assert '<a href="%D5%C5%C8%FD.jpg">\ufffd' in (tmp_path / "report.html").read_text("utf-8")


def test_what_is_found_is_told_in_both_languages(folder: Path) -> None:
    done = load_checker().check(folder / "red wall.jpg", mode=Mode.FINAL, profile="base")
    chinese, english = sentences(done), sentences(done, "en")
    assert len(chinese) == len(english) > 1
    assert "✗ 背景颜色和规定的颜色不一样。请站到规定颜色的纯色墙或背景布前再拍" in chinese
    assert any(line.startswith("✗ The background does not have a required colour. Please stand") for line in english)
    assert not re.search(r"[^\x00-\x7f✗°×]", "".join(english))


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_progress_says_how_long_it_will_take_in_one_line_on_a_screen() -> None:
    times, screen = iter([0.0, 1.0, 200.0, 201.0]), Screen()
    progress = Progress(3, lambda: next(times), screen)
    for _ in range(3):
        progress.clear()
        progress.after_one()
    said = [line for line in screen.getvalue().split("\r") if "/" in line]
    assert said == ["1/3  还需 2 秒", "2/3  还需 2 分钟", "3/3  还需 0 秒"]
    assert screen.getvalue().count("\r\x1b[K") == 3


def test_in_a_file_the_progress_is_a_line_now_and_then() -> None:
    file = io.StringIO()
    progress = Progress(60, lambda: 0.0, file)
    for _ in range(60):
        progress.clear()
        progress.after_one()
    assert file.getvalue().splitlines() == ["25/60  还需 0 秒", "50/60  还需 0 秒", "60/60  还需 0 秒"]


def test_names_are_told_from_the_folder_that_holds_all(tmp_path: Path) -> None:
    one, other = tmp_path / "a" / "b" / "1.jpg", tmp_path / "a" / "c" / "2.jpg"
    assert common_folder([one, other]) == tmp_path / "a"
    assert common_folder([one]) == one.parent
    assert common_folder([]) == Path.cwd()


def test_an_empty_folder_makes_an_empty_report(tmp_path: Path) -> None:
    done = CliRunner().invoke(check_photo, [str(tmp_path), "--html", str(tmp_path / "report.html")])
    assert done.exit_code == 0
    assert "0 张照片" in (tmp_path / "report.html").read_text("utf-8")
    assert "没有找到照片 no pictures found" in done.output
