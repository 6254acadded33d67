"""What the worker does for a bulk upload: hand in what was asked for, take files out of ZIPs, have pictures checked.

A job does a handful and puts the next job behind the others that are due: one pile keeps nobody's message waiting.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, sessionmaker

from backend.bulk.operations import SentFile, Terms, keep_file, want_work
from backend.bulk.queries import standings_of
from backend.bulk.records import BulkArchive, BulkItem, BulkUpload
from backend.bulk.rules import Problem, TooManyFiles, UploadClosed, UploadState, may_take
from backend.centres.rules import Scope
from backend.compliance.assess import Assessment, Unreadable, mode_for
from backend.enrollment.records import Student
from backend.errors import DomainError
from backend.exchange.photos import ArchiveReader
from backend.exchange.sheet import Limits, SheetRefused
from backend.history.operations import record_fact
from backend.history.rules import SYSTEM, Actor, ActorKind, Fact
from backend.photos.check_counts import count_check
from backend.photos.records import ScannedPicture
from backend.photos.scanned import Judged, note_judged, store_judged, submit_scan
from backend.ports import FileStore
from backend.records import begin_write

log = structlog.get_logger()

TAKEN_AT_ONCE = 40  # files handed in by one job
UNPACKED_AT_ONCE = 40  # files of a ZIP that one job keeps
CHECKED_AT_ONCE = 8  # pictures that one job has checked: a few seconds


@dataclass(frozen=True)
class BulkTools:
    """What the work needs from outside. check: content, profile -> assessment (compliance.assess); raises Unreadable.

    threads: how many pictures are checked at the same time.
    """

    sessions: sessionmaker[Session]
    files: FileStore
    terms: Terms
    open_archive: ArchiveReader
    limits: Limits
    check: Callable[..., Assessment]
    threads: int


def run_work(tools: BulkTools, *, upload_id: int, now: datetime) -> None:
    """One handful of each kind of work, and a job for the rest if there is one. Safe to be done again."""
    with tools.sessions() as session:
        _take_asked(tools, session, upload_id, now)
        _unpack(tools, session, upload_id, now)
        _check(tools, session, upload_id, now)
        begin_write(session)
        upload = session.get_one(BulkUpload, upload_id, with_for_update={"of": BulkUpload})
        upload.working = False
        if upload.state == UploadState.OPEN and _is_work_left(session, upload_id):
            want_work(session, upload, now=now)
        session.commit()


def _take_asked(tools: BulkTools, session: Session, upload_id: int, now: datetime) -> None:
    ids = session.scalars(
        select(BulkItem.id)
        .where(BulkItem.upload_id == upload_id, BulkItem.asked_at.is_not(None))
        .order_by(BulkItem.id)
        .limit(TAKEN_AT_ONCE)
    ).all()
    for item_id in ids:
        _take(tools, session, item_id, now)


def _take(tools: BulkTools, session: Session, item_id: int, now: datetime) -> None:
    """Hand one file in: the version and the mark that it is done are one transaction."""
    begin_write(session)
    item = session.get(BulkItem, item_id)
    if item is None or item.asked_at is None:
        session.rollback()
        return
    session.get_one(BulkUpload, item.upload_id, with_for_update={"of": BulkUpload})
    actor, words = Actor(ActorKind.STAFF, item.asked_by), item.words
    item.asked_at = None
    # much may have happened since somebody chose it: the same question is asked again, now
    near = session.scalars(
        select(BulkItem).where(
            BulkItem.upload_id == item.upload_id,
            or_(BulkItem.student_id == item.student_id, BulkItem.content_hash == item.content_hash),
        )
    ).all()
    standing = standings_of(session, near, live_only=tools.terms.live_only)[item.id]
    if item.student_id is None or item.picture is None or not may_take(standing, words=words):
        session.commit()  # it says itself on the page why not
        return
    try:
        version = submit_scan(
            session, student_id=item.student_id, picture=item.picture, words=words, actor=actor, now=now
        )
    except DomainError:
        session.rollback()
        begin_write(session)
        session.get_one(BulkItem, item_id).asked_at = None
        session.commit()
        return
    item.version_id, item.taken_at = version.id, now
    facts = {"upload": item.upload_id, "version": version.number}
    record_fact(session, Fact("bulk_item.taken", item.id, owner_id=item.student_id, facts=facts), actor=actor, now=now)
    session.commit()


def _unpack(tools: BulkTools, session: Session, upload_id: int, now: datetime) -> None:
    archive = session.scalars(
        select(BulkArchive)
        .where(BulkArchive.upload_id == upload_id, BulkArchive.file_name.is_not(None))
        .order_by(BulkArchive.id)
        .limit(1)
    ).first()
    if archive is None or archive.file_name is None:
        return
    archive_id, name, done, sender = archive.id, archive.file_name, archive.done, archive.sent_by
    centre_id = session.get_one(BulkUpload, upload_id).centre_id
    session.rollback()  # no connection is held while the ZIP is opened
    problem, total = "", 0
    try:
        opened = tools.open_archive(tools.files.get(name), tools.limits)
        total = len(opened.paths)
        for place in range(done, min(done + UNPACKED_AT_ONCE, total)):
            found = opened.read(place)
            sent = SentFile(found.path, None if found.problem else found.content, problem=found.problem)
            keep_file(
                session,
                files=tools.files,
                scope=Scope(centre_id),
                upload_id=upload_id,
                sent=sent,
                terms=tools.terms,
                actor=Actor(ActorKind.STAFF, sender),
                now=now,
            )
            done = place + 1
    except SheetRefused as refused:
        problem = refused.reason
    except TooManyFiles:
        problem = "too_many_files"
    except UploadClosed:
        session.rollback()
        return
    begin_write(session)
    archive = session.get(BulkArchive, archive_id)
    over = bool(problem) or done >= total
    if archive is not None:
        archive.done, archive.total, archive.problem = done, total, problem
        archive.file_name = None if over else name
    session.commit()
    if over and not session.scalar(select(BulkArchive.id).where(BulkArchive.file_name == name).limit(1)):
        tools.files.delete(name)


def _check(tools: BulkTools, session: Session, upload_id: int, now: datetime) -> None:
    """Have some pictures judged, several at a time, and keep what was found for each as soon as it is known."""
    rows = session.execute(
        select(
            ScannedPicture.id,
            ScannedPicture.original_file,
            ScannedPicture.profile,
            BulkUpload.centre_id,
            Student.cohort_id,
        )
        .join(BulkItem, BulkItem.picture_id == ScannedPicture.id)
        .join(BulkUpload, BulkUpload.id == BulkItem.upload_id)
        .outerjoin(Student, Student.id == BulkItem.student_id)
        .where(BulkItem.upload_id == upload_id, *_UNCHECKED)
        .order_by(BulkItem.id)
        .limit(CHECKED_AT_ONCE)
    ).all()
    session.rollback()  # no connection is held while pictures are judged
    if not rows:
        return
    once = {row.id: row for row in rows}
    with ThreadPoolExecutor(tools.threads) as pool:
        found = pool.map(lambda row: _judge(tools, row.original_file, row.profile), once.values())
        for (picture_id, row), answer in zip(once.items(), found, strict=True):
            begin_write(session)
            picture = session.get(ScannedPicture, picture_id)
            if picture is None:  # the upload was finished meanwhile
                session.rollback()
                continue
            if isinstance(answer, str):
                picture.unreadable = answer
            else:
                note_judged(picture, answer)
                count_check(session, centre_id=row.centre_id, cohort_id=row.cohort_id, report=answer.report, now=now)
            facts = {"picture": picture_id, "verdict": picture.verdict or picture.unreadable}
            record_fact(session, Fact("bulk_upload.checked", upload_id, facts=facts), actor=SYSTEM, now=now)
            session.commit()


def _judge(tools: BulkTools, name: str, profile: str) -> Judged | str:
    """What was found, or why nothing was. File names are not told to the engine: they may hold ID numbers."""
    try:
        content = tools.files.get(name)
        found = tools.check(content, file_name=None, mode=mode_for(content), profile=profile)
        return store_judged(found, files=tools.files)
    except Unreadable as unreadable:
        return unreadable.reason
    except Exception as error:
        # one picture that breaks the check must not stop the pile; the type only: a text may hold personal data
        log.warning("bulk.check_failed", kind=type(error).__name__)
        return Problem.FAILED


_UNCHECKED = (ScannedPicture.verdict.is_(None), ScannedPicture.unreadable.is_(None))


def _is_work_left(session: Session, upload_id: int) -> bool:
    asked = select(BulkItem.id).where(BulkItem.upload_id == upload_id, BulkItem.asked_at.is_not(None))
    zips = select(BulkArchive.id).where(BulkArchive.upload_id == upload_id, BulkArchive.file_name.is_not(None))
    unchecked = (
        select(BulkItem.id)
        .join(ScannedPicture, ScannedPicture.id == BulkItem.picture_id)
        .where(BulkItem.upload_id == upload_id, *_UNCHECKED)
    )
    return any(session.scalar(query.limit(1)) is not None for query in (asked, zips, unchecked))
