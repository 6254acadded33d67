"""What a page of statistics shows: plots with their tables, ready for the page and for a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backend.adapters.lists_out import Cell
from backend.statistics.rules import By, Span


@dataclass(frozen=True)
class Bar:
    """One bar with its number. second: the part of `value` that is hatched; spark: 0..100 for each span of time."""

    label: str
    value: int
    second: int = 0
    note: str = ""
    href: str = ""
    spark: tuple[float, ...] = ()


@dataclass(frozen=True)
class Plot:
    """bars lie, columns stand (one for each span of time). most: what a bar of full length would mean.

    first, second: the words of the two fillings; empty when there is one only.
    """

    title: str
    kind: str
    bars: Sequence[Bar]
    most: int
    first: str = ""
    second: str = ""

    @property
    def total(self) -> int:
        return sum(bar.value for bar in self.bars)

    def share(self, value: int) -> float:
        """0 .. 100, of the longest bar; something that is there is seen."""
        return max(0.6, round(100 * value / self.most, 2)) if value and self.most else 0.0


@dataclass(frozen=True)
class Table:
    """columns: (title, is it a number). links: the address of a row's name, by row.

    look: "matrix" scrolls on a phone instead of becoming cards; "titles" has row names so long that they break.
    """

    title: str
    columns: Sequence[tuple[str, bool]]
    rows: Sequence[Sequence[Cell]]
    links: Sequence[str] = ()
    look: str = ""


@dataclass(frozen=True)
class Part:
    """One subject. file: what a download holds, when it is more than the first table."""

    name: str
    lead: str
    plots: Sequence[Plot]
    tables: Sequence[Table]
    empty: str = ""
    file: Table | None = None

    @property
    def is_wide(self) -> bool:
        """Does a table need the whole width of a desk?"""
        return any(len(table.columns) > 6 for table in self.tables)

    @property
    def whole(self) -> Table:
        return self.file or self.tables[0]


def plot(
    title: str, bars: Iterable[Bar], *, kind: str = "bars", most: int = 0, words: tuple[str, str] = ("", "")
) -> Plot:
    """most: what a bar of full length means; without it, the longest one. words: for the two fillings."""
    known = list(bars)
    return Plot(title, kind, known, most or max((bar.value for bar in known), default=0), *words)


def heights(counts: Sequence[int]) -> tuple[float, ...]:
    """0 .. 100 of the highest, for a small picture."""
    most = max(counts, default=0)
    return tuple(max(4.0, round(100 * count / most, 1)) if count else 0.0 for count in counts)


def short(span: Span, by: By) -> str:
    """A span as the foot of a column says it."""
    return f"{span.first:%Y-%m}" if by is By.MONTH else f"{span.first.month}-{span.first.day}"


def long(span: Span) -> str:
    if span.first == span.last:
        return f"{span.first}"
    return f"{span.first} – {span.last:%m-%d}" if span.first.year == span.last.year else f"{span.first} – {span.last}"


def width_of(parts: Sequence[Span]) -> By:
    """How wide the parts came out: a long period has wider ones than were asked for."""
    longest = max(((part.last - part.first).days + 1 for part in parts), default=1)
    return By.DAY if longest == 1 else By.WEEK if longest <= 7 else By.MONTH
