"""One application for all tests of a process; every test gets its own fresh database, files and clock."""

from __future__ import annotations

import os
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Dialect, Engine, create_engine, make_url, text
from sqlalchemy.orm import Session

from backend import App, create_app
from backend.accounts.operations import sign_in
from backend.accounts.records import Account
from backend.adapters.database import make_engine
from backend.adapters.migrations import migrate
from backend.parts import Parts, make_parts
from backend.settings import Settings, load_settings
from tests.factories import PASSWORD, Factory

SERVER = os.environ.get("TEST_DATABASE_URL", "")  # a PostgreSQL server; empty: SQLite


_compiled: dict[Any, Any] = {}
_dialects: dict[str, Dialect] = {}


def share_statements(engine: Engine) -> None:
    """Statements become SQL once for all databases of a process: a third of the time that tests would take.

    What was compiled is found again by its dialect, so the engines share that, too.
    """
    with engine.connect():  # the dialect asks the database what it can before it is shared
        engine.dialect = _dialects.setdefault(engine.name, engine.dialect)
    engine.update_execution_options(compiled_cache=_compiled)


class Clock:
    """A clock that stands still until it is moved. It starts on 2026-11-02, 10:00 in China."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        with self._lock:
            return self.now

    def move(self, **step: float) -> datetime:
        """Forward by days=, hours=, minutes= or seconds=."""
        with self._lock:
            self.now += timedelta(**step)
            return self.now


@pytest.fixture(scope="session")
def template_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated, empty database that every test copies: a file's path, or a PostgreSQL address."""
    if not SERVER:
        path = tmp_path_factory.mktemp("template") / "empty.sqlite3"
        engine = make_engine(f"sqlite:///{path}", busy_seconds=5, pool_size=1, durable=False)
        migrate(engine)
        engine.dispose()
        yield str(path)
        return
    name = f"template_{uuid.uuid4().hex}"
    _on_server(f'CREATE DATABASE "{name}"')
    url = make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    engine = make_engine(url, busy_seconds=5, pool_size=1, durable=False)
    migrate(engine)
    engine.dispose()
    yield name
    _on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def database_url(template_database: str, tmp_path: Path) -> Iterator[str]:
    """A fresh database of this test's own."""
    if not SERVER:
        path = tmp_path / "xuezhao.sqlite3"
        shutil.copyfile(template_database, path)
        yield f"sqlite:///{path}"
        return
    name = f"test_{uuid.uuid4().hex}"
    _on_server(f'CREATE DATABASE "{name}" TEMPLATE "{template_database}"')
    yield make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    _on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


def _on_server(statement: str) -> None:
    engine = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return load_settings({"XUEZHAO_MODE": "testing", "DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": database_url})


@pytest.fixture(scope="session")
def whole_app(tmp_path_factory: pytest.TempPathFactory) -> App:
    """The routes and templates, joined once; `app` gives it the parts of each test."""
    folder = tmp_path_factory.mktemp("app")
    settings = load_settings({"XUEZHAO_MODE": "testing", "DATA_DIR": str(folder)})
    app = create_app(settings)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, SERVER_NAME=None)
    return app


@pytest.fixture
def parts(settings: Settings, clock: Clock) -> Iterator[Parts]:
    joined = make_parts(settings, clock=clock)
    share_statements(joined.engine)
    yield joined
    joined.engine.dispose()


@pytest.fixture
def app(whole_app: App, parts: Parts) -> App:
    whole_app.parts = parts
    whole_app.config["SECRET_KEY"] = parts.secrets.session_key
    return whole_app


@pytest.fixture
def session(parts: Parts) -> Iterator[Session]:
    with parts.sessions() as opened:
        yield opened


@pytest.fixture
def make(session: Session, parts: Parts, clock: Clock) -> Factory:
    """Makes people, centres and photos: see tests/factories.py."""
    return Factory(session, parts, clock)


@pytest.fixture
def client(app: App) -> FlaskClient:
    """Somebody who is not signed in."""
    return app.test_client()


@pytest.fixture
def client_of(app: App, parts: Parts, clock: Clock) -> Callable[[Account], FlaskClient]:
    """A browser in which this account is signed in."""

    def signed_in(account: Account) -> FlaskClient:
        with parts.sessions() as session:
            token = sign_in(
                session,
                kind=account.kind,
                login=account.login,
                password=PASSWORD,
                device="test",
                policy=parts.policy,
                now=clock(),
            )
        browser = app.test_client()
        with browser.session_transaction() as cookie:
            cookie["sign_in"] = token
        return browser

    return signed_in
