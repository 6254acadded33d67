"""Identity reviews at the desk: only the centre's head and the college's registry get here."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.accounts.queries import names_of
from backend.accounts.rules import Permission
from backend.compliance.assess import Unreadable
from backend.days import day_of
from backend.enrollment.queries import student_in_scope
from backend.enrollment.rules import masked_id_number
from backend.errata.rules import urgency
from backend.errors import DomainError, Invalid, NotAllowed, NotFound, Outdated
from backend.identity.operations import act_on_review, add_evidence, check_may_add, note_seen, open_identity_case
from backend.identity.queries import evidence_of, review_counts, review_in_scope, reviews_in
from backend.identity.records import IdentityCase
from backend.identity.retention import delete_on
from backend.identity.rules import MAX_WORDS, WAITS_FOR, Action, Mark, Party, State, actions_of, staff_party
from backend.views import access
from backend.views.addresses import row_number
from backend.views.console.lists import Page, centre_choices, centre_wish, one_of, page_number
from backend.views.errata_words import in_language
from backend.views.evidence import show_evidence, take_evidence
from backend.views.limits import upload_limit
from backend.views.uploads import UploadProblem
from backend.views.words import t

blueprint = Blueprint("console_identity", __name__)

ROWS = 50


@blueprint.get("/console/identity", endpoint="list")
@access.needs(Permission.IDENTITY_REVIEW)
def list_page() -> str:
    session, scope, state, number = access.session(), access.scope(), one_of(State, "state"), page_number()
    centre, today = centre_wish(), day_of(access.now())
    rows, total = reviews_in(
        session, scope=scope, state=state, centre_id=centre, offset=(number - 1) * ROWS, limit=ROWS
    )  # fmt: skip
    return render_template(
        "console/identity/list.html",
        rows=rows,
        page=Page(number, ROWS, total),
        counts=review_counts(session, scope=scope),
        state=state,
        keep={"centre": centre} if centre else {},
        centres=centre_choices(),
        centre=centre,
        waits=WAITS_FOR,
        states=State,
        urgency_of=lambda case: urgency(case.due_on, today=today).value,
        round=access.parts().rounds.current(today),
    )


@blueprint.route("/console/identity/new/<int:student_id>", methods=["GET", "POST"])
@access.needs(Permission.IDENTITY_REVIEW)
def open_new(student_id: int) -> str | AnyResponse | tuple[str, int]:
    """Open a review by hand, for a student whom the download marks."""
    student = student_in_scope(access.session(), scope=access.scope(), student_id=student_id)
    mark, source = request.form.get("mark", ""), request.form.get("source", "").strip()
    wrong = request.method == "POST" and (mark not in set(Mark) or not source or len(source) > 80)
    if request.method == "GET" or wrong:
        page = render_template(
            "console/identity/new.html", student=student, marks=list(Mark), sent=request.form, wrong=wrong
        )
        return (page, 422) if wrong else page
    case = open_identity_case(
        access.session(),
        scope=access.scope(),
        student_id=student_id,
        mark=Mark(mark),
        source=source,
        rounds=access.parts().rounds,
        actor=access.actor(),
        now=access.now(),
    )
    return redirect(url_for(".show", case_id=case.id), 303)


@blueprint.get("/console/identity/<int:case_id>")
@access.needs(Permission.IDENTITY_REVIEW)
def show(case_id: int) -> str:
    return _page(_case(case_id))


@blueprint.post("/console/identity/<int:case_id>")
@access.needs(Permission.IDENTITY_REVIEW)
def act(case_id: int) -> AnyResponse:
    word = request.form.get("action", "")
    try:
        act_on_review(
            access.session(),
            scope=access.scope(),
            student_id=None,
            party=_party(),
            case_id=case_id,
            seen_revision=row_number(request.form.get("seen_revision")) or 0,
            action=Action(word) if word in set(Action) else Action.ADD,
            text=request.form.get("text", ""),
            rounds=access.parts().rounds,
            actor=access.actor(),
            now=access.now(),
        )
    except (Invalid, NotAllowed, Outdated) as problem:
        access.session().rollback()
        return make_response(_page(_case(case_id), problem=problem), 422 if isinstance(problem, Invalid) else 409)
    flash(t("identity.done"), "good")
    return redirect(url_for(".show", case_id=case_id), 303)


@blueprint.post("/console/identity/<int:case_id>/evidence")
@upload_limit
@access.needs(Permission.IDENTITY_REVIEW)
def add(case_id: int) -> AnyResponse:
    """Papers that the student brought to the centre."""
    party = _party()
    if party is None:
        raise NotFound(identity=case_id)
    try:
        check_may_add(_case(case_id), party, pieces=1)
        files = take_evidence()
        if not files:
            raise Invalid({"evidence": "needed"})
        add_evidence(
            access.session(),
            scope=access.scope(),
            student_id=None,
            party=party,
            case_id=case_id,
            kind=request.form.get("kind", ""),
            evidence=files,
            rounds=access.parts().rounds,
            actor=access.actor(),
            now=access.now(),
        )
    except (UploadProblem, Unreadable) as upload:
        words = t(("photo.upload." if isinstance(upload, UploadProblem) else "finding.reason.") + upload.reason)
        return make_response(_page(_case(case_id), said=words), 422)
    except Invalid as problem:
        access.session().rollback()
        words = t("errata.problem." + next(iter(problem.problems.values())))
        return make_response(_page(_case(case_id), said=words), 422)
    return redirect(url_for(".show", case_id=case_id), 303)


@blueprint.get("/console/identity/<int:case_id>/evidence/<int:evidence_id>")
@access.needs(Permission.IDENTITY_REVIEW)
def evidence(case_id: int, evidence_id: int) -> Response:
    case = _case(case_id)
    found = evidence_of(case, evidence_id)
    file_name, media_type = found.file_name, found.media_type
    note_seen(access.session(), case=case, item=evidence_id, actor=access.actor(), now=access.now())
    return show_evidence(file_name, media_type, row_number(request.args.get("page")) or 1)


def _page(case: IdentityCase, *, problem: DomainError | None = None, said: str = "") -> str:
    people = {step.actor_id for step in case.steps if step.actor_id is not None}
    rounds = access.parts().rounds
    given = {item.kind for item in case.evidence}
    return render_template(
        "console/identity/show.html",
        case=case,
        delete_on=delete_on(case, rounds),
        student=case.student,
        masked=masked_id_number(case.student.id_number),
        round=rounds.named(case.round),
        wanted=[(kind.name, in_language(kind.label), kind.required, kind.name in given) for kind in rounds.wanted],
        labels={kind.name: in_language(kind.label) for kind in rounds.wanted},
        actions=actions_of(State(case.state), _party()),
        urgency=urgency(case.due_on, today=day_of(access.now())).value,
        names=names_of(access.session(), people),
        problem=problem,
        said=said,
        sent=request.form,
        most=MAX_WORDS,
    )


def _party() -> Party | None:
    return staff_party(access.account().role)


def _case(case_id: int) -> IdentityCase:
    return review_in_scope(access.session(), scope=access.scope(), case_id=case_id)
