"""Rounds, units and routes for screens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.capture.records import CaptureRound, CaptureRoundCohort, CaptureUnit, CentreRoute
from backend.centres.rules import Scope
from backend.enrollment.records import Student
from backend.errors import NotFound


def list_rounds(session: Session) -> Sequence[CaptureRound]:
    """All rounds, the newest first."""
    return session.scalars(select(CaptureRound).order_by(CaptureRound.opens_on.desc(), CaptureRound.id.desc())).all()


def round_of(session: Session, round_id: int) -> CaptureRound:
    found = session.get(CaptureRound, round_id)
    if found is None:
        raise NotFound(round=round_id)
    return found


def list_units(session: Session) -> Sequence[CaptureUnit]:
    return session.scalars(select(CaptureUnit).where(CaptureUnit.active).order_by(CaptureUnit.code)).all()


def unit_of(session: Session, unit_id: int) -> CaptureUnit:
    found = session.get(CaptureUnit, unit_id)
    if found is None:
        raise NotFound(unit=unit_id)
    return found


def routes_in(session: Session, *, scope: Scope, round_id: int) -> dict[int, CentreRoute]:
    """Centre -> its route in this round, for the centres of the scope that have one."""
    query = select(CentreRoute).where(CentreRoute.round_id == round_id)
    if scope.centre_id is not None:
        query = query.where(CentreRoute.centre_id == scope.centre_id)
    return {route.centre_id: route for route in session.scalars(query)}


def current_round(session: Session, student: Student, *, today: date) -> CaptureRound | None:
    """The round in which this student is captured: the newest one open today for the cohort; None without one."""
    if student.cohort_id is None:
        return None
    return session.scalars(
        select(CaptureRound)
        .join(CaptureRoundCohort, CaptureRoundCohort.round_id == CaptureRound.id)
        .where(
            CaptureRoundCohort.cohort_id == student.cohort_id,
            CaptureRound.opens_on <= today,
            CaptureRound.closes_on >= today,
        )
        .order_by(CaptureRound.opens_on.desc(), CaptureRound.id.desc())
        .limit(1)
    ).one_or_none()


def route_for(session: Session, student: Student, *, today: date) -> CentreRoute | None:
    """The route of the student's centre in the current round; None while nothing is set."""
    found = current_round(session, student, today=today)
    if found is None:
        return None
    return session.scalars(
        select(CentreRoute).where(CentreRoute.round_id == found.id, CentreRoute.centre_id == student.centre_id)
    ).one_or_none()


def members_count(session: Session, *, round_id: int) -> dict[int, int]:
    """Centre -> how many students take part in the round."""
    rows = session.execute(
        select(Student.centre_id, func.count())
        .join(CaptureRoundCohort, CaptureRoundCohort.cohort_id == Student.cohort_id)
        .where(CaptureRoundCohort.round_id == round_id)
        .group_by(Student.centre_id)
    )
    return {row[0]: row[1] for row in rows}
