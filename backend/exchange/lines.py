"""From a sheet to lines with values: which column is what, where the headings are, which rows cannot be taken. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from backend.enrollment.rules import masked_id_number
from backend.exchange.kinds import Kind
from backend.exchange.sheet import Odd, Sheet, SheetRefused, address
from backend.exchange.values import READERS, BadValue, narrow

HEAD = 12  # rows among which the headings are looked for
NO_HEADINGS = -1  # instead of a row: the table begins with its first line
SHOWN = 60  # characters of a wrong value that are kept for the person who must correct it
LONG_NUMBER = re.compile(r"[0-9]{11,}[Xx]?")  # of an ID card, or of a phone
REPEATS = frozenset({"repeated", "contradicted"})  # problems of a line that means the person of another line
TOTALS = re.compile(r"^(合计|总计|小计|共计|填表人|审核人|备注[:：]|Note \()")


@dataclass(frozen=True)
class Recognised:
    """The row of the headings (counted from 0; NO_HEADINGS: there is none) and where each known column stands."""

    header: int
    columns: dict[str, int]


@dataclass(frozen=True)
class Problem:
    """Why a row or a file is refused. place: cell or file name; value: what stands there, numbers masked."""

    row: int
    place: str
    column: str
    code: str
    value: str = ""


@dataclass
class Line:
    """One row of the file with its values.

    row: as the person sees it, counted from 1; defaults: columns filled in by us; columns: where each stands
    """

    row: int
    values: dict[str, str]
    problems: list[Problem] = field(default_factory=list)
    defaults: set[str] = field(default_factory=set)
    columns: Mapping[str, int] = field(default_factory=dict)

    def refuse(self, column: str, code: str, value: str = "", *, place: str = "") -> None:
        """Name why this line cannot be taken: at the cell of that column, or at the place that is given."""
        cell = address(self.row - 1, self.columns[column]) if column in self.columns else str(self.row)
        self.problems.append(Problem(self.row, place or cell, column, code, value))


def plain_heading(text: str) -> str:
    """A heading without what people add to it: stars, brackets with remarks, spaces, case."""
    folded = narrow(text).lower()
    bare = re.sub(r"[\s*:：_\-]|[(（\[【].*?[)）\]】]", "", folded)
    return bare or re.sub(r"\s", "", folded)


def recognise(sheet: Sheet, kind: Kind, header: int | None = None) -> Recognised:
    """Where the headings are, and what each column is. Raises SheetRefused without any row of headings.

    header: the row that somebody pointed out, so that only its columns are left to recognise.
    """
    words = {plain_heading(word): name for name, column in kind.columns.items() for word in column.headings}
    if header is not None:
        return Recognised(header, {} if header == NO_HEADINGS else _known(sheet.rows[header], words))
    best: Recognised | None = None
    for row, cells in enumerate(sheet.rows[:HEAD]):
        found = _known(cells, words)
        if best is None or len(found) > len(best.columns):
            best = Recognised(row, found)
    if best is None or not best.columns:
        first = next((row for row, cells in enumerate(sheet.rows[:HEAD]) if sum(map(bool, cells)) > 1), None)
        if first is None:
            raise SheetRefused("no_headings")
        return Recognised(first, {})
    return best


def _known(cells: Sequence[str], words: Mapping[str, str]) -> dict[str, int]:
    """Column -> the first place where one of its headings (words: plain heading -> column) stands."""
    found: dict[str, int] = {}
    for place, text in enumerate(cells):
        name = words.get(plain_heading(text)) if text.strip() else None
        if name is not None:
            found.setdefault(name, place)
    return found


def likely(heads: Sequence[Sheet], kind: Kind) -> Sheet:
    """The sheet in which most of the kind's columns are recognised, whole ones before others; else the first."""

    def fit(sheet: Sheet) -> tuple[bool, int]:
        try:
            found = recognise(sheet, kind).columns
        except SheetRefused:
            return False, -1
        return not missing_columns(kind, found), len(found)

    return max(heads, key=fit)


def headings(sheet: Sheet, header: int) -> list[str]:
    """The words of the heading row, as long as the longest of the first rows; empty ones without a heading row."""
    begin = max(header, 0)
    width = max((len(cells) for cells in sheet.rows[begin : begin + 50]), default=0)
    cells = [narrow(text)[:60] for text in sheet.rows[header]] if 0 <= header < len(sheet.rows) else []
    return cells + [""] * (width - len(cells))


def signature(words: Sequence[str]) -> str:
    """The same headings in the same order have the same one: what was chosen for them once is chosen again."""
    return hashlib.sha256("\x1f".join(plain_heading(word) for word in words).encode()).hexdigest()


def missing_columns(kind: Kind, columns: Mapping[str, int]) -> list[str]:
    """Required columns that nobody has pointed out; a group of which one is needed is named by its first."""
    missing = [name for name, column in kind.columns.items() if column.required and name not in columns]
    if kind.one_of and not any(name in columns for name in kind.one_of):
        missing.append(kind.one_of[0])
    return missing


def lines_of(sheet: Sheet, kind: Kind, *, header: int, columns: Mapping[str, int]) -> list[Line]:
    """Every row below the headings that has something in it. Rows that repeat a person are refused by name."""
    lines = []
    for row in range(header + 1, len(sheet.rows)):
        cells = sheet.rows[row]
        if not any(text.strip() for text in cells):
            continue
        if TOTALS.match(next((text.strip() for text in cells if text.strip()), "")):
            continue
        lines.append(_line(sheet, kind, row, columns))
    if not kind.photos:  # two photos for one person are named by their files
        _refuse_repeats(lines, kind)
        _refuse_shared(lines, kind)
    return lines


def _line(sheet: Sheet, kind: Kind, row: int, columns: Mapping[str, int]) -> Line:
    line = Line(row + 1, {}, columns=columns)
    cells = sheet.rows[row]
    for name, place in columns.items():
        column = kind.columns[name]
        text = cells[place] if place < len(cells) else ""
        odd = sheet.odd.get((row, place))
        if odd is not None:
            shown = text.strip()[:SHOWN] if odd is Odd.PRECISION else _shown(name, text)
            line.refuse(name, odd.value, shown)
            continue
        if not text.strip():
            if column.required:
                line.refuse(name, "missing")
            elif column.default:
                line.values[name] = column.default
                line.defaults.add(name)
            continue
        try:
            line.values[name] = READERS[column.reads](text, column.most)
            if column.reads == "audit":  # the other system's own word is kept beside what it means
                line.values[f"{name}_text"] = narrow(text)[:60]
        except BadValue as bad:
            line.refuse(name, bad.problem, _shown(name, text))
    for name, column in kind.columns.items():
        if name not in columns and column.default:
            line.values[name] = column.default
            line.defaults.add(name)
    if kind.one_of and not line.problems and not any(line.values.get(name) for name in kind.one_of):
        first = next((name for name in kind.one_of if name in columns), kind.one_of[0])
        line.refuse(first, "missing")
    return line


def shy(text: str) -> str:
    """A cell as it may be shown to recognise its column: long numbers are masked, they may be people's."""
    return LONG_NUMBER.sub(lambda number: masked_id_number(number[0]), text)


def _shown(column: str, text: str) -> str:
    plain = text.strip()[:SHOWN]
    return masked_id_number(plain) if column == "id_number" else plain


def _refuse_repeats(lines: Sequence[Line], kind: Kind) -> None:
    """Two rows for one person: the repetition is refused; when they differ, nobody knows which is right: both are."""
    seen: dict[tuple[str, str], Line] = {}
    keys = ("student_number",) if "student_number" in kind.columns else ()
    for line in lines:
        by = [name for name in (keys or kind.one_of) if line.values.get(name)] or [
            name for name in kind.one_of if line.values.get(name)
        ]
        if not by:
            continue
        key = (by[0], line.values[by[0]])
        first = seen.setdefault(key, line)
        if first is line:
            continue
        refuse_repeat(first, line, by[0], same=first.values == line.values)


def refuse_repeat(first: Line, line: Line, column: str, *, same: bool) -> None:
    """Another line of one person: only the first is taken, or neither where they say different things."""
    line.refuse(column, "repeated" if same else "contradicted", str(first.row))
    if not same and not any(problem.code == "contradicted" for problem in first.problems):
        first.refuse(column, "contradicted", str(line.row))


def _refuse_shared(lines: Sequence[Line], kind: Kind) -> None:
    """One number at two people: nobody knows whose it is, both rows are refused and name each other."""
    for name in [name for name, column in kind.columns.items() if column.unique]:
        first: dict[str, Line] = {}
        for line in lines:
            if name not in line.values or any(problem.code in REPEATS for problem in line.problems):
                continue  # a repeated row is the same person
            other = first.setdefault(line.values[name], line)
            if other is line:
                continue
            line.refuse(name, "shared", str(other.row))
            if not any((problem.column, problem.code) == (name, "shared") for problem in other.problems):
                other.refuse(name, "shared", str(line.row))
