"""Messages out of the house: by which way, when, again, given up; addresses and their codes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.enrollment.records import Student
from backend.errors import Invalid, NotFound
from backend.follow_ups import jobs_after
from backend.history.operations import happened
from backend.history.records import HistoryEntry
from backend.history.rules import SYSTEM, Actor, ActorKind, Fact
from backend.jobs.records import Job
from backend.notifications.choices import ask_code, choose, forget_address, give_code
from backend.notifications.operations import deliver, mark_read, revive_deliveries, revive_delivery
from backend.notifications.queries import chosen_channels, dead_groups
from backend.notifications.records import ChannelChoice, Delivery, Message
from backend.notifications.rules import Channel, CodeTooSoon, WrongCode
from backend.parts import Parts
from backend.ports import DeliveryFailed, Outgoing
from backend.wechat.operations import bind_wechat, sealed_ticket
from backend.wechat.rules import App
from backend.worker import Tools, Worker
from tests.conftest import Clock
from tests.factories import Factory

LIN = Actor(ActorKind.STUDENT)


@dataclass
class Pigeon:
    """A channel that remembers, and fails as it is told."""

    sent: list[tuple[str, Outgoing]] = field(default_factory=list)
    failure: DeliveryFailed | None = None
    tried: int = 0

    def send(self, *, address: str, message: Outgoing) -> None:
        self.tried += 1
        if self.failure is not None:
            raise self.failure
        self.sent.append((address, message))


class House:
    """A student, three pigeons, and the worker."""

    def __init__(self, parts: Parts, session: Session, make: Factory, clock: Clock) -> None:
        self.parts, self.session, self.make, self.clock = parts, session, make, clock
        self.pigeons = {channel: Pigeon() for channel in Channel}
        self.outside = replace(parts.outside, messengers=self.pigeons)
        self.worker = Worker(replace(Tools.of(parts), outside=self.outside))
        self.student: Student = make.student()
        self.account: Account = make.student_account(self.student)

    def happens(self, verb: str = "photo.returned", **facts: Any) -> None:
        fact = Fact(verb, 1, owner_id=self.student.id, facts={"version": 1, **facts})
        happened(self.session, fact, actor=SYSTEM, now=self.clock())
        self.session.commit()

    def work(self) -> None:
        while self.worker.run_one():
            pass
        self.session.rollback()
        self.session.expire_all()

    def use(self, channel: Channel, address: str, language: str = "zh-CN") -> None:
        """Choose a channel and confirm its address."""
        if channel is Channel.WECHAT:
            ticket = sealed_ticket(App.OFFICIAL, address, now=self.clock())
            bind_wechat(self.session, account_id=self.account.id, ticket=ticket, actor=LIN, now=self.clock())
            return
        self.ask(channel, address, language)
        self.work()
        code = self.pigeons[channel].sent.pop()[1].code
        self.give(channel, code)

    def ask(self, channel: Channel, address: str, language: str = "zh-CN") -> None:
        ask_code(
            self.session,
            student_id=self.student.id,
            channel=channel,
            typed=address,
            language=language,
            rules=self.outside.plans.code,
            actor=LIN,
            now=self.clock(),
        )

    def give(self, channel: Channel, code: str) -> None:
        give_code(
            self.session,
            student_id=self.student.id,
            channel=channel,
            typed=code,
            rules=self.outside.plans.code,
            actor=LIN,
            now=self.clock(),
        )

    def sent(self) -> dict[str, int]:
        return {channel.value: len(pigeon.sent) for channel, pigeon in self.pigeons.items() if pigeon.sent}

    def states(self) -> list[tuple[str, str, str | None]]:
        self.session.rollback()
        self.session.expire_all()
        rows = self.session.scalars(select(Delivery).order_by(Delivery.id))
        return [(row.channel, row.state, row.reason) for row in rows]


@pytest.fixture
def house(parts: Parts, session: Session, make: Factory, clock: Clock) -> House:
    return House(parts, session, make, clock)


def test_the_inbox_holds_everything_and_needs_no_channel(house: House) -> None:
    house.happens()
    house.work()
    assert house.session.scalars(select(Message.kind)).all() == ["photo_returned"]
    assert house.states() == []


def test_one_message_goes_by_the_first_chosen_way(house: House) -> None:
    house.use(Channel.MAIL, "lin@example.edu.cn", "en")
    house.use(Channel.WECHAT, "o-lin")
    house.happens(reasons=["HEAD_TOP"])
    house.work()
    assert house.sent() == {"wechat": 1}
    address, message = house.pigeons[Channel.WECHAT].sent[0]
    assert address == "o-lin"
    assert message.title == "照片需要重拍"
    assert "林小满" not in message.text + message.title


def test_a_last_call_goes_by_every_chosen_way_in_its_language(house: House) -> None:
    house.use(Channel.MAIL, "lin@example.edu.cn", "en")
    house.use(Channel.SMS, "13800000000")
    house.happens("reminder.last_day")
    house.work()
    assert house.sent() == {"mail": 1, "sms": 1}
    assert house.pigeons[Channel.MAIL].sent[0][1].title.isascii()
    assert not house.pigeons[Channel.SMS].sent[0][1].title.isascii()


def test_what_one_has_just_done_stays_in_the_inbox(house: House) -> None:
    house.use(Channel.MAIL, "lin@example.edu.cn")
    house.happens("photo.submitted", state="ready_for_review")
    house.work()
    assert house.states() == []


def test_at_night_it_waits_for_the_morning_and_not_at_all_once_read(house: House) -> None:
    house.use(Channel.MAIL, "lin@example.edu.cn")
    house.clock.move(hours=13)  # 23:00
    house.happens()
    house.work()
    assert house.sent() == {}
    house.clock.move(hours=8, minutes=59)
    house.work()
    assert house.sent() == {}
    house.clock.move(minutes=1)
    house.work()
    assert house.sent() == {"mail": 1}
    house.clock.move(hours=15)  # 23:00 again
    house.happens("photo.accepted")
    house.work()
    mark_read(house.session, student_id=house.student.id, now=house.clock())
    house.clock.move(hours=9)
    house.work()
    assert house.states()[-1] == ("mail", "skipped", "read")


def test_a_retry_that_falls_into_the_night_waits_too(house: House) -> None:
    house.use(Channel.MAIL, "lin@example.edu.cn")
    house.clock.move(hours=11, minutes=29, seconds=30)  # 21:29:30
    house.pigeons[Channel.MAIL].failure = DeliveryFailed("mail_421")
    house.happens()
    house.work()
    house.clock.move(minutes=1)
    house.pigeons[Channel.MAIL].failure = None
    house.work()
    assert house.sent() == {}
    house.clock.move(hours=10, minutes=30)
    house.work()
    assert house.sent() == {"mail": 1}


def test_the_same_kind_soon_again_stays_in_the_inbox(house: House) -> None:
    house.use(Channel.MAIL, "lin@example.edu.cn")
    for _ in range(2):
        house.happens("reminder.look_again")
        house.work()
    assert [state for _, state, _ in house.states()] == ["sent", "skipped"]
    house.clock.move(hours=24)
    house.happens("reminder.look_again")
    house.work()
    assert house.sent() == {"mail": 2}


def test_a_failure_is_tried_again_with_longer_waits_and_then_shown_to_staff(house: House) -> None:
    house.use(Channel.MAIL, "lin@example.edu.cn")
    pigeon = house.pigeons[Channel.MAIL]
    pigeon.tried, pigeon.failure = 0, DeliveryFailed("mail_421")
    house.happens()
    for minutes in (0, 1, 2, 4, 8, 16):
        house.clock.move(minutes=minutes)
        before = pigeon.tried
        house.work()
        assert pigeon.tried == before + 1
        house.work()
        assert pigeon.tried == before + 1, "not before its time"
    assert house.states() == [("mail", "dead", "mail_421")]
    assert not house.session.scalars(select(Job).where(Job.state == "dead")).all(), "the job itself is fine"
    delivery = house.session.scalars(select(Delivery)).one()
    pigeon.failure = None
    revive_delivery(house.session, delivery_id=delivery.id, actor=SYSTEM, now=house.clock())
    house.work()
    assert house.states() == [("mail", "sent", None)]
    with pytest.raises(NotFound):
        revive_delivery(house.session, delivery_id=delivery.id, actor=SYSTEM, now=house.clock())


def test_what_failed_for_one_reason_is_tried_again_together_and_nothing_else(house: House) -> None:
    house.use(Channel.MAIL, "lin@example.edu.cn")
    pigeon = house.pigeons[Channel.MAIL]
    for number, reason in enumerate(("mail_554", "mail_554", "mail_535", "mail_554"), 1):
        pigeon.failure = DeliveryFailed(reason, for_good=True)
        house.happens("photo.returned" if number < 4 else "photo.accepted", version=number)
        house.work()
    groups = dead_groups(house.session)
    assert [(group.channel, group.reason, group.count, group.newest) for group in groups] == [
        ("mail", "mail_554", 3, house.clock()),
        ("mail", "mail_535", 1, house.clock()),
    ]
    pigeon.failure = None
    values: dict[str, Any] = {"channel": Channel.MAIL, "actor": SYSTEM}
    assert revive_deliveries(house.session, reason="mail_55", now=house.clock(), **values) == 0
    mark_read(house.session, student_id=house.student.id, now=house.clock())
    house.happens(version=5)
    house.session.execute(update(Message).where(Message.kind == "photo_accepted").values(read_at=None))
    house.session.commit()
    assert revive_deliveries(house.session, reason="mail_554", now=house.clock(), **values) == 3
    assert revive_deliveries(house.session, reason="mail_554", now=house.clock(), **values) == 0
    house.work()
    states = [(state, reason) for _, state, reason in house.states()]
    # read meanwhile: not sent after all; another reason: left alone; unread: sent; and the fifth, that never failed
    assert states == [("skipped", "read"), ("skipped", "read"), ("dead", "mail_535"), ("sent", None), ("sent", None)]


def test_when_one_way_fails_for_good_the_next_takes_over(house: House) -> None:
    house.use(Channel.WECHAT, "o-lin")
    house.use(Channel.MAIL, "lin@example.edu.cn")
    house.use(Channel.SMS, "13800000000")
    house.pigeons[Channel.WECHAT].failure = DeliveryFailed("wechat_43004", for_good=True)
    house.pigeons[Channel.MAIL].failure = DeliveryFailed("mail_550", address=True)
    house.happens()
    house.work()
    assert house.states() == [
        ("wechat", "dead", "wechat_43004"),
        ("mail", "dead", "mail_550"),
        ("sms", "sent", None),
    ]
    # the mailbox that refuses us is not asked again; its owner sees it. WeChat may work next time.
    assert chosen_channels(house.session, house.student.id) == {Channel.WECHAT, Channel.SMS}
    assert (
        house.session.scalars(select(ChannelChoice.problem).where(ChannelChoice.channel == "mail")).one() == "mail_550"
    )


def test_a_job_that_comes_twice_sends_once(house: House) -> None:
    house.use(Channel.MAIL, "lin@example.edu.cn")
    house.happens()
    house.work()
    delivery = house.session.scalars(select(Delivery)).one()
    for _ in range(2):
        deliver(house.session, delivery_id=delivery.id, outside=house.outside, now=house.clock())
    assert house.sent() == {"mail": 1}


def test_what_is_switched_off_meanwhile_is_not_sent(house: House) -> None:
    house.use(Channel.MAIL, "lin@example.edu.cn")
    house.clock.move(hours=13)
    house.happens()
    house.work()
    values = {"student_id": house.student.id, "channel": Channel.MAIL, "actor": LIN, "now": house.clock()}
    choose(house.session, wanted=False, language="zh-CN", **values)  # type: ignore[arg-type]
    house.clock.move(hours=10)
    house.work()
    assert house.states() == [("mail", "skipped", "not_chosen")]
    choose(house.session, wanted=True, language="zh-CN", **values)  # type: ignore[arg-type]
    assert chosen_channels(house.session, house.student.id) == {Channel.MAIL}


def test_what_has_waited_too_long_is_not_sent(house: House) -> None:
    house.use(Channel.MAIL, "lin@example.edu.cn")
    house.pigeons[Channel.MAIL].failure = DeliveryFailed("mail_421")
    house.happens("reminder.look_again")
    house.work()
    house.clock.move(days=3)
    house.pigeons[Channel.MAIL].failure = None
    house.work()
    assert house.states() == [("mail", "skipped", "too_late")]


# addresses


def test_nothing_is_sent_to_an_address_before_its_code_came_back(house: House) -> None:
    house.ask(Channel.MAIL, "lin@example.edu.cn")
    house.work()
    (sent,) = house.pigeons[Channel.MAIL].sent
    assert len(sent[1].code) == 6
    assert sent[1].code in sent[1].text
    house.happens()
    house.work()
    assert house.states() == []
    house.give(Channel.MAIL, f" {sent[1].code[:3]} {sent[1].code[3:]} ")
    house.happens()
    house.work()
    assert house.states() == [("mail", "sent", None)]


def test_address_and_code_stand_nowhere_in_the_clear(house: House) -> None:
    house.ask(Channel.SMS, "13812345678")
    house.work()
    code = house.pigeons[Channel.SMS].sent[0][1].code
    raw = house.session.execute(text("SELECT address, code_mark FROM channel_choice")).one()
    assert b"13812345678" not in bytes(raw[0])
    jobs = [json.dumps(payload) for payload in house.session.scalars(select(Job.payload))]
    told = [json.dumps(facts) for facts in house.session.scalars(select(HistoryEntry.facts))]
    assert not any(secret in line for secret in ("13812345678", code) for line in [*jobs, *told, raw[1]])
    assert "138" not in repr(house.session.scalars(select(ChannelChoice)).one())


def test_wrong_codes_end_and_old_ones_too(house: House) -> None:
    house.ask(Channel.MAIL, "lin@example.edu.cn")
    house.work()
    code = house.pigeons[Channel.MAIL].sent[0][1].code
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for reason in ("wrong",) * 5 + ("failures",):
        with pytest.raises(WrongCode) as caught:
            house.give(Channel.MAIL, wrong)
        assert caught.value.facts["reason"] == reason
    with pytest.raises(WrongCode):
        house.give(Channel.MAIL, code)
    house.clock.move(minutes=2)
    house.ask(Channel.MAIL, "lin@example.edu.cn")
    house.work()
    fresh = house.pigeons[Channel.MAIL].sent[1][1].code
    house.clock.move(minutes=10, seconds=1)
    with pytest.raises(WrongCode) as caught:
        house.give(Channel.MAIL, fresh)
    assert caught.value.facts["reason"] == "old"


def test_codes_are_asked_for_now_and_then_only(house: House) -> None:
    for number in range(5):
        house.ask(Channel.SMS if number % 2 else Channel.MAIL, "13800000000" if number % 2 else "a@example.com")
        with pytest.raises(CodeTooSoon):
            house.ask(Channel.SMS if number % 2 else Channel.MAIL, "13900000000" if number % 2 else "b@example.com")
        house.clock.move(minutes=2)
    with pytest.raises(CodeTooSoon):
        house.ask(Channel.MAIL, "a@example.com")
    house.clock.move(days=1)
    house.ask(Channel.MAIL, "a@example.com")


def test_another_address_has_to_be_confirmed_anew(house: House) -> None:
    house.use(Channel.MAIL, "lin@example.edu.cn")
    house.clock.move(minutes=2)
    house.ask(Channel.MAIL, "wang@example.edu.cn")
    assert chosen_channels(house.session, house.student.id) == set()
    forget_address(house.session, student_id=house.student.id, channel=Channel.MAIL, actor=LIN, now=house.clock())
    assert house.session.scalars(select(ChannelChoice)).all() == []
    house.work()
    with pytest.raises(NotFound):
        house.give(Channel.MAIL, "000000")


def test_an_address_that_cannot_be_one_is_said_at_once(house: House) -> None:
    with pytest.raises(Invalid) as caught:
        house.ask(Channel.SMS, "12345")
    assert caught.value.problems == {"address": "phone"}


def test_a_code_follows_from_the_fact_that_asks_for_it() -> None:
    (job,) = jobs_after(Fact("channel.code_asked", 3, owner_id=5, facts={"channel": "mail"}), entry_id=7)
    assert (job.kind, job.payload) == ("send_code", {"choice_id": 3})
