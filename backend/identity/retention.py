"""The end of what students hand in for an identity review: the rows go here, their files with the next sweep."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from backend.history.operations import record_fact
from backend.history.rules import SYSTEM, Fact
from backend.identity.records import IdentityCase, IdentityEvidence
from backend.identity.rules import FINAL, Rounds, State
from backend.records import begin_write


def delete_on(case: IdentityCase, rounds: Rounds) -> datetime | None:
    """From when the evidence of a review that is over is not kept any more; None while it is needed, or gone."""
    if State(case.state) not in FINAL or case.evidence_deleted_at is not None:
        return None
    return case.state_since + timedelta(days=rounds.evidence_after_end_days)


def drop_due_evidence(session: Session, *, rounds: Rounds, now: datetime) -> int:
    """Delete the evidence of reviews past their time; gives the number of reviews. Repeatable."""
    begin_write(session)
    cases = session.scalars(
        select(IdentityCase)
        .where(
            IdentityCase.state.in_(FINAL),
            IdentityCase.state_since <= now - timedelta(days=rounds.evidence_after_end_days),
            exists().where(IdentityEvidence.case_id == IdentityCase.id),
        )
        .order_by(IdentityCase.id)
        .with_for_update(of=IdentityCase)
    ).all()
    for case in cases:
        facts = {"pieces": len(case.evidence)}
        session.execute(delete(IdentityEvidence).where(IdentityEvidence.case_id == case.id))
        session.expire(case, ["evidence"])
        case.evidence_deleted_at = now
        case.revision += 1
        fact = Fact("identity_review.evidence_deleted", case.id, owner_id=case.student_id, facts=facts)
        record_fact(session, fact, actor=SYSTEM, now=now)
    session.commit()
    return len(cases)
