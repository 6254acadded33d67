"""The engine beside other tools in one run, taking turns picture by picture, so that both meet the same noise."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from statistics import median
from time import perf_counter

from backend.cli import peer

Picture = tuple[str, Path, Callable[[], object]]  # what it is, the file, our own judging of it


class Peer:
    """One tool in a process of its own; `trouble` says why it does not run, "" when it does."""

    def __init__(self, name: str, packages: Path, models: Path) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [sys.executable, peer.__file__, name, str(models)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONPATH": str(packages), "OMP_NUM_THREADS": "1", "OPENCV_FOR_THREADS_NUM": "1"},
        )
        first = self._answer()
        self.trouble = "" if first == "ready" else first or "it stopped without a word"

    def milliseconds(self, path: Path) -> float:
        """Raises ValueError when the tool refuses the picture, OSError or ValueError when it has stopped."""
        if self._process.stdin is None:
            raise OSError("no way to speak to it")
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        return float(self._answer())

    def close(self) -> None:
        with suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _answer(self) -> str:
        return self._process.stdout.readline().strip() if self._process.stdout is not None else ""


def compare(pictures: list[Picture], packages: Path, models: Path, rounds: int) -> list[str]:
    """One line for each tool and picture: median milliseconds, and how many times ours that is."""
    lines = []
    for name in peer.PEERS:
        tool = Peer(name, packages, models)
        try:
            if tool.trouble:
                lines.append(f"{name} does not run from {packages}: {tool.trouble}")
                continue
            lines.extend(_line(tool, *picture, rounds=rounds) for picture in pictures)
        finally:
            tool.close()
    return lines


def _line(tool: Peer, title: str, path: Path, own: Callable[[], object], *, rounds: int) -> str:
    ours, theirs = [], []
    try:
        tool.milliseconds(path)
        for _ in range(rounds):
            started = perf_counter()
            own()
            ours.append((perf_counter() - started) * 1000)
            theirs.append(tool.milliseconds(path))
    except (OSError, ValueError):
        return f"{tool.name:20s}{title:36s} it does not take this picture"
    ratio = median(theirs) / median(ours)
    return f"{tool.name:20s}{title:36s}{median(theirs):9.1f}{median(ours):9.1f}{ratio:9.2f}"
