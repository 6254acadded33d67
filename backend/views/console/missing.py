"""The match list: students whom 学信网 has no photo of, why, the next step, and what changed since the last list."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request

from backend.accounts.rules import Permission
from backend.adapters.lists_out import Column, xlsx
from backend.chasing.queries import last_contacts, last_reached, told_of
from backend.enrollment.queries import list_cohorts
from backend.progress.causes import NEXT, Cause, Change
from backend.progress.missing import MatchList, match_list, note_list_taken
from backend.views import access
from backend.views.addresses import row_number
from backend.views.console.lists import Page, centre_choices, centre_wish, one_of, page_number
from backend.views.downloads import XLSX, download
from backend.views.words import as_date, t

blueprint = Blueprint("console_missing", __name__)

ROWS = 60


@blueprint.get("/console/missing", endpoint="list")
@access.needs(Permission.STUDENT_VIEW)
def list_page() -> str:
    number = page_number()
    found = asked(offset=(number - 1) * ROWS, limit=ROWS)
    keep = filter_asked()
    ids = [row.student_id for row in found.rows]
    turned = last_contacts(access.session(), ids)
    return render_template(
        "console/missing/list.html",
        found=found,
        rows=found.rows,
        page=Page(number, ROWS, found.chosen),
        text=_text(),
        cause=keep.get("cause"),
        change=keep.get("change"),
        keep=keep,
        steps=NEXT,
        contacts=last_reached(access.session(), ids),
        turned=turned,
        told=told_of(access.session(), [contact.contact_id for contact in turned.values()]),
        centres=centre_choices(),
        centre=centre_wish(),
        cohorts=list_cohorts(access.session()),
        cohort=_cohort(),
        now=access.now(),
    )


@blueprint.get("/console/missing.xlsx")
@access.needs(Permission.STUDENT_VIEW)
def table() -> Response:
    """The same list, whole, for a spreadsheet; that it was taken is in the history."""
    found, session = asked(), access.session()
    contacts = last_reached(session, [row.student_id for row in found.rows])
    widths = {
        "number": 16, "name": 12, "centre": 24, "cohort": 24, "programme": 28, "cause": 20, "next": 36, "change": 12,
        "contact": 14, "as_of": 14,
    }  # fmt: skip
    columns = [Column(t(f"missing.column.{name}"), width) for name, width in widths.items()]
    rows = [
        (
            row.number,
            row.name,
            row.centre,
            row.cohort,
            f"{row.level} {row.programme}",
            t(f"missing.cause.{row.cause}") if row.cause else t("missing.change.solved"),
            t(f"missing.next.{NEXT[row.cause]}") if row.cause else "",
            t(f"missing.change.{row.change}") if row.change else "",
            as_date(contacts[row.student_id]) if row.student_id in contacts else "",
            row.as_of,
        )
        for row in found.rows
    ]
    content = xlsx(t("missing.title"), columns, rows)
    note_list_taken(session, scope=access.scope(), rows=len(rows), actor=access.actor(), now=access.now())
    return download(content, name=t("missing.title"), media_type=XLSX)


def asked(*, offset: int = 0, limit: int | None = None) -> MatchList:
    """The list by the filter that stands in the address, or a part of it."""
    return match_list(
        access.session(),
        scope=access.scope(),
        text=_text(),
        centre_id=centre_wish(),
        cohort_id=_cohort(),
        cause=one_of(Cause, "cause"),
        change=one_of(Change, "change"),
        offset=offset,
        limit=limit,
        identity=access.may(Permission.IDENTITY_REVIEW),
    )


def filter_asked() -> dict[str, Any]:
    """What of the filter stands in the address, to be put into other addresses."""
    wish: dict[str, Any] = {"q": _text(), "centre": centre_wish(), "cohort": _cohort()}
    wish |= {"cause": one_of(Cause, "cause"), "change": one_of(Change, "change")}
    return {name: value for name, value in wish.items() if value}


def _cohort() -> int | None:
    return row_number(request.args.get("cohort"))


def _text() -> str:
    return request.args.get("q", "").strip()[:60]
