"""The history: chained, complete, and guarded by the database itself."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from backend.history.operations import record_fact
from backend.history.queries import broken_links
from backend.history.records import HistoryHead
from backend.history.rules import SYSTEM, Fact
from backend.parts import Parts
from backend.records import begin_write
from tests.conftest import SERVER, Clock


def write(session: Session, clock: Clock, count: int = 3) -> None:
    for number in range(count):
        begin_write(session)
        record_fact(session, Fact("photo.accepted", number, facts={"state": "accepted"}), actor=SYSTEM, now=clock())
        session.commit()


def unguarded(session: Session, statement: str) -> None:
    """What somebody with the database's password could do."""
    if SERVER:
        session.execute(text("ALTER TABLE history_entry DISABLE TRIGGER ALL"))
    else:
        session.execute(text("DROP TRIGGER history_entry_no_update"))
        session.execute(text("DROP TRIGGER history_entry_no_delete"))
    session.execute(text(statement))
    session.commit()


def test_an_untouched_chain_holds(session: Session, clock: Clock) -> None:
    write(session, clock)
    assert list(broken_links(session)) == []


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE history_entry SET verb = 'photo.returned' WHERE id = 2", "entry 2 was changed"),
        ("UPDATE history_entry SET actor_id = 9 WHERE id = 1", "entry 1 was changed"),
        ("DELETE FROM history_entry WHERE id = 2", "entries 2 to 2 are missing"),
        ("DELETE FROM history_entry WHERE id = 3", "its end was cut off"),
    ],
)
def test_a_change_behind_our_back_is_found(session: Session, clock: Clock, statement: str, says: str) -> None:
    write(session, clock)
    unguarded(session, statement)
    assert any(says in sentence for sentence in broken_links(session))


@pytest.mark.parametrize("statement", ["UPDATE history_entry SET verb = 'x.y'", "DELETE FROM history_entry"])
def test_the_database_refuses_to_change_history(session: Session, clock: Clock, statement: str) -> None:
    write(session, clock)
    with pytest.raises(DBAPIError, match="only added to"):
        session.execute(text(statement))


def test_writers_at_the_same_time_make_one_chain(parts: Parts, session: Session, clock: Clock) -> None:
    def work() -> None:
        with parts.sessions() as own:
            write(own, clock, 10)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(broken_links(session)) == []
    assert session.scalar(text("SELECT count(*) FROM history_entry")) == 40


def test_a_session_that_has_just_written_sees_what_others_wrote_since(
    parts: Parts, session: Session, clock: Clock
) -> None:
    with parts.sessions() as first, parts.sessions() as second:
        write(first, clock, 1)
        end = first.get_one(HistoryHead, 1)  # still in the session's memory when the next operation begins
        first.commit()
        write(second, clock, 1)
        write(first, clock, 1)
        assert end.entry_id == 3
    assert list(broken_links(session)) == []
