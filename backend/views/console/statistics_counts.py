"""The subjects of the statistics: from counts to plots and tables in the reader's words. No personal data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from backend.adapters.lists_out import Cell
from backend.centres.queries import list_centres
from backend.centres.records import Centre
from backend.centres.rules import Scope
from backend.compliance.codes import Code
from backend.compliance.findings import PictureVerdict
from backend.enrollment.queries import list_cohorts
from backend.enrollment.records import Cohort
from backend.progress.causes import NEXT, Cause
from backend.progress.missing import newest_import
from backend.proofreading.stages import Stage
from backend.statistics.over_time import InSpan, days_to_decide, reasons, scans
from backend.statistics.queries import causes, standings, standings_and_waits, waits
from backend.statistics.rules import (
    DESK_OF,
    Behind,
    By,
    Desk,
    Limits,
    Matter,
    Pile,
    Span,
    Waiting,
    by_span,
    days_since,
    funnel,
    most_behind,
    percent,
    spans,
    waiting,
)
from backend.statistics.standing import Narrowed
from backend.views.console.statistics_parts import Bar, Part, Plot, Table, heights, long, plot, short, width_of
from backend.views.words import as_date, t

COHORTS = 6  # funnels that are drawn; the table has all
CODES = 12  # reasons that are drawn; the table has all
POSTERS = 12  # posters that are drawn; the table has all
SPANS = 13  # spans of time in one table: a quarter in weeks, and the width of a sheet of A4


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    session: Session
    scope: Scope
    narrowed: Narrowed
    cohort: Cohort | None
    centre: Centre | None
    whole: Span
    by: By
    limits: Limits
    identity: bool  # may the reader know of identity reviews?
    keep: dict[str, Any]
    now: datetime

    @property
    def who(self) -> dict[str, Any]:
        return {"scope": self.scope, "narrowed": self.narrowed}


def funnel_part(asked: Asked) -> Part:
    """How many of each cohort are past each official stage."""
    groups = standings(asked.session, **asked.who)
    names = {cohort.id: cohort.name for cohort in list_cohorts(asked.session)}  # the newest first
    order = [*names, None]
    found = {
        cohort_id: funnel((standing, count) for _, cohort, standing, count in groups if cohort == cohort_id)
        for cohort_id in sorted({cohort for _, cohort, _, _ in groups}, key=order.index)
    }
    plots, rows = [], []
    for cohort_id, one in found.items():
        name = names.get(cohort_id or 0, t("statistics.no_cohort"))
        bars = [Bar(t("statistics.students"), one.students)]
        for stage in Stage:
            note = _percent(one.past[stage], one.students)
            bars.append(Bar(t(f"stage.{stage}.label"), one.past[stage], note=note))
        plots.append(plot(name, bars, most=one.students))
        before = one.students
        for stage in Stage:
            past = one.past[stage]
            rows.append((name, t(f"stage.{stage}.label"), past, percent(past, one.students), before - past))
            before = past
    table = _table("funnel", ("cohort", "stage", "past", "percent", "not_past"), rows, words=2)
    return Part("funnel", t("statistics.lead.funnel"), plots[:COHORTS], [table], _none(not rows))


def missing_part(asked: Asked) -> Part:
    """Why 学信网 has no photo, by the newest match list."""
    newest = newest_import(asked.session)
    counted: Counter[Cause] = sum(causes(asked.session, **asked.who, identity=asked.identity).values(), Counter())
    total = counted.total()
    keep = {name: value for name, value in asked.keep.items() if name in ("centre", "cohort")}
    shown = [(cause, count) for cause, count in counted.most_common() if count]
    links = [url_for("console_missing.list", cause=cause, **keep) for cause, _ in shown]
    bars = [
        Bar(t(f"missing.cause.{cause}"), count, note=_percent(count, total), href=link)
        for (cause, count), link in zip(shown, links, strict=True)
    ]
    rows = [
        (t(f"missing.cause.{cause}"), t(f"missing.next.{NEXT[cause]}"), count, percent(count, total))
        for cause, count in shown
    ]
    day = as_date(newest.as_of) if newest else ""
    lead = t("statistics.lead.missing", count=total, day=day) if newest else t("missing.no_list")
    table = _table("missing", ("cause", "next", "count", "percent"), rows, words=2, links=links)
    empty = t("missing.none.title") if newest is None else _none(not rows)
    return Part("missing", lead, [plot(t("statistics.part.missing"), bars)], [table], empty)


def waiting_part(asked: Asked) -> Part:
    """Where it lies, and for how long."""
    piles = waits(asked.session, **asked.who, limits=asked.limits, now=asked.now)
    desks = {desk: waiting(pile for pile in piles if DESK_OF[pile.matter] is desk) for desk in Desk}
    matters = {matter: waiting(pile for pile in piles if pile.matter is matter) for matter in Matter}
    bars = [
        Bar(t(f"statistics.desk.{desk}"), found.count, found.overdue, _long_waits(found, asked.now))
        for desk, found in desks.items()
    ]
    rows: list[Sequence[Cell]] = []
    for desk, found in desks.items():
        rows.append((t(f"statistics.desk.{desk}"), t("statistics.all_matters"), *_waiting(found, asked.now)))
        rows += [
            (t(f"statistics.desk.{desk}"), t(f"statistics.matter.{matter}"), *_waiting(matters[matter], asked.now))
            for matter in Matter
            if DESK_OF[matter] is desk and matters[matter].count
        ]
    table = _table("waiting", ("desk", "matter", "count", "median", "oldest", "overdue"), rows, words=2)
    words = (t("statistics.in_time"), t("statistics.overdue"))
    picture = plot(t("statistics.part.waiting"), bars, words=words)
    return Part("waiting", t("statistics.lead.waiting"), [picture], [table], _none(not piles))


def reasons_part(asked: Asked) -> Part:
    """What the machine found, and what reviewers said, by code and over time."""
    parts = spans(asked.whole, asked.by)
    found = reasons(asked.session, **asked.who, parts=parts)
    machine: Counter[Code] = sum((part.found for part in found), Counter())
    people: Counter[Code] = sum((part.said for part in found), Counter())
    order = sorted({*machine, *people}, key=lambda code: (-machine[code] - people[code], code))
    bars = [
        Bar(
            _name(code),
            machine[code] + people[code],
            people[code],
            t("statistics.both", machine=machine[code], people=people[code]),
            spark=heights([part.found[code] + part.said[code] for part in found]),
        )
        for code in order[:CODES]
    ]
    checked = [part.checked.total() for part in found]
    words = (t("statistics.by_machine"), t("statistics.by_people"))
    plots = [
        plot(t("statistics.plot.codes"), bars, words=words),
        _columns(t("statistics.plot.retakes"), parts, [part.checked[PictureVerdict.RETAKE] for part in found]),
        _columns(t("statistics.plot.returns"), parts, [part.returned for part in found]),
    ]
    by_code = [(_name(code), code.value, machine[code], people[code], machine[code] + people[code]) for code in order]
    in_time = [
        (long(span), total, part.checked[PictureVerdict.RETAKE], percent(part.checked[PictureVerdict.RETAKE], total),
         part.accepted + part.returned, part.returned, percent(part.returned, part.accepted + part.returned))
        for span, part, total in zip(parts, found, checked, strict=True)
    ]  # fmt: skip
    tables = [
        _table("reasons", ("reason", "code", "machine", "people", "both"), by_code, words=2),
        _table(
            "in_time", ("span", "checked", "retakes", "retakes_percent", "decided", "returned", "returned_percent"),
            in_time,
        ),
    ]  # fmt: skip
    tables += _code_by_span(parts, found, order)
    return Part("reasons", t("statistics.lead.reasons"), plots, tables, _none(not order), _every(parts, found, order))


def _code_by_span(parts: Sequence[Span], found: Sequence[InSpan], order: Sequence[Code]) -> list[Table]:
    """Every reason that occurs, its count in each span: as many spans to a table as fit on paper."""
    width, tables = width_of(parts), []
    for start in range(0, len(parts), SPANS):
        some, counted = parts[start : start + SPANS], found[start : start + SPANS]
        rows: list[Sequence[Cell]] = []
        for code in order:
            numbers = [part.found[code] + part.said[code] for part in counted]
            rows.append((_name(code), *numbers, sum(numbers)))
        columns = [
            (t("statistics.column.reason"), False),
            *((short(span, width), True) for span in some),
            (t("statistics.column.both"), True),
        ]
        title = t("statistics.table.codes", first=str(some[0].first), last=str(some[-1].last))
        tables.append(Table(title, columns, rows, look="matrix"))
    return tables


def _every(parts: Sequence[Span], found: Sequence[InSpan], order: Sequence[Code]) -> Table:
    """Each reason in each span of time, for other programs."""
    rows = [
        (
            str(span.first),
            str(span.last),
            code.value,
            _name(code),
            part.found[code],
            part.said[code],
        )
        for span, part in zip(parts, found, strict=True)
        for code in order
        if part.found[code] or part.said[code]
    ]
    return _table("reasons", ("first", "last", "code", "reason", "machine", "people"), rows, words=4)


def posters_part(asked: Asked) -> Part:
    """Scans of the posters' codes: altogether over time, and of each poster."""
    posters = scans(asked.session, scope=asked.scope, centre_id=asked.narrowed.centre_id, whole=asked.whole)
    parts = spans(asked.whole, asked.by)
    days: Counter[date] = sum((Counter(poster.days) for poster in posters), Counter())
    numbers, total = by_span(days, parts), days.total()
    everywhere = asked.scope.centre_id is None  # a centre need not be told which centre it is
    names = [(poster.notice, poster.centre) if everywhere else (poster.notice,) for poster in posters]
    columns = ("notice", "centre", "scans", "last_scan") if everywhere else ("notice", "scans", "last_scan")
    rows: list[Sequence[Cell]] = [
        (*name, poster.total, str(poster.last) if poster.last else None)
        for name, poster in zip(names, posters, strict=True)
    ]
    bars = [
        Bar(
            " · ".join(name),
            poster.total,
            note=t("statistics.last_scan", day=str(poster.last)) if poster.last else t("statistics.never_scanned"),
        )
        for name, poster in zip(names[:POSTERS], posters, strict=False)
    ]
    plots = [
        _columns(t("statistics.plot.scans"), parts, numbers),
        plot(t("statistics.plot.posters"), bars),
    ]
    each = replace(_table("posters", columns, rows, words=2 if everywhere else 1), look="titles")
    in_time = _table("scans", ("span", "scans"), [(long(s), n) for s, n in zip(parts, numbers, strict=True)])
    file = Table(
        each.title,
        [*each.columns, *((long(span), True) for span in parts)],
        [(*row, *by_span(poster.days, parts)) for row, poster in zip(rows, posters, strict=True)],
    )
    lead = t("statistics.lead.posters", count=total, posters=len(posters))
    return Part("posters", lead, plots, [each, in_time], _none(not posters), file)


def centres_part(asked: Asked) -> Part:
    """Which centre is behind: one line for each."""
    groups, piles = standings_and_waits(asked.session, **asked.who, limits=asked.limits, now=asked.now)
    gone = causes(asked.session, **asked.who, identity=asked.identity)
    decide = days_to_decide(asked.session, **asked.who, whole=asked.whole)
    centres = {
        centre.id: centre.name
        for centre in list_centres(asked.session, scope=asked.scope, closed=True)
        if asked.narrowed.centre_id in (None, centre.id)
    }
    lines, funnels = [], {}
    for centre_id in centres:
        one = funnel((standing, count) for centre, _, standing, count in groups if centre == centre_id)
        funnels[centre_id] = one
        lines.append(Behind(centre_id, one.students, one.past[Stage.REVIEW], _own_desk(piles, centre_id)))
    rows: list[Sequence[Cell]] = []
    bars, links = [], []
    for line in most_behind(lines):
        one, name = funnels[line.centre_id], centres[line.centre_id]
        missing = gone.get(line.centre_id, Counter()).total()
        took = decide.get(line.centre_id)
        links.append(url_for("console_statistics.part", name="waiting", **asked.keep | {"centre": line.centre_id}))
        late = t("statistics.late", count=line.waiting.overdue, days=_days(line.waiting.oldest, asked.now))
        bars.append(Bar(name, line.waiting.count, line.waiting.overdue, late, links[-1]))
        rows.append(
            (
                name, one.students, line.accepted, percent(line.accepted, one.students), one.past[Stage.LINKED],
                missing, line.waiting.count, line.waiting.overdue, days_since(line.waiting.oldest, asked.now),
                None if took is None else round(took, 1),
            )
        )  # fmt: skip
    names = (
        "centre", "students", "accepted", "percent", "linked", "missing", "waiting", "overdue", "oldest", "to_decide",
    )  # fmt: skip
    words = (t("statistics.in_time"), t("statistics.overdue"))
    picture = plot(t("statistics.plot.centres"), bars, words=words)
    table = _table("centres", names, rows, links=links)
    return Part("centres", t("statistics.lead.centres"), [picture], [table], _none(not rows))


def _own_desk(piles: Sequence[Pile], centre_id: int) -> Waiting:
    """What lies at a centre's own desk."""
    return waiting(pile for pile in piles if pile.centre_id == centre_id and DESK_OF[pile.matter] is Desk.CENTRE)


def _columns(title: str, parts: Sequence[Span], counts: Sequence[int]) -> Plot:
    """A standing bar for each span of time."""
    width = width_of(parts)
    return plot(
        title, [Bar(short(span, width), count) for span, count in zip(parts, counts, strict=True)], kind="columns"
    )


def _name(code: Code) -> str:
    return t(f"finding.{code.lower()}.name")


def _table(
    name: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]], *, words: int = 1, links: Sequence[str] = ()
) -> Table:
    """words: how many columns at the beginning are words; the others are numbers."""
    named = [(t(f"statistics.column.{column}"), place >= words) for place, column in enumerate(columns)]
    return Table(t(f"statistics.table.{name}"), named, rows, links)


def _waiting(found: Waiting, now: datetime) -> tuple[Cell, ...]:
    return found.count, days_since(found.median, now), days_since(found.oldest, now), found.overdue


def _long_waits(found: Waiting, now: datetime) -> str:
    if not found.count:
        return t("today.none")
    days = {"median": _days(found.median, now), "oldest": _days(found.oldest, now)}
    return t("statistics.days", **days, overdue=found.overdue)


def _days(then: datetime | None, now: datetime) -> str:
    days = days_since(then, now)
    return "—" if days is None else str(days)


def _percent(part: int, whole: int) -> str:
    share = percent(part, whole)
    return "" if share is None else f"{share:g}%"


def _none(nothing: bool) -> str:
    return t("statistics.none") if nothing else ""
