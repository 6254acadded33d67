"""The account by the API: the first time, password, devices, who looked, ways of being told, days of capture, fees."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from backend import App
from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.capture.records import CentreRoute
from backend.centres.rules import ALL_CENTRES
from backend.fees.operations import charge_round
from backend.history.rules import Actor, ActorKind
from backend.notices.operations import publish_notice, write_notice
from backend.notices.rules import Task
from backend.notifications.rules import Channel
from backend.parts import Parts
from backend.photos.operations import note_photo_seen
from backend.photos.rules import Action
from backend.wechat.records import WechatBinding
from tests.conftest import Clock
from tests.factories import PASSWORD, Factory
from tests.operations.test_telling import Pigeon
from tests.papers import scan
from tests.views.test_api import Caller, signed_in
from tests.views.test_channels import work
from tests.views.test_sessions import Day

ClientOf = Callable[[Account], FlaskClient]
OTHER = "another-horse-10"


def test_somebody_of_the_roster_opens_the_account_and_is_signed_in(app: App, make: Factory) -> None:
    person = make.student()
    said = {"number": person.student_number, "name": person.name, "id_number": person.id_number, "password": PASSWORD}
    wrong = Caller(app)("POST", "/accounts", {**said, "name": "王安"})
    assert (wrong.status_code, wrong.json["code"]) == (403, "sign_in_failed")
    weak = Caller(app)("POST", "/accounts", {**said, "password": "12345678"})
    assert (weak.status_code, weak.json["code"]) == (422, "weak_password")
    opened = Caller(app)("POST", "/accounts", said)
    assert opened.status_code == 201
    assert Caller(app, opened.json["token"])("GET", "/home").json["next_step"] == "verify"
    assert Caller(app)("POST", "/accounts", said).json == wrong.json


def test_a_new_password_signs_every_other_device_out(app: App, make: Factory) -> None:
    account = make.student_account()
    here, there = signed_in(app, account), signed_in(app, account)
    wrong = here("PUT", "/password", {"current": "wrong-wrong-1", "new": OTHER})
    assert (wrong.status_code, wrong.json["code"]) == (403, "sign_in_failed")
    assert here("PUT", "/password", {"current": PASSWORD, "new": OTHER}).status_code == 204
    assert there("GET", "/home").status_code == 401
    assert here("GET", "/home").status_code == 200


def test_a_device_is_signed_out_from_another_one(app: App, make: Factory) -> None:
    account = make.student_account()
    here, there, stranger = signed_in(app, account), signed_in(app, account), signed_in(app, make.student_account())
    devices = here("GET", "/devices").json["items"]
    assert sorted(device["this"] for device in devices) == [False, True]
    lost = next(device["id"] for device in devices if not device["this"])
    assert stranger("DELETE", f"/devices/{lost}").status_code == 404
    assert here("DELETE", f"/devices/{lost}").status_code == 204
    assert there("GET", "/home").status_code == 401


def test_every_other_device_is_signed_out_at_once(app: App, make: Factory) -> None:
    account = make.student_account()
    here, there, stranger = signed_in(app, account), signed_in(app, account), signed_in(app, make.student_account())
    assert here("DELETE", "/devices").status_code == 204
    assert here("DELETE", "/devices").status_code == 204
    assert there("GET", "/home").status_code == 401
    assert (here("GET", "/home").status_code, stranger("GET", "/home").status_code) == (200, 200)


def test_who_looked_is_read_by_whom_it_concerns(app: App, make: Factory, session: Session, clock: Clock) -> None:
    person = make.student()
    make.settle(person)
    version = make.submitted(person)
    wang = make.staff(centre=person.centre, display_name="王老师")
    for purpose in ("review", "review", "export"):
        note_photo_seen(
            session, version=version, student_id=person.id, purpose=purpose, actor=Actor(ActorKind.STAFF, wang.id),
            now=clock.move(minutes=1),
        )  # fmt: skip
    lin = signed_in(app, make.student_account(person))
    page = lin("GET", "/looks?limit=2").json
    rest = lin("GET", f"/looks?limit=2&cursor={page['next']}").json
    looks = page["items"] + rest["items"]
    assert [(look["who"], look["purpose"]) for look in looks] == [
        ("王老师", "export"), ("王老师", "review"), ("王老师", "review"),
    ]  # fmt: skip
    assert signed_in(app, make.student_account())("GET", "/looks").json["items"] == []


@pytest.fixture
def pigeons(app: App, parts: Parts) -> Iterator[dict[Channel, Pigeon]]:
    """An installation with mail and text messages."""
    found = {Channel.MAIL: Pigeon(), Channel.SMS: Pigeon()}
    app.parts = replace(parts)
    app.parts.__dict__["messengers"] = found
    yield found
    app.parts = parts


def test_a_way_of_being_told_is_set_up_switched_off_and_forgotten(
    app: App, pigeons: dict[Channel, Pigeon], make: Factory
) -> None:
    lin = signed_in(app, make.student_account())

    def state() -> dict[str, Any]:
        return {way["channel"]: way for way in lin("GET", "/channels").json["items"]}["mail"]

    assert lin("PUT", "/channels/mail", {"wanted": True}).status_code == 404
    assert lin("PUT", "/channels/mail/address", {"address": None}).status_code == 404
    assert lin("PUT", "/channels/mail/address", {"address": "lin"}).status_code == 422
    assert lin("PUT", "/channels/mail/address", {"address": "lin@example.edu.cn"}).status_code == 200
    soon = lin("PUT", "/channels/mail/address", {"address": None})
    assert (soon.status_code, soon.json["code"]) == (409, "code_too_soon")
    assert (state()["state"], state()["address"]) == ("unverified", "l***@example.edu.cn")
    work(app)
    wrong = lin("POST", "/channels/mail/code", {"code": "0"})
    assert (wrong.status_code, wrong.json["code"]) == (409, "wrong_code")
    lin("POST", "/channels/mail/code", {"code": pigeons[Channel.MAIL].sent[0][1].code})
    assert state()["state"] == "on"
    lin("PUT", "/channels/mail", {"wanted": False})
    assert state()["state"] == "off"
    lin("DELETE", "/channels/mail/address")
    assert (state()["state"], state()["address"]) == ("unset", "")
    assert lin("PUT", "/channels/pigeon", {"wanted": True}).status_code == 404


def test_a_wechat_account_is_unbound(app: App, make: Factory, session: Session, clock: Clock) -> None:
    account = make.student_account()
    binding = WechatBinding(
        account_id=account.id, app="mini", openid="o-lin", openid_index=b"0" * 16, bound_at=clock(), follows=None
    )
    session.add(binding)
    session.commit()
    lin = signed_in(app, account)
    assert [found["app"] for found in lin("GET", "/wechat").json["items"]] == ["mini"]
    assert "o-lin" not in lin("GET", "/wechat").text
    assert lin("DELETE", "/wechat/mini").json["items"] == []
    assert lin("DELETE", "/wechat/other").status_code == 404


def test_a_slot_is_taken_given_back_and_the_door_gives_one_number(
    app: App, make: Factory, client_of: ClientOf, session: Session, clock: Clock
) -> None:
    day = Day(make, client_of, session, clock)
    first, second, stranger = (
        signed_in(app, make.student_account(person)) for person in (*day.students[:2], day.stranger)
    )
    session.rollback()
    day.do("publish")
    (found,) = first("GET", "/capture-sessions").json["items"]
    path, slots = f"/capture-sessions/{found['id']}", [slot["id"] for slot in found["slots"]]
    assert stranger("GET", path).status_code == 404
    assert first("PUT", f"{path}/slot", {"slot_id": slots[0]}).json["own_slot"] == slots[0]
    full = second("PUT", f"{path}/slot", {"slot_id": slots[0]})
    assert (full.status_code, full.json["code"]) == (409, "slot_full")
    assert first("DELETE", f"{path}/slot").json["own_slot"] is None
    assert second("PUT", f"{path}/slot", {"slot_id": slots[0]}).json["slots"][0]["free"] == 0

    session.rollback()
    door = f"/doors/{day.found().door_token}"
    early = first("POST", door)
    assert (early.status_code, early.json["code"]) == (409, "door_closed")
    session.rollback()
    day.do("start")
    assert first("GET", door).json["number"] is None
    assert [first("POST", door).json["number"] for _ in range(2)] == [1, 1]
    assert second("POST", door).json["number"] == 2
    assert stranger("POST", door).status_code == 404
    assert first("GET", path).json["place_state"] == "in_queue"


def test_what_is_owed_for_the_capture_is_said(
    app: App, make: Factory, client_of: ClientOf, session: Session, clock: Clock
) -> None:
    day = Day(make, client_of, session, clock)
    session.add(CentreRoute(round_id=day.round.id, centre_id=day.centre.id, route="team", price_fen=3050))
    session.commit()
    charge_round(
        session, scope=ALL_CENTRES, centre_id=day.centre.id, round_id=day.round.id,
        actor=Actor(ActorKind.STAFF, make.staff(Role.REGISTRY).id), now=clock(),
    )  # fmt: skip
    lin = signed_in(app, make.student_account(day.students[0]))
    assert lin("GET", "/fees").json["items"] == [
        {"round": "春季采集", "amount_fen": 3050, "state": "owed", "receipt": None}
    ]
    assert lin("GET", "/capture-sessions").json["route"] == "team"


def test_an_accepted_photo_may_be_kept_and_older_versions_come_by_cursor(app: App, make: Factory) -> None:
    person = make.student()
    make.settle(person)
    lin = signed_in(app, make.student_account(person))
    make.session.rollback()
    draft = make.draft(person)
    assert lin("GET", f"/photos/drafts/{draft.id}/picture").mimetype == "image/jpeg"
    make.session.rollback()
    make.submitted(person)
    assert lin("GET", "/photos/versions/1/file").status_code == 404
    make.session.rollback()
    make.reviewed(person, Action.RETURN, reasons=("HEAD_TOP",), text="请往后站一点")
    make.submitted(person)
    make.reviewed(person, Action.ACCEPT)
    page = lin("GET", "/photos?limit=1").json
    rest = lin("GET", f"/photos?limit=1&cursor={page['next']}").json
    assert [version["number"] for version in page["versions"] + rest["versions"]] == [2, 1]
    assert (page["state"], rest["next"]) == ("accepted", None)
    assert lin("GET", "/photos/versions/2/file").mimetype == "image/jpeg"
    assert lin("GET", "/photos/versions/1/file").status_code == 404


def test_own_evidence_comes_back_as_it_was_sent(app: App, make: Factory) -> None:
    lin, other = signed_in(app, make.student_account()), signed_in(app, make.student_account())
    kept = scan()
    form: dict[str, Any] = {"seen_version": "1", "claim_name": "林小曼", "evidence": [(io.BytesIO(kept), "a.jpg")]}
    made = lin.client.post("/api/v1/enrollment/corrections", data=form, headers=lin.headers)
    (report,) = made.json["corrections"]
    assert (report["fields"], report["text"], report["decided_at"]) == (["name"], "", None)
    path = f"/enrollment/evidence/{report['evidence'][0]['id']}"
    assert lin("GET", path).get_data() == kept
    assert other("GET", path).status_code == 404


def test_notices_go_on_by_cursor(app: App, make: Factory, session: Session, clock: Clock) -> None:
    lin = signed_in(app, make.student_account())
    session.rollback()
    numbers, staff = [], Actor(ActorKind.STAFF, make.staff(Role.REGISTRY).id)
    for number in range(3):
        notice = write_notice(
            session, scope=ALL_CENTRES, notice_id=None, title=f"通知 {number}", body="请看。", task=Task.CAPTURE,
            deadline=None,
            centre_id=None, seen_revision=0, link_days=30, actor=staff, now=clock(),
        )  # fmt: skip
        publish_notice(
            session, scope=ALL_CENTRES, notice_id=notice.id, seen_revision=notice.revision, link_days=30, actor=staff,
            now=clock(),
        )  # fmt: skip
        numbers.insert(0, notice.id)
    page = lin("GET", "/notices?limit=2").json
    rest = lin("GET", f"/notices?limit=2&cursor={page['next']}").json
    assert [one["id"] for one in page["items"] + rest["items"]] == numbers
    assert rest["next"] is None
