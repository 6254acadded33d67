"""The life of a job. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum


class JobState(StrEnum):
    WAITING = "waiting"  # due at run_at
    RUNNING = "running"  # leased by a worker; free again when the lease has run out
    DONE = "done"  # finished; final
    DEAD = "dead"  # failed too often; waits for a person, who may start it again


OPEN = (JobState.WAITING, JobState.RUNNING)


def after_failure(
    *, attempts: int, max_attempts: int, backoff_seconds: int, now: datetime
) -> tuple[JobState, datetime]:
    """State and next time after the `attempts`-th attempt failed: the wait doubles each time, up to an hour."""
    if attempts >= max_attempts:
        return JobState.DEAD, now
    wait = min(backoff_seconds * 2 ** (attempts - 1), 3600)
    return JobState.WAITING, now + timedelta(seconds=wait)
