"""How long the statistics of a large college take, in a database of its own."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, thread_time
from typing import Any

import click
from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.adapters.migrations import migrate
from backend.centres.records import Centre
from backend.centres.rules import ALL_CENTRES, Scope
from backend.days import day_of
from backend.demo.people import NAMES, PROGRAMMES
from backend.enrollment.records import Cohort, Correction, EnrollmentConfirmation, Student
from backend.errata.records import ErratumCase
from backend.exchange.records import Import, MatchResult
from backend.notices.records import Notice, NoticeLink, ScanCount
from backend.parts import Parts, make_parts
from backend.photos.records import CheckCount, Decision, Photo, PhotoVersion
from backend.photos.rules import State
from backend.progress.missing import match_list
from backend.proofreading.records import ChsiRecord, StageEvidence
from backend.records import Record
from backend.settings import load_settings
from backend.statistics.over_time import days_to_decide, reasons, scans
from backend.statistics.queries import causes, standings, standings_and_waits, waits
from backend.statistics.rules import By, funnel, period, spans
from backend.statistics.standing import Narrowed

AT_A_TIME = 5_000
CENTRES = 30
COHORTS = 4
CODES = ("BG_SHADOW", "EYES_CLOSED", "BLUR", "HEAD_TOP", "GLASSES_REFLECT", "UNDEREXPOSED", "BG_COLOR", "MOUTH_OPEN")
DAYS = 84
ENOUGH = 10  # seconds for the rounds of one number


@click.command("bench-statistics")
@click.option("--students", default=100_000, show_default=True)
@click.option("--rounds", default=5, show_default=True, help="fewer where one takes long")
@click.option("--database", help="address of an empty database; without it, SQLite in a folder of its own")
def bench_statistics(students: int, rounds: int, database: str | None) -> None:
    """Time the counting for a college of so many STUDENTS, each at some stage of the way.

    Of each time: by the clock, and in brackets what this process worked (with SQLite, all of it).
    """
    with TemporaryDirectory() as folder:
        given = {"XUEZHAO_MODE": "testing", "DATA_DIR": folder}
        settings = load_settings(given | ({"DATABASE_URL": database} if database else {}))
        parts = make_parts(settings, clock=lambda: datetime.now(UTC))
        migrate(parts.engine)
        started = perf_counter()
        with parts.sessions() as session:
            _fill(session, students, parts.clock())
        click.echo(f"\rmade {students} students in {perf_counter() - started:.0f} s")
        click.echo(f"{'milliseconds, the middle of ' + str(rounds):44s}{'college':>14s}{'centre':>14s}{'cohort':>14s}")
        _run(parts, rounds)
        parts.engine.dispose()


def _run(parts: Parts, rounds: int) -> None:
    now = parts.clock()
    whole = period(None, None, today=day_of(now))
    weeks, limits = spans(whole, By.WEEK), parts.limits

    works: dict[str, Callable[..., object]] = {
        "how far everybody is": lambda session, **who: funnel(
            (standing, count) for _, _, standing, count in standings(session, **who)
        ),
        "missing by cause": lambda session, **who: causes(session, **who, identity=True),
        "waiting at each desk": lambda session, **who: waits(session, **who, limits=limits, now=now),
        "reasons of twelve weeks": lambda session, **who: reasons(session, **who, parts=weeks),
        "days to a decision": lambda session, **who: days_to_decide(session, **who, whole=whole),
        "which centre is behind": lambda session, **who: (
            standings_and_waits(session, **who, limits=limits, now=now),
            causes(session, **who, identity=True),
            days_to_decide(session, **who, whole=whole),
        ),
        "missing list: a page": lambda session, scope, narrowed: match_list(
            session, scope=scope, cohort_id=narrowed.cohort_id, offset=0, limit=60, identity=True
        ),
        "missing list: whole, for a spreadsheet": lambda session, scope, narrowed: match_list(
            session, scope=scope, cohort_id=narrowed.cohort_id, identity=True
        ),
        "scans of posters": lambda session, scope, narrowed: scans(
            session, scope=scope, centre_id=narrowed.centre_id, whole=whole
        ),
    }
    people = {
        "college": (ALL_CENTRES, Narrowed()),
        "centre": (Scope(1), Narrowed()),
        "cohort": (ALL_CENTRES, Narrowed(cohort_id=1)),
    }
    for name, work in works.items():
        click.echo(f"{name:44s}", nl=False)
        for scope, narrowed in people.values():
            clock, alone = _time(parts, rounds, partial(work, scope=scope, narrowed=narrowed))
            click.echo(f"{clock:7.0f} ({alone:4.0f})", nl=False)
        click.echo()


def _time(parts: Parts, rounds: int, work: Callable[[Session], object]) -> list[float]:
    """Milliseconds by the clock and of this process, the middle of so many rounds or of as many as ENOUGH allows."""
    times: list[tuple[float, float]] = []
    first = perf_counter()
    while len(times) < rounds and (not times or perf_counter() - first < ENOUGH):
        with parts.sessions() as session:
            started, worked = perf_counter(), thread_time()
            work(session)
            times.append(((perf_counter() - started) * 1000, (thread_time() - worked) * 1000))
    return [median(column) for column in zip(*times, strict=True)]


def _fill(session: Session, students: int, now: datetime) -> None:
    chance = random.Random(7)  # noqa: S311 - the same college every time
    today = day_of(now)
    session.add_all(Centre(code=f"C{n:02d}", name=f"第{n}学习中心", province="福建") for n in range(1, CENTRES + 1))
    session.add_all(
        Cohort(code=f"20{27 + n}C", name=f"20{27 + n}", verify_by=today, capture_by=today, proofread_by=today)
        for n in range(COHORTS)
    )
    session.flush()
    reviewer = Account(
        kind="staff", login="bench", display_name="bench", password_hash="", role=Role.REGISTRY.value, created_at=now
    )
    session.add(reviewer)
    session.flush()
    run = Import(
        kind="match", state="done", file_name="0" * 64, label="x", bytes=1, format="xlsx", as_of=today,
        uploaded_by=reviewer.id, uploaded_at=now,
    )  # fmt: skip
    session.add(run)
    session.flush()
    rows: dict[type[Record], list[dict[str, Any]]] = {}
    for number in range(1, students + 1):
        for table, row in _one(number, chance, now, reviewer.id, run.id):
            rows.setdefault(table, []).append(row)
        if number % AT_A_TIME == 0 or number == students:
            for table, some in rows.items():
                session.execute(insert(table), some)
            rows = {}
            click.echo(f"\r{number} of {students} students", nl=False, err=True)
    _days(session, chance, now, reviewer.id)
    session.commit()


def _one(
    n: int, chance: random.Random, now: datetime, staff: int, run: int
) -> Iterator[tuple[type[Record], dict[str, Any]]]:
    """One student and what there is of the way so far. far: 0 nothing .. 8 registrable."""
    far, then = chance.randrange(9), now - timedelta(minutes=chance.randrange(DAYS * 24 * 60))
    yield Student, {
        "id": n, "centre_id": 1 + n % CENTRES, "cohort_id": 1 + n % COHORTS, "student_number": f"B{n:08d}",
        "name": NAMES[n % len(NAMES)], "gender": "female", "id_document": "resident", "id_number": "bench",
        "id_number_index": n.to_bytes(16, "big"), "phone": None, "level": "专升本",
        "programme": PROGRAMMES[n % len(PROGRAMMES)], "study_form": "网络教育", "entry_date": date(2024, 3, 1),
        "study_years": "2.5", "status": "注册学籍", "data_version": 1,
    }  # fmt: skip
    yield MatchResult, {
        "import_id": run, "student_id": n, "as_of": day_of(now), "photo": "yes" if far > 5 else "no",
        "before": "", "superseded": False,
    }  # fmt: skip
    for day in range(2 if far > 3 else 1):
        yield ChsiRecord, {
            "student_id": n, "as_of": day_of(now) - timedelta(days=day * 7), "has_photo": far > 5,
            "proofreading": "right" if far > 6 else "pending", "review": "通过" if far > 7 else "未通过", "remark": "",
            "identity_review": "", "witness": "college", "source": "bench", "recorded_at": now,
        }  # fmt: skip
    if far == 0:
        return
    yield EnrollmentConfirmation, {"student_id": n, "data_version": 1, "confirmed_at": then}
    if n % 50 == 0:
        yield Correction, {"student_id": n, "state": "submitted", "data_version": 1, "submitted_at": then}
    if n % 40 == 0:
        yield ErratumCase, {
            "student_id": n, "form": "image_info", "title": "x", "reason": "not_me", "origin": "student",
            "state": "submitted", "state_since": then, "due_on": day_of(now), "opened_at": then,
        }  # fmt: skip
    if far < 2:
        return
    tries = 1 + n % 2
    state = (State.READY_FOR_REVIEW, State.RETURNED)[n % 2] if far == 2 else State.ACCEPTED
    yield Photo, {"id": n, "student_id": n, "state": state.value, "current": tries, "submitted_at": then}
    for number in range(1, tries + 1):
        version = 2 * n + number
        yield PhotoVersion, {
            "id": version, "photo_id": n, "number": number, "draft_id": number, "original_file": "0" * 64,
            "judged_file": "0" * 64, "source": "camera", "verdict": "pass", "edition": "x", "profile": "base",
            "report": {}, "submitted_at": then,
        }  # fmt: skip
        if state is State.READY_FOR_REVIEW and number == tries:
            continue
        accepted = state is State.ACCEPTED and number == tries
        yield Decision, {
            "version_id": version, "action": "accept" if accepted else "return", "reviewer_id": staff,
            "reasons": [] if accepted else sorted(chance.sample(CODES, 1 + n % 2)),
            "decided_at": then + timedelta(hours=chance.randrange(1, 96)),
        }  # fmt: skip
    if far > 4:
        yield StageEvidence, {
            "student_id": n, "stage": "hand_over", "witness": "unit", "holds": True, "since": then, "source": "bench",
            "recorded_at": now,
        }  # fmt: skip


def _days(session: Session, chance: random.Random, now: datetime, staff: int) -> None:
    """Counts of days: checks and scans."""
    notice = Notice(title="bench", body="", task="capture", state="published", created_by=staff, created_at=now)
    session.add(notice)
    session.flush()
    for centre in range(1, CENTRES + 1):
        link = NoticeLink(notice_id=notice.id, centre_id=centre, token=f"bench{centre}", expires_at=now)
        session.add(link)
        session.flush()
        for back in range(DAYS):
            day = day_of(now) - timedelta(days=back)
            session.add(ScanCount(link_id=link.id, day=day, scans=chance.randrange(40)))
            session.add_all(
                CheckCount(day=day, centre_id=centre, cohort_id=cohort, found=found, pictures=chance.randrange(1, 30))
                for cohort in range(1, COHORTS + 1)
                for found in ("pass", "review", "retake", *CODES)
            )


COMMANDS = (bench_statistics,)
