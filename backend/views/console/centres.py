"""Centres: the contacts that their students see, the photo profile they work by, closing one."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts.queries import people_of_centre
from backend.accounts.rules import Permission
from backend.centres.operations import save_centre, set_centre_active
from backend.centres.queries import centre_in_scope, list_centres
from backend.centres.records import Centre
from backend.centres.rules import DETAILS, NAMED
from backend.errors import Invalid
from backend.views import access
from backend.views.words import t

blueprint = Blueprint("console_centres", __name__)


@blueprint.get("/console/settings/centres")
@access.needs(Permission.CENTRE_EDIT)
def list() -> str:
    centres = list_centres(access.session(), scope=access.scope(), closed=True)
    return render_template("console/centres.html", centres=centres, profiles=_profiles())


@blueprint.route("/console/settings/centres/new", methods=["GET", "POST"])
@access.needs(Permission.CENTRE_EDIT)
def new() -> str | Response | tuple[str, int]:
    if request.method == "GET":
        return _page(None, {}, {})
    return _save(None)


@blueprint.route("/console/settings/centres/<int:centre_id>", methods=["GET", "POST"])
@access.needs(Permission.CENTRE_EDIT)
def edit(centre_id: int) -> str | Response | tuple[str, int]:
    centre = centre_in_scope(access.session(), scope=access.scope(), centre_id=centre_id)
    if request.method == "GET":
        values = {field: getattr(centre, field) for field in (*NAMED, *DETAILS)}
        return _page(centre, values | {"photo_profile": centre.photo_profile or ""}, {})
    return _save(centre)


@blueprint.get("/console/settings/centres/<int:centre_id>/close")
@access.needs(Permission.CENTRE_EDIT)
def ask_close(centre_id: int) -> str:
    centre = centre_in_scope(access.session(), scope=access.scope(), centre_id=centre_id)
    return render_template(
        "console/confirm.html",
        place="console_settings.show",
        title=t("settings.centres.close_title", name=centre.name),
        text=_close_means(centre),
        label=t("settings.centres.close"),
        keep=t("settings.keep_open"),
        back_url=url_for(".edit", centre_id=centre_id),
        action_url=url_for(".close", centre_id=centre_id),
        fields={},
    )


@blueprint.post("/console/settings/centres/<int:centre_id>/close")
@access.needs(Permission.CENTRE_EDIT)
def close(centre_id: int) -> Response:
    return _set_active(centre_id, False)


@blueprint.post("/console/settings/centres/<int:centre_id>/open")
@access.needs(Permission.CENTRE_EDIT)
def reopen(centre_id: int) -> Response:
    return _set_active(centre_id, True)


def _set_active(centre_id: int, active: bool) -> Response:
    centre = set_centre_active(
        access.session(),
        scope=access.scope(),
        centre_id=centre_id,
        active=active,
        actor=access.actor(),
        now=access.now(),
    )
    flash(t("settings.centres.opened" if active else "settings.centres.closed", name=centre.name), "good")
    return redirect(url_for(".list"), 303)


def _close_means(centre: Centre) -> str:
    students, staff = people_of_centre(access.session(), centre.id)
    return t("settings.centres.close_means", students=students, staff=staff)


def _save(centre: Centre | None) -> Response | tuple[str, int]:
    form, session = request.form, access.session()
    try:
        saved = save_centre(
            session,
            scope=access.scope(),
            centre_id=centre.id if centre else None,
            values=form,
            photo_profile=form.get("photo_profile") or None,
            profiles=_profiles(),
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid as error:
        session.rollback()
        errors = {name: t(f"settings.centres.error.{why}") for name, why in error.problems.items()}
        return _page(centre, form, errors), 422
    flash(t("settings.centres.saved" if centre else "settings.centres.added", name=saved.name), "good")
    return redirect(url_for("console_centres.list"), 303)


def _page(centre: Centre | None, values: Mapping[str, str], errors: Mapping[str, str]) -> str:
    return render_template(
        "console/centre.html",
        centre=centre,
        values=values,
        errors=errors,
        profiles=_profiles(),
        most={**NAMED, **DETAILS},
        close_means=_close_means(centre) if centre else "",
    )


def _profiles() -> dict[str, str]:
    """Name of a profile of the standard -> its title."""
    return {name: profile.title for name, profile in access.parts().standard.profiles.items()}
