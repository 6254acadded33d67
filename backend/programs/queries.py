"""What other systems read, page by page, and the tokens for their page at the console."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.centres.rules import Scope
from backend.enrollment.queries import in_scope
from backend.enrollment.records import Student
from backend.exchange.records import MatchResult
from backend.photos.records import Decision, Photo, PhotoVersion
from backend.programs.records import ApiToken, Webhook, WebhookDelivery
from backend.programs.rules import DeliveryState


def tokens(session: Session) -> Sequence[ApiToken]:
    """All tokens, the newest first."""
    return session.scalars(select(ApiToken).order_by(ApiToken.id.desc())).all()


def webhooks(session: Session) -> Sequence[Webhook]:
    """All webhooks that are told."""
    return session.scalars(select(Webhook).where(Webhook.ended_at.is_(None)).order_by(Webhook.id)).all()


def webhooks_of(session: Session, token_id: int) -> Sequence[Webhook]:
    """The webhooks of one token that are told."""
    return session.scalars(
        select(Webhook).where(Webhook.token_id == token_id, Webhook.ended_at.is_(None)).order_by(Webhook.id)
    ).all()


def dead_calls(session: Session, *, webhook_id: int | None = None, limit: int = 50) -> Sequence[WebhookDelivery]:
    """Events that a webhook (None: any) never took, the newest first."""
    query = select(WebhookDelivery).where(WebhookDelivery.state == DeliveryState.DEAD)
    if webhook_id is not None:
        query = query.where(WebhookDelivery.webhook_id == webhook_id)
    return session.scalars(query.order_by(WebhookDelivery.id.desc()).limit(limit)).all()


def students_after(session: Session, *, scope: Scope, after: int, limit: int) -> Sequence[Student]:
    """Students of the scope in the order of their numbers here."""
    return session.scalars(
        select(Student).where(*in_scope(scope), Student.id > after).order_by(Student.id).limit(limit)
    ).all()


def matches_after(session: Session, *, scope: Scope, after: int, limit: int) -> Sequence[tuple[MatchResult, Student]]:
    """What the newest download of 学信网 says of each student of the scope."""
    rows = session.execute(
        select(MatchResult, Student)
        .join(Student, Student.id == MatchResult.student_id)
        .where(*in_scope(scope), MatchResult.superseded.is_(False), MatchResult.id > after)
        .order_by(MatchResult.id)
        .limit(limit)
    )
    return [(result, student) for result, student in rows]


def decisions_after(
    session: Session, *, scope: Scope, after: int, limit: int, settled: datetime
) -> Sequence[tuple[Decision, PhotoVersion, Student]]:
    """Decisions that stand, in the order in which they were made.

    settled: decisions made later can still be taken back. They, and all after the first of them, come another time:
    a cursor that has passed one would never show it.
    """
    rows = session.execute(
        select(Decision, PhotoVersion, Student)
        .join(PhotoVersion, PhotoVersion.id == Decision.version_id)
        .join(Photo, Photo.id == PhotoVersion.photo_id)
        .join(Student, Student.id == Photo.student_id)
        .where(*in_scope(scope), Decision.id > after, Decision.undone_at.is_(None), Decision.decided_at <= settled)
        .order_by(Decision.id)
        .limit(limit)
    )
    return [(decision, version, student) for decision, version, student in rows]
