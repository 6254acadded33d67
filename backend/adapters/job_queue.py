"""The embedded job queue: rows in the application's own database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.jobs.operations import enqueue


class EmbeddedQueue:
    """Implements ports.JobQueue; the worker of `flask worker` takes the jobs."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def enqueue(
        self,
        session: Session,
        *,
        kind: str,
        payload: Mapping[str, Any],
        run_at: datetime,
        key: str | None = None,
    ) -> None:
        enqueue(session, kind=kind, payload=payload, run_at=run_at, key=key, now=self._clock())
