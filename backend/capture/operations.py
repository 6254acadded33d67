"""Keeping rounds, units and routes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.capture.records import CaptureRound, CaptureUnit, CentreRoute
from backend.capture.rules import CaptureRules, Route, round_problems, routes_for
from backend.centres.queries import centre_in_scope
from backend.centres.rules import Scope
from backend.enrollment.records import Cohort
from backend.errors import Invalid, NotFound
from backend.history.operations import record_fact
from backend.history.rules import Actor, Fact
from backend.records import begin_write

MOST_FEN = 100_000_00  # 1,000 yuan for a photo is a typing mistake
MAX_NOTE = 500


def save_round(
    session: Session,
    *,
    round_id: int | None,
    code: str,
    name: str,
    opens_on: date | None,
    closes_on: date | None,
    code_needed: bool,
    cohort_ids: Collection[int],
    actor: Actor,
    now: datetime,
) -> CaptureRound:
    """A new round (round_id None), or other words and dates for one. Raises Invalid by field, NotFound."""
    problems = round_problems(code=code, name=name, opens_on=opens_on, closes_on=closes_on)
    if not cohort_ids:
        problems["cohorts"] = "cohorts_needed"
    begin_write(session)
    taken = session.scalar(select(CaptureRound.id).where(CaptureRound.code == code))
    if taken is not None and taken != round_id:
        problems["code"] = "code_taken"
    if problems:
        raise Invalid(problems)
    if opens_on is None or closes_on is None:  # round_problems has said so already
        raise AssertionError
    cohorts = session.scalars(select(Cohort).where(Cohort.id.in_(cohort_ids)).order_by(Cohort.code)).all()
    if round_id is None:
        found = CaptureRound(created_at=now)
        session.add(found)
    else:
        kept = session.get(CaptureRound, round_id, with_for_update={"of": CaptureRound})
        if kept is None:
            raise NotFound(round=round_id)
        found = kept
    if any(not cohort.active and cohort not in found.cohorts for cohort in cohorts):
        raise Invalid({"cohorts": "closed_cohort"})
    found.code, found.name, found.opens_on, found.closes_on = code, name, opens_on, closes_on
    found.code_needed, found.cohorts = code_needed, list(cohorts)
    session.flush()
    record_fact(session, Fact("round.saved", found.id, facts={"cohorts": len(cohorts)}), actor=actor, now=now)
    session.commit()
    return found


def save_unit(
    session: Session,
    *,
    unit_id: int | None,
    code: str,
    name: str,
    province: str,
    address: str,
    contact: str,
    unit_format: str,
    rules: CaptureRules,
    actor: Actor,
    now: datetime,
) -> CaptureUnit:
    """A new unit (unit_id None), or other particulars of one. Raises Invalid by field, NotFound."""
    most = {"code": 16, "name": 80, "province": 32, "address": 160, "contact": 80}
    values = {"code": code, "name": name, "province": province, "address": address, "contact": contact}
    values = {field: value.strip() for field, value in values.items()}
    problems = {field: "too_long" for field, value in values.items() if len(value) > most[field]}
    problems |= {field: "empty" for field in ("code", "name", "province") if not values[field]}
    if unit_format not in rules.formats:
        problems["format"] = "unknown_format"
    begin_write(session)
    taken = session.scalar(select(CaptureUnit.id).where(CaptureUnit.code == values["code"]))
    if taken is not None and taken != unit_id:
        problems["code"] = "code_taken"
    if problems:
        raise Invalid(problems)
    if unit_id is None:
        unit = CaptureUnit(**values, format=unit_format)
        session.add(unit)
    else:
        kept = session.get(CaptureUnit, unit_id, with_for_update={"of": CaptureUnit})
        if kept is None:
            raise NotFound(unit=unit_id)
        unit = kept
        for field, value in values.items():
            setattr(unit, field, value)
        unit.format = unit_format
    session.flush()
    record_fact(session, Fact("unit.saved", unit.id, facts={"format": unit_format}), actor=actor, now=now)
    session.commit()
    return unit


def switch_rosters(
    session: Session, *, unit_id: int, allowed: bool, reason: str, actor: Actor, now: datetime
) -> CaptureUnit:
    """Let tables with names and ID numbers go to a unit, or stop it. Allowing asks for a reason, which is kept.

    Source: config/capture.toml [rosters]. Raises Invalid, NotFound.
    """
    reason = reason.strip()
    if allowed and len(reason) < 10:
        raise Invalid({"reason": "reason_needed"})
    if len(reason) > MAX_NOTE:
        raise Invalid({"reason": "too_long"})
    begin_write(session)
    unit = session.get(CaptureUnit, unit_id, with_for_update={"of": CaptureUnit})
    if unit is None:
        raise NotFound(unit=unit_id)
    unit.rosters_allowed, unit.rosters_reason = allowed, reason if allowed else ""
    verb = "unit.rosters_allowed" if allowed else "unit.rosters_stopped"
    record_fact(session, Fact(verb, unit.id), actor=actor, now=now)
    session.commit()
    return unit


def set_route(
    session: Session,
    *,
    scope: Scope,
    round_id: int,
    centre_id: int,
    route: str,
    unit_id: int | None,
    price_fen: int | None,
    note: str,
    rules: CaptureRules,
    actor: Actor,
    now: datetime,
) -> CentreRoute:
    """Say which way a centre's photos take in a round. Raises Invalid by field, NotFound outside the scope."""
    centre = centre_in_scope(session, scope=scope, centre_id=centre_id)
    problems: dict[str, str] = {}
    if route not in routes_for(rules, province=centre.province):
        problems["route"] = "route_not_here"
    if price_fen is not None and not 0 <= price_fen <= MOST_FEN:
        problems["price"] = "price_range"
    if len(note) > MAX_NOTE:
        problems["note"] = "too_long"
    begin_write(session)
    if session.get(CaptureRound, round_id) is None:
        raise NotFound(round=round_id)
    unit = None if unit_id is None else session.get(CaptureUnit, unit_id)
    if unit_id is not None and (unit is None or not unit.active):
        problems["unit"] = "unknown_unit"
    if problems:
        raise Invalid(problems)
    query = select(CentreRoute).where(CentreRoute.round_id == round_id, CentreRoute.centre_id == centre_id)
    found = session.scalars(query.with_for_update(of=CentreRoute)).one_or_none()
    if found is None:
        found = CentreRoute(round_id=round_id, centre_id=centre_id)
        session.add(found)
    found.route, found.unit_id, found.price_fen, found.note = Route(route), unit_id, price_fen, note.strip()
    session.flush()
    facts = {"centre": centre_id, "route": route, "price_fen": price_fen}
    record_fact(session, Fact("route.set", found.id, facts=facts), actor=actor, now=now)
    session.commit()
    return found
