"""The contact sheet: many green photos accepted with one press, each by the ordinary decision; taken back as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.centres.rules import Scope
from backend.errors import Invalid, NotAllowed, NotFound, Outdated
from backend.history.rules import Actor
from backend.photos.operations import decide, undo_decision
from backend.photos.records import Decision, Photo, PhotoVersion
from backend.photos.rules import Action, OwnScan

FACES = 24  # on one sheet: as many as a person looks at before pressing once


@dataclass(frozen=True)
class Face:
    """A photo as it was on the sheet: its revision says whether it is still the one that was looked at."""

    photo_id: int
    revision: int


@dataclass
class SheetResult:
    """How many went through, and the photos that had moved on meanwhile."""

    done: int = 0
    moved_on: list[int] = field(default_factory=list)


def accept_sheet(
    session: Session,
    *,
    scope: Scope,
    faces: Sequence[Face],
    sheet: str,
    undo_seconds: int,
    actor: Actor,
    now: datetime,
) -> SheetResult:
    """Accept every photo that is still as it was shown; the others are named and stay as they are.

    Raises Invalid for no face or more than one sheet of them, NotFound as soon as one is outside the scope.
    """
    if not faces:
        raise Invalid({"faces": "nothing_chosen"})
    if len(faces) > FACES:
        raise Invalid({"faces": "too_many_faces"})
    result = SheetResult()
    for face in _in_scope(session, scope, faces):
        try:
            decide(
                session,
                scope=scope,
                photo_id=face.photo_id,
                seen_revision=face.revision,
                action=Action.ACCEPT,
                reasons=(),
                text_student="",
                text_staff="",
                undo_seconds=undo_seconds,
                actor=actor,
                now=now,
                sheet=sheet,
            )
        except (Outdated, NotAllowed, OwnScan):
            session.rollback()
            result.moved_on.append(face.photo_id)
        else:
            result.done += 1
    return result


def undo_sheet(session: Session, *, sheet: str, undo_seconds: int, actor: Actor, now: datetime) -> SheetResult:
    """Take back all of a sheet that still can be. Raises NotFound for somebody else's, UndoTooLate after the minute."""
    query = (
        select(Decision.id, PhotoVersion.photo_id)
        .join(PhotoVersion, PhotoVersion.id == Decision.version_id)
        .where(Decision.sheet == sheet, Decision.reviewer_id == actor.known_id, Decision.undone_at.is_(None))
        .order_by(Decision.id)
    )
    decisions = session.execute(query).all()
    if not decisions:
        raise NotFound(sheet=sheet)
    session.rollback()  # each undo begins its own write
    result = SheetResult()
    for decision_id, photo_id in decisions:
        try:
            undo_decision(session, decision_id=decision_id, undo_seconds=undo_seconds, actor=actor, now=now)
        except (Outdated, NotAllowed):
            session.rollback()
            result.moved_on.append(photo_id)
        else:
            result.done += 1
    return result


def sheet_size(session: Session, sheet: str) -> int:
    """How many decisions of a sheet stand."""
    query = select(func.count(Decision.id)).where(Decision.sheet == sheet, Decision.undone_at.is_(None))
    return session.scalar(query) or 0


def _in_scope(session: Session, scope: Scope, faces: Sequence[Face]) -> list[Face]:
    """Each photo once. Nothing is decided when one of them is not the reviewer's to see."""
    once = {face.photo_id: face for face in faces}
    photos = session.scalars(select(Photo).where(Photo.id.in_(once))).all()
    if len(photos) < len(once) or any(not scope.covers(photo.student.centre_id) for photo in photos):
        raise NotFound(photos=sorted(once))
    session.rollback()  # each decision begins its own write
    return list(once.values())
