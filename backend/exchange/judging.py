"""What the machine finds on photos that came back, and on the accepted ones beside them. Never who is on them.

Judging takes a fraction of a second for each picture: a job does it in slices, so that messages need not wait for
the end of a disc. A slice that dies leaves whole pictures behind; the next one goes on with those that have no report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from backend.centres.rules import Scope
from backend.compliance.assess import Assessment
from backend.compliance.decode import Unreadable
from backend.compliance.findings import Mode
from backend.exchange.parcels import accepted_versions, returned_in_scope
from backend.exchange.records import Import, ReturnedPhoto, ReturnedReport
from backend.exchange.rules import ImportState, Side
from backend.history.operations import happened
from backend.history.rules import SYSTEM, Actor, Fact
from backend.photos.queries import profile_of
from backend.photos.records import PhotoVersion
from backend.ports import FileStore
from backend.records import begin_write

log = structlog.get_logger()

SLICE = 40  # pictures of one job
FAILED = "failed"  # the problem of a picture at which the machine itself gave up

# content, file name, mode, profile -> assessment; raises Unreadable. Implemented by parts.check
Check = Callable[..., Assessment]


@dataclass(frozen=True)
class Judge:
    """The engine and what it judges by: the edition of the standard, and the profile where no other is named."""

    check: Check
    edition: str
    default_profile: str


@dataclass(frozen=True)
class _Picture:
    returned_id: int
    side: Side
    file_name: str
    profile: str
    version_id: int | None


def ask_judging(session: Session, *, scope: Scope, returned_id: int, actor: Actor, now: datetime) -> int:
    """Somebody wants the pair judged anew (another accepted photo, another edition); gives the import. NotFound."""
    begin_write(session)
    row = returned_in_scope(session, scope=scope, returned_id=returned_id)
    session.execute(delete(ReturnedReport).where(ReturnedReport.returned_id == returned_id))
    happened(session, Fact("import.judging_asked", row.import_id, owner_id=row.student_id), actor=actor, now=now)
    session.commit()
    return row.import_id


def judge_returned(
    sessions: sessionmaker[Session], *, files: FileStore, judge: Judge, import_id: int, now: datetime
) -> int:
    """Judge the next pictures of a disc that have no report by today's rules; gives how many. Repeatable."""
    done, left = 0, False
    with sessions() as session:
        run = session.get(Import, import_id)
        if run is None or run.state != ImportState.DONE:
            return 0
        found = _waiting(session, import_id, judge)
        pictures = list(islice(found, SLICE))
        left = next(found, None) is not None
    for picture in pictures:
        report, problem = _judged(picture, files, judge)
        with sessions() as session:
            done += _keep(session, picture, report, problem, judge, now)
    if pictures:
        with sessions() as session:
            begin_write(session)
            fact = Fact("import.pictures_judged", import_id, facts={"pictures": done, "left": left})
            happened(session, fact, actor=SYSTEM, now=now)
            session.commit()
    return done


def _waiting(session: Session, import_id: int, judge: Judge) -> Iterator[_Picture]:
    """Pictures without a report, or with one of other rules or of another accepted photo."""
    rows = session.scalars(
        select(ReturnedPhoto).where(ReturnedPhoto.import_id == import_id).order_by(ReturnedPhoto.id)
    ).all()
    versions = accepted_versions(session, [row.student_id for row in rows])
    known = {
        (report.returned_id, report.side): (report.edition, report.profile, report.version_id)
        for report in session.scalars(
            select(ReturnedReport)
            .join(ReturnedPhoto, ReturnedPhoto.id == ReturnedReport.returned_id)
            .where(ReturnedPhoto.import_id == import_id)
        )
    }
    for row in rows:
        profile = profile_of(row.student, default=judge.default_profile)
        version = versions.get(row.student_id)
        sides = [_Picture(row.id, Side.RETURNED, row.file_name, profile, None)]
        if version is not None:
            sides.append(_Picture(row.id, Side.ACCEPTED, registration_file(version), profile, version.id))
        for picture in sides:
            if known.get((row.id, picture.side)) != (judge.edition, profile, picture.version_id):
                yield picture


def registration_file(version: PhotoVersion) -> str:
    """The file that goes to the unit: a finished file that passed as it was sent is its own registration file."""
    return version.registration_file or version.original_file


def _judged(picture: _Picture, files: FileStore, judge: Judge) -> tuple[dict[str, object] | None, str]:
    """The report, or why there is none. One picture that cannot be judged holds up no other."""
    try:
        content = files.get(picture.file_name)
        found = judge.check(content, file_name=None, mode=Mode.FINAL, profile=picture.profile)
    except Unreadable as problem:
        return None, problem.reason
    except Exception as error:
        # the type only: an error's text may hold personal data
        log.warning("returned.not_judged", returned=picture.returned_id, error=type(error).__name__)
        return None, FAILED
    return found.report.as_dict(), ""


def _keep(
    session: Session, picture: _Picture, report: dict[str, object] | None, problem: str, judge: Judge, now: datetime
) -> int:
    begin_write(session)
    # an import that was taken back meanwhile has no pictures any more
    if session.get(ReturnedPhoto, picture.returned_id, with_for_update={"of": ReturnedPhoto}) is None:
        session.rollback()
        return 0
    session.execute(
        delete(ReturnedReport).where(
            ReturnedReport.returned_id == picture.returned_id, ReturnedReport.side == picture.side
        )
    )
    session.add(
        ReturnedReport(
            returned_id=picture.returned_id,
            side=picture.side.value,
            version_id=picture.version_id,
            edition=judge.edition,
            profile=picture.profile,
            report=report,
            problem=problem,
            checked_at=now,
        )
    )
    session.commit()
    return 1
