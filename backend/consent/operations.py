"""Giving and withdrawing consent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from backend.consent.records import Consent
from backend.consent.rules import Purpose, UnknownPurpose
from backend.history.operations import happened
from backend.history.rules import Actor, Fact
from backend.records import begin_write


def give_consent(
    session: Session,
    *,
    student_id: int,
    purpose: Purpose,
    seen_version: str,
    language: str,
    actor: Actor,
    now: datetime,
) -> Consent:
    """The student agrees to one purpose in the version shown. Doing it twice is harmless.

    Raises UnknownPurpose when the text has a newer version than the one shown.
    """
    if seen_version != purpose.version:
        raise UnknownPurpose(purpose=purpose.name)
    begin_write(session)
    known = session.scalars(_standing(student_id, purpose.name).where(Consent.version == purpose.version)).first()
    if known is not None:
        session.rollback()
        return known
    consent = Consent(
        student_id=student_id,
        purpose=purpose.name,
        version=purpose.version,
        text_sha256=purpose.texts[language].sha256,
        language=language,
        given_at=now,
    )
    session.add(consent)
    session.flush()
    facts = {"purpose": purpose.name, "version": purpose.version}
    happened(session, Fact("consent.given", consent.id, owner_id=student_id, facts=facts), actor=actor, now=now)
    session.commit()
    return consent


def withdraw_consent(session: Session, *, student_id: int, purpose: str, actor: Actor, now: datetime) -> None:
    """The student withdraws a consent, in all its versions. What was done before stays lawful; nothing new is done."""
    begin_write(session)
    for consent in session.scalars(_standing(student_id, purpose)):
        consent.withdrawn_at = now
        facts = {"purpose": purpose, "version": consent.version}
        happened(
            session,
            Fact("consent.withdrawn", consent.id, owner_id=student_id, facts=facts),
            actor=actor,
            now=now,
        )
    session.commit()


def _standing(student_id: int, purpose: str) -> Select[Consent]:
    return select(Consent).where(
        Consent.student_id == student_id, Consent.purpose == purpose, Consent.withdrawn_at.is_(None)
    )
