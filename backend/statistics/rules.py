"""What is counted, and the arithmetic of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from backend.photos.rules import State
from backend.progress.rules import Facts, StageState, stages
from backend.proofreading.stages import Evidence, Stage, Witness


class Desk(StrEnum):
    """Whose turn it is."""

    STUDENT = "student"
    CENTRE = "centre"
    COLLEGE = "college"
    UNIT = "unit"  # the capture unit
    CHSI = "chsi"  # 学信网


class Matter(StrEnum):
    """For what somebody is waited for. A student who is not done is in exactly one of these."""

    VERIFY = "verify"  # has not confirmed the registered data
    CAPTURE = "capture"  # confirmed, and no photo yet
    RETAKE = "retake"  # returned, or a clear defect
    PROOFREAD = "proofread"  # 学信网 has the photo; the student has not said that it is right
    CASE_STUDENT = "case_student"  # a form, or a graduate's case, is with the student
    CORRECTION = "correction"
    REVIEW = "review"
    HAND_OVER = "hand_over"
    CASE_CENTRE = "case_centre"
    CASE_COLLEGE = "case_college"
    REGISTER = "register"
    RECEIPT = "receipt"
    LINK = "link"


DESK_OF: dict[Matter, Desk] = {
    Matter.VERIFY: Desk.STUDENT,
    Matter.CAPTURE: Desk.STUDENT,
    Matter.RETAKE: Desk.STUDENT,
    Matter.PROOFREAD: Desk.STUDENT,
    Matter.CASE_STUDENT: Desk.STUDENT,
    Matter.CORRECTION: Desk.CENTRE,
    Matter.REVIEW: Desk.CENTRE,
    Matter.HAND_OVER: Desk.CENTRE,
    Matter.CASE_CENTRE: Desk.CENTRE,
    Matter.CASE_COLLEGE: Desk.COLLEGE,
    Matter.REGISTER: Desk.COLLEGE,
    Matter.RECEIPT: Desk.UNIT,
    Matter.LINK: Desk.CHSI,
}


@dataclass(frozen=True)
class Limits:
    """config/statistics.toml as read: after how long a matter is overdue that has no day of its own."""

    overdue: Mapping[Matter, timedelta]


def read_limits(data: Mapping[str, Any]) -> Limits:
    """From the parsed TOML. Raises KeyError or ValueError for a table that cannot be used."""
    return Limits({Matter(name): timedelta(days=row["days"]) for name, row in data["overdue"].items()})


# --- how far everybody is ---------------------------------------------------------------------------------------

_ONCE = datetime(2000, 1, 1, tzinfo=UTC)  # that something holds is counted, not since when


@dataclass(frozen=True)
class Standing:
    """What the tables say of some students alike. words: later stage -> does the standing word hold."""

    confirmed: bool
    disputed: bool
    photo: State | None
    words: tuple[tuple[Stage, bool], ...] = ()


def reached(standing: Standing) -> frozenset[Stage]:
    """The stages behind such a student, as the student's own page shows them: done, or overtaken by a later one."""
    facts = Facts(
        confirmed_at=_ONCE if standing.confirmed else None,
        reported_at=_ONCE if standing.disputed else None,
        photo=standing.photo,
        photo_at=_ONCE,
        decided_at=_ONCE if standing.photo is State.ACCEPTED else None,
        evidence=tuple(Evidence(stage, Witness.COLLEGE, holds, _ONCE) for stage, holds in standing.words),
    )
    return frozenset(row.stage for row in stages(facts) if row.state in (StageState.DONE, StageState.OVERTAKEN))


@dataclass(frozen=True)
class Funnel:
    """How many of `students` are past each stage."""

    students: int
    past: Mapping[Stage, int]


def funnel(groups: Iterable[tuple[Standing, int]]) -> Funnel:
    """groups: what is known of students, and of how many."""
    students, past = 0, dict.fromkeys(Stage, 0)
    for standing, count in groups:
        students += count
        for stage in reached(standing):
            past[stage] += count
    return Funnel(students, past)


def percent(part: int, whole: int) -> float | None:
    """0 .. 100 with one decimal; None of nothing."""
    return round(100 * part / whole, 1) if whole else None


# --- for how long -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pile:
    """Some who wait for one matter since about the same time. since: of the first; None: nobody knows."""

    centre_id: int
    matter: Matter
    count: int
    overdue: int
    since: datetime | None


@dataclass(frozen=True)
class Waiting:
    """What waits. oldest and median: since when, None while nobody knows."""

    count: int = 0
    overdue: int = 0
    oldest: datetime | None = None
    median: datetime | None = None


def waiting(piles: Iterable[Pile]) -> Waiting:
    """Piles as one. median: of those whose beginning is known; of an even number the one that waits longer."""
    known = list(piles)
    dated = sorted((pile.since, pile.count) for pile in known if pile.since is not None)
    left, middle = (sum(count for _, count in dated) + 1) // 2, None
    for since, count in dated:
        left -= count
        if left <= 0:
            middle = since
            break
    return Waiting(
        sum(pile.count for pile in known),
        sum(pile.overdue for pile in known),
        dated[0][0] if dated else None,
        middle,
    )


def altogether(parts: Iterable[Waiting]) -> Waiting:
    """The sum. A median of parts is no median of the whole, so there is none."""
    known = list(parts)
    oldest = min((part.oldest for part in known if part.oldest is not None), default=None)
    return Waiting(sum(part.count for part in known), sum(part.overdue for part in known), oldest)


def days_since(then: datetime | None, now: datetime) -> int | None:
    """Whole days."""
    return None if then is None else max(0, (now - then).days)


@dataclass(frozen=True)
class Behind:
    """One centre beside the others. students and accepted: of those whose photos are asked for."""

    centre_id: int
    students: int
    accepted: int
    waiting: Waiting  # at the centre's own desk


def most_behind(centres: Iterable[Behind]) -> list[Behind]:
    """First whose own desk has most overdue, then whose oldest waits longest, then who has the smallest share done."""
    far = datetime.max.replace(tzinfo=UTC)
    return sorted(
        centres,
        key=lambda row: (
            -row.waiting.overdue,
            row.waiting.oldest or far,
            row.accepted / row.students if row.students else 1.0,
            row.centre_id,
        ),
    )


# --- over time --------------------------------------------------------------------------------------------------


class By(StrEnum):
    """How wide a span of time is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Span:
    """first and last day, both counted."""

    first: date
    last: date


MOST_SPANS = 60  # a plot with more columns is no picture any more
USUAL = timedelta(weeks=12) - timedelta(days=1)  # the period when the address names none


def period(first: date | None, last: date | None, *, today: date) -> Span:
    """What is asked for, put in order: nothing after today; without a beginning, the twelve weeks before the end."""
    end = min(last or today, today)
    begin = first if first is not None and first <= end else end - USUAL
    return Span(max(begin, end - timedelta(days=3 * 366)), end)


def spans(whole: Span, by: By) -> list[Span]:
    """The parts of a period in order: days, weeks from Monday, or months. When there would be too many, wider ones."""
    found, first = [], whole.first
    while first <= whole.last:
        last = min(_end(first, by), whole.last)
        found.append(Span(first, last))
        first = last + timedelta(days=1)
    if len(found) > MOST_SPANS and by is not By.MONTH:
        return spans(whole, By.WEEK if by is By.DAY else By.MONTH)
    return found


def _end(day: date, by: By) -> date:
    if by is By.DAY:
        return day
    if by is By.WEEK:
        return day + timedelta(days=6 - day.weekday())
    following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return following - timedelta(days=1)


def by_span(days: Mapping[date, int], parts: Sequence[Span]) -> list[int]:
    """Counts of days put together, one for each part."""
    return [sum(count for day, count in days.items() if part.first <= day <= part.last) for part in parts]
