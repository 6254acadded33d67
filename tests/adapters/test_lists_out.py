"""Lists read back by other software: text stays text, numbers stay numbers, the same list gives the same bytes."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from backend.adapters.lists_out import Column, csv_bytes, xlsx
from backend.views.downloads import XLSX, download

COLUMNS = [Column("学号"), Column("身份证号", 20), Column("金额"), Column("日期"), Column("备注")]
ROWS = [
    ("000123", "99010119900101123X", Decimal("30.50"), date(2026, 11, 30), "=1+1"),
    ("000124", "990101199001011248", 0, None, "@SUM(A1)"),
]


def test_a_sheet_is_read_back_as_it_was_written() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx("名单", COLUMNS, ROWS, note="本平台格式")))["名单"]
    got = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert got[0] == ["学号", "身份证号", "金额", "日期", "备注"]
    assert got[1] == ["000123", "99010119900101123X", 30.5, "2026-11-30", "=1+1"]
    assert got[2] == ["000124", "990101199001011248", 0, None, "@SUM(A1)"]
    assert got[4][0] == "本平台格式"
    assert [sheet.cell(2, column).data_type for column in (1, 2, 5)] == ["s", "s", "s"], "no formula"


def test_the_same_list_gives_the_same_bytes() -> None:
    assert xlsx("名单", COLUMNS, ROWS) == xlsx("名单", COLUMNS, ROWS)


def test_a_sheet_may_bear_any_name() -> None:
    assert openpyxl.load_workbook(io.BytesIO(xlsx("[2027/1]:*?" + "长" * 40, COLUMNS, []))).sheetnames == [
        "20271" + "长" * 26
    ]


def test_a_csv_is_utf_8_with_its_mark_and_harmless_for_spreadsheets() -> None:
    content = csv_bytes(COLUMNS, ROWS)
    assert content.startswith(b"\xef\xbb\xbf")
    got = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert got[1] == ["000123", "99010119900101123X", "30.50", "2026-11-30", "'=1+1"]
    assert got[2][3:] == ["", "'@SUM(A1)"]


@pytest.mark.parametrize("text", ["-1", "+86", "\tx", "\r=1"])
def test_a_text_that_starts_like_a_formula_is_marked_and_a_number_is_not(text: str) -> None:
    assert (
        next(csv.reader(io.StringIO(csv_bytes([Column("x")], [(text,)]).decode("utf-8-sig").split("\n", 1)[1])))[0][0]
        == "'"
    )
    assert csv_bytes([Column("x")], [(-1,)]).endswith(b"\r\n-1\r\n")


def test_a_download_bears_its_chinese_name_and_is_kept_nowhere() -> None:
    answer = download(b"x", name="费用 2027C", media_type=XLSX)
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="___2027C.xlsx"; ')
    assert "filename*=UTF-8''%E8%B4%B9%E7%94%A8%202027C.xlsx" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
