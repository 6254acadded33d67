"""From the next step to the page where it is done."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for

from backend.enrollment.records import Student
from backend.progress.queries import facts_of, facts_of_many, usual_review_time
from backend.progress.rules import Facts, Step, next_step
from backend.proofreading.queries import Proofreading, proofreading_of
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
    Step.AT_UNIT: "student_photo.versions",
    Step.NO_PHOTO: "student_proofread.show",
    Step.PROOFREAD: "student_proofread.show",
    Step.CLICK: "student_proofread.show",
    Step.FIND_WAY: "student_proofread.show",
    Step.LOOK_AGAIN: "student_proofread.show",
    Step.FORM: "student_proofread.show",
    Step.WAIT_FORM: "student_proofread.show",
    Step.ASK_CENTRE: "student_proofread.show",
    Step.WAIT_REGISTER: "student_proofread.show",
}


def address_of_next() -> str:
    """Where the signed-in student goes on."""
    return url_for(ENDPOINTS[next_step(known_of(access.student()))])


def known_of(student: Student) -> Facts:
    """What is known about where a student stands, now."""
    parts = access.parts()
    return facts_of(
        access.session(),
        student,
        table=parts.proofreading,
        college=parts.settings.notices.college,
        now=access.now(),
    )


def known_of_many(students: Sequence[Student]) -> dict[int, Facts]:
    """The same for a page of students, with a number of statements that does not grow with it."""
    parts = access.parts()
    return facts_of_many(
        access.session(),
        students,
        table=parts.proofreading,
        college=parts.settings.notices.college,
        now=access.now(),
    )


def standing_of(student: Student) -> Proofreading:
    """Where a student's proofreading stands, now."""
    parts = access.parts()
    return proofreading_of(
        access.session(),
        student,
        table=parts.proofreading,
        college=parts.settings.notices.college,
        now=access.now(),
    )


def usual_time() -> str | None:
    """How long a review usually takes at the student's centre, in words; None while too few are known."""
    usual = usual_review_time(access.session(), centre_id=access.student().centre_id)
    return as_ago(access.now() - usual, access.now()) if usual is not None else None
