"""Papers that are asked for before the registration: an identity review, as the student sees it. No mark, no reason."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.accounts.rules import Permission
from backend.compliance.assess import Unreadable
from backend.errors import Invalid, NotFound
from backend.identity.operations import act_on_review, add_evidence, check_may_add
from backend.identity.queries import evidence_of, open_review_of
from backend.identity.records import IdentityCase
from backend.identity.rules import Action, Party, State, actions_of
from backend.views import access
from backend.views.addresses import row_number
from backend.views.errata_words import in_language
from backend.views.evidence import show_evidence, take_evidence
from backend.views.limits import upload_limit
from backend.views.uploads import UploadProblem
from backend.views.words import t

blueprint = Blueprint("student_papers", __name__)


@blueprint.get("/papers")
@access.needs(Permission.OWN_DATA)
def show() -> str:
    return _page({})


@blueprint.post("/papers/save")
@upload_limit
@access.needs(Permission.OWN_DATA)
def save() -> str | AnyResponse | tuple[str, int]:
    """1. the papers are kept  2. when asked, they are handed in."""
    case = _case()
    problems: dict[str, str] = {}
    check_may_add(case, Party.STUDENT, pieces=0)
    for kind in access.parts().rounds.wanted:
        _keep(case, kind.name, problems)
    case = _case()
    try:
        if not problems and request.form.get("do") == "hand_in":
            hand_in_papers(case, seen_revision=case.revision)
            flash(t("papers.handed_in"), "good")
            return redirect(url_for(".show"), 303)
    except Invalid:
        access.session().rollback()
        problems["papers"] = t("papers.none_yet")
    if problems:
        return _page(problems), 422
    flash(t("errata.saved"), "good")
    return redirect(url_for(".show"), 303)


@blueprint.get("/papers/evidence/<int:evidence_id>")
@access.needs(Permission.OWN_DATA)
def evidence(evidence_id: int) -> Response:
    found = evidence_of(_case(), evidence_id)
    return show_evidence(found.file_name, found.media_type, row_number(request.args.get("page")) or 1)


def _keep(case: IdentityCase, kind: str, problems: dict[str, str]) -> None:
    field = f"evidence_{kind}"
    try:
        add_paper(case, kind, field=field)
    except UploadProblem as problem:
        problems[field] = t("photo.upload." + problem.reason)
    except Unreadable as problem:
        problems[field] = t("finding.reason." + problem.reason)
    except Invalid as problem:
        access.session().rollback()
        problems[field] = t("errata.problem." + next(iter(problem.problems.values())))


def add_paper(case: IdentityCase, kind: str, *, field: str, needed: bool = False) -> None:
    """Keep what was sent in this field as papers of one kind; nothing sent is nothing to do, unless it is needed.

    Raises NotAllowed, Invalid, UploadProblem and Unreadable.
    """
    student_id, case_id = case.student_id, case.id
    check_may_add(case, Party.STUDENT, pieces=0)
    files = take_evidence(field) if request.files.getlist(field) else []
    if needed and not files:
        raise UploadProblem("missing")
    if files:
        add_evidence(
            access.session(),
            scope=None,
            student_id=student_id,
            party=Party.STUDENT,
            case_id=case_id,
            kind=kind,
            evidence=files,
            rounds=access.parts().rounds,
            actor=access.actor(),
            now=access.now(),
        )


def hand_in_papers(case: IdentityCase, *, seen_revision: int) -> None:
    """Everything is there: on to whoever looks at it. Raises Outdated, NotAllowed, Invalid."""
    act_on_review(
        access.session(),
        scope=None,
        student_id=case.student_id,
        party=Party.STUDENT,
        case_id=case.id,
        seen_revision=seen_revision,
        action=Action.HAND_IN,
        text="",
        rounds=access.parts().rounds,
        actor=access.actor(),
        now=access.now(),
    )


def _case() -> IdentityCase:
    case = open_review_of(access.session(), access.student().id)
    if case is None:
        raise NotFound()
    return case


def _page(problems: dict[str, str]) -> str:
    case = open_review_of(access.session(), access.student().id)
    rounds = access.parts().rounds
    return render_template(
        "student/papers.html",
        case=case,
        round=rounds.named(case.round) if case else None,
        wanted=[(kind.name, in_language(kind.label), kind.required) for kind in rounds.wanted],
        may_add=case is not None and Action.ADD in actions_of(State(case.state), Party.STUDENT),
        problems=problems,
        centre=access.student().centre,
        max_bytes=access.parts().settings.photos.evidence_max_bytes,
    )
