"""From the next step to the page where it is done."""

from __future__ import annotations

from flask import url_for

from backend.progress.queries import facts_of, usual_review_time
from backend.progress.rules import Step, next_step
from backend.views import access
from backend.views.words import as_ago

ENDPOINTS: dict[Step, str] = {
    Step.VERIFY: "student_enrollment.show",
    Step.VERIFY_AGAIN: "student_enrollment.show",
    Step.WAIT_CORRECTION: "student_enrollment.show",
    Step.CONSENT: "student_consent.show",
    Step.TAKE_PHOTO: "student_photo.guide",
    Step.RETAKE_MACHINE: "student_photo.show",
    Step.RETAKE_RETURNED: "student_photo.versions",
    Step.WAIT_REVIEW: "student_photo.versions",
    Step.DONE_FOR_NOW: "student_photo.versions",
}


def address_of_next() -> str:
    """Where the signed-in student goes on."""
    return url_for(ENDPOINTS[next_step(facts_of(access.session(), access.student()))])


def usual_time() -> str | None:
    """How long a review usually takes at the student's centre, in words; None while too few are known."""
    usual = usual_review_time(access.session(), centre_id=access.student().centre_id)
    return as_ago(access.now() - usual, access.now()) if usual is not None else None
