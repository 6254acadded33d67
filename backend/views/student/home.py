"""The student's first page: where I stand, what now, by when, who waits for whom."""

from __future__ import annotations

from flask import Blueprint, render_template

from backend.accounts.rules import Permission
from backend.notifications.queries import inbox, unread_count
from backend.photos.queries import photo_of
from backend.progress.queries import facts_of
from backend.progress.rules import WAITS_FOR, Step, deadline, next_step, stages
from backend.views import access
from backend.views.student.steps import ENDPOINTS, usual_time
from backend.views.words import ZONE

blueprint = Blueprint("student_home", __name__)


@blueprint.get("/home")
@access.needs(Permission.OWN_DATA)
def show() -> str:
    session, student = access.session(), access.student()
    facts = facts_of(session, student)
    step = next_step(facts)
    cohort = student.cohort
    until = deadline(step, verify_by=cohort.verify_by, capture_by=cohort.capture_by) if cohort else None
    today = access.now().astimezone(ZONE).date()
    newest = inbox(session, student.id, limit=1)
    return render_template(
        "student/home.html",
        student=student,
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
        unread=unread_count(session, student.id),
    )
