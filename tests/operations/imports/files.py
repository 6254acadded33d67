"""Somebody with files to take in, and what is in the files."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from typing import Any

from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import Role, scope_of
from backend.centres.rules import ALL_CENTRES
from backend.demo.people import invented_id_number
from backend.doctor import examine
from backend.enrollment.records import Student
from backend.exchange import operations as imports
from backend.exchange.queries import problems_of
from backend.exchange.records import Import
from backend.history.rules import Actor, ActorKind
from backend.parts import Parts
from backend.worker import Tools, Worker
from tests.factories import Factory

HEAD = ("学号", "姓名", "身份证号", "性别", "学习中心", "层次", "专业", "入学日期", "学制", "手机")


def person(n: int, centre: str, **values: str) -> dict[str, str]:
    row = dict(
        zip(
            HEAD,
            (
                f"2025{n:05d}",
                "林小满",
                numbered(n),
                *("女", centre, "专升本", "汉语言文学", "2025-03-01", "2.5", f"139{n:08d}"),
            ),
            strict=True,
        )
    )
    return {**row, **values}


def csv_of(rows: list[dict[str, str]], encoding: str = "utf-8-sig") -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def numbered(n: int) -> str:
    """More invented numbers than one birthday has."""
    return invented_id_number(date(1980 + n // 300, 1, 1), n % 300, male=False)


def picture(grey: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (480, 640), (grey, grey, grey)).save(buffer, "JPEG", quality=70)
    return buffer.getvalue()


def archive(*files: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in files:
            file.writestr(name, content)
    return buffer.getvalue()


class Desk:
    """Somebody of the staff with files to take in, and the worker."""

    def __init__(self, session: Session, parts: Parts, make: Factory) -> None:
        self.session, self.parts, self.make = session, parts, make
        self.centre = make.centre(code="FZ01")
        self.registry = make.staff(Role.REGISTRY)
        tools = Tools.of(parts)
        self.worker = Worker(tools)

    def upload(self, kind: str, content: bytes, *, who: Account | None = None, as_of: date | None = None) -> Import:
        who = who or self.registry
        return imports.take_file(
            self.session,
            files=self.parts.files,
            readers=self.parts.readers,
            rules=self.parts.exchange,
            kind=kind,
            content=content,
            label="file.xlsx",
            as_of=as_of or (date(2026, 11, 1) if self.parts.exchange.kinds[kind].dated else None),
            scope=scope_of(who.role, who.centre_id),
            actor=Actor(ActorKind.STAFF, who.id),
            now=self.parts.clock(),
        )

    def check(self, kind: str, content: bytes, **values: Any) -> Import:
        run = self.upload(kind, content, **values)
        return self.checked(run)

    def checked(self, run: Import) -> Import:
        columns = run.columns.get("columns")
        imports.start_check(
            self.session,
            rules=self.parts.exchange,
            scope=ALL_CENTRES,
            import_id=run.id,
            columns=columns,
            words=["x"],
            actor=self._by(run),
            now=self.parts.clock(),
        )
        return self.work(run)

    def commit(self, run: Import) -> Import:
        imports.start_commit(
            self.session, scope=ALL_CENTRES, import_id=run.id, actor=self._by(run), now=self.parts.clock()
        )
        return self.work(run)

    def take_in(self, kind: str, content: bytes, **values: Any) -> Import:
        return self.commit(self.check(kind, content, **values))

    def undo(self, run: Import) -> Import:
        imports.start_undo(
            self.session, scope=ALL_CENTRES, import_id=run.id, actor=self._by(run), now=self.parts.clock()
        )
        return self.work(run)

    def work(self, run: Import) -> Import:
        while self.worker.run_one():
            pass
        self.session.rollback()
        return self.session.get_one(Import, run.id, populate_existing=True)

    def problems(self, run: Import) -> list[tuple[int, str, str, str]]:
        return [(item.row, item.place, item.column, item.code) for item in problems_of(self.session, run.id)]

    def whole(self) -> list[str]:
        return [
            finding.text for finding in examine(self.session, self.parts.files, now=self.parts.clock()) if finding.harm
        ]

    def _by(self, run: Import) -> Actor:
        return Actor(ActorKind.STAFF, run.uploaded_by)


def students(session: Session) -> int:
    return session.scalar(select(func.count(Student.id))) or 0
