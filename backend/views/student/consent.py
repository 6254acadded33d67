"""Two separate questions, each with its text; nothing is ticked in advance. Withdrawing is done under 「我的」."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from backend.accounts.rules import Permission
from backend.consent.operations import give_consent
from backend.consent.queries import consents_of, has_consent
from backend.consent.records import Consent
from backend.consent.rules import Purpose, UnknownPurpose
from backend.photos.operations import PHOTO_CONSENT
from backend.views import access
from backend.views.prose import html_of
from backend.views.student.steps import address_of_next
from backend.views.words import look, t

blueprint = Blueprint("student_consent", __name__)


@blueprint.get("/consent")
@access.needs(Permission.OWN_DATA)
def show() -> str:
    return _page()


@blueprint.post("/consent")
@access.needs(Permission.OWN_DATA)
def give() -> str | Response | tuple[str, int]:
    session, student = access.session(), access.student()
    ticked = [purpose for name, purpose in asked().items() if request.form.get(name) == "1"]
    if not ticked:
        return _page(error=t("consent.nothing_ticked")), 422
    try:
        for purpose in ticked:
            give_consent(
                session,
                student_id=student.id,
                purpose=purpose,
                seen_version=request.form.get(f"version_{purpose.name}", ""),
                language=look().language,
                actor=access.actor(),
                now=access.now(),
            )
    except UnknownPurpose:
        return _page(error=t("consent.newer")), 409
    flash(t("consent.kept"), "good")
    if has_consent(session, student_id=student.id, purpose=PHOTO_CONSENT):
        return redirect(address_of_next(), 303)
    return redirect(request.path, 303)


def asked() -> dict[str, Purpose]:
    """The purposes that everybody is asked about here; others are asked on the page that needs them."""
    return {name: purpose for name, purpose in access.parts().purposes.items() if purpose.only == ""}


def _page(error: str = "") -> str:
    """The page with what the student has answered so far."""
    standing: dict[str, Consent] = {}
    for consent in consents_of(access.session(), access.student().id):
        if consent.withdrawn_at is None:
            standing.setdefault(consent.purpose, consent)
    return render_template(
        "student/consent.html",
        purposes=asked().values(),
        standing=standing,
        html_of=html_of,
        because=request.args.get("because", ""),
        error=error,
        required=PHOTO_CONSENT,
    )
