"""The first page: what this is, and the doors."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from backend.views import access

blueprint = Blueprint("public_home", __name__)


@blueprint.get("/")
@access.public
def show() -> str | Response:
    if current_user.is_authenticated:
        staff = access.account().kind == "staff"
        return redirect(url_for("console_today.show" if staff else "student_home.show"))
    return render_template("public/home.html")
