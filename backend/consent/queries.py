"""Consents for screens and for the operations that need one."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.consent.records import Consent


def has_consent(session: Session, *, student_id: int, purpose: str) -> bool:
    """Has the student agreed to the purpose, in any version, and not withdrawn it?"""
    return (
        session.scalar(
            select(Consent.id)
            .where(Consent.student_id == student_id, Consent.purpose == purpose, Consent.withdrawn_at.is_(None))
            .limit(1)
        )
        is not None
    )


def with_consent(session: Session, *, student_ids: Sequence[int], purpose: str) -> set[int]:
    """Those of the students who have agreed to the purpose and not withdrawn it."""
    query = select(Consent.student_id).where(
        Consent.student_id.in_(student_ids), Consent.purpose == purpose, Consent.withdrawn_at.is_(None)
    )
    return set(session.scalars(query))


def consents_of(session: Session, student_id: int) -> Sequence[Consent]:
    """All answers of the student, newest first."""
    return session.scalars(select(Consent).where(Consent.student_id == student_id).order_by(Consent.id.desc())).all()
