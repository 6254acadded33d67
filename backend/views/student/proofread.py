"""The photo at 学信网 beside the own one: right or wrong; then the click at 学信网, which only the student can do."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.accounts.rules import Permission
from backend.days import day_of
from backend.enrollment.queries import registered_values
from backend.enrollment.records import Student
from backend.photos.queries import photo_of, standing_decision, versions_of
from backend.photos.records import PhotoVersion
from backend.photos.rules import Action
from backend.proofreading.operations import conclude, confirm_click
from backend.proofreading.queries import chsi_records_of, conclusions_of, is_settled, open_run, own_linked_photo
from backend.proofreading.rules import ProofStep
from backend.proofreading.stages import RANK, Stage, Witness
from backend.views import access
from backend.views.addresses import row_number
from backend.views.student.enrollment import shown
from backend.views.student.steps import standing_of
from backend.views.words import as_datetime, t

blueprint = Blueprint("student_proofread", __name__)

CHOICES = ("right", "wrong")


@blueprint.get("/task/proofread")
@access.needs(Permission.OWN_DATA)
def show() -> str:
    return _page()


@blueprint.get("/task/proofread/confirm")
@access.needs(Permission.OWN_DATA)
def confirm() -> str | AnyResponse | tuple[str, int]:
    """What is about to be confirmed, once more. The answers are in the address: nothing is kept yet."""
    photo, data = request.args.get("photo", ""), request.args.get("info", "")
    if photo not in CHOICES or data not in CHOICES:
        errors = {
            name: t("proofread.needed") for name, said in (("photo", photo), ("info", data)) if said not in CHOICES
        }
        return _page(errors=errors), 422
    standing = standing_of(access.student())
    if standing.photo is None:
        return redirect(url_for(".show"))
    return render_template(
        "student/proofread_confirm.html",
        linked=standing.photo,
        student=access.student(),
        photo_answer=photo,
        data_answer=data,
        values={"photo": photo, "info": data},
    )


@blueprint.post("/task/proofread/conclude")
@access.needs(Permission.OWN_DATA)
def answer() -> AnyResponse | tuple[str, int]:
    photo, data = request.form.get("photo", ""), request.form.get("info", "")
    if photo not in CHOICES or data not in CHOICES:
        return _page(errors={"photo": t("proofread.needed")}), 422
    conclusion = conclude(
        access.session(),
        student_id=access.student().id,
        photo_right=photo == "right",
        data_right=data == "right",
        seen_linked_id=row_number(request.form.get("seen_linked")),
        seen_version=row_number(request.form.get("seen_version")) or 0,
        table=access.parts().proofreading,
        actor=access.actor(),
        now=access.now(),
    )
    flash(t("proofread.done.right" if conclusion.all_right else "proofread.done.other"), "good")
    return redirect(url_for(".show"), 303)


@blueprint.post("/task/proofread/clicked")
@access.needs(Permission.OWN_DATA)
def click() -> AnyResponse:
    """The student says whether the button at 学信网 was pressed."""
    clicked = request.form.get("clicked") == "yes"
    confirm_click(
        access.session(), student_id=access.student().id, clicked=clicked, actor=access.actor(), now=access.now()
    )
    flash(t("proofread.done.clicked" if clicked else "proofread.done.not_clicked"), "good")
    return redirect(url_for(".show"), 303)


@blueprint.get("/task/proofread/picture/<int:linked_id>")
@access.needs(Permission.OWN_DATA)
def picture(linked_id: int) -> Response:
    found = own_linked_photo(access.session(), student_id=access.student().id, linked_id=linked_id)
    content = access.parts().files.get(found.file_name)
    return Response(content, mimetype=found.media_type, headers={"Cache-Control": "no-store"})


def _page(errors: dict[str, str] | None = None) -> str:
    session, student, now = access.session(), access.student(), access.now()
    table, standing = access.parts().proofreading, standing_of(access.student())
    conclusion = standing.conclusion
    open_window = conclusion is not None and now < conclusion.window_until
    left = t("proofread.before", time=as_datetime(conclusion.window_until)) if conclusion and open_window else ""
    denied = next((w for w in standing.evidence if w.stage is Stage.PROOFREAD and not w.holds), None)
    own = standing.clicked
    against = denied if denied and own and own.holds and RANK[denied.witness] > RANK[Witness.STUDENT] else None
    asking = conclusion is None and standing.photo is not None and standing.step is ProofStep.TO_CONCLUDE
    return render_template(
        "student/proofread.html",
        student=student,
        standing=standing,
        step=standing.step,
        linked=standing.photo,
        own=accepted_version(student),
        rows=data_rows(student),
        conclusion=conclusion,
        asking=asking or (open_window and ("change" in request.args or errors is not None)),
        changing=conclusion is not None,
        sent=request.args,
        errors=errors or {},
        open_window=open_window,
        left=left,
        earlier=[
            found for found in conclusions_of(session, student.id) if conclusion is None or found.id != conclusion.id
        ],
        against=against,
        absent=next((line for line in chsi_records_of(session, student.id) if line.has_photo is not None), None),
        open_run=open_run(session, student.id),
        due=standing.run is not None and is_settled(standing.run, today=day_of(now)),
        row=table.row(standing.run.outcome) if standing.run is not None and standing.run.outcome else None,
        waits={wait.route: wait for wait in table.waits},
        exempt=access.parts().settings.notices.college in table.exempt,
    )


def accepted_version(student: Student) -> PhotoVersion | None:
    """The newest version of the student's photo that the centre has accepted."""
    photo = photo_of(access.session(), student.id)
    versions = versions_of(access.session(), photo.id) if photo else []
    for version in versions:
        decision = standing_decision(access.session(), version.id)
        if decision is not None and decision.action == Action.ACCEPT:
            return version
    return None


def data_rows(student: Student) -> list[tuple[str, str]]:
    """The registered data as the student verifies them: field, value in the reader's words."""
    return [(field, shown(field, value)) for field, value in registered_values(student).items()]


def last_day(student: Student) -> date | None:
    return student.cohort.proofread_by if student.cohort else None
