"""Notices: written, published to every centre they serve, withdrawn; scans counted exactly."""

from __future__ import annotations

import itertools
import threading
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.centres.records import Centre
from backend.centres.rules import ALL_CENTRES, Scope
from backend.doctor import examine
from backend.errors import Invalid, NotAllowed, NotFound, Outdated
from backend.history.records import HistoryEntry
from backend.history.rules import SYSTEM, Actor, ActorKind
from backend.notices import operations, queries
from backend.notices.records import Notice, NoticeLink, ScanCount
from backend.notices.rules import NoCentreToServe, NoticeState, Task
from backend.parts import Parts
from tests.conftest import Clock
from tests.factories import Factory


@pytest.fixture
def lin(make: Factory) -> Centre:
    """Lin's and Wang's centre."""
    return make.centre()


@pytest.fixture
def zhao(make: Factory) -> Centre:
    """Zhao's centre."""
    return make.centre()


class Desk:
    """Writes, publishes and withdraws with sensible defaults."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self.session, self.clock = session, clock

    def write(self, scope: Scope = ALL_CENTRES, **values: Any) -> Notice:
        given = {
            "notice_id": None,
            "seen_revision": 1,
            "centre_id": scope.centre_id,
            "title": "毕业照片采集通知",
            "body": "请在截止日期前完成。",
            "task": Task.CAPTURE,
            "deadline": date(2026, 12, 31),
            "link_days": 10,
            **values,
        }
        return operations.write_notice(self.session, scope=scope, actor=SYSTEM, now=self.clock(), **given)

    def publish(self, notice: Notice, scope: Scope = ALL_CENTRES, **values: Any) -> Notice:
        given = {"seen_revision": notice.revision, "link_days": 10, **values}
        return operations.publish_notice(
            self.session, scope=scope, notice_id=notice.id, actor=SYSTEM, now=self.clock(), **given
        )

    def withdraw(self, notice: Notice, scope: Scope = ALL_CENTRES, **values: Any) -> Notice:
        given = {"seen_revision": notice.revision, **values}
        return operations.withdraw_notice(
            self.session, scope=scope, notice_id=notice.id, actor=SYSTEM, now=self.clock(), **given
        )


@pytest.fixture
def desk(session: Session, clock: Clock) -> Desk:
    return Desk(session, clock)


def told(session: Session) -> list[tuple[str, str]]:
    entries = session.scalars(select(HistoryEntry).where(HistoryEntry.subject_kind == "notice"))
    return [(entry.verb, entry.facts["state"]) for entry in entries]


def test_a_notice_is_written_published_and_withdrawn_and_the_history_knows(
    desk: Desk, lin: Centre, session: Session, parts: Parts, clock: Clock
) -> None:
    notice = desk.withdraw(desk.publish(desk.write()))
    assert notice.state == NoticeState.WITHDRAWN
    assert told(session) == [
        ("notice.written", "draft"),
        ("notice.published", "published"),
        ("notice.withdrawn", "withdrawn"),
    ]
    assert [finding for finding in examine(session, parts.files, now=clock()) if finding.harm] == []


def test_the_doctor_sees_a_notice_that_the_history_does_not_explain(
    desk: Desk, session: Session, parts: Parts, clock: Clock
) -> None:
    desk.write().state = NoticeState.PUBLISHED.value
    session.commit()
    assert any("notice" in finding.text for finding in examine(session, parts.files, now=clock()))


def test_the_colleges_notice_has_a_link_for_every_active_centre(
    desk: Desk, make: Factory, lin: Centre, zhao: Centre
) -> None:
    make.centre(active=False)
    notice = desk.publish(desk.write())
    assert [link.centre_id for link in notice.links] == [lin.id, zhao.id]
    assert len({link.token for link in notice.links}) == 2


def test_a_centres_notice_has_one_link(desk: Desk, lin: Centre, zhao: Centre) -> None:
    own = Scope(lin.id)
    notice = desk.publish(desk.write(own), own)
    assert [link.centre_id for link in notice.links] == [lin.id]


def test_a_notice_that_serves_no_centre_is_not_published(desk: Desk, make: Factory) -> None:
    closed = make.centre(active=False)
    notice = desk.write(centre_id=closed.id)
    with pytest.raises(NoCentreToServe):
        desk.publish(notice)


def test_a_centre_that_came_later_gets_its_link_once(
    desk: Desk, lin: Centre, make: Factory, session: Session, clock: Clock
) -> None:
    notice = desk.publish(desk.write())
    tokens = [link.token for link in notice.links]
    make.centre()
    scope: dict[str, Any] = {"scope": ALL_CENTRES, "notice_id": notice.id, "link_days": 10, "actor": SYSTEM}
    assert operations.add_links(session, now=clock(), **scope) == 1
    assert operations.add_links(session, now=clock(), **scope) == 0
    assert [link.token for link in notice.links][:1] == tokens
    assert len(notice.links) == 2


def test_a_draft_has_no_links_to_add(desk: Desk, lin: Centre, session: Session, clock: Clock) -> None:
    with pytest.raises(NotAllowed):
        operations.add_links(
            session, scope=ALL_CENTRES, notice_id=desk.write().id, link_days=1, actor=SYSTEM, now=clock()
        )


def test_a_token_that_is_taken_is_drawn_again(desk: Desk, lin: Centre, zhao: Centre) -> None:
    draws = itertools.chain(["00000000", "00000000", "00000000"], ["11111111"])
    notice = desk.publish(desk.write(), draw=lambda: next(draws))
    assert [link.token for link in notice.links] == ["00000000", "11111111"]


def test_a_stale_page_cannot_write_publish_or_withdraw(desk: Desk, lin: Centre) -> None:
    notice = desk.write()
    desk.write(notice_id=notice.id, seen_revision=1, title="先写的人")
    with pytest.raises(Outdated):
        desk.write(notice_id=notice.id, seen_revision=1, title="后写的人")
    with pytest.raises(Outdated):
        desk.publish(notice, seen_revision=1)
    with pytest.raises(Outdated):
        desk.withdraw(notice, seen_revision=1)
    assert notice.title == "先写的人"


def test_a_head_writes_for_the_own_centre_only(desk: Desk, lin: Centre, zhao: Centre) -> None:
    own = Scope(lin.id)
    for stranger in (None, zhao.id):
        with pytest.raises(NotFound):
            desk.write(own, centre_id=stranger)
    for notice in (desk.write(), desk.write(Scope(zhao.id))):
        with pytest.raises(NotFound):
            desk.write(own, notice_id=notice.id, seen_revision=notice.revision)
        with pytest.raises(NotFound):
            desk.publish(notice, own)
        with pytest.raises(NotFound):
            desk.withdraw(notice, own)


def test_staff_see_the_colleges_notices_and_their_centres_links_only(
    desk: Desk, lin: Centre, zhao: Centre, session: Session
) -> None:
    of_college = desk.publish(desk.write())
    of_zhao = desk.publish(desk.write(Scope(zhao.id)))
    own = Scope(lin.id)
    assert [notice.id for notice in queries.notices_in(session, scope=own)] == [of_college.id]
    assert [link.centre_id for link in queries.links_in_scope(session, scope=own, notice_id=of_college.id)] == [lin.id]
    with pytest.raises(NotFound):
        queries.notice_in_scope(session, scope=own, notice_id=of_zhao.id)
    with pytest.raises(NotFound):
        queries.link_in_scope(session, scope=own, notice_id=of_college.id, link_id=of_college.links[1].id)
    with pytest.raises(NotFound):
        queries.link_in_scope(session, scope=ALL_CENTRES, notice_id=of_zhao.id, link_id=of_college.links[0].id)


def test_the_task_stays_once_posters_can_hang(desk: Desk, lin: Centre) -> None:
    notice = desk.write(task=Task.VERIFY)
    desk.write(notice_id=notice.id, seen_revision=1, task=Task.CAPTURE)
    desk.publish(notice)
    desk.write(notice_id=notice.id, seen_revision=notice.revision, task=Task.ALUMNI, title="改了标题")
    assert (notice.task, notice.title) == (Task.CAPTURE, "改了标题")


def test_a_later_deadline_lengthens_the_links_and_an_earlier_one_does_not_shorten_them(desk: Desk, lin: Centre) -> None:
    notice = desk.publish(desk.write(deadline=date(2026, 12, 1)))
    before = notice.links[0].expires_at
    desk.write(notice_id=notice.id, seen_revision=notice.revision, deadline=date(2027, 1, 1))
    assert notice.links[0].expires_at == before + timedelta(days=31)
    desk.write(notice_id=notice.id, seen_revision=notice.revision, deadline=date(2026, 12, 1))
    assert notice.links[0].expires_at == before + timedelta(days=31)


def test_a_typo_can_be_mended_after_the_deadline(desk: Desk, lin: Centre, clock: Clock) -> None:
    notice = desk.publish(desk.write(deadline=date(2026, 11, 3)))
    clock.move(days=5)
    desk.write(notice_id=notice.id, seen_revision=notice.revision, deadline=date(2026, 11, 3), title="改好了")
    with pytest.raises(Invalid):
        desk.write(notice_id=notice.id, seen_revision=notice.revision, deadline=date(2026, 11, 4))


def test_a_draft_whose_deadline_has_passed_is_not_published(desk: Desk, lin: Centre, clock: Clock) -> None:
    notice = desk.write(deadline=date(2026, 11, 3))
    clock.move(days=5)
    with pytest.raises(Invalid):
        desk.publish(notice)


def test_a_withdrawn_notice_stays_as_it_was(desk: Desk, lin: Centre) -> None:
    notice = desk.withdraw(desk.write())
    for change in (desk.publish, desk.withdraw):
        with pytest.raises(NotAllowed):
            change(notice)
    with pytest.raises(NotAllowed):
        desk.write(notice_id=notice.id, seen_revision=notice.revision)


def test_the_writer_is_kept(desk: Desk, make: Factory, session: Session, clock: Clock) -> None:
    writer: Account = make.staff(Role.REGISTRY)
    assert desk.write().created_by is None
    notice = operations.write_notice(
        session, scope=ALL_CENTRES, notice_id=None, seen_revision=1, centre_id=None, title="标题", body="正文",
        task=Task.VERIFY, deadline=None, link_days=1, actor=Actor(ActorKind.STAFF, writer.id), now=clock(),
    )  # fmt: skip
    assert notice.created_by == writer.id


def test_scans_at_the_same_time_are_all_counted(desk: Desk, lin: Centre, session: Session, parts: Parts) -> None:
    link = desk.publish(desk.write()).links[0].id
    day = date(2026, 11, 2)
    session.rollback()

    def scan() -> None:
        with parts.sessions() as own:
            for _ in range(10):
                operations.count_scan(own, link_id=link, day=day)

    threads = [threading.Thread(target=scan) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert session.scalars(select(ScanCount.scans)).all() == [80]


def test_scans_are_told_by_day_and_by_centre(desk: Desk, lin: Centre, zhao: Centre, session: Session) -> None:
    notice = desk.publish(desk.write())
    first, second = (link.id for link in notice.links)
    for link, day in ((first, 1), (first, 2), (first, 2), (second, 2)):
        operations.count_scan(session, link_id=link, day=date(2026, 11, day))
    ids = [notice.id]
    everywhere = queries.scans_by_day(session, scope=ALL_CENTRES, notice_ids=ids, since=date(2026, 11, 2))
    assert everywhere == {notice.id: {date(2026, 11, 2): 3}}
    own = queries.scans_by_day(session, scope=Scope(lin.id), notice_ids=ids, since=date(2026, 11, 1))
    assert own == {notice.id: {date(2026, 11, 1): 1, date(2026, 11, 2): 2}}
    assert queries.scans_in_all(session, link_ids=[first, second]) == {first: 3, second: 1}
    assert queries.totals_of(session, scope=Scope(zhao.id), notice_ids=ids) == {notice.id: 1}


def test_a_scan_leaves_no_entry_in_the_history(desk: Desk, lin: Centre, session: Session) -> None:
    link = desk.publish(desk.write()).links[0].id
    before = len(told(session))
    operations.count_scan(session, link_id=link, day=date(2026, 11, 2))
    assert len(session.scalars(select(HistoryEntry).where(HistoryEntry.subject_kind != "student")).all()) == before
    assert session.scalars(select(NoticeLink)).one().id == link
