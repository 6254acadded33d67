"""The first page of the console: what lies on the desk, and for how long; for the registry, which centre is behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, render_template, url_for

from backend.accounts.rules import Permission
from backend.bulk.queries import open_uploads
from backend.centres.queries import list_centres
from backend.centres.records import Centre
from backend.errata.rules import Party, staff_party
from backend.jobs.queries import job_counts
from backend.photos.queue import DeskCounts, all_counts, decided_since, desk_counts
from backend.photos.rules import Part
from backend.progress.missing import missing_count
from backend.statistics.beginning import Step, begun
from backend.statistics.desk import (
    Own,
    Task,
    imports_with_problems,
    lost_deliveries,
    sessions_soon,
    students_of,
    tasks,
)
from backend.statistics.rules import Behind, Waiting, altogether, most_behind, percent
from backend.views import access
from backend.views.console.lists import SILENT_DAYS, silent_before, today
from backend.views.words import as_ago, as_date, t

blueprint = Blueprint("console_today", __name__)


@dataclass(frozen=True)
class Entry:
    """One heap on the page: a count that leads to its list. age: since when, and how much of it is overdue."""

    label: str
    count: int
    href: str
    icon: str
    age: str = ""
    urgent: bool = False


@dataclass(frozen=True)
class Line:
    """One centre beside the others."""

    centre: Centre
    photos: DeskCounts
    corrections: int
    own: Waiting  # at the centre's own desk
    done: float | None  # percent of the students whose photo is accepted


@dataclass(frozen=True)
class FirstStep:
    """One thing that a new college sets up. href: empty when others do it; who: "administrator" or "registry"."""

    name: str
    done: bool
    href: str
    who: str


@blueprint.get("/console")
@access.needs(Permission.OWN_ACCOUNT)
def show() -> str:
    if access.may(Permission.PHOTO_REVIEW):
        return _desk()
    return render_template(
        "console/today/administrator.html",
        first_steps=_first_steps(),
        jobs=job_counts(access.session()),
        lost=lost_deliveries(access.session()),
        now=access.now(),
    )


def _desk() -> str:
    session, scope = access.session(), access.scope()
    photos = desk_counts(session, scope=scope, silent_before=silent_before())
    return render_template(
        "console/today/desk.html",
        heaps=list(_heaps(all_counts(photos.values()))),
        centres=_centres(photos) if scope.centre_id is None else [],
        first_steps=_first_steps() if scope.centre_id is None else [],
        silent_days=SILENT_DAYS,
        done_today=decided_since(session, reviewer_id=access.actor().known_id, since=today()),
        dead_jobs=job_counts(session)["dead"] if access.may(Permission.JOB_VIEW) else 0,
        now=access.now(),
    )


# step of a beginning -> the page for it, who may open that, and whom it is for
FIRST_STEPS = {
    Step.CENTRES: ("console_centres.new", Permission.CENTRE_EDIT, "registry"),
    Step.COHORTS: ("console_cohorts.new", Permission.CENTRE_EDIT, "registry"),
    Step.STAFF: ("console_staff.list", Permission.STAFF_EDIT, "administrator"),
    Step.ROSTER: ("console_imports.list", Permission.IMPORT, "registry"),
    Step.ROUND: ("console_rounds.new", Permission.ROUND_EDIT, "registry"),
    Step.NOTICE: ("console_notices.new", Permission.NOTICE_WRITE, "registry"),
}


def _first_steps() -> list[FirstStep]:
    """Nothing once a college has all of it."""
    found = begun(access.session())
    if all(found.values()):
        return []
    return [
        FirstStep(step.value, done, url_for(endpoint) if access.may(permission) else "", who)
        for step, done in found.items()
        for endpoint, permission, who in (FIRST_STEPS[step],)
    ]


def _heaps(photos: DeskCounts) -> Iterator[Entry]:
    """What a person of the desk does first stands first. What is seldom there is shown when it is."""
    session, scope, now = access.session(), access.scope(), access.now()
    found = {task: altogether(parts.values()) for task, parts in _tasks(_party()).items()}
    yield _heap(t("today.waiting"), found[Task.REVIEW], "console_review.queue", "eye")
    objected = Waiting(photos.objected.count, 0, photos.objected.oldest)
    yield _heap(t("today.objected"), objected, "console_review.queue", "hand", urgent=True, part=Part.RED)
    silent = Waiting(photos.silent.count, 0, photos.silent.oldest)
    label = t("today.silent", days=SILENT_DAYS)
    yield _heap(label, silent, "console_students.list", "phone", urgent=True, photo="silent")
    yield _heap(t("today.cases"), found[Task.CORRECTION], "console_cases.list", "case")
    label = t("desk.title") + t("today.mine")
    yield _heap(label, found[Task.ERRATUM], "console_errata.list", "case", party=_party().value)
    for task, endpoint, icon in (
        (Task.ALUMNI, "console_alumni.list", "diploma"),
        (Task.APPLICATION, "console_alumni_applications.list", "person"),
        (Task.IDENTITY, "console_identity.list", "shield"),
    ):
        if task in found and found[task].count:
            yield _heap(t(f"today.task.{task}"), found[task], endpoint, icon)
    late = sum(waiting.overdue for waiting in found.values())
    yield Entry(t("today.overdue"), late, url_for("console_statistics.part", name="waiting"), "warning", urgent=True)
    if access.may(Permission.SESSION_KEEP):
        count, first = sessions_soon(session, scope=scope, now=now)
        yield Entry(t("today.sessions"), count, url_for("console_sessions.list"), "calendar", _first(first))
    # work that comes and goes: a new kind of it is one line more here
    passing = [
        (t("today.imports"), imports_with_problems(session, scope=scope, now=now), "console_imports.list", "upload")
    ]
    if access.may(Permission.JOB_VIEW):
        passing.append((t("today.lost"), lost_deliveries(session), "console_deliveries.list", "message"))
    for label, waiting, endpoint, icon in passing:
        if waiting.count:
            yield _heap(label, waiting, endpoint, icon, urgent=True)
    if access.may(Permission.PHOTO_BULK) and (scans := open_uploads(session, scope=scope)):
        yield Entry(t("bulk.today"), scans, url_for("console_bulk.list"), "album")
    missing = missing_count(session, scope=scope)
    yield Entry(t("missing.title"), missing, url_for("console_missing.list"), "search")


def _heap(label: str, found: Waiting, endpoint: str, icon: str, *, urgent: bool = False, **where: Any) -> Entry:
    age = t("today.oldest", age=as_ago(found.oldest, access.now())) if found.count and found.oldest else ""
    if found.overdue:
        age = t("today.with_overdue", age=age, count=found.overdue)
    return Entry(label, found.count, url_for(endpoint, **where), icon, age, urgent or found.overdue > 0)


def _first(day: date | None) -> str:
    return t("today.first_session", date=as_date(day)) if day is not None else t("today.no_session")


def _centres(photos: dict[int, DeskCounts]) -> list[Line]:
    """Every centre, the one that is behind most first."""
    session = access.session()
    centres = {centre.id: centre for centre in list_centres(session, scope=access.scope(), closed=True)}
    found, students = _tasks(Party.CENTRE), students_of(session)
    behind = (
        Behind(
            centre_id,
            students.get(centre_id, 0),
            photos.get(centre_id, DeskCounts()).accepted.count,
            altogether(parts[centre_id] for parts in found.values() if centre_id in parts),
        )
        for centre_id in centres
    )
    rows = most_behind(row for row in behind if centres[row.centre_id].active or row.waiting.count)
    return [
        Line(
            centres[row.centre_id],
            photos.get(row.centre_id, DeskCounts()),
            found[Task.CORRECTION].get(row.centre_id, Waiting()).count,
            row.waiting,
            percent(min(row.accepted, row.students), row.students),
        )
        for row in rows
    ]


def _tasks(party: Party) -> dict[Task, dict[int, Waiting]]:
    own = Own(party, identity=access.may(Permission.IDENTITY_REVIEW) and party is _party())
    return tasks(access.session(), scope=access.scope(), own=own, limits=access.parts().limits, now=access.now())


def _party() -> Party:
    """Whose desk it is; who sees this page has one."""
    return staff_party(access.account().role) or Party.CENTRE
