"""Cohorts: their days, and the photo profile that goes before the centre's."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts.rules import Permission
from backend.enrollment.operations import choose_photo_profile
from backend.enrollment.queries import list_cohorts
from backend.errors import Invalid
from backend.views import access
from backend.views.words import t

blueprint = Blueprint("console_cohorts", __name__)


@blueprint.get("/console/settings/cohorts")
@access.needs(Permission.CENTRE_EDIT)
def list() -> str:
    return _page()


@blueprint.post("/console/settings/cohorts/<int:cohort_id>/profile")
@access.needs(Permission.CENTRE_EDIT)
def choose(cohort_id: int) -> Response | tuple[str, int]:
    try:
        cohort = choose_photo_profile(
            access.session(),
            cohort_id=cohort_id,
            photo_profile=request.form.get("photo_profile") or None,
            profiles=_profiles(),
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid:
        return _page(wrong=cohort_id), 422
    flash(t("settings.cohorts.saved", name=cohort.name), "good")
    return redirect(url_for("console_cohorts.list"), 303)


def _page(wrong: int | None = None) -> str:
    cohorts = list_cohorts(access.session())
    return render_template("console/cohorts.html", cohorts=cohorts, profiles=_profiles(), wrong=wrong)


def _profiles() -> dict[str, str]:
    """Name of a profile of the standard -> its title."""
    return {name: profile.title for name, profile in access.parts().standard.profiles.items()}
