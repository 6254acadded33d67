"""The capture code for the day of the capture on site."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint

from backend.accounts.rules import Permission
from backend.capture.queries import current_round
from backend.days import day_of
from backend.onsite.queries import code_of
from backend.onsite.rules import CodeState
from backend.views import access
from backend.views.api.contract import Answer, Upload, operation
from backend.views.limits import upload_limit
from backend.views.student.sessions import take_code

blueprint = Blueprint("api_capture", __name__, url_prefix="/api/v1/capture-code")


class CodeSaid(Answer):
    """`needed`: the present round asks for a code. Whether it reads is noted; what it says is not looked at."""

    needed: bool
    reading: CodeState | None
    reason: str | None
    added_at: datetime | None


@blueprint.get("")
@access.needs(Permission.OWN_DATA)
@operation(answer=CodeSaid)
def show() -> CodeSaid:
    return _said()


@blueprint.post("")
@upload_limit
@access.needs(Permission.OWN_DATA)
@operation(
    answer=CodeSaid,
    status=201,
    uploads=(Upload("code", ("image/jpeg", "image/png", "image/heic")),),
    errors=(413,),
)
def add() -> CodeSaid:
    take_code()
    return _said()


def _said() -> CodeSaid:
    session, student = access.session(), access.student()
    found = current_round(session, student, today=day_of(access.now()))
    kept = code_of(session, student_id=student.id, round_id=found.id) if found else None
    return CodeSaid(
        needed=found is not None and found.code_needed,
        reading=CodeState(kept.reading) if kept else None,
        reason=kept.reason if kept else None,
        added_at=kept.added_at if kept else None,
    )
