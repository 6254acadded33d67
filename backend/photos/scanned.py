"""Scans that a centre hands in for its students: kept and judged once, then the student's next version.

Each function works in the transaction of the caller, who commits: the bulk upload changes together with the photo.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.compliance.assess import Assessment
from backend.compliance.findings import Report
from backend.enrollment.records import Student
from backend.errors import Outdated
from backend.history.operations import happened, record_fact
from backend.history.rules import Actor, Fact
from backend.photos.operations import add_version, check_may_capture, is_file_used
from backend.photos.records import Photo, PhotoVersion, ScannedPicture
from backend.photos.rules import Action, NoUsableFrame, State, is_usable, next_state
from backend.ports import FileStore


def keep_scan(session: Session, *, original_file: str, profile: str, now: datetime) -> ScannedPicture:
    """The picture with this content under this profile; a new one waits to be judged."""
    found = session.scalars(
        select(ScannedPicture).where(ScannedPicture.original_file == original_file, ScannedPicture.profile == profile)
    ).one_or_none()
    if found is None:
        found = ScannedPicture(original_file=original_file, profile=profile, created_at=now)
        session.add(found)
        session.flush()
    return found


@dataclass(frozen=True)
class Judged:
    """What the machine found, its pictures in the store already."""

    report: Report
    judged_file: str
    registration_file: str | None


def store_judged(assessment: Assessment, *, files: FileStore) -> Judged:
    """Write the pictures of an assessment, before the transaction that notes it."""
    registration = files.put(assessment.registration_jpeg) if assessment.registration_jpeg else None
    return Judged(assessment.report, files.put(assessment.judged_jpeg), registration)


def note_judged(picture: ScannedPicture, found: Judged) -> None:
    report = found.report
    picture.judged_file, picture.registration_file = found.judged_file, found.registration_file
    picture.verdict, picture.usable, picture.report = report.verdict.value, is_usable(report), report.as_dict()


def submit_scan(
    session: Session, *, student_id: int, picture: ScannedPicture, words: str, actor: Actor, now: datetime
) -> PhotoVersion:
    """Make the scan the student's next version, handed in by a member of staff; the student is told.

    words: why a person shall look although the machine found a clear defect; "" without one.
    Raises NoUsableFrame and what photos.operations.check_may_capture raises.
    """
    session.get_one(Student, student_id, with_for_update={"of": Student})
    photo = session.scalars(select(Photo).where(Photo.student_id == student_id).with_for_update(of=Photo)).one_or_none()
    check_may_capture(session, student_id=student_id)
    if not picture.usable:
        raise NoUsableFrame(picture=picture.id)
    version, state = add_version(
        session,
        student_id=student_id,
        photo=photo,
        picture=picture,
        ask_person=words or None,
        submitted_by=actor.known_id,
        now=now,
    )
    facts = {"state": state.value, "version": version.number, "verdict": version.verdict}
    fact = Fact("photo.scan_submitted", version.photo_id, owner_id=student_id, facts=facts)
    happened(session, fact, actor=actor, now=now)
    return version


def take_back_scan(session: Session, *, version_id: int, actor: Actor, now: datetime) -> Photo:
    """The centre takes a scan back while nobody has decided; the student is told.

    Raises Outdated when a newer version is there, NotAllowed when somebody has decided or it is withdrawn already.
    """
    version = session.get_one(PhotoVersion, version_id)
    photo = session.get_one(Photo, version.photo_id, with_for_update={"of": Photo})
    if photo.current != version.number:
        raise Outdated(photo=photo.id)
    photo.state = next_state(State(photo.state), Action.WITHDRAW)
    photo.revision += 1
    facts = {"state": str(photo.state), "version": version.number}
    fact = Fact("photo.scan_taken_back", photo.id, owner_id=photo.student_id, facts=facts)
    happened(session, fact, actor=actor, now=now)
    return photo


def forget_scans(session: Session, pictures: Collection[ScannedPicture]) -> set[str]:
    """Delete these pictures; gives the files that no picture refers to any more, to be deleted after the commit."""
    names = {name for row in pictures for name in (row.original_file, row.judged_file, row.registration_file)}
    for row in pictures:
        session.delete(row)
    session.flush()
    return {name for name in names if name is not None and not is_file_used(session, name)}


def note_scan_seen(
    session: Session, *, student_id: int | None, item_id: int, purpose: str, actor: Actor, now: datetime
) -> None:
    """A member of staff looked at a scan: in the student's history when it is known whose it is."""
    facts = {"purpose": purpose, "item": item_id}
    record_fact(session, Fact("photo.seen", None, owner_id=student_id, facts=facts), actor=actor, now=now)
