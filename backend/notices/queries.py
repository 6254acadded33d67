"""Notices, links and scans for screens."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.centres.records import Centre
from backend.centres.rules import Scope
from backend.errors import NotFound
from backend.notices.records import Notice, NoticeLink, ScanCount
from backend.notices.rules import NoticeState, may_read


def notices_in(session: Session, *, scope: Scope, limit: int = 200) -> Sequence[Notice]:
    """Notices that staff of the scope may see: the college's and those of their centres, newest first."""
    query = select(Notice)
    if scope.centre_id is not None:
        query = query.where(Notice.centre_id.is_(None) | (Notice.centre_id == scope.centre_id))
    return session.scalars(query.order_by(Notice.id.desc()).limit(limit)).all()


def published_notices(session: Session, *, scope: Scope, before: int | None, limit: int) -> Sequence[Notice]:
    """Published notices of the college and of the scope's centre, newest first. before: number of the last one seen."""
    query = select(Notice).where(Notice.state == NoticeState.PUBLISHED)
    if scope.centre_id is not None:
        query = query.where(Notice.centre_id.is_(None) | (Notice.centre_id == scope.centre_id))
    if before is not None:
        query = query.where(Notice.id < before)
    return session.scalars(query.order_by(Notice.id.desc()).limit(limit)).all()


def notice_in_scope(session: Session, *, scope: Scope, notice_id: int) -> Notice:
    """Raises NotFound for another centre's notice."""
    notice = session.get(Notice, notice_id)
    if notice is None or not may_read(scope, notice.centre_id):
        raise NotFound(notice=notice_id)
    return notice


def links_in_scope(session: Session, *, scope: Scope, notice_id: int) -> Sequence[NoticeLink]:
    """The notice's links that staff of the scope may print: a centre's people print their own."""
    query = select(NoticeLink).where(NoticeLink.notice_id == notice_id)
    if scope.centre_id is not None:
        query = query.where(NoticeLink.centre_id == scope.centre_id)
    return session.scalars(query.order_by(NoticeLink.centre_id)).all()


def link_in_scope(session: Session, *, scope: Scope, notice_id: int, link_id: int) -> NoticeLink:
    """Raises NotFound for a link of another notice or of another centre."""
    link = session.get(NoticeLink, link_id)
    if link is None or link.notice_id != notice_id or not scope.covers(link.centre_id):
        raise NotFound(link=link_id)
    return link


def link_by_token(session: Session, token: str) -> NoticeLink | None:
    return session.scalars(select(NoticeLink).where(NoticeLink.token == token)).one_or_none()


def centres_without_link(session: Session, notice: Notice) -> Sequence[Centre]:
    """Active centres that the notice serves and that have no link yet."""
    have = select(NoticeLink.centre_id).where(NoticeLink.notice_id == notice.id)
    query = select(Centre).where(Centre.active, Centre.id.not_in(have))
    if notice.centre_id is not None:
        query = query.where(Centre.id == notice.centre_id)
    return session.scalars(query.order_by(Centre.id)).all()


def scans_by_day(
    session: Session, *, scope: Scope, notice_ids: Collection[int], since: date
) -> dict[int, dict[date, int]]:
    """Notice id -> day -> scans from `since` on, over the links of the scope. Days without a scan are absent."""
    query = (
        select(NoticeLink.notice_id, ScanCount.day, func.sum(ScanCount.scans))
        .join(NoticeLink, NoticeLink.id == ScanCount.link_id)
        .where(NoticeLink.notice_id.in_(notice_ids), ScanCount.day >= since)
        .group_by(NoticeLink.notice_id, ScanCount.day)
    )
    if scope.centre_id is not None:
        query = query.where(NoticeLink.centre_id == scope.centre_id)
    found: dict[int, dict[date, int]] = {notice_id: {} for notice_id in notice_ids}
    for notice_id, day, scans in session.execute(query):
        found[notice_id][day] = int(scans)
    return found


def scans_in_all(session: Session, *, link_ids: Collection[int]) -> dict[int, int]:
    """Link id -> scans since it was made."""
    query = (
        select(ScanCount.link_id, func.sum(ScanCount.scans))
        .where(ScanCount.link_id.in_(link_ids))
        .group_by(ScanCount.link_id)
    )
    counted = {link_id: int(scans) for link_id, scans in session.execute(query)}
    return {link_id: counted.get(link_id, 0) for link_id in link_ids}


def totals_of(session: Session, *, scope: Scope, notice_ids: Collection[int]) -> dict[int, int]:
    """Notice id -> scans since it was published, over the links of the scope."""
    query = (
        select(NoticeLink.notice_id, func.sum(ScanCount.scans))
        .join(ScanCount, ScanCount.link_id == NoticeLink.id)
        .where(NoticeLink.notice_id.in_(notice_ids))
        .group_by(NoticeLink.notice_id)
    )
    if scope.centre_id is not None:
        query = query.where(NoticeLink.centre_id == scope.centre_id)
    counted = {notice_id: int(scans) for notice_id, scans in session.execute(query)}
    return {notice_id: counted.get(notice_id, 0) for notice_id in notice_ids}
