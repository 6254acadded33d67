"""Photos in a ZIP: whose each is, by its name or by the table beside it. Linked at 学信网, or given back on a disc."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from backend.enrollment.rules import masked_id_number
from backend.exchange.kinds import Kind
from backend.exchange.lines import Line, Problem
from backend.exchange.sheet import Limits

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


def shown_path(path: str) -> str:
    """The path with ID numbers masked, as it may stand on a screen."""
    return ID_NUMBER.sub(lambda found: masked_id_number(found[0]), path)


def table_of(archive: PhotoArchive, kind: Kind) -> bytes | None:
    """The table that says whose the photos are; None without one, or when the kind knows of none."""
    return archive.table if "file" in kind.columns else None


def photo_lines(
    files: Sequence[str], table: Sequence[Line] | None
) -> tuple[list[Line], dict[int, str], dict[int, int]]:
    """A line for each file (row = its place from 1), the path of each, and row -> place in the archive.

    table: its rows say whose the photos are, and a photo without a row and a row without a photo are refused. A row
    names its file with or without the folders above it and the ending, as long as only one file can be meant.
    """
    lines = [Line(place + 1, {}) for place in range(len(files))]
    paths = dict(enumerate(files, start=1))
    if table is None:
        for line in lines:
            line.values = named_person(paths[line.row])
    else:
        rest = _by_file(table)
        often = Counter(word for path in files for word in set(_ways_to_say(path)))
        for line in lines:
            _take_row(line, paths[line.row], rest, often)
        for word, row in rest.items():
            name = row.values["file"]
            code = "same_name" if often[word] > 1 else "no_file"
            row.problems.append(Problem(row.row, name, "file", code, name))
        # a row without a file name says itself that it is missing
        left = [*rest.values(), *(row for row in table if not row.values.get("file"))]
        for number, row in enumerate(left, start=len(lines) + 1):
            lines.append(Line(number, {}, row.problems))
            paths[number] = row.values.get("file", str(row.row))
    return lines, paths, {place + 1: place for place in range(len(files))}


def _take_row(line: Line, path: str, rest: dict[str, Line], often: Mapping[str, int]) -> None:
    """Lay the row that means this file to its line, and take it out of `rest`."""
    ways = _ways_to_say(path)
    rows = [rest.pop(word) for word in ways if often[word] == 1 and word in rest]
    if any(row.values != rows[0].values for row in rows[1:]):  # two people for one photo: nobody knows whose it is
        line.problems.append(Problem(line.row, path, "file", "two_people", path))
    elif rows:
        line.values, line.problems = rows[0].values, list(rows[0].problems)
    else:
        code = "same_name" if any(word in rest for word in ways) else "not_in_table"
        line.problems.append(Problem(line.row, path, "file", code, path if code == "same_name" else ""))


def _by_file(table: Sequence[Line]) -> dict[str, Line]:
    """What a row says of its file -> the row."""
    named: dict[str, Line] = {}
    for row in table:
        file = row.values.get("file", "")
        if file:
            first = named.setdefault(_said(file), row)
            if first is not row and first.values != row.values:
                first.refuse("file", "two_people", file)
    return named


def _said(file: str) -> str:
    """As names are compared; of a place on somebody's own disk (D:...) only the name means anything here."""
    plain = file.replace("\\", "/").removeprefix("./").lower()
    return plain.rpartition("/")[2] if plain.startswith("/") or plain[1:2] == ":" else plain


def _ways_to_say(path: str) -> list[str]:
    """How a table may name a file: with all of its folders or some or none, with its ending or without."""
    parts = _said(path).split("/")
    names = ["/".join(parts[start:]) for start in range(len(parts))]
    return [*names, *(name.rpartition(".")[0] for name in names if "." in name.rpartition("/")[2].lstrip("."))]


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
