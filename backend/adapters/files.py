"""Files on the local disk: named by the SHA-256 of their content, encrypted, durable before `put` returns."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from backend.records import Keys, Unsealable

NAME = re.compile(r"[0-9a-f]{64}")


class FileMissing(Exception):
    """There is no file of this name."""


class FileDamaged(Exception):
    """The file's content does not match its name, or cannot be opened with our keys."""


class LocalFiles:
    """Implements ports.FileStore in one folder, two levels deep: ab/abcdef..."""

    def __init__(self, folder: Path, keys: Keys, *, durable: bool = True) -> None:
        self._folder = folder
        self._keys = keys
        self._sync: Callable[[int], None] = os.fsync if durable else lambda _: None

    def put(self, content: bytes) -> str:
        """Write aside, fsync, rename, fsync the folder: after a crash there is the whole file or none."""
        name = hashlib.sha256(content).hexdigest()
        target = self._path(name)
        if target.exists():
            os.utime(target)  # fresh again: the sweep of forsaken files leaves it alone
            return name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        aside = target.parent / f".{secrets.token_hex(8)}"
        try:
            with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(self._keys.seal(content, name.encode(), files=True))
                file.flush()
                self._sync(file.fileno())
            aside.replace(target)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
        for folder in (target.parent, self._folder):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                self._sync(descriptor)
            finally:
                os.close(descriptor)
        return name

    def get(self, name: str) -> bytes:
        try:
            sealed = self._path(name).read_bytes()
        except FileNotFoundError:
            raise FileMissing(name) from None
        try:
            content = self._keys.unseal(sealed, name.encode(), files=True)
        except Unsealable:
            raise FileDamaged(name) from None
        if hashlib.sha256(content).hexdigest() != name:
            raise FileDamaged(name)
        return content

    def delete(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def names(self) -> Iterator[tuple[str, datetime]]:
        for path in sorted(self._folder.glob("??/*")):
            if NAME.fullmatch(path.name):
                yield path.name, datetime.fromtimestamp(path.stat().st_mtime, UTC)

    def leftovers(self) -> Iterator[Path]:
        """Half-written files of a process that died."""
        return self._folder.glob("??/.*")

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise FileMissing(name)
        return self._folder / name[:2] / name
