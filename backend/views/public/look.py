"""Language, theme and text size: a cookie of this device, for people signed in or not."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from backend.views import access, tasks, words
from backend.words import LANGUAGES

blueprint = Blueprint("public_look", __name__)

YEAR = 365 * 24 * 3600  # seconds


@blueprint.post("/look")
@access.public
def choose() -> Response:
    """Change what was pressed, keep the rest, go back to the page it was pressed on."""
    wanted = words.look()
    theme, care, language = (request.form.get(name) for name in ("theme", "care", "language"))
    if theme in ("auto", "light", "dark"):
        wanted = replace(wanted, theme=theme)
    if care in ("0", "1"):
        wanted = replace(wanted, care=care == "1")
    if language in LANGUAGES:
        wanted = replace(wanted, language=language)
    back = request.form.get("next")
    answer = redirect(back if tasks.is_ours(back) else url_for("public_home.show"), 303)
    answer.set_cookie(
        words.COOKIE,
        wanted.as_cookie(),
        max_age=YEAR,
        httponly=True,
        samesite="Lax",
        secure=access.parts().settings.security.cookies_secure,
    )
    return answer
