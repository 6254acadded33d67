"""What the college's own systems need: students with their stage, match lists, decisions, webhooks."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated

from flask import Blueprint
from pydantic import Field

from backend.programs.operations import add_webhook, end_webhook
from backend.programs.queries import dead_calls, decisions_after, matches_after, students_after, webhooks_of
from backend.programs.records import Webhook as WebhookRecord
from backend.programs.rules import Event, Grant
from backend.progress.rules import Step, next_step, stages
from backend.proofreading.stages import Stage
from backend.views import access
from backend.views.api.contract import LIST, Answer, Body, Next, cursor_after, cut, operation, page
from backend.views.student.steps import known_of_many

blueprint = Blueprint("api_college", __name__, url_prefix="/api/v1")


class StudentSaid(Answer):
    """`stage`: the last that is reached."""

    id: int
    student_number: str = Field(examples=["F202400043"])
    name: str = Field(examples=["林小满"])
    centre: str = Field(examples=["福州学习中心"])
    cohort: str | None = Field(examples=["2027-1"])
    stage: Stage | None
    next_step: Step


class Students(Answer):
    items: list[StudentSaid]
    next: Next


class Match(Answer):
    """`photo`: has 学信网 one by the download of that day: yes, no, unknown."""

    id: int
    student_id: int
    student_number: str = Field(examples=["F202400043"])
    photo: str = Field(examples=["yes"])
    identity_marked: bool
    as_of: date


class Matches(Answer):
    items: list[Match]
    next: Next


class CollegeDecision(Answer):
    id: int
    student_id: int
    student_number: str = Field(examples=["F202400043"])
    version: int
    action: str = Field(examples=["return"])
    reasons: list[str] = Field(examples=[["HEAD_TOP"]])
    decided_at: datetime


class Decisions(Answer):
    """In the order in which they were made. `next` is always there: keep it, and ask with it another time."""

    items: list[CollegeDecision]
    next: str = Field(examples=["YWZ0ZXI6NDI="])


class FailedCall(Answer):
    """A call that was given up after the last attempt. `error` is a status ("http_500") or a kind of trouble."""

    id: int
    event: Event
    made_at: datetime
    attempts: int = Field(examples=[8])
    error: str = Field(examples=["http_500"])


class Webhook(Answer):
    """`failed`: calls that were given up, the newest first: the last ten."""

    id: int
    address: str = Field(examples=["https://registry.example.edu.cn/hooks/photos"])
    events: list[Event]
    made_at: datetime
    failed: list[FailedCall]


class NewWebhook(Webhook):
    """`secret` is said this once: calls are signed with it."""

    secret: str = Field(examples=["whs_9fQe"])


class Webhooks(Answer):
    items: list[Webhook]


class AddWebhook(Body):
    address: str = Field(min_length=8, max_length=500, examples=["https://registry.example.edu.cn/hooks/photos"])
    events: Annotated[list[Event], Field(min_length=1, max_length=len(Event))]


@blueprint.get("/students")
@access.needs(Grant.STUDENTS)
@operation(answer=Students, query=LIST, errors=(403,))
def students() -> Students:
    asked = page()
    found = students_after(access.session(), scope=access.scope(), after=asked.after, limit=asked.limit + 1)
    rows, more = cut(found, asked.limit, lambda student: student.id)
    known, items = known_of_many(rows), []
    for student in rows:
        facts = known[student.id]
        reached = [row.stage for row in stages(facts) if row.word is not None and row.word.holds]
        items.append(
            StudentSaid(
                id=student.id,
                student_number=student.student_number,
                name=student.name,
                centre=student.centre.name,
                cohort=student.cohort.code if student.cohort else None,
                stage=reached[-1] if reached else None,
                next_step=next_step(facts),
            )
        )
    return Students(items=items, next=more)


@blueprint.get("/matches")
@access.needs(Grant.MATCHES)
@operation(answer=Matches, query=LIST, errors=(403,))
def matches() -> Matches:
    asked = page()
    found = matches_after(access.session(), scope=access.scope(), after=asked.after, limit=asked.limit + 1)
    rows, more = cut(found, asked.limit, lambda row: row[0].id)
    items = [
        Match(
            id=result.id,
            student_id=student.id,
            student_number=student.student_number,
            photo=result.photo,
            identity_marked=result.identity_marked,
            as_of=result.as_of,
        )
        for result, student in rows
    ]
    return Matches(items=items, next=more)


@blueprint.get("/decisions")
@access.needs(Grant.DECISIONS)
@operation(answer=Decisions, query=LIST, errors=(403,))
def decisions() -> Decisions:
    """A decision appears when it can no longer be taken back."""
    asked = page()
    settled = access.now() - timedelta(seconds=access.parts().settings.photos.undo_seconds)
    rows = decisions_after(
        access.session(), scope=access.scope(), after=asked.after, limit=asked.limit, settled=settled
    )
    items = [
        CollegeDecision(
            id=decision.id,
            student_id=student.id,
            student_number=student.student_number,
            version=version.number,
            action=decision.action,
            reasons=decision.reasons,
            decided_at=decision.decided_at,
        )
        for decision, version, student in rows
    ]
    return Decisions(items=items, next=cursor_after(items[-1].id if items else asked.after))


@blueprint.get("/webhooks")
@access.needs(Grant.WEBHOOKS)
@operation(answer=Webhooks, errors=(403,))
def webhooks() -> Webhooks:
    """Those of this token."""
    return Webhooks(items=[_said(found) for found in webhooks_of(access.session(), access.program().id)])


@blueprint.post("/webhooks")
@access.needs(Grant.WEBHOOKS)
@operation(answer=NewWebhook, status=201, body=AddWebhook, errors=(403,))
def add(body: AddWebhook) -> NewWebhook:
    made = add_webhook(
        access.session(),
        token_id=access.program().id,
        address=body.address,
        events=body.events,
        plain=access.parts().settings.api.plain_webhooks,
        own=access.parts().settings.api.own_networks,
        actor=access.actor(),
        now=access.now(),
    )
    return NewWebhook(**_said(made).model_dump(), secret=made.secret)


@blueprint.delete("/webhooks/<int:webhook_id>")
@access.needs(Grant.WEBHOOKS)
@operation(status=204, errors=(403,))
def end(webhook_id: int) -> None:
    end_webhook(
        access.session(),
        token_id=access.program().id,
        webhook_id=webhook_id,
        actor=access.actor(),
        now=access.now(),
    )


def _said(found: WebhookRecord) -> Webhook:
    return Webhook(
        id=found.id,
        address=found.address,
        events=[Event(event) for event in found.events],
        made_at=found.made_at,
        failed=[
            FailedCall(
                id=call.id,
                event=Event(call.event),
                made_at=call.made_at,
                attempts=call.attempts,
                error=call.last_error,
            )
            for call in dead_calls(access.session(), webhook_id=found.id, limit=10)
        ],
    )
