"""A disc that came back to one centre: photos that are right, one too dark, one that nobody can compare yet."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime, timedelta

from PIL import Image, ImageEnhance
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.centres.rules import Scope
from backend.demo.exchange import take_in
from backend.demo.people import PEOPLE
from backend.enrollment.records import Student
from backend.exchange.judging import judge_returned, registration_file
from backend.exchange.parcels import accepted_versions, next_in_parcel
from backend.exchange.returned import answer_returned
from backend.exchange.rules import Answer, Medium
from backend.history.rules import Actor, ActorKind
from backend.parts import Parts

DARK = 3  # whose photo came back too dark
NO_PHOTO = 57  # was captured by the unit, and has no photo here; nobody else needs this person
TWICE = 12  # of whom the unit sent two photos


def load_disc(session: Session, parts: Parts, students: Sequence[Student], *, now: datetime) -> None:
    """The disc came four days ago; the first photo has been looked at."""
    then = now - timedelta(days=4)
    desk = session.scalars(select(Account).where(Account.login == "fz")).one()
    actor, scope = Actor(ActorKind.STAFF, desk.id), Scope(desk.centre_id)
    everybody = zip(PEOPLE, students, strict=True)
    own = {person.serial: student for person, student in everybody if scope.covers(student.centre_id)}
    versions = accepted_versions(session, [student.id for student in own.values()])
    photos = {
        serial: parts.files.get(registration_file(versions[student.id]))
        for serial, student in own.items()
        if student.id in versions
    }
    photos[DARK] = _dark(photos[DARK])
    anybody = photos[min(photos)]
    sent = [*sorted(photos.items()), (NO_PHOTO, anybody), (TWICE, anybody), (TWICE, anybody)]
    rows = [(own[serial].student_number, own[serial].name, photo) for serial, photo in sent]
    rows.append(("F202400999", "查无此人", anybody))
    content = _archive(rows)
    import_id = take_in(session, parts, content, "disc", "返回光盘.zip", scope=scope, actor=actor, then=then)
    judge_returned(parts.sessions, files=parts.files, judge=parts.judge, import_id=import_id, now=then)
    first = next_in_parcel(session, scope=scope, import_id=import_id, medium=Medium.DISC)
    if first is not None:
        answer_returned(
            session, scope=scope, returned_id=first.id, answer=Answer.SAME, actor=actor, now=then + timedelta(hours=2)
        )


def _dark(photo: bytes) -> bytes:
    written = io.BytesIO()
    with Image.open(io.BytesIO(photo)) as image:
        ImageEnhance.Brightness(image).enhance(0.45).save(written, "JPEG", quality=92, dpi=(300, 300))
    return written.getvalue()


def _archive(rows: Sequence[tuple[str, str, bytes]]) -> bytes:
    """A ZIP as units send it: files counted through, and a table that says whose they are."""
    lines = ["文件名,学号,姓名,拍摄序号"]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for place, (number, name, photo) in enumerate(rows, start=1):
            archive.writestr(zipfile.ZipInfo(f"photo/{place:04d}.jpg"), photo)
            lines.append(f"{place:04d}.jpg,{number},{name},{place:04d}")
        archive.writestr(zipfile.ZipInfo("list.csv"), "\r\n".join(lines).encode("gb18030"))
    return content.getvalue()
