"""Study time to the day: leap years, ends of months, and days that do not count."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest

from backend.enrollment.study_time import Pause, is_over, months_after, over_from

LIMIT = 30  # months: two and a half years


@pytest.mark.parametrize(
    ("entry", "first_day_over"),
    [
        (date(2024, 3, 1), date(2026, 9, 2)),  # the corresponding day is the last that still counts as within
        (date(2024, 2, 29), date(2026, 8, 30)),  # a leap day has a corresponding day in August
        (date(2021, 8, 29), date(2024, 3, 1)),  # and August the 29th has one in a leap year
        (date(2022, 8, 29), date(2025, 3, 1)),  # without one the month's last day takes its place
        (date(2022, 8, 31), date(2025, 3, 1)),
        (date(2021, 8, 31), date(2024, 3, 1)),
        (date(2023, 10, 31), date(2026, 5, 1)),  # April has no 31st
        (date(2023, 12, 15), date(2026, 6, 16)),
    ],
)
def test_two_and_a_half_years_are_counted_as_the_civil_code_counts_months(entry: date, first_day_over: date) -> None:
    assert over_from(entry, months=LIMIT) == first_day_over
    assert not is_over(entry, months=LIMIT, today=first_day_over - timedelta(days=1))
    assert is_over(entry, months=LIMIT, today=first_day_over)


def test_every_entry_day_of_five_years_passes_the_limit_once_and_in_order() -> None:
    days = [date(2020, 1, 1) + timedelta(days=n) for n in range(5 * 365)]
    passed = [over_from(day, months=LIMIT) for day in days]
    assert None not in passed
    found = [first for first in passed if first is not None]
    assert all(earlier <= later for earlier, later in itertools.pairwise(found))
    assert {(first - day).days for day, first in zip(days, found, strict=True)} <= set(range(911, 917))


@pytest.mark.parametrize("months", range(37))
def test_months_after_keeps_the_day_or_takes_the_months_last(months: int) -> None:
    day = date(2024, 1, 31)
    found = months_after(day, months)
    assert (found.year - day.year) * 12 + found.month - day.month == months
    assert found.day == 31 or (found + timedelta(days=1)).day == 1


@pytest.mark.parametrize(
    ("pauses", "first_day_over"),
    [
        ([Pause(date(2025, 3, 1), date(2025, 3, 31))], date(2026, 10, 3)),  # 31 days later
        ([Pause(date(2025, 3, 1), date(2025, 3, 31)), Pause(date(2025, 3, 20), date(2025, 4, 9))], date(2026, 10, 12)),
        ([Pause(date(2025, 3, 1), date(2025, 3, 31)), Pause(date(2025, 3, 5), date(2025, 3, 9))], date(2026, 10, 3)),
        ([Pause(date(2026, 9, 1), date(2026, 9, 10))], date(2026, 9, 12)),  # begins on the very last day
        ([Pause(date(2026, 9, 2), date(2026, 9, 10))], date(2026, 9, 2)),  # begins when it is over already
        ([Pause(date(2024, 1, 1), date(2024, 2, 1))], date(2026, 9, 2)),  # before the entry
        ([Pause(date(2024, 2, 1), date(2024, 3, 10))], date(2026, 9, 12)),  # ten of its days lie after the entry
        ([Pause(date(2025, 3, 1))], None),  # goes on: nobody knows
        ([Pause(date(2026, 9, 2))], date(2026, 9, 2)),  # goes on, but came too late
        # the second one begins only in the days that the first has added
        ([Pause(date(2025, 3, 1), date(2025, 3, 31)), Pause(date(2026, 9, 20), date(2026, 9, 29))], date(2026, 10, 13)),
    ],
)
def test_days_of_a_pause_do_not_count(pauses: list[Pause], first_day_over: date | None) -> None:
    assert over_from(date(2024, 3, 1), pauses, months=LIMIT) == first_day_over
    assert over_from(date(2024, 3, 1), reversed(pauses), months=LIMIT) == first_day_over


def test_a_pause_that_goes_on_is_never_over() -> None:
    assert not is_over(date(2024, 3, 1), [Pause(date(2025, 1, 1))], months=LIMIT, today=date(2099, 1, 1))
