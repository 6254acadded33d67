"""Paths, talking to the person at the terminal, running programs, putting files in place, stamps."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

PROJECT = Path(__file__).resolve().parent.parent
CACHE = PROJECT / ".cache"
VENV = PROJECT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / "python"
FLASK = [str(PYTHON), "-m", "flask", "--app", "wsgi"]

NO_INDEX_HINT = (
    "Is there a network? Where the public package index is slow or closed, name a mirror and start again:\n"
    "    pip config set global.index-url ADDRESS     (uv is told the same address)"
)


class CannotGoOn(Exception):
    """Something is missing; the text says what, and how to get it."""


def say(step: str, text: str) -> None:
    print(f"[{step}] {text}", flush=True)


def call(
    step: str,
    command: Sequence[str | Path],
    hint: str,
    *,
    cwd: Path = PROJECT,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Run a program quietly, with additions to the environment; a line every 15 s shows that it lives.

    Raises CannotGoOn with the end of its output and the hint.
    """
    words = [str(word) for word in command]
    try:
        process = subprocess.Popen(
            words,
            cwd=cwd,
            env=os.environ | environment,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as error:
        raise CannotGoOn(f"{words[0]} cannot be started: {error}\n{hint}") from None
    started = time.monotonic()
    while True:
        try:
            output, _ = process.communicate(timeout=15)
            break
        except subprocess.TimeoutExpired:
            say(step, f"... still at it after {time.monotonic() - started:.0f} s")
    if process.returncode:
        end = "\n".join(f"    {line}" for line in output.strip().splitlines()[-12:])
        raise CannotGoOn(f"{shlex.join(words)}\nended with {process.returncode}:\n{end}\n{hint}")


def made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def intact(path: Path, sha256: str) -> bool:
    return path.is_file() and digest(path) == sha256


def put(content: bytes, target: Path, sha256: str) -> None:
    """Write `target` in one go, if the bytes are the expected ones. Raises CannotGoOn when they are not."""
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise CannotGoOn(f"{target} would be another file:\n  wanted sha256 {sha256}\n   found sha256 {found}")
    aside = made(target.parent) / f".{target.name}.{os.getpid()}"
    aside.write_bytes(content)
    aside.replace(target)


def stamps() -> dict[str, str]:
    """What .venv was made from: "python" and, for each lock file installed, its sha256."""
    try:
        return dict(json.loads((VENV / "set-up.json").read_text()))
    except (OSError, ValueError):
        return {}


def stamp(news: dict[str, str]) -> None:
    content = json.dumps(stamps() | news, indent=1).encode()
    put(content, VENV / "set-up.json", hashlib.sha256(content).hexdigest())
