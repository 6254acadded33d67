"""Columns: ID numbers are unreadable in the table, found by a keyed hash, and cannot be moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.enrollment.records import Student
from backend.history.records import HistoryEntry
from backend.records import Keys, Unsealable, UtcDateTime, blind_index
from tests.factories import Factory


def test_an_id_number_is_not_readable_in_the_database(session: Session, make: Factory) -> None:
    student = make.student()
    raw = bytes(session.execute(text("SELECT id_number FROM student")).scalar_one())
    assert student.id_number.encode() not in raw
    assert student.id_number not in repr(student)


def test_equal_numbers_are_found_by_their_index(session: Session, make: Factory) -> None:
    student = make.student()
    key = blind_index("student.id_number", f" {student.id_number.lower()} ")
    assert session.scalars(select(Student).where(Student.id_number_index == key)).one().id == student.id
    assert key != blind_index("account.id_number", student.id_number), "an index of one place tells about another"


def test_two_rows_with_the_same_value_do_not_look_alike() -> None:
    keys = Keys(b"k" * 32)
    assert keys.seal(b"990101", b"student.id_number") != keys.seal(b"990101", b"student.id_number")


def test_a_value_moved_to_another_column_cannot_be_opened() -> None:
    keys = Keys(b"k" * 32)
    with pytest.raises(Unsealable):
        keys.unseal(keys.seal(b"990101", b"student.phone"), b"student.id_number")


def test_keys_do_not_show_themselves() -> None:
    assert "k" * 8 not in repr(Keys(b"k" * 32))


def test_times_are_aware_and_kept_in_utc(session: Session, make: Factory) -> None:
    make.student()
    entry = session.scalars(select(HistoryEntry)).first()
    assert entry is not None
    assert entry.at.tzinfo is UTC or entry.at.utcoffset() == timedelta(0)
    china = datetime(2026, 11, 2, 10, tzinfo=timezone(timedelta(hours=8)))
    assert UtcDateTime().process_bind_param(china, session.get_bind().dialect) == datetime(2026, 11, 2, 2, tzinfo=UTC)


def test_a_naive_time_is_refused(session: Session) -> None:
    with pytest.raises(ValueError, match="without a zone"):
        UtcDateTime().process_bind_param(datetime(2026, 11, 2), session.get_bind().dialect)  # noqa: DTZ001
