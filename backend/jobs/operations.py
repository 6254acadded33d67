"""Taking, finishing and reviving jobs. Each is one short transaction; the work itself is done between them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.errors import NotFound
from backend.history.operations import record_fact
from backend.history.rules import Actor, Fact
from backend.jobs.records import Job
from backend.jobs.rules import OPEN, JobState, after_failure
from backend.records import begin_write


def enqueue(
    session: Session,
    *,
    kind: str,
    payload: Mapping[str, Any],
    run_at: datetime,
    key: str | None,
    now: datetime,
) -> None:
    """Add a job in the transaction of the caller, who commits. See ports.JobQueue."""
    if key is not None and session.scalar(select(Job.id).where(Job.key == key, Job.state.in_(OPEN)).limit(1)):
        return
    session.add(Job(kind=kind, payload=dict(payload), key=key, state=JobState.WAITING, run_at=run_at, created_at=now))


def take_job(session: Session, *, worker: str, lease_seconds: int, max_attempts: int, now: datetime) -> Job | None:
    """The job that is due longest, leased to this worker; None when nothing is due.

    A running job whose lease has run out counts as due: its worker is gone. One that has lost its worker in every
    attempt is dead: it may be the job that kills them.
    """
    begin_write(session)
    due = (Job.state == JobState.WAITING) & (Job.run_at <= now)
    forsaken = (Job.state == JobState.RUNNING) & (Job.lease_until < now)
    job = session.scalars(
        select(Job)
        .where(due | forsaken)
        .order_by(Job.run_at, Job.id)
        .limit(1)
        .with_for_update(of=Job, skip_locked=True)
    ).one_or_none()
    if job is not None and job.attempts >= max_attempts:
        job.state, job.lease_until, job.last_error = (
            JobState.DEAD,
            None,
            "the worker was lost in every attempt",
        )
        session.commit()
        return None
    if job is not None:
        job.state = JobState.RUNNING
        job.worker = worker
        job.attempts += 1
        job.lease_until = now + timedelta(seconds=lease_seconds)
    session.commit()
    return job


def extend_lease(session: Session, *, job_id: int, worker: str, until: datetime) -> bool:
    """Keep a long job. False when another worker has taken it meanwhile: stop working on it."""
    begin_write(session)
    result = session.execute(
        update(Job)
        .where(Job.id == job_id, Job.worker == worker, Job.state == JobState.RUNNING)
        .values(lease_until=until)
        .execution_options(synchronize_session=False)
    )
    session.commit()
    return bool(getattr(result, "rowcount", 0))


def finish_job(session: Session, *, job_id: int, worker: str, now: datetime) -> None:
    """The work is done. Nothing changes when another worker has taken the job meanwhile."""
    begin_write(session)
    job = _still_mine(session, job_id, worker)
    if job is not None:
        job.state, job.finished_at, job.lease_until, job.last_error = JobState.DONE, now, None, None
    session.commit()


def fail_job(
    session: Session,
    *,
    job_id: int,
    worker: str,
    error: str,
    max_attempts: int,
    backoff_seconds: int,
    now: datetime,
) -> None:
    """The work failed: it is tried again later, or is dead after the last attempt. `error` has no personal data."""
    begin_write(session)
    job = _still_mine(session, job_id, worker)
    if job is not None:
        state, run_at = after_failure(
            attempts=job.attempts, max_attempts=max_attempts, backoff_seconds=backoff_seconds, now=now
        )
        job.state, job.run_at, job.lease_until, job.last_error = state, run_at, None, error[:2000]
    session.commit()


def revive_job(session: Session, *, job_id: int, actor: Actor, now: datetime) -> Job:
    """Staff start a dead job again, with a fresh count of attempts."""
    begin_write(session)
    job = revive(session, job_id=job_id, actor=actor, now=now)
    session.commit()
    return job


def revive(session: Session, *, job_id: int, actor: Actor, now: datetime) -> Job:
    """The same in the transaction of the caller. Raises NotFound unless the job is dead."""
    job = session.get(Job, job_id, with_for_update={"of": Job})
    if job is None or job.state != JobState.DEAD:
        raise NotFound(job=job_id)
    job.state, job.attempts, job.run_at = JobState.WAITING, 0, now
    record_fact(session, Fact("job.revived", job.id, facts={"kind": job.kind}), actor=actor, now=now)
    return job


def delete_finished(session: Session, *, before: datetime) -> int:
    """Forget jobs done before this time; gives their number."""
    begin_write(session)
    jobs = session.scalars(select(Job).where(Job.state == JobState.DONE, Job.finished_at < before).limit(5000)).all()
    for job in jobs:
        session.delete(job)
    session.commit()
    return len(jobs)


def _still_mine(session: Session, job_id: int, worker: str) -> Job | None:
    job = session.get(Job, job_id, with_for_update={"of": Job})
    return job if job is not None and job.worker == worker and job.state == JobState.RUNNING else None
