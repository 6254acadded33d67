"""Every component in every state, for those who build pages. Not there in production."""

from __future__ import annotations

from flask import Blueprint, abort, render_template

from backend.views import access

blueprint = Blueprint("public_gallery", __name__)


@blueprint.get("/gallery")
@access.public
def show() -> str:
    if access.parts().settings.mode == "production":
        abort(404)
    return render_template("public/gallery.html")
