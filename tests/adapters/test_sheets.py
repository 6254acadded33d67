"""Tables out of files: what real files look like, and that no bytes whatever do harm."""

from __future__ import annotations

import io
import struct
import tomllib
import zipfile
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

import dbf
import dbfread
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.adapters.archives import open_photos
from backend.adapters.sheets import read_csv, read_dbf, read_heads, read_sheet
from backend.compliance.standard import load_standard
from backend.exchange.kinds import read_exchange
from backend.exchange.lines import Recognised, lines_of, recognise
from backend.exchange.photos import named_person
from backend.exchange.sheet import Limits, Odd, SheetRefused, address, column_letters
from backend.settings import PROJECT

LIMITS = Limits(bytes=2**22, unpacked_bytes=2**24, rows=1000, columns=50, pictures=20, picture_bytes=2**20)
EXCHANGE = read_exchange(tomllib.loads((PROJECT / "config" / "exchange.toml").read_text("utf-8")))
INTAKE = load_standard(PROJECT / "config" / "photo-standard.toml").intake
TABLE = "学号,姓名\r\n2024001,林小满\r\n2024002,黄䶮\r\n"


def refusal(content: bytes, limits: Limits = LIMITS, place: int | None = None) -> str:
    with pytest.raises(SheetRefused) as refused:
        read_sheet(content, limits, place=place)
    return refused.value.reason


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TABLE.encode(), "utf-8"),
        (TABLE.encode("utf-8-sig"), "utf-8-sig"),
        (TABLE.encode("gb18030"), "gb18030"),
        (TABLE.encode("utf-16"), "utf-16"),
        (TABLE.replace(",", "\t").encode(), "utf-8"),
        (TABLE.replace(",", ";").encode("gb18030"), "gb18030"),
    ],
)
def test_separated_text_is_read_in_every_encoding(content: bytes, encoding: str) -> None:
    sheet = read_sheet(content, LIMITS)
    assert sheet.rows == [["学号", "姓名"], ["2024001", "林小满"], ["2024002", "黄䶮"]]
    assert sheet.encoding == encoding


def test_rounded_numbers_and_formulas_in_text_are_marked_with_their_cell() -> None:
    sheet = read_csv('学号,身份证号,姓名\n="007",3.50102E+17,=1+1\n'.encode(), LIMITS)
    assert sheet.rows[1][0] == "007"
    assert sheet.odd == {(1, 1): Odd.PRECISION, (1, 2): Odd.FORMULA}


def workbook(fill, **options: bool) -> bytes:  # type: ignore[no-untyped-def]
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, **options})
    fill(book)
    book.close()
    return buffer.getvalue()


def test_a_workbook_gives_text_and_says_what_is_odd() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet("空")
        sheet = book.add_worksheet("名单")
        sheet.merge_range("A1:D1", "2027 届名单")
        sheet.write_row(1, 0, ["学号", "姓名", "身份证号", "入学"])
        sheet.write_number(2, 0, 2024000123)
        sheet.write(2, 1, "林  小满")
        sheet.write_number(2, 2, 990101199602290012)
        sheet.write_datetime(2, 3, date(2024, 3, 1), book.add_format({"num_format": "yyyy/m/d"}))
        sheet.write_formula(3, 1, "=B3", value="林小满")
        sheet.merge_range("A5:A6", "2024000124")
        sheet.write(5, 1, "吴思远")

    sheet = read_sheet(workbook(fill), LIMITS)
    assert (sheet.format, sheet.name, sheet.place) == ("xlsx", "名单", 1)
    assert sheet.rows[0] == ["2027 届名单"] * 4
    assert sheet.rows[2] == ["2024000123", "林  小满", "9.901e+17", "2024-03-01"]
    assert sheet.odd[2, 2] is Odd.PRECISION
    assert sheet.odd[3, 1] is Odd.FORMULA
    assert sheet.odd[5, 0] is Odd.MERGED


def test_an_xls_of_another_program_is_read_cell_by_cell() -> None:
    """roster.xls was written by xlwt 1.3.0: notes, a list under a merged heading, a hidden sheet; invented people."""
    content = (Path(__file__).parent / "roster.xls").read_bytes()
    assert [sheet.name for sheet in read_heads(content, LIMITS, head=5)] == ["说明", "名单"]
    sheet = read_sheet(content, LIMITS, place=1)
    assert sheet.format == "xls"
    assert sheet.rows[1] == ["学号", "姓名", "身份证号", "入学日期", "学制", "手机"]
    assert sheet.rows[2] == ["2024900001", "林  小满", "990101199602290021", "2024-03-01", "2.5", "13900000001"]
    assert sheet.rows[3][:4] == ["2024900002", "阿依努尔·买买提", "9.901e+17", "45352"]
    assert sheet.odd[3, 2] is Odd.PRECISION


def test_headings_under_and_beside_merged_cells_are_found() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.merge_range("A1:E1", "2027 届毕业生名单")
        sheet.merge_range("A2:A3", "学号")
        sheet.merge_range("B2:C2", "基本信息")
        sheet.write_row("B3", ["姓名", "身份证号"])
        sheet.write_row("A4", ["2024900001", "林小满", "990101199602290021"])

    sheet = read_sheet(workbook(fill), LIMITS)
    found = recognise(sheet, EXCHANGE.kinds["roster"])
    assert found == Recognised(2, {"student_number": 0, "name": 1, "id_number": 2})
    lines = lines_of(sheet, EXCHANGE.kinds["roster"], header=2, columns=found.columns)
    assert [line.values["student_number"] for line in lines] == ["2024900001"]


def test_only_the_head_of_a_workbook_is_read_when_that_is_enough() -> None:
    content = workbook(lambda book: [book.add_worksheet().write(n, 0, str(n)) for n in range(1)])
    many = workbook(lambda book: [sheet.write(n, 0, str(n)) for sheet in [book.add_worksheet()] for n in range(200)])
    assert len(read_heads(content, LIMITS, head=5)[0].rows) == 1
    assert len(read_heads(many, LIMITS, head=5)[0].rows) == 5


def test_every_visible_sheet_with_something_in_it_is_offered_and_one_is_read_by_its_place() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        for name in ("说明", "空", "名单", "旧名单"):
            sheet = book.add_worksheet(name)
            if name != "空":
                sheet.write_row(0, 0, ["学号", name])
        book.worksheets()[3].hide()
        sheet = book.add_worksheet("太宽")
        sheet.write(0, 200, "x")

    content = workbook(fill)
    assert [(sheet.place, sheet.name) for sheet in read_heads(content, LIMITS, head=5)] == [(0, "说明"), (2, "名单")]
    assert read_sheet(content, LIMITS).rows == [["学号", "说明"]]
    assert read_sheet(content, LIMITS, place=2).rows == [["学号", "名单"]]
    assert refusal(content, place=4) == "too_many_columns"
    assert refusal(content, place=3) == refusal(content, place=9) == "empty"
    assert [sheet.format for sheet in read_heads(TABLE.encode(), LIMITS, head=2)] == ["csv"]


def test_a_sheet_that_claims_a_million_columns_takes_no_memory_of_ours() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "学号")
        sheet.write(1_048_575, 16_383, "x")

    assert refusal(workbook(fill)) in ("too_many_rows", "too_many_columns", "too_large", "damaged")


def test_bombs_locked_and_broken_files_are_named() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/workbook.xml", b"<x/>")
        file.writestr("xl/worksheets/sheet1.xml", b"0" * 2**25)
    assert refusal(bomb.getvalue()) == "too_large"
    assert refusal(b"PK\x03\x04" + b"0" * 100) == "damaged"
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w") as file:
        file.writestr("a.txt", b"a")
    assert refusal(plain.getvalue()) == "not_a_table"
    assert refusal(b"") == "empty"
    assert refusal(b"\xff" * 40) == "encoding"
    assert refusal(b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\xd9" * 40) == "not_a_table", "a photo"
    assert refusal(b"%PDF-1.7 and no separators at all") == "not_a_table"
    assert refusal(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600) == "damaged"
    assert refusal(b"a,b\n" * 2000) == "too_many_rows"
    assert refusal(b",".join([b"x"] * 80)) == "too_many_columns"
    assert refusal(b"a,b\n" * 2**21) == "too_large"


def dbf_file(folder: Path) -> bytes:
    table = dbf.Table(
        str(folder / "t.dbf"), "XH C(15); XM C(24); SFZH C(18); CSRQ D; FS N(5,1)", codepage="cp936", dbf_type="db3"
    )
    table.open(dbf.READ_WRITE)
    try:
        table.append(("2024001", "林小满", "990101199602290012", dbf.Date(1996, 2, 29), 12.5))
        table.append(("2024002", "删掉的人", "", None, None))
        table.append(("2024003", "阿依努尔·买买提", "", None, None))
        dbf.delete(table[1])
    finally:
        table.close()
    return (folder / "t.dbf").read_bytes()


def test_a_dbf_is_read_without_its_deleted_rows_as_another_program_reads_it(tmp_path: Path) -> None:
    content = dbf_file(tmp_path)
    sheet = read_sheet(content, LIMITS)
    assert (sheet.format, sheet.deleted) == ("dbf", 1)
    assert sheet.rows[0] == ["XH", "XM", "SFZH", "CSRQ", "FS"]
    assert sheet.rows[1] == ["2024001", "林小满", "990101199602290012", "19960229", "12.5"]
    assert sheet.rows[2] == []
    other = [record["XM"] for record in dbfread.DBF(str(tmp_path / "t.dbf"), encoding="gbk")]
    assert [row[1] for row in sheet.rows[1:] if row] == other


def test_a_dbf_name_cut_inside_a_character_and_a_short_file_are_named(tmp_path: Path) -> None:
    content = bytearray(dbf_file(tmp_path))
    header, length = struct.unpack("<HH", content[8:12])
    content[header + 1 + 15 : header + 1 + 15 + 24] = "林小满".encode("gbk")[:5].ljust(24)
    assert read_dbf(bytes(content), LIMITS).odd == {(1, 1): Odd.ENCODING}
    assert refusal(bytes(content[: header + length])) == "cut_off"


def test_places_are_named_as_spreadsheets_do() -> None:
    assert [column_letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert address(11, 1) == "B12"


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("2024900001.jpg", {"any": "2024900001"}),
        ("zp2024900001.jpg", {"any": "2024900001"}),
        ("一班/99010119960229001X.JPG", {"id_number": "99010119960229001X"}),
        ("专升本/林小满99010119960229001x.jpg", {"name": "林小满", "id_number": "99010119960229001X"}),
        ("阿依努尔•买买提_F202400043.jpg", {"name": "阿依努尔·买买提", "any": "F202400043"}),
        ("林小满.jpg", {"name": "林小满"}),
        ("IMG.jpg", {}),
    ],
)
def test_the_name_of_a_photo_says_whose_it_is(path: str, values: dict[str, str]) -> None:
    assert named_person(path) == values


def archive(*files: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in files:
            file.writestr(name, content)
    return buffer.getvalue()


def test_names_in_gbk_are_read_and_system_files_left_out() -> None:
    raw = archive(("AAAA/1.jpg", b"x"), ("__MACOSX/._1.jpg", b"x"), ("Thumbs.db", b"x"))
    found = open_photos(raw.replace(b"AAAA", "一班".encode("gbk")), LIMITS, INTAKE)
    assert found.paths == ("一班/1.jpg",)
    assert found.read(0).problem == "not_picture"


def test_a_member_without_a_name_and_one_that_leads_elsewhere_are_named_and_the_others_are_read() -> None:
    raw = archive(("AAAA", b"x"), ("../BB.jpg", b"x"), ("/C.jpg", b"x"), ("c:/D.jpg", b"x"), ("..\\E.jpg", b"x"))
    at = raw.rindex(b"AAAA")
    nameless = bytearray(raw[: at - 46 + 28] + b"\0\0" + raw[at - 46 + 30 : at] + raw[at + 4 :])
    end = nameless.rindex(b"PK\x05\x06") + 12
    nameless[end : end + 4] = struct.pack("<I", struct.unpack("<I", nameless[end : end + 4])[0] - 4)
    for content in (raw, bytes(nameless)):
        found = open_photos(content, LIMITS, INTAKE)
        assert [found.read(place).problem for place in range(1, 5)] == ["bad_path"] * 4
    assert (found.paths[0], found.read(0).problem) == ("", "bad_path")


def test_an_archive_that_unpacks_into_too_much_is_not_unpacked() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("1.jpg", b"\0" * (LIMITS.picture_bytes + 1))
        file.writestr("2.jpg", b"\0" * 1000)
    found = open_photos(bomb.getvalue(), LIMITS, INTAKE)
    assert found.read(0).problem == "too_big"
    # a member that says less than it holds fails at what it said
    liar = bytearray(bomb.getvalue())
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = liar.index(mark) + place
        liar[at : at + 4] = struct.pack("<I", 1000)
    assert open_photos(bytes(liar), LIMITS, INTAKE).read(0).problem == "damaged"
    with pytest.raises(SheetRefused) as refused:
        open_photos(bomb.getvalue(), replace(LIMITS, unpacked_bytes=LIMITS.picture_bytes), INTAKE)
    assert refused.value.reason == "too_large"


def test_a_locked_or_damaged_member_is_named_and_the_others_are_read() -> None:
    raw = bytearray(archive(("1.jpg", b"x" * 100), ("2.jpg", b"y" * 100)))
    raw[raw.index(b"x" * 100)] = 0  # the checksum no longer fits
    second = raw.rindex(b"PK\x01\x02")
    raw[second + 8] |= 1  # says that it is locked
    found = open_photos(bytes(raw), LIMITS, INTAKE)
    assert [found.read(place).problem for place in (0, 1)] == ["damaged", "locked"]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ([("a.csv", b"x"), ("b.xlsx", b"x"), ("1.jpg", b"x")], "several_tables"),
        ([("a.csv", b"x")], "no_photos"),
        ([(f"{n}.jpg", b"x") for n in range(30)], "too_many_files"),
    ],
)
def test_an_archive_that_cannot_be_taken_is_named(files: list[tuple[str, bytes]], reason: str) -> None:
    with pytest.raises(SheetRefused) as refused:
        open_photos(archive(*files), LIMITS, INTAKE)
    assert refused.value.reason == reason


STARTS = st.sampled_from(
    [b"", b"\x03", b"\xef\xbb\xbf", b"\xff\xfe", "学号,姓名\n".encode("gbk"), b'"', b"=", b"a,b\n"]
)


@given(start=STARTS, rest=st.binary(max_size=400))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes_are_a_table_or_refused_by_name(start: bytes, rest: bytes) -> None:
    for read in (read_csv, read_sheet):
        try:
            sheet = read(start + rest, LIMITS)
        except SheetRefused:
            continue
        else:
            assert len(sheet.rows) <= LIMITS.rows + 1
            assert all(len(cell) <= 501 for row in sheet.rows for cell in row)


@given(data=st.data())
@settings(max_examples=120, deadline=None)
def test_a_damaged_dbf_is_read_or_refused_by_name(data: st.DataObject) -> None:
    names = b"XH\0".ljust(11, b"\0") + b"C" + b"\0" * 4 + bytes([10, 0]) + b"\0" * 14
    whole = bytearray(bytes([3, 126, 1, 1]) + struct.pack("<IHH", 2, 65, 11) + b"\0" * 20 + names + b"\r")
    whole += b" " + b"2024001".ljust(10) + b"*" + b"2024002".ljust(10)
    for _ in range(data.draw(st.integers(0, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with suppress(SheetRefused):
        read_sheet(bytes(whole), LIMITS)


@given(st.binary(max_size=300), st.integers(0, 250), st.integers(0, 255))
@settings(max_examples=120, deadline=None)
def test_any_archive_is_read_or_refused_by_name(rest: bytes, place: int, value: int) -> None:
    raw = bytearray(archive(("1.jpg", rest), ("a/2.jpg", b"y")))
    raw[place % len(raw)] = value
    for content in (bytes(raw), b"PK\x03\x04" + rest, rest):
        with suppress(SheetRefused):
            found = open_photos(content, LIMITS, INTAKE)
            for number in range(len(found.paths)):
                found.read(number)
