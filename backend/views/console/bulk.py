"""Bulk photos: choose many files, see what each comes to, hand the chosen ones in. Works without script."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import Blueprint, flash, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from backend.accounts.queries import names_of
from backend.accounts.rules import Permission
from backend.bulk.ending import close_upload
from backend.bulk.operations import (
    SentFile,
    ask_to_take,
    drop_items,
    keep_archive,
    keep_file,
    match_again,
    open_upload,
)
from backend.bulk.queries import (
    archives_of,
    items_of,
    known_keys,
    progress_of,
    sizes_of,
    standings_of,
    upload_in_scope,
    uploads_in,
)
from backend.bulk.records import BulkItem, BulkUpload
from backend.bulk.rules import TAKEABLE, Problem, Standing, TooManyFiles, UploadBusy, UploadState, in_order
from backend.exchange.photos import shown_path
from backend.views import access
from backend.views.addresses import row_number
from backend.views.console.lists import Page, one_of, page_number
from backend.views.input import takes_large_files
from backend.views.words import t

blueprint = Blueprint("console_bulk", __name__)

ROWS, FACES = 30, 24  # uploads, and files, on one page
FIELDS = ("files", "folder")


@blueprint.get("/console/bulk", endpoint="list")
@access.needs(Permission.PHOTO_BULK)
def list_page() -> str:
    session, number = access.session(), page_number()
    rows, total = uploads_in(session, scope=access.scope(), offset=(number - 1) * ROWS, limit=ROWS)
    return render_template(
        "console/bulk/list.html",
        uploads=rows,
        sizes=sizes_of(session, [row.id for row in rows]),
        page=Page(number, ROWS, total),
        days=access.parts().settings.bulk.keep_days,
    )


@blueprint.post("/console/bulk", endpoint="open")
@access.needs(Permission.PHOTO_BULK)
def open_page() -> Response:
    days = access.parts().settings.bulk.keep_days
    upload = open_upload(access.session(), scope=access.scope(), keep_days=days, actor=access.actor(), now=access.now())
    return _back(upload.id)


@blueprint.get("/console/bulk/<int:upload_id>")
@access.needs(Permission.PHOTO_BULK)
def show(upload_id: int) -> str:
    return _page(_upload(upload_id))


@blueprint.post("/console/bulk/<int:upload_id>/files")
@takes_large_files
@access.needs(Permission.PHOTO_BULK)
def send(upload_id: int) -> Response:
    """Files of a form, a ZIP, or one file of the page's script, which is answered with JSON."""
    _upload(upload_id)
    if request.accept_mimetypes.best == "application/json":
        return _one(upload_id)
    chosen = [file for field in FIELDS for file in request.files.getlist(field) if file.filename]
    archive = request.files.get("zip")
    if not chosen and (archive is None or not archive.filename):
        return make_response(_page(_upload(upload_id), problem="nothing_chosen"), 422)
    known = 0
    try:
        for file in chosen:
            known += _keep(upload_id, _sent(file, file.filename or ""))[1]
    except TooManyFiles as problem:
        access.session().rollback()
        return make_response(_page(_upload(upload_id), problem="too_many_files", most=problem.facts["most"]), 422)
    if archive is not None and archive.filename:
        keep_archive(
            access.session(),
            files=access.parts().files,
            label=archive.filename,
            content=archive.stream.read(),
            **_given(upload_id),
        )
        flash(t("bulk.said.archive"), "good")
    if chosen:
        flash(t("bulk.said.kept", count=len(chosen) - known, known=known), "good")
    return _back(upload_id)


@blueprint.get("/console/bulk/<int:upload_id>/known.json")
@access.needs(Permission.PHOTO_BULK)
def known(upload_id: int) -> Response:
    """Keys of the files that are here (bulk.queries.known_keys): the page skips them when they are chosen again."""
    _upload(upload_id)
    return jsonify(keys=known_keys(access.session(), upload_id))


@blueprint.get("/console/bulk/<int:upload_id>/progress.json")
@access.needs(Permission.PHOTO_BULK)
def progress(upload_id: int) -> Response:
    """How far the worker is, for the page that waits."""
    upload = _upload(upload_id)
    done, total = progress_of(access.session(), upload_id)
    return jsonify(done=done, total=total, under_way=upload.working)


@blueprint.post("/console/bulk/<int:upload_id>/choose")
@access.needs(Permission.PHOTO_BULK)
def choose(upload_id: int) -> Response:
    """What becomes of the ticked files, or of all that are ready."""
    action, ids = request.form.get("action", ""), _ticked()
    if action == "take_ready":
        count = ask_to_take(access.session(), item_ids=None, words="", **_given(upload_id))
        word = "asked"
    elif action == "take":
        count = ask_to_take(access.session(), item_ids=ids, words="", **_given(upload_id))
        word = "asked"
    else:
        restore = action == "restore"
        count = drop_items(access.session(), item_ids=ids, restore=restore, **_given(upload_id))
        word = "restored" if restore else "dropped"
    flash(t(f"bulk.said.{word}", count=count) if count else t("bulk.said.nothing"), "good" if count else "attention")
    return _back(upload_id)


@blueprint.post("/console/bulk/<int:upload_id>/match")
@access.needs(Permission.PHOTO_BULK)
def match(upload_id: int) -> Response:
    count = match_again(access.session(), **_given(upload_id))
    flash(t("bulk.said.matched", count=count), "good" if count else "info")
    return _back(upload_id)


@blueprint.route("/console/bulk/<int:upload_id>/close", methods=["GET", "POST"])
@access.needs(Permission.PHOTO_BULK)
def close(upload_id: int) -> Response:
    """The page that asks first, and says what is deleted."""
    session, upload = access.session(), _upload(upload_id)
    if request.method == "POST":
        try:
            close_upload(
                session,
                files=access.parts().files,
                scope=access.scope(),
                upload_id=upload_id,
                actor=access.actor(),
                now=access.now(),
            )
        except UploadBusy:
            flash(t("bulk.said.busy"), "attention")
            return _back(upload_id)
        flash(t("bulk.said.closed"), "good")
        return redirect(url_for(".list"), 303)
    files, taken = sizes_of(session, [upload_id]).get(upload_id, (0, 0))
    return make_response(render_template("console/bulk/close.html", upload=upload, left=files - taken, taken=taken))


def _one(upload_id: int) -> Response:
    """One file from the script: kept, known already, or why it cannot be taken any more."""
    file, path = request.files.get("file"), request.form.get("path", "")
    if file is None:  # too large to be worth the way: named, not sent
        sent = SentFile(path, None, size=row_number(request.form.get("size")) or 0, problem=Problem.TOO_BIG)
    else:
        sent = _sent(file, path)
    try:
        item, was_known = _keep(upload_id, sent)
    except TooManyFiles:
        return make_response(jsonify(code="too_many_files"), 422)
    return make_response(jsonify(known=was_known, problem=item.problem), 200 if was_known else 201)


def _sent(file: FileStorage, path: str) -> SentFile:
    most = access.parts().settings.photos.max_bytes
    content = file.stream.read(most + 1)
    if len(content) <= most:
        return SentFile(path, content)
    return SentFile(path, None, size=file.stream.seek(0, 2), problem=Problem.TOO_BIG)


def _keep(upload_id: int, sent: SentFile) -> tuple[BulkItem, bool]:
    return keep_file(access.session(), files=access.parts().files, sent=sent, **_given(upload_id))


def _given(upload_id: int) -> dict[str, Any]:
    return {
        "scope": access.scope(),
        "upload_id": upload_id,
        "terms": access.parts().bulk_terms,
        "actor": access.actor(),
        "now": access.now(),
    }


def _upload(upload_id: int) -> BulkUpload:
    return upload_in_scope(access.session(), scope=access.scope(), upload_id=upload_id)


def _ticked() -> list[int]:
    return [number for text in request.form.getlist("items") if (number := row_number(text)) is not None]


def _back(upload_id: int) -> Response:
    return redirect(url_for(".show", upload_id=upload_id, show=one_of(Standing, "show")), 303)


def _page(upload: BulkUpload, *, problem: str = "", most: object = "") -> str:
    session, parts = access.session(), access.parts()
    items = items_of(session, upload.id)
    standings = standings_of(session, items, live_only=parts.bulk_terms.live_only)
    counts = Counter(standings.values())
    shown, number = one_of(Standing, "show"), page_number()
    rows = sorted(
        (item for item in items if shown is None or standings[item.id] is shown),
        key=lambda item: in_order(standings[item.id], item.path),
    )
    page = Page(number, FACES, len(rows))
    return render_template(
        "console/bulk/show.html",
        upload=upload,
        rows=rows[(number - 1) * FACES : number * FACES],
        page=page,
        standings=standings,
        counts={standing: counts[standing] for standing in Standing if counts[standing]},
        total=len(items),
        checked=sum(1 for item in items if item.picture is None or item.picture.is_checked),
        shown=shown,
        archives=archives_of(session, upload.id),
        open=upload.state == UploadState.OPEN,
        takeable=TAKEABLE,
        path=shown_path,
        names=names_of(session, {item.assigned_by for item in rows if item.assigned_by is not None}),
        problem=problem,
        most=most or parts.settings.bulk.most_files,
        max_bytes=parts.settings.photos.max_bytes,
        zip_bytes=parts.exchange.limits.bytes,
        days=parts.settings.bulk.keep_days,
    )
