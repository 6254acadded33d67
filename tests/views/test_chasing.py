"""Reminders to a selection of the missing list and notes of calls: who gets one, how often, and who may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.chasing.records import Contact
from backend.history.records import HistoryEntry
from backend.jobs.records import Job
from backend.parts import Parts
from backend.worker import Tools, Worker
from tests.conftest import Clock
from tests.factories import Factory
from tests.views.test_missing import Lists

ClientOf = Callable[[Account], FlaskClient]
ASK = "/console/missing/remind"


def contacts(session: Session) -> list[Contact]:
    session.rollback()
    return list(session.scalars(select(Contact).order_by(Contact.id)))


def test_a_reminder_goes_to_who_can_act_once_in_three_days(
    make: Factory, client_of: ClientOf, session: Session, parts: Parts, clock: Clock
) -> None:
    centre = make.centre()
    lin, silent, foreign = make.student(centre), make.student(centre), make.student()
    account = make.student_account(lin)
    Lists(make).add(1, dict.fromkeys((lin, silent, foreign), ("no", "")))
    wang = client_of(make.staff(centre=centre))
    chosen = {"student": [str(student.id) for student in (lin, silent, foreign)]}
    page = wang.get(ASK, query_string=chosen).text
    assert "请核对您的学籍信息" in page
    assert "未激活账号" in page
    assert "已不在名单上" in page
    assert not contacts(session), "the summary sends nothing"
    assert wang.post(ASK, data=chosen).status_code == 303
    assert [(row.student_id, row.way, row.template) for row in contacts(session)] == [(lin.id, "reminder", "confirm")]
    told = session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "contact.reminded_confirm")).one()
    jobs = session.scalars(select(Job).where(Job.kind == "tell_student")).all()
    assert told.id in [job.payload["entry_id"] for job in jobs]
    worker = Worker(Tools.of(parts))
    while worker.run_one():
        pass
    assert "请核对您的学籍信息" in client_of(account).get("/messages").text
    wang.post(ASK, data=chosen)
    assert len(contacts(session)) == 1, "not again within three days"
    assert "提醒" in wang.get("/console/missing").text
    clock.move(days=3)
    wang = client_of(make.staff(centre=centre))
    wang.post(ASK, data=chosen)
    assert len(contacts(session)) == 2


def test_a_call_is_noted_and_shown_and_its_words_are_sealed(
    make: Factory, client_of: ClientOf, session: Session
) -> None:
    centre = make.centre()
    lin = make.student(centre)
    Lists(make).add(1, {lin: ("no", "")})
    wang = client_of(make.staff(centre=centre))
    address = f"/console/students/{lin.id}/contacts"
    assert wang.post(address, data={"note": "x"}).status_code == 422
    assert wang.post(address, data={"outcome": "reached", "note": "长" * 501}).status_code == 422
    assert wang.post(address, data={"outcome": "not_reached", "note": "晚上再打"}).status_code == 303
    assert "晚上再打" in wang.get(address).text
    assert "没有接通" in wang.get("/console/missing").text
    assert 'href="/console/missing">' in wang.get("/console").text, "the desk leads to the list"
    entry = session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "contact.called")).one()
    assert entry.facts == {"outcome": "not_reached"}


@pytest.mark.parametrize(
    ("who", "status"),
    [("own", 200), ("head", 200), ("other", 404), ("registry", 200), ("administrator", 404), ("student", 404)],
)
def test_the_centre_and_the_registry_see_the_contacts(
    make: Factory, client_of: ClientOf, client: FlaskClient, who: str, status: int
) -> None:
    centre = make.centre()
    lin = make.student(centre)
    accounts = {
        "own": lambda: make.staff(centre=centre),
        "head": lambda: make.staff(Role.CENTRE_HEAD, centre),
        "other": lambda: make.staff(),
        "registry": lambda: make.staff(Role.REGISTRY),
        "administrator": lambda: make.staff(Role.ADMINISTRATOR),
        "student": lambda: make.student_account(lin),
    }
    browser = client_of(accounts[who]())
    address = f"/console/students/{lin.id}/contacts"
    assert browser.get(address).status_code == status
    assert browser.post(address, data={"outcome": "reached"}).status_code == (303 if status == 200 else 404)
    assert browser.get(ASK).status_code == (404 if who in ("administrator", "student") else 200)
    assert client.get(address).status_code in (302, 303, 401)


def test_everybody_of_a_filter_is_reminded_beyond_the_page_that_is_shown(
    make: Factory, client_of: ClientOf, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.views.console.missing.ROWS", 2)
    centre, other = make.centre(), make.centre()
    own, foreign = [make.student(centre) for _ in range(5)], make.student(other)
    for student in (*own, foreign):
        make.student_account(student)
    make.settle(own[4])  # the cause is another one
    Lists(make).add(1, dict.fromkeys((*own, foreign), ("no", "")))
    wang = client_of(make.staff(centre=centre))
    page = wang.get("/console/missing?cause=not_confirmed").text
    assert "提醒筛选出的全部 4 名" in page
    assert page.count('name="student"') == 2
    page = wang.get(f"{ASK}?cause=not_confirmed&all=1").text
    assert "选中的是当前筛选的全部 4 名（未核对学籍）" in page
    assert 'name="seen" value="4"' in page
    # somebody came onto the list since: the summary is shown again, nothing is sent
    answer = wang.post(f"{ASK}?cause=not_confirmed&all=1", data={"seen": "3"})
    assert answer.headers["Location"].startswith(ASK)
    assert "现在可以提醒 4 名" in wang.get(answer.headers["Location"]).text
    assert contacts(session) == []
    answer = wang.post(f"{ASK}?cause=not_confirmed&all=1", data={"seen": "4"})
    assert answer.headers["Location"] == "/console/missing?cause=not_confirmed"
    assert {row.student_id for row in contacts(session)} == {student.id for student in own[:4]}
    assert "正在送进消息" in wang.get("/console/missing").text
    # the page is old: those who got one meanwhile are left out, nobody gets two
    wang.post(f"{ASK}?all=1", data={"seen": "9"})
    assert sorted(row.student_id for row in contacts(session)) == sorted(student.id for student in own)


def test_a_filter_that_is_too_large_is_narrowed_first(
    make: Factory, client_of: ClientOf, session: Session, parts: Parts
) -> None:
    object.__setattr__(parts, "reminders", replace(parts.reminders, most=1))
    centre = make.centre()
    Lists(make).add(1, {make.student(centre): ("no", ""), make.student(centre): ("no", "")})
    wang = client_of(make.staff(centre=centre))
    page = wang.get(f"{ASK}?all=1").text
    assert "一次最多提醒 1 名" in page
    assert "seen" not in page
    assert wang.post(f"{ASK}?all=1", data={"seen": "2"}).status_code == 422
    assert contacts(session) == []


def test_how_far_a_reminder_came_stands_with_the_student(make: Factory, client_of: ClientOf, parts: Parts) -> None:
    centre = make.centre()
    lin = make.student(centre)
    account = make.student_account(lin)
    Lists(make).add(1, {lin: ("no", "")})
    wang = client_of(make.staff(centre=centre))
    wang.post(ASK, data={"student": str(lin.id)})
    places = ("/console/missing", f"/console/students/{lin.id}/contacts")
    for place in places:
        assert "正在送进消息" in wang.get(place).text
    worker = Worker(Tools.of(parts))
    while worker.run_one():
        pass
    for place in places:
        assert "消息未读" in wang.get(place).text
    client_of(account).get("/messages")
    for place in places:
        assert "已读" in wang.get(place).text
