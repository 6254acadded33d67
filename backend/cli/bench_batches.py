"""How long a large batch takes, from accepted photos to the package, and how much memory; in a database of its own."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime, timedelta

import click
from sqlalchemy import func, select

from backend.adapters.packages import PackedPhoto, package, table_bytes
from backend.batches.operations import add_photos, begin_batch, run_sealing, seal
from backend.batches.queries import HAND_OVER_CONSENT, items_of, people_of
from backend.batches.records import Batch, BatchItem
from backend.batches.rules import photo_name, row_of
from backend.capture.records import CaptureRound, CaptureUnit, CentreRoute
from backend.centres.records import Centre
from backend.centres.rules import ALL_CENTRES
from backend.cli.bench_people import enrol, own_installation
from backend.cli.measured import say_columns, timed
from backend.consent.records import Consent
from backend.days import day_of
from backend.enrollment.records import Cohort
from backend.history.rules import SYSTEM
from backend.parts import Parts
from backend.photos.records import Photo, PhotoVersion
from backend.photos.rules import State

PHOTO_BYTES = 30_000  # as a registration file has


@click.command("bench-batches")
@click.option("--photos", default=5_000, show_default=True)
def bench_batches(photos: int) -> None:
    """Time a batch of so many PHOTOS: choosing, sealing, table, package."""
    with own_installation() as parts:
        say_columns(f"{photos} photos")
        _run(parts, photos)


def _run(parts: Parts, photos: int) -> None:
    round_id, centre_id = timed("(making students and photos)", lambda: _people(parts, photos))
    now = parts.clock()
    with parts.sessions() as session:
        batch = begin_batch(session, scope=ALL_CENTRES, centre_id=centre_id, round_id=round_id, actor=SYSTEM, now=now)
        batch_id = batch.id
    timed("choose accepted photos", lambda: _choose(parts, batch_id, now))
    timed("seal: read every photo, fit every row", lambda: _seal(parts, batch_id, now), lambda: _read(parts, batch_id))
    first = timed("table and package, first download", lambda: _package(parts, batch_id))
    again = timed("table and package, again", lambda: _package(parts, batch_id))
    click.echo(f"{'package':44s}{first[1] / 2**20:9.0f} MB; the same bytes: {first == again}")


def _people(parts: Parts, photos: int) -> tuple[int, int]:
    now = parts.clock()
    with parts.sessions() as session:
        centre, cohort = Centre(code="C01", name="第一学习中心", province="福建"), Cohort(code="2027C", name="2027")
        unit = CaptureUnit(code="U", name="采集中心", province="福建", format="dbf-basic", rosters_allowed=True)
        found = CaptureRound(
            code="2027C", name="2027", opens_on=day_of(now), closes_on=day_of(now), created_at=now, cohorts=[cohort]
        )
        session.add_all([centre, unit, found])
        session.flush()
        session.add(CentreRoute(round_id=found.id, centre_id=centre.id, route="files", unit_id=unit.id))
        for number in range(photos):
            student = enrol(session, number, now=now, named=_fits, centre_id=centre.id, cohort_id=cohort.id)
            session.add(
                Consent(
                    student_id=student.id,
                    purpose=HAND_OVER_CONSENT,
                    version="bench",
                    text_sha256="0" * 64,
                    language="zh-CN",
                    given_at=now,
                )
            )
            name = parts.files.put(b"\xff\xd8\xff" + os.urandom(PHOTO_BYTES))
            photo = Photo(student_id=student.id, state=State.ACCEPTED.value, current=1, submitted_at=now)
            session.add(photo)
            session.flush()
            session.add(
                PhotoVersion(
                    photo_id=photo.id,
                    number=1,
                    draft_id=number + 1,
                    original_file=name,
                    judged_file=name,
                    registration_file=name,
                    source="camera",
                    verdict="pass",
                    edition="bench",
                    profile="base",
                    report={},
                    submitted_at=now,
                )
            )
        session.commit()
        return found.id, centre.id


def _fits(name: str) -> bool:
    """Rare characters that the unit's encoding lacks are refused by name: not what is timed here."""
    return name == name.encode("cp936", "ignore").decode("cp936")


def _choose(parts: Parts, batch_id: int, now: datetime) -> int:
    with parts.sessions() as session:
        return add_photos(
            session,
            scope=ALL_CENTRES,
            batch_id=batch_id,
            student_ids=None,
            undo_seconds=60,
            actor=SYSTEM,
            now=now + timedelta(hours=1),
        )


def _seal(parts: Parts, batch_id: int, now: datetime) -> None:
    with parts.sessions() as session:
        seen = session.get_one(Batch, batch_id).revision
        given = {"batch_id": batch_id, "seen_revision": seen}
        seal(session, scope=ALL_CENTRES, rules=parts.capture, actor=SYSTEM, now=now, **given)
    run_sealing(parts.sessions, files=parts.files, rules=parts.capture, batch_id=batch_id, now=now)


def _read(parts: Parts, batch_id: int) -> int:
    """How many photos the sealing has read so far."""
    with parts.sessions() as session:
        query = select(func.count(BatchItem.id)).where(BatchItem.batch_id == batch_id, BatchItem.bytes.is_not(None))
        return session.scalar(query) or 0


def _package(parts: Parts, batch_id: int) -> tuple[str, int]:
    """The hash and the size of the package, read piece by piece as a browser would."""
    with parts.sessions() as session:
        batch = session.get_one(Batch, batch_id)
        if batch.sealed_at is None:
            raise click.ClickException(f"not sealed: {batch.problems[:3]}")
        unit_format, made_at = parts.capture.formats[batch.format], batch.sealed_at
        people = people_of(session, batch_id)
        files = {item.serial: item.file_name for item in items_of(session, batch_id)}
    table = table_bytes(unit_format, [row_of(unit_format, person) for person in people], made_on=made_at, note="")
    packed = [
        PackedPhoto(photo_name(unit_format, person), lambda kept=files[person.serial]: parts.files.get(kept))  # type: ignore[misc]
        for person in people
    ]
    digest, size = hashlib.sha256(), 0
    for piece in package(packed, table=("table.dbf", table), readme=("README.txt", ""), made_at=made_at):
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size


COMMANDS = (bench_batches,)
