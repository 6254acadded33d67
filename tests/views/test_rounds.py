"""Rounds, units and routes: who may set what, what is refused, and the switch for rosters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.capture.queries import current_round, route_for
from backend.capture.records import CaptureRound, CaptureUnit, CentreRoute
from backend.history.records import HistoryEntry
from tests.factories import Factory

ClientOf = Callable[[Account], FlaskClient]
UNIT = {"code": "FJ", "name": "采集中心", "province": "福建", "format": "dbf-basic", "contact": "0591-00000010"}


def round_form(cohort_id: int) -> dict[str, str]:
    dates = {"opens_on": "2026-11-01", "closes_on": "2026-12-31"}
    return {"code": "2027C", "name": "春季采集", "cohorts": str(cohort_id), **dates}


@pytest.mark.parametrize(
    ("role", "sees", "edits"),
    [
        (Role.CENTRE_STAFF, 404, 404),
        (Role.CENTRE_HEAD, 200, 404),
        (Role.REGISTRY, 200, 200),
        (Role.ADMINISTRATOR, 404, 404),
    ],
)
def test_the_college_makes_rounds_and_heads_see_them(
    client_of: ClientOf, make: Factory, role: Role, sees: int, edits: int
) -> None:
    browser = client_of(make.staff(role))
    assert browser.get("/console/rounds").status_code == sees
    assert [browser.get(a).status_code for a in ("/console/rounds/new", "/console/units/new")] == [edits, edits]


def test_a_round_with_a_route_is_found_for_the_student(client_of: ClientOf, make: Factory, session: Session) -> None:
    centre, cohort = make.centre(), make.cohort()
    student = make.student(centre, cohort_id=cohort.id)
    registry, head = client_of(make.staff(Role.REGISTRY)), client_of(make.staff(Role.CENTRE_HEAD, centre))
    assert registry.post("/console/units/new", data=UNIT).status_code == 303
    assert registry.post("/console/rounds/new", data=round_form(cohort.id)).status_code == 303
    found = session.scalars(select(CaptureRound)).one()
    unit = session.scalars(select(CaptureUnit)).one()
    assert "未选择" in head.get(f"/console/rounds/{found.id}").text
    address = f"/console/rounds/{found.id}/centres/{centre.id}"
    form = {"route": "files", "unit": str(unit.id), "price": "30.5", "note": "到中心交费"}
    assert head.post(address, data=form).status_code == 303
    page = head.get(f"/console/rounds/{found.id}").text
    assert "中心收集电子照片后报送" in page
    assert "30.50 元" in page
    session.rollback()
    route = route_for(session, student, today=date(2026, 11, 20))
    assert route is not None
    assert (route.price_fen, route.unit_id) == (3050, unit.id)
    assert current_round(session, student, today=date(2027, 1, 1)) is None
    assert current_round(session, make.student(centre), today=date(2026, 11, 20)) is None


def test_a_wrong_form_is_said_at_its_fields_and_nothing_is_kept(
    client_of: ClientOf, make: Factory, session: Session
) -> None:
    registry = client_of(make.staff(Role.REGISTRY))
    answer = registry.post("/console/rounds/new", data={"name": "春季采集", "opens_on": "1.11.2026"})
    assert answer.status_code == 422
    assert answer.text.count("请选择日期") == 4, "at both fields and in the summary"
    assert "请至少选一个批次" in answer.text
    assert 'value="春季采集"' in answer.text
    answer = registry.post("/console/units/new", data={**UNIT, "format": "csv"})
    assert (answer.status_code, "没有这个文件格式" in answer.text) == (422, True)
    assert session.scalars(select(CaptureRound)).all() == []
    assert session.scalars(select(CaptureUnit)).all() == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"route": "agreed"}, "请选择一种采集方式"),
        ({"price": "三十"}, "请按「30」"),
        ({"price": "100001"}, "金额要在"),
        ({"unit": "77"}, "没有这个采集单位"),
        ({"note": "长" * 501}, "太长"),
    ],
)
def test_a_route_that_cannot_be_is_refused(
    client_of: ClientOf, make: Factory, session: Session, change: dict[str, str], says: str
) -> None:
    centre, cohort = make.centre(), make.cohort()
    registry = client_of(make.staff(Role.REGISTRY))
    registry.post("/console/rounds/new", data=round_form(cohort.id))
    found = session.scalars(select(CaptureRound)).one()
    answer = registry.post(
        f"/console/rounds/{found.id}/centres/{centre.id}", data={"route": "files", "price": "30", "note": "", **change}
    )
    assert (answer.status_code, says in answer.text) == (422, True)
    assert session.scalars(select(CentreRoute)).all() == []


def test_a_head_sets_the_own_centre_only(client_of: ClientOf, make: Factory, session: Session) -> None:
    own, other, cohort = make.centre(), make.centre(), make.cohort()
    client_of(make.staff(Role.REGISTRY)).post("/console/rounds/new", data=round_form(cohort.id))
    found = session.scalars(select(CaptureRound)).one()
    head = client_of(make.staff(Role.CENTRE_HEAD, own))
    assert head.get(f"/console/rounds/{found.id}/centres/{other.id}").status_code == 404
    assert head.post(f"/console/rounds/{found.id}/centres/{other.id}", data={"route": "files"}).status_code == 404
    page = head.get(f"/console/rounds/{found.id}").text
    assert own.name in page
    assert other.name not in page


def test_rosters_are_off_and_only_a_reason_switches_them_on(
    client_of: ClientOf, make: Factory, session: Session
) -> None:
    registry = client_of(make.staff(Role.REGISTRY))
    registry.post("/console/units/new", data=UNIT)
    unit = session.scalars(select(CaptureUnit)).one()
    address = f"/console/units/{unit.id}"
    assert unit.rosters_allowed is False
    assert "不含姓名和身份证号" in registry.get(address).text
    assert registry.post(f"{address}/rosters", data={"allowed": "yes", "reason": "要"}).status_code == 422
    reason = "省厅 2026 年 11 月书面同意，吴老师批准"
    assert registry.post(f"{address}/rosters", data={"allowed": "yes", "reason": reason}).status_code == 303
    session.rollback()
    assert (unit.rosters_allowed, unit.rosters_reason) == (True, reason)
    assert reason in registry.get(address).text
    registry.post(f"{address}/rosters", data={"allowed": "no"})
    session.rollback()
    assert (unit.rosters_allowed, unit.rosters_reason) == (False, "")
    verbs = session.scalars(select(HistoryEntry.verb).where(HistoryEntry.subject_kind == "unit")).all()
    assert verbs == ["unit.saved", "unit.rosters_allowed", "unit.rosters_stopped"]
