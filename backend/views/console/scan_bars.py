"""Scans of the last two weeks as a small picture of bars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

DAYS = 14
HEIGHT = 24  # units of the picture that the highest bar takes


@dataclass(frozen=True)
class Bar:
    """height: 0 .. HEIGHT; a day with any scan at all has at least 2."""

    day: date
    scans: int
    height: float


def last_days(scans: Mapping[date, int], *, today: date) -> list[Bar]:
    """One bar for each of the last 14 days, the oldest first."""
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    most = max((scans.get(day, 0) for day in days), default=0)
    return [Bar(day, scans.get(day, 0), _height(scans.get(day, 0), most)) for day in days]


def _height(count: int, most: int) -> float:
    return max(2.0, round(count / most * HEIGHT, 1)) if count else 0.0
