"""Who looked at my photo: the entries of the history, folded by person and day. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from backend.days import day_of
from backend.history.records import HistoryEntry


@dataclass(frozen=True)
class Looks:
    """One person's looks on one day (Asia/Shanghai)."""

    actor_id: int | None
    first: datetime
    last: datetime
    times: int
    purposes: tuple[str, ...]  # see photos.operations.note_photo_seen


def fold_looks(entries: Sequence[HistoryEntry]) -> list[Looks]:
    """Entries "photo.seen", newest first -> one line a person and day, newest first."""
    folded: dict[tuple[int | None, date], list[HistoryEntry]] = {}
    for entry in entries:
        folded.setdefault((entry.actor_id, day_of(entry.at)), []).append(entry)
    return [
        Looks(
            actor_id=actor_id,
            first=group[-1].at,
            last=group[0].at,
            times=len(group),
            purposes=tuple(sorted({str(entry.facts.get("purpose", "")) for entry in group})),
        )
        for (actor_id, _day), group in folded.items()
    ]
