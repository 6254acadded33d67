"""The graduate's case: where it stands, what to prepare, scans, the result."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.accounts.rules import Permission
from backend.adapters.watermark import Undrawable
from backend.alumni import operations, papers
from backend.alumni.operations import kinds_of, photo_accepted
from backend.alumni.papers import SCANS_CONSENT
from backend.alumni.queries import case_of, own_case
from backend.alumni.records import AlumniCase, AlumniPaper
from backend.alumni.rules import (
    FINAL,
    QUESTIONS,
    WAITS_FOR,
    Answers,
    CaseState,
    NotAlumnus,
    Party,
    Route,
    actions_of,
    answers_from,
    completed,
    graduated,
    missing_to_submit,
    next_question,
    route_of,
)
from backend.compliance.assess import Unreadable
from backend.compliance.findings import Report
from backend.consent.operations import give_consent
from backend.consent.queries import has_consent
from backend.days import day_of
from backend.doctor import files_in_use
from backend.enrollment.records import Student
from backend.errors import Invalid
from backend.photos.queries import photo_of
from backend.views import access
from backend.views.addresses import row_number
from backend.views.alumni_papers import add_own_paper, own_paper, show_paper
from backend.views.limits import upload_limit
from backend.views.prose import html_of
from backend.views.public.alumni import triage_answers
from backend.views.uploads import UploadProblem
from backend.views.words import look, t

blueprint = Blueprint("student_alumni", __name__)


@blueprint.get("/alumni/case")
@access.needs(Permission.OWN_DATA)
def show() -> str:
    case = case_of(access.session(), access.student().id)
    again = request.args.get("new") == "1" and case is not None and case.state in FINAL
    return _begin_page() if case is None or again else _page(case)


@blueprint.post("/alumni/case")
@access.needs(Permission.OWN_DATA)
def open_case() -> AnyResponse | tuple[str, int]:
    """The answers of the triage make the case. What the roster knows was not asked."""
    given = {name: request.form[name] for name, known in QUESTIONS.items() if request.form.get(name) in known}
    answers, _ = answers_from(access.parts().alumni, given, graduated_on=access.student().graduated_on)
    if answers is None:
        return _begin_page(t("alumni.begin.problem")), 422
    operations.open_case(
        access.session(),
        student_id=access.student().id,
        answers=answers,
        rules=access.parts().alumni,
        actor=access.actor(),
        now=access.now(),
    )
    return redirect(url_for(".show"), 303)


@blueprint.post("/alumni/case/<int:case_id>/result")
@access.needs(Permission.OWN_DATA)
def result(case_id: int) -> AnyResponse | tuple[str, int]:
    said = request.form.get("found", "")
    if said not in ("yes", "no"):
        return _page(_case(case_id), errors={"found": t("alumni.result.needed")}), 422
    operations.report_result(
        access.session(),
        student_id=access.student().id,
        case_id=case_id,
        seen_revision=_seen(),
        found=said == "yes",
        rules=access.parts().alumni,
        actor=access.actor(),
        now=access.now(),
    )
    flash(t("alumni.result.kept." + said), "good")
    return redirect(url_for(".show"), 303)


@blueprint.post("/alumni/case/<int:case_id>/consent")
@access.needs(Permission.OWN_DATA)
def consent(case_id: int) -> AnyResponse | tuple[str, int]:
    purpose = access.parts().purposes[SCANS_CONSENT]
    if request.form.get("agree") != "1":
        return _page(_case(case_id), errors={"agree": t("consent.nothing_ticked")}), 422
    give_consent(
        access.session(),
        student_id=access.student().id,
        purpose=purpose,
        seen_version=request.form.get("version", ""),
        language=look().language,
        actor=access.actor(),
        now=access.now(),
    )
    return redirect(url_for(".show"), 303)


@blueprint.post("/alumni/case/<int:case_id>/paper/<any(diploma, id_front, id_back, photo):kind>")
@upload_limit
@access.needs(Permission.OWN_DATA)
def add(case_id: int, kind: str) -> AnyResponse | tuple[str, int]:
    try:
        paper = add_own_paper(case_id, kind)
    except UploadProblem as problem:
        words = t("photo.upload." + problem.reason)
        return _page(_case(case_id), errors={kind: words}), 413 if problem.reason == "too_big" else 422
    except Unreadable as problem:
        return _page(_case(case_id), errors={kind: t("finding.reason." + problem.reason)}), 422
    except Undrawable as problem:
        return _page(_case(case_id), errors={kind: t("alumni.undrawable." + problem.reason)}), 422
    if kind == "photo":
        return redirect(url_for(".paper", case_id=case_id, paper_id=paper.id), 303)
    flash(t("alumni.paper.added", paper=t("alumni.paper.name." + kind)), "good")
    return redirect(url_for(".show"), 303)


@blueprint.get("/alumni/case/<int:case_id>/paper/<int:paper_id>")
@access.needs(Permission.OWN_DATA)
def paper(case_id: int, paper_id: int) -> str:
    return _paper_page(_paper(case_id, paper_id))


@blueprint.get("/alumni/case/<int:case_id>/paper/<int:paper_id>/file/<int:page>")
@access.needs(Permission.OWN_DATA)
def paper_file(case_id: int, paper_id: int, page: int) -> Response:
    """One page of a scan, with the watermark, for its owner too: a screen may be looked at by others."""
    return show_paper(_paper(case_id, paper_id), page)


@blueprint.post("/alumni/case/<int:case_id>/paper/<int:paper_id>/ask")
@access.needs(Permission.OWN_DATA)
def ask(case_id: int, paper_id: int) -> AnyResponse | tuple[str, int]:
    try:
        papers.ask_person(
            access.session(),
            student_id=access.student().id,
            case_id=case_id,
            paper_id=paper_id,
            words=request.form.get("ask", ""),
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid as error:
        words = t("alumni.problem." + error.problems["ask"])
        return _paper_page(_paper(case_id, paper_id), error=words), 422
    flash(t("alumni.photo.asked"), "good")
    return redirect(url_for(".show"), 303)


@blueprint.post("/alumni/case/<int:case_id>/paper/<int:paper_id>/remove")
@access.needs(Permission.OWN_DATA)
def remove(case_id: int, paper_id: int) -> AnyResponse:
    papers.remove_paper(
        access.session(),
        student_id=access.student().id,
        case_id=case_id,
        paper_id=paper_id,
        files=access.parts().files,
        used=files_in_use,
        actor=access.actor(),
        now=access.now(),
    )
    flash(t("alumni.paper.removed"), "good")
    return redirect(url_for(".show"), 303)


@blueprint.post("/alumni/case/<int:case_id>/submit")
@access.needs(Permission.OWN_DATA)
def submit(case_id: int) -> AnyResponse:
    operations.submit_case(
        access.session(),
        student_id=access.student().id,
        case_id=case_id,
        seen_revision=_seen(),
        rules=access.parts().alumni,
        actor=access.actor(),
        now=access.now(),
    )
    flash(t("alumni.submitted"), "good")
    return redirect(url_for(".show"), 303)


@blueprint.route("/alumni/case/<int:case_id>/withdraw", methods=["GET", "POST"])
@access.needs(Permission.OWN_DATA)
def withdraw(case_id: int) -> str | AnyResponse:
    if request.method == "GET":
        return render_template("student/alumni_withdraw.html", case=_case(case_id))
    operations.withdraw_case(
        access.session(),
        student_id=access.student().id,
        case_id=case_id,
        seen_revision=_seen(),
        rules=access.parts().alumni,
        actor=access.actor(),
        now=access.now(),
    )
    flash(t("alumni.withdrawn"), "good")
    return redirect(url_for(".show"), 303)


def _case(case_id: int) -> AlumniCase:
    return own_case(access.session(), student_id=access.student().id, case_id=case_id)


def _paper(case_id: int, paper_id: int) -> AlumniPaper:
    return own_paper(case_id, paper_id)


def _seen() -> int:
    return row_number(request.form.get("seen_revision")) or 0


def _known_answers(student: Student) -> dict[str, str]:
    if student.graduated_on is None:
        return {}
    return {"graduated": graduated(access.parts().alumni, student.graduated_on)}


def _begin_page(error: str = "") -> str:
    """The questions that are left, with the answers from before the sign-in; only those that still matter are asked."""
    student, rules = access.student(), access.parts().alumni
    if student.graduated_on is None and student.certificate_number is None:
        raise NotAlumnus(student=student.id)
    answered = triage_answers()
    known = _known_answers(student)
    given = {"linked": "no", **known}
    ready = None
    if answered is not None and answered.linked == "no":
        answers = Answers("no", known.get("graduated", answered.graduated), answered.diploma, answered.captured)
        ready = route_of(rules, answers)
        given = {"linked": "no", "graduated": answers.graduated}
        given |= {"diploma": answers.diploma, "captured": answers.captured}
    elif next_question(rules, given) is None:
        ready = route_of(rules, completed(given))
    return render_template(
        "student/alumni_begin.html",
        student=student,
        given=given,
        ready=ready,
        asked=[name for name in QUESTIONS if name not in given],
        questions=QUESTIONS,
        boundary=rules.boundary,
        error=error,
    )


def _page(case: AlumniCase, *, errors: dict[str, str] | None = None) -> str:
    session, student, rules = access.session(), access.student(), access.parts().alumni
    route, state = Route(case.route), CaseState(case.state)
    needs = rules.needs[route]
    present = {paper.kind: paper for paper in case.papers if paper.kind != "sheet"}
    accepted = photo_accepted(session, student.id)
    missing = missing_to_submit(needs, papers=kinds_of(case), photo_accepted=accepted)
    mine = WAITS_FOR.get(state) is Party.STUDENT and state is not CaseState.SENT
    purpose = access.parts().purposes[SCANS_CONSENT]
    return render_template(
        "student/alumni_case.html",
        case=case,
        student=student,
        route=route,
        state=state,
        needs=needs,
        present=present,
        counted=kinds_of(case),
        missing=missing,
        mine=mine,
        ended=state in FINAL,
        actions=actions_of(Party.STUDENT, route, state),
        steps=steps_of(case),
        photo=photo_of(session, student.id),
        photo_accepted=accepted,
        consented=has_consent(session, student_id=student.id, purpose=SCANS_CONSENT),
        purpose=purpose,
        html_of=html_of,
        waits_for=WAITS_FOR.get(state),
        days_left=(case.due_on - day_of(access.now())).days if case.due_on else None,
        retention=rules.retention,
        max_bytes=access.parts().settings.photos.evidence_max_bytes,
        errors=errors or {},
    )


STEPS = {
    True: ("begun", "mine", "centre", "college", "report", "seen"),
    False: ("begun", "mine", "seen"),
}
AT = {
    CaseState.WITH_STUDENT: "mine",
    CaseState.RETURNED: "mine",
    CaseState.AT_CENTRE: "centre",
    CaseState.AT_COLLEGE: "college",
    CaseState.APPROVED: "report",
    CaseState.SENT: "seen",
}


def steps_of(case: AlumniCase) -> list[dict[str, str]]:
    """The way as a line: what is done, where it stands, what comes."""
    route, state = Route(case.route), CaseState(case.state)
    long = route in (Route.SCANS, Route.CAPTURE) or state is CaseState.AT_CENTRE
    names = [name for name in STEPS[long] if name != "mine" or route is not Route.ASK_CENTRE]
    if long and route not in (Route.SCANS, Route.CAPTURE):
        names = [name for name in names if name not in ("college", "report")]
    here = names.index(AT[state]) if state in AT else len(names)
    if state in (CaseState.WITHDRAWN, CaseState.CLOSED):
        here = 1
    return [
        {
            "label": t(f"alumni.step.{route}.{name}") if name == "mine" else t("alumni.step." + name),
            "short": t("alumni.step.short." + name),
            "state": "done" if place < here else "current" if place == here else "todo",
        }
        for place, name in enumerate(names)
    ]


def _paper_page(found: AlumniPaper, error: str = "") -> str:
    case = own_case(access.session(), student_id=access.student().id, case_id=found.case_id)
    return render_template(
        "student/alumni_paper.html",
        case=case,
        paper=found,
        report=Report.from_dict(found.report) if found.report else None,
        may_change=CaseState(case.state) in (CaseState.WITH_STUDENT, CaseState.RETURNED),
        error=error,
    )
