"""Capture rounds: dates and cohorts, the units, and the route of each centre."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts.rules import Permission
from backend.capture.operations import MAX_NOTE, save_round, save_unit, set_route, switch_rosters
from backend.capture.queries import list_rounds, list_units, members_count, round_of, routes_in, unit_of
from backend.capture.rules import fen, is_open, routes_for, yuan
from backend.centres.queries import centre_in_scope, list_centres
from backend.days import day_of
from backend.enrollment.queries import list_cohorts
from backend.errors import Invalid
from backend.views import access
from backend.views.addresses import sent_day
from backend.views.words import t

blueprint = Blueprint("console_rounds", __name__)

UNIT_FIELDS = ("code", "name", "province", "address", "contact")


@blueprint.get("/console/rounds", endpoint="list")
@access.needs(Permission.ROUTE_SET)
def list_page() -> str:
    session, today = access.session(), day_of(access.now())
    rounds = list_rounds(session)
    opened = {found.id for found in rounds if is_open(opens_on=found.opens_on, closes_on=found.closes_on, today=today)}
    return render_template("console/rounds/list.html", rounds=rounds, opened=opened, units=list_units(session))


@blueprint.get("/console/rounds/<int:round_id>")
@access.needs(Permission.ROUTE_SET)
def show(round_id: int) -> str:
    session, scope = access.session(), access.scope()
    routes, members = routes_in(session, scope=scope, round_id=round_id), members_count(session, round_id=round_id)
    centres = list_centres(session, scope=scope, closed=True)
    return render_template(
        "console/rounds/show.html",
        round=round_of(session, round_id),
        centres=[centre for centre in centres if centre.active or centre.id in routes or centre.id in members],
        routes=routes,
        members=members,
        yuan=yuan,
    )


@blueprint.route("/console/rounds/new", methods=["GET", "POST"])
@access.needs(Permission.ROUND_EDIT)
def new() -> str | Response | tuple[str, int]:
    return _edit(None)


@blueprint.route("/console/rounds/<int:round_id>/edit", methods=["GET", "POST"])
@access.needs(Permission.ROUND_EDIT)
def edit(round_id: int) -> str | Response | tuple[str, int]:
    return _edit(round_id)


@blueprint.route("/console/rounds/<int:round_id>/centres/<int:centre_id>", methods=["GET", "POST"])
@access.needs(Permission.ROUTE_SET)
def route(round_id: int, centre_id: int) -> str | Response | tuple[str, int]:
    session, rules = access.session(), access.parts().capture
    centre = centre_in_scope(session, scope=access.scope(), centre_id=centre_id)
    found, known = round_of(session, round_id), routes_in(session, scope=access.scope(), round_id=round_id)
    now_set = known.get(centre_id)
    page = {"round": found, "centre": centre, "choices": routes_for(rules, province=centre.province)}
    page |= {"units": list_units(session), "most": MAX_NOTE}
    if request.method == "GET":
        values = {
            "route": now_set.route if now_set else "",
            "unit": now_set.unit_id if now_set else "",
            "price": yuan(now_set.price_fen) if now_set else "",
            "note": now_set.note if now_set else "",
        }
        return render_template("console/rounds/route.html", values=values, errors={}, **page)
    form = request.form
    try:
        set_route(
            session,
            scope=access.scope(),
            round_id=round_id,
            centre_id=centre_id,
            route=form.get("route", ""),
            unit_id=_number(form.get("unit")),
            price_fen=fen(form.get("price", "")),
            note=form.get("note", ""),
            rules=rules,
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid as error:
        session.rollback()
        return render_template("console/rounds/route.html", values=form, errors=_words(error), **page), 422
    flash(t("rounds.route_saved", centre=centre.name), "good")
    return redirect(url_for(".show", round_id=round_id), 303)


@blueprint.route("/console/units/new", methods=["GET", "POST"])
@access.needs(Permission.ROUND_EDIT)
def new_unit() -> str | Response | tuple[str, int]:
    return _edit_unit(None)


@blueprint.route("/console/units/<int:unit_id>", methods=["GET", "POST"])
@access.needs(Permission.ROUND_EDIT)
def unit(unit_id: int) -> str | Response | tuple[str, int]:
    return _edit_unit(unit_id)


@blueprint.post("/console/units/<int:unit_id>/rosters")
@access.needs(Permission.ROUND_EDIT)
def rosters(unit_id: int) -> Response | tuple[str, int]:
    """The college's switch for tables with names and ID numbers: off by default, on with a reason."""
    session, allowed = access.session(), request.form.get("allowed") == "yes"
    try:
        switch_rosters(
            session,
            unit_id=unit_id,
            allowed=allowed,
            reason=request.form.get("reason", ""),
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid as error:
        session.rollback()
        return _unit_page(unit_id, {}, _words(error)), 422
    flash(t("rounds.rosters_on" if allowed else "rounds.rosters_off"), "good")
    return redirect(url_for(".unit", unit_id=unit_id), 303)


def _edit(round_id: int | None) -> str | Response | tuple[str, int]:
    session, form = access.session(), request.form
    found = None if round_id is None else round_of(session, round_id)
    taking_part = {cohort.id for cohort in found.cohorts} if found else set()
    cohorts = [cohort for cohort in list_cohorts(session) if cohort.active or cohort.id in taking_part]
    if request.method == "GET":
        values = {
            "code": found.code if found else "",
            "name": found.name if found else "",
            "opens_on": found.opens_on if found else "",
            "closes_on": found.closes_on if found else "",
            "code_needed": found.code_needed if found else True,
        }
        return render_template(
            "console/rounds/edit.html", round=found, values=values, chosen=taking_part, cohorts=cohorts, errors={}
        )
    chosen = {number for sent in form.getlist("cohorts") if (number := _number(sent)) is not None}
    try:
        saved = save_round(
            session,
            round_id=round_id,
            code=form.get("code", "").strip(),
            name=form.get("name", "").strip(),
            opens_on=sent_day(form.get("opens_on")),
            closes_on=sent_day(form.get("closes_on")),
            code_needed=bool(form.get("code_needed")),
            cohort_ids=chosen,
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid as error:
        session.rollback()
        page = render_template(
            "console/rounds/edit.html",
            round=found,
            values=form,
            chosen=chosen,
            cohorts=cohorts,
            errors=_words(error),
        )
        return page, 422
    flash(t("rounds.saved", name=saved.name), "good")
    return redirect(url_for(".show", round_id=saved.id), 303)


def _edit_unit(unit_id: int | None) -> str | Response | tuple[str, int]:
    session, form = access.session(), request.form
    if request.method == "GET":
        return _unit_page(unit_id, {}, {})
    try:
        saved = save_unit(
            session,
            unit_id=unit_id,
            **{field: form.get(field, "") for field in UNIT_FIELDS},
            unit_format=form.get("format", ""),
            rules=access.parts().capture,
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid as error:
        session.rollback()
        return _unit_page(unit_id, form, _words(error)), 422
    flash(t("rounds.unit_saved", name=saved.name), "good")
    return redirect(url_for(".list"), 303)


def _unit_page(unit_id: int | None, sent: object, errors: dict[str, str]) -> str:
    found = None if unit_id is None else unit_of(access.session(), unit_id)
    values = {field: getattr(found, field) for field in (*UNIT_FIELDS, "format")} if found else {}
    formats = access.parts().capture.formats
    return render_template(
        "console/rounds/unit.html", unit=found, values=sent or values, errors=errors, formats=formats, most=MAX_NOTE
    )


def _words(error: Invalid) -> dict[str, str]:
    return {field: t(f"rounds.error.{why}") for field, why in error.problems.items()}


def _number(sent: str | None) -> int | None:
    return int(sent) if sent and sent.isascii() and sent.isdigit() and len(sent) < 10 else None
