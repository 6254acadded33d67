"""What lies at the desks of staff now: small counts for the first page, none of which reads the whole roster."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import InstrumentedAttribute

from backend.alumni.records import AlumniApplication, AlumniCase
from backend.alumni.rules import WAITS_FOR as ALUMNI_WAIT
from backend.alumni.rules import ApplicationState
from backend.alumni.rules import Party as AlumniParty
from backend.centres.rules import Scope
from backend.days import day_of
from backend.enrollment.queries import in_scope
from backend.enrollment.records import Correction, Student
from backend.enrollment.rules import CorrectionState
from backend.errata.records import ErratumCase
from backend.errata.rules import WAITS_FOR as ERRATA_WAIT
from backend.errata.rules import Party
from backend.exchange.records import Import
from backend.exchange.rules import ImportState, Outcome
from backend.identity.records import IdentityCase
from backend.identity.rules import State as IdentityState
from backend.notifications.records import Delivery
from backend.notifications.rules import DeliveryState
from backend.onsite.records import CaptureSession
from backend.onsite.rules import State as SessionState
from backend.photos.records import Photo
from backend.photos.rules import State
from backend.statistics.rules import Limits, Matter, Waiting

RECENT = timedelta(days=14)  # an import that ended longer ago is no news, whatever it left out


class Task(StrEnum):
    """What a member of staff has to decide."""

    REVIEW = "review"
    CORRECTION = "correction"
    ERRATUM = "erratum"
    ALUMNI = "alumni"
    APPLICATION = "application"
    IDENTITY = "identity"


@dataclass(frozen=True)
class Own:
    """Whose desk it is. identity: may this person know of identity reviews?"""

    party: Party
    identity: bool


def tasks(session: Session, *, scope: Scope, own: Own, limits: Limits, now: datetime) -> dict[Task, dict[int, Waiting]]:
    """Task -> centre id -> what waits for this desk. Photos and reports of data are decided by the centres.

    An application that no centre has yet is the registry's, and stands under 0.
    """
    today = day_of(now)
    counted = {
        Task.REVIEW: _of_students(
            session, scope, Photo, Photo.submitted_at, Photo.submitted_at < now - limits.overdue[Matter.REVIEW],
            Photo.state == State.READY_FOR_REVIEW,
        ),
        Task.CORRECTION: _of_students(
            session, scope, Correction, Correction.submitted_at,
            Correction.submitted_at < now - limits.overdue[Matter.CORRECTION],
            Correction.state == CorrectionState.SUBMITTED,
        ),
        Task.ERRATUM: _of_students(
            session, scope, ErratumCase, ErratumCase.state_since, ErratumCase.due_on < today,
            ErratumCase.state.in_([state.value for state, party in ERRATA_WAIT.items() if party is own.party]),
        ),
        Task.ALUMNI: _of_students(
            session, scope, AlumniCase, AlumniCase.since, AlumniCase.due_on < today,
            AlumniCase.state.in_([state.value for state, party in ALUMNI_WAIT.items() if party is _alumni(own.party)]),
        ),
        Task.APPLICATION: _applications(session, scope, today),
    }  # fmt: skip
    if own.identity:
        state = IdentityState.HANDED_IN
        counted[Task.IDENTITY] = _of_students(
            session, scope, IdentityCase, IdentityCase.state_since, IdentityCase.due_on < today,
            IdentityCase.state == state,
        )  # fmt: skip
    return counted


def _alumni(party: Party) -> AlumniParty:
    return AlumniParty.CENTRE if party is Party.CENTRE else AlumniParty.REGISTRY


def _of_students(
    session: Session,
    scope: Scope,
    table: Any,
    since: InstrumentedAttribute[datetime],
    late: ColumnElement[bool],
    *where: ColumnElement[bool],
) -> dict[int, Waiting]:
    query = (
        select(Student.centre_id, func.count(), func.sum(case((late, 1), else_=0)), func.min(since))
        .select_from(table)
        .join(Student, Student.id == table.student_id)
        .where(*where, *in_scope(scope))
        .group_by(Student.centre_id)
    )
    return {
        centre: Waiting(count, int(overdue or 0), oldest) for centre, count, overdue, oldest in session.execute(query)
    }


def _applications(session: Session, scope: Scope, today: Any) -> dict[int, Waiting]:
    late = case((AlumniApplication.due_on < today, 1), else_=0)
    query = (
        select(AlumniApplication.centre_id, func.count(), func.sum(late), func.min(AlumniApplication.made_at))
        .where(AlumniApplication.state == ApplicationState.WAITING)
        .group_by(AlumniApplication.centre_id)
    )
    if scope.centre_id is not None:
        query = query.where(AlumniApplication.centre_id == scope.centre_id)
    return {
        centre or 0: Waiting(count, int(overdue or 0), oldest)
        for centre, count, overdue, oldest in session.execute(query)
    }


def students_of(session: Session) -> dict[int, int]:
    """Centre id -> students whose photo is asked for: graduates have a way of their own."""
    query = select(Student.centre_id, func.count()).where(Student.certificate_number.is_(None))
    return dict(iter(session.execute(query.group_by(Student.centre_id))))


def sessions_soon(session: Session, *, scope: Scope, now: datetime) -> tuple[int, Any]:
    """How many capture sessions are held in the seven days from today on, and on which day the first."""
    today = day_of(now)
    query = select(func.count(), func.min(CaptureSession.held_on)).where(
        CaptureSession.held_on >= today,
        CaptureSession.held_on < today + timedelta(days=7),
        CaptureSession.state.in_([SessionState.OPEN, SessionState.RUNNING]),
    )
    if scope.centre_id is not None:
        query = query.where(CaptureSession.centre_id == scope.centre_id)
    count, first = session.execute(query).one()
    return count, first


def imports_with_problems(session: Session, *, scope: Scope, now: datetime) -> Waiting:
    """Imports that wait for a person, and those of the last days that left lines out."""
    query = select(Import.state, Import.uploaded_at, Import.finished_at, Import.counts).where(
        Import.state.in_([ImportState.UPLOADED, ImportState.CHECKED])
        | ((Import.state == ImportState.DONE) & (Import.finished_at > now - RECENT))
    )
    if scope.centre_id is not None:
        query = query.where(Import.centre_id == scope.centre_id)
    since = [
        finished or uploaded
        for state, uploaded, finished, counts in session.execute(query)
        if state != ImportState.DONE or counts.get(Outcome.REFUSED, 0)
    ]
    return Waiting(len(since), 0, min(since, default=None))


def lost_deliveries(session: Session) -> Waiting:
    """Messages that no channel took."""
    query = select(func.count(), func.min(Delivery.ended_at)).where(Delivery.state == DeliveryState.DEAD)
    count, oldest = session.execute(query).one()
    return Waiting(count, 0, oldest)
