"""The student's first page: where I stand, what now, by when, who waits for whom."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template

from backend.accounts.rules import Permission
from backend.days import day_of
from backend.enrollment.records import Student
from backend.errata.queries import cases_naming, open_cases_of
from backend.identity.queries import open_review_of
from backend.identity.rules import State as ReviewState
from backend.notifications.queries import inbox, unread_count
from backend.photos.queries import photo_of
from backend.progress.rules import WAITS_FOR, Step, deadline, next_step, stages
from backend.proofreading.queries import standing_run
from backend.views import access
from backend.views.student.steps import ENDPOINTS, known_of, usual_time

blueprint = Blueprint("student_home", __name__)


@blueprint.get("/home")
@access.needs(Permission.OWN_DATA)
def show() -> str:
    session, student = access.session(), access.student()
    facts = known_of(student)
    step = next_step(facts)
    until = deadline_of(step, student)
    today = day_of(access.now())
    review = open_review_of(session, student.id)
    newest = inbox(session, student.id, limit=1)
    return render_template(
        "student/home.html",
        student=student,
        graduate=student.certificate_number is not None or student.graduated_on is not None,
        facts=facts,
        stages=stages(facts),
        step=step,
        endpoint=ENDPOINTS[step],
        waits_for=WAITS_FOR[step],
        until=until,
        days_left=(until - today).days if until else None,
        usual=usual_time() if step is Step.WAIT_REVIEW else None,
        photo=photo_of(session, student.id),
        message=newest[0] if newest else None,
        errata=open_cases_of(session, student.id),
        asked=[case for case in cases_naming(session, student.id) if case.other_agrees is None],
        papers=review is not None and review.state == ReviewState.OPEN,
        unread=unread_count(session, student.id),
    )


def deadline_of(step: Step, student: Student) -> date | None:
    """The day to look again, or the cohort's last day for this step."""
    if step is Step.LOOK_AGAIN:
        run = standing_run(access.session(), student.id)
        return run.look_again_on if run else None
    cohort = student.cohort
    if cohort is None:
        return None
    days = {"verify_by": cohort.verify_by, "capture_by": cohort.capture_by, "proofread_by": cohort.proofread_by}
    return deadline(step, **days)
