"""Two lists of 学信网 results, imported as the registry does it: the second one solves some and adds nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.adapters.lists_out import Column, xlsx
from backend.centres.rules import ALL_CENTRES, Scope
from backend.days import day_of
from backend.demo.people import PEOPLE, Person
from backend.exchange import operations
from backend.history.rules import Actor, ActorKind
from backend.parts import Parts

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
    run = operations.take_file(
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
    import_id, file_name = run.id, run.file_name
    tools = {"files": parts.files, "readers": parts.readers, "rules": parts.exchange}
    more = {"table": parts.proofreading, "rounds": parts.rounds, "import_id": import_id, "now": then}
    operations.run_check(parts.sessions, **tools, **more)  # type: ignore[arg-type]
    operations.start_commit(session, scope=scope, import_id=import_id, actor=actor, now=then)
    operations.run_commit(parts.sessions, **tools, **more)  # type: ignore[arg-type]
    parts.files.delete(file_name)  # the sweep would do it in an hour
    session.rollback()
    return import_id
