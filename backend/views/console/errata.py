"""The errata desk: the board by state and by who must act, one case with opinion and decision in place, hand-over."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.accounts.queries import names_of
from backend.accounts.rules import Permission
from backend.adapters.lists_out import Column, xlsx
from backend.compliance.findings import Report
from backend.days import day_of
from backend.enrollment.rules import masked_id_number
from backend.errata.operations import act_on_case, note_seen, pair_student, send_cases
from backend.errata.queries import (
    Narrowed,
    errata_heaps,
    errata_in,
    erratum_in_scope,
    evidence_of,
    neighbours,
    rounds_in,
)
from backend.errata.records import ErratumCase
from backend.errata.retention import delete_on
from backend.errata.rules import (
    MAX_WORDS,
    NEEDS_OTHER,
    WAITS_FOR,
    Action,
    Form,
    PairMissing,
    PairRefused,
    Party,
    Reason,
    State,
    actions_of,
    staff_party,
    urgency,
)
from backend.errors import DomainError, Invalid, NotAllowed, NotFound, Outdated
from backend.views import access
from backend.views.addresses import row_number
from backend.views.console.lists import Page, centre_choices, centre_wish, one_of, page_number
from backend.views.downloads import PDF, XLSX, download
from backend.views.errata_words import (
    form_title,
    in_language,
    missing_on,
    printed,
    shown_value,
    stops_of,
    waits_for,
)
from backend.views.evidence import show_evidence
from backend.views.words import look, t

blueprint = Blueprint("console_errata", __name__)

ROWS = 50
MOST_IN_LIST = 20_000


@blueprint.get("/console/errata", endpoint="list")
@access.needs(Permission.CASE_VIEW)
def list_page() -> str:
    return _list()


@blueprint.get("/console/errata/list.xlsx")
@access.needs(Permission.CASE_VIEW)
def sheet() -> Response:
    """The cases of the list as it is narrowed now: a centre's, a round's, ... ID numbers are masked."""
    rows, _ = errata_in(access.session(), scope=access.scope(), narrowed=_narrowed(), limit=MOST_IN_LIST)
    columns = [
        Column(t("desk.sheet." + name), width)
        for name, width in (
            ("number", 8), ("form", 30), ("reason", 24), ("name", 12), ("student_number", 16), ("id_number", 22),
            ("centre", 20), ("programme", 18), ("level", 10), ("cohort", 20), ("other_name", 12), ("other_number", 16),
            ("written", 40), ("state", 14), ("since", 12), ("due", 12), ("round", 14), ("handed_over", 12),
        )
    ]  # fmt: skip
    content = xlsx(t("desk.sheet.title"), columns, [_row(case) for case in rows], note=t("errata.print.footer"))
    return download(content, name=t("desk.sheet.title"), media_type=XLSX)


@blueprint.post("/console/errata/send")
@access.needs(Permission.CASE_DECIDE)
def send() -> str | AnyResponse | tuple[str, int]:
    """Hand the chosen cases over, with the date and the round."""
    numbers = [number for text in request.form.getlist("case") if (number := row_number(text))]
    if not numbers:
        return _list({"case": t("desk.problem.choose")}), 422
    try:
        sent, left = send_cases(
            access.session(),
            forms=access.parts().forms,
            scope=access.scope(),
            party=_party(),
            case_ids=numbers,
            handed_over_on=_day(request.form.get("handed_over_on", "")),
            round_name=request.form.get("round", ""),
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid as problem:
        access.session().rollback()
        return _list({field: t("desk.problem." + key) for field, key in problem.problems.items()}), 422
    flash(t("desk.sent", count=sent) + (" " + t("desk.left", count=left) if left else ""), "good")
    return redirect(url_for(".list", state=State.APPROVED.value), 303)


@blueprint.get("/console/errata/<int:case_id>")
@access.needs(Permission.CASE_VIEW)
def show(case_id: int) -> str:
    return _page(_case(case_id))


@blueprint.post("/console/errata/<int:case_id>/opinion")
@access.needs(Permission.CASE_OPINION)
def opinion(case_id: int) -> AnyResponse:
    return _act(case_id)


@blueprint.post("/console/errata/<int:case_id>/decision")
@access.needs(Permission.CASE_DECIDE)
def decision(case_id: int) -> AnyResponse:
    return _act(case_id)


@blueprint.post("/console/errata/<int:case_id>/pair")
@access.needs(Permission.CASE_VIEW)
def pair(case_id: int) -> AnyResponse:
    """Find the other student of a swap by name and number together."""
    try:
        pair_student(
            access.session(),
            scope=access.scope(),
            party=_party(),
            case_id=case_id,
            seen_revision=_seen(),
            name=request.form.get("name", ""),
            student_number=request.form.get("student_number", ""),
            actor=access.actor(),
            now=access.now(),
        )
    except (Invalid, NotAllowed, Outdated) as problem:
        return _again(case_id, problem)
    flash(t("desk.paired"), "good")
    return redirect(url_for(".show", case_id=case_id), 303)


@blueprint.get("/console/errata/<int:case_id>/evidence/<int:evidence_id>")
@access.needs(Permission.CASE_VIEW)
def evidence(case_id: int, evidence_id: int) -> Response:
    case = _case(case_id)
    found = evidence_of(case, evidence_id)
    file_name, media_type = found.file_name, found.media_type
    _note(case, "evidence_seen", evidence_id)
    return show_evidence(file_name, media_type, row_number(request.args.get("page")) or 1)


@blueprint.get("/console/errata/<int:case_id>/photo/<int:photo_id>")
@access.needs(Permission.CASE_VIEW)
def photo(case_id: int, photo_id: int) -> Response:
    case = _case(case_id)
    found = next((item for item in case.photos if item.id == photo_id), None)
    if found is None:
        raise NotFound(photo=photo_id)
    file_name = found.judged_file
    _note(case, "photo_seen", photo_id)
    content = access.parts().files.get(file_name)
    return Response(content, mimetype="image/jpeg", headers={"Cache-Control": "no-store"})


@blueprint.get("/console/errata/<int:case_id>/form.pdf")
@access.needs(Permission.CASE_VIEW)
def form_pdf(case_id: int) -> Response:
    return download(printed(_case(case_id)).content, name=f"{t('errata.file')}-{case_id}", media_type=PDF)


@blueprint.post("/console/errata/<int:case_id>/form-in-full.pdf")
@access.needs(Permission.CASE_VIEW)
def form_in_full(case_id: int) -> Response:
    """The form with whole ID numbers, for those who correct; that somebody printed it so is in the history."""
    _note(_case(case_id), "printed_in_full", None)
    content = printed(_case(case_id), in_full=True).content
    return download(content, name=f"{t('errata.file')}-{case_id}", media_type=PDF)


def _act(case_id: int) -> AnyResponse:
    word = request.form.get("action", "")
    action = Action(word) if word in set(Action) else Action.EDIT
    try:
        case = act_on_case(
            access.session(),
            forms=access.parts().forms,
            scope=access.scope(),
            party=_party(),
            case_id=case_id,
            seen_revision=_seen(),
            action=action,
            text=request.form.get("text", ""),
            actor=access.actor(),
            now=access.now(),
        )
    except (Invalid, NotAllowed, Outdated, PairMissing, PairRefused) as problem:
        return _again(case_id, problem)
    flash(t("desk.done." + action.value), "good")
    # on with the next one that waits for the same desk
    _, after = neighbours(
        access.session(), scope=access.scope(), narrowed=Narrowed(party=_party()), case=case
    )  # fmt: skip
    return redirect(url_for(".show", case_id=after or case_id), 303)


def _again(case_id: int, problem: DomainError) -> AnyResponse:
    access.session().rollback()
    return make_response(_page(_case(case_id), problem), 422 if isinstance(problem, Invalid) else 409)


def _list(problems: dict[str, str] | None = None) -> str:
    session, scope, narrowed, number = access.session(), access.scope(), _narrowed(), page_number()
    today = day_of(access.now())
    rows, total = errata_in(session, scope=scope, narrowed=narrowed, offset=(number - 1) * ROWS, limit=ROWS)
    of_all = Narrowed(form=narrowed.form, centre_id=narrowed.centre_id, round=narrowed.round)
    heaps = errata_heaps(session, scope=scope, narrowed=of_all, today=today)
    return render_template(
        "console/errata/list.html",
        rows=rows,
        page=Page(number, ROWS, total),
        heaps=heaps,
        by_party={
            party: sum(heap.count for state, heap in heaps.items() if WAITS_FOR[state] is party)
            for party in (Party.CENTRE, Party.COLLEGE, Party.STUDENT)
        },
        overdue=sum(heap.overdue for heap in heaps.values()),
        narrowed=narrowed,
        keep=_keep(),
        forms=list(Form),
        rounds=rounds_in(session, scope=scope),
        centres=centre_choices(),
        centre=narrowed.centre_id,
        my_party=_party(),
        title_of=form_title,
        waits_for=waits_for,
        urgency_of=lambda case: urgency(case.due_on, today=today).value,
        may_send=access.may(Permission.CASE_DECIDE) and narrowed.state is State.APPROVED,
        problems=problems or {},
        sent=request.form,
        today=today,
        now=access.now(),
    )


def _page(case: ErratumCase, problem: DomainError | None = None) -> str:
    session, party, spec = access.session(), _party(), access.parts().forms.of(case.form, case.reason)
    before, after = neighbours(session, scope=access.scope(), narrowed=Narrowed(party=party), case=case)
    people: set[int] = {step.actor_id for step in case.steps if step.actor_id is not None}
    language = look().language
    return render_template(
        "console/errata/show.html",
        case=case,
        delete_on=delete_on(case, access.parts().forms.retention),
        student=case.student,
        masked=masked_id_number(case.student.id_number),
        title=form_title(case),
        stops=stops_of(case),
        urgency=urgency(case.due_on, today=day_of(access.now())).value,
        waits=waits_for(case),
        actions=actions_of(State(case.state), party),
        act_address=url_for(".decision" if party is Party.COLLEGE else ".opinion", case_id=case.id),
        columns=[
            (
                in_language(column.label),
                _masked(column.kind, shown_value(column, case.values.get(column.name, ""), language)),
            )
            for column in spec.columns
            if case.values.get(column.name)
        ],
        kinds={kind.name: in_language(kind.label) for kind in spec.evidence},
        swap=Reason(case.reason) in NEEDS_OTHER,
        report=Report.from_dict(case.photo.report) if case.photo else None,
        names=names_of(session, people),
        missing=missing_on(case),
        before=before,
        after=after,
        problem=problem,
        sent=request.form,
        most=MAX_WORDS,
        now=access.now(),
    )


def _masked(kind: str, value: str) -> str:
    return masked_id_number(value) if kind == "id_number" else value


def _row(case: ErratumCase) -> list[Any]:
    language, spec = look().language, access.parts().forms.of(case.form, case.reason)
    written = "; ".join(
        f"{column.label[language]}: {_masked(column.kind, shown_value(column, value, language))}"
        for column in spec.columns
        if (value := case.values.get(column.name))
    )
    student = case.student
    return [
        case.id,
        form_title(case),
        t(f"errata.reason.{case.reason}.title"),
        student.name,
        student.student_number,
        masked_id_number(student.id_number),
        student.centre.name,
        student.programme,
        student.level,
        student.cohort.name if student.cohort else "",
        case.other_name,
        case.other_number,
        written,
        t(f"errata.state.{case.state}"),
        day_of(case.state_since),
        case.due_on,
        case.round,
        case.handed_over_on,
    ]


def _narrowed() -> Narrowed:
    return Narrowed(
        state=one_of(State, "state"),
        party=one_of(Party, "party"),
        form=one_of(Form, "form"),
        centre_id=centre_wish(),
        round=request.args.get("round", "")[:40],
        overdue_on=day_of(access.now()) if request.args.get("overdue") else None,
    )


def _keep() -> dict[str, str]:
    """The filters that stand in the address, to be kept while another one changes."""
    return {
        name: request.args[name]
        for name in ("state", "party", "form", "centre", "round", "overdue")
        if request.args.get(name)
    }


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid({"handed_over_on": "no_date"}) from None


def _seen() -> int:
    return row_number(request.form.get("seen_revision")) or 0


def _party() -> Party | None:
    return staff_party(access.account().role)


def _case(case_id: int) -> ErratumCase:
    return erratum_in_scope(access.session(), scope=access.scope(), case_id=case_id)


def _note(case: ErratumCase, what: str, item: int | None) -> None:
    note_seen(access.session(), case=case, what=what, item=item, actor=access.actor(), now=access.now())
