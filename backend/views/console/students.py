"""The roster of the scope, and everything about one student on one page."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts.activation import reopen_activation
from backend.accounts.queries import account_of, names_of
from backend.accounts.rules import Permission
from backend.alumni.queries import case_of
from backend.chasing.queries import last_reached
from backend.enrollment.queries import corrections_of, list_cohorts, student_in_scope
from backend.enrollment.records import Student
from backend.enrollment.rules import masked_id_number
from backend.errata.queries import cases_of
from backend.errata.rules import DESK
from backend.history.queries import entries_about
from backend.history.rules import ActorKind
from backend.photos.queries import objection_to, photo_of, standing_decision, versions_of
from backend.photos.roster import PhotoFilter, asked_for, roster, roster_counts
from backend.progress.rules import StageState, Step, next_step, stages
from backend.proofreading.stages import Stage
from backend.views import access
from backend.views.addresses import row_number
from backend.views.console.lists import (
    SILENT_DAYS,
    Page,
    centre_choices,
    centre_wish,
    one_of,
    page_number,
    silent_before,
)
from backend.views.student.steps import known_of, known_of_many, standing_of
from backend.views.words import t

blueprint = Blueprint("console_students", __name__)

ROWS = 60
# columns beside the name, in their order; what is shown when the address names none
COLUMNS = ("number", "photo", "since", "stage", "next", "contact", "cohort", "programme", "centre")
USUAL = ("number", "photo", "stage", "next", "contact", "centre")
HISTORY = 200  # newest entries that the page of a student shows


@blueprint.get("/console/students", endpoint="list")
@access.needs(Permission.STUDENT_VIEW)
def list_page() -> str:
    session, number = access.session(), page_number()
    text, centre, photo = request.args.get("q", "").strip()[:60], centre_wish(), one_of(PhotoFilter, "photo")
    cohort, shown = row_number(request.args.get("cohort")), _columns()
    asked = asked_for(session, scope=access.scope(), text=text, centre_id=centre, cohort_id=cohort)
    silent = silent_before()
    rows, total = roster(
        session, asked=asked, photo=photo, silent_before=silent, offset=(number - 1) * ROWS, limit=ROWS
    )
    students = [student for student, _ in rows]
    keep = {"q": text, "centre": centre, "cohort": cohort, "show": shown if "show" in request.args else None}
    return render_template(
        "console/students/list.html",
        rows=rows,
        page=Page(number, ROWS, total),
        text=text,
        chosen=photo,
        keep={name: value for name, value in keep.items() if value},
        counts=roster_counts(session, asked=asked, silent_before=silent),
        silent_days=SILENT_DAYS,
        centres=centre_choices(),
        centre=centre,
        cohorts=list_cohorts(session),
        cohort=cohort,
        columns=COLUMNS,
        shown=shown,
        steps=_steps(students) if {"stage", "next"} & set(shown) else {},
        contacts=last_reached(session, [student.id for student in students]) if "contact" in shown else {},
        now=access.now(),
    )


def _columns() -> list[str]:
    """The columns that the address asks for, in the order of the page; the name stands there always."""
    wished = set(request.args.getlist("show")) & set(COLUMNS) or set(USUAL)
    return [name for name in COLUMNS if name in wished]


def _steps(students: Sequence[Student]) -> dict[int, tuple[Stage | None, Step]]:
    """Student id -> the stage that comes next (None: all are passed) and what is done for it."""
    found = {}
    for student_id, facts in known_of_many(students).items():
        current = next((row.stage for row in stages(facts) if row.state is StageState.CURRENT), None)
        found[student_id] = (current, next_step(facts))
    return found


@blueprint.get("/console/students/<int:student_id>")
@access.needs(Permission.STUDENT_VIEW)
def show(student_id: int) -> str:
    session = access.session()
    student = _student(student_id)
    photo = photo_of(session, student.id)
    versions = versions_of(session, photo.id) if photo else []
    decisions = {version.id: standing_decision(session, version.id) for version in versions}
    # whoever may not see identity reviews does not learn of one from the history either
    entries = [
        entry
        for entry in entries_about(session, student.id, limit=HISTORY)
        if entry.subject_kind != "identity_review" or access.may(Permission.IDENTITY_REVIEW)
    ]
    people = {entry.actor_id for entry in entries if entry.actor_kind == ActorKind.STAFF and entry.actor_id}
    facts = known_of(student)
    return render_template(
        "console/students/show.html",
        student=student,
        masked=masked_id_number(student.id_number),
        account=account_of(session, student.id),
        stages=stages(facts),
        step=next_step(facts),
        proofreading=standing_of(student),
        photo=photo,
        versions=versions,
        decisions=decisions,
        objections={version.id: objection_to(session, version.id) for version in versions},
        pictures="pictures" in request.args,
        corrections=corrections_of(session, student.id),
        errata=[case for case in cases_of(session, student.id) if case.state in DESK],
        alumni=case_of(session, student.id) if access.may(Permission.ALUMNI_CASES) else None,
        entries=entries,
        names=names_of(session, people | {found.reviewer_id for found in decisions.values() if found}),
        now=access.now(),
    )


@blueprint.get("/console/students/<int:student_id>/reopen")
@access.needs(Permission.STUDENT_VIEW)
def ask_reopen(student_id: int) -> str:
    """The page that asks before an account goes."""
    student = _student(student_id)
    return render_template(
        "console/students/reopen.html", student=student, account=account_of(access.session(), student.id)
    )


@blueprint.post("/console/students/<int:student_id>/reopen")
@access.needs(Permission.STUDENT_VIEW)
def reopen(student_id: int) -> Response:
    """The student forgot the password: the account goes, and they activate again with name and ID number."""
    student = _student(student_id)
    reopen_activation(access.session(), student_id=student.id, actor=access.actor(), now=access.now())
    flash(t("students.reopen.done"), "good")
    return redirect(url_for("console_students.show", student_id=student_id), 303)


def _student(student_id: int) -> Student:
    return student_in_scope(access.session(), scope=access.scope(), student_id=student_id)
