"""The package for the supplementary report (补报): which cases, and the same bytes whenever it is made again."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import IO

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.alumni.operations import send_cases
from backend.alumni.records import AlumniCase, AlumniPackage, AlumniPackageItem
from backend.alumni.rules import AlumniRules, CaseState, Route, package_path
from backend.days import day_of
from backend.errors import Invalid, NotAllowed, NotFound
from backend.history.operations import record_fact
from backend.history.rules import Actor, Fact
from backend.photos.queries import photo_of, versions_of
from backend.ports import FileStore
from backend.records import begin_write

ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", "image/heif": ".heic", "application/pdf": ".pdf"}
MANIFEST = "manifest.json"
FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # the ZIP format's first moment: the same content gives the same bytes


class ScansGone(NotAllowed):
    """The scans of a package were deleted after their time: it cannot be made again."""

    code = "scans_gone"


def make_package(
    session: Session, *, case_ids: Sequence[int], rules: AlumniRules, actor: Actor, now: datetime
) -> AlumniPackage:
    """The registry puts approved cases together; their state changes when the package was sent.

    Raises Invalid without or with too many cases, NotAllowed for one that is not approved.
    """
    wanted = sorted(set(case_ids))
    if not 1 <= len(wanted) <= rules.package_most:
        raise Invalid({"cases": "package_size"})
    begin_write(session)
    cases = session.scalars(
        select(AlumniCase).where(AlumniCase.id.in_(wanted)).order_by(AlumniCase.id).with_for_update(of=AlumniCase)
    ).all()
    if len(cases) != len(wanted):
        raise NotFound(cases=wanted)
    for case in cases:
        if case.state != CaseState.APPROVED:
            raise NotAllowed(case=case.id, state=case.state)
    package = AlumniPackage(made_at=now, made_by=actor.known_id)
    session.add(package)
    session.flush()
    for serial, case in enumerate(cases, start=1):
        session.add(AlumniPackageItem(package_id=package.id, serial=serial, case_id=case.id))
        facts = {"package": package.id, "serial": serial}
        fact = Fact("alumni_case.packaged", case.id, owner_id=case.student_id, facts=facts)
        record_fact(session, fact, actor=actor, now=now)
    session.commit()
    return package


def send_package(
    session: Session, *, package_id: int, sent_on: date, rules: AlumniRules, actor: Actor, now: datetime
) -> AlumniPackage:
    """The registry handed the package in at 学信网; every case in it that is still approved counts as sent."""
    begin_write(session)
    package = session.get(AlumniPackage, package_id, with_for_update={"of": AlumniPackage})
    if package is None:
        raise NotFound(package=package_id)
    if package.sent_on is not None:
        raise NotAllowed(package="sent")
    if not day_of(package.made_at) <= sent_on <= day_of(now):
        raise Invalid({"sent_on": "sent_day"})
    ids = [item.case_id for item in package.items]
    cases = session.scalars(select(AlumniCase).where(AlumniCase.id.in_(ids)).with_for_update(of=AlumniCase)).all()
    approved = sorted((case for case in cases if case.state == CaseState.APPROVED), key=lambda case: case.id)
    send_cases(session, cases=approved, sent_on=sent_on, rules=rules, actor=actor, now=now)
    package.sent_on = sent_on
    session.commit()
    return package


def note_package_taken(session: Session, *, package: AlumniPackage, actor: Actor, now: datetime) -> None:
    """Somebody takes the package with its scans: in the history of every graduate in it."""
    items = [(item.case_id, item.case.student_id) for item in package.items]
    package_id = package.id
    begin_write(session)
    for case_id, student_id in items:
        facts = {"package": package_id}
        fact = Fact("alumni_case.package_taken", case_id, owner_id=student_id, facts=facts)
        record_fact(session, fact, actor=actor, now=now)
    session.commit()


def write_package(
    stream: IO[bytes],
    *,
    session: Session,
    package: AlumniPackage,
    files: FileStore,
    sheet_of: Callable[[AlumniCase], bytes],
    rules: AlumniRules,
) -> None:
    """The ZIP: for each case its papers and our sheet, and the manifest with the hash of every file.

    sheet_of: case -> PDF of the sheet. Raises ScansGone when papers were deleted.
    """
    manifest = []
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for item in package.items:
            entries = []
            for paper, ending, content in _contents(session, item.case, files, sheet_of):
                student = item.case.student
                path = package_path(
                    rules.package_name,
                    serial=item.serial,
                    paper=paper,
                    ending=ending,
                    certificate_number=student.certificate_number or "",
                    student_number=student.student_number,
                    name=student.name,
                )
                _add(archive, path, content)
                entries.append({"file": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()})
            manifest.append({"serial": item.serial, **_person(item.case), "files": entries})
        text = {"form": "本平台格式", "package": package.id, "made": package.made_at.isoformat(), "cases": manifest}
        _add(archive, MANIFEST, json.dumps(text, ensure_ascii=False, indent=1).encode())


def _contents(
    session: Session, case: AlumniCase, files: FileStore, sheet_of: Callable[[AlumniCase], bytes]
) -> Iterator[tuple[str, str, bytes]]:
    """Name, ending and content of every file of one case, in a fixed order."""
    papers = {paper.kind: paper for paper in case.papers}
    if Route(case.route) is Route.SCANS and not papers:
        raise ScansGone(case=case.id)
    yield "form", ".pdf", sheet_of(case)
    for kind in ("diploma", "id_front", "id_back", "sheet"):
        if kind in papers:
            yield kind, ENDINGS[papers[kind].media_type], files.get(papers[kind].file_name)
    if "photo" in papers:
        photo = papers["photo"]
        ready = photo.registration_file is not None
        yield (
            "photo",
            ".jpg" if ready else ENDINGS[photo.media_type],
            files.get(photo.registration_file or photo.file_name),
        )
    elif Route(case.route) is Route.CAPTURE and (taken := photo_of(session, case.student_id)) is not None:
        version = versions_of(session, taken.id)[0]
        yield "photo", ".jpg", files.get(version.registration_file or version.original_file)


def _person(case: AlumniCase) -> dict[str, str]:
    """Who the files are for; the ID number stands on the sheet, not in a second place."""
    student = case.student
    return {
        "certificate_number": student.certificate_number or "",
        "student_number": student.student_number,
        "name": student.name,
    }


def _add(archive: zipfile.ZipFile, path: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(path, date_time=FIXED_TIME)
    entry.external_attr = 0o600 << 16
    archive.writestr(entry, content)
