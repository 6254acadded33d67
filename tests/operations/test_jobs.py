"""Jobs: taken once, done again when the worker died, dead after too many failures."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.jobs import operations as jobs
from backend.jobs.records import Job
from backend.jobs.rules import JobState
from backend.parts import Parts
from tests.conftest import Clock

LEASE = {"lease_seconds": 60, "max_attempts": 3}


def add(session: Session, clock: Clock, key: str | None = None) -> None:
    jobs.enqueue(session, kind="drop_drafts", payload={}, run_at=clock(), key=key, now=clock())
    session.commit()


def take(parts: Parts, clock: Clock, worker: str = "a") -> Job | None:
    with parts.sessions() as session:
        return jobs.take_job(session, worker=worker, now=clock(), **LEASE)


def test_a_job_is_taken_by_one_worker_only(session: Session, parts: Parts, clock: Clock) -> None:
    add(session, clock)
    assert take(parts, clock, "a") is not None
    assert take(parts, clock, "b") is None


def test_a_job_whose_worker_died_is_done_by_the_next(session: Session, parts: Parts, clock: Clock) -> None:
    add(session, clock)
    take(parts, clock, "a")
    clock.move(seconds=61)
    second = take(parts, clock, "b")
    assert second is not None
    assert second.attempts == 2
    with parts.sessions() as other:  # the first one wakes up: too late
        jobs.finish_job(other, job_id=second.id, worker="a", now=clock())
    assert session.scalars(select(Job)).one().state == JobState.RUNNING


def test_a_job_that_kills_its_workers_is_dead_in_the_end(session: Session, parts: Parts, clock: Clock) -> None:
    add(session, clock)
    for _ in range(3):
        assert take(parts, clock) is not None
        clock.move(seconds=61)
    assert take(parts, clock) is None
    assert session.scalars(select(Job)).one().state == JobState.DEAD


def test_a_failed_job_waits_longer_each_time_and_then_for_a_person(
    session: Session, parts: Parts, clock: Clock
) -> None:
    add(session, clock)
    waits = []
    for _ in range(3):
        job = take(parts, clock)
        assert job is not None
        with parts.sessions() as other:
            jobs.fail_job(
                other, job_id=job.id, worker="a", error="Broken", max_attempts=3, backoff_seconds=5, now=clock()
            )
        session.expire_all()
        kept = session.scalars(select(Job)).one()
        waits.append((kept.run_at - clock()).total_seconds())
        clock.now = kept.run_at
        session.rollback()
    assert waits == [5, 10, 0]
    assert session.scalars(select(Job)).one().state == JobState.DEAD


def test_a_second_job_of_the_same_key_is_not_added_while_the_first_is_open(session: Session, clock: Clock) -> None:
    add(session, clock, "one")
    add(session, clock, "one")
    assert len(session.scalars(select(Job)).all()) == 1
