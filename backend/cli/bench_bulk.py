"""How long a centre's pile of scans takes, from the files to the review queue, and how much memory; own database."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any, TypeVar

import click
from sqlalchemy import func, select

from backend.accounts.records import Account
from backend.bulk.operations import SentFile, ask_to_take, keep_file, open_upload
from backend.bulk.queries import items_of, standings_of
from backend.bulk.records import BulkItem, BulkUpload
from backend.bulk.work import run_work
from backend.centres.records import Centre
from backend.centres.rules import Scope
from backend.cli.bench_people import enrol, number_of, own_installation
from backend.consent.operations import give_consent
from backend.demo.pictures import Studio, Wish
from backend.enrollment.operations import confirm_enrollment
from backend.history.rules import SYSTEM, Actor, ActorKind
from backend.parts import Parts
from backend.photos.operations import PHOTO_CONSENT
from backend.photos.records import Photo
from backend.photos.rules import State

Answer = TypeVar("Answer")


@click.command("bench-bulk")
@click.option("--files", default=500, show_default=True)
def bench_bulk(files: int) -> None:
    """Time a pile of so many FILES: keeping, checking by the engine, the page, handing in."""
    with own_installation() as parts:
        click.echo(f"{files} files{'':31s}{'seconds':>12s}{'each ms':>9s}{'peak MB':>9s}")
        _run(parts, files)


def _run(parts: Parts, files: int) -> None:
    staff, centre_id = _timed("(making students)", files, partial(_people, parts, files))
    picture = Studio(parts.analyser).take(Wish())
    given: dict[str, Any] = {
        "scope": Scope(centre_id),
        "terms": parts.bulk_terms,
        "actor": Actor(ActorKind.STAFF, staff),
        "now": parts.clock(),
    }
    with parts.sessions() as session:
        upload_id = open_upload(
            session, scope=Scope(centre_id), keep_days=14, actor=Actor(ActorKind.STAFF, staff), now=parts.clock()
        ).id
    click.echo(f"{'each file':44s}{len(picture) / 1024:9.0f} KB, {parts.bulk_tools.threads} check threads")
    _timed("keep: encrypted and on the disk", files, partial(_keep, parts, given, upload_id, picture, files))
    _timed("check every picture with the engine", files, partial(_work, parts, upload_id))
    _timed("work out where every file stands", files, partial(_look, parts, upload_id))
    _timed("hand all in", files, partial(_take, parts, given, upload_id))
    with parts.sessions() as session:
        waiting = session.scalar(select(func.count(Photo.id)).where(Photo.state == State.READY_FOR_REVIEW))
        taken = session.scalar(select(func.count(BulkItem.taken_at)))
    click.echo(f"{'handed in, and waiting in the review queue':44s}{taken:9d} {waiting}")


def _people(parts: Parts, files: int) -> tuple[int, int]:
    now, purpose = parts.clock(), parts.purposes[PHOTO_CONSENT]
    with parts.sessions() as session:
        centre = Centre(code="C01", name="第一学习中心", province="福建")
        session.add(centre)
        session.flush()
        staff = Account(
            kind="staff", login="w", display_name="王老师", password_hash="-", role="centre_staff",  # noqa: S106
            centre_id=centre.id, created_at=now,
        )  # fmt: skip
        session.add(staff)
        students = [enrol(session, place, now=now, centre_id=centre.id).id for place in range(files)]
        session.commit()
        found = staff.id, centre.id
        for student_id in students:
            confirm_enrollment(session, student_id=student_id, seen_version=1, actor=SYSTEM, now=now)
            give_consent(
                session,
                student_id=student_id,
                purpose=purpose,
                seen_version=purpose.version,
                language="zh-CN",
                actor=SYSTEM,
                now=now,
            )
    return found


def _keep(parts: Parts, given: dict[str, Any], upload_id: int, picture: bytes, files: int) -> None:
    with parts.sessions() as session:
        for n in range(files):
            # what stands after the end of a JPEG is no part of the picture, but makes it another file
            sent = SentFile(f"{n % 12} 班/{number_of(n)}.jpg", picture + n.to_bytes(4, "big"))
            keep_file(session, files=parts.files, upload_id=upload_id, sent=sent, **given)


def _work(parts: Parts, upload_id: int) -> None:
    """Job after job, as the worker takes them."""
    while True:
        run_work(parts.bulk_tools, upload_id=upload_id, now=parts.clock())
        with parts.sessions() as session:
            if not session.get_one(BulkUpload, upload_id).working:
                return


def _look(parts: Parts, upload_id: int) -> None:
    with parts.sessions() as session:
        standings_of(session, items_of(session, upload_id), live_only=parts.bulk_terms.live_only)


def _take(parts: Parts, given: dict[str, Any], upload_id: int) -> None:
    with parts.sessions() as session:
        ids = [item.id for item in items_of(session, upload_id)]
        session.rollback()
        ask_to_take(session, upload_id=upload_id, item_ids=ids, words="", **given)
    _work(parts, upload_id)


def _timed(what: str, files: int, work: Callable[[], Answer]) -> Answer:
    started = perf_counter()
    answer = work()
    seconds = perf_counter() - started
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    click.echo(f"{what:44s}{seconds:9.1f}{seconds / files * 1000:9.1f}{peak:9.0f}")
    return answer


COMMANDS = (bench_bulk,)
