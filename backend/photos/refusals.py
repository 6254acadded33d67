"""The unit does not take an accepted photo: the student takes another one. The caller commits."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.history.operations import happened
from backend.history.rules import Actor, Fact
from backend.photos.records import Decision, Photo, PhotoVersion
from backend.photos.rules import Action, State, next_state


def unit_refuses(
    session: Session, *, version_id: int, reason: str, source: str, actor: Actor, now: datetime
) -> Decision | None:
    """The version is returned with the unit's reason, and the student is told.

    reason: the unit's words, may be empty; source: where they were read ("batch 3", "import 12").
    None when nothing changes: a newer version is there already, or this one does not stand accepted any more.
    """
    version = session.get_one(PhotoVersion, version_id)
    photo = session.get_one(Photo, version.photo_id, with_for_update={"of": Photo}, populate_existing=True)
    if photo.current != version.number or photo.state != State.ACCEPTED:
        return None
    decision = Decision(
        version_id=version.id,
        action=Action.UNIT_REFUSES.value,
        reasons=[],
        text_student=reason.strip(),
        reviewer_id=actor.known_id,  # who wrote down what the unit says
        decided_at=now,
        sheet=source,
    )
    session.add(decision)
    session.flush()
    _move(session, photo, Action.UNIT_REFUSES, "photo.unit_refused", version, decision, actor, now)
    return decision


def take_refusals_back(
    session: Session, *, source: str, student_ids: Collection[int], actor: Actor, now: datetime
) -> None:
    """What was read from `source` was a mistake: photos of these students that nothing followed stand again."""
    query = (
        select(Decision, PhotoVersion, Photo)
        .join(PhotoVersion, PhotoVersion.id == Decision.version_id)
        .join(Photo, Photo.id == PhotoVersion.photo_id)
        .where(Decision.sheet == source, Decision.undone_at.is_(None), Photo.student_id.in_(student_ids))
        .order_by(Decision.id)
        .with_for_update(of=Photo)
    )
    for decision, version, photo in session.execute(query).all():
        if photo.current == version.number and photo.state == State.RETURNED:
            decision.undone_at = now
            _move(session, photo, Action.UNIT_TAKES, "photo.unit_refusal_undone", version, decision, actor, now)


def _move(
    session: Session,
    photo: Photo,
    action: Action,
    verb: str,
    version: PhotoVersion,
    decision: Decision,
    actor: Actor,
    now: datetime,
) -> None:
    photo.state = next_state(State(photo.state), action)
    photo.revision += 1
    facts = {"state": str(photo.state), "version": version.number, "decision": decision.id}
    happened(session, Fact(verb, photo.id, owner_id=photo.student_id, facts=facts), actor=actor, now=now)
