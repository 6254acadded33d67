"""What `make` calls: sets up, runs, tests. Needs nothing but Python; the work is in devtools/."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this is where an older Python is told so
    newer = next(filter(None, (shutil.which(f"python3.{minor}") for minor in range(16, 10, -1))), None)
    if newer:
        os.execv(newer, [newer, *sys.argv])
    sys.exit(
        f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}.\n"
        "Install one (Debian 12, Ubuntu 24.04: apt-get install python3 python3-venv);\n"
        "if it is not called python3, name it: make run PYTHON=/path/to/python3.12"
    )

from collections.abc import Callable

from devtools import checks, lighthouse, servers
from devtools.environment import DEVELOPMENT, LOCKED_FROM, RUNTIME, lock_requirements, set_up
from devtools.ground import BIN, CACHE, FLASK, PROJECT, PYTHON, VENV, CannotGoOn


def show_help() -> None:
    """The commands, from the comments of the Makefile."""
    for name, text in re.findall(r"^([\w-]+):.*## (.+)$", (PROJECT / "Makefile").read_text("utf-8"), re.M):
        print(f"make {name:10} {text}")


def prepare() -> None:
    set_up(RUNTIME, total=5)
    print("Everything is in place; `make run` starts it.")


def lock() -> None:
    set_up(DEVELOPMENT, total=5)
    lock_requirements(upgrade=bool(os.environ.get("UPGRADE")))
    print(f"Written: {', '.join(LOCKED_FROM)}")


def with_tools(*command: str) -> int:
    """Run a program of .venv after bringing it up to date."""
    set_up(DEVELOPMENT, total=5)
    return subprocess.call(command, cwd=PROJECT)


def accuracy() -> int:
    photos = os.environ.get("PHOTOS")
    if not photos:
        raise CannotGoOn("Which pictures? make accuracy PHOTOS=folder, the folder with manifest.tsv")
    options = {
        "--html": os.environ.get("HTML"),
        "--profile": os.environ.get("PROFILE"),
        "--half": os.environ.get("HALF"),
    }
    given = [word for option, value in options.items() if value for word in (option, value)]
    return with_tools(*FLASK, "accuracy", "--seen", "tests/compliance/seen.tsv", *given, photos)


BENCHES = {
    "engine": "bench",
    "imports": "bench-imports",
    "batches": "bench-batches",
    "bulk": "bench-bulk",
    "statistics": "bench-statistics",
    "review": "",  # in Chromium, see review_speed
}


def review_speed() -> int:
    """1 when a reviewer waits longer for the next photo than the bar."""
    set_up(DEVELOPMENT, total=6)
    chromium = checks.prepare_browser("6/6")
    command = [str(PYTHON), "-m", "tests.journeys.review_speed"]
    return subprocess.call(command, cwd=PROJECT, env=os.environ | {"TZ": "Asia/Shanghai", "CHROMIUM": chromium})


def bench() -> int:
    only = os.environ.get("ONLY", "")
    if only and only not in BENCHES:
        raise CannotGoOn(
            f"Which bench? make bench ONLY={'|'.join(BENCHES)}; without ONLY all of them, one after another"
        )
    for name in [only] if only else BENCHES:
        print(f"\n{name}", flush=True)
        failed = review_speed() if name == "review" else with_tools(*FLASK, BENCHES[name])
        if failed:
            return failed
    return 0


def clean() -> None:
    for folder in (VENV, CACHE, PROJECT / "models", PROJECT / "static/vendor", PROJECT / "tests/vendor"):
        shutil.rmtree(folder, ignore_errors=True)
    print("Removed what set-up and tools made; data/ is untouched.")


COMMANDS: dict[str, Callable[[], int | None]] = {
    "help": show_help,
    "setup": prepare,
    "run": servers.run,
    "test": checks.test,
    "test-pg": checks.test_on_postgresql,
    "lint": lambda: with_tools(str(BIN / "ruff"), "check", "."),
    "types": lambda: with_tools(str(BIN / "mypy")),
    "accuracy": accuracy,
    "bench": bench,
    "lighthouse": lighthouse.measure,
    "doctor": lambda: with_tools(*FLASK, "doctor"),
    "lock": lock,
    "clean": clean,
}


def main(arguments: list[str]) -> int:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a thousand modules compiled anew make each start slow
    name = arguments[0] if arguments else "help"
    if name not in COMMANDS:
        print(f"There is no command {name!r}; these there are:", file=sys.stderr)
        show_help()
        return 2
    try:
        return COMMANDS[name]() or 0
    except (CannotGoOn, OSError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
