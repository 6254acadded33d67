"""The team's list back: laid beside the numbers of a session, kept, settled line by line, taken as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts.queries import names_of
from backend.accounts.rules import Permission
from backend.adapters.lists_out import Cell, Column, xlsx
from backend.enrollment.rules import normalised_id_number
from backend.errors import Invalid, NotFound
from backend.exchange.sheet import Sheet, SheetRefused
from backend.onsite.operations import keep_list, note_captured, note_list_taken, settle_line
from backend.onsite.queries import newest_list, numbers_of, people_in
from backend.onsite.records import CaptureSession, SignUp, TeamLine, TeamList
from backend.onsite.rules import MAX_NOTE, Decision, Match, Place, ResultLine, match_results
from backend.views import access
from backend.views.addresses import row_number
from backend.views.console.sessions import may_name, session_found, session_page
from backend.views.downloads import XLSX, download
from backend.views.limits import upload_limit
from backend.views.words import as_datetime, t

blueprint = Blueprint("console_session_results", __name__)

SEQUENCE_HEADS = ("序号", "拍摄序号", "顺序号", "编号", "no", "number")
ID_HEADS = ("身份证号", "身份证号码", "证件号码", "id number", "sfzh")


@blueprint.get("/console/sessions/<int:session_id>/results")
@access.needs(Permission.SESSION_KEEP)
def show(session_id: int) -> str:
    return _page(session_found(session_id))


@blueprint.post("/console/sessions/<int:session_id>/results")
@upload_limit
@access.needs(Permission.SESSION_KEEP)
def compare(session_id: int) -> str | Response | tuple[str, int]:
    """Lay a list beside the numbers and keep it; or note those as captured whom it names rightly, once staff say so."""
    found, session = session_found(session_id), access.session()
    if (chosen := request.form.getlist("captured")) and not request.files.get("table"):
        new = note_captured(
            session,
            scope=access.scope(),
            session_id=session_id,
            student_ids=[number for sent in chosen if (number := row_number(sent))],
            actor=access.actor(),
            now=access.now(),
        )
        flash(t("sessions.noted", count=new), "good")
        return redirect(url_for("console_sessions.show", session_id=session_id), 303)
    readers, file = access.parts().readers, request.files.get("table")
    content = file.read(readers.limits.bytes + 1) if file else b""
    try:
        lines = _lines(readers.sheet(content, readers.limits))
    except SheetRefused as problem:
        return session_page(found, problem=t(f"imports.problem.file_{problem.reason}")), 422
    except KeyError:
        return session_page(found, problem=t("sessions.error.no_sequence")), 422
    known = {
        person.student.id_number: person.student_id for person in people_in(session, session_id) if person.sequence
    }
    keep_list(
        session,
        scope=access.scope(),
        session_id=session_id,
        matched=match_results(lines, numbers_of(session, session_id), known),
        actor=access.actor(),
        now=access.now(),
    )
    return redirect(url_for(".show", session_id=session_id), 303)


@blueprint.post("/console/sessions/<int:session_id>/results/<int:line_id>")
@access.needs(Permission.SESSION_KEEP)
def settle(session_id: int, line_id: int) -> Response | tuple[str, int]:
    try:
        settle_line(
            access.session(),
            scope=access.scope(),
            session_id=session_id,
            line_id=line_id,
            decision=request.form.get("decision", ""),
            note=request.form.get("note", ""),
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid as error:
        access.session().rollback()
        words = [t(f"sessions.error.{why}", most=MAX_NOTE) for why in error.problems.values()]
        return _page(session_found(session_id), line_id, " ".join(words)), 422
    flash(t("sessions.results.settled"), "good")
    return redirect(url_for(".show", session_id=session_id, _anchor=f"line-{line_id}"), 303)


@blueprint.get("/console/sessions/<int:session_id>/results.xlsx")
@access.needs(Permission.SESSION_KEEP)
def as_xlsx(session_id: int) -> Response:
    """The comparison with its decisions; it names people only where the college lets the unit have names."""
    found, session = session_found(session_id), access.session()
    kept = _kept(found)
    named, beside = may_name(found), _beside(found, kept)
    staff = names_of(session, {line.decided_by for line in kept.lines if line.decided_by})

    def name(person: SignUp | None) -> list[Cell]:
        return [person.student.name if person else ""] if named else []

    rows: list[Sequence[Cell]] = [
        [
            row.line.row,
            "" if row.line.sequence is None else row.line.sequence,
            *name(row.holder),
            *name(row.person if row.line.match != Match.RIGHT else None),
            t(f"sessions.match.{row.line.match}"),
            t(f"sessions.decision.{row.line.decision}") if row.line.decision else "",
            row.line.note,
            staff.get(row.line.decided_by, "") if row.line.decided_by else "",
            as_datetime(row.line.decided_at) if row.line.decided_at else "",
        ]
        for row in beside.rows
    ]
    for person in beside.absent:
        rows.append(["", person.sequence, *name(person), *name(None), t("sessions.results.not_listed"), "", "", "", ""])
    who = {"holder": 14, "named": 14} if named else {}
    widths = {"row": 8, "number": 8, **who, "match": 30, "decision": 24, "why": 40, "by": 14, "at": 18}
    columns = [Column(t(f"sessions.column.{key}"), width) for key, width in widths.items()]
    title = t("sessions.results.file", day=found.held_on.isoformat(), centre=found.centre.code)
    content = xlsx(title, columns, rows, note=t("fees.ours"))
    note_list_taken(
        session,
        scope=access.scope(),
        session_id=session_id,
        people=len(rows),
        roster=named,
        actor=access.actor(),
        now=access.now(),
    )
    return download(content, name=title, media_type=XLSX)


@dataclass(frozen=True)
class Row:
    """A line with whom its number belongs to now, and whom its ID number means."""

    line: TeamLine
    holder: SignUp | None
    person: SignUp | None


@dataclass(frozen=True)
class Beside:
    """The list beside the queue. captured: students whom a right or settled line means; absent: not on the list."""

    rows: list[Row]
    captured: list[int]
    absent: list[SignUp]


def _beside(found: CaptureSession, kept: TeamList) -> Beside:
    queue = people_in(access.session(), found.id)
    by_number = {person.sequence: person for person in queue if person.sequence}
    by_student = {person.student_id: person for person in queue}
    rows = [
        Row(line, by_number.get(line.sequence or 0), by_student.get(line.student_id or 0))
        for line in sorted(kept.lines, key=lambda line: (line.match == Match.RIGHT, line.row))
    ]
    meant = [
        row.holder if row.line.decision == Decision.HOLDER else row.person
        for row in rows
        if row.line.match == Match.RIGHT or row.line.decision in (Decision.HOLDER, Decision.NAMED)
    ]
    captured = {person.student_id for person in meant if person is not None and person.state == Place.IN_QUEUE}
    listed = {line.sequence for line in kept.lines}
    return Beside(rows, sorted(captured), [person for number, person in by_number.items() if number not in listed])


def _kept(found: CaptureSession) -> TeamList:
    kept = newest_list(access.session(), found.id)
    if kept is None:
        raise NotFound(session=found.id)
    return kept


def _page(found: CaptureSession, wrong_line: int = 0, problem: str = "") -> str:
    kept = _kept(found)
    beside = _beside(found, kept)
    return render_template(
        "console/sessions/results.html",
        session=found,
        kept=kept,
        rows=beside.rows,
        captured=beside.captured,
        absent=beside.absent,
        open_lines=sum(row.line.match != Match.RIGHT and row.line.decision is None for row in beside.rows),
        staff=names_of(access.session(), {kept.by_id, *(line.decided_by for line in kept.lines if line.decided_by)}),
        decisions=tuple(Decision),
        most=MAX_NOTE,
        wrong_line=wrong_line,
        problem=problem,
        sent=request.form,
    )


def _lines(sheet: Sheet) -> list[ResultLine]:
    """The numbers and ID numbers of a table; its heads stand in one of the first five rows. Raises KeyError."""
    for index, row in enumerate(sheet.rows[:5]):
        heads = [cell.strip().lower() for cell in row]
        sequence = next((heads.index(head) for head in SEQUENCE_HEADS if head in heads), None)
        if sequence is None:
            continue
        document = next((heads.index(head) for head in ID_HEADS if head in heads), None)
        return [
            ResultLine(number, _integer(_cell(cells, sequence)), _id_number(_cell(cells, document)))
            for number, cells in enumerate(sheet.rows[index + 1 :], index + 2)
            if any(cell.strip() for cell in cells)
        ]
    raise KeyError("no column of numbers")


def _cell(cells: Sequence[str], column: int | None) -> str:
    return cells[column].strip() if column is not None and column < len(cells) else ""


def _integer(text: str) -> int | None:
    whole = text.removesuffix(".0")
    return int(whole) if whole.isascii() and whole.isdigit() and len(whole) < 7 else None


def _id_number(text: str) -> str | None:
    number = normalised_id_number(text)
    return number if number and "*" not in number else None
