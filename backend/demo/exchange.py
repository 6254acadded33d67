"""Files of other systems: two lists of 学信网 results, and files that wait for somebody's word.

The second list solves some and adds nobody. A roster has its headings in the fifth line, the table of a disc words of
its own, and what the unit says of some students cannot be read.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.adapters.lists_out import Column, xlsx
from backend.centres.rules import ALL_CENTRES, Scope
from backend.days import day_of
from backend.demo.people import PEOPLE, Person, invented_id_number
from backend.exchange import operations
from backend.exchange.records import Import
from backend.history.rules import Actor, ActorKind
from backend.parts import Parts

RECEIPT = ("学号", "姓名", "采集日期", "采集结果", "备注")
HEADINGS = ("学号", "姓名", "原始学历审核状态", "审核备注")
LATER = 55  # the second list has one person more than the first
LINKED = (6, 7)  # whose photo 学信网 has by the second list


def load_match_lists(session: Session, parts: Parts, *, now: datetime) -> None:
    """The first list is ten days old, the second one day."""
    registry = session.scalars(select(Account).where(Account.login == "xueji")).one()
    actor = Actor(ActorKind.STAFF, registry.id)
    for days in (10, 1):
        listed = [person for person in PEOPLE if person.serial < LATER + (days == 1)]
        rows = [_row(person, has_photo=days == 1 and person.serial in LINKED) for person in listed]
        rows.append(("F202400999", "查无此人", "未通过", "学信网反馈无毕业照片"))
        content = xlsx("匹配结果", [Column(word) for word in HEADINGS], rows)
        then = now - timedelta(days=days)
        take_in(
            session,
            parts,
            content,
            "match",
            f"学信网匹配结果 {then:%m-%d}.xlsx",
            words=HEADINGS,
            actor=actor,
            then=then,
        )


def load_waiting_files(session: Session, parts: Parts, *, now: datetime) -> None:
    """Files that somebody has sent and not finished: two ask which column is which, one shows what it would change."""
    registry, desk = (session.scalars(select(Account).where(Account.login == login)).one() for login in ("xueji", "fz"))
    actor, then = Actor(ActorKind.STAFF, registry.id), now - timedelta(hours=3)
    _upload(
        session,
        parts,
        _disc(),
        "disc",
        "返回光盘 第二批.zip",
        scope=Scope(desk.centre_id),
        actor=Actor(ActorKind.STAFF, desk.id),
        then=then,
    )
    _upload(session, parts, _roster(), "roster", "2026 秋季新生名单.xlsx", scope=ALL_CENTRES, actor=actor, then=then)
    label = "采集单位回执 第二批.xlsx"
    run = _upload(session, parts, _receipt(), "receipt", label, scope=ALL_CENTRES, actor=actor, then=then)
    _check(session, parts, run, words=RECEIPT, scope=ALL_CENTRES, actor=actor, then=then)


def _roster() -> bytes:
    """Three lines above the headings, the first of them with words that are headings elsewhere."""
    headings = ("编号", "学生", "性别", "证件", "所属站点", "培养", "主修", "入校")
    people = [
        (
            f"F20260020{n}",
            name,
            "女",
            invented_id_number(date(2001, 4, 5 + n), 300 + n, male=False),
            "FZ01",
            "专升本",
            "学前教育",
            "2026-09-01",
        )
        for n, name in enumerate(("周以宁", "何知夏", "宋星野"))
    ]
    above = [("2026 年秋季新生名单",), ("制表：招生办公室", "2026-09-10"), ()]
    return xlsx(
        "新生", [Column(word) for word in ("学号", "姓名", "性别", "由各学习中心核对")], [*above, headings, *people]
    )


def _receipt() -> bytes:
    """Two that fit, a word that nobody can read, a day that is none, a stranger."""
    one, two, three, four = (PEOPLE[n] for n in (19, 20, 22, 23))
    rows = [
        (one.student_number, one.name, "2026-10-18", "已采集", ""),
        (two.student_number, two.name, "2026-10-18", "驳回", "头部过大"),
        (three.student_number, three.name, "2026-10-18", "待定", ""),
        (four.student_number, four.name, "10月中旬", "已采集", ""),
        ("F202400999", "查无此人", "2026-10-18", "已采集", ""),
    ]
    return xlsx("回执", [Column(word) for word in RECEIPT], rows)


def _disc() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        table = f"图名,学籍号,学生\r\n0001.jpg,{PEOPLE[9].student_number},{PEOPLE[9].name}\r\n"
        archive.writestr(zipfile.ZipInfo("清单.csv"), table.encode("gb18030"))
        archive.writestr(zipfile.ZipInfo("photo/0001.jpg"), b"read when its columns are known")
    return content.getvalue()


def _row(person: Person, *, has_photo: bool) -> tuple[str, str, str, str]:
    audit, note = ("通过", "") if has_photo else ("未通过", "学信网反馈无毕业照片")
    return person.student_number, person.name, audit, note


def take_in(
    session: Session,
    parts: Parts,
    content: bytes,
    kind: str,
    label: str,
    *,
    words: Sequence[str] = (),
    scope: Scope = ALL_CENTRES,
    actor: Actor,
    then: datetime,
) -> int:
    """Import a file from its upload to the end; gives the import. words: the headings of a table."""
    run = _upload(session, parts, content, kind, label, scope=scope, actor=actor, then=then)
    import_id, file_name = run.id, run.file_name
    _check(session, parts, run, words=words, scope=scope, actor=actor, then=then)
    operations.start_commit(session, scope=scope, import_id=import_id, actor=actor, now=then)
    operations.run_commit(parts.sessions, **_tools(parts), import_id=import_id, now=then)
    parts.files.delete(file_name)  # the sweep would do it in an hour
    session.rollback()
    return import_id


def _upload(
    session: Session,
    parts: Parts,
    content: bytes,
    kind: str,
    label: str,
    *,
    scope: Scope,
    actor: Actor,
    then: datetime,
) -> Import:
    return operations.take_file(
        session,
        files=parts.files,
        readers=parts.readers,
        rules=parts.exchange,
        kind=kind,
        content=content,
        label=label,
        as_of=day_of(then),
        scope=scope,
        actor=actor,
        now=then,
    )


def _check(
    session: Session, parts: Parts, run: Import, *, words: Sequence[str], scope: Scope, actor: Actor, then: datetime
) -> None:
    """The dry run, with the columns as they were recognised."""
    operations.start_check(
        session,
        rules=parts.exchange,
        scope=scope,
        import_id=run.id,
        columns=run.columns["columns"] if words else None,
        words=words,
        actor=actor,
        now=then,
    )
    operations.run_check(parts.sessions, **_tools(parts), import_id=run.id, now=then)


def _tools(parts: Parts) -> dict[str, Any]:
    return {
        "files": parts.files,
        "readers": parts.readers,
        "rules": parts.exchange,
        "table": parts.proofreading,
        "rounds": parts.rounds,
    }
