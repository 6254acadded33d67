"""A reminder to a student: by which ways it goes, not at night, not twice, and how far it came."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from backend.accounts.rules import Role
from backend.centres.rules import ALL_CENTRES
from backend.chasing.operations import remind
from backend.chasing.queries import Told, told_of
from backend.chasing.records import Contact
from backend.errors import Invalid
from backend.history.rules import Actor, ActorKind
from backend.notifications.operations import mark_read
from backend.notifications.records import Delivery, Message
from backend.notifications.rules import Channel
from backend.ports import DeliveryFailed
from tests.operations.test_telling import House, house
from tests.views.test_missing import Lists

__all__ = ["house"]  # fixtures

ADDRESSES = {Channel.WECHAT: "o-lin", Channel.MAIL: "lin@example.edu.cn", Channel.SMS: "13900000000"}


def reminded(house: House) -> int:
    """The registry reminds the student; gives the contact."""
    Lists(house.make).add(1, {house.student: ("no", "")})
    sent = remind(
        house.session,
        scope=ALL_CENTRES,
        student_ids={house.student.id},
        rules=house.parts.reminders,
        actor=Actor(ActorKind.STAFF, house.make.staff(Role.REGISTRY).id),
        now=house.clock(),
    )
    assert sent == 1
    return house.session.scalars(select(Contact.id)).one()


@pytest.mark.parametrize("channel", [*Channel])
def test_a_reminder_goes_by_the_way_that_the_student_has_chosen(house: House, channel: Channel) -> None:
    house.use(channel, ADDRESSES[channel])
    contact = reminded(house)
    assert told_of(house.session, [contact]) == {}, "the worker has not been here yet"
    house.work()
    assert house.sent() == {channel.value: 1}
    address, message = house.pigeons[channel].sent[0]
    assert (address, message.title) == (ADDRESSES[channel], "请核对您的学籍信息")
    assert told_of(house.session, [contact]) == {contact: Told(None, ((channel.value, "sent"),))}
    house.clock.move(minutes=5)
    mark_read(house.session, student_id=house.student.id, now=house.clock())
    assert told_of(house.session, [contact])[contact].read_at == house.clock()


def test_without_a_chosen_way_the_inbox_alone_has_it(house: House) -> None:
    contact = reminded(house)
    house.work()
    assert house.session.scalars(select(Message.kind)).all() == ["reminder_confirm"]
    assert house.sent() == {}
    assert told_of(house.session, [contact]) == {contact: Told(None, ())}


def test_at_night_the_inbox_has_it_at_once_and_the_mail_goes_in_the_morning(house: House) -> None:
    house.use(Channel.MAIL, ADDRESSES[Channel.MAIL])
    house.clock.now = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)  # 23:00 in China
    contact = reminded(house)
    house.work()
    assert house.sent() == {}
    assert told_of(house.session, [contact])[contact].outside == (("mail", "waiting"),)
    due = house.session.scalars(select(Delivery.due_at)).one()
    assert due == datetime(2026, 11, 3, 0, 0, tzinfo=UTC), "eight in the morning"
    house.clock.now = due
    house.work()
    assert house.sent() == {"mail": 1}


def test_who_has_read_it_before_the_morning_is_not_written_to(house: House) -> None:
    house.use(Channel.MAIL, ADDRESSES[Channel.MAIL])
    house.clock.now = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
    contact = reminded(house)
    house.work()
    mark_read(house.session, student_id=house.student.id, now=house.clock())
    house.clock.move(hours=10)
    house.work()
    assert house.sent() == {}
    assert told_of(house.session, [contact])[contact].outside == (("mail", "skipped"),)


def test_what_did_not_arrive_is_shown_and_the_next_way_takes_over(house: House) -> None:
    house.use(Channel.WECHAT, ADDRESSES[Channel.WECHAT])
    house.use(Channel.MAIL, ADDRESSES[Channel.MAIL])
    house.pigeons[Channel.WECHAT].failure = DeliveryFailed("blocked", for_good=True, address=True)
    contact = reminded(house)
    house.work()
    assert told_of(house.session, [contact])[contact].outside == (("wechat", "dead"), ("mail", "sent"))


def test_one_press_reminds_no_more_than_the_rules_say(house: House) -> None:
    rules = replace(house.parts.reminders, most=1)
    with pytest.raises(Invalid):
        remind(
            house.session,
            scope=ALL_CENTRES,
            student_ids={1, 2},
            rules=rules,
            actor=Actor(ActorKind.STAFF, 1),
            now=house.clock(),
        )
