"""Notices at the desk: who may write, publish and print which."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from typing import Any

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import App
from backend.accounts.rules import Role
from backend.centres.records import Centre
from backend.notices.operations import count_scan
from backend.notices.records import Notice, NoticeLink
from tests.conftest import Clock
from tests.factories import Factory

FORM = {
    "title": "毕业照片采集通知",
    "body": "请按时完成。",
    "task": "capture",
    "deadline": "2026-12-31",
    "centre": "all",
    "seen_revision": "1",
}


@pytest.fixture
def lin(make: Factory) -> Centre:
    """Lin's and Wang's centre."""
    return make.centre(name="福州学习中心", code="FZ")


@pytest.fixture
def zhao(make: Factory) -> Centre:
    """Zhao's centre."""
    return make.centre(name="南昌学习中心", code="NC")


@pytest.fixture
def registry(client_of: Any, make: Factory, lin: Centre, zhao: Centre) -> FlaskClient:
    return client_of(make.staff(Role.REGISTRY))  # type: ignore[no-any-return]


@pytest.fixture
def head(client_of: Any, make: Factory, lin: Centre) -> FlaskClient:
    """The head of Lin's centre."""
    return client_of(make.staff(Role.CENTRE_HEAD, lin))  # type: ignore[no-any-return]


@pytest.fixture
def wang(client_of: Any, make: Factory, lin: Centre) -> FlaskClient:
    """Staff of Lin's centre."""
    return client_of(make.staff(Role.CENTRE_STAFF, lin))  # type: ignore[no-any-return]


def write(browser: FlaskClient, **change: str) -> str:
    """The address of a new draft."""
    answer = browser.post("/console/notices/new", data={**FORM, **change})
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def publish(browser: FlaskClient, address: str, revision: int = 1) -> None:
    assert browser.post(f"{address}/publish", data={"seen_revision": revision}).status_code == 303


def notice_of(session: Session) -> Notice:
    session.rollback()
    return session.scalars(select(Notice).order_by(Notice.id.desc())).first()  # type: ignore[return-value]


def posters(page: str) -> list[str]:
    return re.findall(r'href="(/console/notices/\d+/poster/\d+\.pdf)"', page)


def test_from_the_desk_to_the_code_on_paper_to_the_page(
    registry: FlaskClient, client: FlaskClient, session: Session
) -> None:
    address = write(registry)
    publish(registry, address)
    page = registry.get(address).text
    assert len(posters(page)) == 2
    answer = registry.get(posters(page)[0])
    assert answer.mimetype == "application/pdf"
    assert "attachment" in answer.headers["Content-Disposition"]
    with pypdfium2.PdfDocument(answer.data) as document:
        pixels = document[0].render(scale=2).to_numpy()
    token = notice_of(session).links[0].token
    (code,) = zxingcpp.read_barcodes(np.ascontiguousarray(pixels))
    assert code.text == f"http://localhost/n/{token}"
    assert client.get(code.text.removeprefix("http://localhost")).status_code == 200
    with Image.open(BytesIO(registry.get(posters(page)[0].replace(".pdf", ".png")).data)) as picture:
        assert [found.text for found in zxingcpp.read_barcodes(picture.convert("L"))] == [code.text]


def test_the_code_leads_to_the_public_address_of_the_settings(
    app: App, registry: FlaskClient, session: Session
) -> None:
    server = app.parts.settings.server.model_copy(update={"public_url": "https://photo.example.edu.cn/"})
    settings = app.parts.settings.model_copy(update={"server": server})
    object.__setattr__(app.parts, "settings", settings)
    address = write(registry)
    publish(registry, address)
    page = registry.get(address).text
    assert f"https://photo.example.edu.cn/n/{notice_of(session).links[0].token}" in page
    assert "只在这台电脑上有效" not in page


def test_a_local_address_is_warned_about(registry: FlaskClient) -> None:
    address = write(registry)
    publish(registry, address)
    assert "只在这台电脑上有效" in registry.get(address).text


def test_a_head_writes_for_the_own_centre_whatever_the_form_says(
    head: FlaskClient, lin: Centre, zhao: Centre, session: Session
) -> None:
    write(head, centre=str(zhao.id))
    assert notice_of(session).centre_id == lin.id


def test_wang_prints_but_does_not_write(wang: FlaskClient, registry: FlaskClient, session: Session) -> None:
    address = write(registry)
    publish(registry, address)
    page = wang.get(address).text
    assert len(posters(page)) == 1
    assert wang.get(posters(page)[0]).status_code == 200
    assert "/edit" not in page
    data = {**FORM, "seen_revision": "2"}
    for path in ("/console/notices/new", f"{address}/edit", f"{address}/publish", f"{address}/withdraw"):
        assert wang.post(path, data=data).status_code == 404
        assert wang.get(path).status_code == 404
    assert wang.post(f"{address}/links").status_code == 404


def test_the_poster_of_another_centre_is_not_there(
    wang: FlaskClient, registry: FlaskClient, session: Session, zhao: Centre
) -> None:
    address = write(registry)
    publish(registry, address)
    other = next(link for link in notice_of(session).links if link.centre_id == zhao.id)
    for form in ("pdf", "png"):
        assert wang.get(f"{address}/poster/{other.id}.{form}").status_code == 404
    assert registry.get(f"{address}/poster/{other.id}.svg").status_code == 404
    assert registry.get(f"/console/notices/999/poster/{other.id}.pdf").status_code == 404


def test_another_centres_notice_is_neither_seen_nor_changed(
    head: FlaskClient, wang: FlaskClient, client_of: Any, make: Factory, zhao: Centre
) -> None:
    theirs = write(client_of(make.staff(Role.CENTRE_HEAD, zhao)), title="赵老师中心的通知")
    for browser in (head, wang):
        assert "赵老师中心的通知" not in browser.get("/console/notices").text
        assert browser.get(theirs).status_code == 404
        assert browser.post(f"{theirs}/publish", data={"seen_revision": "1"}).status_code == 404
        assert browser.post(f"{theirs}/edit", data=FORM).status_code == 404


def test_a_head_reads_the_colleges_notice_and_does_not_change_it(head: FlaskClient, registry: FlaskClient) -> None:
    address = write(registry)
    assert head.get(address).status_code == 200
    assert head.get(f"{address}/edit").status_code == 404
    assert head.post(f"{address}/withdraw", data={"seen_revision": "1"}).status_code == 404


def test_students_administrators_and_strangers_see_no_desk(
    client: FlaskClient, client_of: Any, make: Factory, registry: FlaskClient
) -> None:
    address = write(registry)
    assert client.get(address).status_code == 302
    for account in (make.student_account(), make.staff(Role.ADMINISTRATOR)):
        assert client_of(account).get(address).status_code == 404


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"title": " "}, "请填写标题"),
        ({"title": "采" * 61}, "标题最多"),
        ({"body": ""}, "请填写正文"),
        ({"deadline": "2026-11-01"}, "截止日期已经过去"),
        ({"deadline": "年底"}, "这不是一个日期"),
        ({"task": "fly"}, "请选择任务"),
        ({"centre": "999"}, "请选择发给谁"),
        ({"centre": "9" * 40}, "请选择发给谁"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    registry: FlaskClient, session: Session, change: dict[str, str], sentence: str
) -> None:
    answer = registry.post("/console/notices/new", data={**FORM, **change})
    assert answer.status_code == 422
    field = next(iter(change))
    assert sentence in answer.text
    assert f'id="field-{field}-error"' in answer.text
    if field != "body":
        assert "请按时完成。" in answer.text
    assert session.scalars(select(Notice)).all() == []


def test_an_empty_form_is_answered_by_field(registry: FlaskClient) -> None:
    answer = registry.post("/console/notices/new", data={})
    assert answer.status_code == 422
    assert answer.text.count('href="#field-') == 4


def test_the_preview_shows_the_page_and_keeps_nothing(registry: FlaskClient, session: Session) -> None:
    answer = registry.post("/console/notices/new", data={**FORM, "body": "**要紧**", "do": "preview"})
    assert answer.status_code == 200
    assert "<strong>要紧</strong>" in answer.text
    assert "拍照提交" in answer.text
    assert session.scalars(select(Notice)).all() == []


def test_a_stale_edit_is_refused_and_keeps_what_was_written(registry: FlaskClient, session: Session) -> None:
    address = write(registry)
    registry.post(f"{address}/edit", data={**FORM, "title": "先写的人"})
    answer = registry.post(f"{address}/edit", data={**FORM, "title": "后写的人"})
    assert answer.status_code == 409
    assert "后写的人" in answer.text
    assert notice_of(session).title == "先写的人"
    revision = re.findall(r'name="seen_revision" value="(\d+)"', answer.text)[0]
    again = registry.post(f"{address}/edit", data={**FORM, "title": "后写的人", "seen_revision": revision})
    assert again.status_code == 303
    assert notice_of(session).title == "后写的人"


def test_a_stale_page_does_not_publish_or_withdraw(registry: FlaskClient, session: Session) -> None:
    address = write(registry)
    registry.post(f"{address}/edit", data={**FORM, "title": "改过了"})
    for action in ("publish", "withdraw"):
        assert registry.post(f"{address}/{action}", data={"seen_revision": "1"}).status_code == 409
    assert notice_of(session).state == "draft"


def test_publishing_is_asked_once_more_without_script(registry: FlaskClient, session: Session) -> None:
    address = write(registry)
    for action, asked in (("publish", "发布这份通知？"), ("withdraw", "作废这份草稿？")):
        page = registry.get(f"{address}/{action}").text
        assert 'name="seen_revision" value="1"' in page
        assert asked in page
    assert notice_of(session).state == "draft"


def test_a_withdrawn_notice_prints_no_poster_and_takes_no_change(registry: FlaskClient, session: Session) -> None:
    address = write(registry)
    publish(registry, address)
    link = notice_of(session).links[0].id
    assert registry.post(f"{address}/withdraw", data={"seen_revision": "2"}).status_code == 303
    assert posters(registry.get(address).text) == []
    assert registry.get(f"{address}/poster/{link}.pdf").status_code == 409
    assert registry.get(f"{address}/edit").status_code == 409
    assert registry.post(f"{address}/publish", data={"seen_revision": "3"}).status_code == 409


def test_an_expired_link_prints_no_poster(registry: FlaskClient, session: Session, clock: Clock) -> None:
    address = write(registry, deadline="")
    publish(registry, address)
    link = notice_of(session).links[0]
    link.expires_at = clock()
    session.commit()
    assert registry.get(f"{address}/poster/{link.id}.pdf").status_code == 409
    assert "已过期" in registry.get(address).text


def test_a_draft_whose_deadline_passed_leads_back_to_the_editor(
    registry: FlaskClient, clock: Clock, client_of: Any, make: Factory
) -> None:
    address = write(registry, deadline="2026-11-03")
    clock.move(days=3)
    browser = client_of(make.staff(Role.REGISTRY))
    answer = browser.post(f"{address}/publish", data={"seen_revision": "1"})
    assert answer.location == f"{address}/edit"


def test_a_centre_that_came_later_is_offered_its_code(registry: FlaskClient, make: Factory, session: Session) -> None:
    address = write(registry)
    publish(registry, address)
    assert "补发二维码" not in registry.get(address).text
    make.centre(name="厦门学习中心")
    assert "补发二维码" in registry.get(address).text
    registry.post(f"{address}/links")
    page = registry.get(address).text
    assert "补发二维码" not in page
    assert len(posters(page)) == 3


def test_scans_are_shown_as_bars_and_as_a_table(registry: FlaskClient, wang: FlaskClient, session: Session) -> None:
    address = write(registry)
    publish(registry, address)
    for link in session.scalars(select(NoticeLink)).all():
        for day in (1, 2, 2):
            count_scan(session, link_id=link.id, day=date(2026, 11, day))
    page = registry.get(address).text
    assert "近 14 天共扫码 6 次，最多一天 4 次" in page
    assert 'data-label="扫码次数" class="table__number">4<' in page
    assert "近 14 天共扫码 3 次" in wang.get(address).text
    assert "近 14 天共扫码 6 次" in registry.get("/console/notices").text


def test_characters_that_the_poster_cannot_draw_are_said(registry: FlaskClient, session: Session) -> None:
    address = write(registry, title="📷采集通知")
    publish(registry, address)
    page = registry.get(address).text
    assert "海报字体缺少 1 个字" in page
    answer = registry.get(posters(page)[0])
    assert answer.headers["X-Missing-Characters"] == "U+1F4F7"


def test_a_poster_font_that_is_broken_is_said_and_the_page_stays(
    app: App, registry: FlaskClient, session: Session, tmp_path: Any
) -> None:
    broken = tmp_path / "font.otf"
    broken.write_bytes(b"no font")
    address = write(registry)
    publish(registry, address)
    notices = app.parts.settings.notices.model_copy(update={"poster_font": str(broken)})
    object.__setattr__(app.parts, "settings", app.parts.settings.model_copy(update={"notices": notices}))
    assert "海报暂时做不出来" in registry.get(address).text
    link = notice_of(session).links[0].id
    assert registry.get(f"{address}/poster/{link}.pdf").status_code == 303


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_speaks_both_languages(registry: FlaskClient, session: Session, language: str) -> None:
    headers = {"Accept-Language": language}
    draft, address = write(registry), write(registry, deadline="")
    publish(registry, address)
    for path in ("/console/notices", "/console/notices/new", draft, f"{draft}/edit", f"{draft}/publish", address):
        assert registry.get(path, headers=headers).status_code == 200
    assert registry.get(f"{address}/edit", headers=headers).status_code == 200
    bad = registry.post("/console/notices/new", data={"title": "x" * 61, "deadline": "?"}, headers=headers)
    assert bad.status_code == 422
