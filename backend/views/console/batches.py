"""Batches to a capture unit at the desk: choose, seal, download, hand over, receipt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, stream_with_context, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.accounts.rules import Permission
from backend.adapters.packages import PackedPhoto, package, table_bytes
from backend.batches.answers import by_hand
from backend.batches.operations import (
    add_photos,
    begin_batch,
    cancel,
    check_download,
    hand_over,
    note_download,
    receive,
    remove_photo,
    reopen,
    seal,
)
from backend.batches.queries import (
    batch_in_scope,
    batches_in,
    counts_of,
    items_of,
    people_of,
    photos_at_hand,
    progress_of,
    students_at_hand,
    unwilling_in,
)
from backend.batches.records import Batch, BatchItem
from backend.batches.rules import MAX_REASON, State, check_roster, photo_name, refused_lines, row_of
from backend.capture.queries import list_rounds, routes_in
from backend.capture.rules import RosterForbidden, UnitFormat
from backend.days import ZONE, day_of
from backend.errors import Invalid, NotFound
from backend.exchange.queries import import_in_scope
from backend.views import access
from backend.views.addresses import row_number, sent_day
from backend.views.console.lists import Page, centre_choices, page_number
from backend.views.words import t

blueprint = Blueprint("console_batches", __name__)

ROWS = 30
# where somebody who takes the agreement back is in a package that exists
WITHDRAWN_SHOWN = (State.SEALED, State.HANDED_OVER, State.RECEIVED)
PHOTOS = 100  # of a batch, or waiting for it, on one page


@blueprint.get("/console/batches", endpoint="list")
@access.needs(Permission.BATCH_KEEP)
def list_page() -> str:
    return _list()


@blueprint.post("/console/batches")
@access.needs(Permission.BATCH_KEEP)
def begin() -> AnyResponse | tuple[str, int]:
    """A new batch, with every accepted photo that is in no other or with those that are chosen next."""
    try:
        batch = begin_batch(
            access.session(),
            scope=access.scope(),
            centre_id=access.scope().centre_id or row_number(request.form.get("centre")) or 0,
            round_id=row_number(request.form.get("round")) or 0,
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid:
        access.session().rollback()
        return _list(t("batches.error.unit_unset")), 422
    batch_id = batch.id
    if request.form.get("fill") == "choose":
        return redirect(url_for(".choose", batch_id=batch_id), 303)
    count = _add(batch_id)
    flash(t("batches.begun", count=count), "good")
    return redirect(url_for(".show", batch_id=batch_id), 303)


@blueprint.get("/console/batches/<int:batch_id>")
@access.needs(Permission.BATCH_KEEP)
def show(batch_id: int) -> str:
    return _page(_batch(batch_id))


@blueprint.get("/console/batches/<int:batch_id>/progress")
@access.needs(Permission.BATCH_KEEP)
def progress(batch_id: int) -> Response:
    batch = _batch(batch_id)
    done, total = progress_of(access.session(), batch_id)
    return jsonify(done=done, total=total, under_way=batch.state == State.SEALING)


@blueprint.get("/console/batches/<int:batch_id>/choose")
@access.needs(Permission.BATCH_KEEP)
def choose(batch_id: int) -> str | AnyResponse:
    """The accepted photos that wait, to be ticked one by one or by the page."""
    batch, text, number = _batch(batch_id), _text(), page_number()
    if batch.state != State.DRAFT:
        return redirect(url_for(".show", batch_id=batch_id), 303)
    rows, total = students_at_hand(
        access.session(),
        batch,
        settled_before=_settled_before(),
        text=text,
        offset=(number - 1) * PHOTOS,
        limit=PHOTOS,
    )
    return render_template(
        "console/batches/choose.html",
        batch=batch,
        rows=rows,
        page=Page(number, PHOTOS, total),
        text=text,
        ticked=request.args.get("ticked") == "1",
    )


@blueprint.post("/console/batches/<int:batch_id>/photos")
@access.needs(Permission.BATCH_KEEP)
def photos(batch_id: int) -> AnyResponse:
    """Take one photo out, put the ticked ones in, or add whatever was accepted since."""
    form = request.form
    if (item_id := row_number(form.get("remove"))) is not None:
        remove_photo(
            access.session(),
            scope=access.scope(),
            batch_id=batch_id,
            item_id=item_id,
            actor=access.actor(),
            now=access.now(),
        )
        flash(t("batches.removed"), "good")
        page, text = row_number(form.get("page")), form.get("q") or None
        return redirect(url_for(".show", batch_id=batch_id, page=page, q=text, _anchor="photos-title"), 303)
    if form.get("fill") == "chosen":
        chosen = [number for sent in form.getlist("student") if (number := row_number(sent)) is not None]
        if not chosen:
            flash(t("batches.none_chosen"), "bad")
        else:
            flash(t("batches.added", count=_add(batch_id, chosen)), "good")
        return redirect(url_for(".choose", batch_id=batch_id, q=form.get("q") or None), 303)
    flash(t("batches.added", count=_add(batch_id)), "good")
    return redirect(url_for(".show", batch_id=batch_id), 303)


@blueprint.post("/console/batches/<int:batch_id>")
@access.needs(Permission.BATCH_KEEP)
def change(batch_id: int) -> AnyResponse | tuple[str, int]:
    form, session = request.form, access.session()
    action = form.get("action", "")
    given = {
        "scope": access.scope(),
        "batch_id": batch_id,
        "seen_revision": row_number(form.get("seen_revision")) or 0,
        "actor": access.actor(),
        "now": access.now(),
    }
    try:
        match action:
            case "seal":
                seal(session, rules=access.parts().capture, **given)  # type: ignore[arg-type]
            case "open":
                reopen(session, **given)  # type: ignore[arg-type]
            case "cancel":
                cancel(session, **given)  # type: ignore[arg-type]
            case "hand_over":
                day = sent_day(form.get("handed_on"))
                hand_over(session, handed_on=day, reference=form.get("reference", ""), **given)  # type: ignore[arg-type]
            case "receive":
                refused, unclear = _refused(batch_id)
                if unclear:
                    lines = t("batches.error.refused_lines", lines="、".join(map(str, unclear)))
                    return _page(_batch(batch_id), {"refused_lines": lines}), 422
                receive(session, received_on=sent_day(form.get("received_on")), refused=refused, **given)  # type: ignore[arg-type]
            case _:
                raise NotFound(action="unknown")
    except Invalid as error:
        session.rollback()
        errors = {field: t(f"batches.error.{why}") for field, why in error.problems.items()}
        return _page(_batch(batch_id), errors), 422
    except RosterForbidden:
        session.rollback()
        return _page(_batch(batch_id), {"format": t("error.roster_forbidden.text")}), 409
    flash(t(f"batches.done.{action}"), "good")
    return redirect(url_for(".show", batch_id=batch_id), 303)


@blueprint.get("/console/batches/<int:batch_id>/cancel")
@access.needs(Permission.BATCH_KEEP)
def ask_cancel(batch_id: int) -> str:
    batch = _batch(batch_id)
    return render_template(
        "console/confirm.html",
        place="console_batches.list",
        title=t("batches.cancel.title"),
        text=t("batches.cancel.text", count=len(items_of(access.session(), batch_id))),
        label=t("batches.do.cancel"),
        back_url=url_for(".show", batch_id=batch_id),
        action_url=url_for(".change", batch_id=batch_id),
        fields={"action": "cancel", "seen_revision": batch.revision},
    )


@blueprint.get("/console/batches/<int:batch_id>/package.zip")
@access.needs(Permission.BATCH_KEEP)
def download(batch_id: int) -> Response:
    """The sealed package, the same bytes each time. That it left, and whether it names people, is in the history."""
    batch, parts = _batch(batch_id), access.parts()
    if batch.sealed_at is None or batch.state in (State.DRAFT, State.SEALING, State.CANCELLED):
        raise NotFound(batch=batch_id)
    unit_format = parts.capture.formats[batch.format]
    check_roster(unit_format, allowed=batch.unit.rosters_allowed)
    check_download(access.session(), batch=batch)
    people, made_at = people_of(access.session(), batch_id), batch.sealed_at.astimezone(ZONE)
    files = {item.serial: item.file_name for item in items_of(access.session(), batch_id)}
    name = f"{batch.centre.code}-{batch.round.code}-{batch.number:02d}"
    table = table_bytes(
        unit_format, [row_of(unit_format, person) for person in people], made_on=made_at, note=t("fees.ours")
    )
    packed = [
        PackedPhoto(photo_name(unit_format, person), lambda kept=files[person.serial]: parts.files.get(kept))  # type: ignore[misc]
        for person in people
    ]
    readme = t(
        "batches.readme",
        name=name,
        unit=batch.unit.name,
        count=len(people),
        format=unit_format.title,
        sealed=made_at.strftime("%Y-%m-%d %H:%M"),
    )
    note_download(access.session(), batch=batch, roster=unit_format.is_roster, actor=access.actor(), now=access.now())

    def pieces() -> Iterator[bytes]:
        yield from package(
            packed, table=(f"{name}.{unit_format.kind}", table), readme=("README.txt", readme), made_at=made_at
        )

    headers = {
        "Content-Disposition": f'attachment; filename="{name}.zip"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(stream_with_context(pieces()), mimetype="application/zip", headers=headers)


def _refused(batch_id: int) -> tuple[dict[int, str], list[int]]:
    """Photo -> reason as ticked on the page or named by serial, and the lines that are not clear."""
    form = request.form
    ticked = {
        number: form.get(f"reason_{number}", "")
        for sent in form.getlist("refused")
        if (number := row_number(sent)) is not None
    }
    text = form.get("refused_lines", "")
    if not text.strip():
        return ticked, []
    items = {item.serial: item.id for item in items_of(access.session(), _batch(batch_id).id) if item.serial}
    named, unclear = refused_lines(text, items)
    return ticked | {items[serial]: reason for serial, reason in named.items()}, unclear


def _settled_before() -> datetime:
    """Decisions made after this can still be taken back: their photos wait a moment longer."""
    return access.now() - timedelta(seconds=access.parts().settings.photos.undo_seconds)


def _add(batch_id: int, chosen: list[int] | None = None) -> int:
    return add_photos(
        access.session(),
        scope=access.scope(),
        batch_id=batch_id,
        student_ids=chosen,
        undo_seconds=access.parts().settings.photos.undo_seconds,
        actor=access.actor(),
        now=access.now(),
    )


def _list(problem: str = "") -> str:
    session, number = access.session(), page_number()
    rows, total = batches_in(session, scope=access.scope(), offset=(number - 1) * ROWS, limit=ROWS)
    return render_template(
        "console/batches/list.html",
        rows=rows,
        counts=counts_of(session, [row.id for row in rows]),
        page=Page(number, ROWS, total),
        rounds=list_rounds(session),
        centres=centre_choices(),
        problem=problem,
    )


def _page(batch: Batch, errors: dict[str, str] | None = None) -> str:
    session, unit_format = access.session(), access.parts().capture.formats[batch.format]
    items, text = items_of(session, batch.id), _text()
    found = items_of(session, batch.id, text=text) if text else items
    # the last photo of the last page may just have been taken out
    number = min(page_number(), Page(1, PHOTOS, len(found)).pages)
    by_serial = {item.serial: item for item in items if item.serial}
    route = routes_in(session, scope=access.scope(), round_id=batch.round_id).get(batch.centre_id)
    waiting = photos_at_hand(session, batch, settled_before=_settled_before(), student_ids=None)
    unwilling = photos_at_hand(session, batch, settled_before=access.now(), student_ids=None, agreed=False)
    done, total = progress_of(session, batch.id)
    return render_template(
        "console/batches/show.html",
        batch=batch,
        unit_format=unit_format,
        photo_name=_in_words(unit_format),
        items=found[(number - 1) * PHOTOS : number * PHOTOS],
        count=len(items),
        page=Page(number, PHOTOS, len(found)),
        text=text,
        # what was taken out since is no problem any more
        problems=[(row, item) for row in batch.problems if (item := by_serial.get(row["serial"])) is not None],
        waiting=len(waiting) if batch.state == State.DRAFT else 0,
        unwilling=len(unwilling) if batch.state == State.DRAFT else 0,
        withdrawn=unwilling_in(session, batch.id) if batch.state in WITHDRAWN_SHOWN else [],
        by_hand=by_hand(batch.id),
        sources=_sources(items),
        route=route,
        done=done,
        total=total,
        today=day_of(access.now()),
        errors=errors or {},
        sent=request.form,
        most=MAX_REASON,
    )


def _in_words(unit_format: UnitFormat) -> str:
    """The pattern of the photos' names with the titles of the table's columns: 学号.jpg."""
    name = unit_format.photo_name
    for column in unit_format.columns:
        name = name.replace("{" + column.field + "}", column.title)
    return name


def _sources(items: Sequence[BatchItem]) -> list[tuple[str, date | None, int, str]]:
    """Where the answers come from: (source, day, of how many photos, address of the file's import or "")."""
    counted = Counter((item.source, item.said_on) for item in items if item.source)
    return [
        (source, day, count, _import_of(source)) for (source, day), count in sorted(counted.items(), key=str) if source
    ]


def _import_of(source: str) -> str:
    """The address of the import that wrote this, for who may see it."""
    kind, _, number = source.partition(" ")
    if kind != "import":
        return ""
    try:
        run = import_in_scope(access.session(), scope=access.scope(), import_id=int(number))
    except NotFound:
        return ""
    return url_for("console_imports.show", import_id=run.id)


def _batch(batch_id: int) -> Batch:
    return batch_in_scope(access.session(), scope=access.scope(), batch_id=batch_id)


def _text() -> str:
    return request.args.get("q", "").strip()[:60]
