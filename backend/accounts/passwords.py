"""Password hashes: argon2id."""

from __future__ import annotations

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError


@lru_cache
def _hasher(memory_kib: int) -> PasswordHasher:
    return PasswordHasher(memory_cost=memory_kib)


@lru_cache
def _decoy(memory_kib: int) -> str:
    return _hasher(memory_kib).hash("nobody has this password")


def hash_password(password: str, *, memory_kib: int) -> str:
    return _hasher(memory_kib).hash(password)


def password_fits(password_hash: str | None, password: str, *, memory_kib: int) -> bool:
    """Without a hash it works as long and says no: the time does not tell whether somebody exists."""
    try:
        _hasher(memory_kib).verify(password_hash or _decoy(memory_kib), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return password_hash is not None
