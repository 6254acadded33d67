"""Answers to what people ask at the door, and whom to call."""

from __future__ import annotations

from flask import Blueprint, render_template

from backend.centres.queries import list_centres
from backend.centres.rules import ALL_CENTRES
from backend.views import access

blueprint = Blueprint("public_help", __name__)

QUESTIONS = ("number", "forgotten", "activated", "no_match", "phone", "photo", "chsi")


@blueprint.get("/help")
@access.public
def show() -> str:
    centres = list_centres(access.session(), scope=ALL_CENTRES)
    return render_template("public/help.html", centres=centres, questions=QUESTIONS)


@blueprint.get("/help/chsi")
@access.public
def chsi() -> str:
    """The account at 学信网: one only, with a mail address and a phone that work."""
    return render_template("public/chsi.html", cards=("sign_in", "where", "missing", "one"))
