"""Applications of graduates without an account: matched, refused, forgotten."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import LockedOut, SignInFailed, WeakPassword
from backend.alumni import applications
from backend.alumni.applications import Receipt
from backend.alumni.queries import candidates, same_person_waiting
from backend.alumni.records import AlumniApplication
from backend.alumni.rules import (
    ApplicationState,
    NotAlumnus,
    Route,
)
from backend.centres.rules import ALL_CENTRES, Scope
from backend.enrollment.records import Student
from backend.errors import Invalid, NotAllowed, NotFound
from tests.conftest import Clock
from tests.factories import Factory
from tests.operations.graduate import SCANS, Desk, run_due_jobs


@pytest.fixture
def desk(make: Factory, session: Session, clock: Clock) -> Desk:
    return Desk(make, session, clock)


def apply(desk: Desk, **values: Any) -> Receipt:
    return applications.apply(
        desk.session,
        **{
            "name": desk.lin.name,
            "certificate_number": "9999 9720 1806 0000 01",
            "id_number": desk.lin.id_number,
            "phone": "0591-00000001",
            "centre_id": desk.lin.centre_id,
            "answers": SCANS,
            **values,
        },
        rules=desk.rules,
        now=desk.clock(),
    )


def found(desk: Desk, receipt: Receipt) -> AlumniApplication:
    application = applications.application_by(desk.session, number=receipt.number, code=receipt.code)
    assert application is not None
    return application


def match(desk: Desk, application: AlumniApplication, student: Student, scope: Scope | None = None) -> Any:
    return applications.match_application(
        desk.session,
        scope=scope or desk.scope,
        application_id=application.id,
        student_id=student.id,
        rules=desk.rules,
        actor=desk.wang,
        now=desk.clock(),
    )


def test_an_application_is_matched_and_opens_the_account_and_the_case(desk: Desk) -> None:
    receipt = apply(desk)
    application = found(desk, receipt)
    (candidate,) = candidates(desk.session, scope=desk.scope, application=application)
    assert candidate.student.id == desk.lin.id
    assert candidate.likeness.strength == 7
    case = match(desk, application, desk.lin)
    assert (case.student_id, case.route, case.application_id) == (desk.lin.id, Route.SCANS, application.id)
    policy = desk.make.parts.policy
    with pytest.raises(WeakPassword):
        applications.open_matched_account(
            desk.session,
            application_id=application.id,
            password="12345678",
            device="phone",
            policy=policy,
            now=desk.clock(),
        )
    token = applications.open_matched_account(
        desk.session,
        application_id=application.id,
        password="zhaopian-2026-ok",
        device="phone",
        policy=policy,
        now=desk.clock(),
    )
    assert token
    assert desk.session.scalars(select(Account.login).where(Account.student_id == desk.lin.id)).one()
    with pytest.raises(NotAllowed):  # once; afterwards the password counts
        applications.open_matched_account(
            desk.session,
            application_id=application.id,
            password="zhaopian-2026-ok",
            device="phone",
            policy=policy,
            now=desk.clock(),
        )
    desk.healthy()


def test_an_application_that_nobody_decided_opens_nothing(desk: Desk) -> None:
    application = found(desk, apply(desk))
    with pytest.raises(NotAllowed):
        applications.open_matched_account(
            desk.session,
            application_id=application.id,
            password="zhaopian-2026-ok",
            device="phone",
            policy=desk.make.parts.policy,
            now=desk.clock(),
        )


def test_the_answer_is_the_same_whether_or_not_somebody_is_on_the_roster(desk: Desk, make: Factory) -> None:
    stranger = make.student()
    number = stranger.id_number
    known, unknown = apply(desk), apply(desk, name="查无此人", id_number=number, certificate_number="")
    assert len(known.number) == len(unknown.number) == 8
    assert found(desk, known).state == found(desk, unknown).state == ApplicationState.WAITING


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"certificate_number": "999992201806000001"}, "certificate_number"),
        ({"id_number": "990101199602290000"}, "id_number"),
        ({"phone": "电话"}, "phone"),
        ({"centre_id": 99999}, "centre"),
    ],
)
def test_a_slip_is_told_by_field(desk: Desk, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        apply(desk, **values)
    assert list(wrong.value.problems) == [field]


def test_number_and_code_open_it_and_guessing_locks(desk: Desk) -> None:
    receipt, policy = apply(desk), desk.make.parts.policy
    shown = applications.look_up(
        desk.session, number=receipt.number.upper(), code=f" {receipt.code} ", policy=policy, now=desk.clock()
    )
    assert shown.id == found(desk, receipt).id
    for _ in range(policy.lockout_failures):
        with pytest.raises(SignInFailed):
            applications.look_up(desk.session, number=receipt.number, code="00000000", policy=policy, now=desk.clock())
    with pytest.raises(LockedOut):
        applications.look_up(desk.session, number=receipt.number, code=receipt.code, policy=policy, now=desk.clock())


def test_a_number_that_does_not_exist_is_refused_as_a_wrong_code_is(desk: Desk) -> None:
    with pytest.raises(SignInFailed):
        applications.look_up(
            desk.session, number="xxxxxxxx", code="00000000", policy=desk.make.parts.policy, now=desk.clock()
        )


def test_another_centre_sees_no_application_until_it_is_passed_on(desk: Desk, make: Factory) -> None:
    zhao = make.centre()
    application = found(desk, apply(desk, centre_id=zhao.id))
    with pytest.raises(NotFound):
        match(desk, application, desk.lin)
    assert candidates(desk.session, scope=Scope(zhao.id), application=application) == []
    for scope, to in ((Scope(zhao.id), None), (ALL_CENTRES, desk.lin.centre_id)):
        applications.pass_on(
            desk.session,
            scope=scope,
            application_id=application.id,
            centre_id=to,
            actor=desk.wang,
            now=desk.clock(),
        )
    assert match(desk, application, desk.lin).student_id == desk.lin.id


def test_a_person_of_another_centre_or_a_student_cannot_be_matched(desk: Desk, make: Factory) -> None:
    application = found(desk, apply(desk))
    with pytest.raises(NotFound):
        match(desk, application, make.student(graduated_on=date(2018, 7, 1)))
    with pytest.raises(NotAlumnus):
        match(desk, application, make.student(desk.lin.centre))
    desk.session.rollback()
    assert application.state == ApplicationState.WAITING


def test_a_decided_application_is_forgotten_and_its_history_stays(desk: Desk) -> None:
    application = found(desk, apply(desk))
    with pytest.raises(Invalid):
        refuse(desk, application, " ")
    refuse(desk, application, "名册上没有相符的人，请带毕业证到学习中心。")
    assert same_person_waiting(desk.session, application=application) == 0
    desk.clock.move(days=29)
    run_due_jobs(desk)
    assert application.name == desk.lin.name
    desk.clock.move(days=2)
    run_due_jobs(desk)
    assert (application.name, application.id_number, application.id_number_index, application.phone) == (None,) * 4
    assert (application.reason, application.certificate_number) == (None, None)
    assert desk.verbs("alumni_application", application.id) == ["made", "refused", "forgotten"]
    desk.healthy()


def refuse(desk: Desk, application: AlumniApplication, reason: str) -> None:
    applications.refuse_application(
        desk.session,
        scope=desk.scope,
        application_id=application.id,
        reason=reason,
        rules=desk.rules,
        actor=desk.wang,
        now=desk.clock(),
    )


def test_an_application_that_nobody_decides_lapses(desk: Desk) -> None:
    application = found(desk, apply(desk))
    desk.clock.move(days=181)
    run_due_jobs(desk)
    assert (application.state, application.id_number) == (ApplicationState.LAPSED, None)
    desk.healthy()


def test_who_takes_an_application_back_is_forgotten_at_once(desk: Desk) -> None:
    application = found(desk, apply(desk))
    applications.withdraw_application(desk.session, application_id=application.id, rules=desk.rules, now=desk.clock())
    assert (application.state, application.id_number) == (ApplicationState.WITHDRAWN, None)
    desk.healthy()
