"""Which day it is: days are days in China, wherever the server stands and whatever zone its clock has. Pure."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def day_of(moment: datetime) -> date:
    """The date on the calendar of the college. moment: aware, as every time here is."""
    return moment.astimezone(ZONE).date()
