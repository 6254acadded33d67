"""`make lighthouse`: installs the locked Lighthouse into .cache/ and measures the students' pages with it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from devtools.checks import prepare_browser
from devtools.downloads import npm_command
from devtools.environment import DEVELOPMENT, install, set_up
from devtools.ground import CACHE, PROJECT, PYTHON, call, made

TOTAL = 7
LOCKED = PROJECT / "config" / "lighthouse"
LOCK = "package-lock.json"
HINT = "Is there a network? Where the public registry is slow: npm config set registry ADDRESS"


def measure() -> int:
    """The table goes to the terminal; 1 when a page has fewer points than it should."""
    set_up(DEVELOPMENT, TOTAL)
    chromium = prepare_browser(f"6/{TOTAL}")
    folder = installed(f"{TOTAL}/{TOTAL}")
    command = [str(PYTHON), "-m", "tests.journeys.lighthouse", str(folder)]
    return subprocess.call(command, cwd=PROJECT, env=os.environ | {"TZ": "Asia/Shanghai", "CHROMIUM": chromium})


def installed(step: str) -> Path:
    """The folder with the Lighthouse that the lock names."""
    folder = made(CACHE / "lighthouse")
    kept = folder / LOCK
    if kept.is_file() and kept.read_bytes() == (LOCKED / LOCK).read_bytes():
        return folder
    shutil.copy(LOCKED / "package.json", folder)
    npm = npm_command(step, folder, install)
    shutil.copy(LOCKED / LOCK, folder / "npm-shrinkwrap.json")  # the lock itself comes last: it says that all is there
    call(step, [*npm, "ci", "--ignore-scripts"], HINT, cwd=folder)
    shutil.copy(LOCKED / LOCK, kept)
    return folder
