"""Photos in a ZIP: whose each is, by its name or by the table beside it. Linked at 学信网, or given back on a disc."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backend.exchange.kinds import Kind
from backend.exchange.lines import Line, Problem, Recognised, lines_of, missing_columns
from backend.exchange.sheet import Limits, Sheet, SheetRefused

ID_NUMBER = re.compile(r"(?<![0-9])([0-9]{17}[0-9Xx])(?![0-9A-Za-z])")
CODE = re.compile(r"[0-9A-Za-z]{4,32}")
CHINESE = re.compile(r"[\u2e80-\u9fff\U00020000-\U0003ffff·•．]{2,}")


@dataclass(frozen=True)
class PhotoFile:
    """One file of the ZIP. problem: why it cannot be taken, found before it was looked into; media_type by content."""

    path: str
    content: bytes
    media_type: str = ""
    problem: str = ""


@dataclass(frozen=True)
class PhotoArchive:
    """The files of a ZIP by their place, read one at a time, and the table among them if there is one."""

    paths: tuple[str, ...]
    read: Callable[[int], PhotoFile]
    table: bytes | None = None
    table_name: str = ""


# content and limits -> the archive; raises SheetRefused. Implemented by adapters.archives.open_photos
ArchiveReader = Callable[[bytes, Limits], PhotoArchive]


def named_person(path: str) -> dict[str, str]:
    """Whom a file's name means: an ID number, or another number, and a name if there is one.

    A name alone means nobody: the roster knows no classes, so a folder cannot say which of two people of one name it
    is, and a later namesake would get the picture of the first. A wrong picture is worse than a file that is named.

    18 characters are an ID number; zp before a number is what some systems put there.
    """
    stem = path.replace("\\", "/").rpartition("/")[2].rpartition(".")[0]
    values: dict[str, str] = {}
    name = CHINESE.search(stem)
    if name:
        values["name"] = re.sub(r"[•．]", "·", name[0])
    found = ID_NUMBER.search(stem)
    if found:
        return {**values, "id_number": found[1].upper()}
    codes = CODE.findall(stem)
    if codes:
        code = max(codes, key=len)
        values["any"] = re.sub(r"^zp(?=[0-9])", "", code, flags=re.IGNORECASE)
    return values


def table_of(archive: PhotoArchive, kind: Kind) -> bytes | None:
    """The table that says whose the photos are; None without one, or when the kind knows of none."""
    return archive.table if "file" in kind.columns else None


def photo_lines(
    archive: PhotoArchive, kind: Kind, read_table: Callable[[bytes], tuple[Sheet, Recognised]]
) -> tuple[list[Line], dict[int, str], dict[int, int]]:
    """A line for each file (row = its place from 1), the path of each, and row -> place in the archive.

    With a table, its rows say whose the photos are; a photo without a row and a row without a photo are refused.
    """
    lines = [Line(place + 1, {}) for place in range(len(archive.paths))]
    paths = dict(enumerate(archive.paths, start=1))
    table = _table(archive, kind, read_table)
    if table is None:
        for line in lines:
            line.values = named_person(paths[line.row])
    else:
        rest = dict(table)
        for line in lines:
            row = rest.pop(plain_file(paths[line.row]), None)
            if row is None:
                line.problems.append(Problem(line.row, paths[line.row], "file", "not_in_table"))
            else:
                line.values, line.problems = row.values, list(row.problems)
        for number, row in enumerate(rest.values(), start=len(lines) + 1):
            name = row.values.get("file", "")
            lines.append(Line(number, {}, [Problem(row.row, name, "file", "no_file", name)]))
            paths[number] = name
    return lines, paths, {place + 1: place for place in range(len(archive.paths))}


def plain_file(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2].lower()


def _table(
    archive: PhotoArchive, kind: Kind, read_table: Callable[[bytes], tuple[Sheet, Recognised]]
) -> dict[str, Line] | None:
    content = table_of(archive, kind)
    if content is None:
        return None
    sheet, found = read_table(content)
    if missing_columns(kind, found.columns):
        raise SheetRefused("table_columns")
    rows = lines_of(sheet, kind, header=found.header, columns=found.columns)
    named: dict[str, Line] = {}
    for row in rows:
        file = row.values.get("file", "")
        if file:
            key = plain_file(file) if "." in file else plain_file(file + ".jpg")
            first = named.setdefault(key, row)
            if first is not row and first.values != row.values:  # two people for one photo: nobody knows whose it is
                first.refuse("file", "two_people", file)
    return named


def refuse_second_photos(lines: Sequence[tuple[Line, int | None]], paths: dict[int, str]) -> None:
    """Two photos for one person: nobody knows which is right, both are refused by name."""
    first: dict[int, Line] = {}
    for line, student_id in lines:
        if student_id is None:
            continue
        other = first.setdefault(student_id, line)
        if other is line:
            continue
        line.problems.append(Problem(line.row, paths[line.row], "file", "second_photo", paths[other.row]))
        if not any(problem.code == "second_photo" for problem in other.problems):
            other.problems.append(Problem(other.row, paths[other.row], "file", "second_photo", paths[line.row]))
