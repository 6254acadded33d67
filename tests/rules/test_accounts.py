"""Passwords, lockout and device names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backend.accounts.passwords import hash_password, password_fits
from backend.accounts.rules import device_name, lock_until, password_problem

NOW = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("klatsch-mohn-4", None),
        ("一二三四五六甲乙", None),
        ("short-7", "short"),
        ("x" * 129, "long"),
        ("20240001", "personal"),
        ("my20240001pw", "personal"),
        ("LIN小满-2024", None),
        ("林小满林小满88", "personal"),
        ("password1", "simple"),
        ("aaaabbbb", "simple"),
        ("abcdefgh", "simple"),
        ("98765432", "simple"),
    ],
)
def test_a_password_is_judged_by_length_person_and_habit(password: str, problem: str | None) -> None:
    assert password_problem(password, min_length=8, personal=("20240001", "林小满", "")) == problem


def test_a_short_name_does_not_forbid_every_word_that_holds_it() -> None:
    """A head whose user name is "a" would find no password at all."""
    assert password_problem("klatsch-mohn-4", min_length=8, personal=("a", "Li", "mo")) is None
    assert password_problem("klatsch-mohn-4", min_length=8, personal=("mohn",)) == "personal"


def test_the_last_allowed_failure_locks() -> None:
    assert lock_until(failures=4, limit=5, minutes=15, now=NOW) is None
    assert lock_until(failures=5, limit=5, minutes=15, now=NOW) == NOW + timedelta(minutes=15)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605 Mobile MicroMessenger/8.0", "WeChat, iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/130 Mobile Safari/537", "Chrome, Android"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130 Safari/537 Edg/130", "Edge, Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X) Version/18 Safari/605", "Safari, Mac"),
        ("", "?, ?"),
    ],
)
def test_a_device_has_a_name_that_people_recognise(agent: str, name: str) -> None:
    assert device_name(agent) == name


def test_a_hash_fits_its_password_only_and_no_hash_fits_none() -> None:
    kept = hash_password("klatsch-mohn-4", memory_kib=64)
    assert "klatsch" not in kept
    assert password_fits(kept, "klatsch-mohn-4", memory_kib=64)
    assert not password_fits(kept, "klatsch-mohn-5", memory_kib=64)
    assert not password_fits(None, "nobody has this password", memory_kib=64)
    assert not password_fits("spoilt", "klatsch-mohn-4", memory_kib=64)
