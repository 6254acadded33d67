"""What the lists of the console share: the page, the centre they are narrowed to, and who sees which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from flask import request

from backend.centres.queries import list_centres
from backend.centres.records import Centre
from backend.days import ZONE
from backend.views import access
from backend.views.addresses import row_number

SILENT_DAYS = 7  # returned for longer without a new picture: somebody should call

Kind = TypeVar("Kind", bound=StrEnum)


@dataclass(frozen=True)
class Page:
    """One page of a list; `number` counts from 1."""

    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def previous(self) -> int | None:
        return min(self.number - 1, self.pages) if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.number < self.pages else None


def page_number() -> int:
    """The page that the address asks for, at least 1."""
    return min(max(row_number(request.args.get("page")) or 1, 1), 100_000)


def centre_wish() -> int | None:
    """The centre that the address asks for; the scope still decides what is seen."""
    return row_number(request.args.get("centre"))


def one_of(kind: type[Kind], name: str) -> Kind | None:
    """The word of the query, when it is one of that kind."""
    word = request.args.get(name, "")
    return kind(word) if word in set(kind) else None


def centre_choices(*, closed: bool = True) -> Sequence[Centre]:
    """Centres to choose from: none for people of one centre. closed: also those where nothing new begins."""
    if access.scope().centre_id is not None:
        return []
    return list_centres(access.session(), scope=access.scope(), closed=closed)


def silent_before() -> datetime:
    """A photo that was returned before this and not sent again is silent."""
    return access.now() - timedelta(days=SILENT_DAYS)


def today() -> datetime:
    """Midnight in China, when the working day began."""
    return access.now().astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
