"""Reports of wrong data in the console: what is shown, who may see it, what a decision does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.demo.people import invented_id_number
from backend.enrollment.operations import Evidence, report_wrong_data
from backend.enrollment.records import Correction
from backend.history.records import HistoryEntry
from backend.history.rules import Actor, ActorKind
from tests.factories import Factory
from tests.papers import pdf, scan

ClientOf = Callable[[Account], FlaskClient]

CLAIMED = invented_id_number(date(1996, 2, 28), 400, male=False)
PDF = pdf(2)
PICTURE = scan()


class Case:
    """Lin reported name and ID number as wrong, with a picture and a PDF."""

    def __init__(self, make: Factory, client_of: ClientOf) -> None:
        self.lin = make.student(name="林小满")
        self.wang = client_of(make.staff(centre=self.lin.centre))
        files = make.parts.files
        kinds = {"image/jpeg": PICTURE, "application/pdf": PDF}
        correction = report_wrong_data(
            make.session,
            student_id=self.lin.id,
            seen_version=1,
            claims={"name": "林小曼", "id_number": CLAIMED},
            evidence=[Evidence(files.put(content), kind, len(content)) for kind, content in kinds.items()],
            actor=Actor(ActorKind.STUDENT),
            now=make.clock(),
        )
        self.id = correction.id
        self.address = f"/console/cases/{self.id}"
        self.evidence = {item.media_type: f"{self.address}/evidence/{item.id}" for item in correction.evidence}


@pytest.fixture
def case(make: Factory, client_of: ClientOf) -> Case:
    return Case(make, client_of)


def verbs(session: Session) -> list[str]:
    session.rollback()
    wanted = ("correction.evidence_seen", "correction.number_seen", "correction.accepted", "correction.refused")
    return list(
        session.scalars(select(HistoryEntry.verb).where(HistoryEntry.verb.in_(wanted)).order_by(HistoryEntry.id))
    )


def state(session: Session, case: Case) -> str:
    session.rollback()
    return session.get_one(Correction, case.id).state


def test_another_centres_case_does_not_exist(case: Case, make: Factory, client_of: ClientOf, session: Session) -> None:
    zhao = client_of(make.staff())
    for address in (case.address, *case.evidence.values()):
        assert zhao.get(address).status_code == 404
    assert zhao.post(f"{case.address}/numbers").status_code == 404
    assert zhao.post(case.address, data={"decision": "accept"}).status_code == 404
    assert "林小满" not in zhao.get("/console/cases").text
    assert verbs(session) == []
    assert state(session, case) == "submitted"


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, None])
def test_administrators_and_students_see_no_cases(
    case: Case, make: Factory, client_of: ClientOf, role: Role | None, session: Session
) -> None:
    browser = client_of(make.staff(role) if role else make.student_account(case.lin))
    for address in ("/console/cases", case.address, *case.evidence.values()):
        assert browser.get(address).status_code == 404
    assert verbs(session) == []


def test_numbers_are_masked_until_somebody_asks(case: Case, session: Session) -> None:
    page = case.wang.get(case.address).text
    assert "林小曼" in page
    assert CLAIMED not in page
    assert case.lin.id_number not in page
    assert verbs(session) == []
    shown = case.wang.post(f"{case.address}/numbers")
    assert shown.status_code == 200
    assert CLAIMED in shown.text
    assert case.lin.id_number in shown.text
    assert verbs(session) == ["correction.number_seen"]
    assert case.wang.get(f"{case.address}/numbers").status_code == 405


def test_each_look_at_evidence_is_in_the_history_and_marked_with_the_viewer(case: Case, session: Session) -> None:
    picture = case.wang.get(case.evidence["image/jpeg"])
    assert picture.mimetype == "image/jpeg"
    assert picture.data != PICTURE, "the file as sent never leaves"
    assert picture.headers["Cache-Control"] == "no-store"
    case.wang.get(case.evidence["image/jpeg"])
    assert verbs(session) == ["correction.evidence_seen"] * 2


def test_a_pdf_is_shown_as_pictures_of_its_pages(case: Case) -> None:
    for page in (1, 2):
        answer = case.wang.get(f"{case.evidence['application/pdf']}?page={page}")
        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert case.wang.get(f"{case.evidence['application/pdf']}?page=3").status_code == 404


def test_evidence_of_another_case_is_not_reached_through_this_one(
    case: Case, make: Factory, client_of: ClientOf, session: Session
) -> None:
    own = Case(make, client_of)
    foreign = case.evidence["image/jpeg"].rsplit("/", 1)[1]
    assert own.wang.get(f"{own.address}/evidence/{foreign}").status_code == 404
    assert verbs(session) == []


def test_a_case_is_accepted(case: Case, session: Session) -> None:
    answer = case.wang.post(case.address, data={"decision": "accept", "answer": ""})
    assert (answer.status_code, answer.location) == (303, "/console/cases")
    assert state(session, case) == "accepted"
    assert verbs(session) == ["correction.accepted"]


def test_a_refusal_says_why(case: Case, session: Session) -> None:
    answer = case.wang.post(case.address, data={"decision": "refuse", "answer": "  "})
    assert answer.status_code == 422
    assert "不接受时请写明理由" in answer.text
    assert state(session, case) == "submitted"
    case.wang.post(case.address, data={"decision": "refuse", "answer": "与身份证一致"})
    assert state(session, case) == "refused"
    assert "与身份证一致" in case.wang.get(case.address).text


def test_an_answer_too_long_is_refused_and_kept_on_the_page(case: Case, session: Session) -> None:
    answer = case.wang.post(case.address, data={"decision": "accept", "answer": "长" * 501})
    assert answer.status_code == 422
    assert "长" * 501 in answer.text
    assert state(session, case) == "submitted"


def test_a_form_without_a_decision_decides_nothing_in_the_students_favour_or_against(
    case: Case, session: Session
) -> None:
    assert case.wang.post(case.address, data={}).status_code == 422
    assert state(session, case) == "submitted"


def test_a_case_that_is_closed_is_shown_as_it_is(case: Case, session: Session) -> None:
    case.wang.post(case.address, data={"decision": "accept", "answer": "好"})
    answer = case.wang.post(case.address, data={"decision": "refuse", "answer": "不行"})
    assert answer.status_code == 409
    assert "这个个案已经处理" in answer.text
    assert state(session, case) == "accepted"


def test_closed_cases_have_their_own_list(case: Case) -> None:
    assert "林小满" in case.wang.get("/console/cases").text
    assert "林小满" not in case.wang.get("/console/cases?state=decided").text
    case.wang.post(case.address, data={"decision": "accept"})
    assert "林小满" not in case.wang.get("/console/cases").text
    assert "林小满" in case.wang.get("/console/cases?state=decided").text
