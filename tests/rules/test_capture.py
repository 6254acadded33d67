"""Routes and formats as read from their table; rounds that can be; money as people write it."""

from __future__ import annotations

import tomllib
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from backend.capture.rules import CaptureRules, Route, fen, is_open, read_capture, round_problems, routes_for, yuan
from backend.errors import Invalid

FILE = Path(__file__).resolve().parents[2] / "config" / "capture.toml"
DATA: dict[str, Any] = tomllib.loads(FILE.read_text())


@pytest.fixture
def rules() -> CaptureRules:
    return read_capture(DATA)


def test_every_route_and_format_names_its_source(rules: CaptureRules) -> None:
    assert set(rules.routes) == set(Route)
    assert all(route.source for route in rules.routes.values())
    assert all(entry.source and entry.columns for entry in rules.formats.values())


def test_a_missing_route_or_an_unknown_kind_stops_the_start() -> None:
    broken = deepcopy(DATA)
    del broken["routes"]["team"]
    with pytest.raises(ValueError, match="team"):
        read_capture(broken)
    broken = deepcopy(DATA)
    broken["formats"]["dbf-basic"]["kind"] = "csv"
    with pytest.raises(ValueError, match="kind"):
        read_capture(broken)


def test_centres_at_home_choose_from_three_routes_and_others_agree_with_their_unit(rules: CaptureRules) -> None:
    assert routes_for(rules, province="福建") == (Route.TEAM, Route.FILES, Route.ALONE)
    assert routes_for(rules, province="福建省") == (Route.TEAM, Route.FILES, Route.ALONE)
    assert routes_for(rules, province="浙江") == (Route.AGREED,)


def test_a_table_or_a_file_name_that_tells_who_people_are_is_a_roster(rules: CaptureRules) -> None:
    assert rules.formats["dbf-basic"].is_roster
    assert rules.formats["xlsx-basic"].is_roster
    assert not rules.formats["code-only"].is_roster


@pytest.mark.parametrize(
    ("change", "field", "why"),
    [
        ({"code": ""}, "code", "code_length"),
        ({"code": "x" * 17}, "code", "code_length"),
        ({"name": ""}, "name", "name_length"),
        ({"opens_on": None}, "opens_on", "date_needed"),
        ({"closes_on": None}, "closes_on", "date_needed"),
        ({"closes_on": date(2026, 11, 30)}, "closes_on", "round_length"),
        ({"closes_on": date(2036, 12, 1)}, "closes_on", "round_length"),
    ],
)
def test_what_is_wrong_with_a_round_is_said_at_its_field(change: dict[str, Any], field: str, why: str) -> None:
    fine = {"code": "2027C", "name": "春季", "opens_on": date(2026, 12, 1), "closes_on": date(2026, 12, 31)}
    assert round_problems(**fine) == {}
    assert round_problems(**{**fine, **change}) == {field: why}


def test_a_round_is_open_on_its_first_and_its_last_day() -> None:
    dates = {"opens_on": date(2026, 12, 1), "closes_on": date(2026, 12, 31)}
    asked = [date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 31), date(2027, 1, 1)]
    assert [is_open(**dates, today=day) for day in asked] == [False, True, True, False]


def test_money_is_read_as_people_write_it_and_said_again() -> None:
    assert [fen(text) for text in ("30", " 30.5 ", "30.50", "0", "")] == [3000, 3050, 3050, 0, None]
    assert [yuan(amount) for amount in (3050, 5, 0, -3050, None)] == ["30.50", "0.05", "0.00", "-30.50", ""]


@pytest.mark.parametrize("text", ["30.505", "三十", "1e400", "NaN", "inf", "30,5", "9" * 13])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        fen(text)
