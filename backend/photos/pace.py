"""How many photos each reviewer decided on, and how long one took. Read by people, never a target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.centres.rules import Scope
from backend.enrollment.queries import in_scope
from backend.enrollment.records import Student
from backend.photos.queries import by_reviewers
from backend.photos.records import Decision, Photo, PhotoVersion
from backend.photos.rules import Action, median_pace


@dataclass(frozen=True)
class Pace:
    """One reviewer's decisions that stand. seconds: the middle time for one photo; None when nobody can say."""

    reviewer_id: int
    today: int
    accepted: int
    returned: int
    seconds: float | None
    week: int


def paces(
    session: Session, *, scope: Scope, today: datetime, week: datetime, reviewer_id: int | None = None
) -> list[Pace]:
    """Everybody who decided on photos of the scope since `week`; reviewer_id: only that one. Most of today first."""
    query = (
        select(Decision.reviewer_id, Decision.action, Decision.decided_at, Decision.sheet)
        .join(PhotoVersion, PhotoVersion.id == Decision.version_id)
        .join(Photo, Photo.id == PhotoVersion.photo_id)
        .join(Student, Student.id == Photo.student_id)
        .where(Decision.decided_at >= week, Decision.undone_at.is_(None), by_reviewers(), *in_scope(scope))
        .order_by(Decision.decided_at, Decision.id)
    )
    if reviewer_id is not None:
        query = query.where(Decision.reviewer_id == reviewer_id)
    found: dict[int, list[tuple[str, datetime, str | None]]] = {}
    for who, action, decided_at, sheet in session.execute(query):
        found.setdefault(who, []).append((action, decided_at, sheet))
    rows = [_pace(who, decisions, today) for who, decisions in found.items()]
    return sorted(rows, key=lambda row: (-row.today, -row.week, row.reviewer_id))


def _pace(who: int, decisions: Sequence[tuple[str, datetime, str | None]], today: datetime) -> Pace:
    now = [(action, time, sheet) for action, time, sheet in decisions if time >= today]
    accepted = sum(action == Action.ACCEPT for action, _, _ in now)
    return Pace(
        reviewer_id=who,
        today=len(now),
        accepted=accepted,
        returned=len(now) - accepted,
        seconds=median_pace([time for _, time, sheet in now if sheet is None]),
        week=len(decisions),
    )
