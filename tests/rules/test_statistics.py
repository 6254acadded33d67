"""The arithmetic of the statistics."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from backend.photos.rules import State
from backend.proofreading.stages import Stage
from backend.settings import PROJECT
from backend.statistics.rules import (
    DESK_OF,
    Behind,
    By,
    Desk,
    Matter,
    Pile,
    Span,
    Standing,
    Waiting,
    by_span,
    days_since,
    funnel,
    most_behind,
    percent,
    period,
    reached,
    read_limits,
    spans,
    waiting,
)

NOON = datetime(2026, 11, 2, 4, tzinfo=UTC)


def pile(days: int | None, count: int = 1, overdue: int = 0, matter: Matter = Matter.REVIEW) -> Pile:
    return Pile(1, matter, count, overdue, None if days is None else NOON - timedelta(days=days))


def test_nobody_is_past_a_stage_without_a_word_for_it() -> None:
    assert reached(Standing(confirmed=False, disputed=False, photo=None)) == frozenset()


def test_a_later_stage_overtakes_those_before_but_not_what_somebody_denies() -> None:
    linked = Standing(False, False, None, ((Stage.LINKED, True),))
    assert reached(linked) == {Stage.VERIFY, Stage.CAPTURE, Stage.REVIEW, Stage.HAND_OVER, Stage.LINKED}
    denied = Standing(False, False, None, ((Stage.HAND_OVER, False), (Stage.LINKED, True)))
    assert Stage.HAND_OVER not in reached(denied)


def test_disputed_data_are_not_past_the_first_stage() -> None:
    assert Stage.VERIFY not in reached(Standing(confirmed=True, disputed=True, photo=State.ACCEPTED))


def test_a_funnel_counts_each_student_once_at_every_stage_passed() -> None:
    accepted, waits = Standing(True, False, State.ACCEPTED), Standing(True, False, State.READY_FOR_REVIEW)
    found = funnel([(accepted, 3), (waits, 2), (Standing(False, False, None), 5)])
    past = [found.past[stage] for stage in (Stage.VERIFY, Stage.CAPTURE, Stage.REVIEW)]
    assert (found.students, past) == (10, [5, 5, 3])


@pytest.mark.parametrize(("part", "whole", "share"), [(1, 3, 33.3), (0, 4, 0.0), (4, 4, 100.0), (0, 0, None)])
def test_a_share_of_nothing_is_no_number(part: int, whole: int, share: float | None) -> None:
    assert percent(part, whole) == share


def test_the_median_is_weighed_by_how_many_wait() -> None:
    found = waiting([pile(30), pile(2, count=5, overdue=1), pile(1)])
    assert (found.count, found.overdue) == (7, 1)
    assert (days_since(found.oldest, NOON), days_since(found.median, NOON)) == (30, 2)


def test_of_an_even_number_the_longer_wait_is_the_middle() -> None:
    assert days_since(waiting([pile(9), pile(3)]).median, NOON) == 9


def test_who_waits_since_nobody_knows_when_is_counted_and_not_dated() -> None:
    found = waiting([pile(None, count=100), pile(4)])
    assert (found.count, days_since(found.oldest, NOON), days_since(found.median, NOON)) == (101, 4, 4)
    assert waiting([pile(None)]) == Waiting(1, 0, None, None)
    assert waiting([]) == Waiting()


def test_most_overdue_stands_first_then_the_oldest_then_the_smallest_share() -> None:
    def centre(number: int, *, overdue: int = 0, days: int | None = None, accepted: int = 5) -> Behind:
        oldest = None if days is None else NOON - timedelta(days=days)
        return Behind(number, 10, accepted, Waiting(overdue, overdue, oldest))

    rows = [centre(1, accepted=9), centre(2, days=1), centre(3, days=8), centre(4, overdue=1), centre(5, accepted=2)]
    assert [row.centre_id for row in most_behind(rows)] == [4, 3, 2, 5, 1]


def test_every_matter_lies_at_one_desk() -> None:
    assert set(DESK_OF) == set(Matter)
    assert set(DESK_OF.values()) == set(Desk)


def test_a_period_ends_today_at_the_latest_and_begins_before_its_end() -> None:
    today = date(2026, 11, 29)
    assert period(None, None, today=today) == Span(date(2026, 9, 7), today)
    assert period(date(2026, 11, 1), date(2027, 1, 1), today=today) == Span(date(2026, 11, 1), today)
    assert period(date(2026, 12, 24), None, today=today).first < today
    assert period(date(1900, 1, 1), None, today=today).first > date(2023, 1, 1)


def test_weeks_begin_on_monday_and_the_ends_are_cut() -> None:
    found = spans(Span(date(2026, 11, 4), date(2026, 11, 17)), By.WEEK)
    assert found == [
        Span(date(2026, 11, 4), date(2026, 11, 8)),
        Span(date(2026, 11, 9), date(2026, 11, 15)),
        Span(date(2026, 11, 16), date(2026, 11, 17)),
    ]


def test_months_end_where_they_do() -> None:
    found = spans(Span(date(2026, 12, 31), date(2027, 3, 1)), By.MONTH)
    assert [span.last for span in found] == [date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 1)]


def test_too_many_spans_become_wider_ones() -> None:
    assert len(spans(Span(date(2026, 1, 1), date(2026, 6, 30)), By.DAY)) == 26 + 1
    assert len(spans(Span(date(2024, 1, 1), date(2026, 6, 30)), By.WEEK)) == 30


def test_no_day_is_lost_between_two_spans() -> None:
    whole = Span(date(2026, 9, 1), date(2026, 11, 29))
    days = {whole.first + timedelta(days=n): 1 for n in range((whole.last - whole.first).days + 1)}
    for by in By:
        assert sum(by_span(days, spans(whole, by))) == len(days)


def test_the_days_of_a_desk_are_data() -> None:
    limits = read_limits({"overdue": {"review": {"days": 3, "source": "ours"}}})
    assert limits.overdue == {Matter.REVIEW: timedelta(days=3)}
    with pytest.raises(ValueError, match="nonsense"):
        read_limits({"overdue": {"nonsense": {"days": 3}}})
    assert "[overdue]" in (PROJECT / "config" / "statistics.toml").read_text()
