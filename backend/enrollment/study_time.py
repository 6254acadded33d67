"""How long somebody has studied, to the day. Pure.

Months are counted as the Civil Code (民法典, articles 201 and 202) counts them: the first day is not counted, and the
last day is the one with the same number; a month that has no such day ends with its last.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Pause:
    """Days that do not count: from `first` to `last`, both of them; `last` None: it goes on."""

    first: date
    last: date | None = None


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months later, or that month's last day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def over_from(entry: date, pauses: Iterable[Pause] = (), *, months: int) -> date | None:
    """The first day on which more than `months` months have been studied since the entry.

    None while a pause goes on before that day: nobody knows yet how long it will be.
    """
    last = months_after(entry, months)
    counted_until = entry - DAY  # days of pauses up to here have been looked at
    for pause in sorted(pauses, key=lambda pause: pause.first):
        first = max(pause.first, counted_until + DAY)
        if first > last:
            break
        if pause.last is None:
            return None
        if pause.last >= first:
            last += pause.last - first + DAY
            counted_until = pause.last
    return last + DAY


def is_over(entry: date, pauses: Iterable[Pause] = (), *, months: int, today: date) -> bool:
    """Has more than this time been studied?"""
    first = over_from(entry, pauses, months=months)
    return first is not None and today >= first
