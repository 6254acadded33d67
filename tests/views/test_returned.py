"""Returned photos beside the accepted ones: who sees them, what an answer does, what is written down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.errata.records import ErratumCase
from backend.exchange.records import Import, ReturnedCheck, ReturnedPhoto
from backend.history.records import HistoryEntry
from backend.photos.rules import Action
from tests.factories import TINY_JPEG, Factory

ClientOf = Callable[[Account], FlaskClient]


@pytest.fixture
def returned(make: Factory) -> ReturnedPhoto:
    lin = make.student(name="林小满")
    make.settle(lin)
    make.submitted(lin)
    make.reviewed(lin, Action.ACCEPT)
    run = make._keep(
        Import(
            kind="disc", state="done", file_name="0" * 64, label="x.zip", bytes=1, format="zip",
            uploaded_by=make.staff().id, uploaded_at=make.clock(),
        )
    )  # fmt: skip
    name = make.parts.files.put(TINY_JPEG)
    return make._keep(
        ReturnedPhoto(
            import_id=run.id, student_id=lin.id, file_name=name, media_type="image/jpeg", returned_on=date(2026, 11, 1)
        )
    )


def test_another_centre_a_student_and_an_administrator_see_nothing(
    returned: ReturnedPhoto, make: Factory, client_of: ClientOf, session: Session
) -> None:
    zhao = client_of(make.staff())
    assert "林小满" not in zhao.get("/console/returned").text
    for browser in (zhao, client_of(make.staff(Role.ADMINISTRATOR)), client_of(make.student_account())):
        assert browser.get(f"/console/returned/{returned.id}/picture").status_code == 404
        assert browser.post(f"/console/returned/{returned.id}", data={"answer": "same"}).status_code == 404
    session.rollback()
    assert session.scalars(select(ReturnedCheck)).all() == []


def test_the_same_person_is_kept_once(
    returned: ReturnedPhoto, make: Factory, client_of: ClientOf, session: Session
) -> None:
    wang = client_of(make.staff(centre=returned.student.centre))
    assert "林小满" in wang.get("/console/returned").text
    assert wang.get(f"/console/returned/{returned.id}/picture").status_code == 200
    for _ in range(2):
        wang.post(f"/console/returned/{returned.id}", data={"answer": "same"})
    session.rollback()
    assert [check.answer for check in session.scalars(select(ReturnedCheck))] == ["same"]
    assert len(session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "returned.seen")).all()) == 1
    assert "林小满" not in wang.get("/console/returned").text


@pytest.mark.parametrize(("word", "reason"), [("photo", "paper_photo"), ("data", "printed_data")])
def test_a_wrong_one_opens_the_errata_case(
    word: str, reason: str, returned: ReturnedPhoto, make: Factory, client_of: ClientOf, session: Session
) -> None:
    wang = client_of(make.staff(centre=returned.student.centre))
    wang.post(f"/console/returned/{returned.id}", data={"answer": word})
    session.rollback()
    case = session.scalars(select(ErratumCase)).one()
    check = session.scalars(select(ReturnedCheck)).one()
    assert (case.form, case.reason, check.case_id) == ("data_check", reason, case.id)
