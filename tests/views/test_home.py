"""The student's first page: where I stand, what now, by when, who waits for whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient

from backend.accounts.records import Account
from backend.photos.rules import Action
from tests.conftest import Clock
from tests.factories import Factory

ClientOf = Callable[[Account], FlaskClient]


def home(client: FlaskClient) -> str:
    answer = client.get("/home")
    assert answer.status_code == 200
    return answer.text


def test_a_new_student_is_asked_to_check_the_data_first(make: Factory, client_of: ClientOf) -> None:
    cohort = make.cohort(verify_by=date(2026, 11, 12))
    student = make.student(cohort_id=cohort.id, name="林小满")
    page = home(client_of(make.student_account(student)))
    assert "林小满" in page
    assert "核对您的学籍信息" in page
    assert "还剩 10 天" in page
    assert "现在轮到您" in page
    assert "陈老师" in page


@pytest.mark.parametrize(("until", "said"), [(date(2026, 11, 2), "今天"), (date(2026, 10, 30), "仍可以办理")])
def test_a_deadline_that_is_reached_is_said_calmly(make: Factory, client_of: ClientOf, until: date, said: str) -> None:
    student = make.student(cohort_id=make.cohort(verify_by=until).id)
    assert said in home(client_of(make.student_account(student)))


def test_a_student_without_a_cohort_sees_no_deadline(make: Factory, client_of: ClientOf) -> None:
    assert "还剩" not in home(client_of(make.student_account()))


def test_the_page_follows_the_student_to_the_accepted_photo(make: Factory, client_of: ClientOf) -> None:
    student = make.student()
    client = client_of(make.student_account(student))
    make.settle(student)
    assert "拍一张证件照" in home(client)
    make.submitted(student)
    waiting = home(client)
    assert "等学习中心审核" in waiting
    assert f"现在在等：{student.centre.name}" in waiting
    assert "/photo/versions/1/picture" in waiting
    make.reviewed(student, Action.ACCEPT)
    accepted = home(client)
    assert "学习中心已通过您的照片" in accepted
    assert "到学信网校对" in accepted


def test_a_returned_photo_leads_to_its_reasons(make: Factory, client_of: ClientOf) -> None:
    student = make.student()
    make.settle(student)
    make.submitted(student)
    make.reviewed(student, Action.RETURN, ("HEAD_TOP",))
    assert "老师请您重拍一张" in home(client_of(make.student_account(student)))


def test_the_usual_time_is_said_only_when_enough_is_known(make: Factory, client_of: ClientOf, clock: Clock) -> None:
    centre = make.centre()
    for _ in range(4):
        other = make.student(centre)
        make.settle(other)
        make.submitted(other)
        clock.move(hours=3)
        make.reviewed(other, Action.ACCEPT)
    student = make.student(centre)
    make.settle(student)
    make.submitted(student)
    client = client_of(make.student_account(student))
    assert "通常" not in home(client)
    fifth = make.student(centre)
    make.settle(fifth)
    make.submitted(fifth)
    clock.move(hours=3)
    make.reviewed(fifth, Action.ACCEPT)
    assert "通常 3 小时内有结果" in home(client)


def test_every_step_has_its_evidence_on_tap(make: Factory, client_of: ClientOf) -> None:
    student = make.student()
    make.settle(student)
    page = home(client_of(make.student_account(student)))
    assert "本人 2026年11月2日确认" in page
    assert page.count("stages__item ") == 7


def test_the_page_is_complete_in_english(make: Factory, client_of: ClientOf) -> None:
    client = client_of(make.student_account())
    client.set_cookie("look", '{"language": "en"}')
    assert "Check your registered data" in home(client)


def test_staff_have_no_student_pages(make: Factory, client_of: ClientOf) -> None:
    assert client_of(make.staff()).get("/home").status_code == 404


def test_a_stranger_is_led_to_the_sign_in(client: FlaskClient) -> None:
    assert client.get("/home").headers["Location"].endswith("/sign-in")


def test_a_long_name_breaks_after_its_dot(client_of: ClientOf, make: Factory) -> None:
    page = home(client_of(make.student_account(make.student(name="阿依努尔·买买提"))))
    assert "阿依努尔\u2060·\u200b买买提，您好" in page
    assert "<title>阿依努尔·买买提，您好" in page
