"""Changes of the schema, numbered; `flask --app wsgi migrate` applies what is missing."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

FOLDER = Path(__file__).parent


def _config(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["engine"] = engine
    return config


@cache
def newest() -> str:
    """Number of the newest migration that this program knows."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return ScriptDirectory.from_config(config).get_current_head() or ""


def current(engine: Engine) -> str | None:
    """Number of the newest migration that this database has."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current(engine: Engine) -> bool:
    return current(engine) == newest()


def migrate(engine: Engine) -> bool:
    """Apply what is missing. False when nothing was."""
    if is_current(engine):
        return False
    command.upgrade(_config(engine), "head")
    return True


def rebuild(engine: Engine) -> None:
    """Take every table away and make them anew, empty. Only for the demo and for tests."""
    command.downgrade(_config(engine), "base")
    command.upgrade(_config(engine), "head")


def draft_migration(engine: Engine, number: str, message: str) -> None:
    """Write a new migration from the difference between the tables and the database; read it before you keep it."""
    command.revision(_config(engine), message=message, autogenerate=True, rev_id=number)
