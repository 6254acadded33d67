"""Is everything as it should be? The history's chain, states against it, files against hashes, orphans both ways."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend.adapters.files import FileDamaged, FileMissing, LocalFiles
from backend.alumni import papers as alumni
from backend.alumni.records import AlumniApplication, AlumniCase
from backend.batches.records import Batch
from backend.bulk import queries as bulk
from backend.bulk.records import BulkUpload
from backend.enrollment import queries as enrollment
from backend.enrollment.records import Correction
from backend.errata import queries as errata
from backend.errata.records import ErratumCase
from backend.exchange import queries as exchange
from backend.exchange.records import Import
from backend.fees import queries as fees
from backend.fees.records import Fee
from backend.history.queries import broken_links, last_states
from backend.identity import queries as identity
from backend.identity.records import IdentityCase
from backend.notices.records import Notice
from backend.onsite import queries as onsite
from backend.onsite.records import CaptureSession, SignUp
from backend.photos import queries as photos
from backend.photos.records import Photo
from backend.ports import FileStore
from backend.proofreading import queries as proofreading

# a file is written before the row that refers to it: for so long it may be on its way
ON_ITS_WAY = timedelta(hours=1)

# history's name of a subject -> the table whose `state` the history must explain
STATEFUL: dict[str, type[Any]] = {
    "photo": Photo,
    "correction": Correction,
    "notice": Notice,
    "import": Import,
    "alumni_case": AlumniCase,
    "alumni_application": AlumniApplication,
    "erratum": ErratumCase,
    "identity_review": IdentityCase,
    "fee": Fee,
    "capture_session": CaptureSession,
    "sign_up": SignUp,
    "batch": Batch,
    "bulk_upload": BulkUpload,
}


@dataclass(frozen=True)
class Finding:
    """Something that is not right (`harm`), or only worth knowing."""

    text: str
    harm: bool = True


def examine(session: Session, files: LocalFiles, *, now: datetime) -> Iterator[Finding]:
    """Everything that can be checked without changing anything."""
    for sentence in broken_links(session):
        yield Finding(sentence)
    yield from _states(session)
    yield from _files(session, files, now)
    for centre_id, round_id in fees.unbalanced(session):
        yield Finding(f"fees of centre {centre_id} in round {round_id}: what was paid is not what came in")


def _states(session: Session) -> Iterator[Finding]:
    for kind, table in STATEFUL.items():
        told = last_states(session, kind)
        kept: dict[int, str] = dict(iter(session.execute(select(table.id, table.state))))
        for subject_id in sorted(told.keys() | kept.keys()):
            if told.get(subject_id) != kept.get(subject_id):
                yield Finding(
                    f"{kind} {subject_id}: the table says {kept.get(subject_id)}, the history {told.get(subject_id)}"
                )


def _files(session: Session, files: LocalFiles, now: datetime) -> Iterator[Finding]:
    used = files_in_use(session)
    there = dict(files.names())
    for name in sorted(used):
        try:
            files.get(name)
        except FileMissing:
            yield Finding(f"file {name}: a row refers to it, but it is not there")
        except FileDamaged:
            yield Finding(f"file {name}: its content does not match its name")
    waiting = 0
    for name in sorted(there.keys() - used):
        if now - there[name] > ON_ITS_WAY:
            yield Finding(f"file {name}: nothing refers to it (the worker's sweep removes it)")
        else:
            waiting += 1
    if waiting:
        yield Finding(
            f"{waiting} file(s) of the last hour without a row: an upload under way or broken off", harm=False
        )


def files_in_use(session: Session) -> set[str]:
    """Names of all files that any table refers to."""
    domains = (photos, enrollment, errata, identity, proofreading, alumni, exchange, bulk, onsite)
    return {name for domain in domains for name in domain.files_in_use(session)}


def sweep(sessions: sessionmaker[Session], files: FileStore, *, now: datetime) -> int:
    """Delete files that nothing refers to and that are older than an hour; gives their number."""
    old = [name for name, written in files.names() if now - written > ON_ITS_WAY]
    if not old:
        return 0
    with sessions() as session:
        used = files_in_use(session)
    forsaken = [name for name in old if name not in used]
    for name in forsaken:
        files.delete(name)
    return len(forsaken)
