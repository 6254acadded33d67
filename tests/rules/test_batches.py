"""Rows that fit a unit's table, or are refused by record and column; what may follow what."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from backend.batches.rules import (
    TRANSITIONS,
    Action,
    Person,
    RowProblem,
    State,
    check_roster,
    next_state,
    photo_name,
    refused_lines,
    row_of,
    row_problems,
)
from backend.capture.rules import RosterForbidden, read_capture
from backend.errors import NotAllowed

RULES = read_capture(tomllib.loads((Path(__file__).resolve().parents[2] / "config" / "capture.toml").read_text()))
DBF, CODE = RULES.formats["dbf-basic"], RULES.formats["code-only"]
LIN = Person(1, "202400001", "林小满", "female", "99010119960229001X", "专升本", "汉语言文学")


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("action", list(Action))
def test_every_pair_is_decided(state: State, action: Action) -> None:
    if (state, action) in TRANSITIONS:
        assert next_state(state, action) is TRANSITIONS[state, action]
    else:
        with pytest.raises(NotAllowed):
            next_state(state, action)


def test_a_row_has_the_columns_of_the_format_in_their_order() -> None:
    assert list(row_of(DBF, LIN)) == [column.name for column in DBF.columns]
    assert list(row_of(DBF, LIN).values()) == [
        *("202400001", "林小满", "女", "99010119960229001X", "专升本", "汉语言文学", "202400001.jpg"),
    ]
    assert row_of(CODE, LIN) == {"序号": "1", "照片文件": "00001.jpg"}
    assert photo_name(CODE, LIN) == "00001.jpg"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"name": "张𬱖"}, RowProblem(1, "姓名", "encoding", "𬱖")),
        ({"name": "长" * 21}, RowProblem(1, "姓名", "too_long")),
        ({"name": "长" * 20}, None),
        ({"programme": ""}, RowProblem(1, "专业名称", "empty")),
        ({"gender": "unknown"}, RowProblem(1, "性别", "empty")),
        ({"student_number": "2024/01"}, RowProblem(1, "photo_file", "file_name")),
    ],
)
def test_what_does_not_fit_is_named_and_never_cut_or_replaced(
    change: dict[str, str], expected: RowProblem | None
) -> None:
    assert row_problems(DBF, [replace(LIN, **change)]) == ([expected] if expected else [])


def test_two_photos_of_one_name_are_refused_also_when_only_capitals_differ() -> None:
    twins = [replace(LIN, student_number="f1"), replace(LIN, serial=2, student_number="F1")]
    assert row_problems(DBF, twins) == [RowProblem(2, "photo_file", "same_name")]


def test_a_format_that_names_people_waits_for_the_colleges_switch() -> None:
    check_roster(DBF, allowed=True)
    check_roster(CODE, allowed=False)
    with pytest.raises(RosterForbidden):
        check_roster(DBF, allowed=False)


@pytest.mark.parametrize(
    ("text", "refused", "unclear"),
    [
        ("3 头部过大", {3: "头部过大"}, []),
        ("1、3-5：光线不均\n\n2 模糊", {1: "光线不均", 3: "光线不均", 4: "光线不均", 5: "光线不均", 2: "模糊"}, []),
        ("3,4 head 2 cm too large", dict.fromkeys((3, 4), "head 2 cm too large"), []),
        ("3", {}, [1]),
        ("3 4 模糊", {}, [1]),
        ("5-3 模糊", {}, [1]),
        ("9 模糊", {}, [1]),
        ("模糊", {}, [1]),
        ("3 模糊\n3 过暗", {3: "模糊"}, [2]),
    ],
)
def test_a_line_names_photos_and_why_they_came_back_or_is_not_clear(
    text: str, refused: dict[int, str], unclear: list[int]
) -> None:
    assert refused_lines(text, range(1, 6)) == (refused, unclear)
