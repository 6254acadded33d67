"""The base of all tables, and the column types that several domains share."""

from __future__ import annotations

import hashlib
import hmac
import os
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import DateTime, Dialect, Engine, LargeBinary, MetaData, TypeDecorator
from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import DeclarativeBase, Session

from backend.transactions import UnitOfWork

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Record(DeclarativeBase):
    """Base of all tables. `repr` shows the identity only, never personal data."""

    metadata = MetaData(naming_convention=NAMING)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {getattr(self, 'id', '?')}>"


def begin_write(session: Session) -> None:
    """Start the one transaction of an operation.

    Ends the read that the request has open, so that everything is loaded afresh. SQLite then takes the writer's
    place at once (BEGIN IMMEDIATE): two operations wait for each other instead of failing half-way.
    """
    cast(UnitOfWork, session).begin_write()


def after_commit(session: Session, then: Callable[[], None]) -> None:
    """Do this as soon as what the operation changes is written for good; nothing at all when it is not."""
    cast(UnitOfWork, session).after_commit(then)


def insert_into(bind: Session | Engine, table: type[Record]) -> SqliteInsert | PostgresqlInsert:
    """An INSERT that can say what happens when the row is there already (on_conflict_do_...), on both databases."""
    dialect = bind.get_bind().dialect if isinstance(bind, Session) else bind.dialect
    return sqlite_insert(table) if dialect.name == "sqlite" else postgresql_insert(table)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC. A naive time is refused: nobody could say what it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Keys:
    """Keys derived from the installation's data key: one for values, one for indexes, one for files."""

    def __init__(self, data_key: bytes) -> None:
        self._values = AESGCM(_derive(data_key, b"values"))
        self._index = _derive(data_key, b"index")
        self._files = AESGCM(_derive(data_key, b"files"))

    def __repr__(self) -> str:
        return "Keys(...)"

    def seal(self, content: bytes, place: bytes, *, files: bool = False) -> bytes:
        """Version byte, 12-byte nonce, AES-256-GCM text; `place` is authenticated with it (table.column or name)."""
        nonce = os.urandom(12)
        cipher = self._files if files else self._values
        return b"\x01" + nonce + cipher.encrypt(nonce, content, place)

    def unseal(self, sealed: bytes, place: bytes, *, files: bool = False) -> bytes:
        """Raises Unsealable when the bytes were changed, moved from another place, or sealed by other keys."""
        cipher = self._files if files else self._values
        if sealed[:1] != b"\x01":
            raise Unsealable(place.decode())
        try:
            return cipher.decrypt(sealed[1:13], sealed[13:], place)
        except InvalidTag:
            raise Unsealable(place.decode()) from None

    def index(self, text: str, place: bytes) -> bytes:
        """16 bytes of HMAC-SHA256: equal texts of one place are found, nothing can be read back."""
        return hmac.new(self._index, place + b"\0" + text.encode(), hashlib.sha256).digest()[:16]


class Unsealable(Exception):
    """Encrypted bytes that cannot be opened at this place with these keys."""


def _derive(data_key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"xuezhao " + purpose).derive(data_key)


_keys: Keys | None = None


def install_keys(keys: Keys) -> None:
    """Give this process its keys; create_app does it before the first query."""
    global _keys
    _keys = keys


def installed_keys() -> Keys:
    if _keys is None:
        raise RuntimeError("no keys installed")
    return _keys


class Encrypted(TypeDecorator[str]):
    """Text that is encrypted in the table. `place` ("table.column") is authenticated: a value moved elsewhere fails."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else installed_keys().seal(value.encode(), self.place.encode())

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        return None if value is None else installed_keys().unseal(bytes(value), self.place.encode()).decode()


def blind_index(place: str, value: str) -> bytes:
    """The key under which an encrypted value is found. Case, width of spaces and Unicode form do not matter."""
    plain = unicodedata.normalize("NFC", value).strip().upper()
    return installed_keys().index(plain, place.encode())


def exact_index(place: str, value: str) -> bytes:
    """The same for values in which every letter counts as written: tickets, numbers that other systems give."""
    return installed_keys().index(value, place.encode())
