"""How far a command is that looks at many pictures."""

from __future__ import annotations

import sys
from collections.abc import Callable
from math import ceil
from time import perf_counter
from typing import IO

LINES_EVERY = 25  # photos from one line of progress to the next, where it is written into a file


class Progress:
    """How far it is and how long it will take: one line that is written over, or a line now and then into a file."""

    def __init__(self, total: int, clock: Callable[[], float] = perf_counter, stream: IO[str] | None = None) -> None:
        self._total, self._clock, self._started, self._done = total, clock, clock(), 0
        self._stream = stream or sys.stderr
        self._over = self._stream.isatty()

    def after_one(self) -> None:
        self._done += 1
        if self._over:
            self._write(f"\r{self._text()}")
        elif self._done % LINES_EVERY == 0 or self._done == self._total:
            self._write(f"{self._text()}\n")

    def clear(self) -> None:
        """Make room for a line of its own."""
        if self._over:
            self._write("\r\x1b[K")

    def _text(self) -> str:
        left = (self._clock() - self._started) / self._done * (self._total - self._done)
        time = f"{ceil(left / 60)} 分钟" if left > 90 else f"{ceil(left)} 秒"
        return f"{self._done}/{self._total}  还需 {time}"

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
