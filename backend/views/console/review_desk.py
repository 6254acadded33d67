"""What a reviewer has before them: one photo with its report, its past, the reasons to choose from, what comes next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from backend.accounts.queries import names_of
from backend.enrollment.rules import masked_id_number
from backend.photos.queries import objection_to, standing_decision, versions_of
from backend.photos.queue import QueueFilter, decided_since, next_waiting, undoable, waiting_count
from backend.photos.records import Photo
from backend.photos.rules import MAX_TEXT, Action, State, may_decide
from backend.photos.sheet import sheet_size
from backend.views import access
from backend.views.console.lists import today
from backend.views.console.reasons import reasons_for


def desk_of(photo: Photo, only: QueueFilter) -> dict[str, Any]:
    """Everything that the page of one photo shows, by the names of its template."""
    session, scope = access.session(), access.scope()
    versions = versions_of(session, photo.id)
    current = next(version for version in versions if version.number == photo.current)
    decisions = {version.id: standing_decision(session, version.id) for version in versions}
    following = next_waiting(session, scope=scope, only=only, after=photo)
    reviewers = {decision.reviewer_id for decision in decisions.values() if decision}
    return {
        "student": photo.student,
        "masked": masked_id_number(photo.student.id_number),
        "version": current,
        "findings": current.report["findings"],
        "versions": versions,
        "decisions": decisions,
        "reviewers": names_of(session, reviewers),
        "objections": {version.id: objection_to(session, version.id) for version in versions},
        "reasons": reasons_for(current.report["findings"]),
        # four eyes: who handed a scan in sees the page, and does not accept
        "own": not may_decide(Action.ACCEPT, submitted_by=current.submitted_by, reviewer_id=access.actor().known_id),
        "open": photo.state == State.READY_FOR_REVIEW,
        "next_photo": following[0] if following else None,
        "left": waiting_count(session, scope=scope, only=only),
        "most": MAX_TEXT,
        "profiles": access.parts().standard.profiles,
    }


def undo_bar() -> dict[str, Any]:
    """The reviewer's own newest decision, while it can be taken back, and how many there were today."""
    session, reviewer = access.session(), access.actor().known_id
    seconds = timedelta(seconds=access.parts().settings.photos.undo_seconds)
    found = undoable(session, reviewer_id=reviewer, since=access.now() - seconds)
    return {
        "last": found[0] if found else None,
        "sheet_count": sheet_size(session, found[0].sheet) if found and found[0].sheet else 0,
        "last_name": shy_name(found[1].student.name) if found else "",
        "last_until": found[0].decided_at + seconds if found else None,
        "last_left": int((found[0].decided_at + seconds - access.now()).total_seconds()) if found else 0,
        "done_today": decided_since(session, reviewer_id=reviewer, since=today()),
    }


def shy_name(name: str) -> str:
    """Enough to recognise whom one has just decided on: 林**."""
    return name[:1] + "**"
