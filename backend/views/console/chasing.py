"""Chasing: what a reminder to a selection would do, sending it, and the calls and reminders of one student."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts.queries import names_of
from backend.accounts.rules import Permission
from backend.chasing.operations import note_call, remind
from backend.chasing.queries import contacts_of, reminding
from backend.chasing.rules import MAX_NOTE, Outcome
from backend.enrollment.queries import student_in_scope
from backend.errors import Invalid
from backend.views import access
from backend.views.addresses import row_number
from backend.views.words import t

blueprint = Blueprint("console_chasing", __name__)

MOST_AT_ONCE = 500  # reminders with one press


@blueprint.get("/console/missing/remind")
@access.needs(Permission.STUDENT_VIEW)
def ask() -> str:
    """The summary before sending: how many get which reminder, and who none, and why."""
    chosen = _chosen(request.args.getlist("student"))
    plan = reminding(
        access.session(), scope=access.scope(), student_ids=chosen, rules=access.parts().reminders, now=access.now()
    )
    days = access.parts().reminders.pause.days
    return render_template("console/missing/remind.html", plan=plan, chosen=len(chosen), days=days)


@blueprint.post("/console/missing/remind")
@access.needs(Permission.STUDENT_VIEW)
def send() -> Response:
    sent = remind(
        access.session(),
        scope=access.scope(),
        student_ids=_chosen(request.form.getlist("student")),
        rules=access.parts().reminders,
        actor=access.actor(),
        now=access.now(),
    )
    flash(t("chasing.sent", count=sent) if sent else t("chasing.sent_none"), "good" if sent else "info")
    return redirect(url_for("console_missing.list"), 303)


@blueprint.get("/console/students/<int:student_id>/contacts")
@access.needs(Permission.STUDENT_VIEW)
def show(student_id: int) -> str:
    return _contacts(student_id, {})


@blueprint.post("/console/students/<int:student_id>/contacts")
@access.needs(Permission.STUDENT_VIEW)
def note(student_id: int) -> Response | tuple[str, int]:
    try:
        note_call(
            access.session(),
            scope=access.scope(),
            student_id=student_id,
            outcome=request.form.get("outcome", ""),
            note=request.form.get("note", ""),
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid as error:
        access.session().rollback()
        errors = {field: t(f"chasing.error.{why}", most=MAX_NOTE) for field, why in error.problems.items()}
        return _contacts(student_id, errors), 422
    flash(t("chasing.noted"), "good")
    return redirect(url_for(".show", student_id=student_id), 303)


def _contacts(student_id: int, errors: dict[str, str]) -> str:
    session, scope = access.session(), access.scope()
    student = student_in_scope(session, scope=scope, student_id=student_id)
    contacts = contacts_of(session, scope=scope, student_id=student_id)
    return render_template(
        "console/students/contacts.html",
        student=student,
        contacts=contacts,
        names=names_of(session, {contact.by_id for contact in contacts}),
        outcomes=tuple(Outcome),
        errors=errors,
        sent=request.form,
        most=MAX_NOTE,
    )


def _chosen(sent: list[str]) -> set[int]:
    return set(sorted({number for text in sent if (number := row_number(text))})[:MOST_AT_ONCE])
