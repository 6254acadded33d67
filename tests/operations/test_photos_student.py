"""What a student does with a photo: keep a draft, submit, withdraw, object."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.compliance.assess import Assessment
from backend.compliance.findings import PictureVerdict
from backend.consent.operations import withdraw_consent
from backend.enrollment.operations import confirm_enrollment
from backend.enrollment.records import Student
from backend.enrollment.rules import DataNotConfirmed
from backend.errors import NotAllowed, NotFound, Outdated
from backend.history.queries import entries_about
from backend.history.rules import SYSTEM, Actor, ActorKind
from backend.parts import Parts
from backend.photos.operations import (
    drop_expired_drafts,
    keep_draft,
    object_to_return,
    submit_photo,
    withdraw_photo,
)
from backend.photos.queries import draft_before, own_draft, own_version, photo_of
from backend.photos.records import Objection, Photo, PhotoDraft, PhotoVersion
from backend.photos.rules import Action, AlreadyObjected, ConsentMissing, DraftGone, NoUsableFrame, Source, State
from tests.conftest import Clock
from tests.factories import TINY_JPEG, Factory, report

LIN = Actor(ActorKind.STUDENT)


@pytest.fixture
def lin(make: Factory) -> Student:
    student = make.student()
    make.settle(student)
    return student


def submit(session: Session, student: Student, draft_id: int, clock: Clock, ask: str | None = None) -> PhotoVersion:
    return submit_photo(session, student_id=student.id, draft_id=draft_id, ask_person=ask, actor=LIN, now=clock())


def photo(session: Session, student: Student) -> Photo:
    session.rollback()
    found = photo_of(session, student.id)
    assert found is not None
    return found


def test_nothing_is_kept_for_a_student_who_has_not_settled(
    make: Factory, session: Session, parts: Parts, clock: Clock
) -> None:
    student = make.student()
    with pytest.raises(DataNotConfirmed):
        make.draft(student)
    confirm_enrollment(session, student_id=student.id, seen_version=1, actor=SYSTEM, now=clock())
    with pytest.raises(ConsentMissing):
        make.draft(student)
    assert list(parts.files.names()) == []


def test_submitting_makes_a_version_and_ends_the_draft(
    make: Factory, session: Session, lin: Student, clock: Clock
) -> None:
    draft = make.draft(lin)
    version = submit(session, lin, draft.id, clock)
    assert version.number == 1
    assert photo(session, lin).state == State.READY_FOR_REVIEW
    assert session.scalar(select(func.count()).select_from(PhotoDraft)) == 0
    newest = entries_about(session, lin.id)[0]
    assert (newest.verb, newest.facts["verdict"]) == ("photo.submitted", "pass")


def test_ten_taps_at_once_make_one_version(
    make: Factory, parts: Parts, session: Session, lin: Student, clock: Clock
) -> None:
    draft_id, student_id = make.draft(lin).id, lin.id
    session.rollback()
    numbers: list[int] = []

    def tap() -> None:
        with parts.sessions() as own:
            numbers.append(
                submit_photo(
                    own, student_id=student_id, draft_id=draft_id, ask_person=None, actor=LIN, now=clock()
                ).number
            )

    taps = [threading.Thread(target=tap) for _ in range(10)]
    for one in taps:
        one.start()
    for one in taps:
        one.join()
    assert numbers == [1] * 10
    assert session.scalar(select(func.count()).select_from(PhotoVersion)) == 1


def test_the_next_draft_is_not_mistaken_for_the_one_that_was_submitted(
    make: Factory, session: Session, lin: Student, clock: Clock
) -> None:
    for number in (1, 2, 3):
        assert submit(session, lin, make.draft(lin).id, clock).number == number


def test_a_draft_of_another_student_or_after_its_time_cannot_be_submitted(
    make: Factory, session: Session, lin: Student, clock: Clock
) -> None:
    draft_id, stranger = make.draft(lin).id, make.student()
    make.settle(stranger)
    with pytest.raises(DraftGone):
        submit(session, stranger, draft_id, clock)
    clock.move(minutes=60)
    with pytest.raises(DraftGone):
        submit(session, lin, draft_id, clock)
    with pytest.raises(DraftGone):
        own_draft(session, student_id=lin.id, draft_id=draft_id, now=clock())


def test_a_consent_withdrawn_meanwhile_stops_the_submission(
    make: Factory, session: Session, lin: Student, clock: Clock
) -> None:
    draft_id = make.draft(lin).id
    withdraw_consent(session, student_id=lin.id, purpose="photo_handling", actor=LIN, now=clock())
    with pytest.raises(ConsentMissing):
        submit(session, lin, draft_id, clock)


def test_a_clear_defect_waits_for_a_retake_unless_a_person_is_asked(
    make: Factory, session: Session, lin: Student, clock: Clock
) -> None:
    submit(session, lin, make.draft(lin, PictureVerdict.RETAKE).id, clock)
    assert photo(session, lin).state == State.NEEDS_RETAKE
    submit(session, lin, make.draft(lin, PictureVerdict.RETAKE).id, clock, ask="请看一看")
    assert photo(session, lin).state == State.READY_FOR_REVIEW
    assert photo(session, lin).objected
    assert session.scalars(select(Objection.text)).one() == "请看一看"


def test_a_raw_picture_without_a_frame_is_never_submitted(
    make: Factory, session: Session, parts: Parts, lin: Student, clock: Clock
) -> None:
    frameless = replace(report(PictureVerdict.RETAKE), frame=None, scale=None)
    draft = keep_draft(
        session,
        files=parts.files,
        student_id=lin.id,
        content=TINY_JPEG,
        assessment=Assessment(frameless, TINY_JPEG, None),
        source=Source.ALBUM,
        keep_minutes=60,
        actor=LIN,
        now=clock(),
    )
    with pytest.raises(NoUsableFrame):
        submit(session, lin, draft.id, clock, ask="please")
    assert photo_of(session, lin.id) is None


def test_an_accepted_photo_is_not_replaced(make: Factory, session: Session, lin: Student, clock: Clock) -> None:
    waiting = make.draft(lin).id
    make.submitted(lin)
    make.reviewed(lin, Action.ACCEPT)
    with pytest.raises(NotAllowed):
        make.draft(lin)
    with pytest.raises(NotAllowed):
        submit(session, lin, waiting, clock)


def test_withdrawing_needs_the_page_to_be_fresh(make: Factory, session: Session, lin: Student, clock: Clock) -> None:
    make.submitted(lin)
    with pytest.raises(Outdated):
        withdraw_photo(session, student_id=lin.id, seen_revision=7, actor=LIN, now=clock())
    withdraw_photo(session, student_id=lin.id, seen_revision=1, actor=LIN, now=clock())
    assert photo(session, lin).state == State.WITHDRAWN
    with pytest.raises(NotAllowed):
        withdraw_photo(session, student_id=lin.id, seen_revision=2, actor=LIN, now=clock())
    with pytest.raises(NotFound):
        withdraw_photo(session, student_id=make.student().id, seen_revision=1, actor=LIN, now=clock())


def test_an_objection_is_made_once_for_each_version(
    make: Factory, session: Session, lin: Student, clock: Clock
) -> None:
    def object_(revision: int) -> None:
        object_to_return(session, student_id=lin.id, seen_revision=revision, text=" 很好 ", actor=LIN, now=clock())

    make.submitted(lin)
    make.reviewed(lin, Action.RETURN, ("OTHER",), "x")
    object_(2)
    assert photo(session, lin).state == State.READY_FOR_REVIEW
    make.reviewed(lin, Action.RETURN, ("OTHER",), "x")
    with pytest.raises(AlreadyObjected):
        object_(photo(session, lin).revision)
    make.submitted(lin)
    make.reviewed(lin, Action.RETURN, ("OTHER",), "x")
    object_(photo(session, lin).revision)
    assert list(session.scalars(select(Objection.text))) == ["很好", "很好"]


def test_expired_drafts_go_with_their_files_but_not_with_those_of_a_version(
    make: Factory, session: Session, parts: Parts, lin: Student, clock: Clock
) -> None:
    version = make.submitted(lin)
    make.draft(lin)
    assert len(list(parts.files.names())) == 6
    assert drop_expired_drafts(session, files=parts.files, now=clock()) == 0
    assert drop_expired_drafts(session, files=parts.files, now=clock.move(hours=1)) == 1
    kept = {version.original_file, version.judged_file, version.registration_file}
    assert {name for name, _ in parts.files.names()} == kept


def test_only_ones_own_drafts_are_compared_and_versions_seen(make: Factory, session: Session, lin: Student) -> None:
    stranger = make.student()
    make.settle(stranger)
    make.draft(stranger)
    first, second = make.draft(lin), make.draft(lin)
    assert draft_before(session, student_id=lin.id, draft_id=first.id) is None
    assert draft_before(session, student_id=lin.id, draft_id=second.id) is first
    make.submitted(lin)
    with pytest.raises(NotFound):
        own_version(session, student_id=stranger.id, number=1)
