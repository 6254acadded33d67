"""Alembic's entry: one connection, batch mode (SQLite cannot change a table in place), all tables."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from backend.adapters.tables import Record
from backend.records import Encrypted, UtcDateTime

engine = context.config.attributes["engine"]


def _plain(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """A migration names the database's own types: it must not change when ours do."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Encrypted):
        return "sa.LargeBinary()"
    return False


with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Record.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=_plain,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
