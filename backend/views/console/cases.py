"""Cases: students who reported registered data as wrong. Registered and claimed side by side, evidence, the answer."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts.queries import names_of
from backend.accounts.rules import Permission
from backend.enrollment.operations import (
    MAX_ANSWER,
    decide_correction,
    note_evidence_seen,
    note_number_seen,
)
from backend.enrollment.queries import correction_in_scope, corrections_in
from backend.enrollment.records import Correction
from backend.enrollment.rules import CorrectionAction, CorrectionState, masked_id_number
from backend.errors import DomainError, Invalid, NotAllowed, NotFound
from backend.views import access
from backend.views.addresses import row_number
from backend.views.console.lists import Page, centre_choices, centre_wish, page_number
from backend.views.evidence import show_evidence
from backend.views.words import t

blueprint = Blueprint("console_cases", __name__)

ROWS = 50


@blueprint.get("/console/cases", endpoint="list")
@access.needs(Permission.CORRECTION_DECIDE)
def list_page() -> str:
    decided, number, centre = request.args.get("state") == "decided", page_number(), centre_wish()
    rows, total = corrections_in(
        access.session(),
        scope=access.scope(),
        decided=decided,
        centre_id=centre,
        offset=(number - 1) * ROWS,
        limit=ROWS,
    )
    return render_template(
        "console/cases/list.html",
        rows=rows,
        page=Page(number, ROWS, total),
        decided=decided,
        keep={"centre": centre} if centre else {},
        centres=centre_choices(),
        centre=centre,
        now=access.now(),
    )


@blueprint.get("/console/cases/<int:correction_id>")
@access.needs(Permission.CORRECTION_DECIDE)
def show(correction_id: int) -> str:
    return _page(_case(correction_id))


@blueprint.post("/console/cases/<int:correction_id>")
@access.needs(Permission.CORRECTION_DECIDE)
def decide(correction_id: int) -> Response:
    accept = request.form.get("decision") == "accept"
    try:
        decide_correction(
            access.session(),
            scope=access.scope(),
            correction_id=correction_id,
            action=CorrectionAction.ACCEPT if accept else CorrectionAction.REFUSE,
            answer=request.form.get("answer", ""),
            actor=access.actor(),
            now=access.now(),
        )
    except (Invalid, NotAllowed) as problem:
        access.session().rollback()
        status = 422 if isinstance(problem, Invalid) else 409
        return make_response(_page(_case(correction_id), problem=problem), status)
    flash(t("cases.accepted") if accept else t("cases.refused"), "good")
    return redirect(url_for("console_cases.list"), 303)


@blueprint.post("/console/cases/<int:correction_id>/numbers")
@access.needs(Permission.CORRECTION_DECIDE)
def numbers(correction_id: int) -> str:
    """The same page with the ID numbers in full; that somebody asked for them is in the history."""
    note_number_seen(access.session(), correction=_case(correction_id), actor=access.actor(), now=access.now())
    return _page(_case(correction_id), in_full=True)


@blueprint.get("/console/cases/<int:correction_id>/evidence/<int:evidence_id>")
@access.needs(Permission.CORRECTION_DECIDE)
def evidence(correction_id: int, evidence_id: int) -> Response:
    """One page of a piece of evidence, as a picture with the viewer's name over it; the look is in the history."""
    case = _case(correction_id)
    found = next((item for item in case.evidence if item.id == evidence_id), None)
    if found is None:
        raise NotFound(evidence=evidence_id)
    file_name, kind = found.file_name, found.media_type
    note_evidence_seen(
        access.session(), evidence=found, owner_id=case.student_id, actor=access.actor(), now=access.now()
    )
    return show_evidence(file_name, kind, row_number(request.args.get("page")) or 1)


def _page(case: Correction, *, problem: DomainError | None = None, in_full: bool = False) -> str:
    deciders = {case.decided_by} if case.decided_by else set()
    return render_template(
        "console/cases/show.html",
        case=case,
        student=case.student,
        masked=masked_id_number(case.student.id_number),
        values=_values(case, in_full=in_full),
        has_number=any(row.field == "id_number" for row in case.fields),
        in_full=in_full,
        open=case.state == CorrectionState.SUBMITTED,
        names=names_of(access.session(), deciders),
        problem=problem,
        sent=request.form,
        most=MAX_ANSWER,
        now=access.now(),
    )


def _values(case: Correction, *, in_full: bool) -> dict[str, tuple[str, str]]:
    """Field -> (registered, claimed). ID numbers are masked until somebody asks for them."""
    values = {row.field: (row.registered, row.claimed) for row in case.fields}
    if "id_number" in values:
        registered, claimed = values["id_number"]
        # the student's own page shows the number masked, and so it was kept; in full it stands on the roster
        if "*" in registered and case.data_version == case.student.data_version:
            registered = case.student.id_number
        if not in_full:
            registered, claimed = masked_id_number(registered), masked_id_number(claimed)
        values["id_number"] = (registered, claimed)
    return values


def _case(correction_id: int) -> Correction:
    return correction_in_scope(access.session(), scope=access.scope(), correction_id=correction_id)
