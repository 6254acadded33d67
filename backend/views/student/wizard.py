"""A few questions that find out who acts; one a page. Going back keeps the answers; it ends in one outcome."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.accounts.rules import Permission
from backend.errata.beginnings import OtherStudent
from backend.errata.operations import open_case
from backend.errata.records import ErratumCase
from backend.errata.rules import Form as ErratumForm
from backend.errata.rules import Origin, Reason
from backend.errors import Invalid, NotFound
from backend.proofreading.operations import answer_wizard, finish_wizard, set_look_again, start_wizard
from backend.proofreading.queries import known_facts, own_run, standing_conclusion
from backend.proofreading.records import WizardRun
from backend.proofreading.rules import (
    Facts,
    Form,
    Kind,
    LookAgain,
    Outcome,
    Row,
    decide,
    most_questions_left,
    next_question,
    questions_before,
)
from backend.views import access
from backend.views.calendar import calendar_day
from backend.views.student.proofread import last_day
from backend.views.words import as_date, t

blueprint = Blueprint("student_wizard", __name__)


@blueprint.post("/task/proofread/start")
@access.needs(Permission.OWN_DATA)
def start() -> AnyResponse:
    """From the answer that was given here, from a wrong button, or from nothing."""
    run = start_wizard(
        access.session(),
        student_id=access.student().id,
        given=given_by(request.form.get("because", "")),
        actor=access.actor(),
        now=access.now(),
    )
    return redirect(url_for(".question", run_id=run.id), 303)


@blueprint.get("/task/proofread/questions/<int:run_id>")
@access.needs(Permission.OWN_DATA)
def question(run_id: int) -> str | AnyResponse:
    """The open question, or (?ask=) an earlier one with its answer; the way when there is none left."""
    run, facts = _run(run_id), asked_facts()
    if run.finished_at is not None:
        return redirect(url_for(".outcome", run_id=run.id))
    table = access.parts().proofreading
    asked = questions_before(run.answers, facts, table)
    wish = request.args.get("ask", "")
    if wish in asked and wish not in run.given:
        return _question_page(run, facts, wish)
    current = next_question(run.answers, facts, table)
    return _way_page(run, facts) if current is None else _question_page(run, facts, current)


@blueprint.post("/task/proofread/questions/<int:run_id>")
@access.needs(Permission.OWN_DATA)
def answer(run_id: int) -> AnyResponse | tuple[str, int]:
    asked = request.form.get("question", "")
    try:
        answer_wizard(
            access.session(),
            student_id=access.student().id,
            run_id=run_id,
            question=asked,
            answer=request.form.get(asked, "") if asked else "",
            table=access.parts().proofreading,
        )
    except Invalid:
        return _question_page(_run(run_id), asked_facts(), asked, error=t("wizard.needed")), 422
    return redirect(url_for(".question", run_id=run_id), 303)


@blueprint.post("/task/proofread/questions/<int:run_id>/finish")
@access.needs(Permission.OWN_DATA)
def finish(run_id: int) -> AnyResponse | tuple[str, int]:
    """1. the way is known  2. its form, if any, is opened  3. the run ends  4. the page of the form, or the outcome."""
    run = _run(run_id)
    if run.finished_at is not None:
        return redirect(url_for(".outcome", run_id=run_id), 303)
    named = {name: request.form.get(name, "") for name in ("other_name", "other_number")}
    try:
        row, case_id = end_run(run_id, **named)
    except OtherMissing as missing:
        return _way_page(
            _run(run_id), asked_facts(), errors=dict.fromkeys(missing.fields, t("wizard.other_needed"))
        ), 422
    if case_id is not None:
        return redirect(url_for("student_errata.show", case_id=case_id), 303)
    if row.form is Form.DATA:
        return redirect(url_for("student_enrollment.report_form"), 303)
    return redirect(url_for(".outcome", run_id=run_id), 303)


class OtherMissing(Exception):
    """A swap names the other student. fields: those that are empty."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        super().__init__(*fields)
        self.fields = fields

    def as_invalid(self) -> Invalid:
        return Invalid(dict.fromkeys(self.fields, "other_needed"))


def end_run(run_id: int, *, other_name: str, other_number: str) -> tuple[Row, int | None]:
    """End a run whose way is known; gives its row, and the number of the case whose form was opened.

    Raises OtherMissing, NotAnswered, NotAllowed, NotFound.
    """
    parts = access.parts()
    row = decide(_run(run_id).answers, asked_facts(), parts.proofreading).row
    named = {"other_name": other_name.strip(), "other_number": other_number.strip()}
    empty = tuple(name for name, said in named.items() if not said)
    if row.reason == Reason.SWAPPED and empty:
        raise OtherMissing(empty)
    case = _open_case(row, OtherStudent(other_name, other_number) if row.reason == Reason.SWAPPED else None)
    case_id = case.id if case else None
    finish_wizard(
        access.session(),
        student_id=access.student().id,
        run_id=run_id,
        table=parts.proofreading,
        college=parts.settings.notices.college,
        case_id=case_id,
        actor=access.actor(),
        now=access.now(),
    )
    return row, case_id


def _open_case(row: Row, other: OtherStudent | None) -> ErratumCase | None:
    """The form that the row sends, filled in as far as it is known here; the student completes and sends it."""
    if row.form is None or row.form is Form.DATA:
        return None
    return open_case(
        access.session(),
        student_id=access.student().id,
        form=ErratumForm(row.form.value),
        reason=Reason(row.reason),
        values={},
        other_student=other,
        origin=Origin.PROOFREADING,
        actor=access.actor(),
        now=access.now(),
    )


@blueprint.get("/task/proofread/outcome/<int:run_id>")
@access.needs(Permission.OWN_DATA)
def outcome(run_id: int) -> str | AnyResponse:
    run = _run(run_id)
    if run.outcome is None:
        return redirect(url_for(".question", run_id=run_id))
    return _outcome_page(run, "")


@blueprint.post("/task/proofread/outcome/<int:run_id>/day")
@access.needs(Permission.OWN_DATA)
def change_day(run_id: int) -> AnyResponse | tuple[str, int]:
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        return _outcome_page(_run(run_id), t("outcome.day_wrong")), 422
    try:
        set_look_again(
            access.session(),
            student_id=access.student().id,
            run_id=run_id,
            day=day,
            table=access.parts().proofreading,
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid:
        return _outcome_page(_run(run_id), t("outcome.day_wrong")), 422
    flash(t("outcome.day_kept"), "good")
    return redirect(url_for(".outcome", run_id=run_id), 303)


@blueprint.get("/task/proofread/outcome/<int:run_id>/day.ics")
@access.needs(Permission.OWN_DATA)
def calendar(run_id: int) -> Response:
    """The day to look again, for the phone's calendar. It names neither the student nor the case."""
    run = _run(run_id)
    if run.look_again_on is None:
        raise NotFound(run=run_id)
    content = calendar_day(
        uid=f"look-again-{run.id}@xuezhaotong",
        day=run.look_again_on,
        title=t("outcome.calendar_title"),
        text=t("outcome.calendar_text"),
        now=access.now(),
    )
    answer = Response(content, mimetype="text/calendar")
    answer.headers.set("Content-Disposition", "attachment", filename="chsi.ics")
    return answer


def given_by(because: str) -> dict[str, str]:
    """What is known from where the student comes."""
    if because == "wrong_button":
        return {"sees": "wrong_button"}
    conclusion = standing_conclusion(access.session(), access.student())
    if because == "conclusion" and conclusion is not None:
        person = "me" if conclusion.photo_right else "other"
        return {"sees": "photo", "person": person, "data": "right" if conclusion.data_right else "wrong"}
    return {}


def _run(run_id: int) -> WizardRun:
    return own_run(access.session(), student_id=access.student().id, run_id=run_id)


def asked_facts() -> Facts:
    parts = access.parts()
    return known_facts(
        access.session(),
        access.student(),
        table=parts.proofreading,
        college=parts.settings.notices.college,
        now=access.now(),
    )


def _question_page(run: WizardRun, facts: Facts, asked: str, error: str = "") -> str:
    table = access.parts().proofreading
    if asked not in table.inputs:
        raise NotFound(question=asked)
    before = [name for name in questions_before(run.answers, facts, table) if name not in run.given]
    if asked in before:
        before = before[: before.index(asked)]
    kept = {name: value for name, value in run.answers.items() if name in before or name in run.given}
    return render_template(
        "student/wizard_question.html",
        run=run,
        asked=asked,
        answers=table.inputs[asked],
        chosen=run.answers.get(asked, ""),
        number=len(before) + 1,
        left=most_questions_left(kept, facts, table) - 1,
        previous=before[-1] if before else None,
        facts=facts,
        student=access.student(),
        error=error,
    )


def _way_page(run: WizardRun, facts: Facts, errors: dict[str, str] | None = None) -> str:
    table = access.parts().proofreading
    found = decide(run.answers, facts, table)
    asked = [name for name in questions_before(run.answers, facts, table) if name not in run.given]
    return render_template(
        "student/wizard_way.html",
        run=run,
        row=found.row,
        look_again=look_again_words(found.row, found.look_again_on),
        look_again_on=found.look_again_on,
        asked=[(name, run.answers[name]) for name in asked],
        previous=asked[-1] if asked else None,
        remind=found.look_again_on is not None and found.look_again_on > facts.today,
        last_day=last_day(access.student()),
        centre=access.student().centre,
        sent=request.form,
        errors=errors or {},
    )


def _outcome_page(run: WizardRun, error: str) -> str:
    table, facts = access.parts().proofreading, asked_facts()
    row = table.row(run.outcome or "")
    chosen = Outcome(row, run.look_again_on)
    return render_template(
        "student/wizard_outcome.html",
        run=run,
        row=row,
        look_again=look_again_words(row, chosen.look_again_on),
        look_again_on=run.look_again_on,
        changeable=row.kind is Kind.SELF and run.left_at is None and row.look_again is not LookAgain.STUDY_PASSED,
        standing=run.left_at is None,
        last_day=last_day(access.student()),
        centre=access.student().centre,
        today=facts.today,
        case_url=url_for("student_errata.show", case_id=run.case_id) if run.case_id is not None else "",
        error=error,
    )


def look_again_words(row: Row, day: date | None) -> str:
    """When to look again, in words."""
    if day is None and row.look_again in (LookAgain.DAYS, LookAgain.WORKING_DAYS, LookAgain.STUDY_PASSED):
        return t("outcome.again_when.unknown")
    return t(f"outcome.again_when.{row.look_again}", **({"date": as_date(day)} if day else {}))
