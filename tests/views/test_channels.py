"""消息设置 and the desk for what did not arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import App
from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.jobs.records import Job
from backend.notifications.records import ChannelChoice, Delivery, Message
from backend.notifications.rules import Channel
from backend.parts import Parts
from backend.worker import Tools, Worker
from tests.conftest import Clock
from tests.factories import Factory
from tests.operations.test_telling import Pigeon

ClientOf = Callable[[Account], FlaskClient]


@pytest.fixture
def pigeons(app: App, parts: Parts) -> Iterator[dict[Channel, Pigeon]]:
    """An installation with mail and text messages."""
    found = {Channel.MAIL: Pigeon(), Channel.SMS: Pigeon()}
    app.parts = replace(parts)
    app.parts.__dict__["messengers"] = found
    yield found
    app.parts = parts


def work(app: App) -> None:
    worker = Worker(Tools.of(app.parts))
    while worker.run_one():
        pass


def test_an_address_is_set_up_by_its_code_and_used_from_then_on(
    app: App, pigeons: dict[Channel, Pigeon], make: Factory, client_of: ClientOf, session: Session
) -> None:
    lin = client_of(make.student_account())
    assert "未设置" in lin.get("/mine/channels").text
    answer = lin.post("/mine/channels/mail/address", data={"address": "lin@example.edu.cn"})
    assert (answer.status_code, answer.location) == (303, "/mine/channels/mail/code")
    work(app)
    code = pigeons[Channel.MAIL].sent[0][1].code
    page = lin.get("/mine/channels/mail/code").text
    assert "l***@example.edu.cn" in page
    assert "lin@example.edu.cn" not in page
    wrong = lin.post("/mine/channels/mail/code", data={"code": "x"})
    assert (wrong.status_code, "验证码不对" in wrong.text) == (422, True)
    assert lin.post("/mine/channels/mail/code", data={"code": code}).location == "/mine/channels"
    page = lin.get("/mine/channels").text
    assert "已开启" in page
    assert "已开启 1 种提醒" in lin.get("/mine").text
    assert lin.get("/mine/channels/mail/code").location == "/mine/channels"
    for action, state in (("off", "已关闭"), ("on", "已开启")):
        lin.post(f"/mine/channels/mail/{action}")
        assert state in lin.get("/mine/channels").text
    lin.post("/mine/channels/mail/remove")
    session.rollback()
    assert session.scalars(select(ChannelChoice)).all() == []


def test_what_cannot_be_an_address_is_said_at_its_field(
    pigeons: dict[Channel, Pigeon], make: Factory, client_of: ClientOf
) -> None:
    lin = client_of(make.student_account())
    answer = lin.post("/mine/channels/sms/address", data={"address": "123"})
    assert (answer.status_code, 'id="field-address-error"' in answer.text) == (422, True)
    lin.post("/mine/channels/sms/address", data={"address": "13800000000"})
    answer = lin.post("/mine/channels/sms/address", data={"address": "13900000000"})
    assert (answer.status_code, "刚刚发过" in answer.text) == (429, True)
    assert lin.post("/mine/channels/sms/again").location == "/mine/channels/sms/code"


def test_a_channel_that_is_not_there_has_no_page(
    pigeons: dict[Channel, Pigeon], make: Factory, client_of: ClientOf
) -> None:
    lin = client_of(make.student_account())
    for name in ("wechat", "pigeon"):
        assert lin.get(f"/mine/channels/{name}/address").status_code == 404
        assert lin.post(f"/mine/channels/{name}/on").status_code == 404
    for action in ("on", "off", "remove", "again"):
        assert lin.post(f"/mine/channels/mail/{action}").status_code == 404, "nothing is set up"


def test_everybody_changes_the_own_choices_only(
    app: App, pigeons: dict[Channel, Pigeon], make: Factory, client_of: ClientOf, session: Session
) -> None:
    lin, mei = client_of(make.student_account()), client_of(make.student_account())
    lin.post("/mine/channels/mail/address", data={"address": "lin@example.edu.cn"})
    assert "example.edu.cn" not in mei.get("/mine/channels").text
    assert mei.post("/mine/channels/mail/remove").status_code == 404
    for person in (make.staff(), make.staff(Role.ADMINISTRATOR), make.staff(Role.REGISTRY)):
        assert client_of(person).get("/mine/channels").status_code == 404
    assert app.test_client().get("/mine/channels").location == "/sign-in"


def dead_letter(session: Session, make: Factory, clock: Clock) -> Delivery:
    message = Message(student_id=make.student().id, kind="photo_returned", entry_id=77, facts={}, created_at=clock())
    session.add(message)
    session.flush()
    delivery = Delivery(
        message_id=message.id,
        channel="sms",
        state="dead",
        attempts=6,
        reason="sms_500",
        due_at=clock(),
        created_at=clock(),
        ended_at=clock(),
    )
    session.add(delivery)
    session.commit()
    return delivery


def test_who_keeps_the_machine_sees_what_did_not_arrive_but_not_for_whom(
    make: Factory, client_of: ClientOf, session: Session, clock: Clock
) -> None:
    delivery = dead_letter(session, make, clock)
    admin = client_of(make.staff(Role.ADMINISTRATOR))
    page = admin.get("/console/settings/deliveries").text
    assert "sms_500" in page
    assert "林小满" not in page
    assert "/console/settings/deliveries" in admin.get("/console/settings").text
    address = f"/console/settings/deliveries/{delivery.id}/retry"
    people = {
        "registry": (client_of(make.staff(Role.REGISTRY)), 303),
        "head": (client_of(make.staff(Role.CENTRE_HEAD)), 404),
        "staff": (client_of(make.staff()), 404),
        "student": (client_of(make.student_account()), 404),
    }
    for who, (browser, status) in sorted(people.items(), reverse=True):
        assert browser.get("/console/settings/deliveries").status_code == (200 if status == 303 else 404), who
        assert browser.post(address).status_code == status, who
    session.rollback()
    session.expire_all()
    assert session.get_one(Delivery, delivery.id).state == "waiting"
    assert session.scalars(select(Job.payload).where(Job.kind == "deliver")).all() == [{"delivery_id": delivery.id}]
    assert admin.post(address).status_code == 404, "it is not dead any more"


def test_all_of_one_cause_are_tried_again_by_one_press_where_the_way_is_switched_on(
    make: Factory, client_of: ClientOf, session: Session, clock: Clock, pigeons: dict[Channel, Pigeon]
) -> None:
    delivery = dead_letter(session, make, clock)
    admin, address = client_of(make.staff(Role.ADMINISTRATOR)), "/console/settings/deliveries/retry"
    sms = pigeons.pop(Channel.SMS)
    page = admin.get("/console/settings/deliveries").text
    assert "对方没有回应" in page
    assert f'action="{address}"' not in page  # nobody would send it
    pigeons[Channel.SMS] = sms
    page = admin.get("/console/settings/deliveries").text
    assert f'action="{address}"' in page
    group = {"channel": "sms", "reason": "sms_500"}
    for person in (make.staff(Role.CENTRE_HEAD), make.staff(), make.student_account()):
        assert client_of(person).post(address, data=group).status_code == 404
    assert admin.post(address, data={"channel": "pigeon", "reason": "sms_500"}).status_code == 404
    assert admin.post(address, data=group).location == "/console/settings/deliveries"
    assert "已重新排队 1 条" in admin.get("/console/settings/deliveries").text
    session.rollback()
    session.expire_all()
    assert session.get_one(Delivery, delivery.id).state == "waiting"
