"""The registered data: confirm them, or report what is wrong, field by field, with evidence."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.accounts.rules import Permission
from backend.compliance.assess import Unreadable
from backend.enrollment.operations import (
    check_report,
    confirm_enrollment,
    report_wrong_data,
    withdraw_correction,
)
from backend.enrollment.queries import (
    confirmation_of,
    corrections_of,
    open_correction,
    own_evidence,
    registered_values,
)
from backend.enrollment.records import Correction
from backend.enrollment.rules import VERIFIED_FIELDS, CorrectionState, NothingReported, masked_id_number
from backend.errors import Invalid, NotAllowed, NotFound, Outdated
from backend.views import access
from backend.views.addresses import row_number
from backend.views.evidence import take_evidence
from backend.views.limits import upload_limit
from backend.views.student.steps import address_of_next
from backend.views.uploads import MAX_EVIDENCE, UploadProblem
from backend.views.words import as_date, t

blueprint = Blueprint("student_enrollment", __name__)

INLINE = ("image/jpeg", "image/png")  # what a browser shows by itself without running anything


@blueprint.get("/enrollment")
@access.needs(Permission.OWN_DATA)
def show() -> str:
    return _page()


@blueprint.route("/enrollment/confirm", methods=["GET", "POST"])
@access.needs(Permission.OWN_DATA)
def confirm() -> str | AnyResponse | tuple[str, int]:
    student = access.student()
    if request.method == "GET":
        if open_correction(access.session(), student.id) is not None:
            return redirect(url_for(".show"))
        return render_template("student/enrollment_confirm.html", student=student)
    try:
        confirm_enrollment(
            access.session(),
            student_id=student.id,
            seen_version=_seen_version(),
            actor=access.actor(),
            now=access.now(),
        )
    except Outdated:
        return _page(outdated=True), 409
    flash(t("enrollment.confirmed"), "good")
    return redirect(address_of_next(), 303)


@blueprint.get("/enrollment/report")
@access.needs(Permission.OWN_DATA)
def report_form() -> str | AnyResponse:
    if open_correction(access.session(), access.student().id) is not None:
        return redirect(url_for(".show"))
    return _form({})


@blueprint.post("/enrollment/report")
@upload_limit
@access.needs(Permission.OWN_DATA)
def report() -> str | AnyResponse | tuple[str, int]:
    """1. the report could be taken  2. the evidence can be read  3. it is stored  4. the case is opened."""
    session, student = access.session(), access.student()
    claims = {
        field: request.form.get(f"claim_{field}", "")
        for field in VERIFIED_FIELDS
        if request.form.get(f"wrong_{field}") == "1"
    }
    try:
        check_report(session, student=student, seen_version=_seen_version(), claims=claims, now=access.now())
        evidence = take_evidence()
        report_wrong_data(
            session,
            student_id=student.id,
            seen_version=_seen_version(),
            claims=claims,
            evidence=evidence,
            actor=access.actor(),
            now=access.now(),
        )
    except NothingReported:
        return _form({"fields": t("enrollment.problem.nothing")}), 422
    except Invalid as error:
        return _form({f"claim_{field}": t("enrollment.problem." + key) for field, key in error.problems.items()}), 422
    except UploadProblem as error:
        return _form({"evidence": t("photo.upload." + error.reason)}), 413 if error.reason == "too_big" else 422
    except Unreadable as error:
        return _form({"evidence": t("finding.reason." + error.reason)}), 422
    except Outdated:
        return _page(outdated=True), 409
    except NotAllowed:  # sent twice: the case is there
        return redirect(url_for(".show"), 303)
    flash(t("enrollment.reported"), "good")
    return redirect(url_for(".show"), 303)


@blueprint.route("/enrollment/cases/<int:case_id>/withdraw", methods=["GET", "POST"])
@access.needs(Permission.OWN_DATA)
def withdraw(case_id: int) -> str | AnyResponse:
    if request.method == "GET":
        case = open_correction(access.session(), access.student().id)
        if case is None or case.id != case_id:
            raise NotFound(correction=case_id)
        return render_template("student/enrollment_withdraw.html", case=case)
    withdraw_correction(
        access.session(),
        student_id=access.student().id,
        correction_id=case_id,
        actor=access.actor(),
        now=access.now(),
    )
    flash(t("enrollment.withdrawn"), "good")
    return redirect(url_for(".show"), 303)


@blueprint.get("/enrollment/evidence/<int:evidence_id>")
@access.needs(Permission.OWN_DATA)
def evidence(evidence_id: int) -> Response:
    """The student's own evidence. Only plain pictures are shown by the browser; anything else is a download."""
    found = own_evidence(access.session(), student_id=access.student().id, evidence_id=evidence_id)
    answer = Response(access.parts().files.get(found.file_name), mimetype=found.media_type)
    if found.media_type not in INLINE:
        ending = "pdf" if found.media_type == "application/pdf" else "heic"
        answer.headers["Content-Disposition"] = f"attachment; filename=evidence-{found.id}.{ending}"
    return answer


def _seen_version() -> int:
    """The version of the data on the page that was sent; 0, which is no version, when it is not said."""
    return row_number(request.form.get("seen_version")) or 0


def _page(*, outdated: bool = False) -> str:
    session, student = access.session(), access.student()
    cases = corrections_of(session, student.id)
    return render_template(
        "student/enrollment.html",
        student=student,
        rows=[(field, shown(field, value)) for field, value in registered_values(student).items()],
        confirmation=confirmation_of(session, student),
        open_case=next((case for case in cases if case.state == CorrectionState.SUBMITTED), None),
        decided=[case for case in cases if case.state != CorrectionState.SUBMITTED],
        reported=_reported,
        outdated=outdated,
        because=request.args.get("because", ""),
    )


def _form(errors: dict[str, str]) -> str:
    student = access.student()
    return render_template(
        "student/enrollment_report.html",
        student=student,
        rows=[(field, shown(field, value)) for field, value in registered_values(student).items()],
        sent=request.form,
        errors=errors,
        max_evidence=MAX_EVIDENCE,
        max_bytes=access.parts().settings.photos.evidence_max_bytes,
    )


def _reported(case: Correction) -> list[tuple[str, str, str]]:
    """The fields of a case: name, registered value, right value as the student says."""
    return [(item.field, shown(item.field, item.registered), shown(item.field, item.claimed)) for item in case.fields]


def shown(field: str, value: str) -> str:
    """A registered or claimed value in the reader's words; ID numbers are masked."""
    if field == "gender" and value in ("male", "female", "unknown"):
        return t("enrollment.gender." + value)
    if field == "id_number":
        return masked_id_number(value)
    if field == "study_years":
        return t("enrollment.years", years=value)
    return as_date(date.fromisoformat(value)) if field == "entry_date" else value
