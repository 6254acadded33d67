"""The engine and its sessions, on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.orm import Session, sessionmaker

from backend.ports import JobQueue
from backend.transactions import UnitOfWork


def make_engine(url: str, *, busy_seconds: int, pool_size: int, durable: bool = True) -> Engine:
    """An engine whose transactions are real on both databases.

    SQLite: write-ahead log, foreign keys, a wait for other writers, and BEGIN sent by us: the driver's own habit is
    to begin only before the first change, which lets a read and the change after it see different data.
    """
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(
            url, pool_size=pool_size, max_overflow=pool_size * 4, pool_pre_ping=True, hide_parameters=True
        )
    engine = create_engine(
        url,
        connect_args={"timeout": busy_seconds, "check_same_thread": False},
        pool_size=pool_size,
        # a request may hold two connections (its own, and the rate limit's): with a bound below twice the number of
        # threads they would wait for each other until the time-out
        max_overflow=-1,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for line in (
            "journal_mode = WAL",
            # what was acknowledged survives a power cut
            f"synchronous = {'FULL' if durable else 'OFF'}",
            "foreign_keys = ON",
            f"busy_timeout = {busy_seconds * 1000}",
        ):
            cursor.execute(f"PRAGMA {line}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def make_sessions(engine: Engine, queue: JobQueue) -> sessionmaker[Session]:
    """Sessions that carry the job queue: what follows from a fact is enqueued in the same transaction."""
    made = sessionmaker(engine, class_=UnitOfWork, expire_on_commit=False, info={"queue": queue})
    return cast("sessionmaker[Session]", made)
