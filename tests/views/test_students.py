"""The roster and the page of one student."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.operations import sign_in
from backend.accounts.records import Account
from backend.accounts.rules import Role, SignInFailed
from backend.history.records import HistoryEntry
from backend.parts import Parts
from backend.photos.records import Photo
from tests.factories import PASSWORD, Factory

ClientOf = Callable[[Account], FlaskClient]


@pytest.fixture
def desk(make: Factory, client_of: ClientOf) -> tuple[FlaskClient, Factory]:
    """Wang's browser; Wang works at the centre of make.home."""
    make.home = make.centre(name="仓山学习中心")  # type: ignore[attr-defined]
    return client_of(make.staff(centre=make.home)), make  # type: ignore[attr-defined]


Desk = tuple[FlaskClient, Factory]


def test_students_are_found_by_part_of_name_or_number(desk: Desk) -> None:
    wang, make = desk
    lin = make.student(make.home, name="林小满", student_number="F20249900017")
    make.student(make.home, name="陈一")
    for text in ("小满", "900017", " 林 ", "f2024990"):
        page = wang.get("/console/students", query_string={"q": text}).text
        assert lin.student_number in page
        assert "陈一" not in page
    assert "没有找到学生" in wang.get("/console/students?q=%25").text, (
        "a sign of the database is a letter like any other"
    )


@pytest.mark.parametrize("text", ["lxm", "linxiao", "LIN xiaoman"])
def test_students_are_found_by_the_letters_of_their_names(text: str, desk: Desk) -> None:
    wang, make = desk
    lin = make.student(make.home, name="林小满")
    make.student(make.home, name="陈一")
    page = wang.get("/console/students", query_string={"q": text}).text
    assert lin.student_number in page
    assert "陈一" not in page


def test_a_character_with_two_readings_is_found_by_both(desk: Desk) -> None:
    wang, make = desk
    shan = make.student(make.home, name="单雨飞")
    for text in ("syf", "dyf"):
        assert shan.student_number in wang.get("/console/students", query_string={"q": text}).text


def test_each_row_says_how_far_the_student_is_and_what_comes_next(desk: Desk) -> None:
    wang, make = desk
    make.student(make.home, name="陈一")
    waits = make.student(make.home)
    make.settle(waits)
    make.submitted(waits)
    page = wang.get("/console/students").text
    rows = {name: page[page.index(f">{name}<") :].partition("</tr>")[0] for name in ("陈一", "林小满")}
    assert "核对学籍" in rows["陈一"]
    assert "没有联系过" in rows["陈一"]
    assert "中心审核" in rows["林小满"]


def test_the_columns_are_chosen_in_the_address_and_kept_by_filters(desk: Desk) -> None:
    wang, make = desk
    lin = make.student(make.home, cohort_id=make.cohort(name="春季批次").id)
    page = wang.get("/console/students?show=cohort&show=programme").text
    head = page[page.index("<thead") : page.index("</thead>")]
    assert (head.count("<th"), "批次" in head, "学号" in head) == (4, True, False)  # with the opening of thead
    assert lin.student_number not in page
    assert "/console/students?photo=none&amp;show=cohort&amp;show=programme" in page
    assert lin.student_number in wang.get("/console/students?show=nonsense").text  # nothing known: the usual ones


def test_students_are_narrowed_to_a_cohort(desk: Desk) -> None:
    wang, make = desk
    lin, chen = (make.student(make.home, cohort_id=make.cohort().id) for _ in range(2))
    page = wang.get(f"/console/students?cohort={lin.cohort_id}").text
    assert lin.student_number in page
    assert chen.student_number not in page
    assert f"photo=none&amp;cohort={lin.cohort_id}" in page


def test_another_centres_students_do_not_exist(desk: Desk, session: Session) -> None:
    wang, make = desk
    other = make.student(name="赵外人")
    make.student_account(other)
    for address in ("/console/students", f"/console/students?centre={other.centre_id}"):
        assert "赵外人" not in wang.get(address).text
    assert wang.get(f"/console/students/{other.id}").status_code == 404
    assert wang.get(f"/console/students/{other.id}/reopen").status_code == 404
    assert wang.post(f"/console/students/{other.id}/reopen").status_code == 404
    assert session.scalar(select(Account.id).where(Account.student_id == other.id)) is not None


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, None])
def test_the_roster_is_closed_to_administrators_and_students(
    make: Factory, client_of: ClientOf, role: Role | None
) -> None:
    lin = make.student()
    browser = client_of(make.staff(role) if role else make.student_account(lin))
    assert browser.get("/console/students").status_code == 404
    assert browser.get(f"/console/students/{lin.id}").status_code == 404


def test_each_filter_leaves_its_students(desk: Desk, session: Session) -> None:
    wang, make = desk
    names = {
        "none": "无照甲",
        "retake": "重拍乙",
        "waiting": "待审丙",
        "returned": "退回丁",
        "accepted": "通过戊",
    }
    states = {"retake": "needs_retake", "waiting": "ready_for_review", "returned": "returned", "accepted": "accepted"}
    for kind, name in names.items():
        student = make.student(make.home, name=name)
        if kind in states:
            make.settle(student)
            session.get_one(Photo, make.submitted(student).photo_id).state = states[kind]
            session.commit()
    for kind, name in names.items():
        page = wang.get(f"/console/students?photo={kind}").text
        assert [other for other in names.values() if other in page] == [name]
    everybody = wang.get("/console/students?photo=nonsense").text
    assert all(name in everybody for name in names.values())


def test_a_photo_taken_back_counts_as_none(desk: Desk, session: Session) -> None:
    wang, make = desk
    student = make.student(make.home, name="撤回己")
    make.settle(student)
    session.get_one(Photo, make.submitted(student).photo_id).state = "withdrawn"
    session.commit()
    assert "撤回己" in wang.get("/console/students?photo=none").text


def test_a_long_roster_has_pages(desk: Desk) -> None:
    wang, make = desk
    for number in range(61):
        make.student(make.home, student_number=f"S{number:04d}")
    first, second = wang.get("/console/students").text, wang.get("/console/students?page=2").text
    assert "S0059" in first
    assert "S0060" not in first
    assert "S0060" in second
    assert "第 2 / 2 页" in second
    assert wang.get("/console/students?page=99").status_code == 200


def test_the_page_of_a_student_masks_the_number_and_tells_the_history(desk: Desk) -> None:
    wang, make = desk
    lin = make.student(make.home)
    make.settle(lin)
    version = make.submitted(lin)
    wang.get(f"/console/review/{version.photo_id}/picture/1")
    page = wang.get(f"/console/students/{lin.id}").text
    assert lin.id_number not in page
    agreed = f"同意说明 版本 {make.parts.purposes['photo_handling'].version}"
    for words in ("录入名册", "确认学籍信息", agreed, "提交照片 第 1 次提交", "查看照片 第 1 次提交", "王老师"):
        assert words in page


def test_pictures_are_shown_on_demand_only(desk: Desk) -> None:
    wang, make = desk
    lin = make.student(make.home)
    make.settle(lin)
    make.submitted(lin)
    assert "/picture/1" not in wang.get(f"/console/students/{lin.id}").text
    assert "/picture/1?for=student" in wang.get(f"/console/students/{lin.id}?pictures=1").text


def test_staff_let_a_student_choose_a_new_password(
    desk: Desk, session: Session, parts: Parts, client_of: ClientOf
) -> None:
    wang, make = desk
    lin = make.student(make.home)
    account, student_id = make.student_account(lin), lin.id
    phone = client_of(account)
    login, policy = account.login, parts.policy
    assert "请先核实" in wang.get(f"/console/students/{student_id}/reopen").text
    answer = wang.post(f"/console/students/{student_id}/reopen")
    assert (answer.status_code, answer.location) == (303, f"/console/students/{student_id}")
    assert phone.get("/home").status_code == 302, "the phone is signed out"
    at = datetime(2026, 11, 2, 3, tzinfo=UTC)
    with pytest.raises(SignInFailed):
        sign_in(session, kind="student", login=login, password=PASSWORD, device="test", policy=policy, now=at)
    session.rollback()
    verbs = session.scalars(
        select(HistoryEntry.verb).where(HistoryEntry.owner_id == student_id).order_by(HistoryEntry.id)
    ).all()
    assert verbs[-1] == "student.activation_reopened"
    assert wang.post(f"/console/students/{student_id}/reopen").status_code == 404, "there is no account any more"


def test_a_centre_without_students_is_not_asked_to_search_again(client_of: ClientOf, make: Factory) -> None:
    wang, registry = client_of(make.staff(Role.CENTRE_STAFF, make.centre())), client_of(make.staff(Role.REGISTRY))
    page = wang.get("/console/students").text
    assert "学院导入学生名单后" in page
    assert "换一个姓名" not in page
    assert "换一个姓名" in wang.get("/console/students?q=林").text
    assert "/console/imports?kind=roster" in registry.get("/console/students").text
    assert "/console/imports?kind=roster" not in page
