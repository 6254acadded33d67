"""Where a student stands: the stages, and the one next thing."""

from __future__ import annotations

from datetime import date, datetime

from flask import Blueprint
from pydantic import Field

from backend.accounts.rules import Permission
from backend.notifications.queries import unread_count
from backend.photos.queries import photo_of
from backend.photos.rules import State
from backend.progress.rules import WAITS_FOR, Party, StageState, Step, next_step, stages
from backend.proofreading.stages import Stage, Witness
from backend.views import access
from backend.views.api.contract import Answer, operation
from backend.views.student.home import deadline_of
from backend.views.student.steps import known_of

blueprint = Blueprint("api_home", __name__, url_prefix="/api/v1")


class StageSaid(Answer):
    stage: Stage
    state: StageState
    witness: Witness | None
    since: datetime | None


class Home(Answer):
    name: str = Field(examples=["林小满"])
    student_number: str = Field(examples=["F202400043"])
    centre: str = Field(examples=["福州学习中心"])
    stages: list[StageSaid]
    next_step: Step
    waits_for: Party | None
    due_on: date | None
    photo_state: State | None
    unread_messages: int


@blueprint.get("/home")
@access.needs(Permission.OWN_DATA)
@operation(answer=Home)
def show() -> Home:
    session, student = access.session(), access.student()
    facts = known_of(student)
    step = next_step(facts)
    photo = photo_of(session, student.id)
    return Home(
        name=student.name,
        student_number=student.student_number,
        centre=student.centre.name,
        stages=[
            StageSaid(stage=row.stage, state=row.state, witness=row.witness, since=row.since) for row in stages(facts)
        ],
        next_step=step,
        waits_for=WAITS_FOR[step],
        due_on=deadline_of(step, student),
        photo_state=State(photo.state) if photo else None,
        unread_messages=unread_count(session, student.id),
    )
