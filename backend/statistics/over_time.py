"""What happened in a period: pictures checked, decisions with their reasons, scans of posters, days to a decision."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, SQLColumnExpression, Text, and_, case, cast, func, select
from sqlalchemy.orm import Session

from backend.centres.records import Centre
from backend.centres.rules import Scope
from backend.compliance.codes import Code
from backend.compliance.findings import PictureVerdict
from backend.days import ZONE
from backend.enrollment.records import Student
from backend.notices.records import Notice, NoticeLink, ScanCount
from backend.notices.rules import NoticeState
from backend.photos.queries import by_reviewers
from backend.photos.records import CheckCount, Decision, Photo, PhotoVersion
from backend.photos.rules import Action
from backend.statistics.rules import Span
from backend.statistics.sql import days_between
from backend.statistics.standing import Narrowed, people


@dataclass
class InSpan:
    """One week or month. checked: pictures by verdict; found and said: code -> how often, by machine and reviewers."""

    checked: Counter[PictureVerdict] = field(default_factory=Counter)
    found: Counter[Code] = field(default_factory=Counter)
    accepted: int = 0
    returned: int = 0
    said: Counter[Code] = field(default_factory=Counter)


def reasons(session: Session, *, scope: Scope, narrowed: Narrowed, parts: Sequence[Span]) -> list[InSpan]:
    """For each part of the period, what the machine found and what reviewers said."""
    found = [InSpan() for _ in parts]
    if not parts:
        return found
    _add_checks(session, scope, narrowed, parts, found)
    _add_decisions(session, scope, narrowed, parts, found)
    return found


def _add_checks(session: Session, scope: Scope, narrowed: Narrowed, parts: Sequence[Span], found: list[InSpan]) -> None:
    place = case(*((CheckCount.day <= part.last, index) for index, part in enumerate(parts)))
    query = (
        select(place.label("part"), CheckCount.found, func.sum(CheckCount.pictures))
        .where(CheckCount.day >= parts[0].first, CheckCount.day <= parts[-1].last)
        .group_by("part", CheckCount.found)
    )
    for centre_id in (scope.centre_id, narrowed.centre_id):
        if centre_id is not None:
            query = query.where(CheckCount.centre_id == centre_id)
    if narrowed.cohort_id is not None:
        query = query.where(CheckCount.cohort_id == narrowed.cohort_id)
    verdicts, codes = set(PictureVerdict), set(Code)
    for index, name, pictures in session.execute(query):
        if name in verdicts:
            found[index].checked[PictureVerdict(name)] += int(pictures)
        elif name in codes:  # a code that an older edition had is not counted
            found[index].found[Code(name)] += int(pictures)


def _add_decisions(
    session: Session, scope: Scope, narrowed: Narrowed, parts: Sequence[Span], found: list[InSpan]
) -> None:
    """Reviewers give few different lists of reasons: each list is one row of the answer."""
    place = case(*((Decision.decided_at < _after(part.last), index) for index, part in enumerate(parts)))
    said = cast(Decision.reasons, Text)
    query = (
        select(place.label("part"), Decision.action, said.label("said"), func.count())
        .where(
            Decision.undone_at.is_(None), by_reviewers(), *_within(Decision.decided_at, parts[0].first, parts[-1].last)
        )
        .group_by("part", Decision.action, "said")
    )
    if where := people(scope, narrowed):
        query = (
            query.join(PhotoVersion, PhotoVersion.id == Decision.version_id)
            .join(Photo, Photo.id == PhotoVersion.photo_id)
            .join(Student, Student.id == Photo.student_id)
            .where(*where)
        )
    known = set(Code)
    for index, action, text, count in session.execute(query):
        if action == Action.ACCEPT:
            found[index].accepted += count
            continue
        found[index].returned += count
        for code in json.loads(text):
            if code in known:
                found[index].said[Code(code)] += count


@dataclass(frozen=True)
class Poster:
    """One notice at one centre. days: day of the period -> scans, none absent; last: the last scan up to its end."""

    notice: str
    centre: str
    last: date | None
    days: Mapping[date, int]

    @property
    def total(self) -> int:
        return sum(self.days.values())


def scans(session: Session, *, scope: Scope, centre_id: int | None, whole: Span) -> list[Poster]:
    """The posters of the scope that hang or were scanned in the period: the most scanned first, then by name."""
    links = (
        select(NoticeLink.id, Notice.title, Centre.name, Notice.state, func.max(ScanCount.day))
        .join(Notice, Notice.id == NoticeLink.notice_id)
        .join(Centre, Centre.id == NoticeLink.centre_id)
        .outerjoin(ScanCount, and_(ScanCount.link_id == NoticeLink.id, ScanCount.day <= whole.last))
        .group_by(NoticeLink.id, Notice.title, Centre.name, Notice.state)
    )
    counts = (
        select(ScanCount.link_id, ScanCount.day, ScanCount.scans)
        .join(NoticeLink, NoticeLink.id == ScanCount.link_id)
        .where(ScanCount.day >= whole.first, ScanCount.day <= whole.last)
    )
    for wanted in (scope.centre_id, centre_id):
        if wanted is not None:
            links, counts = links.where(NoticeLink.centre_id == wanted), counts.where(NoticeLink.centre_id == wanted)
    days: dict[int, dict[date, int]] = {}
    for link_id, day, count in session.execute(counts):
        days.setdefault(link_id, {})[day] = count
    found = [
        Poster(notice, centre, last, days.get(link_id, {}))
        for link_id, notice, centre, state, last in session.execute(links)
        if link_id in days or state == NoticeState.PUBLISHED
    ]
    return sorted(found, key=lambda poster: (-poster.total, poster.notice, poster.centre))


def days_to_decide(session: Session, *, scope: Scope, narrowed: Narrowed, whole: Span) -> dict[int, float]:
    """Centre id -> median days from submitting a photo to the first decision that stands, in the period."""
    decided = (
        select(
            Student.centre_id,
            PhotoVersion.submitted_at,
            Decision.decided_at,
        )
        .join(PhotoVersion, PhotoVersion.id == Decision.version_id)
        .join(Photo, Photo.id == PhotoVersion.photo_id)
        .join(Student, Student.id == Photo.student_id)
        .where(
            Decision.undone_at.is_(None),
            by_reviewers(),
            *_within(Decision.decided_at, whole.first, whole.last),
            *people(scope, narrowed),
        )
        .subquery()
    )
    took = days_between(decided.c.submitted_at, decided.c.decided_at)
    ranked = select(
        decided.c.centre_id,
        took.label("took"),
        func.row_number().over(partition_by=decided.c.centre_id, order_by=took).label("place"),
        func.count().over(partition_by=decided.c.centre_id).label("of_all"),
    ).subquery()
    query = select(ranked.c.centre_id, ranked.c.took).where(ranked.c.place == (ranked.c.of_all + 1) // 2)
    return {centre_id: float(days) for centre_id, days in session.execute(query)}


def _after(day: date) -> datetime:
    """The end of a day in China."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=ZONE)


def _within(moment: SQLColumnExpression[datetime], first: date, last: date) -> list[ColumnElement[bool]]:
    return [moment >= _after(first - timedelta(days=1)), moment < _after(last)]
