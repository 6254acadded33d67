"""Background jobs: how many there are, and those that failed too often and wait for a person."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from backend.accounts.rules import Permission
from backend.jobs.operations import revive_job
from backend.jobs.queries import job_counts, jobs_in
from backend.jobs.rules import JobState
from backend.views import access
from backend.views.words import t

blueprint = Blueprint("console_jobs", __name__)


@blueprint.get("/console/settings/jobs")
@access.needs(Permission.JOB_VIEW)
def list() -> str:
    session = access.session()
    return render_template("console/jobs.html", counts=job_counts(session), dead=jobs_in(session, JobState.DEAD))


@blueprint.post("/console/settings/jobs/<int:job_id>/revive")
@access.needs(Permission.JOB_VIEW)
def revive(job_id: int) -> Response:
    revive_job(access.session(), job_id=job_id, actor=access.actor(), now=access.now())
    flash(t("settings.jobs.revived"), "good")
    return redirect(url_for("console_jobs.list"), 303)
