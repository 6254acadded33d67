"""Jobs for the staff's screen and the metrics."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.jobs.records import Job
from backend.jobs.rules import JobState


def job_counts(session: Session) -> dict[str, int]:
    """State -> number of jobs; every state is there."""
    rows = session.execute(select(Job.state, func.count()).group_by(Job.state))
    found = dict(rows.all())
    return {state.value: found.get(state.value, 0) for state in JobState}


def jobs_in(session: Session, state: JobState, *, limit: int = 100) -> Sequence[Job]:
    """Jobs in one state, newest first."""
    return session.scalars(select(Job).where(Job.state == state).order_by(Job.id.desc()).limit(limit)).all()


def newest_job(session: Session, key: str) -> Job | None:
    """The last job that was asked for under this key."""
    return session.scalars(select(Job).where(Job.key == key).order_by(Job.id.desc()).limit(1)).first()
