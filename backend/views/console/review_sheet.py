"""The contact sheet of the green queue: click out the doubtful, accept the rest with one press; and the pace."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts.queries import names_of
from backend.accounts.rules import Permission
from backend.adapters.lists_out import Cell, Column, csv_bytes, xlsx
from backend.days import day_of
from backend.errors import Invalid, NotFound
from backend.photos.pace import Pace, paces
from backend.photos.queries import photo_in_scope
from backend.photos.queue import QueueFilter, waiting
from backend.photos.rules import Part, UndoTooLate
from backend.photos.sheet import FACES, Face, accept_sheet, undo_sheet
from backend.views import access
from backend.views.addresses import row_number
from backend.views.console.lists import Page, centre_choices, centre_wish, page_number, today
from backend.views.console.review_desk import undo_bar
from backend.views.downloads import CSV, XLSX, download
from backend.views.words import t

blueprint = Blueprint("console_sheet", __name__)

MARK = re.compile(r"[0-9a-f]{32}")
DAYS = 7  # of the pace


@blueprint.get("/console/review/sheet")
@access.needs(Permission.PHOTO_REVIEW)
def show() -> str:
    only, number = QueueFilter(centre_wish(), Part.GREEN, not_by=access.actor().known_id), page_number()
    rows, total = waiting(access.session(), scope=access.scope(), only=only, offset=(number - 1) * FACES, limit=FACES)
    return render_template(
        "console/review/sheet.html",
        rows=rows,
        page=Page(number, FACES, total),
        only=only,
        keep=_kept(),
        centres=centre_choices(),
        **undo_bar(),
    )


@blueprint.post("/console/review/sheet")
@access.needs(Permission.PHOTO_REVIEW)
def accept() -> Response:
    session, here = access.session(), redirect(url_for(".show", **_kept()), 303)
    try:
        result = accept_sheet(
            session,
            scope=access.scope(),
            faces=_faces(),
            sheet=secrets.token_hex(16),
            undo_seconds=access.parts().settings.photos.undo_seconds,
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid as problem:
        flash(t("review.sheet." + problem.problems["faces"]), "attention")
        return here
    if result.done:
        flash(t("review.sheet.done", count=result.done), "good")
    if result.moved_on:
        photos = [photo_in_scope(session, scope=access.scope(), photo_id=photo_id) for photo_id in result.moved_on]
        numbers = t("review.comma").join(photo.student.student_number for photo in photos)
        flash(t("review.sheet.moved_on", count=len(photos), numbers=numbers), "attention")
    return here


@blueprint.post("/console/review/sheet/<mark>/undo")
@access.needs(Permission.PHOTO_REVIEW)
def undo(mark: str) -> Response:
    if not MARK.fullmatch(mark):
        raise NotFound(sheet=mark)
    seconds = access.parts().settings.photos.undo_seconds
    here = redirect(url_for(".show", **_kept()), 303)
    try:
        result = undo_sheet(access.session(), sheet=mark, undo_seconds=seconds, actor=access.actor(), now=access.now())
    except UndoTooLate:
        flash(t("review.sheet.too_late"), "attention")
        return here
    if result.done:
        flash(t("review.sheet.undone", count=result.done), "good")
    if result.moved_on:
        flash(t("review.sheet.not_undone", count=len(result.moved_on)), "attention")
    return here


@blueprint.get("/console/review/pace")
@access.needs(Permission.PHOTO_REVIEW)
def pace() -> str | Response:
    """The own numbers; heads and the registry are led to those of their scope."""
    if access.may(Permission.REVIEW_PACE):
        return redirect(url_for(".paces_of_all"))
    return _pace(everybody=False)


@blueprint.get("/console/review/pace/all")
@access.needs(Permission.REVIEW_PACE)
def paces_of_all() -> str:
    return _pace(everybody=True)


@blueprint.get("/console/review/pace.<any(csv, xlsx):form>")
@access.needs(Permission.PHOTO_REVIEW)
def pace_file(form: str) -> Response:
    """What the reader's page shows: the own line, or those of the scope."""
    rows = _paces(everybody=access.may(Permission.REVIEW_PACE))
    names = names_of(access.session(), {row.reviewer_id for row in rows})
    columns = [Column(t(f"review.pace.{name}"), 14) for name in ("who", "today", "accepted", "returned", "week")]
    columns.append(Column(t("review.pace.median_seconds"), 14))
    cells: list[Sequence[Cell]] = [
        (
            names.get(row.reviewer_id, "—"), row.today, row.accepted, row.returned, row.week,
            None if row.seconds is None else round(row.seconds, 1),
        )
        for row in rows
    ]  # fmt: skip
    name = t("review.pace.file", day=str(day_of(access.now())))
    if form == "csv":
        return download(csv_bytes(columns, cells), name=name, media_type=CSV)
    return download(xlsx(t("review.pace.title"), columns, cells), name=name, media_type=XLSX)


def _pace(*, everybody: bool) -> str:
    session, me = access.session(), access.actor().known_id
    rows = _paces(everybody=everybody)
    return render_template(
        "console/review/pace.html",
        rows=rows,
        names=names_of(session, {row.reviewer_id for row in rows}),
        mine=next((row for row in rows if row.reviewer_id == me), None),
        everybody=everybody,
    )


def _paces(*, everybody: bool) -> list[Pace]:
    return paces(
        access.session(),
        scope=access.scope(),
        today=today(),
        week=today() - timedelta(days=DAYS - 1),
        reviewer_id=None if everybody else access.actor().known_id,
    )


def _faces() -> list[Face]:
    """Ticked photos as "photo-revision"; what is not of that form was not on the sheet."""
    pairs = [value.partition("-") for value in request.form.getlist("faces")]
    return [
        Face(photo_id, revision)
        for first, _, second in pairs
        if (photo_id := row_number(first)) is not None and (revision := row_number(second)) is not None
    ]


def _kept() -> dict[str, Any]:
    centre = centre_wish()
    return {} if centre is None else {"centre": centre}
