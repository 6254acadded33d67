"""Fact -> jobs: every consequence on one page. Pure.

Each job kind has exactly one function in `backend/worker.py`; a contract test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from backend.history.rules import Fact
from backend.programs.rules import event_of


@dataclass(frozen=True)
class JobRequest:
    """Work that follows from a fact: `delay` after it, once while one with the same `key` is open."""

    kind: str
    payload: dict[str, Any]
    delay: timedelta = timedelta(0)
    key: str | None = None


# facts that the student is told about -> the message (area `message` of the words)
TOLD_TO_STUDENT = {
    "photo.submitted": "photo_submitted",
    "photo.scan_submitted": "photo_scanned",
    "photo.scan_taken_back": "photo_scan_taken_back",
    "photo.accepted": "photo_accepted",
    "photo.returned": "photo_returned",
    "photo.unit_refused": "photo_unit_refused",
    "photo.unit_refusal_undone": "photo_unit_takes",
    "photo.objected": "photo_objected",
    "correction.submitted": "correction_submitted",
    "correction.accepted": "correction_accepted",
    "correction.refused": "correction_refused",
    "student.activated": "account_activated",
    "linked_photo.added": "photo_linked",
    "conclusion.deleted": "conclusion_deleted",
    "reminder.look_again": "look_again",
    "reminder.last_day": "last_day_near",
    "alumni_case.opened": "alumni_opened",
    "alumni_case.returned": "alumni_returned",
    "alumni_case.rerouted": "alumni_rerouted",
    "alumni_case.endorsed": "alumni_endorsed",
    "alumni_case.approved": "alumni_approved",
    "alumni_case.sent": "alumni_sent",
    "alumni_case.confirmed": "alumni_confirmed",
    "alumni_case.closed": "alumni_closed",
    "alumni_case.prints_received": "alumni_prints",
    "erratum.submitted": "erratum_submitted",
    "erratum.opined": "erratum_opined",
    "erratum.decided": "erratum_decided",
    "erratum.returned": "erratum_returned",
    "erratum.sent": "erratum_sent",
    "erratum.corrected": "erratum_corrected",
    "erratum.closed": "erratum_closed",
    "erratum.other_asked": "erratum_other_asked",
    "erratum.look_again_due": "erratum_look_again",
    "erratum.answer_due": "erratum_answer_due",
    "identity_review.opened": "review_opened",
    "identity_review.asked_again": "review_asked_again",
    "identity_review.reopened": "review_opened",
    "identity_review.cleared": "review_cleared",
    "batch_item.handed_over": "photo_handed_over",
    "contact.reminded_confirm": "reminder_confirm",
    "contact.reminded_capture": "reminder_capture",
    "contact.reminded_retake": "reminder_retake",
    "contact.reminded_code": "reminder_code",
    "contact.reminded_session_code": "reminder_session_code",
    "contact.reminded_agree": "reminder_agree",
    "sign_up.made": "session_signed_up",
    "sign_up.session_cancelled": "session_cancelled",
}


def jobs_after(fact: Fact, *, entry_id: int) -> list[JobRequest]:
    """What must be done because of this fact.

    entry_id: the history entry that tells of it; the message refers to it, so that it is written once.
    """
    jobs: list[JobRequest] = []
    # a clear defect is shown at once and waits for nobody: there is nothing to tell
    seen_already = fact.facts.get("state") == "needs_retake"
    if fact.verb in TOLD_TO_STUDENT and fact.owner_id is not None and not seen_already:
        payload = {"message": TOLD_TO_STUDENT[fact.verb], "student_id": fact.owner_id, "entry_id": entry_id}
        # a decision can be taken back for a while: telling waits until it stands
        delay = timedelta(seconds=fact.facts.get("stands_after_seconds", 0))
        jobs.append(JobRequest("tell_student", payload, delay, key=f"tell:{entry_id}"))
    if fact.verb == "channel.code_asked":
        jobs.append(JobRequest("send_code", {"choice_id": fact.subject_id}))
    if fact.verb == "photo.draft_kept":
        minutes = fact.facts["keep_minutes"]
        jobs.append(JobRequest("drop_drafts", {}, timedelta(minutes=minutes, seconds=5)))
    if fact.verb == "reminder.set":
        delay = timedelta(seconds=fact.facts["wait_seconds"])
        jobs.append(JobRequest("remind_student", {"reminder_id": fact.subject_id}, delay))
    if fact.verb == "cohort.changed" and "proofread_by" in fact.facts["fields"]:
        jobs.append(JobRequest("move_reminders", {"cohort_id": fact.subject_id}))
    for cohort_id in fact.facts.get("cohorts_joined", ()):  # the last day is another one for who came from elsewhere
        jobs.append(JobRequest("move_reminders", {"cohort_id": cohort_id}))
    if "remind_after_seconds" in fact.facts:
        # the day to look again, or to answer: nothing happens when the case has moved on until then
        remind = {"case_id": fact.subject_id, "state": fact.facts["state"], "since": fact.facts["since"]}
        jobs.append(JobRequest("remind_of_case", remind, timedelta(seconds=fact.facts["remind_after_seconds"])))
    if fact.verb == "batch.sealing":
        jobs.append(JobRequest("seal_batch", {"batch_id": fact.subject_id}, key=f"seal_batch:{fact.subject_id}"))
    if fact.verb in IMPORT_STEPS:
        payload = {"import_id": fact.subject_id}
        jobs.append(JobRequest(IMPORT_STEPS[fact.verb], payload, key=import_key(fact.verb, fact.subject_id)))
    if fact.verb in PICTURES_WAIT and fact.facts.get("kind", "disc") == "disc" and fact.facts.get("left", True):
        # slice after slice, so that other work gets in between
        jobs.append(JobRequest("judge_returned", {"import_id": fact.subject_id}, key=f"judge_returned:{entry_id}"))
    if "delete_after_days" in fact.facts:  # scans, and the data of applications
        days = timedelta(days=fact.facts["delete_after_days"], seconds=5)
        kind = "drop_evidence" if fact.subject_kind in ("erratum", "identity_review") else "drop_alumni_data"
        jobs.append(JobRequest(kind, {}, days, key=f"{kind}:{entry_id}"))
    if (event := event_of(fact.verb, fact.facts)) is not None:  # other systems are told of what stands
        payload = {"event": event.value, "entry_id": entry_id}
        delay = timedelta(seconds=fact.facts.get("stands_after_seconds", 0))
        jobs.append(JobRequest("announce", payload, delay, key=f"announce:{entry_id}"))
    return jobs


# a step of an import that somebody began -> the work
IMPORT_STEPS = {
    "import.matched": "check_import",
    "import.committed": "commit_import",
    "import.undo_begun": "undo_import",
}


# a disc is there, a slice of its pictures is judged, somebody wants a pair judged anew
PICTURES_WAIT = frozenset({"import.finished", "import.pictures_judged", "import.judging_asked"})


def import_key(verb: str, import_id: int | None) -> str:
    """Under which key the work of this step of an import is found."""
    return f"{IMPORT_STEPS[verb]}:{import_id}"


def deliver_job(delivery_id: int) -> JobRequest:
    """What follows a message by a channel out of the house: config/messages.toml says by which and when."""
    return JobRequest("deliver", {"delivery_id": delivery_id})


def call_job(delivery_id: int) -> JobRequest:
    """What follows an event that another system wants to be told of."""
    return JobRequest("call_webhook", {"delivery_id": delivery_id})


def bulk_job(upload_id: int) -> JobRequest:
    """What follows files of a bulk upload that came in, or were chosen: at most one such job is open for each."""
    return JobRequest("work_bulk", {"upload_id": upload_id})


KINDS = (
    *("tell_student", "deliver", "send_code", "drop_drafts", "remind_student", "remind_of_case", "drop_alumni_data"),
    *("move_reminders", "seal_batch", "work_bulk", "judge_returned", "drop_evidence"),
    *("announce", "call_webhook"),
    *IMPORT_STEPS.values(),
)
