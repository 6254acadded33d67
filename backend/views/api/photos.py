"""One video frame in, what to change out: for phones that cannot look at the picture themselves."""

from __future__ import annotations

import threading
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge, ServiceUnavailable, UnsupportedMediaType

from backend.accounts.rules import Permission
from backend.compliance.findings import Mode
from backend.compliance.live import MAX_BYTES, pause_after, sight
from backend.photos.operations import check_may_capture
from backend.views import access
from backend.views.api.contract import JPEG, Answer, Contract
from backend.views.limits import frame_limit
from backend.views.student.photo import profile_of

blueprint = Blueprint("api_photos", __name__, url_prefix="/api/v1/photos")

AT_ONCE = 4  # frames that one process has in hand; more are asked to wait, so that pictures to be submitted never queue
_room = threading.BoundedSemaphore(AT_ONCE)


@blueprint.post("/frame")
@frame_limit
@access.cookie_too
@access.needs(Permission.OWN_DATA)
def frame() -> Response:
    """Judge one frame and forget it: it is read into memory, looked at, and kept nowhere.

    Raises what check_may_capture raises: nobody's face is looked at without consent.
    """
    check_may_capture(access.session(), student_id=access.student().id)
    profile = profile_of(access.student())
    access.session().rollback()  # no connection is held while the frame is read and judged
    content = _frame()
    if not _room.acquire(blocking=False):
        raise ServiceUnavailable(retry_after=1)  # a frame is judged in less
    try:
        assessment = access.parts().check(content, file_name=None, mode=Mode.FRAME, profile=profile)
    finally:
        _room.release()
    seen = sight(assessment.report, assessment.face)
    return jsonify({**seen, "retry_after_ms": pause_after(seen["milliseconds"])})


class Sight(Answer):
    """What is seen in one frame; shares of its width and height."""

    findings: list[dict[str, Any]]
    face: dict[str, float] | None
    points: dict[str, Any] | None
    milliseconds: float
    retry_after_ms: int


frame.contract = Contract(  # type: ignore[attr-defined]
    Sight, raw=JPEG, raw_bytes=MAX_BYTES, errors=(409, 413, 415, 503), keyed=False
)


def _frame() -> bytes:
    """The body. What it really is, its content tells: anything else is Unreadable later."""
    if request.mimetype != "image/jpeg":
        raise UnsupportedMediaType
    content = request.stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        request.max_content_length = MAX_BYTES
        raise RequestEntityTooLarge
    return content
