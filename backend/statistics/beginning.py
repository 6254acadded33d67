"""What a new installation needs before students come, and what of it is there."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import CENTRE_ROLES, Role
from backend.capture.records import CaptureRound
from backend.centres.records import Centre
from backend.enrollment.records import Cohort, Student
from backend.notices.records import Notice


class Step(StrEnum):
    """In the order in which one needs the other."""

    CENTRES = "centres"
    COHORTS = "cohorts"
    STAFF = "staff"  # somebody at the registry and somebody at a centre
    ROSTER = "roster"
    ROUND = "round"
    NOTICE = "notice"


_THERE: dict[Step, ColumnElement[bool]] = {
    Step.CENTRES: exists().where(Centre.active),
    Step.COHORTS: exists().where(Cohort.active),
    Step.STAFF: exists().where(Account.role == Role.REGISTRY) & exists().where(Account.role.in_(CENTRE_ROLES)),
    Step.ROSTER: exists(Student.id),
    Step.ROUND: exists(CaptureRound.id),
    Step.NOTICE: exists().where(Notice.published_at.is_not(None)),
}


def begun(session: Session) -> dict[Step, bool]:
    """Each step in order, and whether it is done."""
    found = session.execute(select(*(there.label(step.value) for step, there in _THERE.items()))).one()
    return dict(zip(_THERE, map(bool, found), strict=True))
