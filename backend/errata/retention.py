"""The end of what students hand in with a form: evidence and the right e-photo of cases that are over.

What happened stays in the history and in the case's own story. The rows go here; their files go with the next sweep of
the worker, which keeps a file that something else refers to.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.orm import Session

from backend.errata.forms import Retention
from backend.errata.records import ErratumCase, ErratumEvidence, ErratumPhoto
from backend.errata.rules import FINAL, State
from backend.history.operations import record_fact
from backend.history.rules import SYSTEM, Fact
from backend.records import begin_write


def delete_on(case: ErratumCase, retention: Retention) -> datetime | None:
    """From when the evidence of a case that is over is not kept any more; None while it is needed, or gone."""
    if State(case.state) not in FINAL or case.evidence_deleted_at is not None:
        return None
    return case.state_since + timedelta(days=retention.days(State(case.state)))


def drop_due_evidence(session: Session, *, retention: Retention, now: datetime) -> int:
    """Delete evidence and photos of cases past their time; gives the number of cases. Repeatable."""
    begin_write(session)
    newest = select(func.max(ErratumEvidence.added_at)).where(ErratumEvidence.case_id == ErratumCase.id)
    over = [
        (ErratumCase.state == state) & (ErratumCase.state_since <= now - timedelta(days=retention.days(state)))
        for state in FINAL
    ]
    forgotten = now - timedelta(days=retention.not_submitted_days)
    cases = session.scalars(
        select(ErratumCase)
        .where(
            or_(
                exists().where(ErratumEvidence.case_id == ErratumCase.id),
                exists().where(ErratumPhoto.case_id == ErratumCase.id),
            ),
            or_(*over, (ErratumCase.state == State.DRAFT) & (newest.scalar_subquery() <= forgotten)),
        )
        .order_by(ErratumCase.id)
        .with_for_update(of=ErratumCase)
    ).all()
    for case in cases:
        kinds = sorted(item.kind for item in case.evidence) + ["photo"] * bool(case.photos)
        session.execute(delete(ErratumEvidence).where(ErratumEvidence.case_id == case.id))
        session.execute(delete(ErratumPhoto).where(ErratumPhoto.case_id == case.id))
        session.expire(case, ["evidence", "photos"])
        case.evidence_deleted_at = now
        case.revision += 1
        fact = Fact("erratum.evidence_deleted", case.id, owner_id=case.student_id, facts={"kinds": kinds})
        record_fact(session, fact, actor=SYSTEM, now=now)
    session.commit()
    return len(cases)
