"""What follows from a fact."""

from __future__ import annotations

from datetime import timedelta

from backend.follow_ups import jobs_after
from backend.history.rules import Fact


def kinds(fact: Fact) -> list[str]:
    return [job.kind for job in jobs_after(fact, entry_id=7)]


def test_the_student_is_told_of_a_decision_when_it_stands() -> None:
    facts = {"state": "accepted", "stands_after_seconds": 60}
    job, announced = jobs_after(Fact("photo.accepted", 1, owner_id=5, facts=facts), entry_id=7)
    assert (job.kind, job.delay, job.key) == ("tell_student", timedelta(seconds=60), "tell:7")
    assert (announced.kind, announced.delay) == ("announce", timedelta(seconds=60))
    assert job.payload == {"message": "photo_accepted", "student_id": 5, "entry_id": 7}


def test_a_submission_is_told_but_not_a_defect_that_the_page_has_shown() -> None:
    assert kinds(Fact("photo.submitted", 1, owner_id=5, facts={"state": "ready_for_review"})) == ["tell_student"]
    assert kinds(Fact("photo.submitted", 1, owner_id=5, facts={"state": "needs_retake"})) == []


def test_a_draft_is_dropped_after_its_time() -> None:
    (job,) = jobs_after(Fact("photo.draft_kept", None, owner_id=5, facts={"keep_minutes": 60}), entry_id=7)
    assert (job.kind, job.delay) == ("drop_drafts", timedelta(minutes=60, seconds=5))


def test_nothing_follows_from_what_concerns_nobody() -> None:
    assert kinds(Fact("photo.accepted", 1)) == ["announce"]
    assert kinds(Fact("photo.seen", 1, owner_id=5)) == []
