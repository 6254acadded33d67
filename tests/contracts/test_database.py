"""After the migrations the schema is the one that the tables say, on SQLite and on PostgreSQL."""

from __future__ import annotations

import re
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import and_, literal_column, select, text

from backend.adapters import migrations
from backend.adapters.tables import Record
from backend.parts import Parts
from backend.records import Encrypted, UtcDateTime


def test_the_migrated_schema_equals_the_tables(parts: Parts) -> None:
    def same(_context: object, _inspected: object, _column: object, inspected: object, ours: object) -> bool | None:
        return False if isinstance(ours, Encrypted | UtcDateTime) else None

    with parts.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": same})
        assert compare_metadata(context, Record.metadata) == []


def test_migrations_are_numbered_without_gaps_and_say_why() -> None:
    files = sorted((Path(migrations.__file__).parent / "versions").glob("*.py"))
    for number, path in enumerate(files, start=1):
        assert path.name.startswith(f"{number:04d}_"), f"{path.name}: number {number:04d} expected"
        assert re.match(r'"""\w.{20,}', path.read_text()), f"{path.name} does not say why"
    assert migrations.newest() == f"{len(files):04d}"


def test_a_migrated_database_is_left_alone(parts: Parts) -> None:
    assert migrations.is_current(parts.engine)
    assert migrations.migrate(parts.engine) is False


def test_personal_columns_are_encrypted() -> None:
    for table in Record.metadata.tables.values():
        for column in table.columns:
            if column.name in ("id_number", "phone", "totp_secret", "claimed", "registered"):
                assert isinstance(column.type, Encrypted), f"{table.name}.{column.name}"
                assert column.type.place == f"{table.name}.{column.name}"


def test_a_row_is_found_by_its_key_without_looking_through_a_table(parts: Parts) -> None:
    """What is loaded along is found by its key too: an outer join around an inner one reads whole tables in SQLite."""
    if parts.engine.dialect.name != "sqlite":
        return  # PostgreSQL reads empty tables as a whole whatever the joins
    slow = {}
    with parts.engine.connect() as connection:
        for mapper in Record.registry.mappers:
            query = select(mapper.class_).where(and_(*(column == literal_column("1") for column in mapper.primary_key)))
            words = str(query.compile(parts.engine))
            plan = [row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {words}"))]
            if read := [step for step in plan if step.startswith(("SCAN", "MATERIALIZE"))]:
                slow[mapper.class_.__name__] = read
    assert slow == {}
