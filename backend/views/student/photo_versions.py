"""What was submitted: where the photo stands, every version with its answer; withdraw, object, download."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.accounts.rules import Permission
from backend.compliance.codes import Code
from backend.compliance.findings import Report
from backend.photos.operations import object_to_return, withdraw_photo
from backend.photos.queries import accepted_version, objection_to, own_version, photo_of, standing_decision, versions_of
from backend.photos.records import PhotoVersion
from backend.photos.rules import Action, State, faulted, may
from backend.views import access
from backend.views.addresses import row_number
from backend.views.student.photo import MAX_WORDS, blueprint
from backend.views.student.steps import usual_time
from backend.views.words import t


@blueprint.get("/photo/versions")
@access.needs(Permission.OWN_DATA)
def versions() -> str:
    return _page()


@blueprint.get("/photo/versions/<int:number>")
@access.needs(Permission.OWN_DATA)
def version(number: int) -> str:
    """One version with everything that was said about it."""
    found = _own(number)
    return render_template("student/photo_version.html", **_answer_to(found))


@blueprint.get("/photo/versions/<int:number>/picture")
@access.needs(Permission.OWN_DATA)
def version_picture(number: int) -> Response:
    return Response(access.parts().files.get(_own(number).judged_file), mimetype="image/jpeg")


@blueprint.get("/photo/versions/<int:number>/file")
@access.needs(Permission.OWN_DATA)
def registration_file(number: int) -> Response:
    """The registration file of an accepted version, for the student to keep."""
    found = accepted_version(access.session(), student_id=access.student().id, number=number)
    content = access.parts().files.get(found.registration_file or found.judged_file)
    name = f"{access.student().student_number}.jpg"
    answer = Response(content, mimetype="image/jpeg")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


@blueprint.route("/photo/withdraw", methods=["GET", "POST"])
@access.needs(Permission.OWN_DATA)
def withdraw() -> str | AnyResponse:
    if request.method == "GET":
        photo = photo_of(access.session(), access.student().id)
        if photo is None or not may(State(photo.state), Action.WITHDRAW):
            return redirect(url_for(".versions"))
        return render_template("student/photo_withdraw.html", photo=photo)
    withdraw_photo(
        access.session(),
        student_id=access.student().id,
        seen_revision=_seen_revision(),
        actor=access.actor(),
        now=access.now(),
    )
    flash(t("photo.withdrawn"), "good")
    return redirect(url_for(".versions"), 303)


@blueprint.post("/photo/object")
@access.needs(Permission.OWN_DATA)
def object_() -> AnyResponse | tuple[str, int]:
    words = request.form.get("text", "").strip()[:MAX_WORDS]
    if not words:
        return _page(object_error=t("photo.object.needed")), 422
    object_to_return(
        access.session(),
        student_id=access.student().id,
        seen_revision=_seen_revision(),
        text=words,
        actor=access.actor(),
        now=access.now(),
    )
    flash(t("photo.object.made"), "good")
    return redirect(url_for(".versions"), 303)


def _own(number: int) -> PhotoVersion:
    return own_version(access.session(), student_id=access.student().id, number=number)


def _seen_revision() -> int:
    """The revision of the photo on the page that was sent; 0, which is none, when it is not said."""
    return row_number(request.form.get("seen_revision")) or 0


def _answer_to(found: PhotoVersion) -> dict[str, object]:
    """A version with its report, the standing decision, the drawn reasons of a return, and the objection."""
    decision = standing_decision(access.session(), found.id)
    report = Report.from_dict(found.report)
    reasons = [Code(code) for code in decision.reasons] if decision and decision.action == Action.RETURN else []
    return {
        "version": found,
        "report": report,
        "decision": decision,
        "faults": faulted(report, reasons),
        "objection": objection_to(access.session(), found.id),
    }


def _page(object_error: str = "") -> str:
    session, student = access.session(), access.student()
    photo = photo_of(session, student.id)
    answers = [_answer_to(found) for found in versions_of(session, photo.id)] if photo else []
    state = State(photo.state) if photo else None
    return render_template(
        "student/photo_versions.html",
        photo=photo,
        state=state,
        answers=answers,
        centre=student.centre,
        may_withdraw=may(state, Action.WITHDRAW),
        may_object=bool(answers) and may(state, Action.OBJECT) and answers[0]["objection"] is None,
        usual=usual_time() if state is State.READY_FOR_REVIEW else None,
        object_error=object_error,
        max_words=MAX_WORDS,
    )
