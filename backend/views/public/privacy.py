"""What is kept about people, why, how long, and what they can do about it."""

from __future__ import annotations

from flask import Blueprint, render_template

from backend.centres.queries import list_centres
from backend.centres.rules import ALL_CENTRES
from backend.views import access

blueprint = Blueprint("public_privacy", __name__)


@blueprint.get("/privacy")
@access.public
def show() -> str:
    centres = list_centres(access.session(), scope=ALL_CENTRES)
    photos = access.parts().settings.photos
    return render_template("public/privacy.html", centres=centres, draft_minutes=photos.draft_minutes)
