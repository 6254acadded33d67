"""Guidance for what is done elsewhere: honest, with a way on, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient

from backend.accounts.records import Account
from tests.factories import Factory

ClientOf = Callable[[Account], FlaskClient]


@pytest.fixture
def client(make: Factory, client_of: ClientOf) -> FlaskClient:
    cohort = make.cohort(proofread_by=date(2027, 3, 31))
    return client_of(make.student_account(make.student(cohort_id=cohort.id)))


@pytest.mark.parametrize("task", ["proofread", "errata"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_each_page_says_whom_to_ask(client: FlaskClient, task: str, language: str) -> None:
    client.set_cookie("look", f'{{"language": "{language}"}}')
    answer = client.get(f"/task/{task}")
    assert answer.status_code == 200
    assert "0591-00000000" in answer.text
    assert "陈老师" in answer.text


def test_proofreading_says_that_the_click_is_the_students(client: FlaskClient) -> None:
    page = client.get("/task/proofread").text
    assert "本平台不能代替您操作" in page
    assert "2027年3月31日" in page
    assert 'href="/help/chsi"' in page
    assert "不要重复注册" in client.get("/help/chsi").text


def test_errata_lead_to_the_report(client: FlaskClient) -> None:
    assert 'href="/enrollment/report"' in client.get("/task/errata").text


def test_a_student_without_a_cohort_is_given_no_date(make: Factory, client_of: ClientOf) -> None:
    assert "本批次" not in client_of(make.student_account()).get("/task/proofread").text
