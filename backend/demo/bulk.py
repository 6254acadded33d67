"""A pile of scans that the Fuzhou centre has uploaded and not handed in yet: something of every kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.bulk.operations import SentFile, keep_file, open_upload
from backend.bulk.records import BulkUpload
from backend.bulk.work import run_work
from backend.centres.rules import Scope
from backend.compliance.assess import Assessment
from backend.demo.people import PEOPLE
from backend.history.rules import Actor, ActorKind
from backend.parts import Parts

Check = Callable[[str], tuple[bytes, Assessment]]
READY, DEFECT, DISPUTED, UNCONFIRMED, ACCEPTED, WAITS, TWICE = 42, 48, 45, 51, 0, 15, 54


def load_bulk(parts: Parts, session: Session, *, check: Check, now: datetime) -> None:
    """check: kind of demo picture -> its bytes and what the engine found."""
    staff = session.scalars(select(Account).where(Account.login == "fz")).one()
    actor, scope = Actor(ActorKind.STAFF, staff.id), Scope(staff.centre_id)
    keep_days = parts.settings.bulk.keep_days
    upload_id = open_upload(session, scope=scope, keep_days=keep_days, actor=actor, now=now).id
    found: dict[bytes, Assessment] = {}
    for number, (path, kind) in enumerate(_files()):
        picture, assessment = check(kind) if kind else (b"", None)
        # what stands after the end of a JPEG is no part of the picture, but makes it another file
        content = picture + bytes([number]) if assessment else b""
        if assessment:
            found[content] = assessment
        keep_file(
            session,
            files=parts.files,
            scope=scope,
            upload_id=upload_id,
            sent=SentFile(path, content),
            terms=parts.bulk_terms,
            actor=actor,
            now=now,
        )
    session.rollback()
    tools = replace(parts.bulk_tools, check=lambda content, **_: found[content], threads=1)
    while session.get_one(BulkUpload, upload_id).working:
        session.rollback()
        run_work(tools, upload_id=upload_id, now=now)
        session.expire_all()
    session.rollback()


def _files() -> list[tuple[str, str]]:
    """Path and kind of picture; "": an empty file."""

    def number(serial: int) -> str:
        return PEOPLE[serial].student_number

    return [
        (f"一班/{PEOPLE[READY].id_number}_{PEOPLE[READY].name}.jpg", "good"),
        (f"一班/{number(DEFECT)}.jpg", "smiling"),
        (f"一班/{number(DISPUTED)}.jpg", "white"),
        (f"一班/{number(UNCONFIRMED)}.jpg", "grey"),
        (f"二班/{number(ACCEPTED)}.jpg", "good"),
        (f"二班/{number(WAITS)}.jpg", "shifted"),
        (f"二班/{number(TWICE)}.jpg", "good"),
        (f"三班/{number(TWICE)}(2).jpg", "near"),
        ("二班/扫描件 0017.jpg", "white"),
        ("二班/毕业照.jpg", "grey"),
        ("二班/空白.jpg", ""),
    ]
