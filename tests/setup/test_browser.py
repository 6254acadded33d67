"""The browser for the tests: found, installed where that is possible, and otherwise told how to get."""

from pathlib import Path

import pytest

from devtools import checks

STEP = "6/7"


def put_program(folder: Path, name: str, script: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The programs of a bare machine with a Chinese font, without a browser; we are root."""
    programs = tmp_path / "bin"
    put_program(programs, "fc-list", "echo /usr/share/fonts/some-chinese.ttc")
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "playwright"))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.delenv("SKIP_BROWSER", raising=False)
    monkeypatch.setattr(checks.os, "geteuid", lambda: 0)
    return programs


def put_apt(machine: Path, install: str) -> Path:
    """An apt-get that notes what it is asked and, asked to install, does `install`."""
    log = machine / "apt.log"
    put_program(machine, "apt-get", f'echo "$@" >> {log}\ncase "$1" in install) {install};; esac')
    return log


def test_a_browser_that_is_there_is_used(machine: Path):
    browser = put_program(machine, "google-chrome")
    assert checks.prepare_browser(STEP) == str(browser)


def test_a_browser_that_playwright_downloaded_is_found(machine: Path, tmp_path: Path):
    browser = put_program(tmp_path / "playwright/chromium-1200/chrome-linux", "chrome")
    assert checks.find_chromium() == str(browser)


def test_the_named_browser_wins(machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    put_program(machine, "chromium")
    own = put_program(tmp_path / "own", "browser")
    monkeypatch.setenv("CHROMIUM", str(own))
    assert checks.find_chromium() == str(own)


def test_root_gets_it_from_apt_without_recommendations(machine: Path):
    log = put_apt(machine, f"printf '#!/bin/sh' > {machine}/chromium; /bin/chmod +x {machine}/chromium")
    assert checks.prepare_browser(STEP) == str(machine / "chromium")
    assert log.read_text().splitlines() == ["update -q", "install -q -y --no-install-recommends chromium"]


def test_a_missing_chinese_font_is_installed_too(machine: Path):
    put_program(machine, "chromium")
    put_program(machine, "fc-list")
    log = put_apt(machine, f"printf '#!/bin/sh\\necho font' > {machine}/fc-list")
    assert checks.prepare_browser(STEP)
    assert log.read_text().splitlines()[-1].endswith("--no-install-recommends fonts-wqy-microhei")


def test_where_apt_fails_one_line_says_what_to_do(machine: Path, capsys: pytest.CaptureFixture[str]):
    put_apt(machine, "echo no network; exit 100")
    assert checks.prepare_browser(STEP) == ""
    said = capsys.readouterr().out
    assert "no network" in said
    assert "sudo apt-get install --no-install-recommends chromium" in said.splitlines()[-1]
    assert "SKIP_BROWSER=1" in said.splitlines()[-1]


def test_apt_is_left_alone_by_others_than_root(machine: Path, monkeypatch: pytest.MonkeyPatch):
    log = put_apt(machine, "true")
    monkeypatch.setattr(checks.os, "geteuid", lambda: 1000)
    assert checks.prepare_browser(STEP) == ""
    assert not log.exists()


def test_nothing_is_installed_for_tests_that_are_left_out(machine: Path, monkeypatch: pytest.MonkeyPatch):
    log = put_apt(machine, "true")
    monkeypatch.setenv("SKIP_BROWSER", "1")
    assert checks.prepare_browser(STEP) == ""
    assert not log.exists()
