"""What a reviewer does to a photo, and what the student hears of it."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.centres.rules import ALL_CENTRES, Scope
from backend.errors import NotAllowed, NotFound, Outdated
from backend.history.rules import Actor, ActorKind
from backend.notifications.records import Message
from backend.parts import Parts
from backend.photos.operations import decide, object_to_return, undo_decision
from backend.photos.queue import desk_counts
from backend.photos.records import Decision, Photo
from backend.photos.rules import Action, AlreadyObjected, State
from backend.worker import Tools, Worker
from tests.conftest import Clock
from tests.factories import Factory

STUDENT = Actor(ActorKind.STUDENT)


@pytest.fixture
def waiting(make: Factory) -> Photo:
    lin = make.student()
    make.settle(lin)
    return make.session.get_one(Photo, make.submitted(lin).photo_id)


@pytest.fixture
def wang(make: Factory, waiting: Photo) -> Account:
    return make.staff(centre=waiting.student.centre)


def settle(session: Session, photo: Photo, reviewer: Account, clock: Clock, action: Action = Action.ACCEPT) -> Decision:
    return decide(
        session,
        scope=ALL_CENTRES,
        photo_id=photo.id,
        seen_revision=photo.revision,
        action=action,
        reasons=["BLUR"] if action is Action.RETURN else [],
        text_student="",
        text_staff="",
        undo_seconds=60,
        actor=Actor(ActorKind.STAFF, reviewer.id),
        now=clock(),
    )


def take_back(session: Session, decision: Decision, reviewer: Account, clock: Clock) -> Photo:
    actor = Actor(ActorKind.STAFF, reviewer.id)
    return undo_decision(session, decision_id=decision.id, undo_seconds=60, actor=actor, now=clock())


def told(parts: Parts, session: Session, clock: Clock) -> list[str]:
    """What the inbox says after the worker has done all that is due."""
    worker = Worker(Tools.of(parts))
    while worker.run_one():
        pass
    session.rollback()
    return list(session.scalars(select(Message.kind).order_by(Message.id)))


def test_another_picture_of_the_same_student_is_another_version(make: Factory) -> None:
    lin = make.student()
    make.settle(lin)
    assert [make.submitted(lin).number for _ in range(3)] == [1, 2, 3]


def test_the_student_is_told_after_the_minute_not_before(
    parts: Parts, session: Session, waiting: Photo, wang: Account, clock: Clock
) -> None:
    settle(session, waiting, wang, clock)
    clock.move(seconds=59)
    assert "photo_accepted" not in told(parts, session, clock)
    clock.move(seconds=1)
    assert told(parts, session, clock).count("photo_accepted") == 1
    assert told(parts, session, clock).count("photo_accepted") == 1


def test_a_decision_taken_back_is_never_told(
    parts: Parts, session: Session, waiting: Photo, wang: Account, clock: Clock
) -> None:
    decision = settle(session, waiting, wang, clock, Action.RETURN)
    take_back(session, decision, wang, clock)
    clock.move(minutes=5)
    assert "photo_returned" not in told(parts, session, clock)


def test_of_two_reviewers_at_once_the_second_is_refused(
    parts: Parts, make: Factory, session: Session, waiting: Photo, wang: Account, clock: Clock
) -> None:
    photo_id, revision = waiting.id, waiting.revision
    reviewers = [wang.id, make.staff(centre=waiting.student.centre).id]
    session.rollback()
    start, outcomes = threading.Barrier(2), []

    def work(reviewer_id: int, action: Action) -> None:
        with parts.sessions() as own:
            start.wait()
            try:
                decide(
                    own,
                    scope=ALL_CENTRES,
                    photo_id=photo_id,
                    seen_revision=revision,
                    action=action,
                    reasons=["BLUR"],
                    text_student="",
                    text_staff="",
                    undo_seconds=60,
                    actor=Actor(ActorKind.STAFF, reviewer_id),
                    now=clock(),
                )
                outcomes.append("decided")
            except Outdated:
                outcomes.append("outdated")

    actions = (Action.ACCEPT, Action.RETURN)
    threads = [threading.Thread(target=work, args=pair) for pair in zip(reviewers, actions, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["decided", "outdated"]
    assert len(session.scalars(select(Decision)).all()) == 1


def test_an_objection_is_made_once(session: Session, waiting: Photo, wang: Account, clock: Clock) -> None:
    settle(session, waiting, wang, clock, Action.RETURN)
    student_id = waiting.student_id
    photo = object_to_return(
        session, student_id=student_id, seen_revision=2, text="墙是白的", actor=STUDENT, now=clock()
    )
    assert (photo.state, photo.objected) == (State.READY_FOR_REVIEW, True)
    settle(session, photo, wang, clock, Action.RETURN)
    with pytest.raises(AlreadyObjected):
        object_to_return(session, student_id=student_id, seen_revision=4, text="再看看", actor=STUDENT, now=clock())


def test_an_older_decision_cannot_be_taken_back_over_a_newer_one(
    make: Factory, session: Session, waiting: Photo, wang: Account, clock: Clock
) -> None:
    first = settle(session, waiting, wang, clock, Action.RETURN)
    photo = object_to_return(
        session, student_id=waiting.student_id, seen_revision=2, text="墙是白的", actor=STUDENT, now=clock()
    )
    settle(session, photo, make.staff(centre=waiting.student.centre), clock)
    with pytest.raises(Outdated):
        take_back(session, first, wang, clock)
    session.rollback()
    assert photo.state == State.ACCEPTED


def test_after_an_objection_the_return_before_it_cannot_be_taken_back(
    session: Session, waiting: Photo, wang: Account, clock: Clock
) -> None:
    decision = settle(session, waiting, wang, clock, Action.RETURN)
    object_to_return(
        session, student_id=waiting.student_id, seen_revision=2, text="墙是白的", actor=STUDENT, now=clock()
    )
    with pytest.raises(NotAllowed):
        take_back(session, decision, wang, clock)


def test_nobody_decides_outside_their_centres(session: Session, waiting: Photo, wang: Account, clock: Clock) -> None:
    with pytest.raises(NotFound):
        decide(
            session,
            scope=Scope(waiting.student.centre_id + 1),
            photo_id=waiting.id,
            seen_revision=1,
            action=Action.ACCEPT,
            reasons=[],
            text_student="",
            text_staff="",
            undo_seconds=60,
            actor=Actor(ActorKind.STAFF, wang.id),
            now=clock(),
        )


def test_a_returned_photo_is_silent_until_a_new_one_comes(
    make: Factory, session: Session, waiting: Photo, wang: Account, clock: Clock
) -> None:
    returned = clock()
    settle(session, waiting, wang, clock, Action.RETURN)
    centre_id, student = waiting.student.centre_id, waiting.student

    def silent() -> tuple[int, object]:
        heap = desk_counts(session, scope=ALL_CENTRES, silent_before=clock.now)[centre_id].silent
        return heap.count, heap.oldest

    assert silent() == (0, None)
    clock.move(seconds=1)
    assert silent() == (1, returned)
    make.submitted(student)
    assert silent() == (0, None)
