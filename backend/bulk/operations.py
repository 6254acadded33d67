"""The verbs of bulk uploads: open, keep a file, name its student, drop, ask to hand in, take back. See ending, work."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.bulk.queries import LiveOnly, item_in_scope, standings_of, upload_in_scope
from backend.bulk.records import BulkArchive, BulkItem, BulkUpload
from backend.bulk.rules import (
    ASSIGNABLE,
    MAX_WORDS,
    Problem,
    Standing,
    TooManyFiles,
    UploadClosed,
    UploadState,
    may_take,
    plain_path,
)
from backend.centres.records import Centre
from backend.centres.rules import Scope
from backend.compliance.decode import Unreadable, open_source
from backend.compliance.standard import Intake
from backend.enrollment.queries import student_in_scope
from backend.enrollment.records import Student
from backend.errors import Invalid, NotAllowed, NotFound
from backend.exchange.lines import Line
from backend.exchange.people import people_of, whom
from backend.exchange.photos import named_person
from backend.follow_ups import bulk_job
from backend.history.operations import happened, record_fact
from backend.history.rules import Actor, Fact
from backend.photos.queries import profile_of
from backend.photos.scanned import keep_scan, note_scan_seen, take_back_scan
from backend.ports import FileStore, JobQueue
from backend.records import begin_write, exact_index


@dataclass(frozen=True)
class Terms:
    """What holds for every bulk upload: limits of a picture, most bytes of one, most files, days kept, the profile."""

    intake: Intake
    max_bytes: int
    most_files: int
    keep_days: int
    default_profile: str
    live_only: LiveOnly


@dataclass(frozen=True)
class SentFile:
    """A file as it came. content: None when it was not sent, or could not be taken out of its ZIP (problem)."""

    path: str
    content: bytes | None
    size: int = 0
    problem: str = ""


def open_upload(session: Session, *, scope: Scope, keep_days: int, actor: Actor, now: datetime) -> BulkUpload:
    """Begin a bulk upload of the own centre. Raises NotFound for who belongs to none."""
    begin_write(session)
    if scope.centre_id is None or session.get(Centre, scope.centre_id) is None:
        raise NotFound(centre=scope.centre_id)
    upload = BulkUpload(
        centre_id=scope.centre_id,
        state=UploadState.OPEN.value,
        opened_by=actor.known_id,
        opened_at=now,
        expires_at=now + timedelta(days=keep_days),
    )
    session.add(upload)
    session.flush()
    happened(session, Fact("bulk_upload.opened", upload.id, facts={"state": upload.state}), actor=actor, now=now)
    session.commit()
    return upload


def keep_file(
    session: Session,
    *,
    files: FileStore,
    scope: Scope,
    upload_id: int,
    sent: SentFile,
    terms: Terms,
    actor: Actor,
    now: datetime,
) -> tuple[BulkItem, bool]:
    """Keep one file and lay it to its student; True when it was here already. The machine looks at it later.

    A file that is no picture is kept by name with its reason, without content.
    Raises NotFound, UploadClosed, TooManyFiles.
    """
    path = plain_path(sent.path)
    problem = sent.problem or _problem_of(sent, terms)
    content_hash = sha256(sent.content).hexdigest() if sent.content is not None else f"size:{sent.size}"
    if not problem and sent.content is not None:
        files.put(sent.content)  # before the row that refers to it
    begin_write(session)
    upload = locked_upload(session, scope, upload_id)
    mark = exact_index("bulk_item.mark", f"{content_hash}\n{path}")
    known = session.scalars(
        select(BulkItem).where(BulkItem.upload_id == upload_id, BulkItem.mark == mark)
    ).one_or_none()
    if known is not None:
        session.rollback()
        return known, True
    count = session.scalar(select(func.count(BulkItem.id)).where(BulkItem.upload_id == upload_id)) or 0
    if count >= terms.most_files:
        raise TooManyFiles(most=terms.most_files)
    item = BulkItem(
        upload_id=upload_id,
        mark=mark,
        path=path,
        content_hash=content_hash,
        bytes=len(sent.content) if sent.content is not None else sent.size,
        problem=problem,
    )
    student, item.match = _whose(session, path, Scope(upload.centre_id))
    item.student_id = student.id if student is not None else None
    if not problem:
        profile = _profile(session, upload, student, terms)
        item.picture_id = keep_scan(session, original_file=content_hash, profile=profile, now=now).id
        want_work(session, upload, now=now)
    session.add(item)
    _touch(upload, terms, now)
    session.flush()
    facts = {"upload": upload_id, **({"problem": problem} if problem else {})}
    happened(session, Fact("bulk_item.kept", item.id, owner_id=item.student_id, facts=facts), actor=actor, now=now)
    session.commit()
    return item, False


def keep_archive(
    session: Session,
    *,
    files: FileStore,
    scope: Scope,
    upload_id: int,
    label: str,
    content: bytes,
    terms: Terms,
    actor: Actor,
    now: datetime,
) -> BulkArchive:
    """Keep a ZIP; the worker takes its files out one after another. Raises NotFound, UploadClosed."""
    name = files.put(content)
    begin_write(session)
    upload = locked_upload(session, scope, upload_id)
    archive = BulkArchive(upload_id=upload_id, file_name=name, label=plain_path(label), sent_by=actor.known_id)
    session.add(archive)
    want_work(session, upload, now=now)
    _touch(upload, terms, now)
    session.flush()
    record_fact(session, Fact("bulk_upload.archive_kept", upload_id, facts={}), actor=actor, now=now)
    session.commit()
    return archive


def assign_item(
    session: Session,
    *,
    scope: Scope,
    upload_id: int,
    item_id: int,
    student_id: int,
    terms: Terms,
    actor: Actor,
    now: datetime,
) -> BulkItem:
    """A person says whose picture it is. Raises NotFound, UploadClosed, NotAllowed when it is handed in already."""
    begin_write(session)
    upload = locked_upload(session, scope, upload_id)
    item = item_in_scope(session, scope=scope, upload_id=upload_id, item_id=item_id)
    student = student_in_scope(session, scope=Scope(upload.centre_id), student_id=student_id)
    standing = _standing(session, item, terms.live_only)
    if standing not in ASSIGNABLE:
        raise NotAllowed(standing=standing.value)
    profile = _profile(session, upload, student, terms)
    picture = keep_scan(session, original_file=item.content_hash, profile=profile, now=now)
    item.student, item.match, item.assigned_by, item.picture = student, "", actor.known_id, picture
    if not picture.is_checked:
        want_work(session, upload, now=now)
    _touch(upload, terms, now)
    fact = Fact("bulk_item.assigned", item.id, owner_id=student.id, facts={"upload": upload_id})
    record_fact(session, fact, actor=actor, now=now)
    session.commit()
    return item


def drop_items(
    session: Session,
    *,
    scope: Scope,
    upload_id: int,
    item_ids: Collection[int],
    restore: bool,
    terms: Terms,
    actor: Actor,
    now: datetime,
) -> int:
    """Lay files aside, or take them back in (restore); gives how many changed. What is handed in stays."""
    begin_write(session)
    upload = locked_upload(session, scope, upload_id)
    changed = [
        item
        for item in _chosen(session, upload_id, item_ids)
        if item.taken_at is None and item.asked_at is None and (item.dropped_at is not None) is restore
    ]
    verb = "bulk_item.restored" if restore else "bulk_item.dropped"
    for item in changed:
        item.dropped_at = None if restore else now
        fact = Fact(verb, item.id, owner_id=item.student_id, facts={"upload": upload_id})
        record_fact(session, fact, actor=actor, now=now)
    _touch(upload, terms, now)
    session.commit()
    return len(changed)


def ask_to_take(
    session: Session,
    *,
    scope: Scope,
    upload_id: int,
    item_ids: Collection[int] | None,
    words: str,
    terms: Terms,
    actor: Actor,
    now: datetime,
) -> int:
    """Choose files to be handed in: the worker makes each the next version of its student; gives how many.

    item_ids: None for all that are ready. words: why a person shall look in spite of a clear defect, for one file.
    Files that may not be handed in are left as they are. Raises Invalid for words that are too long.
    """
    words = words.strip()
    if len(words) > MAX_WORDS:
        raise Invalid({"words": "too_long"})
    begin_write(session)
    upload = locked_upload(session, scope, upload_id)
    everything = _chosen(session, upload_id, None)
    standings = standings_of(session, everything, live_only=terms.live_only)
    if item_ids is None:
        chosen = [item for item in everything if standings[item.id] is Standing.READY]
    else:
        wanted = set(item_ids)
        chosen = [item for item in everything if item.id in wanted and may_take(standings[item.id], words=words)]
    for item in chosen:
        item.asked_at, item.asked_by = now, actor.known_id
        item.words = words if standings[item.id] is Standing.RETAKE else ""
    if chosen:
        want_work(session, upload, now=now)
        facts = {"files": len(chosen)}
        record_fact(session, Fact("bulk_upload.asked", upload_id, facts=facts), actor=actor, now=now)
    _touch(upload, terms, now)
    session.commit()
    return len(chosen)


def take_back(
    session: Session, *, scope: Scope, upload_id: int, item_id: int, terms: Terms, actor: Actor, now: datetime
) -> BulkItem:
    """Take one scan back while nobody has decided. Raises what photos.scanned.take_back_scan raises, NotFound."""
    begin_write(session)
    upload = locked_upload(session, scope, upload_id)
    item = item_in_scope(session, scope=scope, upload_id=upload_id, item_id=item_id)
    if item.taken_at is None or item.version_id is None:
        raise NotFound(item=item_id)
    take_back_scan(session, version_id=item.version_id, actor=actor, now=now)
    item.taken_at, item.words = None, ""
    _touch(upload, terms, now)
    session.commit()
    return item


def match_again(session: Session, *, scope: Scope, upload_id: int, terms: Terms, actor: Actor, now: datetime) -> int:
    """Look again for the students of files that have none, after a new roster, and check what broke off.

    Gives how many were found.
    """
    begin_write(session)
    upload = locked_upload(session, scope, upload_id)
    found = 0
    for item in _chosen(session, upload_id, None):
        if item.picture is not None and item.picture.unreadable == Problem.FAILED:
            item.picture.unreadable = None  # the check broke off: once more
        if not item.match or item.dropped_at is not None:
            continue
        student, item.match = _whose(session, item.path, Scope(upload.centre_id))
        if student is None:
            continue
        found += 1
        item.student = student
        if item.picture_id is not None:
            profile = _profile(session, upload, student, terms)
            item.picture = keep_scan(session, original_file=item.content_hash, profile=profile, now=now)
    want_work(session, upload, now=now)
    _touch(upload, terms, now)
    facts = {"found": found}
    record_fact(session, Fact("bulk_upload.matched_again", upload_id, facts=facts), actor=actor, now=now)
    session.commit()
    return found


def note_item_seen(session: Session, *, item: BulkItem, purpose: str, actor: Actor, now: datetime) -> None:
    """Every look at a picture of the pile is in the history, of its student where one is known."""
    item_id, student_id = item.id, item.student_id
    begin_write(session)
    note_scan_seen(session, student_id=student_id, item_id=item_id, purpose=purpose, actor=actor, now=now)
    session.commit()


def want_work(session: Session, upload: BulkUpload, *, now: datetime) -> None:
    """See that one job is open for the upload, in the transaction of the caller, who holds the upload's row."""
    if upload.working:
        return
    upload.working = True
    job = bulk_job(upload.id)
    queue: JobQueue = session.info["queue"]
    queue.enqueue(session, kind=job.kind, payload=job.payload, run_at=now, key=job.key)


def locked_upload(session: Session, scope: Scope, upload_id: int) -> BulkUpload:
    """The upload, locked: two people, or a person and the worker, wait for each other."""
    upload_in_scope(session, scope=scope, upload_id=upload_id)
    upload = session.get_one(BulkUpload, upload_id, with_for_update={"of": BulkUpload})
    if upload.state != UploadState.OPEN:
        raise UploadClosed(state=upload.state)
    return upload


def _chosen(session: Session, upload_id: int, item_ids: Collection[int] | None) -> list[BulkItem]:
    query = select(BulkItem).where(BulkItem.upload_id == upload_id).order_by(BulkItem.id)
    return list(session.scalars(query if item_ids is None else query.where(BulkItem.id.in_(item_ids))))


def _standing(session: Session, item: BulkItem, live_only: LiveOnly) -> Standing:
    return standings_of(session, [item], live_only=live_only)[item.id]


def _problem_of(sent: SentFile, terms: Terms) -> str:
    """What can be known without decoding the picture."""
    if sent.content is None or len(sent.content) > terms.max_bytes:
        return Problem.TOO_BIG
    try:
        open_source(sent.content, terms.intake)
    except Unreadable as unreadable:
        return unreadable.reason
    return ""


def _whose(session: Session, path: str, scope: Scope) -> tuple[Student | None, str]:
    """The student whom the file's name means; else None and why (bulk.rules.Match)."""
    line = Line(1, named_person(path))
    student = whom(line, people_of(session, [line]), scope)
    return student, "" if student is not None else line.problems[-1].code


def _profile(session: Session, upload: BulkUpload, student: Student | None, terms: Terms) -> str:
    if student is not None:
        return profile_of(student, default=terms.default_profile)
    return session.get_one(Centre, upload.centre_id).photo_profile or terms.default_profile


def _touch(upload: BulkUpload, terms: Terms, now: datetime) -> None:
    """Whoever works on it keeps it from being swept up."""
    upload.expires_at = now + timedelta(days=terms.keep_days)
