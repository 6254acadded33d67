"""The student's own corner: data, consents, who looked, devices, password."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.consent.queries import has_consent
from backend.history.operations import record_fact
from backend.history.records import HistoryEntry
from backend.history.rules import Actor, ActorKind, Fact
from backend.photos.queries import photo_of
from backend.records import begin_write
from backend.views.student.looks import fold_looks
from tests.conftest import Clock
from tests.factories import PASSWORD, Factory

ClientOf = Callable[[Account], FlaskClient]


def look_at(session: Session, *, owner: int, by: Account, at: datetime, purpose: str = "review") -> None:
    begin_write(session)
    fact = Fact("photo.seen", 1, owner_id=owner, facts={"version": 1, "purpose": purpose})
    record_fact(session, fact, actor=Actor(ActorKind.STAFF, by.id), now=at)
    session.commit()


def test_the_own_page_masks_the_id_number(client_of: ClientOf, make: Factory) -> None:
    student = make.student(name="林小满")
    page = client_of(make.student_account(student)).get("/mine").text
    assert "林小满" in page
    assert student.id_number[:3] + "*" * 13 + student.id_number[-2:] in page
    assert student.id_number not in page
    assert student.centre.contact_phone in page
    assert page.count('name="language"') == 1, "the switches stand in their card, not in the foot again"


def test_language_and_look_are_chosen_at_one_place_of_a_page(client_of: ClientOf, make: Factory) -> None:
    browser = client_of(make.student_account())
    for address in ("/home", "/mine"):
        assert browser.get(address).text.count('name="care"') == 1, address


def test_withdrawing_says_first_what_it_means(client_of: ClientOf, make: Factory, session: Session) -> None:
    student = make.student()
    make.settle(student)
    browser = client_of(make.student_account(student))
    page = browser.get("/mine/consents/photo_handling/withdraw").text
    assert "撤回之前已经完成的处理仍然有效" in page
    assert has_consent(session, student_id=student.id, purpose="photo_handling"), "looking changes nothing"
    for _ in range(2):  # twice is harmless
        assert browser.post("/mine/consents/photo_handling/withdraw").status_code == 303
    session.rollback()
    assert not has_consent(session, student_id=student.id, purpose="photo_handling")
    assert "未同意" in browser.get("/mine/consents").text


def test_a_photo_that_waits_is_taken_back_with_the_consent(
    client_of: ClientOf, make: Factory, session: Session
) -> None:
    student = make.student()
    make.settle(student)
    make.submitted(student)
    browser = client_of(make.student_account(student))
    browser.post("/mine/consents/photo_handling/withdraw")
    session.expire_all()
    photo = photo_of(session, student.id)
    assert photo is not None
    assert photo.state == "withdrawn"


def test_an_unknown_consent_is_not_found(client_of: ClientOf, make: Factory) -> None:
    assert client_of(make.student_account()).post("/mine/consents/nonsense/withdraw").status_code == 404


def test_i_see_who_looked_at_my_photo_and_why(
    client_of: ClientOf, make: Factory, session: Session, clock: Clock
) -> None:
    lin, other = make.student(), make.student()
    wang = make.staff(centre=lin.centre, display_name="王老师")
    zhou = make.staff(Role.REGISTRY, display_name="周老师")
    for purpose in ("review", "review", "thumbnail"):
        look_at(session, owner=lin.id, by=wang, at=clock.move(minutes=1), purpose=purpose)
    look_at(session, owner=other.id, by=zhou, at=clock())
    page = client_of(make.student_account(lin)).get("/mine/looks").text
    main = page.split("<main")[1].split("</main")[0]
    assert "王老师" in main
    assert lin.centre.name in main
    assert "当天共 3 次" in page
    assert "审核照片、列表缩略图" in page
    assert "周老师" not in page, "looks at others are not mine to see"


def test_nobody_looked_yet(client_of: ClientOf, make: Factory) -> None:
    assert "还没有人看过" in client_of(make.student_account()).get("/mine/looks").text


def test_looks_are_folded_by_person_and_chinese_day() -> None:
    midnight = datetime(2026, 11, 2, 16, 0, tzinfo=UTC)  # 00:00 of the 3rd in China

    def entry(actor: int, at: datetime) -> HistoryEntry:
        return HistoryEntry(actor_id=actor, at=at, facts={"purpose": "review"})

    newest_first = [entry(1, midnight), entry(2, midnight), entry(1, midnight - timedelta(seconds=1))]
    newest_first.append(entry(1, midnight - timedelta(hours=2)))
    lines = fold_looks(newest_first)
    assert [(line.actor_id, line.times) for line in lines] == [(1, 1), (2, 1), (1, 2)]
    assert lines[2].first == midnight - timedelta(hours=2)


def test_another_device_can_be_signed_out(client_of: ClientOf, make: Factory) -> None:
    account = make.student_account()
    here, there = client_of(account), client_of(account)
    page = here.get("/mine/devices").text
    assert page.count('/end"') == 1, "this device is not offered"
    address = page.split('action="')[1:]
    address = next(part.split('"')[0] for part in address if "/mine/devices/" in part)
    assert here.post(address).status_code == 303
    assert there.get("/mine").status_code == 302
    assert here.get("/mine").status_code == 200


def test_all_other_devices_are_signed_out_at_once(client_of: ClientOf, make: Factory) -> None:
    account = make.student_account()
    here, lost = client_of(account), [client_of(account) for _ in range(2)]
    stranger = client_of(make.student_account())
    assert "/mine/devices/end-others" in here.get("/mine/devices").text
    answer = here.post("/mine/devices/end-others", follow_redirects=True)
    assert "其他 2 台设备已退出登录" in answer.text
    assert "end-others" not in answer.text, "nothing is left to sign out"
    assert [client.get("/mine").status_code for client in (here, *lost, stranger)] == [200, 302, 302, 200]


def test_the_device_of_another_person_is_not_found(client_of: ClientOf, make: Factory, session: Session) -> None:
    from sqlalchemy import select

    from backend.accounts.records import SignIn

    mine, theirs = make.student_account(), make.student_account()
    here, there = client_of(mine), client_of(theirs)
    found = session.scalars(select(SignIn).where(SignIn.account_id == theirs.id)).one()
    assert here.post(f"/mine/devices/{found.id}/end").status_code == 404
    assert there.get("/mine").status_code == 200


def test_a_changed_password_signs_the_other_devices_out(
    client: FlaskClient, client_of: ClientOf, make: Factory
) -> None:
    account = make.student_account()
    here, there = client_of(account), client_of(account)
    wrong = here.post("/mine/password", data={"current": "nope", "new": "klatsch-mohn-4"})
    assert (wrong.status_code, "现在的密码不对" in wrong.text) == (422, True)
    short = here.post("/mine/password", data={"current": PASSWORD, "new": "short"})
    assert (short.status_code, "至少要 8 位" in short.text) == (422, True)
    assert here.post("/mine/password", data={"current": PASSWORD, "new": "klatsch-mohn-4"}).status_code == 303
    assert here.get("/mine").status_code == 200
    assert there.get("/mine").status_code == 302
    assert client.post("/sign-in", data={"login": account.login, "password": PASSWORD}).status_code == 422
    assert client.post("/sign-in", data={"login": account.login, "password": "klatsch-mohn-4"}).status_code == 303


def test_guessing_the_present_password_locks(client_of: ClientOf, make: Factory) -> None:
    here = client_of(make.student_account())
    tries = [here.post("/mine/password", data={"current": "x", "new": "klatsch-mohn-4"}) for _ in range(6)]
    assert [answer.status_code for answer in tries] == [422] * 5 + [429]
    assert "10:15" in tries[-1].text
