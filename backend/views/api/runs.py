"""The questions that find out who acts when something is not as it should be at 学信网, and where they lead."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from flask import Blueprint
from pydantic import Field

from backend.accounts.rules import Permission
from backend.errors import NotFound
from backend.proofreading.operations import answer_wizard, set_look_again, start_wizard
from backend.proofreading.queries import own_run
from backend.proofreading.records import WizardRun
from backend.proofreading.rules import Actor, Form, Kind, Row, decide, next_question, questions_before
from backend.views import access
from backend.views.api.contract import Answer, Body, operation
from backend.views.student.wizard import OtherMissing, asked_facts, end_run, given_by

blueprint = Blueprint("api_runs", __name__, url_prefix="/api/v1/proofreading/runs")


class Question(Answer):
    name: str = Field(examples=["sees"])
    answers: list[str] = Field(examples=[["photo", "nothing", "wrong_button"]])


class Way(Answer):
    """Who acts, in order, and by which form. A swap (`reason` "swapped") names the other student."""

    row: str = Field(examples=["swapped"])
    kind: Kind
    way: list[Actor]
    form: Form | None
    reason: str = Field(examples=["swapped"])
    papers: list[str] = Field(examples=[["id_card"]])
    look_again_on: date | None


class Run(Answer):
    """`question`: the open one; without it `way` says what follows. `case_id`: the errata case that was opened."""

    id: int
    question: Question | None
    answers: dict[str, str] = Field(examples=[{"sees": "photo", "person": "other"}])
    way: Way | None
    finished_at: datetime | None
    look_again_on: date | None
    case_id: int | None


class Start(Body):
    """From where the caller comes: the conclusion that was given, a wrong button at 学信网, or neither."""

    because: Literal["conclusion", "wrong_button"] | None = Field(None, examples=["conclusion"])


class Choose(Body):
    answer: str = Field(min_length=1, max_length=40, examples=["photo"])


class Finish(Body):
    """The other student of a swap; else nothing."""

    other_name: str = Field("", max_length=60, examples=["王安"])
    other_number: str = Field("", max_length=32, examples=["F202400044"])


class Day(Body):
    day: date = Field(strict=False, examples=["2026-11-20"])


@blueprint.post("")
@access.needs(Permission.OWN_DATA)
@operation(answer=Run, status=201, body=Start)
def start(body: Start) -> Run:
    """Begin, or go on with what is open."""
    run = start_wizard(
        access.session(),
        student_id=access.student().id,
        given=given_by(body.because or ""),
        actor=access.actor(),
        now=access.now(),
    )
    return _said(run.id)


@blueprint.get("/<int:run_id>")
@access.needs(Permission.OWN_DATA)
@operation(answer=Run)
def show(run_id: int) -> Run:
    return _said(run_id)


@blueprint.put("/<int:run_id>/answers/<question>")
@access.needs(Permission.OWN_DATA)
@operation(answer=Run, body=Choose, errors=(409,))
def answer(run_id: int, question: str, body: Choose) -> Run:
    """An answer given before can be changed."""
    if question not in access.parts().proofreading.inputs:
        raise NotFound(question=question)
    answer_wizard(
        access.session(),
        student_id=access.student().id,
        run_id=run_id,
        question=question,
        answer=body.answer,
        table=access.parts().proofreading,
    )
    return _said(run_id)


@blueprint.post("/<int:run_id>/outcome")
@access.needs(Permission.OWN_DATA)
@operation(answer=Run, body=Finish, errors=(409,))
def finish(run_id: int, body: Finish) -> Run:
    """The form that the way asks for is opened; twice is harmless."""
    if _run(run_id).finished_at is None:
        try:
            end_run(run_id, other_name=body.other_name, other_number=body.other_number)
        except OtherMissing as missing:
            raise missing.as_invalid() from None
    return _said(run_id)


@blueprint.put("/<int:run_id>/day")
@access.needs(Permission.OWN_DATA)
@operation(answer=Run, body=Day, errors=(409,))
def change_day(run_id: int, body: Day) -> Run:
    """Another day to look again."""
    set_look_again(
        access.session(),
        student_id=access.student().id,
        run_id=run_id,
        day=body.day,
        table=access.parts().proofreading,
        actor=access.actor(),
        now=access.now(),
    )
    return _said(run_id)


def _run(run_id: int) -> WizardRun:
    return own_run(access.session(), student_id=access.student().id, run_id=run_id)


def _said(run_id: int) -> Run:
    run, table, facts = _run(run_id), access.parts().proofreading, asked_facts()
    question = None if run.finished_at is not None else next_question(run.answers, facts, table)
    way = None
    if run.outcome is not None:
        way = _way(table.row(run.outcome), run.look_again_on)
    elif question is None:
        found = decide(run.answers, facts, table)
        way = _way(found.row, found.look_again_on)
    before = questions_before(run.answers, facts, table)
    return Run(
        id=run.id,
        question=Question(name=question, answers=list(table.inputs[question])) if question else None,
        answers={name: run.answers[name] for name in before if name in run.answers},
        way=way,
        finished_at=run.finished_at,
        look_again_on=run.look_again_on,
        case_id=run.case_id,
    )


def _way(row: Row, look_again_on: date | None) -> Way:
    return Way(
        row=row.id,
        kind=row.kind,
        way=list(row.way),
        form=row.form,
        reason=row.reason,
        papers=list(row.papers),
        look_again_on=look_again_on,
    )
