"""A step of an import at which the worker failed: said on its page, and never the end of it.

Failed steps are tried again by themselves a few times. When they are given up, somebody may let the step go on where it
stopped, or take back what was written; without a dry run to its end the file may be given up.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from backend.centres.rules import Scope
from backend.exchange.queries import import_in_scope
from backend.exchange.records import Import
from backend.exchange.rules import ImportNotAllowed, ImportState
from backend.follow_ups import import_key
from backend.history.operations import happened
from backend.history.rules import Actor, Fact
from backend.jobs.operations import revive
from backend.jobs.queries import newest_job
from backend.jobs.records import Job
from backend.jobs.rules import JobState
from backend.records import begin_write

# the state of a step -> the fact that began it
BEGUN = {
    ImportState.CHECKING: "import.matched",
    ImportState.COMMITTING: "import.committed",
    ImportState.UNDOING: "import.undo_begun",
}


class Trouble(StrEnum):
    """How a step under way has failed."""

    AGAIN = "again"  # it failed, and is tried again by itself
    GIVEN_UP = "given_up"  # it failed too often: a person must say what happens


def trouble(session: Session, run: Import) -> Trouble | None:
    """What is wrong with the step under way; None while nothing is, or no step is under way."""
    job = _job(session, run)
    if job is None:
        return None
    if job.state == JobState.DEAD:
        return Trouble.GIVEN_UP
    return Trouble.AGAIN if job.state == JobState.WAITING and job.attempts else None


def go_on(session: Session, *, scope: Scope, import_id: int, actor: Actor, now: datetime) -> Import:
    """Let a step that was given up go on where it stopped. Raises NotFound, ImportNotAllowed."""
    begin_write(session)
    run = import_in_scope(session, scope=scope, import_id=import_id)
    job = _job(session, run)
    if job is None or job.state != JobState.DEAD:
        raise ImportNotAllowed(state=run.state)
    revive(session, job_id=job.id, actor=actor, now=now)
    facts = {"state": str(run.state), "kind": run.kind}
    happened(session, Fact("import.gone_on", run.id, facts=facts), actor=actor, now=now)
    session.commit()
    return run


def refuse_while_working(session: Session, run: Import) -> None:
    """Who leaves a step in the middle must have been told that it was given up. Raises ImportNotAllowed."""
    if run.state in BEGUN and trouble(session, run) is not Trouble.GIVEN_UP:
        raise ImportNotAllowed(state=run.state)


def _job(session: Session, run: Import) -> Job | None:
    verb = BEGUN.get(ImportState(run.state))
    return newest_job(session, import_key(verb, run.id)) if verb else None
