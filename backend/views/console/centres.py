"""Centres: the contacts that their students see, and the photo profile they work by."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts.rules import Permission
from backend.centres.operations import edit_centre
from backend.centres.queries import centre_in_scope, list_centres
from backend.centres.rules import DETAILS
from backend.errors import Invalid
from backend.views import access
from backend.views.words import t

blueprint = Blueprint("console_centres", __name__)


@blueprint.get("/console/settings/centres")
@access.needs(Permission.CENTRE_EDIT)
def list() -> str:
    centres = list_centres(access.session(), scope=access.scope())
    return render_template("console/centres.html", centres=centres, profiles=_profiles())


@blueprint.route("/console/settings/centres/<int:centre_id>", methods=["GET", "POST"])
@access.needs(Permission.CENTRE_EDIT)
def edit(centre_id: int) -> str | Response | tuple[str, int]:
    centre = centre_in_scope(access.session(), scope=access.scope(), centre_id=centre_id)
    values = {field: getattr(centre, field) for field in DETAILS} | {"photo_profile": centre.photo_profile or ""}
    if request.method == "GET":
        return render_template(
            "console/centre.html", centre=centre, values=values, errors={}, profiles=_profiles(), most=DETAILS
        )
    form = request.form
    try:
        edit_centre(
            access.session(),
            scope=access.scope(),
            centre_id=centre_id,
            details={field: form.get(field, "") for field in DETAILS},
            photo_profile=form.get("photo_profile") or None,
            profiles=_profiles(),
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid as error:
        errors = {name: t(f"settings.centres.error.{why}") for name, why in error.problems.items()}
        page = render_template(
            "console/centre.html", centre=centre, values=form, errors=errors, profiles=_profiles(), most=DETAILS
        )
        return page, 422
    flash(t("settings.centres.saved", name=centre.name), "good")
    return redirect(url_for("console_centres.list"), 303)


def _profiles() -> dict[str, str]:
    """Name of a profile of the standard -> its title."""
    return {name: profile.title for name, profile in access.parts().standard.profiles.items()}
