"""From a cell to a value: what people and programs write, and what is refused rather than guessed."""

from __future__ import annotations

import pytest

from backend.exchange.values import READERS, BadValue

LONG = 24


@pytest.mark.parametrize(
    ("reader", "text", "value"),
    [
        ("name", "林  小满", "林小满"),
        ("name", "\u3000林\u00a0小满 ", "林小满"),
        ("name", "阿依努尔•买买提", "阿依努尔·买买提"),
        ("name", "Anna   Maria  Li", "Anna Maria Li"),
        ("number", " 2024 9000 01 ", "2024900001"),
        ("number", "２０２４９", "20249"),
        ("id_number", "99010119960229002x", "99010119960229002X"),
        ("date", "2024-03-01", "2024-03-01"),
        ("date", "2024/3/1 00:00:00", "2024-03-01"),
        ("date", "2024年3月", "2024-03-01"),
        ("date", "20240301", "2024-03-01"),
        ("date", "202403", "2024-03-01"),
        ("date", "45352", "2024-03-01"),
        ("gender", "2-女", "female"),
        ("years", "2.50", "2.5"),
        ("years", "2.5年", "2.5"),
        ("phone", "+86 139-0000-0001", "13900000001"),
        ("audit", "未通过", "no"),
        ("audit", "审核通过", "yes"),
        ("audit", "待审核", "unknown"),
        ("receipt", "驳回", "rejected"),
        ("receipt", "已采集", "captured"),
    ],
)
def test_a_cell_is_read_as_its_writer_meant_it(reader: str, text: str, value: str) -> None:
    assert READERS[reader](text, LONG) == value


@pytest.mark.parametrize(
    ("reader", "text", "problem"),
    [
        ("name", "林?满", "name_characters"),
        ("name", "林小满1", "name_characters"),
        ("name", "长" * 61, "name_length"),
        ("number", "3.5E+17", "number"),
        ("number", "=A1", "number"),
        ("id_number", "身份证", "id_characters"),
        ("date", "2024031", "date"),
        ("date", "2024-02-30", "date"),
        ("date", "20241301", "date"),
        ("date", "去年", "date"),
        ("gender", "不详", "gender"),
        ("years", "两年半", "years"),
        ("phone", "1390000", "phone"),
        ("audit", "看不清", "audit"),
        ("receipt", "?", "receipt"),
        ("text", "长" * 25, "too_long"),
        ("text", "汉语\ufffd文学", "characters"),
    ],
)
def test_what_could_mean_something_else_is_refused(reader: str, text: str, problem: str) -> None:
    with pytest.raises(BadValue) as bad:
        READERS[reader](text, LONG)
    assert bad.value.problem == problem
