"""Cases of graduates without a photo: their ways to the end, desks and scopes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from backend.alumni import operations, packages, papers
from backend.alumni.queries import cases_in
from backend.alumni.rules import (
    CaseAction,
    CaseState,
    NotAlumnus,
    PapersMissing,
    Route,
)
from backend.centres.rules import Scope
from backend.errors import Invalid, NotAllowed, NotFound, Outdated
from backend.photos.rules import Action
from tests.conftest import Clock
from tests.factories import Factory
from tests.operations.graduate import BIND, CAPTURE, SCANS, Desk


@pytest.fixture
def desk(make: Factory, session: Session, clock: Clock) -> Desk:
    return Desk(make, session, clock)


def test_case_1_ends_with_the_graduates_own_word(desk: Desk) -> None:
    case = desk.open(BIND)
    assert (case.route, case.state) == (Route.BIND, CaseState.WITH_STUDENT)
    desk.own(operations.report_result, case, found=True)
    assert case.state == CaseState.DONE
    desk.healthy()


def test_case_1_that_did_not_work_goes_to_the_centre_which_leads_on(desk: Desk) -> None:
    case = desk.open(BIND)
    desk.own(operations.report_result, case, found=False)
    assert case.state == CaseState.AT_CENTRE
    reason = "新华社没有您的照片，请按第三种方式办理。"
    desk.staff(operations.reroute_case, case, route=Route.SCANS, reason=reason)
    assert (case.route, case.state, case.note) == (Route.SCANS, CaseState.WITH_STUDENT, reason)
    desk.healthy()


def test_case_2_needs_the_accepted_photo_and_both_prints(desk: Desk, make: Factory) -> None:
    case = desk.open(CAPTURE)
    with pytest.raises(PapersMissing) as missing:
        desk.own(operations.submit_case, case)
    assert missing.value.facts["missing"] == ("capture",)
    make.settle(desk.lin)
    make.submitted(desk.lin)
    make.reviewed(desk.lin, Action.ACCEPT)
    desk.own(operations.submit_case, case)
    with pytest.raises(PapersMissing):
        desk.staff(operations.endorse_case, case, opinion="同意")
    today = desk.clock().date()
    desk.staff(operations.receive_prints, case, count=1, received_on=today)
    with pytest.raises(PapersMissing) as missing:
        desk.staff(operations.endorse_case, case, opinion="同意")
    assert missing.value.facts["missing"] == ("prints",)
    desk.staff(operations.receive_prints, case, count=2, received_on=today)
    assert (case.prints, case.prints_on, case.prints_by) == (2, today, desk.wang.id)
    desk.staff(operations.endorse_case, case, opinion="同意")
    assert case.state == CaseState.AT_COLLEGE
    desk.healthy()


@pytest.mark.parametrize(("count", "days", "field"), [(0, 0, "count"), (3, 0, "count"), (2, 1, "received_on")])
def test_prints_are_counted_as_they_can_be(desk: Desk, count: int, days: int, field: str) -> None:
    case = desk.open(CAPTURE)
    day = desk.clock().date() + timedelta(days=days)
    with pytest.raises(Invalid) as wrong:
        desk.staff(operations.receive_prints, case, count=count, received_on=day)
    assert list(wrong.value.problems) == [field]


def test_prints_are_the_centres_and_of_case_2_only(desk: Desk) -> None:
    case = desk.open(SCANS)
    with pytest.raises(NotAllowed):
        desk.staff(operations.receive_prints, case, count=1, received_on=desk.clock().date())


def test_case_3_goes_over_every_desk_to_its_end(desk: Desk) -> None:
    case = desk.approved()
    package = packages.make_package(
        desk.session, case_ids=[case.id], rules=desk.rules, actor=desk.registry, now=desk.clock()
    )
    packages.send_package(
        desk.session,
        package_id=package.id,
        sent_on=desk.clock().date(),
        rules=desk.rules,
        actor=desk.registry,
        now=desk.clock(),
    )
    assert (case.state, case.sent_on) == (CaseState.SENT, date(2026, 11, 2))
    assert case.due_on == date(2026, 11, 9)
    desk.clock.move(days=7)
    desk.own(operations.report_result, case, found=False)
    assert case.state == CaseState.AT_COLLEGE
    desk.college(operations.decide_case, case, action=CaseAction.APPROVE, reason="")
    again = packages.make_package(
        desk.session, case_ids=[case.id], rules=desk.rules, actor=desk.registry, now=desk.clock()
    )
    packages.send_package(
        desk.session,
        package_id=again.id,
        sent_on=desk.clock().date(),
        rules=desk.rules,
        actor=desk.registry,
        now=desk.clock(),
    )
    desk.own(operations.report_result, case, found=True)
    assert case.state == CaseState.DONE
    verbs = desk.verbs("alumni_case", case.id)
    for verb in ("opened", "paper_added", "submitted", "sheet_added", "endorsed", "approved", "packaged", "sent"):
        assert verb in verbs
    desk.healthy()


def test_case_3_waits_for_every_scan_and_for_the_seal(desk: Desk) -> None:
    case = desk.open(SCANS)
    desk.consent()
    desk.add(case, "diploma")
    with pytest.raises(PapersMissing) as missing:
        desk.own(operations.submit_case, case)
    assert missing.value.facts["missing"] == ("id_front", "id_back", "photo")
    for kind in ("id_front", "id_back", "photo"):
        desk.add(case, kind)
    desk.own(operations.submit_case, case)
    with pytest.raises(PapersMissing) as missing:
        desk.staff(operations.endorse_case, case, opinion="同意")
    assert missing.value.facts["missing"] == ("sheet",)
    with pytest.raises(Invalid):
        desk.staff(operations.endorse_case, case, opinion="  ")


def test_a_returned_case_says_why_and_comes_back(desk: Desk) -> None:
    case = desk.to_college()
    with pytest.raises(Invalid):
        desk.college(operations.decide_case, case, action=CaseAction.RETURN, reason=" ")
    desk.college(operations.decide_case, case, action=CaseAction.RETURN, reason="身份证反面看不清")
    assert (case.state, case.note) == (CaseState.RETURNED, "身份证反面看不清")
    desk.add(case, "id_back", b"a sharper one")
    desk.own(operations.submit_case, case)
    assert case.state == CaseState.AT_CENTRE


def test_since_the_boundary_the_case_begins_at_the_centre(desk: Desk, make: Factory) -> None:
    desk.lin = make.student(desk.lin.centre, graduated_on=date(2020, 1, 1))
    case = desk.open(SCANS)  # whatever was answered: the roster knows the day
    assert (case.route, case.state) == (Route.ASK_CENTRE, CaseState.AT_CENTRE)


def test_a_second_tap_opens_no_second_case(desk: Desk) -> None:
    assert desk.open(BIND).id == desk.open(SCANS).id


def test_a_student_who_has_not_graduated_has_no_such_case(desk: Desk, make: Factory) -> None:
    desk.lin = make.student()
    with pytest.raises(NotAlumnus):
        desk.open(BIND)


def test_a_stale_page_changes_nothing(desk: Desk) -> None:
    case = desk.open(BIND)
    with pytest.raises(Outdated):
        desk.own(operations.withdraw_case, case, seen_revision=case.revision - 1)


def test_another_centre_and_another_graduate_find_no_case(desk: Desk, make: Factory) -> None:
    case = desk.to_college()
    elsewhere = Scope(make.centre().id)
    with pytest.raises(NotFound):
        desk.staff(operations.decide_case, case, scope=elsewhere, action=CaseAction.CLOSE, reason="x")
    desk.session.rollback()
    assert cases_in(desk.session, scope=elsewhere, states=list(CaseState)) == ([], 0)
    assert cases_in(desk.session, scope=desk.scope, states=list(CaseState))[1] == 1
    other = make.student(desk.lin.centre)
    with pytest.raises(NotFound):
        papers.own_paper(desk.session, student_id=other.id, case_id=case.id, paper_id=case.papers[0].id)
