"""The wizard of imports: a file, its columns, the dry run, the writing, the report, and the way back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import Blueprint, flash, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts.rules import Permission
from backend.adapters.lists_out import Column, xlsx
from backend.days import day_of
from backend.errors import Invalid
from backend.exchange import operations, stuck
from backend.exchange.kinds import Kind
from backend.exchange.lines import NO_HEADINGS, missing_columns
from backend.exchange.queries import import_in_scope, imports_in, problem_kinds, problems_of, same_file_before
from backend.exchange.records import Import, ImportProblem
from backend.exchange.resting import people_named, resting_on
from backend.exchange.rules import UNDER_WAY, ColumnsMissing, ImportNotAllowed, ImportState, StillNeeded, may_take_in
from backend.exchange.sheet import SheetRefused, column_letters
from backend.exchange.stuck import Trouble, trouble
from backend.views import access
from backend.views.addresses import row_number
from backend.views.console.lists import Page, page_number
from backend.views.downloads import XLSX, download
from backend.views.input import takes_large_files
from backend.views.words import t

blueprint = Blueprint("console_imports", __name__)

ROWS = 30
PROBLEMS_SHOWN = 200


@blueprint.get("/console/imports", endpoint="list")
@access.needs(Permission.IMPORT)
def list_page() -> str:
    return _list({})


@blueprint.post("/console/imports")
@takes_large_files
@access.needs(Permission.IMPORT)
def upload() -> Response:
    session, parts = access.session(), access.parts()
    file = request.files.get("file")
    if file is None or not file.filename:
        return make_response(_list({"file": "no_file"}), 422)
    kind = request.form.get("kind", "")
    if kind not in {found.name for found in _kinds()}:
        return make_response(_list({"kind": "kind_needed"}), 422)
    try:
        run = operations.take_file(
            session,
            files=parts.files,
            readers=parts.readers,
            rules=parts.exchange,
            kind=kind,
            content=file.stream.read(),
            label=_plain_name(file.filename),
            as_of=_day(request.form.get("as_of", "")),
            scope=access.scope(),
            actor=access.actor(),
            now=access.now(),
        )
    except SheetRefused as refused:
        return make_response(_list({"file": f"file_{refused.reason}"}), 422)
    except Invalid as invalid:
        session.rollback()
        return make_response(_list(invalid.problems), 422)
    found = parts.exchange.kinds[kind]
    columns = run.columns.get("columns")
    # photos are checked at once; a table beside them whose columns are not all known is asked about first
    if found.photos and (columns is None or not missing_columns(found, columns)):
        _start_check(run, None)
    return redirect(url_for("console_imports.show", import_id=run.id), 303)


@blueprint.get("/console/imports/<int:import_id>")
@access.needs(Permission.IMPORT)
def show(import_id: int) -> str:
    return _page(_run(import_id))


@blueprint.get("/console/imports/<int:import_id>/progress.json")
@access.needs(Permission.IMPORT)
def progress(import_id: int) -> Response:
    """How far it is, for the page that waits."""
    run = _run(import_id)
    wrong = trouble(access.session(), run)
    return jsonify(
        state=run.state,
        done=run.done_rows,
        total=run.total_rows,
        under_way=run.state in UNDER_WAY,
        trouble=wrong.value if wrong else "",
    )


@blueprint.post("/console/imports/<int:import_id>/check")
@access.needs(Permission.IMPORT)
def check(import_id: int) -> Response:
    run = _run(import_id)
    kind = access.parts().exchange.kinds[run.kind]
    by_name = kind.photos and "by_name" in request.form
    columns = _chosen(kind, _preview(run)) if run.columns and not by_name else None
    try:
        _start_check(run, columns, by_name=by_name)
    except ColumnsMissing:
        access.session().rollback()
        return make_response(_page(_run(import_id), chosen=columns), 422)
    return _back(import_id)


@blueprint.post("/console/imports/<int:import_id>/sheet")
@access.needs(Permission.IMPORT)
def sheet(import_id: int) -> Response:
    """Another sheet of the workbook."""
    return _choose(operations.choose_sheet, import_id, place=row_number(request.form.get("place")))


@blueprint.post("/console/imports/<int:import_id>/heading")
@access.needs(Permission.IMPORT)
def heading(import_id: int) -> Response:
    """Another row is the heading, or none is."""
    row = request.form.get("row", "")
    return _choose(operations.choose_heading, import_id, row=NO_HEADINGS if row == "none" else row_number(row))


def _choose(choose: Callable[..., Import], import_id: int, **what: int | None) -> Response:
    parts = access.parts()
    try:
        choose(
            access.session(),
            files=parts.files,
            readers=parts.readers,
            rules=parts.exchange,
            **what,
            **_who(import_id),
        )
    except SheetRefused as refused:
        access.session().rollback()
        flash(t(f"imports.problem.file_{refused.reason}", value=""), "bad")
    return _back(import_id)


@blueprint.post("/console/imports/<int:import_id>/commit")
@access.needs(Permission.IMPORT)
def commit(import_id: int) -> Response:
    operations.start_commit(access.session(), **_who(import_id))
    return _back(import_id)


@blueprint.post("/console/imports/<int:import_id>/go-on")
@access.needs(Permission.IMPORT)
def go_on(import_id: int) -> Response:
    """A step that was given up goes on where it stopped."""
    stuck.go_on(access.session(), **_who(import_id))
    return _back(import_id)


@blueprint.post("/console/imports/<int:import_id>/rematch")
@access.needs(Permission.IMPORT)
def rematch(import_id: int) -> Response:
    operations.rematch(access.session(), **_who(import_id))
    return _back(import_id)


@blueprint.post("/console/imports/<int:import_id>/discard")
@access.needs(Permission.IMPORT)
def discard(import_id: int) -> Response:
    operations.discard(access.session(), **_who(import_id))
    flash(t("imports.discarded"), "good")
    return redirect(url_for("console_imports.list"), 303)


@blueprint.route("/console/imports/<int:import_id>/undo", methods=["GET", "POST"])
@access.needs(Permission.IMPORT)
def undo(import_id: int) -> Response:
    """The page that asks first, and says what rests on the import."""
    run = _run(import_id)
    if request.method == "POST":
        try:
            operations.start_undo(access.session(), **_who(import_id))
        except StillNeeded:
            access.session().rollback()
            return make_response(_undo_page(_run(import_id)), 409)
        return _back(import_id)
    return make_response(_undo_page(run))


@blueprint.get("/console/imports/<int:import_id>/problems.xlsx")
@access.needs(Permission.IMPORT)
def problems(import_id: int) -> Response:
    """The refused lines as a table to work through."""
    run = _run(import_id)
    widths = {"row": 8, "place": 24, "column": 16, "reason": 60, "value": 30}
    columns = [Column(t(f"imports.problem_column.{name}"), width) for name, width in widths.items()]
    rows = [
        (item.row or "", item.place, _column_word(item.column), _reason(item.code, item.value), _content(item))
        for item in problems_of(access.session(), run.id)
    ]
    content = xlsx(t("imports.problems"), columns, rows)
    return download(content, name=f"{t('imports.problems')}-{run.id}", media_type=XLSX)


@blueprint.get("/console/imports/forms/<kind>.xlsx")
@access.needs(Permission.IMPORT)
def form(kind: str) -> Response:
    """An empty table with the right headings, and one line that shows what is meant."""
    found = operations.kind_of(access.parts().exchange, kind, access.scope())
    columns = list(found.columns.values())
    needed = [column.headings[0] for column in columns if column.required or column.name in found.one_of]
    note = t("imports.form.note", columns="、".join(needed))
    head = [Column(column.headings[0], 18) for column in columns]
    content = xlsx(t(f"imports.kind.{kind}"), head, [[column.example for column in columns]], note=note)
    return download(content, name=t(f"imports.kind.{kind}"), media_type=XLSX)


def _start_check(run: Import, columns: Mapping[str, int] | None, *, by_name: bool = False) -> None:
    operations.start_check(
        access.session(),
        rules=access.parts().exchange,
        columns=columns,
        words=_preview(run).get("headings", []),
        by_name=by_name,
        **_who(run.id),
    )


def _who(import_id: int) -> dict[str, Any]:
    return {"scope": access.scope(), "import_id": import_id, "actor": access.actor(), "now": access.now()}


def _run(import_id: int) -> Import:
    return import_in_scope(access.session(), scope=access.scope(), import_id=import_id)


def _back(import_id: int) -> Response:
    return redirect(url_for("console_imports.show", import_id=import_id), 303)


def _kinds() -> list[Kind]:
    return [kind for kind in access.parts().exchange.kinds.values() if may_take_in(kind, access.scope())]


def _preview(run: Import) -> dict[str, Any]:
    return dict(json.loads(run.preview))


def _chosen(kind: Kind, preview: Mapping[str, Any]) -> dict[str, int]:
    """Column of the kind -> place in the file, from the selects; a place counts once."""
    chosen: dict[str, int] = {}
    for place in range(len(preview.get("headings", []))):
        name = request.form.get(f"column-{place}", "")
        if name in kind.columns and name not in chosen:
            chosen[name] = place
    return chosen


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _plain_name(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable())[-120:] or "?"


def _list(errors: Mapping[str, str]) -> str:
    number = page_number()
    rows, total = imports_in(access.session(), scope=access.scope(), offset=(number - 1) * ROWS, limit=ROWS)
    return render_template(
        "console/imports/list.html",
        runs=rows,
        page=Page(number, ROWS, total),
        kinds=_kinds(),
        chosen=request.form.get("kind", request.args.get("kind", "")),
        as_of=request.form.get("as_of", day_of(access.now()).isoformat()),
        errors=errors,
        limits=access.parts().exchange.limits,
    )


def _page(run: Import, *, chosen: Mapping[str, int] | None = None) -> str:
    kind = access.parts().exchange.kinds[run.kind]
    preview = _preview(run)
    columns = run.columns.get("columns", {}) if chosen is None else chosen
    return render_template(
        f"console/imports/{_template(run)}.html",
        run=run,
        kind=kind,
        preview=preview,
        columns=columns,
        by_place={place: name for name, place in columns.items()},
        missing=missing_columns(kind, columns) if run.columns else [],
        refused=chosen is not None,
        letters=column_letters,
        same=same_file_before(access.session(), run),
        problems=problems_of(access.session(), run.id, limit=PROBLEMS_SHOWN),
        kinds=problem_kinds(access.session(), run.id),
        column_word=_column_word,
        reason=_reason,
        content=_content,
        shown=PROBLEMS_SHOWN,
        trouble=trouble(access.session(), run),
        stayed=people_named(access.session(), run.about.get("stayed", ())),
    )


def _template(run: Import) -> str:
    if run.state in UNDER_WAY:
        return "wait"
    return {ImportState.UPLOADED: "columns", ImportState.CHECKED: "checked"}.get(ImportState(run.state), "report")


def _undo_page(run: Import) -> str:
    given_up = run.state == ImportState.COMMITTING and trouble(access.session(), run) is Trouble.GIVEN_UP
    if run.state != ImportState.DONE and not given_up:
        raise ImportNotAllowed(state=run.state)
    resting = resting_on(access.session(), operations.WRITERS[run.kind].depends(run))
    return render_template("console/imports/undo.html", run=run, resting=resting)


def _column_word(name: str) -> str:
    return t(f"imports.column.{name}") if name else ""


# problems whose value tells of something else than what stands in the cell: another row, file or day
OF_OTHERS = frozenset({"repeated", "shared", "contradicted", "second_photo", "older"})


def _content(problem: ImportProblem) -> str:
    """What stands in the refused cell, as far as the problem keeps it."""
    return "" if problem.code in OF_OTHERS else problem.value


def _reason(code: str, value: str) -> str:
    return t(f"imports.problem.{code}", value=value)
