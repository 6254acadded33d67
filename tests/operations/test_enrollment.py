"""Confirming the registered data, reporting them as wrong, and deciding a report."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from backend.centres.rules import ALL_CENTRES, Scope
from backend.enrollment.bulk import change_students
from backend.enrollment.operations import (
    Evidence,
    confirm_enrollment,
    decide_correction,
    report_wrong_data,
    withdraw_correction,
)
from backend.enrollment.queries import confirmation_of, may_capture, own_evidence
from backend.enrollment.records import Correction, EnrollmentConfirmation, Student
from backend.enrollment.rules import CorrectionAction, DataDisputed, DataNotConfirmed, NothingReported
from backend.errors import Invalid, NotAllowed, NotFound, Outdated
from backend.history.queries import entries_about
from backend.history.rules import SYSTEM, Actor, ActorKind
from tests.conftest import Clock
from tests.factories import Factory

LIN = Actor(ActorKind.STUDENT)
EVIDENCE = Evidence("ab" * 32, "image/jpeg", 10)


@pytest.fixture
def lin(make: Factory) -> Student:
    return make.student(name="林小满")


def confirm(session: Session, student: Student, clock: Clock, seen: int = 1) -> EnrollmentConfirmation:
    return confirm_enrollment(session, student_id=student.id, seen_version=seen, actor=LIN, now=clock())


def report(
    session: Session, student: Student, clock: Clock, claims: dict[str, str] | None = None, seen: int = 1
) -> Correction:
    return report_wrong_data(
        session,
        student_id=student.id,
        seen_version=seen,
        claims={"level": "专科"} if claims is None else claims,
        evidence=[EVIDENCE],
        actor=LIN,
        now=clock(),
    )


def decide(
    session: Session, case: Correction, action: CorrectionAction, clock: Clock, scope: Scope = ALL_CENTRES
) -> Correction:
    return decide_correction(
        session, scope=scope, correction_id=case.id, action=action, answer="看过了", actor=SYSTEM, now=clock()
    )


def test_confirming_opens_the_camera_and_is_in_the_history(session: Session, lin: Student, clock: Clock) -> None:
    with pytest.raises(DataNotConfirmed):
        may_capture(session, student=lin)
    confirm(session, lin, clock)
    may_capture(session, student=lin)
    assert entries_about(session, lin.id)[0].facts == {"data_version": 1}


def test_confirming_twice_makes_one_row_and_one_entry(session: Session, lin: Student, clock: Clock) -> None:
    assert confirm(session, lin, clock).id == confirm(session, lin, clock).id
    assert [entry.verb for entry in entries_about(session, lin.id)].count("student.data_confirmed") == 1


def test_changed_data_have_to_be_confirmed_again(session: Session, lin: Student, clock: Clock) -> None:
    confirm(session, lin, clock)
    change_students(session, changes=[(lin, {"programme": "法学"})], actor=SYSTEM, now=clock())
    session.commit()
    assert confirmation_of(session, lin) is None
    with pytest.raises(Outdated):
        confirm(session, lin, clock, seen=1)
    confirm(session, lin, clock, seen=2)
    assert session.scalar(select(func.count()).select_from(EnrollmentConfirmation)) == 2


def test_a_report_closes_the_camera_until_it_is_settled(session: Session, lin: Student, clock: Clock) -> None:
    confirm(session, lin, clock)
    case = report(session, lin, clock)
    with pytest.raises(DataDisputed):
        may_capture(session, student=lin)
    with pytest.raises(DataDisputed):
        confirm(session, lin, clock)
    withdraw_correction(session, student_id=lin.id, correction_id=case.id, actor=LIN, now=clock())
    may_capture(session, student=lin)


def test_a_report_keeps_both_values_encrypted_and_masks_the_number(
    session: Session, lin: Student, clock: Clock
) -> None:
    case = report(session, lin, clock, {"name": " 林 晓满", "id_number": "e12345678"})
    kept = {field.field: (field.registered, field.claimed) for field in case.fields}
    assert kept["name"] == ("林小满", "林晓满")
    registered, claimed = kept["id_number"]
    assert registered == lin.id_number[:3] + "*" * 13 + lin.id_number[-2:]
    assert claimed == "E12345678"
    for stored in session.scalars(text("SELECT claimed FROM correction_field")):
        assert "林晓满".encode() not in bytes(stored)
        assert b"E12345678" not in bytes(stored)


def test_the_history_of_a_report_names_fields_not_values(session: Session, lin: Student, clock: Clock) -> None:
    report(session, lin, clock, {"name": "林晓满"})
    entry = entries_about(session, lin.id)[0]
    assert entry.facts == {"state": "submitted", "fields": ["name"], "evidence": 1}


@pytest.mark.parametrize(
    ("claims", "problem"),
    [
        ({"name": ""}, "claim_needed"),
        ({"name": "林 小满"}, "claim_same"),
        ({"programme": "长" * 121}, "claim_too_long"),
        ({"gender": "女"}, "claim_needed"),
        ({"entry_date": "2024-02-30"}, "claim_date"),
        ({"id_number": "990101199602290018"}, "claim_id_number"),
    ],
)
def test_a_claim_that_cannot_be_is_refused_with_its_reason(
    session: Session, lin: Student, clock: Clock, claims: dict[str, str], problem: str
) -> None:
    with pytest.raises(Invalid) as refused:
        report(session, lin, clock, claims)
    assert list(refused.value.problems.values()) == [problem]
    assert session.scalars(select(Correction)).all() == []


@pytest.mark.parametrize("claims", [{}, {"photo": "x"}])
def test_a_report_of_nothing_is_refused(session: Session, lin: Student, clock: Clock, claims: dict[str, str]) -> None:
    with pytest.raises(NothingReported):
        report(session, lin, clock, claims)


def test_one_open_report_at_a_time_and_none_from_a_stale_page(session: Session, lin: Student, clock: Clock) -> None:
    with pytest.raises(Outdated):
        report(session, lin, clock, seen=7)
    report(session, lin, clock)
    with pytest.raises(NotAllowed):
        report(session, lin, clock)


def test_a_decision_is_final_and_another_report_may_follow(session: Session, lin: Student, clock: Clock) -> None:
    case = report(session, lin, clock)
    decide(session, case, CorrectionAction.REFUSE, clock)
    for again in (CorrectionAction.ACCEPT, CorrectionAction.REFUSE):
        with pytest.raises(NotAllowed):
            decide(session, case, again, clock)
    with pytest.raises(NotAllowed):
        withdraw_correction(session, student_id=lin.id, correction_id=case.id, actor=LIN, now=clock())
    assert report(session, lin, clock).id != case.id


def test_only_the_centres_own_staff_decide_and_only_the_owner_withdraws(
    session: Session, make: Factory, lin: Student, clock: Clock
) -> None:
    case = report(session, lin, clock)
    with pytest.raises(NotFound):
        decide(session, case, CorrectionAction.ACCEPT, clock, scope=Scope(make.centre().id))
    stranger = make.student()
    with pytest.raises(NotFound):
        withdraw_correction(session, student_id=stranger.id, correction_id=case.id, actor=LIN, now=clock())
    with pytest.raises(NotFound):
        own_evidence(session, student_id=stranger.id, evidence_id=case.evidence[0].id)
    assert decide(session, case, CorrectionAction.ACCEPT, clock, scope=Scope(lin.centre_id)).state == "accepted"
