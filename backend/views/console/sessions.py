"""Capture sessions at the desk: plan, publish, the door, the list of numbers, and the team's list back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from backend.accounts.rules import Permission
from backend.adapters.lists_out import Cell, Column, xlsx
from backend.adapters.qr import draw_qr
from backend.capture.queries import list_rounds, routes_in
from backend.centres.rules import Scope
from backend.chasing.operations import remind_of
from backend.chasing.queries import reachable
from backend.chasing.rules import Template
from backend.days import ZONE, day_of
from backend.enrollment.queries import students_named
from backend.enrollment.records import Student
from backend.enrollment.rules import masked_id_number
from backend.errors import Invalid, NotAllowed, NotFound
from backend.onsite.operations import (
    Plan,
    change_session,
    check_in,
    edit_session,
    leave_queue,
    note_list_taken,
    plan_session,
)
from backend.onsite.queries import codes_of, newest_list, numbers_of, people_in, session_in_scope, sessions_in, taken
from backend.onsite.records import CaptureSession, SignUp
from backend.onsite.rules import (
    CAME,
    MAX_TEXT,
    TRANSITIONS,
    Action,
    CodeState,
    DoorClosed,
    Place,
    State,
    place_shown,
)
from backend.views import access
from backend.views.addresses import root_address, row_number, sent_day
from backend.views.console.lists import Page, centre_choices, page_number
from backend.views.downloads import XLSX, download
from backend.views.words import as_clock, t

blueprint = Blueprint("console_sessions", __name__)

ROWS = 30
SUGGESTED = {"begins": "09:00", "ends": "11:30", "minutes": "30", "capacity": "20"}


@blueprint.get("/console/sessions", endpoint="list")
@access.needs(Permission.SESSION_KEEP)
def list_page() -> str:
    number = page_number()
    rows, total = sessions_in(access.session(), scope=access.scope(), offset=(number - 1) * ROWS, limit=ROWS)
    counts = {found.id: sum(taken(access.session(), found.id).values()) for found in rows}
    places = {found.id: sum(slot.capacity for slot in found.slots) for found in rows}
    return render_template(
        "console/sessions/list.html",
        rows=rows,
        page=Page(number, ROWS, total),
        counts=counts,
        places=places,
        centres=centre_choices(),
    )


@blueprint.route("/console/sessions/new", methods=["GET", "POST"])
@access.needs(Permission.SESSION_KEEP)
def new() -> str | Response | tuple[str, int]:
    session = access.session()
    if request.method == "GET":
        return _form(SUGGESTED)
    try:
        planned = plan_session(session, scope=access.scope(), actor=access.actor(), now=access.now(), **_plan())
    except Invalid as error:
        session.rollback()
        return _form(request.form, error), 422
    flash(t("sessions.planned"), "good")
    return redirect(url_for(".show", session_id=planned.id), 303)


@blueprint.route("/console/sessions/<int:session_id>/edit", methods=["GET", "POST"])
@access.needs(Permission.SESSION_KEEP)
def edit(session_id: int) -> str | Response | tuple[str, int]:
    """Put a draft right; what is published stays as people read it."""
    session, found = access.session(), session_found(session_id)
    if found.state != State.DRAFT:
        raise NotAllowed(state=found.state)
    if request.method == "GET":
        return _form(_values(found), found=found)
    try:
        edit_session(
            session,
            scope=access.scope(),
            session_id=session_id,
            seen_revision=row_number(request.form.get("seen_revision")) or 0,
            actor=access.actor(),
            now=access.now(),
            **_plan(),
        )
    except Invalid as error:
        session.rollback()
        return _form(request.form, error, session_found(session_id)), 422
    flash(t("sessions.edited"), "good")
    return redirect(url_for(".show", session_id=session_id), 303)


def _form(values: Mapping[str, str], error: Invalid | None = None, found: CaptureSession | None = None) -> str:
    problems = error.problems if error else {}
    return render_template(
        "console/sessions/new.html",
        session=found,
        values=values,
        errors={field: t(f"sessions.error.{why}") for field, why in problems.items()},
        rounds=list_rounds(access.session()),
        centres=centre_choices(closed=False),
        most=MAX_TEXT,
    )


def _plan() -> Plan:
    form = request.form
    return {
        "round_id": row_number(form.get("round")) or 0,
        "centre_id": access.scope().centre_id or row_number(form.get("centre")) or 0,
        "texts": {field: form.get(field, "") for field in MAX_TEXT},
        "held_on": sent_day(form.get("held_on")),
        "begins": _time(form.get("begins")),
        "ends": _time(form.get("ends")),
        "minutes": row_number(form.get("minutes")),
        "capacity": row_number(form.get("capacity")),
        "today": day_of(access.now()),
    }


def _values(found: CaptureSession) -> dict[str, str]:
    """A planned session as its form would have it."""
    first, last = found.slots[0], found.slots[-1]
    return {
        "round": str(found.round_id),
        "centre": str(found.centre_id),
        **{field: getattr(found, field) for field in MAX_TEXT},
        "held_on": found.held_on.isoformat(),
        "begins": f"{first.begins_at.astimezone(ZONE):%H:%M}",
        "ends": f"{last.ends_at.astimezone(ZONE):%H:%M}",
        "minutes": str((first.ends_at - first.begins_at) // timedelta(minutes=1)),
        "capacity": str(first.capacity),
    }


@blueprint.get("/console/sessions/<int:session_id>")
@access.needs(Permission.SESSION_KEEP)
def show(session_id: int) -> str:
    return session_page(session_found(session_id))


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


@blueprint.get("/console/sessions/<int:session_id>/cancel")
@access.needs(Permission.SESSION_KEEP)
def ask_cancel(session_id: int) -> str:
    found = session_found(session_id)
    return render_template(
        "console/confirm.html",
        place="console_sessions.list",
        title=t("sessions.cancel.title"),
        text=t("sessions.cancel.text", count=len(people_in(access.session(), found.id))),
        label=t("sessions.do.cancel"),
        keep=t("sessions.cancel.keep"),
        back_url=url_for(".show", session_id=session_id),
        action_url=url_for(".change", session_id=session_id),
        fields={"action": Action.CANCEL.value, "seen_revision": found.revision},
    )


@blueprint.get("/console/sessions/<int:session_id>/door")
@access.needs(Permission.SESSION_KEEP)
def door(session_id: int) -> str:
    """The sheet for the door, to be printed: people scan it on the day."""
    found = session_found(session_id)
    address = root_address() + url_for("student_sessions.door", token=found.door_token)
    code = Markup(draw_qr(address).svg)  # noqa: S704 - drawn by us out of an address of ours
    return render_template("console/sessions/door.html", session=found, code=code, address=address)


@blueprint.post("/console/sessions/<int:session_id>/people")
@access.needs(Permission.SESSION_KEEP)
def people(session_id: int) -> Response | tuple[str, int]:
    """Staff check somebody in (a phone without power), or note that somebody left the queue."""
    found, student_id = session_found(session_id), row_number(request.form.get("student")) or 0
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
        return session_page(found, problem=t("sessions.error.door")), 409
    if leaving:
        flash(t("sessions.has_left", name=mine.student.name), "good")
    else:
        flash(t("sessions.got_number", name=mine.student.name, number=mine.sequence), "good")
    return redirect(url_for(".show", session_id=session_id, _anchor="people"), 303)


@blueprint.post("/console/sessions/<int:session_id>/remind")
@access.needs(Permission.STUDENT_REMIND)
def remind(session_id: int) -> Response:
    """Who has signed up and has no capture code that reads is asked to get one."""
    found = session_found(session_id)
    if not _reminds(found):
        raise NotAllowed(state=found.state)
    sent = remind_of(
        access.session(),
        scope=access.scope(),
        student_ids=_unready(found, people_in(access.session(), session_id)),
        template=Template.SESSION_CODE,
        rules=access.parts().reminders,
        actor=access.actor(),
        now=access.now(),
    )
    flash(t("chasing.sent", count=sent) if sent else t("chasing.sent_none"), "good" if sent else "info")
    return redirect(url_for(".show", session_id=session_id), 303)


def _reminds(found: CaptureSession) -> bool:
    """Is there still time to get a code for this session?"""
    return found.round.code_needed and found.state == State.OPEN and found.held_on >= day_of(access.now())


def _unready(found: CaptureSession, listed: Sequence[SignUp]) -> list[int]:
    """Students who have signed up and whose capture code is missing or does not read."""
    ids = [person.student_id for person in listed if person.state == Place.SIGNED_UP]
    codes = codes_of(access.session(), round_id=found.round_id, student_ids=ids)
    return [student_id for student_id in ids if codes[student_id] is not CodeState.READS]


@blueprint.get("/console/sessions/<int:session_id>/list.xlsx")
@access.needs(Permission.SESSION_KEEP)
def as_xlsx(session_id: int) -> Response:
    """The sequence list for the team: numbers in order, gaps named as such.

    Names and masked ID numbers are in it only when the college lets the unit have them; without, the number is what
    the team's list is matched back by, and who has none yet is left out.
    """
    found, session = session_found(session_id), access.session()
    named, listed = may_name(found), people_in(session, found.id)
    by_number = {person.sequence: person for person in listed if person.sequence}
    codes = codes_of(session, round_id=found.round_id, student_ids=[person.student_id for person in listed])
    standing = _standing(found, listed)

    def row(number: Cell, at: datetime | None, person: SignUp | None) -> list[Cell]:
        came = as_clock(at) if at else ""
        if person is None:
            return [number, *([t("sessions.gap"), "", ""] if named else []), came, "", "", t("sessions.gap")]
        student, state = person.student, t(f"sessions.place.{standing[person.student_id]}")
        who: list[Cell] = [student.name, student.student_number, masked_id_number(student.id_number)] if named else []
        slot = as_clock(person.slot.begins_at) if person.slot else ""
        code = t(f"sessions.code.state.{codes[person.student_id]}") if found.round.code_needed else ""
        return [number, *who, came, slot, code, state]

    rows = [row(given.sequence, given.at, by_number.get(given.sequence)) for given in numbers_of(session, found.id)]
    if named:
        rows += [row("", None, person) for person in listed if not person.sequence]
    title = t("sessions.file", day=found.held_on.isoformat(), centre=found.centre.code)
    note_list_taken(
        session,
        scope=access.scope(),
        session_id=session_id,
        people=len(rows),
        roster=named,
        actor=access.actor(),
        now=access.now(),
    )
    who = {"name": 14, "student_number": 18, "id_number": 22} if named else {}
    widths = {"number": 8, **who, "came_at": 10, "slot": 10, "code": 12, "state": 12}
    columns = [Column(t(f"sessions.column.{name}"), width) for name, width in widths.items()]
    note = t("fees.ours") if named else f"{t('sessions.list_numbers')} {t('fees.ours')}"
    return download(xlsx(title, columns, rows, note=note), name=title, media_type=XLSX)


def session_page(found: CaptureSession, problem: str = "") -> str:
    session = access.session()
    listed = people_in(session, found.id)
    codes = codes_of(session, round_id=found.round_id, student_ids=[person.student_id for person in listed])
    by_number: dict[int | None, SignUp] = {person.sequence: person for person in listed if person.sequence}
    text = request.args.get("q", "").strip()[:60]
    rules, unready = access.parts().reminders, _unready(found, listed) if _reminds(found) else []
    reached, left = reachable(session, unready, rules=rules, now=access.now())
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
        standing=_standing(found, listed),
        came=sum(person.state in CAME for person in listed),
        named=may_name(found),
        compared=newest_list(session, found.id),
        unready=len(unready),
        reached=len(reached),
        left=left,
        days=rules.pause.days,
        problem=problem,
    )


def _standing(found: CaptureSession, listed: Sequence[SignUp]) -> dict[int, str]:
    """Student -> where they stand, as people read it."""
    state, today = State(found.state), day_of(access.now())
    return {
        person.student_id: place_shown(Place(person.state), state=state, held_on=found.held_on, today=today)
        for person in listed
    }


def may_name(found: CaptureSession) -> bool:
    """Has the college let the unit of the centre's route have names and ID numbers? Without a unit: no."""
    route = routes_in(access.session(), scope=access.scope(), round_id=found.round_id).get(found.centre_id)
    return bool(route and route.unit and route.unit.rosters_allowed)


def _search(found: CaptureSession, text: str) -> list[Student]:
    """Students of the centre to check in by hand: part of the name or number."""
    known = {person.student_id for person in people_in(access.session(), found.id)}
    students = students_named(access.session(), scope=Scope(found.centre_id), text=text, limit=8)
    return [student for student in students if student.id not in known]


def session_found(session_id: int) -> CaptureSession:
    return session_in_scope(access.session(), scope=access.scope(), session_id=session_id)


def _time(sent: str | None) -> time | None:
    try:
        return time.fromisoformat(sent).replace(tzinfo=None) if sent else None
    except ValueError:
        return None
