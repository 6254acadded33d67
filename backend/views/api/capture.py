"""Capture on site: sessions and their slots, the number at the door, the capture code; and what it costs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from flask import Blueprint, Response
from pydantic import Field

from backend.accounts.rules import Permission
from backend.capture.queries import current_round, route_for
from backend.capture.rules import Route
from backend.centres.rules import Scope
from backend.days import day_of
from backend.errors import NotFound
from backend.fees.queries import fees_of
from backend.fees.rules import State as FeeState
from backend.onsite.operations import check_in, drop_code, give_slot_back, sign_up
from backend.onsite.queries import code_of, session_at_door, session_for, sessions_listed, sign_ups_of, taken
from backend.onsite.records import CaptureCode, CaptureSession
from backend.onsite.rules import CodeState, Place, State
from backend.views import access
from backend.views.api.contract import KEPT_PICTURES, PICTURES, Answer, Body, Upload, operation
from backend.views.limits import upload_limit
from backend.views.student.sessions import take_code

blueprint = Blueprint("api_capture", __name__, url_prefix="/api/v1")


class SlotSaid(Answer):
    id: int
    begins_at: datetime
    ends_at: datetime
    capacity: int = Field(examples=[20])
    free: int


class SessionSaid(Answer):
    """A day of capture. `place_state`: where the caller stands in it; `number`: the one given at the door."""

    id: int
    title: str = Field(examples=["2026年11月集中采集"])
    place: str = Field(examples=["福州学习中心 301 室"])
    note: str = Field(examples=["请带身份证。"])
    held_on: date
    state: State
    slots: list[SlotSaid]
    own_slot: int | None
    place_state: Place | None
    number: int | None


class Sessions(Answer):
    """Those of the caller's centre and cohort. `route`: how the centre has its students captured in this round."""

    route: Route | None
    route_note: str = Field(examples=["请在每周三前预约。"])
    items: list[SessionSaid]


class CodeSaid(Answer):
    """`needed`: the present round asks for a code. Whether it reads is noted; what it says is not looked at."""

    needed: bool
    reading: CodeState | None
    reason: str | None = Field(examples=["blurred"])
    added_at: datetime | None


class FeeSaid(Answer):
    """An amount in fen (1/100 yuan). Nothing is paid here."""

    round: str = Field(examples=["2026年秋季采集"])
    amount_fen: int = Field(examples=[3000])
    state: FeeState
    receipt: str | None = Field(examples=["20261102-0007"])


class Fees(Answer):
    items: list[FeeSaid]


class Choose(Body):
    slot_id: Annotated[int, Field(ge=1, le=2**31 - 1, examples=[1])]


@blueprint.get("/capture-sessions")
@access.needs(Permission.OWN_DATA)
@operation(answer=Sessions)
def sessions() -> Sessions:
    session, student = access.session(), access.student()
    route = route_for(session, student, today=_today())
    return Sessions(
        route=Route(route.route) if route else None,
        route_note=route.note if route else "",
        items=[_session(found) for found in sessions_listed(session, student)],
    )


@blueprint.get("/capture-sessions/<int:session_id>")
@access.needs(Permission.OWN_DATA)
@operation(answer=SessionSaid)
def show(session_id: int) -> SessionSaid:
    return _session(_found(session_id))


@blueprint.put("/capture-sessions/<int:session_id>/slot")
@access.needs(Permission.OWN_DATA)
@operation(answer=SessionSaid, body=Choose, errors=(409,))
def take_slot(session_id: int, body: Choose) -> SessionSaid:
    """Another slot takes the place of the one before. 409 slot_full: somebody was quicker."""
    _found(session_id)
    sign_up(
        access.session(),
        student_id=access.student().id,
        session_id=session_id,
        slot_id=body.slot_id,
        actor=access.actor(),
        now=access.now(),
    )
    return _session(_found(session_id))


@blueprint.delete("/capture-sessions/<int:session_id>/slot")
@access.needs(Permission.OWN_DATA)
@operation(answer=SessionSaid, errors=(409,))
def give_back(session_id: int) -> SessionSaid:
    _found(session_id)
    give_slot_back(
        access.session(),
        student_id=access.student().id,
        session_id=session_id,
        actor=access.actor(),
        now=access.now(),
    )
    return _session(_found(session_id))


@blueprint.get("/doors/<token>")
@access.needs(Permission.OWN_DATA)
@operation(answer=SessionSaid)
def door(token: str) -> SessionSaid:
    """The session whose QR hangs at the door: the last part of its address is the token."""
    return _session(session_at_door(access.session(), access.student(), token=token))


@blueprint.post("/doors/<token>")
@access.needs(Permission.OWN_DATA)
@operation(answer=SessionSaid, errors=(409,))
def arrive(token: str) -> SessionSaid:
    """The caller is there and gets a number; once more gives the same one. 409 door_closed: not now."""
    session, student = access.session(), access.student()
    found = session_at_door(session, student, token=token)
    mine = sign_ups_of(session, student.id).get(found.id)
    if mine is None or mine.state not in (Place.IN_QUEUE, Place.CAPTURED):
        check_in(
            session,
            scope=Scope(student.centre_id),
            session_id=found.id,
            student_id=student.id,
            actor=access.actor(),
            now=access.now(),
        )
    return _session(_found(found.id))


@blueprint.get("/capture-code")
@access.needs(Permission.OWN_DATA)
@operation(answer=CodeSaid)
def code() -> CodeSaid:
    return _code()


@blueprint.post("/capture-code")
@upload_limit
@access.needs(Permission.OWN_DATA)
@operation(
    answer=CodeSaid,
    status=201,
    uploads=(Upload("code", PICTURES),),
    errors=(413,),
)
def add_code() -> CodeSaid:
    take_code()
    return _code()


@blueprint.get("/capture-code/picture")
@access.needs(Permission.OWN_DATA)
@operation(media=KEPT_PICTURES)
def code_picture() -> Response:
    """To be shown at the door."""
    kept = _kept()
    if kept is None:
        raise NotFound(code="none")
    return Response(access.parts().files.get(kept.file_name), mimetype=kept.media_type)


@blueprint.delete("/capture-code")
@access.needs(Permission.OWN_DATA)
@operation(answer=CodeSaid)
def remove_code() -> CodeSaid:
    found = current_round(access.session(), access.student(), today=_today())
    if found is None:
        raise NotFound(round="none")
    drop_code(
        access.session(), student_id=access.student().id, round_id=found.id, actor=access.actor(), now=access.now()
    )
    return _code()


@blueprint.get("/fees")
@access.needs(Permission.OWN_DATA)
@operation(answer=Fees)
def fees() -> Fees:
    """What the caller owes or paid for the capture, a line for each round."""
    return Fees(
        items=[
            FeeSaid(round=fee.round.name, amount_fen=fee.amount_fen, state=FeeState(fee.state), receipt=fee.receipt)
            for fee in fees_of(access.session(), access.student().id)
        ]
    )


def _today() -> date:
    return day_of(access.now())


def _found(session_id: int) -> CaptureSession:
    return session_for(access.session(), access.student(), session_id=session_id)


def _session(found: CaptureSession) -> SessionSaid:
    used = taken(access.session(), found.id)
    mine = sign_ups_of(access.session(), access.student().id).get(found.id)
    there = mine is not None and mine.state != Place.WITHDRAWN
    return SessionSaid(
        id=found.id,
        title=found.title,
        place=found.place,
        note=found.note,
        held_on=found.held_on,
        state=State(found.state),
        slots=[
            SlotSaid(
                id=slot.id,
                begins_at=slot.begins_at,
                ends_at=slot.ends_at,
                capacity=slot.capacity,
                free=max(0, slot.capacity - used.get(slot.id, 0)),
            )
            for slot in found.slots
        ],
        own_slot=mine.slot_id if mine is not None and there else None,
        place_state=Place(mine.state) if mine is not None else None,
        number=mine.sequence if mine is not None else None,
    )


def _kept() -> CaptureCode | None:
    found = current_round(access.session(), access.student(), today=_today())
    return code_of(access.session(), student_id=access.student().id, round_id=found.id) if found else None


def _code() -> CodeSaid:
    found, kept = current_round(access.session(), access.student(), today=_today()), _kept()
    return CodeSaid(
        needed=found is not None and found.code_needed,
        reading=CodeState(kept.reading) if kept else None,
        reason=kept.reason if kept else None,
        added_at=kept.added_at if kept else None,
    )
