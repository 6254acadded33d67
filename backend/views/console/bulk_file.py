"""One file of a bulk upload: its findings, whose it is, what becomes of it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.accounts.rules import Permission
from backend.bulk.operations import ask_to_take, assign_item, drop_items, note_item_seen, take_back
from backend.bulk.queries import item_in_scope, items_of, standings_of, upload_in_scope
from backend.bulk.records import BulkItem
from backend.bulk.rules import (
    ASSIGNABLE,
    MAX_WORDS,
    TAKEABLE,
    Standing,
    UploadState,
    in_order,
)
from backend.centres.rules import Scope
from backend.enrollment.queries import students_named
from backend.errors import NotAllowed, NotFound, Outdated
from backend.exchange.photos import shown_path
from backend.photos.queries import photo_of
from backend.photos.rules import State
from backend.views import access
from backend.views.addresses import row_number
from backend.views.words import t

blueprint = Blueprint("console_bulk_file", __name__)

FOUND = 12  # students shown of a search
PLACES = ("scan", "scan_thumbnail")


@blueprint.get("/console/bulk/<int:upload_id>/files/<int:item_id>")
@access.needs(Permission.PHOTO_BULK)
def show(upload_id: int, item_id: int) -> str:
    return _page(_item(upload_id, item_id))


@blueprint.get("/console/bulk/<int:upload_id>/files/<int:item_id>/picture")
@access.needs(Permission.PHOTO_BULK)
def picture(upload_id: int, item_id: int) -> Response:
    """The judged picture, never kept by the browser; the look is in the history."""
    item = _item(upload_id, item_id)
    if item.picture is None or item.picture.judged_file is None:
        raise NotFound(item=item_id)
    content = access.parts().files.get(item.picture.judged_file)
    wish = request.args.get("for", "")
    purpose = wish if wish in PLACES else PLACES[0]
    note_item_seen(access.session(), item=item, purpose=purpose, actor=access.actor(), now=access.now())
    return Response(content, mimetype="image/jpeg", headers={"Cache-Control": "no-store"})


@blueprint.post("/console/bulk/<int:upload_id>/files/<int:item_id>/assign")
@access.needs(Permission.PHOTO_BULK)
def assign(upload_id: int, item_id: int) -> AnyResponse:
    student_id = row_number(request.form.get("student")) or 0
    item = assign_item(access.session(), item_id=item_id, student_id=student_id, **_given(upload_id))
    flash(t("bulk.said.assigned", name=item.student.name if item.student else ""), "good")
    return _back(upload_id, item_id)


@blueprint.post("/console/bulk/<int:upload_id>/files/<int:item_id>/take")
@access.needs(Permission.PHOTO_BULK)
def take(upload_id: int, item_id: int) -> AnyResponse:
    """Hand this one in; in spite of a clear defect only with words that say why a person shall look."""
    words = request.form.get("words", "").strip()
    if len(words) > MAX_WORDS:
        return make_response(_page(_item(upload_id, item_id), problem="too_long"), 422)
    if not words and _standing(_item(upload_id, item_id)) is Standing.RETAKE:
        return make_response(_page(_item(upload_id, item_id), problem="words_needed"), 422)
    count = ask_to_take(access.session(), item_ids=[item_id], words=words, **_given(upload_id))
    flash(t("bulk.said.asked", count=count) if count else t("bulk.said.nothing"), "good" if count else "attention")
    return redirect(url_for("console_bulk.show", upload_id=upload_id), 303)


@blueprint.post("/console/bulk/<int:upload_id>/files/<int:item_id>/drop")
@access.needs(Permission.PHOTO_BULK)
def drop(upload_id: int, item_id: int) -> AnyResponse:
    restore = "restore" in request.form
    drop_items(access.session(), item_ids=[item_id], restore=restore, **_given(upload_id))
    flash(t("bulk.said.restored" if restore else "bulk.said.dropped", count=1), "good")
    return _back(upload_id, item_id)


@blueprint.post("/console/bulk/<int:upload_id>/files/<int:item_id>/take-back")
@access.needs(Permission.PHOTO_BULK)
def back(upload_id: int, item_id: int) -> AnyResponse:
    try:
        take_back(access.session(), item_id=item_id, **_given(upload_id))
    except (Outdated, NotAllowed):
        access.session().rollback()
        flash(t("bulk.said.too_late"), "attention")
    else:
        flash(t("bulk.said.taken_back"), "good")
    return _back(upload_id, item_id)


def _given(upload_id: int) -> dict[str, Any]:
    return {
        "scope": access.scope(),
        "upload_id": upload_id,
        "terms": access.parts().bulk_terms,
        "actor": access.actor(),
        "now": access.now(),
    }


def _item(upload_id: int, item_id: int) -> BulkItem:
    return item_in_scope(access.session(), scope=access.scope(), upload_id=upload_id, item_id=item_id)


def _back(upload_id: int, item_id: int) -> AnyResponse:
    return redirect(url_for(".show", upload_id=upload_id, item_id=item_id), 303)


def _standings(items: list[BulkItem]) -> dict[int, Standing]:
    return standings_of(access.session(), items, live_only=access.parts().bulk_terms.live_only)


def _standing(item: BulkItem) -> Standing:
    return _standings(items_of(access.session(), item.upload_id))[item.id]


def _page(item: BulkItem, *, problem: str = "") -> str:
    session = access.session()
    upload = upload_in_scope(session, scope=access.scope(), upload_id=item.upload_id)
    items = items_of(session, upload.id)
    standings, query = _standings(items), request.args.get("q", "").strip()
    standing, ordered = standings[item.id], sorted(items, key=lambda one: in_order(standings[one.id], one.path))
    place = [one.id for one in ordered].index(item.id)
    photo = photo_of(session, item.student.id) if item.student is not None else None
    rivals = [
        other
        for other in items
        if other.id != item.id
        and other.dropped_at is None
        and other.taken_at is None
        and (other.content_hash == item.content_hash or (other.student_id and other.student_id == item.student_id))
    ]
    return render_template(
        "console/bulk/file.html",
        upload=upload,
        item=item,
        standing=standing,
        following=ordered[place + 1] if place + 1 < len(ordered) else None,
        report=item.picture.report if item.picture is not None else None,
        rivals=rivals if standing in (Standing.SECOND_FILE, Standing.SAME_PICTURE) else [],
        photo=photo,
        waits=photo is not None and photo.state == State.READY_FOR_REVIEW,
        open=upload.state == UploadState.OPEN,
        assignable=standing in ASSIGNABLE,
        takeable=standing in TAKEABLE,
        query=query,
        found=students_named(session, scope=Scope(upload.centre_id), text=query, limit=FOUND) if query else [],
        path=shown_path,
        problem=problem,
        most=MAX_WORDS,
    )
