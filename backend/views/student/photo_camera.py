"""The live camera: its page, with the limits that guide and engine go by, and the words of every hint."""

from __future__ import annotations

from flask import render_template
from flask import session as cookie
from werkzeug.wrappers import Response as AnyResponse

from backend.accounts.rules import Permission
from backend.compliance.codes import Code
from backend.compliance.live import FRAME_CHECKS
from backend.views import access
from backend.views.live import live_data
from backend.views.student.photo import GUIDED, blueprint, elsewhere, profile_of, way_to_phone
from backend.views.words import has_word, t

REASONS = ("low", "high", "left", "right")  # of findings in a frame, as far as they have words of their own


@blueprint.get("/photo/camera")
@access.needs(Permission.OWN_DATA)
def camera() -> str | AnyResponse:
    """Without script the page has the two plain inputs."""
    if (other_page := elsewhere()) is not None:
        return other_page
    cookie[GUIDED] = True
    parts = access.parts()
    profile = parts.standard.profile(profile_of(access.student()))
    return render_template(
        "student/photo_camera.html",
        live=live_data(profile),
        hints={check.code.value: _words_of(check.code) for check in FRAME_CHECKS},
        live_only=profile.live_only,
        max_bytes=parts.settings.photos.max_bytes,
        **way_to_phone(),
    )


def _words_of(code: Code) -> dict[str, str]:
    """Reason -> what to do now, "" for any other. What is too long to be read at arm's length is said shorter here."""
    key = code.value.lower()
    short = {reason: f"camera.hint.{key}_{reason}" if reason else f"camera.hint.{key}" for reason in ("", *REASONS)}
    long = {reason: f"finding.{key}.fix_{reason}" if reason else f"finding.{key}.fix" for reason in ("", *REASONS)}
    found = {reason: next(filter(has_word, (short[reason], long[reason])), "") for reason in short}
    return {reason: t(word) for reason, word in found.items() if word}
