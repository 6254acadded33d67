"""The inbox: what happened, in words, with a link to the page where something can be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template, request
from flask_login import current_user

from backend.accounts.rules import Permission
from backend.notifications.operations import mark_read
from backend.notifications.queries import inbox, unread_count
from backend.notifications.records import Message
from backend.notifications.words import kind_shown, message_words
from backend.views import access
from backend.views.words import t

blueprint = Blueprint("student_messages", __name__)

# message -> (icon, tone of its state, endpoint where one can act)
LOOKS: dict[str, tuple[str, str, str]] = {
    "photo_submitted": ("clock", "neutral", "student_photo.versions"),
    "photo_needs_retake": ("retake", "attention", "student_photo.versions"),
    "photo_scanned": ("eye", "attention", "student_photo.versions"),
    "photo_scan_taken_back": ("return", "neutral", "student_photo.versions"),
    "photo_accepted": ("check", "good", "student_photo.versions"),
    "photo_returned": ("return", "attention", "student_photo.versions"),
    "photo_unit_refused": ("return", "attention", "student_photo.versions"),
    "photo_unit_takes": ("check", "good", "student_photo.versions"),
    "photo_objected": ("hand", "neutral", "student_photo.versions"),
    "correction_submitted": ("clock", "neutral", "student_enrollment.show"),
    "correction_accepted": ("check", "good", "student_enrollment.show"),
    "correction_refused": ("case", "attention", "student_enrollment.show"),
    "alumni_opened": ("clock", "neutral", "student_alumni.show"),
    "alumni_returned": ("return", "attention", "student_alumni.show"),
    "alumni_rerouted": ("return", "attention", "student_alumni.show"),
    "alumni_endorsed": ("outbox", "neutral", "student_alumni.show"),
    "alumni_approved": ("check", "good", "student_alumni.show"),
    "alumni_sent": ("outbox", "good", "student_alumni.show"),
    "alumni_confirmed": ("star", "good", "student_alumni.show"),
    "alumni_closed": ("case", "attention", "student_alumni.show"),
    "alumni_prints": ("check", "neutral", "student_alumni.show"),
    "photo_linked": ("eye", "attention", "student_proofread.show"),
    "conclusion_deleted": ("eye", "attention", "student_proofread.show"),
    "look_again": ("calendar", "attention", "student_proofread.show"),
    "last_day_near": ("calendar", "attention", "student_proofread.show"),
    "erratum_submitted": ("clock", "neutral", "student_errata.list"),
    "erratum_opined": ("building", "neutral", "student_errata.list"),
    "erratum_decided": ("check", "good", "student_errata.list"),
    "erratum_returned": ("return", "attention", "student_errata.list"),
    "erratum_sent": ("outbox", "neutral", "student_errata.list"),
    "erratum_corrected": ("eye", "attention", "student_errata.list"),
    "erratum_closed": ("case", "neutral", "student_errata.list"),
    "erratum_other_asked": ("people", "attention", "student_errata.list"),
    "erratum_look_again": ("calendar", "attention", "student_errata.list"),
    "erratum_answer_due": ("calendar", "attention", "student_errata.list"),
    "review_opened": ("list", "attention", "student_papers.show"),
    "review_asked_again": ("list", "attention", "student_papers.show"),
    "review_cleared": ("check", "good", "student_papers.show"),
    "session_signed_up": ("calendar", "neutral", "student_sessions.list"),
    "session_cancelled": ("calendar", "attention", "student_sessions.list"),
    "photo_handed_over": ("outbox", "neutral", "student_photo.versions"),
    "reminder_confirm": ("pencil", "attention", "student_enrollment.show"),
    "reminder_capture": ("camera", "attention", "student_home.show"),
    "reminder_retake": ("retake", "attention", "student_photo.versions"),
    "reminder_code": ("qr", "attention", "student_home.show"),
    "reminder_session_code": ("qr", "attention", "student_sessions.code"),
    "reminder_agree": ("outbox", "attention", "student_consent.show"),
    "account_activated": ("star", "good", "student_enrollment.show"),
}


@dataclass(frozen=True)
class Line:
    """One message as it is read now, in the reader's language."""

    title: str
    text: str
    icon: str
    tone: str
    endpoint: str
    at: datetime
    unread: bool


@blueprint.get("/messages")
@access.needs(Permission.OWN_DATA)
def show() -> str:
    """The messages; opening the page marks them as read, and they look unread this once."""
    student_id = access.student().id
    lines = [in_words(message) for message in inbox(access.session(), student_id)]
    if any(line.unread for line in lines):
        mark_read(access.session(), student_id=student_id, now=access.now())
    return render_template("student/messages.html", lines=lines, unread=0)


def in_words(message: Message) -> Line:
    title, text = message_words(message.kind, message.facts, t)
    kind = kind_shown(message.kind, message.facts)
    icon, tone, endpoint = LOOKS.get(kind, ("message", "neutral", "student_home.show"))
    return Line(
        title=title,
        text=text,
        icon=icon,
        tone=tone,
        endpoint=endpoint,
        at=message.created_at,
        unread=message.read_at is None,
    )


@blueprint.app_context_processor
def _unread() -> dict[str, object]:
    """The number on the tab, for the student's own pages."""
    if not (request.endpoint or "").startswith("student_") or not current_user.is_authenticated:
        return {}
    student_id = access.account().student_id
    return {"unread": unread_count(access.session(), student_id)} if student_id is not None else {}
