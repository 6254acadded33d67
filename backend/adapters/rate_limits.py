"""Counters of Flask-Limiter in our database: exact across workers and hosts, unlike counters in memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from limits.storage import Storage
from sqlalchemy import Engine, case, delete, select
from sqlalchemy.exc import OperationalError

from backend.accounts.records import RateWindow
from backend.records import insert_into


class SqlStorage(Storage):
    """Fixed windows in the table `rate_window`, one upsert a hit. The option `engine` gives the engine at each call."""

    STORAGE_SCHEME = ["database"]  # noqa: RUF012 - as the base class has it

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: Any) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._engine: Callable[[], Engine] = options["engine"]

    @property
    def base_exceptions(self) -> type[Exception]:
        return OperationalError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add to the window of this key; gives the new count. A window that has ended starts again."""
        now = time.time()
        ended = RateWindow.ends_at <= now
        first = insert_into(self._engine(), RateWindow).values(key=key, count=amount, ends_at=now + expiry)
        query = first.on_conflict_do_update(
            index_elements=[RateWindow.key],
            set_={
                "count": case((ended, amount), else_=RateWindow.count + amount),
                "ends_at": case((ended, now + expiry), else_=RateWindow.ends_at),
            },
        ).returning(RateWindow.count)
        with self._engine().connect().execution_options(write=True) as connection, connection.begin():
            return int(connection.execute(query).scalar_one())

    def get(self, key: str) -> int:
        window = self._window(key)
        return window[0] if window else 0

    def get_expiry(self, key: str) -> float:
        window = self._window(key)
        return window[1] if window else time.time()

    def check(self) -> bool:
        self._window("")
        return True

    def reset(self) -> int | None:
        with self._engine().begin() as connection:
            return connection.execute(delete(RateWindow)).rowcount

    def clear(self, key: str) -> None:
        with self._engine().begin() as connection:
            connection.execute(delete(RateWindow).where(RateWindow.key == key))

    def forget_ended(self) -> None:
        """Delete windows that have ended; the worker does it now and then."""
        with self._engine().connect().execution_options(write=True) as connection, connection.begin():
            connection.execute(delete(RateWindow).where(RateWindow.ends_at <= time.time()))

    def _window(self, key: str) -> tuple[int, float] | None:
        with self._engine().connect() as connection:
            row = connection.execute(
                select(RateWindow.count, RateWindow.ends_at).where(
                    RateWindow.key == key, RateWindow.ends_at > time.time()
                )
            ).one_or_none()
        return (row[0], row[1]) if row else None
