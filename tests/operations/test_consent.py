"""Giving and withdrawing consent: what was shown, once, and in the history."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.consent.operations import give_consent, withdraw_consent
from backend.consent.queries import consents_of, has_consent
from backend.consent.records import Consent
from backend.consent.rules import Purpose, UnknownPurpose
from backend.enrollment.records import Student
from backend.history.queries import entries_about
from backend.history.rules import Actor, ActorKind
from backend.parts import Parts
from tests.conftest import Clock
from tests.factories import Factory

LIN = Actor(ActorKind.STUDENT)


@pytest.fixture
def purpose(parts: Parts) -> Purpose:
    return parts.purposes["photo_handling"]


def give(session: Session, student: Student, purpose: Purpose, clock: Clock, version: str | None = None) -> Consent:
    return give_consent(
        session,
        student_id=student.id,
        purpose=purpose,
        seen_version=version or purpose.version,
        language="zh-CN",
        actor=LIN,
        now=clock(),
    )


def test_consent_keeps_the_text_that_was_shown(make: Factory, session: Session, purpose: Purpose, clock: Clock) -> None:
    given = give(session, make.student(), purpose, clock)
    assert given.text_sha256 == purpose.texts["zh-CN"].sha256
    assert (given.version, given.given_at) == (purpose.version, clock())


def test_giving_twice_is_one_consent_and_one_entry(
    make: Factory, session: Session, purpose: Purpose, clock: Clock
) -> None:
    student = make.student()
    first, second = give(session, student, purpose, clock), give(session, student, purpose, clock)
    assert first.id == second.id
    verbs = [entry.verb for entry in entries_about(session, student.id)]
    assert verbs.count("consent.given") == 1


def test_an_older_text_cannot_be_agreed_to(make: Factory, session: Session, purpose: Purpose, clock: Clock) -> None:
    with pytest.raises(UnknownPurpose):
        give(session, make.student(), purpose, clock, version="1999-01")
    assert session.scalars(select(Consent)).all() == []


def test_withdrawing_ends_it_and_keeps_the_record(
    make: Factory, session: Session, purpose: Purpose, clock: Clock
) -> None:
    student = make.student()
    give(session, student, purpose, clock)
    later = clock.move(days=1)
    withdraw_consent(session, student_id=student.id, purpose=purpose.name, actor=LIN, now=later)
    assert not has_consent(session, student_id=student.id, purpose=purpose.name)
    (kept,) = consents_of(session, student.id)
    assert kept.withdrawn_at == later
    assert entries_about(session, student.id)[0].verb == "consent.withdrawn"


def test_after_withdrawing_it_can_be_given_again(
    make: Factory, session: Session, purpose: Purpose, clock: Clock
) -> None:
    student = make.student()
    give(session, student, purpose, clock)
    withdraw_consent(session, student_id=student.id, purpose=purpose.name, actor=LIN, now=clock())
    give(session, student, purpose, clock)
    assert has_consent(session, student_id=student.id, purpose=purpose.name)
    assert len(consents_of(session, student.id)) == 2


def test_one_purpose_says_nothing_about_the_other_nor_about_another_student(
    make: Factory, session: Session, purpose: Purpose, clock: Clock
) -> None:
    student, other = make.student(), make.student()
    give(session, student, purpose, clock)
    assert not has_consent(session, student_id=student.id, purpose="hand_over")
    assert not has_consent(session, student_id=other.id, purpose=purpose.name)
