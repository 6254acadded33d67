"""What a line would come to: the same answer in the dry run and, asked again, when it is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.centres.rules import Scope
from backend.enrollment.records import Student
from backend.exchange.lines import Line
from backend.exchange.reading import Reading
from backend.exchange.records import Import
from backend.exchange.resting import Whose
from backend.exchange.rules import Outcome
from backend.history.rules import Actor
from backend.identity.rules import Rounds
from backend.proofreading.rules import Table


@dataclass
class Planned:
    """One line and what it comes to. values: what is written; before: what stood there (changed lines)."""

    line: Line
    outcome: Outcome
    student: Student | None = None
    values: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Given:
    """What a plan may look at besides the lines of its chunk."""

    scope: Scope
    today: date
    as_of: date
    reading: Reading
    table: Table
    rounds: Rounds


@dataclass(frozen=True)
class Writer:
    """How lines of one kind are planned, written and taken back.

    plan:    lines of one chunk -> what each comes to; changes nothing
    write:   new and changed lines, in the transaction of the caller
    depends: what may rest on the import -> whose it is
    undo:    takes back at most so many lines, in the transaction of the caller; 0 when none are left
    chunk:   lines of one transaction; whole: the plan must see all lines at once
    one_each: two lines of a file that mean one student, by whatever numbers, are refused before any is planned
    """

    plan: Callable[[Session, Sequence[Line], Given], list[Planned]]
    write: Callable[[Session, Import, Sequence[Planned], Given, Actor, datetime], None]
    depends: Callable[[Import], Whose]
    undo: Callable[[Session, Import, int, Actor, datetime], int]
    chunk: int = 500
    whole: bool = False
    one_each: bool = False


def source_of(run: Import) -> str:
    """How what an import wrote names where it comes from."""
    return f"import {run.id}"


def refused(line: Line) -> Planned:
    return Planned(line, Outcome.REFUSED)
