"""Messages and notices."""

from __future__ import annotations

from datetime import date, datetime

from flask import Blueprint
from pydantic import Field

from backend.accounts.rules import Permission
from backend.centres.rules import Scope
from backend.notices.queries import published_notices
from backend.notifications.operations import mark_read
from backend.notifications.queries import inbox, unread_count
from backend.notifications.words import message_words
from backend.views import access
from backend.views.api.contract import LIST, Answer, Next, cut, operation, page
from backend.views.words import t

blueprint = Blueprint("api_messages", __name__, url_prefix="/api/v1")


class Message(Answer):
    """A message in the caller's language; `kind` never changes its meaning."""

    id: int
    kind: str = Field(examples=["photo_accepted"])
    title: str = Field(examples=["Your photo was accepted"])
    text: str = Field(examples=["You need do nothing more for now."])
    at: datetime
    unread: bool


class Messages(Answer):
    """The newest first. `next`: the cursor of older ones."""

    items: list[Message]
    next: Next


class Unread(Answer):
    unread: int


class Notice(Answer):
    """`body` is Markdown."""

    id: int
    title: str = Field(examples=["2026年秋季图像采集"])
    body: str = Field(examples=["请在 **12 月 1 日** 前提交照片。"])
    task: str = Field(examples=["capture"])
    deadline: date | None
    centre: str | None = Field(examples=["福州学习中心"])
    published_at: datetime | None


class Notices(Answer):
    """The newest first. `next`: the cursor of older ones."""

    items: list[Notice]
    next: Next


@blueprint.get("/messages")
@access.needs(Permission.OWN_DATA)
@operation(answer=Messages, query=LIST)
def messages() -> Messages:
    """Reading the list marks nothing as read."""
    asked = page()
    found = inbox(access.session(), access.student().id, limit=asked.limit + 1, before=asked.after or None)
    rows, more = cut(found, asked.limit, lambda message: message.id)
    said = []
    for message in rows:
        title, text = message_words(message.kind, message.facts, t)
        said.append(
            Message(
                id=message.id,
                kind=message.kind,
                title=title,
                text=text,
                at=message.created_at,
                unread=message.read_at is None,
            )
        )
    return Messages(items=said, next=more)


@blueprint.post("/messages/read")
@access.needs(Permission.OWN_DATA)
@operation(answer=Unread)
def read() -> Unread:
    mark_read(access.session(), student_id=access.student().id, now=access.now())
    return Unread(unread=unread_count(access.session(), access.student().id))


@blueprint.get("/notices")
@access.needs(Permission.OWN_DATA)
@operation(answer=Notices, query=LIST)
def notices() -> Notices:
    """Published notices of the college and of the student's centre."""
    asked = page()
    scope = Scope(access.student().centre_id)
    found = published_notices(access.session(), scope=scope, before=asked.after or None, limit=asked.limit + 1)
    rows, more = cut(found, asked.limit, lambda notice: notice.id)
    return Notices(
        items=[
            Notice(
                id=notice.id,
                title=notice.title,
                body=notice.body,
                task=notice.task,
                deadline=notice.deadline,
                centre=notice.centre.name if notice.centre else None,
                published_at=notice.published_at,
            )
            for notice in rows
        ],
        next=more,
    )
