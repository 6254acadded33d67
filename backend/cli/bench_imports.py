"""How long a large roster takes, from the file to the report, and how much memory; in a database of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.adapters.lists_out import Column, xlsx
from backend.adapters.migrations import migrate
from backend.centres.records import Centre
from backend.centres.rules import ALL_CENTRES
from backend.cli.measured import say_columns, timed
from backend.demo.people import NAMES, PROGRAMMES, invented_id_number
from backend.exchange import operations
from backend.exchange.records import Import
from backend.history.rules import Actor, ActorKind
from backend.parts import Parts, make_parts
from backend.progress.missing import match_list
from backend.settings import load_settings
from backend.worker import Tools, Worker

ROSTER = ("学号", "姓名", "身份证号", "性别", "学习中心", "层次", "专业", "入学日期", "学制", "手机")
CENTRES = 20
MISSING_EVERY = 20  # every so many students have no photo: 5,000 of 100,000


@click.command("bench-imports")
@click.option("--rows", default=100_000, show_default=True)
def bench_imports(rows: int) -> None:
    """Time the import of a roster and of 学信网 results with so many ROWS."""
    with TemporaryDirectory() as folder:
        settings = load_settings({"XUEZHAO_MODE": "testing", "DATA_DIR": folder, "XUEZHAO_DATA_DURABLE": "true"})
        parts = make_parts(settings, clock=lambda: datetime.now(UTC))
        migrate(parts.engine)
        _Bench(parts, rows).run()
        size = sum(path.stat().st_size for path in Path(folder).glob("*.sqlite3*"))
        click.echo(f"{'database':44s}{size / 2**20:9.0f} MB")
        parts.engine.dispose()


class _Bench:
    def __init__(self, parts: Parts, rows: int) -> None:
        self._parts, self._rows = parts, rows
        self._worker = Worker(Tools.of(parts))
        with parts.sessions() as session:
            session.add_all([Centre(code=f"C{n:02d}", name=f"第{n}学习中心", province="福建") for n in range(CENTRES)])
            registry = Account(
                kind="staff",
                login="bench",
                display_name="bench",
                password_hash="",
                role=Role.REGISTRY.value,
                created_at=parts.clock(),
            )
            session.add(registry)
            session.commit()
            self._actor = Actor(ActorKind.STAFF, registry.id)

    def run(self) -> None:
        say_columns(f"{self._rows} rows")
        roster = timed("make the file (XLSX)", self._roster)
        click.echo(f"{'  size of the file':44s}{len(roster) / 2**20:9.1f} MB")
        self._take_in("roster", roster, "roster")
        self._take_in("roster", roster, "the same roster again")
        self._take_in("match", self._match(), "学信网 results")
        centre = timed("match list of the college", lambda: self._list(None))
        click.echo(f"{'  students on it':44s}{centre:9d}")
        undone = self._take_in("match", self._match(flip=True), "学信网 results, all changed")
        timed("undo of it", lambda: self._step(undone, operations.start_undo), partial(self._done, undone))

    def _take_in(self, kind: str, content: bytes, what: str) -> int:
        import_id = timed(f"{what}: upload, recognise", lambda: self._upload(kind, content))
        how_far = partial(self._done, import_id)
        timed(f"{what}: dry run", lambda: self._check(import_id), how_far)
        timed(f"{what}: write", lambda: self._step(import_id, operations.start_commit), how_far)
        with self._parts.sessions() as session:
            run = session.get_one(Import, import_id)
            click.echo(f"  {run.state}: {run.counts}")
        return import_id

    def _upload(self, kind: str, content: bytes) -> int:
        with self._parts.sessions() as session:
            return operations.take_file(
                session,
                files=self._parts.files,
                readers=self._parts.readers,
                rules=self._parts.exchange,
                kind=kind,
                content=content,
                label="bench.xlsx",
                as_of=date(2026, 1, 1),
                scope=ALL_CENTRES,
                actor=self._actor,
                now=self._parts.clock(),
            ).id

    def _check(self, import_id: int) -> None:
        with self._parts.sessions() as session:
            run = session.get_one(Import, import_id)
            operations.start_check(
                session,
                rules=self._parts.exchange,
                scope=ALL_CENTRES,
                import_id=import_id,
                columns=run.columns["columns"],
                words=["bench"],
                actor=self._actor,
                now=self._parts.clock(),
            )
        self._work()

    def _step(self, import_id: int, start: Callable[..., object]) -> None:
        with self._parts.sessions() as session:
            start(session, scope=ALL_CENTRES, import_id=import_id, actor=self._actor, now=self._parts.clock())
        self._work()

    def _done(self, import_id: int) -> int:
        """How far the page that waits would say it is."""
        with self._parts.sessions() as session:
            return session.get_one(Import, import_id).done_rows

    def _work(self) -> None:
        while self._worker.run_one():
            pass

    def _list(self, centre_id: int | None) -> int:
        with self._parts.sessions() as session:
            return match_list(session, scope=ALL_CENTRES, centre_id=centre_id, identity=True).total

    def _roster(self) -> bytes:
        rows = (
            (
                f"B{n:07d}",
                NAMES[n % len(NAMES)],
                invented_id_number(date(1980 + n // 500 % 25, 1 + n // 12500 % 12, 1 + n % 28), n % 500, male=True),
                "男",
                f"C{n % CENTRES:02d}",
                "专升本",
                PROGRAMMES[n % len(PROGRAMMES)],
                "2024-03-01",
                "2.5",
                f"139{n:08d}",
            )
            for n in range(self._rows)
        )
        return xlsx("roster", [Column(word) for word in ROSTER], rows)

    def _match(self, *, flip: bool = False) -> bytes:
        rows = (
            (f"B{n:07d}", "未通过", "学信网反馈无毕业照片")
            if (n % MISSING_EVERY == 0) != flip
            else (f"B{n:07d}", "通过", "")
            for n in range(self._rows)
        )
        return xlsx("match", [Column("学号"), Column("原始学历审核状态"), Column("审核备注")], rows)


COMMANDS = (bench_imports,)
