"""The first page of the console: what each role finds there."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.capture.records import CaptureRound
from backend.centres.rules import ALL_CENTRES
from backend.days import day_of
from backend.enrollment.operations import report_wrong_data
from backend.enrollment.records import Cohort
from backend.errata.records import ErratumCase
from backend.exchange.records import Import
from backend.history.records import HistoryEntry
from backend.history.rules import Actor, ActorKind
from backend.notices.records import Notice
from backend.notifications.records import Delivery, Message
from backend.onsite.records import CaptureSession
from backend.photos.operations import decide
from backend.photos.records import Photo
from backend.photos.rules import Action
from tests.conftest import Clock
from tests.factories import Factory

ClientOf = Callable[[Account], FlaskClient]


def heaps(page: str) -> dict[str, tuple[int, str]]:
    """Label -> (count, age) as the page shows them."""
    found = re.findall(
        r'heap__count">([\d,]+)</span>\s*<span class="heap__label">([^<]+)</span>\s*<span class="heap__age">([^<]*)<',
        page,
    )
    return {label: (int(count.replace(",", "")), age.strip()) for count, label, age in found}


def test_the_desk_counts_what_waits_and_for_how_long(
    make: Factory, client_of: ClientOf, session: Session, clock: Clock
) -> None:
    centre = make.centre()
    wang = make.staff(centre=centre)
    returned, waiting, disputed = (make.student(centre) for _ in range(3))
    make.settle(returned)
    photo = session.get_one(Photo, make.submitted(returned).photo_id)
    decide(
        session,
        scope=ALL_CENTRES,
        photo_id=photo.id,
        seen_revision=1,
        action=Action.RETURN,
        reasons=["BLUR"],
        text_student="",
        text_staff="",
        undo_seconds=60,
        actor=Actor(ActorKind.STAFF, wang.id),
        now=clock(),
    )
    clock.move(days=5)
    make.settle(waiting)
    make.submitted(waiting)
    report_wrong_data(
        session,
        student_id=disputed.id,
        seen_version=1,
        claims={"name": "林小曼"},
        evidence=[],
        actor=Actor(ActorKind.STUDENT),
        now=clock(),
    )
    clock.move(days=3)
    page = client_of(wang).get("/console").text
    assert heaps(page) == {
        "待审核": (1, "最早 3 天前"),
        "学生申诉": (0, "没有积压"),
        "退回 7 天未重拍": (1, "最早 1 周前"),
        "信息有误": (1, "最早 3 天前"),
        "勘误 · 等我处理": (0, "没有积压"),
        "超期": (0, "没有积压"),
        "七天内的场次": (0, "没有安排"),
        "学信网缺照片名单": (0, "没有积压"),
    }
    assert 'href="/console/students?photo=silent"' in page


def test_another_centres_desk_is_not_counted(make: Factory, client_of: ClientOf) -> None:
    lin = make.student()
    make.settle(lin)
    make.submitted(lin)
    page = client_of(make.staff()).get("/console").text
    assert {count for count, _ in heaps(page).values()} == {0}
    assert lin.centre.name not in page


def test_the_registry_sees_each_centre(make: Factory, client_of: ClientOf) -> None:
    lin = make.student(make.centre(name="仓山学习中心"))
    make.settle(lin)
    make.submitted(lin)
    make.centre(name="没有学生的中心")
    page = client_of(make.staff(Role.REGISTRY)).get("/console").text
    assert "仓山学习中心" in page
    assert "没有学生的中心" in page
    assert f"/console/review?centre={lin.centre_id}" in page


def test_what_waits_too_long_is_counted_as_overdue(make: Factory, client_of: ClientOf, clock: Clock) -> None:
    centre = make.centre()
    wang = make.staff(centre=centre)
    late = make.student(centre)
    make.settle(late)
    make.submitted(late)
    clock.move(days=4)  # three are allowed by config/statistics.toml
    new = make.student(centre)
    make.settle(new)
    make.submitted(new)
    page = client_of(wang).get("/console").text
    assert heaps(page)["待审核"] == (2, "最早 4 天前 · 超期 1")
    assert heaps(page)["超期"][0] == 1
    assert 'href="/console/statistics/waiting"' in page


def test_the_centre_that_is_behind_most_stands_first_with_whom_to_call(
    make: Factory, client_of: ClientOf, clock: Clock
) -> None:
    quick, slow = make.centre(name="甲学习中心"), make.centre(name="乙学习中心", contact_phone="0591-00000042")
    student = make.student(slow)
    make.settle(student)
    make.submitted(student)
    clock.move(days=4)
    student = make.student(quick)
    make.settle(student)
    make.submitted(student)
    page = client_of(make.staff(Role.REGISTRY)).get("/console").text
    assert page.index(f"/console/statistics/waiting?centre={slow.id}") < page.index(
        f"/console/statistics/waiting?centre={quick.id}"
    )
    assert "先联系乙学习中心：超期 1 件，最早已等 4 天。" in page
    assert "0591-00000042" in page
    assert page.index("哪个中心落后") < page.index("学信网缺照片名单</span>")  # it leads the page


def test_cases_wait_at_one_desk_only(make: Factory, client_of: ClientOf, session: Session, clock: Clock) -> None:
    student = make.student()
    case = ErratumCase(
        student_id=student.id, form="image_info", title="x", reason="not_me", origin="student", state="submitted",
        state_since=clock(), due_on=day_of(clock()), opened_at=clock(),
    )  # fmt: skip
    session.add(case)
    session.commit()
    clock.move(days=2)
    wang, registry = client_of(make.staff(centre=student.centre)), client_of(make.staff(Role.REGISTRY))
    assert heaps(wang.get("/console").text)["勘误 · 等我处理"] == (1, "最早 2 天前 · 超期 1")
    assert heaps(registry.get("/console").text)["勘误 · 等我处理"] == (0, "没有积压")
    session.get_one(ErratumCase, case.id).state = "with_college"
    session.commit()
    assert heaps(wang.get("/console").text)["勘误 · 等我处理"] == (0, "没有积压")
    assert heaps(registry.get("/console").text)["勘误 · 等我处理"][0] == 1


def test_imports_that_left_lines_out_and_lost_messages_are_shown(
    make: Factory, client_of: ClientOf, session: Session, clock: Clock
) -> None:
    registry, student = make.staff(Role.REGISTRY), make.student()
    common = {
        "kind": "roster", "file_name": "0" * 64, "label": "x", "bytes": 1, "format": "xlsx",
        "uploaded_by": registry.id, "uploaded_at": clock(), "finished_at": clock(),
    }  # fmt: skip
    session.add(Import(**common, state="done", counts={"refused": 2}))
    session.add(Import(**common, state="done", counts={"refused": 0}))
    entry = session.scalars(select(HistoryEntry.id)).first()
    message = Message(student_id=student.id, kind="photo.accepted", entry_id=entry, facts={}, created_at=clock())
    session.add(message)
    session.flush()
    session.add(
        Delivery(
            message_id=message.id, channel="mail", state="dead", due_at=clock(), created_at=clock(), ended_at=clock()
        )
    )
    session.commit()
    clock.move(days=1)
    page = client_of(registry).get("/console").text
    assert heaps(page)["导入有问题"] == (1, "最早 1 天前")
    assert heaps(page)["没有送达的消息"] == (1, "最早 1 天前")
    wang = client_of(make.staff(centre=student.centre)).get("/console").text
    assert {"导入有问题", "没有送达的消息"} & set(heaps(wang)) == set()  # others' imports; deliveries are the college's
    assert "有 1 条消息没有送达" in client_of(make.staff(Role.ADMINISTRATOR)).get("/console").text


def test_sessions_of_the_next_seven_days_are_counted(
    make: Factory, client_of: ClientOf, session: Session, clock: Clock
) -> None:
    centre, today = make.centre(), day_of(clock())
    found = CaptureRound(code="R", name="春季", opens_on=today, closes_on=today, created_at=clock())
    session.add(found)
    session.flush()
    for days, state in ((0, "open"), (6, "open"), (7, "open"), (1, "cancelled"), (-1, "done")):
        session.add(
            CaptureSession(
                round_id=found.id, centre_id=centre.id, title="x", place="x", held_on=today + timedelta(days=days),
                state=state, door_token=f"door{days}",
            )
        )  # fmt: skip
    session.commit()
    assert heaps(client_of(make.staff(centre=centre)).get("/console").text)["七天内的场次"] == (
        2,
        "最近一场 2026年11月2日",
    )
    assert heaps(client_of(make.staff()).get("/console").text)["七天内的场次"][0] == 0


def test_the_administrator_has_a_page_without_students(make: Factory, client_of: ClientOf) -> None:
    lin = make.student()
    make.settle(lin)
    make.submitted(lin)
    page = client_of(make.staff(Role.ADMINISTRATOR)).get("/console").text
    assert "不查看学生的照片和资料" in page
    for address in ("/console/review", "/console/students", "/console/cases"):
        assert f'href="{address}"' not in page


def test_a_new_college_is_led_through_what_it_needs(
    make: Factory, client_of: ClientOf, session: Session, clock: Clock
) -> None:
    administrator, registry = client_of(make.staff(Role.ADMINISTRATOR)), client_of(make.staff(Role.REGISTRY))

    def left(browser: FlaskClient) -> list[str]:
        """Addresses of the steps that this person can do now."""
        page = browser.get("/console").text
        found = page.partition("开始使用")[2].partition("</ol>")[0]
        return re.findall(r'<a href="([^"]+)"', found)

    settings = ["/console/settings/centres/new", "/console/settings/cohorts/new"]
    work = ["/console/imports", "/console/rounds/new", "/console/notices/new"]
    assert left(administrator) == [*settings, "/console/settings/staff"]
    assert left(registry) == settings + work
    assert "由系统管理员办理" in registry.get("/console").text
    student = make.student()  # of a centre
    session.add(Cohort(code="2027C", name="2027 年春季毕业批次"))
    session.commit()
    wang = client_of(make.staff(centre=student.centre))
    assert "开始使用" not in wang.get("/console").text
    assert left(administrator) == []
    assert left(registry) == work[1:]
    today = day_of(clock())
    session.add(CaptureRound(code="R", name="春季", opens_on=today, closes_on=today, created_at=clock()))
    notice = Notice(title="x", body="x", task="capture", state="published", created_at=clock(), published_at=clock())
    session.add(notice)
    session.commit()
    for browser in (administrator, registry):
        assert "开始使用" not in browser.get("/console").text


def test_a_student_cannot_enter(make: Factory, client_of: ClientOf) -> None:
    assert client_of(make.student_account()).get("/console").status_code == 404


@pytest.mark.parametrize("address", ["/console", "/console/review", "/console/students", "/console/cases"])
def test_a_stranger_is_led_to_the_staff_door(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.location) == (302, "/staff/sign-in")
