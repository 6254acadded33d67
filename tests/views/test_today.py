"""The first page of the console: what each role finds there."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.centres.rules import ALL_CENTRES
from backend.enrollment.operations import report_wrong_data
from backend.history.rules import Actor, ActorKind
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
        "待审核": (1, "最早 3天前"),
        "学生申诉": (0, "没有积压"),
        "退回 7 天未重拍": (1, "最早 1周前"),
        "信息有误待处理": (1, "最早 3天前"),
        "勘误 · 等我处理": (0, "没有积压"),
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


def test_the_administrator_has_a_page_without_students(make: Factory, client_of: ClientOf) -> None:
    lin = make.student()
    make.settle(lin)
    make.submitted(lin)
    page = client_of(make.staff(Role.ADMINISTRATOR)).get("/console").text
    assert "不查看学生的照片和资料" in page
    for address in ("/console/review", "/console/students", "/console/cases"):
        assert f'href="{address}"' not in page


def test_a_student_cannot_enter(make: Factory, client_of: ClientOf) -> None:
    assert client_of(make.student_account()).get("/console").status_code == 404


@pytest.mark.parametrize("address", ["/console", "/console/review", "/console/students", "/console/cases"])
def test_a_stranger_is_led_to_the_staff_door(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.location) == (302, "/staff/sign-in")
