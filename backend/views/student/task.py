"""What notices lead to and what is done elsewhere: honest guidance, step by step."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from backend.accounts.rules import Permission
from backend.views import access

blueprint = Blueprint("student_task", __name__)


@blueprint.get("/task/alumni")
@access.needs(Permission.OWN_DATA)
def alumni() -> Response:
    """The address of older posters and bookmarks."""
    return redirect(url_for("student_alumni.show"))
