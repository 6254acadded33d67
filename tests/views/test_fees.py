"""The cash desk of a centre: charging, receipts, corrections, handing over, lists; each only of the own centre."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.accounts.rules import Role
from backend.capture.records import CaptureRound, CentreRoute
from backend.centres.records import Centre
from backend.doctor import examine
from backend.enrollment.records import Student
from backend.fees.records import Fee, FeeMovement, FeeRemittance
from backend.parts import Parts
from tests.conftest import Clock
from tests.factories import Factory

ClientOf = Callable[[Account], FlaskClient]


class Desk:
    """A centre with a round, a price and three students; Wang keeps its fees."""

    def __init__(self, make: Factory, client_of: ClientOf, session: Session, clock: Clock) -> None:
        self.session = session
        self.centre: Centre = make.centre(code="FZ01")
        cohort = make.cohort()
        self.students: list[Student] = [make.student(self.centre, cohort_id=cohort.id) for _ in range(3)]
        self.other = make.student(make.centre(), cohort_id=cohort.id)
        today = clock().date()
        self.round = CaptureRound(
            code="2027C", name="春季采集", opens_on=today, closes_on=today, created_at=clock(), cohorts=[cohort]
        )
        session.add(self.round)
        session.flush()
        session.add(CentreRoute(round_id=self.round.id, centre_id=self.centre.id, route="files", price_fen=3050))
        session.commit()
        self.place = {"round": str(self.round.id), "centre": str(self.centre.id)}
        self.wang = client_of(make.staff(centre=self.centre))

    def fees(self) -> list[Fee]:
        self.session.rollback()
        return list(self.session.scalars(select(Fee).order_by(Fee.id)))

    def charge(self) -> list[Fee]:
        assert self.wang.post("/console/fees/charge", data=self.place).status_code == 303
        return self.fees()

    def pay(self, *fees: Fee, method: str = "cash") -> int:
        chosen = [str(fee.id) for fee in fees]
        return self.wang.post("/console/fees/pay", data={**self.place, "fees": chosen, "method": method}).status_code


@pytest.fixture
def desk(make: Factory, client_of: ClientOf, session: Session, clock: Clock) -> Desk:
    return Desk(make, client_of, session, clock)


def test_everybody_of_the_round_owes_once_however_often_the_list_is_made(desk: Desk) -> None:
    assert [fee.student_id for fee in desk.charge()] == [student.id for student in desk.students]
    assert len(desk.charge()) == 3
    assert "30.50" in desk.wang.get("/console/fees").text


def test_without_a_price_nobody_is_charged(desk: Desk) -> None:
    desk.session.scalars(select(CentreRoute)).one().price_fen = None
    desk.session.commit()
    answer = desk.wang.post("/console/fees/charge", data=desk.place)
    assert (answer.status_code, "还没有定收费" in answer.text, desk.fees()) == (422, True, [])


def test_payments_get_receipts_without_gaps(desk: Desk) -> None:
    first, second, third = desk.charge()
    assert desk.pay(second) == 303
    assert desk.pay(first, third, method="transfer") == 303
    assert [fee.receipt for fee in desk.fees()] == ["FZ01-2027C-0002", "FZ01-2027C-0001", "FZ01-2027C-0003"]
    page = desk.wang.get("/console/fees").text
    assert "现金 30.50，转账 61.00" in page
    receipt = desk.wang.get(f"/console/fees/{first.id}/receipt").text
    assert "FZ01-2027C-0002" in receipt
    assert "不是税务发票" in receipt


def test_a_payment_taken_twice_is_taken_once_and_one_that_cannot_be_stops_all(desk: Desk) -> None:
    first, second, _ = desk.charge()
    assert desk.pay(first) == 303
    assert desk.pay(first, second) == 409
    assert [fee.state for fee in desk.fees()] == ["paid", "owed", "owed"]
    assert len(desk.session.scalars(select(FeeMovement)).all()) == 1


def test_a_refund_says_how_and_why_and_a_stale_page_is_refused(desk: Desk) -> None:
    first, _, _ = desk.charge()
    desk.pay(first)
    address, seen = f"/console/fees/{first.id}", str(desk.fees()[0].revision)
    form = {"action": "refund", "method": "cash", "seen_revision": seen}
    answer = desk.wang.post(address, data=form)
    assert (answer.status_code, "请写明原因" in answer.text) == (422, True)
    assert desk.wang.post(address, data={**form, "reason": "重复采集"}).status_code == 303
    assert desk.wang.post(address, data={**form, "reason": "重复采集"}).status_code == 409
    assert (desk.fees()[0].state, desk.fees()[0].receipt) == ("refunded", None)
    assert "重复采集" in desk.wang.get(address).text


def test_what_went_to_the_unit_is_refunded_but_never_unwritten(desk: Desk, clock: Clock) -> None:
    first, second, _ = desk.charge()
    desk.pay(first, second)
    form = {**desk.place, "method": "transfer", "remitted_on": clock().date().isoformat(), "reference": "T-1"}
    stale = desk.wang.post("/console/fees/remit", data={**form, "fees": [str(first.id)]})
    assert stale.status_code == 409, "a payment came since the page was made"
    assert (
        desk.wang.post("/console/fees/remit", data={**form, "fees": [str(first.id), str(second.id)]}).status_code == 303
    )
    desk.session.rollback()
    made = desk.session.scalars(select(FeeRemittance)).one()
    assert (made.people, made.amount_fen) == (2, 6100)
    seen = {"seen_revision": str(desk.fees()[0].revision), "reason": "登记错了"}
    assert desk.wang.post(f"/console/fees/{first.id}", data={"action": "reverse", **seen}).status_code == 409
    refund = desk.wang.post(f"/console/fees/{first.id}", data={"action": "refund", "method": "cash", **seen})
    assert refund.status_code == 303
    page = desk.wang.get("/console/fees").text
    assert "-30.50" in page
    assert "采集单位应退给中心" in page
    sheet = openpyxl.load_workbook(
        io.BytesIO(desk.wang.get(f"/console/fees/remittances/{made.id}/list.xlsx").data)
    ).active
    assert sheet is not None
    assert [cell.value for cell in sheet["D"]][1:4] == [30.5, 30.5, 61]
    assert [cell.value for cell in sheet["A"]][1] == desk.students[0].student_number
    plain = desk.wang.get(f"/console/fees/remittances/{made.id}/list.csv").data.decode("utf-8-sig").splitlines()
    assert [line.split(",")[-1] for line in plain[1:]] == ["30.5", "30.5", "61"]


def test_nothing_in_hand_is_nothing_to_hand_over(desk: Desk, clock: Clock) -> None:
    desk.charge()
    form = {**desk.place, "method": "cash", "remitted_on": clock().date().isoformat()}
    assert desk.wang.post("/console/fees/remit", data=form).status_code == 409
    assert "没有要交的钱" in desk.wang.get("/console/fees/remit").text


def test_the_list_is_read_by_other_software_and_its_sums_stand_under_it(desk: Desk) -> None:
    first, *_ = desk.charge()
    desk.pay(first)
    query = f"?round={desk.round.id}"
    rows = list(csv.reader(io.StringIO(desk.wang.get(f"/console/fees/list.csv{query}").data.decode("utf-8-sig"))))
    assert rows[1][:4] == [desk.students[0].student_number, "林小满", "30.5", "已交"]
    assert [row[:3] for row in rows[4:]] == [
        ["待交", "", "61"],
        ["已收", "", "30.5"],
        ["已交采集单位", "", "0"],
        ["在手", "", "30.5"],
        ["已退", "", "0"],
        ["免交", "", "0"],
    ]
    book = openpyxl.load_workbook(io.BytesIO(desk.wang.get(f"/console/fees/list.xlsx{query}").data))
    assert book.worksheets[0]["C2"].value == 30.5


def test_what_nobody_has_to_pay_is_among_the_sums(desk: Desk) -> None:
    _, second, *_ = desk.charge()
    sent = {"seen_revision": 1, "action": "waive", "reason": "助学金"}
    assert desk.wang.post(f"/console/fees/{second.id}", data=sent).status_code == 303
    query = f"?round={desk.round.id}"
    assert "<dt>免交</dt><dd>30.50</dd>" in desk.wang.get(f"/console/fees{query}").text
    rows = list(csv.reader(io.StringIO(desk.wang.get(f"/console/fees/list.csv{query}").data.decode("utf-8-sig"))))
    assert rows[-1][:3] == ["免交", "", "30.5"]


def test_the_doctor_finds_money_that_nobody_wrote_down(desk: Desk, parts: Parts, clock: Clock) -> None:
    first, *_ = desk.charge()
    desk.pay(first)
    desk.session.rollback()
    assert not [found for found in examine(desk.session, parts.files, now=clock()) if found.harm]
    desk.session.delete(desk.session.scalars(select(FeeMovement)).one())
    desk.session.commit()
    assert any("fees of centre" in found.text for found in examine(desk.session, parts.files, now=clock()))


def test_the_student_sees_the_own_fee_and_that_there_is_no_payment_online(
    desk: Desk, make: Factory, client_of: ClientOf
) -> None:
    first, *_ = desk.charge()
    desk.pay(first)
    desk.session.rollback()
    page = client_of(make.student_account(desk.students[0])).get("/fees").text
    assert "FZ01-2027C-0001" in page
    assert "不能在线支付" in page
    assert "没有要交的费用" in client_of(make.student_account(desk.other)).get("/fees").text


ADDRESSES = ("/console/fees", "/console/fees/{id}", "/console/fees/remit", "/console/fees/list.csv")


@pytest.mark.parametrize(
    ("who", "expected"), [("own", 200), ("head", 200), ("registry", 200), ("other", 404), ("administrator", 404)]
)
def test_fees_are_kept_by_the_own_centre_and_watched_by_the_registry(
    desk: Desk, make: Factory, client_of: ClientOf, who: str, expected: int
) -> None:
    first, *_ = desk.charge()
    staff = {
        "own": lambda: make.staff(centre=desk.centre),
        "head": lambda: make.staff(Role.CENTRE_HEAD, desk.centre),
        "registry": lambda: make.staff(Role.REGISTRY),
        "other": lambda: make.staff(),
        "administrator": lambda: make.staff(Role.ADMINISTRATOR),
    }[who]()
    browser = client_of(staff)
    query = f"?round={desk.round.id}&centre={desk.centre.id}"
    got = {address: browser.get(address.format(id=first.id) + query).status_code for address in ADDRESSES}
    assert got == dict.fromkeys(ADDRESSES, expected)
    changed = browser.post("/console/fees/pay", data={**desk.place, "fees": [str(first.id)], "method": "cash"})
    assert changed.status_code == (303 if expected == 200 else 404)


def test_a_student_and_a_stranger_have_no_business_here(
    desk: Desk, make: Factory, client: FlaskClient, client_of: ClientOf
) -> None:
    assert client_of(make.student_account()).get("/console/fees").status_code == 404
    assert re.search(r"sign-in", client.get("/console/fees").location or "")
