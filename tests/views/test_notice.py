"""The page behind a poster's code: open to everybody, one button, counted once, and never a dead end."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend import App
from backend.centres.rules import ALL_CENTRES
from backend.history.rules import SYSTEM
from backend.notices.operations import publish_notice, withdraw_notice, write_notice
from backend.notices.records import NoticeLink, ScanCount
from backend.notices.rules import Task
from tests.conftest import Clock
from tests.factories import PASSWORD, Factory


@pytest.fixture
def link(make: Factory, session: Session, clock: Clock) -> NoticeLink:
    """The code of a notice of the college at Lin's centre."""
    make.centre(name="福州学习中心")
    return written(session, clock).links[0]


def written(session: Session, clock: Clock, **change: Any) -> Any:
    values = {
        "title": "毕业照片采集通知",
        "body": "请在**截止日期**前完成。",
        "task": Task.CAPTURE,
        "deadline": date(2026, 12, 31),
        **change,
    }
    given: dict[str, Any] = {"scope": ALL_CENTRES, "link_days": 10, "actor": SYSTEM, "now": clock()}
    notice = write_notice(session, notice_id=None, seen_revision=1, centre_id=None, **values, **given)
    return publish_notice(session, notice_id=notice.id, seen_revision=notice.revision, **given)


def scans(session: Session) -> list[int]:
    session.rollback()
    return list(session.scalars(select(ScanCount.scans).order_by(ScanCount.day)))


def test_a_title_of_two_lines_breaks_inside_no_compound_word(
    client: FlaskClient, make: Factory, session: Session, clock: Clock
) -> None:
    make.centre()
    title = "2027 年春季毕业生 <照片> 通知"
    page = client.get(f"/n/{written(session, clock, title=title).links[0].token}").text
    assert '2027 年春季<span class="whole">毕业生</span> &lt;照片&gt; 通知</h1>' in page
    assert "2027 年春季毕业生 &lt;照片&gt; 通知" in page.partition("</title>")[0]


def test_everybody_reads_the_notice_with_its_steps_and_one_button(client: FlaskClient, link: NoticeLink) -> None:
    answer = client.get(f"/n/{link.token}")
    page = answer.text
    assert answer.status_code == 200
    for word in (
        "毕业照片采集通知",
        "福州学习中心",
        "2026年12月31日",
        "<strong>截止日期</strong>",
        "拍照提交",
        "0591-00000000",
    ):
        assert word in page
    assert page.count("button--primary") == 1
    assert 'href="/sign-in"' in page


@pytest.mark.parametrize(
    "change", [str.upper, lambda token: f" {token[:4]}-{token[4:]} ", lambda t: t.replace("0", "O")]
)
def test_a_typed_address_is_read_as_it_was_meant(client: FlaskClient, link: NoticeLink, change: Any) -> None:
    assert client.get(f"/n/{change(link.token)}").status_code == 200


def test_the_task_is_kept_through_sign_in(client: FlaskClient, link: NoticeLink, make: Factory) -> None:
    account = make.student_account()
    client.get(f"/n/{link.token}")
    answer = client.post("/sign-in", data={"login": account.login, "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/photo/guide")


def test_somebody_signed_in_goes_straight_on(client_of: Any, link: NoticeLink, make: Factory) -> None:
    browser = client_of(make.student_account())
    page = browser.get(f"/n/{link.token}").text
    assert 'href="/photo/guide"' in page
    assert "林小满" in page


def test_a_scan_counts_once_for_each_browser_and_day(
    app: App, client: FlaskClient, link: NoticeLink, session: Session, clock: Clock
) -> None:
    path = f"/n/{link.token}"
    for _ in range(3):
        client.get(path)
    assert scans(session) == [1]
    app.test_client().get(path)
    assert scans(session) == [2]
    clock.move(days=1)
    client.get(path)
    assert scans(session) == [2, 1]


def test_the_cookie_of_a_scan_says_the_day_and_nothing_else(client: FlaskClient, link: NoticeLink) -> None:
    client.get(f"/n/{link.token}")
    cookie = client.get_cookie(f"scanned_{link.id}", path="/n")
    assert cookie is not None
    assert (cookie.value, cookie.http_only) == ("2026-11-02", True)


@pytest.mark.parametrize("headers", [{"Sec-Purpose": "prefetch"}, {"Purpose": "prefetch"}])
def test_a_browser_that_looks_ahead_is_not_counted(
    client: FlaskClient, link: NoticeLink, session: Session, headers: dict[str, str]
) -> None:
    client.get(f"/n/{link.token}", headers=headers)
    assert scans(session) == []


def test_a_program_that_asks_for_the_head_is_not_counted(
    client: FlaskClient, link: NoticeLink, session: Session
) -> None:
    assert client.head(f"/n/{link.token}").status_code == 200
    assert scans(session) == []


def test_a_look_from_the_desk_is_not_counted(client_of: Any, make: Factory, link: NoticeLink, session: Session) -> None:
    assert client_of(make.staff()).get(f"/n/{link.token}").status_code == 200
    assert scans(session) == []


def test_an_expired_link_says_so_and_whom_to_ask(
    client: FlaskClient, link: NoticeLink, session: Session, clock: Clock
) -> None:
    session.execute(update(NoticeLink).values(expires_at=clock()))
    session.commit()
    answer = client.get(f"/n/{link.token}")
    assert answer.status_code == 410
    assert "已经过期" in answer.text
    assert "0591-00000000" in answer.text
    assert scans(session) == []


def test_a_withdrawn_notice_says_so_and_whom_to_ask(
    client: FlaskClient, link: NoticeLink, session: Session, clock: Clock
) -> None:
    notice = link.notice
    withdraw_notice(
        session, scope=ALL_CENTRES, notice_id=notice.id, seen_revision=notice.revision, actor=SYSTEM, now=clock()
    )
    answer = client.get(f"/n/{link.token}")
    assert answer.status_code == 410
    assert "已由老师撤回" in answer.text
    assert "福州学习中心" in answer.text


@pytest.mark.parametrize("token", ["00000000", "x", "🙂🙂🙂🙂🙂🙂🙂🙂", "a" * 300, "%00%00%00%00%00%00%00%00"])
def test_an_unknown_address_helps_on(client: FlaskClient, token: str) -> None:
    answer = client.get(f"/n/{token}")
    assert answer.status_code == 404
    assert 'href="/help"' in answer.text


def test_guessing_addresses_is_slowed_down_and_a_lecture_hall_is_not(client: FlaskClient, link: NoticeLink) -> None:
    for _ in range(70):
        assert client.get(f"/n/{link.token}").status_code == 200
    answers = [client.get("/n/00000000").status_code for _ in range(61)]
    assert answers == [404] * 60 + [429]


@pytest.mark.parametrize(
    ("body", "gone"),
    [
        ("<script>alert(1)</script>", "<script>alert"),
        ("[x](javascript:alert(1))", 'href="javascript'),
        ("[x](data:text/html,x)", 'href="data'),
        ("![x](https://example.org/x.png)", "<img src="),
        ('<img src=x onerror="alert(1)">', "<img src"),
        ('[x](https://example.org "\\" onmouseover=\\"alert(1)")', 'onmouseover="'),
        ("# 小标题", "<h1>小标题"),
    ],
)
def test_nothing_dangerous_comes_through_the_text(
    client: FlaskClient, make: Factory, session: Session, clock: Clock, body: str, gone: str
) -> None:
    make.centre()
    link = written(session, clock, body="安全\n\n" + body).links[0]
    page = client.get(f"/n/{link.token}").text
    assert "<p>安全</p>" in page
    assert gone not in page


def test_lists_links_and_headings_of_the_text_stay(
    client: FlaskClient, make: Factory, session: Session, clock: Clock
) -> None:
    make.centre()
    body = "# 要带什么\n\n- 身份证\n- 学生证\n\n[学院网站](https://example.org/a?b=1&c=2)"
    page = client.get(f"/n/{written(session, clock, body=body).links[0].token}").text
    assert "<h2>要带什么</h2>" in page
    assert "<li>身份证</li>" in page
    assert 'href="https://example.org/a?b=1&amp;c=2"' in page


def test_after_the_deadline_it_says_what_to_do(client: FlaskClient, link: NoticeLink, clock: Clock) -> None:
    clock.move(days=60)
    page = client.get(f"/n/{link.token}").text
    assert "截止日期已过" in page


def test_a_notice_without_a_deadline_says_so(
    client: FlaskClient, make: Factory, session: Session, clock: Clock
) -> None:
    make.centre()
    assert "没有截止日期" in client.get(f"/n/{written(session, clock, deadline=None).links[0].token}").text


@pytest.mark.parametrize("task", list(Task))
def test_every_task_has_its_words_in_both_languages(
    client: FlaskClient, make: Factory, session: Session, clock: Clock, task: Task
) -> None:
    make.centre()
    path = f"/n/{written(session, clock, task=task).links[0].token}"
    for language in ("zh-CN", "en"):
        assert client.get(path, headers={"Accept-Language": language}).status_code == 200
