"""The student's errata cases: choose a form, fill it in, see the way, confirm the correction."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.accounts.rules import Permission
from backend.compliance.assess import Unreadable
from backend.compliance.findings import Report
from backend.errata.beginnings import OtherStudent
from backend.errata.operations import (
    MAX_EVIDENCE,
    answer_swap,
    confirm_case,
    edit_case,
    missing_parts,
    open_case,
    remove_evidence,
    report_still_wrong,
    submit_case,
    withdraw_case,
)
from backend.errata.queries import case_naming, cases_naming, cases_of, evidence_of, open_cases_of, own_case, own_photo
from backend.errata.records import ErratumCase
from backend.errata.retention import delete_on
from backend.errata.rules import (
    CHANGEABLE,
    MAX_STATEMENT,
    MAX_WORDS,
    NEEDS_OTHER,
    NEEDS_PHOTO,
    REASONS,
    Action,
    Form,
    NotComplete,
    Origin,
    Party,
    Reason,
    State,
    actions_of,
)
from backend.errors import Invalid, Outdated
from backend.photos.rules import ConsentMissing
from backend.views import access
from backend.views.addresses import row_number
from backend.views.downloads import PDF, download
from backend.views.errata_uploads import ALBUM, OTHER, add_evidence, add_photo
from backend.views.errata_words import form_title, in_language, printed, shown_value, stops_of, waits_for
from backend.views.evidence import show_evidence
from backend.views.limits import upload_limit
from backend.views.uploads import UploadProblem
from backend.views.words import look, t

blueprint = Blueprint("student_errata", __name__)


@blueprint.get("/task/errata")
@access.needs(Permission.OWN_DATA)
def start() -> str:
    """What is wrong? Data go to the report, everything about the photo to a form."""
    student = access.student()
    return render_template(
        "student/errata/start.html",
        choices=[(form, reason) for form in Form for reason in REASONS[form]],
        open=open_cases_of(access.session(), student.id),
        title_of=form_title,
        centre=student.centre,
    )


@blueprint.post("/errata")
@access.needs(Permission.OWN_DATA)
def open_new() -> AnyResponse:
    form_name, _, reason_name = request.form.get("choice", "").partition(".")
    if (
        form_name not in set(Form)
        or reason_name not in set(Reason)
        or Reason(reason_name) not in REASONS[Form(form_name)]
    ):
        flash(t("errata.start.choose"), "attention")
        return redirect(url_for(".start"), 303)
    case = open_case(
        access.session(),
        student_id=access.student().id,
        form=Form(form_name),
        reason=Reason(reason_name),
        values={},
        origin=Origin.STUDENT,
        actor=access.actor(),
        now=access.now(),
    )
    return redirect(url_for(".show", case_id=case.id), 303)


@blueprint.get("/errata", endpoint="list")
@access.needs(Permission.OWN_DATA)
def list_page() -> str:
    student_id = access.student().id
    return render_template(
        "student/errata/list.html",
        cases=cases_of(access.session(), student_id),
        named_in=cases_naming(access.session(), student_id),
        title_of=form_title,
        waits_for=waits_for,
    )


@blueprint.get("/errata/<int:case_id>")
@access.needs(Permission.OWN_DATA)
def show(case_id: int) -> str:
    case = _own(case_id)
    return _form_page(case, {}) if case.state in CHANGEABLE else _case_page(case)


@blueprint.post("/errata/<int:case_id>/save")
@upload_limit
@access.needs(Permission.OWN_DATA)
def save(case_id: int) -> str | AnyResponse | tuple[str, int]:
    """1. the words are kept  2. evidence  3. the photo  4. when asked, it goes to the centre."""
    case = _own(case_id)
    problems: dict[str, str] = {}
    try:
        _keep_words(case)
        _keep_evidence(case_id, problems)
        _keep_photo(case_id, problems)
        if not problems and request.form.get("do") == "submit":
            submit_case(
                access.session(),
                forms=access.parts().forms,
                student_id=access.student().id,
                case_id=case_id,
                seen_revision=_own(case_id).revision,
                actor=access.actor(),
                now=access.now(),
            )
            flash(t("errata.submitted"), "good")
            return redirect(url_for(".show", case_id=case_id), 303)
    except Invalid as error:
        problems |= {field: t("errata.problem." + key) for field, key in error.problems.items()}
    except NotComplete:
        problems |= _missing(_own(case_id))
    except Outdated:
        return _form_page(_own(case_id), {}, outdated=True), 409
    if problems:
        return _form_page(_own(case_id), problems), 422
    flash(t("errata.saved"), "good")
    return redirect(url_for(".show", case_id=case_id), 303)


@blueprint.post("/errata/<int:case_id>/evidence/<int:evidence_id>/remove")
@access.needs(Permission.OWN_DATA)
def remove(case_id: int, evidence_id: int) -> AnyResponse:
    remove_evidence(
        access.session(),
        student_id=access.student().id,
        case_id=case_id,
        evidence_id=evidence_id,
        actor=access.actor(),
        now=access.now(),
    )
    return redirect(url_for(".show", case_id=case_id) + "#evidence", 303)


@blueprint.get("/errata/<int:case_id>/evidence/<int:evidence_id>")
@access.needs(Permission.OWN_DATA)
def evidence(case_id: int, evidence_id: int) -> Response:
    found = evidence_of(_own(case_id), evidence_id)
    return show_evidence(found.file_name, found.media_type, row_number(request.args.get("page")) or 1)


@blueprint.get("/errata/<int:case_id>/photo/<int:photo_id>")
@access.needs(Permission.OWN_DATA)
def photo(case_id: int, photo_id: int) -> Response:
    found = own_photo(_own(case_id), photo_id)
    return Response(access.parts().files.get(found.judged_file), mimetype="image/jpeg")


@blueprint.get("/errata/<int:case_id>/form.pdf")
@access.needs(Permission.OWN_DATA)
def form_pdf(case_id: int) -> Response:
    """The own form to sign; the ID number is masked: the college prints it in full where it must."""
    return download(printed(_own(case_id)).content, name=f"{t('errata.file')}-{case_id}", media_type=PDF)


@blueprint.route("/errata/<int:case_id>/withdraw", methods=["GET", "POST"])
@access.needs(Permission.OWN_DATA)
def withdraw(case_id: int) -> str | AnyResponse:
    case = _own(case_id)
    if request.method == "GET":
        if Action.WITHDRAW not in actions_of(State(case.state), Party.STUDENT):
            return redirect(url_for(".show", case_id=case_id))
        return render_template("student/errata/withdraw.html", case=case)
    withdraw_case(
        access.session(),
        forms=access.parts().forms,
        student_id=access.student().id,
        case_id=case_id,
        actor=access.actor(),
        now=access.now(),
    )
    flash(t("errata.withdrawn"), "good")
    return redirect(url_for(".list"), 303)


@blueprint.post("/errata/<int:case_id>/looked")
@access.needs(Permission.OWN_DATA)
def looked(case_id: int) -> str | AnyResponse | tuple[str, int]:
    """The student looked at 学信网: it is right now, or not yet."""
    case, right = _own(case_id), request.form.get("answer") == "right"
    common: dict[str, Any] = {
        "forms": access.parts().forms,
        "student_id": access.student().id,
        "case_id": case_id,
        "seen_revision": row_number(request.form.get("seen_revision")) or 0,
        "actor": access.actor(),
        "now": access.now(),
    }
    try:
        if right:
            confirm_case(access.session(), **common)
        else:
            report_still_wrong(access.session(), **common, text=request.form.get("text", ""))
    except Invalid as error:
        access.session().rollback()
        return _case_page(case, {field: t("errata.problem." + key) for field, key in error.problems.items()}), 422
    flash(t("errata.confirmed") if right else t("errata.still_wrong"), "good")
    return redirect(url_for(".show", case_id=case_id), 303)


@blueprint.get("/errata/asked/<int:case_id>")
@access.needs(Permission.OWN_DATA)
def asked(case_id: int) -> str:
    """The other student of a swap: who asks, and the question."""
    return _asked_page(case_id)


@blueprint.post("/errata/asked/<int:case_id>")
@access.needs(Permission.OWN_DATA)
def answer(case_id: int) -> str | AnyResponse | tuple[str, int]:
    said = request.form.get("answer", "")
    if said not in ("yes", "no"):
        return _asked_page(case_id, {"answer": t("errata.problem.answer_needed")}), 422
    try:
        answer_swap(
            access.session(),
            student_id=access.student().id,
            case_id=case_id,
            agrees=said == "yes",
            text=request.form.get("text", ""),
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid as error:
        access.session().rollback()
        return _asked_page(case_id, {field: t("errata.problem." + key) for field, key in error.problems.items()}), 422
    flash(t("errata.answered"), "good")
    return redirect(url_for(".list"), 303)


def _keep_words(case: ErratumCase) -> None:
    spec = access.parts().forms.of(case.form, case.reason)
    edit_case(
        access.session(),
        forms=access.parts().forms,
        student_id=access.student().id,
        case_id=case.id,
        seen_revision=row_number(request.form.get("seen_revision")) or 0,
        title=request.form.get("title", ""),
        values={column.name: request.form.get(f"column_{column.name}", "") for column in spec.columns},
        statement=request.form.get("statement", ""),
        other_student=OtherStudent(request.form.get("other_name", ""), request.form.get("other_number", "")),
        actor=access.actor(),
        now=access.now(),
    )


def _keep_evidence(case_id: int, problems: dict[str, str]) -> None:
    """Whatever was chosen for each kind. One bad file does not lose the others."""
    case = _own(case_id)
    kinds = [kind.name for kind in access.parts().forms.of(case.form, case.reason).evidence]
    for kind in (*kinds, OTHER):
        field = f"evidence_{kind}"
        try:
            add_evidence(case_id, kind=kind, field=field)
        except UploadProblem as problem:
            problems[field] = t("photo.upload." + problem.reason)
        except Unreadable as problem:
            problems[field] = t("finding.reason." + problem.reason)
        except Invalid as problem:
            problems[field] = t("errata.problem." + next(iter(problem.problems.values())))


def _keep_photo(case_id: int, problems: dict[str, str]) -> None:
    if not any(file.filename for file in request.files.getlist(ALBUM)):
        return
    try:
        add_photo(case_id)
    except ConsentMissing:
        problems[ALBUM] = t("errata.problem.consent_needed")
    except UploadProblem as problem:
        problems[ALBUM] = t("photo.upload." + problem.reason)
    except Unreadable as problem:
        problems[ALBUM] = t("finding.reason." + problem.reason)


def _missing(case: ErratumCase) -> dict[str, str]:
    """Field -> what is said about it, for everything that is missing."""
    said: dict[str, str] = {}
    for part in missing_parts(case, access.parts().forms):
        kind, _, name = part.partition(":")
        if kind == "column":
            said[f"column_{name}"] = t("errata.problem.needed")
        elif kind == "evidence":
            said[f"evidence_{name}"] = t("errata.problem.evidence_needed")
        elif kind == "other":
            said["other_number"] = t("errata.problem.other_needed")
        elif kind == "photo":
            said[ALBUM] = t("errata.problem.photo_needed")
        else:
            said[kind] = t("errata.problem.needed")
    return said


def _own(case_id: int) -> ErratumCase:
    return own_case(access.session(), student_id=access.student().id, case_id=case_id)


def _form_page(case: ErratumCase, problems: dict[str, str], *, outdated: bool = False) -> str:
    forms = access.parts().forms
    returned = next((step for step in reversed(case.steps) if step.action == Action.RETURN), None)
    return render_template(
        "student/errata/form.html",
        case=case,
        student=access.student(),
        form=forms.forms[Form(case.form)],
        spec=forms.of(case.form, case.reason),
        title=form_title(case),
        values=case.values,
        other=Reason(case.reason) in NEEDS_OTHER,
        photo=case.photo if Reason(case.reason) in NEEDS_PHOTO else None,
        wants_photo=Reason(case.reason) in NEEDS_PHOTO,
        report=Report.from_dict(case.photo.report) if case.photo else None,
        returned=returned if case.state == State.RETURNED else None,
        problems=problems,
        outdated=outdated,
        language=look().language,
        max_statement=MAX_STATEMENT,
        max_pieces=MAX_EVIDENCE,
        max_bytes=access.parts().settings.photos.evidence_max_bytes,
    )


def _case_page(case: ErratumCase, problems: dict[str, str] | None = None) -> str:
    forms = access.parts().forms
    spec = forms.of(case.form, case.reason)
    kinds = {kind.name: in_language(kind.label) for kind in spec.evidence}
    return render_template(
        "student/errata/case.html",
        case=case,
        delete_on=delete_on(case, access.parts().forms.retention),
        title=form_title(case),
        stops=stops_of(case),
        waits=waits_for(case),
        actions=actions_of(State(case.state), Party.STUDENT),
        columns=[
            (in_language(column.label), shown_value(column, case.values.get(column.name, ""), look().language))
            for column in spec.columns
            if case.values.get(column.name)
        ],
        kinds=kinds,
        last=case.steps[-1],
        problems=problems or {},
        max_words=MAX_WORDS,
        centre=access.student().centre,
    )


def _asked_page(case_id: int, problems: dict[str, str] | None = None) -> str:
    case = case_naming(access.session(), student_id=access.student().id, case_id=case_id)
    return render_template(
        "student/errata/asked.html",
        case=case,
        may_answer=Action.ANSWER in actions_of(State(case.state), Party.OTHER),
        problems=problems or {},
        sent=request.form,
        max_words=MAX_WORDS,
        centre=access.student().centre,
    )
