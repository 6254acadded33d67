"""Cohorts: their last days, the photo profile that goes before the centre's, closing one."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts.rules import Permission
from backend.enrollment.cohorts import choose_photo_profile, save_cohort, set_cohort_active
from backend.enrollment.queries import count_in_cohort, list_cohorts
from backend.enrollment.records import Cohort
from backend.enrollment.rules import COHORT
from backend.errors import Invalid, NotFound
from backend.views import access
from backend.views.addresses import sent_day
from backend.views.words import t

blueprint = Blueprint("console_cohorts", __name__)

DAYS = ("verify_by", "capture_by", "proofread_by")


@blueprint.get("/console/settings/cohorts")
@access.needs(Permission.CENTRE_EDIT)
def list() -> str:
    return _list()


@blueprint.route("/console/settings/cohorts/new", methods=["GET", "POST"])
@access.needs(Permission.CENTRE_EDIT)
def new() -> str | Response | tuple[str, int]:
    if request.method == "GET":
        return _page(None, {}, {})
    return _save(None)


@blueprint.route("/console/settings/cohorts/<int:cohort_id>", methods=["GET", "POST"])
@access.needs(Permission.CENTRE_EDIT)
def edit(cohort_id: int) -> str | Response | tuple[str, int]:
    cohort = _cohort(cohort_id)
    if request.method == "GET":
        days = {name: day.isoformat() if (day := getattr(cohort, name)) else "" for name in DAYS}
        return _page(cohort, {"code": cohort.code, "name": cohort.name} | days, {})
    return _save(cohort)


@blueprint.get("/console/settings/cohorts/<int:cohort_id>/close")
@access.needs(Permission.CENTRE_EDIT)
def ask_close(cohort_id: int) -> str:
    cohort = _cohort(cohort_id)
    return render_template(
        "console/confirm.html",
        place="console_settings.show",
        title=t("settings.cohorts.close_title", name=cohort.name),
        text=_close_means(cohort),
        label=t("settings.cohorts.close"),
        keep=t("settings.keep_open"),
        back_url=url_for(".edit", cohort_id=cohort_id),
        action_url=url_for(".close", cohort_id=cohort_id),
        fields={},
    )


@blueprint.post("/console/settings/cohorts/<int:cohort_id>/close")
@access.needs(Permission.CENTRE_EDIT)
def close(cohort_id: int) -> Response:
    return _set_active(cohort_id, False)


@blueprint.post("/console/settings/cohorts/<int:cohort_id>/open")
@access.needs(Permission.CENTRE_EDIT)
def reopen(cohort_id: int) -> Response:
    return _set_active(cohort_id, True)


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
        return _list(wrong=cohort_id), 422
    flash(t("settings.cohorts.saved", name=cohort.name), "good")
    return redirect(url_for("console_cohorts.list"), 303)


def _cohort(cohort_id: int) -> Cohort:
    cohort = access.session().get(Cohort, cohort_id)
    if cohort is None:
        raise NotFound(cohort=cohort_id)
    return cohort


def _set_active(cohort_id: int, active: bool) -> Response:
    cohort = set_cohort_active(
        access.session(), cohort_id=cohort_id, active=active, actor=access.actor(), now=access.now()
    )
    flash(t("settings.cohorts.opened" if active else "settings.cohorts.closed", name=cohort.name), "good")
    return redirect(url_for(".list"), 303)


def _close_means(cohort: Cohort) -> str:
    return t("settings.cohorts.close_means", students=count_in_cohort(access.session(), cohort.id))


def _save(cohort: Cohort | None) -> Response | tuple[str, int]:
    form, session = request.form, access.session()
    try:
        saved = save_cohort(
            session,
            cohort_id=cohort.id if cohort else None,
            code=form.get("code", ""),
            name=form.get("name", ""),
            verify_by=sent_day(form.get("verify_by")),
            capture_by=sent_day(form.get("capture_by")),
            proofread_by=sent_day(form.get("proofread_by")),
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid as error:
        session.rollback()
        errors = {name: t(f"settings.cohorts.error.{why}") for name, why in error.problems.items()}
        return _page(cohort, form, errors), 422
    flash(t("settings.cohorts.saved" if cohort else "settings.cohorts.added", name=saved.name), "good")
    return redirect(url_for("console_cohorts.list"), 303)


def _page(cohort: Cohort | None, values: Mapping[str, str], errors: Mapping[str, str]) -> str:
    return render_template(
        "console/cohort.html",
        cohort=cohort,
        values=values,
        errors=errors,
        days=DAYS,
        most=COHORT,
        close_means=_close_means(cohort) if cohort else "",
    )


def _list(wrong: int | None = None) -> str:
    cohorts = list_cohorts(access.session())
    return render_template("console/cohorts.html", cohorts=cohorts, profiles=_profiles(), wrong=wrong)


def _profiles() -> dict[str, str]:
    """Name of a profile of the standard -> its title."""
    return {name: profile.title for name, profile in access.parts().standard.profiles.items()}
