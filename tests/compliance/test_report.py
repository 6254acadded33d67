"""`check-photo --html`: a page for a folder of photos, with a summary that narrows it down."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from backend.cli import compliance
from backend.cli.compliance import Progress, check_photo, common_folder
from tests import images
from tests.compliance.portraits import Studio


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, studio: Studio) -> Path:
    folder = tmp_path_factory.mktemp("scans")
    (folder / "年级 1").mkdir()
    (folder / "年级 1" / "a&b.jpg").write_bytes(images.jpeg(studio.straight))
    (folder / "red wall.jpg").write_bytes(images.jpeg(images.on_wall(studio.person, (200, 40, 40))))
    (folder / "broken.jpg").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
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
    assert done.exit_code == 0, done.output
    page = report.read_text("utf-8")
    assert "3 张照片中的 1 张（中途停止）" in page
    assert page.count("<article") == 1


def test_the_progress_says_how_long_it_will_take() -> None:
    times = iter([0.0, 1.0, 200.0, 201.0])
    progress = Progress(3, lambda: next(times))
    assert progress.after_one().split() == ["1/3", "还需", "2", "秒"]
    assert progress.after_one().split() == ["2/3", "还需", "2", "分钟"]
    assert progress.after_one().split() == ["3/3", "还需", "0", "秒"]


def test_names_are_told_from_the_folder_that_holds_all(tmp_path: Path) -> None:
    one, other = tmp_path / "a" / "b" / "1.jpg", tmp_path / "a" / "c" / "2.jpg"
    assert common_folder([one, other]) == tmp_path / "a"
    assert common_folder([one]) == one.parent
    assert common_folder([]) == Path.cwd()


def test_an_empty_folder_makes_an_empty_report(tmp_path: Path) -> None:
    done = CliRunner().invoke(check_photo, [str(tmp_path), "--html", str(tmp_path / "report.html")])
    assert done.exit_code == 0
    assert "0 张照片" in (tmp_path / "report.html").read_text("utf-8")
