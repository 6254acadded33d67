"""Set-up, and its steps 1 to 3: .venv, the installer, the packages.

Each step looks whether its result is there and whole, works aside and moves into place at the end: one that
was interrupted is simply done again, and a second start finds nothing to do.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from devtools import downloads
from devtools.ground import (
    BIN,
    NO_INDEX_HINT,
    PROJECT,
    PYTHON,
    VENV,
    CannotGoOn,
    call,
    digest,
    say,
    stamp,
    stamps,
)
from devtools.pip_to_uv import pip_settings, uv_settings

RUNTIME, DEVELOPMENT, SCALE = "requirements.txt", "requirements-dev.txt", "requirements-scale.txt"
SYNGEN = "requirements-syngen.txt"
UV = "config/setup/uv.txt"
LOCKED_FROM = {
    RUNTIME: "requirements.in",
    DEVELOPMENT: "requirements-dev.in",
    SCALE: "requirements-scale.in",
    SYNGEN: "requirements-syngen.in",
    UV: "config/setup/uv.in",
    downloads.NODE: "config/setup/node.in",
}
PIP_INSTALL = [str(PYTHON), "-m", "pip", "install", "--quiet", "--require-hashes"]
UV_INSTALL = [str(BIN / "uv"), "pip", "install", "--quiet", "--python", str(PYTHON), "--require-hashes"]


def set_up(lock: str, total: int) -> None:
    """Everything that `lock` (a requirements file) and the application need; steps 3 to 5 side by side."""
    make_environment(f"1/{total}")
    fetch_installer(f"2/{total}")
    with ThreadPoolExecutor() as pool:
        steps = [
            pool.submit(install_packages, f"3/{total}", lock),
            pool.submit(downloads.fetch_models, f"4/{total}"),
            pool.submit(downloads.fetch_browser_files, f"5/{total}", install),
        ]
    for step in steps:
        step.result()


def make_environment(step: str) -> None:
    """.venv, made again when it belongs to another Python or folder or was not finished."""
    wanted = f"{sys.version_info.major}.{sys.version_info.minor} {PROJECT}"
    if stamps().get("python") == wanted and PYTHON.exists():
        say(step, "Python environment: ready")
        return
    say(step, f"Python environment: making {VENV.name} with Python {sys.version.split()[0]}")
    base = getattr(sys, "_base_executable", sys.executable)
    hint = "Python's venv module is needed (Debian, Ubuntu: apt-get install python3-venv)."
    call(step, [base, "-m", "venv", "--clear", VENV], hint)
    stamp({"python": wanted})


def fetch_installer(step: str) -> None:
    """uv, locked by hash; without it (NO_UV=1, or it cannot be had) pip does the work."""
    wanted = digest(PROJECT / UV)
    if _no_uv() or stamps().get(UV) == wanted:
        say(step, "installer: pip, as NO_UV asks" if _no_uv() else "installer: ready")
        return
    say(step, "installer: fetching uv")
    try:
        call(step, [*PIP_INSTALL, "-r", UV], NO_INDEX_HINT)
        stamp({UV: wanted})
    except CannotGoOn:
        say(step, "installer: uv cannot be had here, pip does the work (slower)")


def install_packages(step: str, lock: str) -> None:
    """The other locks contain the run-time one, so having installed one vouches for both."""
    wanted = {name: digest(PROJECT / name) for name in (RUNTIME, lock)}
    if stamps().items() >= wanted.items():
        say(step, "packages: ready")
        return
    say(step, f"packages: installing {lock}")
    install(step, "-r", PROJECT / lock)
    stamp(wanted)
    say(step, "packages: done")


def install(step: str, *what: str | Path) -> None:
    """Install from a locked file with uv, or with pip where uv is absent or stumbles."""
    if not _no_uv() and UV in stamps():
        try:
            call(step, [*UV_INSTALL, *what], "", environment=uv_settings(pip_settings(), os.environ))
            return
        except CannotGoOn as error:
            say(step, f"uv did not manage, trying pip: {error}")
    call(step, [*PIP_INSTALL, *what], NO_INDEX_HINT)


def lock_requirements(upgrade: bool = False) -> None:
    """Write every lock file again: for all platforms, with hashes, without the address of any index.

    Versions that are locked already stay unless `upgrade`; the run-time lock binds the two that contain it.
    Only the main index is asked: one that holds a few wheels of its own would leave hashes out.
    """
    handed_on = uv_settings(pip_settings(), os.environ)
    main_index = {name: handed_on[name] for name in handed_on.keys() - {"UV_INDEX", "UV_FIND_LINKS"}}
    for lock, source in LOCKED_FROM.items():
        command = [str(BIN / "uv"), "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
        command += ["--generate-hashes", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
        command += ["--custom-compile-command", "make lock", *(["--upgrade"] if upgrade else [])]
        command += ["--constraints", RUNTIME] if lock in (DEVELOPMENT, SCALE, SYNGEN) else []
        call("lock", [*command, source, "--output-file", lock], NO_INDEX_HINT, environment=main_index)


def _no_uv() -> bool:
    return bool(os.environ.get("NO_UV"))
