"""The verbs of notices: write, publish, withdraw, give links to more centres, count a scan."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.centres.records import Centre
from backend.centres.rules import Scope
from backend.days import day_of
from backend.errors import Invalid, NotFound, Outdated
from backend.history.operations import happened
from backend.history.rules import Actor, Fact
from backend.notices.queries import centres_without_link
from backend.notices.records import Notice, NoticeLink, ScanCount
from backend.notices.rules import (
    NoCentreToServe,
    NoticeAction,
    NoticeState,
    Task,
    link_expires_at,
    may_write,
    new_token,
    next_notice_state,
    notice_problems,
)
from backend.records import begin_write, insert_into


def write_notice(
    session: Session,
    *,
    scope: Scope,
    notice_id: int | None,
    seen_revision: int,
    centre_id: int | None,
    title: str,
    body: str,
    task: Task,
    deadline: date | None,
    link_days: int,
    actor: Actor,
    now: datetime,
) -> Notice:
    """Start a draft (notice_id None), or change a notice that is not withdrawn.

    centre_id: whose notice it is, None for the college's; it stays as first written, and so does the task once
    posters can hang. A later deadline lengthens the links; none is ever shortened.
    Raises Invalid with the fields, Outdated when the notice was changed meanwhile, NotFound outside the scope.
    """
    title, body = " ".join(title.split()), body.replace("\r\n", "\n").strip()
    problems = notice_problems(title=title, body=body, deadline=deadline, today=day_of(now))
    begin_write(session)
    if notice_id is None:
        if not may_write(scope, centre_id) or (centre_id is not None and session.get(Centre, centre_id) is None):
            raise NotFound(centre=centre_id)
        notice = Notice(centre_id=centre_id, state=NoticeState.DRAFT.value, created_by=actor.id, created_at=now)
    else:
        notice = _load(session, scope, notice_id, seen_revision)
        next_notice_state(NoticeState(notice.state), NoticeAction.WRITE)
        notice.revision += 1
        if deadline == notice.deadline:
            problems.pop("deadline", None)  # a typo can be mended after the deadline too
    if problems:
        raise Invalid(problems)
    if notice.state == NoticeState.DRAFT:
        notice.task = task.value
    notice.title, notice.body, notice.deadline = title, body, deadline
    session.add(notice)
    session.flush()
    for link in notice.links:
        expires_at = link_expires_at(link_days=link_days, deadline=deadline, now=notice.published_at or now)
        link.expires_at = max(link.expires_at, expires_at)
    _told(session, notice, "notice.written", actor=actor, now=now)
    session.commit()
    return notice


def publish_notice(
    session: Session,
    *,
    scope: Scope,
    notice_id: int,
    seen_revision: int,
    link_days: int,
    actor: Actor,
    now: datetime,
    draw: Callable[[], str] = new_token,
) -> Notice:
    """Give every active centre that the notice serves its short address: all for the college's, one for a centre's.

    Raises Invalid when the deadline is over, NoCentreToServe, NotAllowed, Outdated, NotFound.
    """
    begin_write(session)
    notice = _load(session, scope, notice_id, seen_revision)
    state = next_notice_state(NoticeState(notice.state), NoticeAction.PUBLISH)
    if notice.deadline is not None and notice.deadline < day_of(now):
        raise Invalid({"deadline": "deadline_past"})
    if not _make_links(session, notice, link_days=link_days, now=now, draw=draw):
        raise NoCentreToServe(notice=notice_id)
    notice.state, notice.published_at = state.value, now
    notice.revision += 1
    _told(session, notice, "notice.published", actor=actor, now=now)
    session.commit()
    return notice


def add_links(
    session: Session,
    *,
    scope: Scope,
    notice_id: int,
    link_days: int,
    actor: Actor,
    now: datetime,
    draw: Callable[[], str] = new_token,
) -> int:
    """Give a published notice's address to centres that came later; gives their number. Doing it twice is harmless."""
    begin_write(session)
    notice = _load(session, scope, notice_id, None)
    next_notice_state(NoticeState(notice.state), NoticeAction.ADD_LINKS)
    made = _make_links(session, notice, link_days=link_days, now=now, draw=draw)
    if made:
        _told(session, notice, "notice.links_added", actor=actor, now=now, links=made)
    session.commit()
    return made


def withdraw_notice(
    session: Session, *, scope: Scope, notice_id: int, seen_revision: int, actor: Actor, now: datetime
) -> Notice:
    """End a notice: its links say that it is over. Raises NotAllowed, Outdated, NotFound."""
    begin_write(session)
    notice = _load(session, scope, notice_id, seen_revision)
    notice.state = next_notice_state(NoticeState(notice.state), NoticeAction.WITHDRAW).value
    notice.revision += 1
    _told(session, notice, "notice.withdrawn", actor=actor, now=now)
    session.commit()
    return notice


def count_scan(session: Session, *, link_id: int, day: date) -> None:
    """One more scan of a link on a day (China). Exact when many scan at once; says nothing about who scanned.

    Not in the history: a number of the day is no fact about anybody.
    """
    begin_write(session)
    first = insert_into(session, ScanCount).values(link_id=link_id, day=day, scans=1)
    session.execute(
        first.on_conflict_do_update(
            index_elements=[ScanCount.link_id, ScanCount.day], set_={"scans": ScanCount.scans + 1}
        )
    )
    session.commit()


def _load(session: Session, scope: Scope, notice_id: int, seen_revision: int | None) -> Notice:
    notice = session.scalars(select(Notice).where(Notice.id == notice_id).with_for_update(of=Notice)).one_or_none()
    if notice is None or not may_write(scope, notice.centre_id):
        raise NotFound(notice=notice_id)
    if seen_revision is not None and notice.revision != seen_revision:
        raise Outdated(notice=notice_id)
    return notice


def _make_links(session: Session, notice: Notice, *, link_days: int, now: datetime, draw: Callable[[], str]) -> int:
    expires_at = link_expires_at(link_days=link_days, deadline=notice.deadline, now=now)
    centres = centres_without_link(session, notice)
    for centre in centres:
        session.add(
            NoticeLink(notice_id=notice.id, centre_id=centre.id, token=_fresh(session, draw), expires_at=expires_at)
        )
        session.flush()
    session.refresh(notice, ["links"])
    return len(centres)


def _fresh(session: Session, draw: Callable[[], str]) -> str:
    """A token that no link has. Drawing one that is taken is next to impossible, but a poster cannot be recalled."""
    token = draw()
    while session.scalar(select(NoticeLink.id).where(NoticeLink.token == token)) is not None:
        token = draw()
    return token


def _told(session: Session, notice: Notice, verb: str, *, actor: Actor, now: datetime, **facts: int) -> None:
    told = {"state": notice.state, "revision": notice.revision, **facts}
    happened(session, Fact(verb, notice.id, facts=told), actor=actor, now=now)
