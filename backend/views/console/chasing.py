"""Chasing: what a reminder to a selection would do, sending it, and the calls and reminders of one student."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts.queries import names_of
from backend.accounts.rules import Permission
from backend.chasing.operations import note_call, remind
from backend.chasing.queries import Reminding, contacts_of, reminding, told_of
from backend.chasing.rules import MAX_NOTE, Outcome
from backend.enrollment.queries import list_cohorts, student_in_scope
from backend.errors import Invalid
from backend.views import access
from backend.views.addresses import row_number
from backend.views.console.lists import centre_choices
from backend.views.console.missing import asked, filter_asked
from backend.views.words import t

blueprint = Blueprint("console_chasing", __name__)


@blueprint.get("/console/missing/remind")
@access.needs(Permission.STUDENT_REMIND)
def ask() -> str:
    """The summary before sending: how many get which reminder, and who none, and why."""
    rules, chosen = access.parts().reminders, _selection()
    fits = len(chosen) <= rules.most
    plan = _plan(chosen) if fits else None
    return render_template(
        "console/missing/remind.html",
        plan=plan,
        chosen=len(chosen),
        days=rules.pause.days,
        most=rules.most,
        everybody=_everybody(),
        keep=filter_asked(),
        narrowed=_filter_words(),
    )


@blueprint.post("/console/missing/remind")
@access.needs(Permission.STUDENT_REMIND)
def send() -> Response:
    """Of a whole filter only as many as were seen: when it has grown meanwhile, the summary is shown again."""
    chosen, keep = _selection(), filter_asked()
    if _everybody() and len(chosen) <= access.parts().reminders.most:
        now_there = _plan(chosen).count
        if now_there > (row_number(request.form.get("seen")) or 0):
            flash(t("chasing.more_now", count=now_there), "info")
            return redirect(url_for(".ask", all=1, **keep), 303)
    sent = remind(
        access.session(),
        scope=access.scope(),
        student_ids=chosen,
        rules=access.parts().reminders,
        actor=access.actor(),
        now=access.now(),
    )
    flash(t("chasing.sent", count=sent) if sent else t("chasing.sent_none"), "good" if sent else "info")
    return redirect(url_for("console_missing.list", **keep), 303)


def _everybody() -> bool:
    return request.args.get("all") == "1"


def _selection() -> set[int]:
    """Who is ticked, or everybody of the filter in the address, beyond the page that is shown."""
    if _everybody():
        return {row.student_id for row in asked().rows if row.cause is not None}
    return {number for text in request.values.getlist("student") if (number := row_number(text)) is not None}


def _plan(chosen: set[int]) -> Reminding:
    return reminding(
        access.session(), scope=access.scope(), student_ids=chosen, rules=access.parts().reminders, now=access.now()
    )


def _filter_words() -> str:
    """The filter as people read it."""
    keep = filter_asked()
    words = [t(f"missing.{name}.{keep[name]}") for name in ("cause", "change") if name in keep]
    words += [centre.name for centre in centre_choices() if centre.id == keep.get("centre")]
    words += [cohort.name for cohort in list_cohorts(access.session()) if cohort.id == keep.get("cohort")]
    words += [f"「{keep['q']}」"] if "q" in keep else []
    return " · ".join(words) or t("missing.cause.all")


@blueprint.get("/console/students/<int:student_id>/contacts")
@access.needs(Permission.STUDENT_VIEW)
def show(student_id: int) -> str:
    return _contacts(student_id, {})


@blueprint.post("/console/students/<int:student_id>/contacts")
@access.needs(Permission.STUDENT_REMIND)
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
        told=told_of(session, [contact.id for contact in contacts]),
        names=names_of(session, {contact.by_id for contact in contacts}),
        outcomes=tuple(Outcome),
        errors=errors,
        sent=request.form,
        most=MAX_NOTE,
    )
