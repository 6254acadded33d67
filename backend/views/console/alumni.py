"""The staff's desk for earlier graduates: cases by desk, opinion and seal, the college's review."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.accounts.queries import names_of
from backend.accounts.rules import Permission
from backend.adapters.watermark import Undrawable
from backend.alumni import operations, papers
from backend.alumni.operations import kinds_of, note_case_seen, photo_accepted
from backend.alumni.papers import StoredPaper
from backend.alumni.queries import applications_in, case_in_scope, cases_in, count_by_state, package_of
from backend.alumni.records import AlumniCase, AlumniPaper
from backend.alumni.rules import (
    FINAL,
    MAX_TEXT,
    WAITS_FOR,
    CaseAction,
    CaseState,
    PapersMissing,
    Party,
    Route,
    actions_of,
    may_see_scans,
    missing_to_endorse,
    party_of,
)
from backend.compliance.assess import Unreadable
from backend.compliance.findings import Report
from backend.days import day_of
from backend.doctor import files_in_use
from backend.enrollment.rules import masked_id_number
from backend.errors import DomainError, Invalid, NotAllowed, NotFound, Outdated
from backend.history.queries import entries_of
from backend.photos.queries import photo_of
from backend.views import access
from backend.views.addresses import row_number
from backend.views.alumni_papers import show_paper, take_paper
from backend.views.alumni_sheets import sheet_of
from backend.views.console.lists import Page, centre_choices, centre_wish, page_number
from backend.views.uploads import UploadProblem
from backend.views.words import t

blueprint = Blueprint("console_alumni", __name__)

ROWS = 50
# the tabs of the desk -> the states behind each
TABS: dict[str, tuple[CaseState, ...]] = {
    "centre": (CaseState.AT_CENTRE,),
    "college": (CaseState.AT_COLLEGE, CaseState.APPROVED),
    "graduate": (CaseState.WITH_STUDENT, CaseState.RETURNED),
    "sent": (CaseState.SENT,),
    "ended": tuple(sorted(FINAL)),
}
# what a button of the page does -> the action with its reason
DECISIONS = {action.value: action for action in operations.STAFF_VERBS}


@blueprint.get("/console/alumni", endpoint="list")
@access.needs(Permission.ALUMNI_CASES)
def list_page() -> str:
    party = _party()
    tab = request.args.get("tab", "")
    tab = tab if tab in TABS else "college" if party is Party.REGISTRY else "centre"
    number, centre = page_number(), centre_wish()
    session, scope = access.session(), access.scope()
    rows, total = cases_in(
        session, scope=scope, states=TABS[tab], centre_id=centre, offset=(number - 1) * ROWS, limit=ROWS
    )
    counts = count_by_state(session, scope=scope, centre_id=centre)
    return render_template(
        "console/alumni/list.html",
        rows=rows,
        tab=tab,
        tabs={name: sum(counts.get(state.value, 0) for state in states) for name, states in TABS.items()},
        applications=applications_in(session, scope=scope, waiting=True, limit=1)[1],
        page=Page(number, ROWS, total),
        keep={"centre": centre} if centre else {},
        centres=centre_choices(),
        centre=centre,
        today=day_of(access.now()),
        waits_for=WAITS_FOR,
    )


@blueprint.get("/console/alumni/<int:case_id>")
@access.needs(Permission.ALUMNI_CASES)
def show(case_id: int) -> str:
    return _page(_case(case_id))


@blueprint.post("/console/alumni/<int:case_id>/number")
@access.needs(Permission.ALUMNI_CASES)
def number(case_id: int) -> str:
    """The same page with the ID number in full; that somebody asked for it is in the history."""
    note_case_seen(access.session(), case=_case(case_id), actor=access.actor(), now=access.now())
    return _page(_case(case_id), in_full=True)


@blueprint.post("/console/alumni/<int:case_id>/decide")
@access.needs(Permission.ALUMNI_CASES)
def decide(case_id: int) -> AnyResponse | tuple[str, int]:
    """Return, close, send back, approve, confirm: the pressed button says which."""
    action = DECISIONS.get(request.form.get("action", ""))
    if action is None:
        raise NotAllowed(action="unknown")
    try:
        operations.decide_case(
            access.session(),
            **_asked(case_id),
            action=action,
            reason=request.form.get("reason", ""),
        )
    except (Invalid, NotAllowed, Outdated) as problem:
        return _again(case_id, problem)
    flash(t("alumni_desk.done." + action.value), "good")
    return redirect(url_for(".show", case_id=case_id), 303)


@blueprint.post("/console/alumni/<int:case_id>/reroute")
@access.needs(Permission.ALUMNI_CASES)
def reroute(case_id: int) -> AnyResponse | tuple[str, int]:
    wish = request.form.get("route", "")
    try:
        if wish not in set(Route):
            raise Invalid({"route": "route_needed"})
        operations.reroute_case(
            access.session(), **_asked(case_id), route=Route(wish), reason=request.form.get("reroute_reason", "")
        )
    except Invalid as problem:
        renamed = {"reroute_reason" if field == "reason" else field: key for field, key in problem.problems.items()}
        return _again(case_id, Invalid(renamed))
    except (NotAllowed, Outdated) as problem:
        return _again(case_id, problem)
    flash(t("alumni_desk.done.reroute"), "good")
    return redirect(url_for(".show", case_id=case_id), 303)


@blueprint.post("/console/alumni/<int:case_id>/endorse")
@access.needs(Permission.ALUMNI_CASES)
def endorse(case_id: int) -> AnyResponse | tuple[str, int]:
    try:
        operations.endorse_case(access.session(), **_asked(case_id), opinion=request.form.get("opinion", ""))
    except (Invalid, NotAllowed, Outdated, PapersMissing) as problem:
        return _again(case_id, problem)
    flash(t("alumni_desk.done.endorse"), "good")
    return redirect(url_for(".show", case_id=case_id), 303)


@blueprint.post("/console/alumni/<int:case_id>/prints")
@access.needs(Permission.ALUMNI_CASES)
def prints(case_id: int) -> AnyResponse | tuple[str, int]:
    try:
        received = date.fromisoformat(request.form.get("received_on", ""))
    except ValueError:
        return _again(case_id, Invalid({"received_on": "prints_day"}))
    try:
        operations.receive_prints(
            access.session(),
            **_asked(case_id),
            count=row_number(request.form.get("count")) or 0,
            received_on=received,
        )
    except (Invalid, NotAllowed, Outdated) as problem:
        return _again(case_id, problem)
    flash(t("alumni_desk.done.prints"), "good")
    return redirect(url_for(".show", case_id=case_id), 303)


@blueprint.post("/console/alumni/<int:case_id>/sheet")
@access.needs(Permission.ALUMNI_SCANS)
def add_sheet(case_id: int) -> AnyResponse | tuple[str, int]:
    """The scan of the sealed sheet."""
    _case(case_id)
    parts = access.parts()
    access.session().rollback()  # no connection is held while the file is read
    try:
        file = take_paper("sheet")
    except UploadProblem as problem:
        return _again(case_id, Invalid({}), {"sheet": t("photo.upload." + problem.reason)})
    except Unreadable as problem:
        return _again(case_id, Invalid({}), {"sheet": t("finding.reason." + problem.reason)})
    except Undrawable as problem:
        return _again(case_id, Invalid({}), {"sheet": t("alumni.undrawable." + problem.reason)})
    stored = StoredPaper("sheet", parts.files.put(file.content), file.media_type, len(file.content), file.pages)
    try:
        papers.add_sheet(
            access.session(),
            scope=access.scope(),
            party=_known_party(),
            case_id=case_id,
            paper=stored,
            files=parts.files,
            used=files_in_use,
            rules=parts.alumni,
            actor=access.actor(),
            now=access.now(),
        )
    except NotAllowed as problem:
        return _again(case_id, problem)
    flash(t("alumni_desk.done.sheet"), "good")
    return redirect(url_for(".show", case_id=case_id), 303)


@blueprint.get("/console/alumni/<int:case_id>/sheet.pdf")
@access.needs(Permission.ALUMNI_CASES)
def sheet(case_id: int) -> Response:
    """Our form, filled in, to be printed, signed and sealed. It bears the whole ID number: that is in the history."""
    case = _case(case_id)
    if not access.parts().alumni.needs[Route(case.route)].sheet:
        raise NotFound(case=case_id)
    note_case_seen(access.session(), case=case, actor=access.actor(), now=access.now())
    headers = {"Content-Disposition": f'inline; filename="case-{case_id}.pdf"', "Cache-Control": "no-store"}
    return Response(sheet_of(_case(case_id)), mimetype="application/pdf", headers=headers)


@blueprint.get("/console/alumni/<int:case_id>/paper/<int:paper_id>/file/<int:page>")
@access.needs(Permission.ALUMNI_SCANS)
def paper_file(case_id: int, paper_id: int, page: int) -> Response:
    return show_paper(_paper(case_id, paper_id), page)


@blueprint.get("/console/alumni/<int:case_id>/paper/<int:paper_id>")
@access.needs(Permission.ALUMNI_SCANS)
def paper(case_id: int, paper_id: int) -> str:
    """One scan, large, with its pages; of the photo, what the engine found."""
    found = _paper(case_id, paper_id)
    case = _case(case_id)
    return render_template(
        "console/alumni/paper.html",
        case=case,
        paper=found,
        student=case.student,
        report=Report.from_dict(found.report) if found.report else None,
        others=[item for item in case.papers if item.id != found.id],
    )


def _paper(case_id: int, paper_id: int) -> AlumniPaper:
    return papers.paper_in_scope(
        access.session(), scope=access.scope(), party=_party(), case_id=case_id, paper_id=paper_id
    )


def _case(case_id: int) -> AlumniCase:
    return case_in_scope(access.session(), scope=access.scope(), case_id=case_id)


def _party() -> Party | None:
    return party_of(access.account().role)


def _known_party() -> Party:
    party = _party()
    if party is None:
        raise NotFound()
    return party


def _asked(case_id: int) -> dict[str, Any]:
    """What every verb of the staff needs."""
    return {
        "scope": access.scope(),
        "party": _known_party(),
        "case_id": case_id,
        "seen_revision": row_number(request.form.get("seen_revision")) or 0,
        "rules": access.parts().alumni,
        "actor": access.actor(),
        "now": access.now(),
    }


def _again(case_id: int, problem: DomainError, wrong: dict[str, str] | None = None) -> tuple[str, int]:
    """The same page, with what is wrong; wrong: field -> sentence, where the problem does not name the fields."""
    access.session().rollback()
    if isinstance(problem, Invalid):
        wrong = {field: t("alumni_desk.problem." + key) for field, key in problem.problems.items()} | (wrong or {})
    return _page(_case(case_id), problem=problem, wrong=wrong), 422 if isinstance(problem, Invalid) else 409


def _page(
    case: AlumniCase,
    *,
    problem: DomainError | None = None,
    wrong: dict[str, str] | None = None,
    in_full: bool = False,
) -> str:
    session, rules, party = access.session(), access.parts().alumni, _party()
    route, state, student = Route(case.route), CaseState(case.state), case.student
    needs = rules.needs[route]
    accepted = photo_accepted(session, student.id)
    present = {paper.kind: paper for paper in case.papers}
    actions = actions_of(party, route, state)
    entries = entries_of(session, "alumni_case", case.id)
    staff = {entry.actor_id for entry in entries if entry.actor_kind == "staff" and entry.actor_id}
    package = package_of(session, case.id) if party is Party.REGISTRY else None
    return render_template(
        "console/alumni/show.html",
        case=case,
        student=student,
        route=route,
        state=state,
        party=party,
        needs=needs,
        present=present,
        counted=kinds_of(case),
        may_see=access.may(Permission.ALUMNI_SCANS) and may_see_scans(party, state),
        actions=[action.value for action in actions],
        endorse=CaseAction.ENDORSE in actions,
        may_add_sheet=party is Party.CENTRE and state is CaseState.AT_CENTRE and needs.sheet,
        may_note_prints=party is Party.CENTRE
        and bool(needs.prints)
        and state in (CaseState.WITH_STUDENT, CaseState.RETURNED, CaseState.AT_CENTRE),
        missing=missing_to_endorse(needs, papers=kinds_of(case), photo_accepted=accepted, prints=case.prints),
        photo=photo_of(session, student.id),
        routes=[name for name in (Route.BIND, Route.CAPTURE, Route.SCANS) if name is not route],
        waits_for=WAITS_FOR.get(state),
        id_number=student.id_number if in_full else masked_id_number(student.id_number),
        in_full=in_full,
        entries=[entry for entry in entries if entry.verb in HISTORY],
        names=names_of(session, staff | {who for who in (case.opinion_by, case.prints_by) if who}),
        package=package,
        problem=problem,
        wrong=wrong or {},
        sent=request.form,
        most=MAX_TEXT,
        today=day_of(access.now()),
        now=access.now(),
    )


# what the page tells of a case's history, in words of `students.verb`
HISTORY = frozenset(
    "alumni_case." + verb
    for verb in (
        *("opened", "submitted", "found", "missing", "withdrawn", "returned", "rerouted", "closed", "sheet_added"),
        *("endorsed", "sent_back", "approved", "packaged", "sent", "confirmed", "prints_received", "paper_seen"),
        *("package_taken", "scans_deleted", "number_seen", "person_asked"),
    )
)
