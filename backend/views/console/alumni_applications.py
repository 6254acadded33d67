"""Applications without an account: who may it be on the roster? Staff confirm, refuse with a reason, or pass it on."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts.queries import names_of
from backend.accounts.rules import Permission
from backend.alumni import applications
from backend.alumni.queries import application_in_scope, applications_in, candidates, same_person_waiting
from backend.alumni.records import AlumniApplication
from backend.alumni.rules import MAX_TEXT, Answers, ApplicationState, NotAlumnus, route_of
from backend.centres.queries import list_centres
from backend.days import day_of
from backend.enrollment.rules import masked_id_number
from backend.errors import DomainError, Invalid, NotAllowed
from backend.views import access
from backend.views.addresses import row_number
from backend.views.console.lists import Page, page_number
from backend.views.words import t

blueprint = Blueprint("console_alumni_applications", __name__)

ROWS = 50


@blueprint.get("/console/alumni/applications", endpoint="list")
@access.needs(Permission.ALUMNI_CASES)
def list_page() -> str:
    decided, number = request.args.get("state") == "decided", page_number()
    rows, total = applications_in(
        access.session(), scope=access.scope(), waiting=not decided, offset=(number - 1) * ROWS, limit=ROWS
    )
    return render_template(
        "console/alumni/applications.html",
        rows=rows,
        decided=decided,
        page=Page(number, ROWS, total),
        all_centres=access.scope().centre_id is None,
        today=day_of(access.now()),
    )


@blueprint.get("/console/alumni/applications/<int:application_id>")
@access.needs(Permission.ALUMNI_CASES)
def show(application_id: int) -> str:
    """The applicant's own words beside the people of the roster who may be meant; opening it is in the history."""
    _application(application_id)
    applications.note_application_seen(
        access.session(), application_id=application_id, actor=access.actor(), now=access.now()
    )
    return _page(_application(application_id))


@blueprint.post("/console/alumni/applications/<int:application_id>/match")
@access.needs(Permission.ALUMNI_CASES)
def match(application_id: int) -> Response | tuple[str, int]:
    student_id = row_number(request.form.get("student"))
    if student_id is None:
        return _again(application_id, Invalid({"student": "student_needed"}))
    try:
        case = applications.match_application(
            access.session(),
            scope=access.scope(),
            application_id=application_id,
            student_id=student_id,
            rules=access.parts().alumni,
            actor=access.actor(),
            now=access.now(),
        )
    except (NotAllowed, NotAlumnus) as problem:
        return _again(application_id, problem)
    flash(t("alumni_desk.done.match"), "good")
    if case is None:
        return redirect(url_for(".show", application_id=application_id), 303)
    return redirect(url_for("console_alumni.show", case_id=case.id), 303)


@blueprint.post("/console/alumni/applications/<int:application_id>/refuse")
@access.needs(Permission.ALUMNI_CASES)
def refuse(application_id: int) -> Response | tuple[str, int]:
    try:
        applications.refuse_application(
            access.session(),
            scope=access.scope(),
            application_id=application_id,
            reason=request.form.get("reason", ""),
            rules=access.parts().alumni,
            actor=access.actor(),
            now=access.now(),
        )
    except (Invalid, NotAllowed) as problem:
        return _again(application_id, problem)
    flash(t("alumni_desk.done.refuse"), "good")
    return redirect(url_for(".list"), 303)


@blueprint.post("/console/alumni/applications/<int:application_id>/pass-on")
@access.needs(Permission.ALUMNI_CASES)
def pass_on(application_id: int) -> Response | tuple[str, int]:
    """A centre hands it to the registry; the registry to the right centre."""
    try:
        applications.pass_on(
            access.session(),
            scope=access.scope(),
            application_id=application_id,
            centre_id=row_number(request.form.get("centre")),
            actor=access.actor(),
            now=access.now(),
        )
    except (Invalid, NotAllowed) as problem:
        return _again(application_id, problem)
    flash(t("alumni_desk.done.pass_on"), "good")
    return redirect(url_for(".list"), 303)


def _application(application_id: int) -> AlumniApplication:
    return application_in_scope(access.session(), scope=access.scope(), application_id=application_id)


def _again(application_id: int, problem: DomainError) -> tuple[str, int]:
    access.session().rollback()
    return _page(_application(application_id), problem=problem), 422 if isinstance(problem, Invalid) else 409


def _page(application: AlumniApplication, *, problem: DomainError | None = None) -> str:
    session, scope = access.session(), access.scope()
    waiting = application.state == ApplicationState.WAITING
    found = candidates(session, scope=scope, application=application) if waiting else []
    everywhere = scope.centre_id is None
    return render_template(
        "console/alumni/application.html",
        application=application,
        waiting=waiting,
        route=route_of(access.parts().alumni, Answers(**application.answers)),
        candidates=found,
        masked=masked_id_number,
        same=same_person_waiting(session, application=application),
        centres=[c for c in list_centres(session, scope=scope) if c.id != application.centre_id] if everywhere else [],
        everywhere=everywhere,
        names=names_of(session, {application.decided_by} if application.decided_by else set()),
        problem=problem,
        wrong=problem.problems if isinstance(problem, Invalid) else {},
        sent=request.form,
        most=MAX_TEXT,
    )
