"""Capture on site for a student: a slot, the capture code, the number at the door."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.accounts.rules import Permission
from backend.adapters.qr_reader import see_code
from backend.capture.queries import current_round, route_for
from backend.capture.rules import Route
from backend.centres.rules import Scope
from backend.compliance.assess import Unreadable
from backend.compliance.decode import open_source, pixels
from backend.days import day_of
from backend.errors import NotFound
from backend.onsite.operations import check_in, drop_code, give_slot_back, keep_code, sign_up
from backend.onsite.queries import code_of, session_at_door, session_for, sessions_listed, sign_ups_of, taken
from backend.onsite.rules import DoorClosed, Place, SlotFull, code_state
from backend.views import access
from backend.views.addresses import row_number
from backend.views.limits import upload_limit
from backend.views.uploads import PDF, UploadProblem, read_evidence
from backend.views.words import t

blueprint = Blueprint("student_sessions", __name__)

CODE_PIXELS = (1200, 1200)  # a code is looked at in about this size


@blueprint.get("/sessions", endpoint="list")
@access.needs(Permission.OWN_DATA)
def list_page() -> str:
    return _list()


@blueprint.get("/sessions/<int:session_id>")
@access.needs(Permission.OWN_DATA)
def show(session_id: int) -> str:
    return _show(session_id)


@blueprint.post("/sessions/<int:session_id>")
@access.needs(Permission.OWN_DATA)
def take_slot(session_id: int) -> AnyResponse | tuple[str, int]:
    session, student = access.session(), access.student()
    session_for(session, student, session_id=session_id)
    try:
        sign_up(
            session,
            student_id=student.id,
            session_id=session_id,
            slot_id=row_number(request.form.get("slot")) or 0,
            actor=access.actor(),
            now=access.now(),
        )
    except SlotFull:
        session.rollback()
        return _show(session_id, t("sessions.error.full")), 409
    flash(t("sessions.signed_up"), "good")
    return redirect(url_for(".show", session_id=session_id), 303)


@blueprint.post("/sessions/<int:session_id>/give-back")
@access.needs(Permission.OWN_DATA)
def give_back(session_id: int) -> AnyResponse:
    give_slot_back(
        access.session(),
        student_id=access.student().id,
        session_id=session_id,
        actor=access.actor(),
        now=access.now(),
    )
    flash(t("sessions.given_back"), "good")
    return redirect(url_for(".list"), 303)


@blueprint.get("/door/<token>")
@access.needs(Permission.OWN_DATA)
def door(token: str) -> str | AnyResponse:
    """What the QR at the door opens: one button, or the number that one has already."""
    found = session_at_door(access.session(), access.student(), token=token)
    mine = sign_ups_of(access.session(), access.student().id).get(found.id)
    if mine is not None and mine.state in (Place.IN_QUEUE, Place.CAPTURED):
        return redirect(url_for(".show", session_id=found.id))
    return render_template("student/session_door.html", session=found, token=token, problem="", left=_left(mine))


@blueprint.post("/door/<token>")
@access.needs(Permission.OWN_DATA)
def arrive(token: str) -> AnyResponse | tuple[str, int]:
    session, student = access.session(), access.student()
    found = session_at_door(session, student, token=token)
    try:
        check_in(
            session,
            scope=Scope(student.centre_id),
            session_id=found.id,
            student_id=student.id,
            actor=access.actor(),
            now=access.now(),
        )
    except DoorClosed:
        session.rollback()
        page = render_template(
            "student/session_door.html", session=found, token=token, problem=t("sessions.error.door"), left=False
        )
        return page, 409
    return redirect(url_for(".show", session_id=found.id), 303)


@blueprint.get("/capture-code")
@access.needs(Permission.OWN_DATA)
def code() -> str:
    return _code_page()


@blueprint.post("/capture-code")
@upload_limit
@access.needs(Permission.OWN_DATA)
def add_code() -> AnyResponse | tuple[str, int]:
    """Whether the picture reads is said at once."""
    try:
        take_code()
    except UploadProblem as problem:
        return _code_page(t("photo.upload." + problem.reason)), 422
    except Unreadable as problem:
        return _code_page(t("finding.reason." + problem.reason)), 422
    return redirect(url_for(".code"), 303)


def take_code() -> None:
    """Read and keep the picture of a capture code. What the code says is not looked at, kept or sent anywhere.

    Raises NotFound without a round, UploadProblem and Unreadable.
    """
    parts, student = access.parts(), access.student()
    found = current_round(access.session(), student, today=day_of(access.now()))
    if found is None:
        raise NotFound(round="none")
    round_id = found.id
    access.session().rollback()
    files = read_evidence("code", max_bytes=parts.settings.photos.max_bytes, intake=parts.standard.intake)
    if len(files) != 1 or files[0].media_type == PDF:
        raise UploadProblem("missing")
    source = open_source(files[0].content, parts.standard.intake)
    sight = see_code(pixels(source, at_least=CODE_PIXELS))
    state, reason = code_state(sight)
    keep_code(
        access.session(),
        files=parts.files,
        student_id=student.id,
        round_id=round_id,
        content=files[0].content,
        media_type=files[0].media_type,
        state=state,
        reason=reason,
        actor=access.actor(),
        now=access.now(),
    )


@blueprint.get("/capture-code/picture")
@access.needs(Permission.OWN_DATA)
def code_picture() -> Response:
    """The own code, to be shown at the door."""
    found = current_round(access.session(), access.student(), today=day_of(access.now()))
    kept = found and code_of(access.session(), student_id=access.student().id, round_id=found.id)
    if not kept:
        raise NotFound(code="none")
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(access.parts().files.get(kept.file_name), mimetype=kept.media_type, headers=headers)


@blueprint.post("/capture-code/drop")
@access.needs(Permission.OWN_DATA)
def remove_code() -> AnyResponse:
    found = current_round(access.session(), access.student(), today=day_of(access.now()))
    if found is None:
        raise NotFound(round="none")
    drop_code(
        access.session(), student_id=access.student().id, round_id=found.id, actor=access.actor(), now=access.now()
    )
    flash(t("sessions.code.dropped"), "good")
    return redirect(url_for(".code"), 303)


def _list() -> str:
    session, student = access.session(), access.student()
    found = sessions_listed(session, student)
    route = route_for(session, student, today=day_of(access.now()))
    return render_template(
        "student/sessions.html",
        sessions=found,
        mine=sign_ups_of(session, student.id),
        free={one.id: sum(slot.capacity for slot in one.slots) - sum(taken(session, one.id).values()) for one in found},
        route=route,
        on_site=route is None or access.parts().capture.routes[Route(route.route)].on_site,
        student=student,
    )


def _show(session_id: int, problem: str = "") -> str:
    session, student = access.session(), access.student()
    found = session_for(session, student, session_id=session_id)
    kept = code_of(session, student_id=student.id, round_id=found.round_id)
    return render_template(
        "student/session.html",
        session=found,
        mine=sign_ups_of(session, student.id).get(session_id),
        taken=taken(session, session_id),
        code=kept,
        problem=problem,
        student=student,
        now=access.now(),
    )


def _code_page(problem: str = "") -> str:
    session, student = access.session(), access.student()
    found = current_round(session, student, today=day_of(access.now()))
    kept = code_of(session, student_id=student.id, round_id=found.id) if found else None
    return render_template("student/capture_code.html", round=found, code=kept, problem=problem, student=student)


def _left(mine: object) -> bool:
    return getattr(mine, "state", None) == Place.LEFT
