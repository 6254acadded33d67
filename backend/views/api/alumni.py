"""A graduate's case: the way, the scans, the result."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from flask import Blueprint, Response, request
from pydantic import Field

from backend.accounts.rules import Permission
from backend.alumni import operations, papers
from backend.alumni.operations import kinds_of, photo_accepted
from backend.alumni.queries import case_of
from backend.alumni.records import AlumniCase, AlumniPaper
from backend.alumni.rules import (
    MAX_TEXT,
    WAITS_FOR,
    CaseAction,
    CaseState,
    Party,
    Route,
    actions_of,
    answers_from,
    missing_to_submit,
)
from backend.compliance.findings import PictureVerdict, Report
from backend.doctor import files_in_use
from backend.errors import Invalid, NotFound
from backend.views import access
from backend.views.alumni_papers import add_own_paper, own_paper, show_paper
from backend.views.api.contract import EVIDENCE, JPEG, Answer, Body, Part, Revision, Seen, Upload, operation
from backend.views.api.findings import Finding, findings_of
from backend.views.limits import upload_limit

blueprint = Blueprint("api_alumni", __name__, url_prefix="/api/v1/alumni-case")

YesNo = Literal["yes", "no"]
SCANS = ("diploma", "id_front", "id_back", "photo")  # what a graduate adds; the sheet is the centre's


class PaperSaid(Answer):
    """A scan. A photo has a verdict and findings; with "retake" it counts when a person was asked about it."""

    id: int
    kind: str = Field(examples=["diploma"])
    media_type: str = Field(examples=["image/jpeg"])
    pages: int
    added_at: datetime
    verdict: PictureVerdict | None
    findings: list[Finding]
    asked: str = Field(examples=["It is the only print that I have."])


class Case(Answer):
    """The newest case. `missing`: what the way asks for before it can be sent; `revision` goes back with a change.

    `missing` names scans, and "capture" for a photo that the centre has not accepted yet.
    """

    id: int
    route: Route
    state: CaseState
    since: datetime
    waits_for: Party | None
    due_on: date | None
    sent_on: date | None
    revision: int
    asked_for: list[str] = Field(examples=[["diploma", "id_front", "id_back", "photo"]])
    prints: int
    missing: list[str] = Field(examples=[["id_back"]])
    papers: list[PaperSaid]
    actions: list[CaseAction]
    reason: str = Field(examples=["The scan of the diploma cannot be read."])


class Open(Body):
    """The answers of GET /alumni/triage. What the roster knows need not be said."""

    graduated: Literal["before", "since"] | None = Field(None, examples=["before"])
    diploma: YesNo | None = Field(None, examples=["yes"])
    captured: Literal["yes", "no", "unknown"] | None = Field(None, examples=["no"])


class Result(Body):
    """`found`: the photo is at 学信网 now."""

    seen_revision: Revision
    found: bool


class Ask(Body):
    text: str = Field(min_length=1, max_length=MAX_TEXT, examples=["It is the only print that I have."])


@blueprint.get("")
@access.needs(Permission.OWN_DATA)
@operation(answer=Case)
def show() -> Case:
    return _said()


@blueprint.post("")
@access.needs(Permission.OWN_DATA)
@operation(answer=Case, status=201, body=Open, errors=(409,))
def open_(body: Open) -> Case:
    """One that is under way is given instead. A question that matters and is not answered is named in `fields`."""
    student, rules = access.student(), access.parts().alumni
    given = {name: said for name, said in body.model_dump().items() if said is not None}
    answers, question = answers_from(rules, given, graduated_on=student.graduated_on)
    if answers is None:
        raise Invalid({question: "answer_needed"})
    operations.open_case(
        access.session(),
        student_id=student.id,
        answers=answers,
        rules=rules,
        actor=access.actor(),
        now=access.now(),
    )
    return _said()


@blueprint.post("/papers")
@upload_limit
@access.needs(Permission.OWN_DATA)
@operation(
    answer=Case,
    status=201,
    uploads=(Upload("file", EVIDENCE, evidence=True),),
    fields=(Part("kind", "diploma", needed=True, known=SCANS),),
    errors=(409, 413),
)
def add() -> Case:
    """One scan; one of the same kind is replaced. Asks for the consent "alumni_scans" first: see /consents."""
    kind = request.form.get("kind", "")
    if kind not in SCANS:
        raise Invalid({"kind": "unknown"})
    add_own_paper(_case().id, kind)
    return _said()


@blueprint.get("/papers/<int:paper_id>/pages/<int:number>")
@access.needs(Permission.OWN_DATA)
@operation(media=(JPEG,), errors=(422,))
def page_(paper_id: int, number: int) -> Response:
    """One page with the name of who looks and the time on it."""
    return show_paper(_paper(paper_id), number)


@blueprint.post("/papers/<int:paper_id>/question")
@access.needs(Permission.OWN_DATA)
@operation(answer=Case, body=Ask, errors=(409,))
def ask(paper_id: int, body: Ask) -> Case:
    """A person shall look at the photo in spite of a clear defect."""
    papers.ask_person(
        access.session(),
        student_id=access.student().id,
        case_id=_case().id,
        paper_id=paper_id,
        words=body.text,
        actor=access.actor(),
        now=access.now(),
    )
    return _said()


@blueprint.delete("/papers/<int:paper_id>")
@access.needs(Permission.OWN_DATA)
@operation(answer=Case, errors=(409,))
def remove(paper_id: int) -> Case:
    papers.remove_paper(
        access.session(),
        student_id=access.student().id,
        case_id=_case().id,
        paper_id=paper_id,
        files=access.parts().files,
        used=files_in_use,
        actor=access.actor(),
        now=access.now(),
    )
    return _said()


@blueprint.post("/submission")
@access.needs(Permission.OWN_DATA)
@operation(answer=Case, body=Seen, errors=(409,))
def submit(body: Seen) -> Case:
    """To the centre. With 409 papers_missing, `fields` names what is missing."""
    operations.submit_case(
        access.session(),
        student_id=access.student().id,
        case_id=_case().id,
        seen_revision=body.seen_revision,
        rules=access.parts().alumni,
        actor=access.actor(),
        now=access.now(),
    )
    return _said()


@blueprint.post("/result")
@access.needs(Permission.OWN_DATA)
@operation(answer=Case, body=Result, errors=(409,))
def result(body: Result) -> Case:
    """The graduate looked at 学信网. Their word: nothing is asked there."""
    operations.report_result(
        access.session(),
        student_id=access.student().id,
        case_id=_case().id,
        seen_revision=body.seen_revision,
        found=body.found,
        rules=access.parts().alumni,
        actor=access.actor(),
        now=access.now(),
    )
    return _said()


@blueprint.post("/withdrawal")
@access.needs(Permission.OWN_DATA)
@operation(answer=Case, body=Seen, errors=(409,))
def withdraw(body: Seen) -> Case:
    """The scans are deleted."""
    operations.withdraw_case(
        access.session(),
        student_id=access.student().id,
        case_id=_case().id,
        seen_revision=body.seen_revision,
        rules=access.parts().alumni,
        actor=access.actor(),
        now=access.now(),
    )
    return _said()


def _case() -> AlumniCase:
    found = case_of(access.session(), access.student().id)
    if found is None:
        raise NotFound(alumni_case="none")
    return found


def _paper(paper_id: int) -> AlumniPaper:
    return own_paper(_case().id, paper_id)


def _said() -> Case:
    case, rules = _case(), access.parts().alumni
    access.session().refresh(case)
    route, state = Route(case.route), CaseState(case.state)
    needs, mine = rules.needs[route], WAITS_FOR.get(state) is Party.STUDENT and state is not CaseState.SENT
    accepted = photo_accepted(access.session(), case.student_id)
    return Case(
        id=case.id,
        route=route,
        state=state,
        since=case.since,
        waits_for=WAITS_FOR.get(state),
        due_on=case.due_on,
        sent_on=case.sent_on,
        revision=case.revision,
        asked_for=list(needs.scans),
        prints=needs.prints,
        missing=list(missing_to_submit(needs, papers=kinds_of(case), photo_accepted=accepted)),
        papers=[_paper_said(paper) for paper in case.papers if paper.kind != "sheet"],
        actions=list(actions_of(Party.STUDENT, route, state)),
        # the newest reason is for whoever has to act on it: what the college told the centre stays between them
        reason=case.note if mine or state is CaseState.CLOSED else "",
    )


def _paper_said(paper: AlumniPaper) -> PaperSaid:
    report = Report.from_dict(paper.report) if paper.report else None
    return PaperSaid(
        id=paper.id,
        kind=paper.kind,
        media_type=paper.media_type,
        pages=paper.pages,
        added_at=paper.added_at,
        verdict=report.verdict if report else None,
        findings=findings_of(report) if report else [],
        asked=paper.asked,
    )
