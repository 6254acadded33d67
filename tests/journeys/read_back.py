"""What we hand to others, read by their software: `python -m tests.journeys.read_back`.

Packages of every format of config/capture.toml and one list as XLSX are written with awkward contents (rare characters,
numbers with leading zeros, 18 digits, the widest value that fits, text that looks like a formula) and
read with programs that did not write them: unzip, sha256sum, dbview, ogr2ogr of GDAL, LibreOffice, dbfread,
openpyxl. Nothing is installed: what is not there is named with the package of Debian that brings it. The exit status
is 1 when a program reads something else than was written; a program that is missing is no failure.
"""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import dbfread
import openpyxl

from backend.adapters.lists_out import Column, xlsx
from backend.adapters.packages import PackedPhoto, package, table_bytes
from backend.batches.rules import Person, photo_name, row_of, row_problems
from backend.capture.rules import UnitFormat, read_capture
from backend.demo.people import invented_id_number
from backend.settings import PROJECT
from tests.factories import TINY_JPEG

Table = list[list[str]]  # the heading, then the rows; every cell as text, without blanks at its ends

SEALED = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
SECONDS = 120  # for one program
OFFICE = "libreoffice-calc-nogui libreoffice-base-drivers"


# the second name has a rare character that GBK can write; the third fills the columns of the DBF to the end
PEOPLE = tuple(
    Person(serial, number, name, gender, invented_id_number(born, serial, male=gender == "male"), level, programme)
    for serial, number, name, gender, born, level, programme in (
        (1, "000123456", "林小满", "female", date(1996, 2, 29), "专升本", "法学"),
        (2, "F202400002", "单于·堃", "male", date(1990, 1, 1), "高起专", "汉语言文学"),
        (3, "999999999999999", "阿" * 20, "male", date(2001, 12, 31), "专升本", "工" * 25),
    )
)
LIST = (
    ("学号", "姓名", "身份证号", "说明"),
    ("000123456", "林小满", PEOPLE[0].id_number, "=1+1"),
    ("F202400002", "林𬱖", PEOPLE[1].id_number, "+86 0591"),
    ("3.5E+17", "阿依努尔·买买提", PEOPLE[2].id_number, "第一行\n第二行"),
)


@dataclass(frozen=True)
class Program:
    """A program of others. read: file and a folder to work in -> what it says stands there; suffixes: what it reads."""

    name: str
    brings: str  # the package of Debian; empty: a package of ours for tests
    command: str  # on the path; empty: a library
    suffixes: tuple[str, ...]
    read: Callable[[Path, Path], Table]

    @property
    def there(self) -> bool:
        return not self.command or shutil.which(self.command) is not None


def run(*words: str | Path) -> bytes:
    """What a program prints. Raises CalledProcessError when it is not content."""
    done = subprocess.run([str(word) for word in words], check=True, capture_output=True, timeout=SECONDS)
    return done.stdout


def by_dbfread(path: Path, _folder: Path) -> Table:
    table = dbfread.DBF(str(path), encoding="gbk")
    return [list(table.field_names)] + [[str(value) for value in row.values()] for row in table]


def by_openpyxl(path: Path, _folder: Path) -> Table:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    return [[str(cell) for cell in row] for row in sheet.iter_rows(values_only=True) if any(row)]


def by_dbview(path: Path, _folder: Path) -> Table:
    """dbview prints one line for each cell, in the bytes of the file."""
    heading: list[str] = []
    rows: Table = []
    for line in run("dbview", "--browse", "--delimiter", "\t", path).decode("gbk").splitlines():
        rows.append(line.split("\t")[: line.count("\t")])
    for line in run("dbview", "--description", "--omit", path).decode("gbk").splitlines():
        words = line.split()
        if len(words) == 4 and words[1] == "C":
            heading.append(words[0].upper())
    return [heading, *rows]


def by_gdal(path: Path, folder: Path) -> Table:
    out = folder / "gdal.csv"
    # where all cells are text GDAL would guess that there is no heading
    options = ["--config", "OGR_XLSX_HEADERS", "FORCE"] if path.suffix == ".xlsx" else []
    run("ogr2ogr", "-f", "CSV", *options, out, path)
    return _csv(out.read_text("utf-8"))


def by_libreoffice(path: Path, folder: Path) -> Table:
    home = f"-env:UserInstallation=file://{folder}/profile"
    # comma, double quotes, UTF-8, from row 1, columns as they are; the last word: text as shown
    filters = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false"
    # it asks people for the encoding of a DBF, and does not look at the language byte: 67 is GBK
    encoding = ["--infilter=dBase:67"] if path.suffix == ".dbf" else []
    run("soffice", home, "--headless", *encoding, "--convert-to", filters, "--outdir", folder, path)
    rows = _csv((folder / f"{path.stem}.csv").read_text("utf-8"))
    if path.suffix == ".dbf":  # its headings say type and width too: XH,C,15
        rows[0] = [cell.partition(",")[0] for cell in rows[0]]
    return rows


def _csv(text: str) -> Table:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


PROGRAMS = (
    Program("dbfread", "", "", (".dbf",), by_dbfread),
    Program("openpyxl", "", "", (".xlsx",), by_openpyxl),
    Program("dbview", "dbview", "dbview", (".dbf",), by_dbview),
    Program("GDAL", "gdal-bin", "ogr2ogr", (".dbf", ".xlsx"), by_gdal),
    Program(
        "LibreOffice", "libreoffice-calc-nogui libreoffice-base-drivers", "soffice", (".dbf", ".xlsx"), by_libreoffice
    ),
)


def packages() -> Iterator[tuple[UnitFormat, bytes, Table]]:
    """A sealed package of every format, and what its table must say."""
    with (PROJECT / "config" / "capture.toml").open("rb") as file:
        formats = read_capture(tomllib.load(file)).formats
    for unit_format in formats.values():
        if row_problems(unit_format, PEOPLE):
            raise SystemExit(f"{unit_format.key}: the people of this page do not fit")
        rows = [row_of(unit_format, person) for person in PEOPLE]
        names = [column.name for column in unit_format.columns]
        table = table_bytes(unit_format, rows, made_on=SEALED, note="")
        photos = [PackedPhoto(photo_name(unit_format, person), lambda: TINY_JPEG) for person in PEOPLE]
        file_name = f"{unit_format.key}.{unit_format.kind}"
        whole = b"".join(package(photos, table=(file_name, table), readme=("README.txt", "本平台格式"), made_at=SEALED))
        yield unit_format, whole, [names, *([row[name] for name in names] for row in rows)]


def unpacked(content: bytes, folder: Path) -> list[str]:
    """Unpack by unzip where it is there, compare the hashes by sha256sum; gives what was wrong."""
    path = folder / "package.zip"
    path.write_bytes(content)
    if shutil.which("unzip"):
        run("unzip", "-tq", path)
        run("unzip", "-q", path, "-d", folder)
    else:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
    done = subprocess.run(
        ["sha256sum", "--strict", "-c", "manifest.sha256"], cwd=folder, capture_output=True, text=True, timeout=SECONDS
    )
    return [] if done.returncode == 0 else [done.stdout + done.stderr]


def differences(wanted: Table, found: Table) -> list[str]:
    """Where another program read something else, by cell."""
    plain = [[str(cell if cell is not None else "").strip() for cell in row] for row in found]
    plain = [row for row in plain if any(row)]
    if len(plain) != len(wanted):
        return [f"{len(plain)} lines instead of {len(wanted)}"]
    return [
        f"line {number}, {wanted[0][place]}: {row[place] if place < len(row) else None!r} instead of {cell!r}"
        for number, (line, row) in enumerate(zip(wanted, plain, strict=True), 1)
        for place, cell in enumerate(line)
        if place >= len(row) or row[place] != cell
    ]


def checked(path: Path, wanted: Table, folder: Path) -> Iterator[tuple[Program, list[str]]]:
    """Every program that is there and reads such files, with what it read otherwise."""
    for program in PROGRAMS:
        if path.suffix not in program.suffixes or not program.there:
            continue
        place = folder / program.name
        place.mkdir()
        try:
            yield program, differences(wanted, program.read(path, place))
        except (subprocess.SubprocessError, zipfile.BadZipFile, OSError, ValueError) as problem:
            yield program, [f"could not read it: {type(problem).__name__}"]


def main() -> int:
    wrong = 0
    for program in PROGRAMS:
        if not program.there:
            print(f"{program.name:12} not here: apt-get install {program.brings}")
    with tempfile.TemporaryDirectory(prefix="xuezhao-read-back-") as name:
        jobs: list[tuple[str, Path, Table]] = []
        for unit_format, content, wanted in packages():
            folder = Path(name) / unit_format.key
            folder.mkdir()
            problems = unpacked(content, folder)
            wrong += _said("unzip, sha256sum", unit_format.key + ".zip", problems)
            jobs.append((unit_format.key, folder / f"{unit_format.key}.{unit_format.kind}", wanted))
        listed = Path(name) / "list" / "list.xlsx"
        listed.parent.mkdir()
        listed.write_bytes(xlsx("名单", [Column(title) for title in LIST[0]], LIST[1:]))
        jobs.append(("list", listed, [list(row) for row in LIST]))
        for key, path, wanted in jobs:
            for program, problems in checked(path, wanted, Path(name) / key):
                wrong += _said(program.name, path.name, problems)
    return 1 if wrong else 0


def _said(program: str, file: str, problems: Sequence[str]) -> int:
    print(f"{program:16} {file:18} {'the same' if not problems else 'DIFFERENT'}")
    for problem in problems:
        print(f"    {problem}")
    return len(problems)


if __name__ == "__main__":
    sys.exit(main())
