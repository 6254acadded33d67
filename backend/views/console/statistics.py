"""Statistics of the college and of a centre: plots with the table beside each, narrowed by the address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, Response, render_template, request

from backend.accounts.rules import Permission
from backend.adapters.lists_out import Column, csv_bytes, xlsx
from backend.centres.records import Centre
from backend.days import day_of
from backend.enrollment.queries import list_cohorts
from backend.enrollment.records import Cohort
from backend.errors import NotFound
from backend.statistics.rules import By, Span, period
from backend.statistics.standing import Narrowed
from backend.views import access
from backend.views.addresses import row_number
from backend.views.console import statistics_counts as counts
from backend.views.console.lists import centre_choices, centre_wish, one_of
from backend.views.console.statistics_parts import Part
from backend.views.downloads import CSV, XLSX, download
from backend.views.words import t

blueprint = Blueprint("console_statistics", __name__, url_prefix="/console/statistics")

PARTS: dict[str, Callable[[counts.Asked], Part]] = {
    "funnel": counts.funnel_part,
    "missing": counts.missing_part,
    "waiting": counts.waiting_part,
    "reasons": counts.reasons_part,
    "posters": counts.posters_part,
    "centres": counts.centres_part,
}
IN_TIME = ("reasons", "posters", "centres")  # parts that the period narrows
OF_PEOPLE = ("funnel", "missing", "waiting", "reasons", "centres")  # parts that the cohort narrows


@blueprint.get("")
@access.needs(Permission.STATISTICS_VIEW)
def show() -> str:
    return _page(["funnel"])


@blueprint.get("/<any(missing, waiting, reasons, posters, centres):name>")
@access.needs(Permission.STATISTICS_VIEW)
def part(name: str) -> str:
    return _page([_own(name)])


@blueprint.get("/report")
@access.needs(Permission.STATISTICS_VIEW)
def report() -> str:
    """Everything on one page, for paper."""
    return _page(_names(), whole=True)


@blueprint.get("/<any(funnel, missing, waiting, reasons, posters, centres):name>.<any(csv, xlsx):form>")
@access.needs(Permission.STATISTICS_VIEW)
def table(name: str, form: str) -> Response:
    found = PARTS[_own(name)](_asked()).whole
    columns = [Column(title, 12 if number else 24) for title, number in found.columns]
    title = t("statistics.file", part=t(f"statistics.part.{name}"), day=str(day_of(access.now())))
    if form == "csv":
        return download(csv_bytes(columns, found.rows), name=title, media_type=CSV)
    return download(xlsx(t(f"statistics.part.{name}"), columns, found.rows), name=title, media_type=XLSX)


def _page(names: list[str], *, whole: bool = False) -> str:
    asked = _asked()
    return render_template(
        "console/statistics/report.html" if whole else "console/statistics/show.html",
        parts=[PARTS[name](asked) for name in names],
        name=names[0],
        names=_names(),
        asked=asked,
        cohorts=list_cohorts(access.session()),
        centres=centre_choices(),
        in_time=IN_TIME,
        of_people=OF_PEOPLE,
        widths=tuple(By),
        keep=_keep(),
        now=access.now(),
    )


def _names() -> list[str]:
    """A centre has nobody to be compared with."""
    return [name for name in PARTS if name != "centres" or access.scope().centre_id is None]


def _own(name: str) -> str:
    if name not in _names():
        raise NotFound(part=name)
    return name


def _asked() -> counts.Asked:
    session, scope = access.session(), access.scope()
    centres = {centre.id: centre for centre in centre_choices()}
    wished = centre_wish()
    cohort_id = row_number(request.args.get("cohort"))
    cohort = session.get(Cohort, cohort_id) if cohort_id else None
    centre: Centre | None = centres.get(wished or 0)
    by = one_of(By, "by") or By.WEEK
    return counts.Asked(
        session=session,
        scope=scope,
        narrowed=Narrowed(centre.id if centre else None, cohort.id if cohort else None),
        cohort=cohort,
        centre=centre,
        whole=_period(),
        by=by,
        limits=access.parts().limits,
        identity=access.may(Permission.IDENTITY_REVIEW),
        keep=_keep(),
        now=access.now(),
    )


def _period() -> Span:
    return period(_day("from"), _day("to"), today=day_of(access.now()))


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _keep() -> dict[str, Any]:
    """What stands in the address, for every link of the page."""
    known = ("cohort", "centre", "from", "to", "by")
    return {name: request.args[name][:20] for name in known if request.args.get(name)}
