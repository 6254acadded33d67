"""Capture sessions at the desk: plan, publish, the door, the list of numbers, and the team's list back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time

from flask import Blueprint, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from backend.accounts.rules import Permission
from backend.adapters.lists_out import Cell, Column, xlsx
from backend.adapters.qr import draw_qr
from backend.capture.queries import list_rounds, routes_in
from backend.centres.rules import Scope
from backend.days import day_of
from backend.enrollment.queries import students_named
from backend.enrollment.records import Student
from backend.enrollment.rules import masked_id_number, normalised_id_number
from backend.errors import Invalid, NotFound
from backend.exchange.sheet import Sheet, SheetRefused
from backend.onsite.operations import (
    change_session,
    check_in,
    leave_queue,
    note_captured,
    note_list_taken,
    plan_session,
)
from backend.onsite.queries import codes_of, numbers_of, people_in, session_in_scope, sessions_in, taken
from backend.onsite.records import CaptureSession, SignUp
from backend.onsite.rules import (
    MAX_TEXT,
    TRANSITIONS,
    Action,
    CodeState,
    DoorClosed,
    Match,
    Place,
    ResultLine,
    match_results,
)
from backend.views import access
from backend.views.addresses import root_address, row_number
from backend.views.console.lists import Page, centre_choices, page_number
from backend.views.downloads import XLSX, download
from backend.views.limits import upload_limit
from backend.views.words import t

blueprint = Blueprint("console_sessions", __name__)

ROWS = 30
SUGGESTED = {"begins": "09:00", "ends": "11:30", "minutes": "30", "capacity": "20"}
SEQUENCE_HEADS = ("序号", "拍摄序号", "顺序号", "编号", "no", "number")
ID_HEADS = ("身份证号", "身份证号码", "证件号码", "id number", "sfzh")


@blueprint.get("/console/sessions", endpoint="list")
@access.needs(Permission.SESSION_KEEP)
def list_page() -> str:
    number = page_number()
    rows, total = sessions_in(access.session(), scope=access.scope(), offset=(number - 1) * ROWS, limit=ROWS)
    counts = {found.id: sum(taken(access.session(), found.id).values()) for found in rows}
    places = {found.id: sum(slot.capacity for slot in found.slots) for found in rows}
    return render_template(
        "console/sessions/list.html", rows=rows, page=Page(number, ROWS, total), counts=counts, places=places
    )


@blueprint.route("/console/sessions/new", methods=["GET", "POST"])
@access.needs(Permission.SESSION_KEEP)
def new() -> str | Response | tuple[str, int]:
    session, form = access.session(), request.form
    rounds, centres = list_rounds(session), centre_choices()
    page = {"rounds": rounds, "centres": centres, "most": MAX_TEXT}
    if request.method == "GET":
        return render_template("console/sessions/new.html", values=SUGGESTED, errors={}, **page)
    try:
        planned = plan_session(
            session,
            scope=access.scope(),
            round_id=row_number(form.get("round")) or 0,
            centre_id=access.scope().centre_id or row_number(form.get("centre")) or 0,
            texts={field: form.get(field, "") for field in MAX_TEXT},
            held_on=_date(form.get("held_on")),
            begins=_time(form.get("begins")),
            ends=_time(form.get("ends")),
            minutes=row_number(form.get("minutes")),
            capacity=row_number(form.get("capacity")),
            today=day_of(access.now()),
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid as error:
        session.rollback()
        errors = {field: t(f"sessions.error.{why}") for field, why in error.problems.items()}
        return render_template("console/sessions/new.html", values=form, errors=errors, **page), 422
    flash(t("sessions.planned"), "good")
    return redirect(url_for(".show", session_id=planned.id), 303)


@blueprint.get("/console/sessions/<int:session_id>")
@access.needs(Permission.SESSION_KEEP)
def show(session_id: int) -> str:
    return _page(_found(session_id))


@blueprint.post("/console/sessions/<int:session_id>")
@access.needs(Permission.SESSION_KEEP)
def change(session_id: int) -> Response:
    sent = request.form.get("action", "")
    if sent not in set(Action):
        raise NotFound(action="unknown")
    change_session(
        access.session(),
        scope=access.scope(),
        session_id=session_id,
        seen_revision=row_number(request.form.get("seen_revision")) or 0,
        action=Action(sent),
        actor=access.actor(),
        now=access.now(),
    )
    flash(t(f"sessions.done.{sent}"), "good")
    return redirect(url_for(".show", session_id=session_id), 303)


@blueprint.get("/console/sessions/<int:session_id>/door")
@access.needs(Permission.SESSION_KEEP)
def door(session_id: int) -> str:
    """The sheet for the door, to be printed: people scan it on the day."""
    found = _found(session_id)
    address = root_address() + url_for("student_sessions.door", token=found.door_token)
    code = Markup(draw_qr(address).svg)  # noqa: S704 - drawn by us out of an address of ours
    return render_template("console/sessions/door.html", session=found, code=code, address=address)


@blueprint.post("/console/sessions/<int:session_id>/people")
@access.needs(Permission.SESSION_KEEP)
def people(session_id: int) -> Response | tuple[str, int]:
    """Staff check somebody in (a phone without power), or note that somebody left the queue."""
    found, student_id = _found(session_id), row_number(request.form.get("student")) or 0
    leaving = request.form.get("action") == "leave"
    verb = leave_queue if leaving else check_in
    try:
        mine = verb(
            access.session(),
            scope=access.scope(),
            session_id=session_id,
            student_id=student_id,
            actor=access.actor(),
            now=access.now(),
        )
    except DoorClosed:
        access.session().rollback()
        return _page(found, problem=t("sessions.error.door")), 409
    if leaving:
        flash(t("sessions.has_left", name=mine.student.name), "good")
    else:
        flash(t("sessions.got_number", name=mine.student.name, number=mine.sequence), "good")
    return redirect(url_for(".show", session_id=session_id, _anchor="people"), 303)


@blueprint.get("/console/sessions/<int:session_id>/list.xlsx")
@access.needs(Permission.SESSION_KEEP)
def as_xlsx(session_id: int) -> Response:
    """The sequence list for the team: numbers in order, gaps named as such. ID numbers stay masked."""
    found = _found(session_id)
    by_number = {person.sequence: person for person in people_in(access.session(), found.id) if person.sequence}
    rows: list[Sequence[Cell]] = []
    for number in numbers_of(access.session(), found.id):
        person = by_number.get(number.sequence)
        if person is None:
            rows.append((number.sequence, t("sessions.gap"), "", "", ""))
        else:
            student = person.student
            state = t(f"sessions.place.{person.state}")
            rows.append(
                (number.sequence, student.name, student.student_number, masked_id_number(student.id_number), state)
            )
    for person in people_in(access.session(), found.id):
        if not person.sequence:
            student = person.student
            masked = masked_id_number(student.id_number)
            rows.append(("", student.name, student.student_number, masked, t(f"sessions.place.{person.state}")))
    session, scope = access.session(), access.scope()
    title = t("sessions.file", day=found.held_on.isoformat(), centre=found.centre.code)
    note_list_taken(
        session, scope=scope, session_id=session_id, people=len(rows), actor=access.actor(), now=access.now()
    )
    names = (("number", 8), ("name", 14), ("student_number", 18), ("id_number", 22), ("state", 12))
    columns = [Column(t(f"sessions.column.{name}"), width) for name, width in names]
    return download(xlsx(title, columns, rows, note=t("fees.ours")), name=title, media_type=XLSX)


@blueprint.post("/console/sessions/<int:session_id>/results")
@upload_limit
@access.needs(Permission.SESSION_KEEP)
def results(session_id: int) -> str | Response | tuple[str, int]:
    """The team's list: laid beside our numbers first; only what agrees is noted, once staff say so."""
    found = _found(session_id)
    if (chosen := request.form.getlist("captured")) and not request.files.get("table"):
        students = [number for sent in chosen if (number := row_number(sent))]
        new = note_captured(
            access.session(),
            scope=access.scope(),
            session_id=session_id,
            student_ids=students,
            actor=access.actor(),
            now=access.now(),
        )
        flash(t("sessions.noted", count=new), "good")
        return redirect(url_for(".show", session_id=session_id), 303)
    readers = access.parts().readers
    file = request.files.get("table")
    content = file.read(readers.limits.bytes + 1) if file else b""
    try:
        lines = _lines(readers.sheet(content, readers.limits))
    except SheetRefused as problem:
        return _page(found, problem=t(f"imports.problem.file_{problem.reason}")), 422
    except KeyError:
        return _page(found, problem=t("sessions.error.no_sequence")), 422
    queue = [person for person in people_in(access.session(), session_id) if person.sequence]
    known = {person.student.id_number: person.student_id for person in queue}
    matched = match_results(lines, numbers_of(access.session(), session_id), known)
    by_student = {person.student_id: person for person in queue}
    listed = {line.sequence for line, _, _ in matched}
    return render_template(
        "console/sessions/results.html",
        session=found,
        matched=[(line, match, by_student.get(whose) if whose else None) for line, match, whose in matched],
        right=[whose for _, match, whose in matched if match is Match.RIGHT and whose],
        absent=[person for person in queue if person.sequence not in listed],
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


def _page(found: CaptureSession, problem: str = "") -> str:
    session = access.session()
    listed = people_in(session, found.id)
    codes = codes_of(session, round_id=found.round_id, student_ids=[person.student_id for person in listed])
    by_number: dict[int | None, SignUp] = {person.sequence: person for person in listed if person.sequence}
    text = request.args.get("q", "").strip()[:60]
    route = routes_in(session, scope=access.scope(), round_id=found.round_id).get(found.centre_id)
    return render_template(
        "console/sessions/show.html",
        session=found,
        actions=[action for state, action in TRANSITIONS if state == found.state],
        taken=taken(session, found.id),
        numbers=[(number, by_number.get(number.sequence)) for number in numbers_of(session, found.id)],
        waiting=[person for person in listed if person.state in (Place.SIGNED_UP, Place.LEFT)],
        codes=codes,
        ready=sum(state is CodeState.READS for state in codes.values()),
        people=listed,
        found=_search(found, text) if text else [],
        text=text,
        route=route,
        problem=problem,
    )


def _search(found: CaptureSession, text: str) -> list[Student]:
    """Students of the centre to check in by hand: part of the name or number."""
    known = {person.student_id for person in people_in(access.session(), found.id)}
    students = students_named(access.session(), scope=Scope(found.centre_id), text=text, limit=8)
    return [student for student in students if student.id not in known]


def _found(session_id: int) -> CaptureSession:
    return session_in_scope(access.session(), scope=access.scope(), session_id=session_id)


def _date(sent: str | None) -> date | None:
    try:
        return date.fromisoformat(sent) if sent else None
    except ValueError:
        return None


def _time(sent: str | None) -> time | None:
    try:
        return time.fromisoformat(sent).replace(tzinfo=None) if sent else None
    except ValueError:
        return None
