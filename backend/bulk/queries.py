"""Bulk uploads for screens, and what each of their files comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session, defer, joinedload, lazyload

from backend.bulk.records import BulkArchive, BulkItem, BulkUpload
from backend.bulk.rules import Facts, Standing, UploadState, standing_of
from backend.centres.rules import Scope
from backend.compliance.findings import PictureVerdict
from backend.consent.records import Consent
from backend.enrollment.records import Correction, EnrollmentConfirmation, Student
from backend.enrollment.rules import CorrectionState
from backend.errors import NotFound
from backend.photos.operations import PHOTO_CONSENT
from backend.photos.records import Photo, PhotoVersion, ScannedPicture
from backend.photos.rules import Source, State

# profile -> does it ask for a picture taken now?
LiveOnly = Callable[[str], bool]


def upload_in_scope(session: Session, *, scope: Scope, upload_id: int) -> BulkUpload:
    """A bulk upload of the own centre. Raises NotFound for any other."""
    upload = session.get(BulkUpload, upload_id)
    if upload is None or not scope.covers(upload.centre_id):
        raise NotFound(upload=upload_id)
    return upload


def item_in_scope(session: Session, *, scope: Scope, upload_id: int, item_id: int) -> BulkItem:
    upload_in_scope(session, scope=scope, upload_id=upload_id)
    item = session.get(BulkItem, item_id)
    if item is None or item.upload_id != upload_id:
        raise NotFound(item=item_id)
    return item


def uploads_in(session: Session, *, scope: Scope, offset: int = 0, limit: int = 30) -> tuple[list[BulkUpload], int]:
    """Bulk uploads, the newest first, and how many there are."""
    query = select(BulkUpload)
    if scope.centre_id is not None:
        query = query.where(BulkUpload.centre_id == scope.centre_id)
    total = session.scalar(query.with_only_columns(func.count(BulkUpload.id))) or 0
    return list(session.scalars(query.order_by(BulkUpload.id.desc()).offset(offset).limit(limit))), total


def sizes_of(session: Session, upload_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Upload id -> its files, and how many of them were handed in."""
    rows = session.execute(
        select(BulkItem.upload_id, func.count(BulkItem.id), func.count(BulkItem.taken_at))
        .where(BulkItem.upload_id.in_(upload_ids))
        .group_by(BulkItem.upload_id)
    )
    return {upload_id: (files, taken) for upload_id, files, taken in rows}


# of a student a list shows name and number: nothing is decrypted for it
SLIM = joinedload(BulkItem.student).options(
    defer(Student.id_number), defer(Student.phone), lazyload(Student.centre), lazyload(Student.cohort)
)


def items_of(session: Session, upload_id: int) -> list[BulkItem]:
    """All files of an upload in the order in which they came."""
    query = select(BulkItem).options(SLIM).where(BulkItem.upload_id == upload_id)
    return list(session.scalars(query.order_by(BulkItem.id)))


def progress_of(session: Session, upload_id: int) -> tuple[int, int]:
    """How many files the machine is done with, and how many there are, those that wait in ZIPs included."""
    done = or_(
        BulkItem.picture_id.is_(None), ScannedPicture.verdict.is_not(None), ScannedPicture.unreadable.is_not(None)
    )
    files, finished = session.execute(
        select(func.count(BulkItem.id), func.count(case((done, 1))))
        .outerjoin(ScannedPicture, ScannedPicture.id == BulkItem.picture_id)
        .where(BulkItem.upload_id == upload_id)
    ).one()
    zipped = session.scalar(
        select(func.sum(BulkArchive.total - BulkArchive.done)).where(
            BulkArchive.upload_id == upload_id, BulkArchive.file_name.is_not(None)
        )
    )
    return finished, files + (zipped or 0)


def archives_of(session: Session, upload_id: int) -> list[BulkArchive]:
    return list(session.scalars(select(BulkArchive).where(BulkArchive.upload_id == upload_id).order_by(BulkArchive.id)))


def known_keys(session: Session, upload_id: int) -> list[str]:
    """A key for each file that is here, which the page works out for the files somebody chooses again.

    SHA-256 of the content's SHA-256, a line break and the path: tells nothing to who does not have the file.
    """
    rows = session.execute(select(BulkItem.content_hash, BulkItem.path).where(BulkItem.upload_id == upload_id))
    return [sha256(f"{content_hash}\n{path}".encode()).hexdigest() for content_hash, path in rows]


def standings_of(session: Session, items: Sequence[BulkItem], *, live_only: LiveOnly) -> dict[int, Standing]:
    """Item id -> where it stands now. items: all of one upload, for files are compared with each other."""
    waiting = [item for item in items if _is_waiting(item)]
    files_for = Counter(item.student_id for item in waiting if item.student_id is not None)
    students_of: dict[str, set[int]] = {}
    for item in waiting:
        if item.student_id is not None:
            students_of.setdefault(item.content_hash, set()).add(item.student_id)
    people = _People(session, list(files_for))
    return {
        item.id: standing_of(
            people.facts(item, rivals=files_for, shared=len(students_of.get(item.content_hash, ())) > 1, live=live_only)
        )
        for item in items
    }


def _is_waiting(item: BulkItem) -> bool:
    """Is it a picture that could still be handed in? Only such files stand in each other's way."""
    unreadable = item.problem or (item.picture is not None and item.picture.unreadable)
    return item.dropped_at is None and item.taken_at is None and not unreadable


class _People:
    """What is known of some students, asked once for all of them."""

    def __init__(self, session: Session, ids: Sequence[int]) -> None:
        self.disputed = set(
            session.scalars(
                select(Correction.student_id).where(
                    Correction.student_id.in_(ids), Correction.state == CorrectionState.SUBMITTED
                )
            )
        )
        self.confirmed = set(
            session.scalars(
                select(Student.id)
                .join(
                    EnrollmentConfirmation,
                    (EnrollmentConfirmation.student_id == Student.id)
                    & (EnrollmentConfirmation.data_version == Student.data_version),
                )
                .where(Student.id.in_(ids))
            )
        )
        self.consent = set(
            session.scalars(
                select(Consent.student_id).where(
                    Consent.student_id.in_(ids), Consent.purpose == PHOTO_CONSENT, Consent.withdrawn_at.is_(None)
                )
            )
        )
        self.photos: dict[int, State] = {}
        self.waits: dict[int, str] = {}
        self.sent: dict[int, set[str]] = {}
        rows = session.execute(
            select(
                Photo.student_id,
                Photo.state,
                Photo.current,
                PhotoVersion.id,
                PhotoVersion.number,
                PhotoVersion.source,
                PhotoVersion.original_file,
            )
            .join(PhotoVersion, PhotoVersion.photo_id == Photo.id)
            .where(Photo.student_id.in_(ids))
        ).all()
        # a version that the centre took back itself may be handed in again
        back = set(
            session.scalars(
                select(BulkItem.version_id).where(
                    BulkItem.version_id.in_([row.id for row in rows]), BulkItem.taken_at.is_(None)
                )
            )
        )
        for row in rows:
            self.photos[row.student_id] = State(row.state)
            if row.number == row.current and row.state == State.READY_FOR_REVIEW:
                self.waits[row.student_id] = "centre" if row.source == Source.SCANNED else "student"
            if row.id not in back:
                self.sent.setdefault(row.student_id, set()).add(row.original_file)

    def facts(self, item: BulkItem, *, rivals: Mapping[int, int], shared: bool, live: LiveOnly) -> Facts:
        student, picture = item.student_id, item.picture
        unreadable = picture.unreadable if picture is not None else None
        known = student if student is not None else -1
        return Facts(
            dropped=item.dropped_at is not None,
            taken=item.taken_at is not None,
            asked=item.asked_at is not None,
            problem=item.problem or unreadable or "",
            match=item.match,
            rivals=rivals[student] - 1 if student is not None else 0,
            same_picture=shared,
            disputed=known in self.disputed,
            confirmed=known in self.confirmed,
            consent=known in self.consent,
            photo=self.photos.get(known),
            waits=self.waits.get(known, ""),
            sent_before=item.content_hash in self.sent.get(known, ()),
            live_only=picture is not None and live(picture.profile),
            checked=picture is not None and picture.is_checked,
            usable=picture is not None and picture.usable,
            verdict=PictureVerdict(picture.verdict) if picture is not None and picture.verdict else None,
        )


def open_uploads(session: Session, *, scope: Scope) -> int:
    """How many bulk uploads of the scope nobody has finished."""
    query = select(func.count(BulkUpload.id)).where(BulkUpload.state == UploadState.OPEN)
    if scope.centre_id is not None:
        query = query.where(BulkUpload.centre_id == scope.centre_id)
    return session.scalar(query) or 0


def files_in_use(session: Session) -> set[str]:
    """Names of the ZIPs that are not unpacked yet; the pictures themselves belong to photos."""
    return set(session.scalars(select(BulkArchive.file_name).where(BulkArchive.file_name.is_not(None))))
