"""The first page of the console: what lies on the desk, and for how long."""

from __future__ import annotations

from flask import Blueprint, render_template

from backend.accounts.rules import Permission
from backend.bulk.queries import open_uploads
from backend.centres.queries import list_centres
from backend.enrollment.queries import open_corrections
from backend.errata.queries import errata_waiting
from backend.errata.rules import staff_party
from backend.jobs.queries import job_counts
from backend.photos.queue import DeskCounts, Heap, all_counts, decided_since, desk_counts
from backend.progress.missing import missing_count
from backend.views import access
from backend.views.console.lists import SILENT_DAYS, silent_before, today

blueprint = Blueprint("console_today", __name__)


@blueprint.get("/console")
@access.needs(Permission.OWN_ACCOUNT)
def show() -> str:
    if access.may(Permission.PHOTO_REVIEW):
        return _desk()
    counts = job_counts(access.session())
    return render_template("console/today/administrator.html", jobs=counts)


def _desk() -> str:
    session, scope = access.session(), access.scope()
    photos = desk_counts(session, scope=scope, silent_before=silent_before())
    cases = {centre: Heap(*found) for centre, found in open_corrections(session, scope=scope).items()}
    party = staff_party(access.account().role)
    centres = list_centres(session, scope=scope) if scope.centre_id is None else []
    return render_template(
        "console/today/desk.html",
        counts=all_counts(photos.values()),
        cases=sum(cases.values(), Heap()),
        errata=sum(errata_waiting(session, scope=scope, party=party).values()) if party else 0,
        missing=missing_count(session, scope=scope),
        scans=open_uploads(session, scope=scope) if access.may(Permission.PHOTO_BULK) else 0,
        centres=[(centre, photos.get(centre.id, DeskCounts()), cases.get(centre.id, Heap())) for centre in centres],
        silent_days=SILENT_DAYS,
        done_today=decided_since(session, reviewer_id=access.actor().known_id, since=today()),
        dead_jobs=job_counts(session)["dead"] if access.may(Permission.JOB_VIEW) else 0,
        now=access.now(),
    )
