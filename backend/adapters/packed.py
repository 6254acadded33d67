"""Files made small for the wire, once: under the name of their content, so that nothing kept here is ever stale."""

from __future__ import annotations

import gzip
import hashlib
import secrets
import threading
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import brotli

ENCODINGS = ("br", "gzip")  # the better one first
LARGE = 1_000_000  # bytes from which the best compression would take many seconds: 9 instead of 11 costs a tenth
WINDOW = 24  # of brotli, as bits: the largest that every browser takes

_one_at_a_time = threading.Lock()


class PackedFiles:
    """A folder of compressed copies. Two processes may fill it at once; it may be deleted at any time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, file: Path, encoding: str) -> Path:
        """The compressed copy of a file, made now when there is none yet."""
        return self._kept(content_name(file), encoding, file.read_bytes)

    def of_bytes(self, content: bytes, encoding: str) -> Path:
        """The same for what is in no file."""
        return self._kept(hashlib.sha256(content).hexdigest(), encoding, lambda: content)

    def _kept(self, name: str, encoding: str, read: Callable[[], bytes]) -> Path:
        path = self._folder / f"{name[:32]}.{encoding}"
        if not path.exists():
            with _one_at_a_time:
                if not path.exists():
                    self._write(path, compressed(read(), encoding))
        return path

    def _write(self, path: Path, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{secrets.token_hex(8)}")
        aside.write_bytes(content)
        aside.replace(path)


def compressed(content: bytes, encoding: str) -> bytes:
    """encoding: "br" or "gzip"."""
    if encoding == "gzip":
        return gzip.compress(content, mtime=0)
    return bytes(brotli.compress(content, quality=11 if len(content) < LARGE else 9, lgwin=WINDOW))


def content_name(file: Path) -> str:
    """The SHA-256 of a file, read again when it has changed."""
    stat = file.stat()
    return _content_name(file, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=512)
def _content_name(file: Path, _changed: int, _size: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
