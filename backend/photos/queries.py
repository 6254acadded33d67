"""Photos for screens: the student's own, and one of the reviewer's centres."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from backend.centres.rules import Scope
from backend.enrollment.records import Student
from backend.errors import NotFound
from backend.photos.records import Decision, Objection, Photo, PhotoDraft, PhotoVersion, ScannedPicture
from backend.photos.rules import Action, DraftGone


def photo_of(session: Session, student_id: int) -> Photo | None:
    return session.scalars(select(Photo).where(Photo.student_id == student_id)).one_or_none()


def photos_of(session: Session, student_ids: Sequence[int]) -> dict[int, Photo]:
    """Student id -> the photo, of those who have one."""
    return {
        photo.student_id: photo for photo in session.scalars(select(Photo).where(Photo.student_id.in_(student_ids)))
    }


def newest_decisions(session: Session, photo_ids: Sequence[int]) -> dict[int, datetime]:
    """Photo id -> when its newest version was decided on, of those where the decision stands."""
    rows = session.execute(
        select(Photo.id, Decision.decided_at)
        .join(PhotoVersion, (PhotoVersion.photo_id == Photo.id) & (PhotoVersion.number == Photo.current))
        .join(Decision, Decision.version_id == PhotoVersion.id)
        .where(Photo.id.in_(photo_ids), Decision.undone_at.is_(None))
        .order_by(Decision.id)
    )
    return {row[0]: row[1] for row in rows}


def by_reviewers() -> ColumnElement[bool]:
    """Decision rows of people who looked at the photo: what a unit says is written down, not decided, by staff."""
    return Decision.action != Action.UNIT_REFUSES.value


def versions_of(session: Session, photo_id: int) -> Sequence[PhotoVersion]:
    """All versions with their decisions, newest first."""
    return session.scalars(
        select(PhotoVersion).where(PhotoVersion.photo_id == photo_id).order_by(PhotoVersion.number.desc())
    ).all()


def own_draft(session: Session, *, student_id: int, draft_id: int, now: datetime) -> PhotoDraft:
    """The student's draft. Raises DraftGone when its time is over or it is somebody else's."""
    draft = session.get(PhotoDraft, draft_id)
    if draft is None or draft.student_id != student_id or draft.expires_at <= now:
        raise DraftGone(draft=draft_id)
    return draft


def draft_of_upload(session: Session, *, student_id: int, upload_key: str) -> PhotoDraft | None:
    """The student's draft that came with this key of the phone, expired or not."""
    return session.scalars(
        select(PhotoDraft).where(PhotoDraft.student_id == student_id, PhotoDraft.upload_key == upload_key)
    ).one_or_none()


def version_of_upload(session: Session, *, student_id: int, upload_key: str) -> PhotoVersion | None:
    """The student's version that came with this key of the phone."""
    return session.scalars(
        select(PhotoVersion)
        .join(Photo, Photo.id == PhotoVersion.photo_id)
        .where(Photo.student_id == student_id, PhotoVersion.upload_key == upload_key)
    ).one_or_none()


def draft_before(session: Session, *, student_id: int, draft_id: int) -> PhotoDraft | None:
    """The student's draft before this one, if it is still there."""
    return session.scalars(
        select(PhotoDraft)
        .where(PhotoDraft.student_id == student_id, PhotoDraft.id < draft_id)
        .order_by(PhotoDraft.id.desc())
        .limit(1)
    ).one_or_none()


def own_version(session: Session, *, student_id: int, number: int) -> PhotoVersion:
    version = session.scalars(
        select(PhotoVersion)
        .join(Photo, Photo.id == PhotoVersion.photo_id)
        .where(Photo.student_id == student_id, PhotoVersion.number == number)
    ).one_or_none()
    if version is None:
        raise NotFound(student=student_id, version=number)
    return version


def standing_decision(session: Session, version_id: int) -> Decision | None:
    """The decision on a version that was not taken back."""
    return session.scalars(
        select(Decision)
        .where(Decision.version_id == version_id, Decision.undone_at.is_(None))
        .order_by(Decision.id.desc())
        .limit(1)
    ).one_or_none()


def accepted_version(session: Session, *, student_id: int, number: int) -> PhotoVersion:
    """A version of the student's photo that stands accepted. Raises NotFound for any other."""
    found = own_version(session, student_id=student_id, number=number)
    decision = standing_decision(session, found.id)
    if decision is None or decision.action != Action.ACCEPT:
        raise NotFound(version=number)
    return found


def objection_to(session: Session, version_id: int) -> Objection | None:
    return session.scalars(select(Objection).where(Objection.version_id == version_id)).one_or_none()


def photo_in_scope(session: Session, *, scope: Scope, photo_id: int) -> Photo:
    """A photo of the reviewer's centres. Raises NotFound for any other."""
    photo = session.get(Photo, photo_id)
    if photo is None or not scope.covers(photo.student.centre_id):
        raise NotFound(photo=photo_id)
    return photo


def version_in_scope(session: Session, *, scope: Scope, photo_id: int, number: int) -> tuple[Photo, PhotoVersion]:
    photo = photo_in_scope(session, scope=scope, photo_id=photo_id)
    for version in versions_of(session, photo.id):
        if version.number == number:
            return photo, version
    raise NotFound(photo=photo_id, version=number)


def profile_of(student: Student, *, default: str) -> str:
    """The channel whose rules hold: the cohort's, else the centre's, else `default`, which is the setting."""
    cohort = student.cohort.photo_profile if student.cohort else None
    return cohort or student.centre.photo_profile or default


def files_in_use(session: Session) -> set[str]:
    """Names of all files that drafts, scans and versions refer to."""
    names: set[str] = set()
    for table in (PhotoDraft, PhotoVersion, ScannedPicture):
        for row in session.execute(select(table.original_file, table.judged_file, table.registration_file)):
            names.update(name for name in row if name is not None)
    return names
