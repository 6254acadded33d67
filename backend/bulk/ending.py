"""The end of a bulk upload, by a person or by time: what was not handed in is deleted, with its names."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.bulk.operations import locked_upload
from backend.bulk.queries import items_of
from backend.bulk.records import BulkArchive, BulkItem, BulkUpload
from backend.bulk.rules import UploadAction, UploadBusy, UploadState, next_upload_state
from backend.centres.rules import Scope
from backend.history.operations import happened
from backend.history.rules import SYSTEM, Actor, Fact
from backend.photos.records import ScannedPicture
from backend.photos.scanned import forget_scans
from backend.ports import FileStore
from backend.records import begin_write


def close_upload(
    session: Session, *, files: FileStore, scope: Scope, upload_id: int, actor: Actor, now: datetime
) -> BulkUpload:
    """Finish it: what was not handed in is deleted with its names. Raises UploadClosed, UploadBusy, NotFound."""
    begin_write(session)
    upload = locked_upload(session, scope, upload_id)
    if any(item.asked_at is not None for item in items_of(session, upload_id)):
        raise UploadBusy(upload=upload_id)
    return _end(session, files, upload, UploadAction.CLOSE, actor=actor, now=now)


def drop_expired_uploads(session: Session, *, files: FileStore, now: datetime) -> int:
    """End the uploads that nobody touched for the days of the setting; gives their number."""
    query = select(BulkUpload.id).where(BulkUpload.state == UploadState.OPEN, BulkUpload.expires_at <= now)
    due = session.scalars(query).all()
    for upload_id in due:
        begin_write(session)
        upload = session.get_one(BulkUpload, upload_id, with_for_update={"of": BulkUpload})
        if upload.state != UploadState.OPEN or upload.expires_at > now:
            session.rollback()
            continue
        _end(session, files, upload, UploadAction.EXPIRE, actor=SYSTEM, now=now)
    return len(due)


def _end(
    session: Session, files: FileStore, upload: BulkUpload, action: UploadAction, *, actor: Actor, now: datetime
) -> BulkUpload:
    upload.state = next_upload_state(upload.state, action)
    items = items_of(session, upload.id)
    left = [item for item in items if item.taken_at is None]
    for item in items:
        item.picture_id, item.path = None, ""
    for item in left:
        session.delete(item)
    archives = session.scalars(select(BulkArchive).where(BulkArchive.upload_id == upload.id)).all()
    zips = {archive.file_name for archive in archives if archive.file_name is not None}
    session.execute(delete(BulkArchive).where(BulkArchive.upload_id == upload.id))
    session.flush()
    needed = select(BulkItem.picture_id).where(BulkItem.picture_id.is_not(None))
    forsaken = session.scalars(select(ScannedPicture).where(ScannedPicture.id.not_in(needed))).all()
    unused = forget_scans(session, forsaken)
    facts = {"state": upload.state, "handed_in": len(items) - len(left), "deleted": len(left)}
    verb = "bulk_upload.closed" if action is UploadAction.CLOSE else "bulk_upload.expired"
    happened(session, Fact(verb, upload.id, facts=facts), actor=actor, now=now)
    session.commit()
    # after the commit: a file without a row is swept up later, a row without a file would be a loss
    for name in unused | zips:
        files.delete(name)
    return upload
