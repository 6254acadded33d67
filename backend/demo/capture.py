"""The invented college's capture round: two units, and the route of each centre."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.records import Account
from backend.capture.operations import save_round, save_unit, set_route
from backend.capture.records import CaptureRound
from backend.capture.rules import CaptureRules
from backend.centres.records import Centre
from backend.centres.rules import ALL_CENTRES, Scope
from backend.days import day_of
from backend.demo.onsite import load_past_session, load_session
from backend.enrollment.records import Cohort
from backend.fees.operations import charge_round, remit, take_payments
from backend.fees.queries import fees_in
from backend.fees.rules import Method
from backend.history.rules import SYSTEM, Actor, ActorKind

# index of the centre, route, which unit, 分, what the centre tells its students
ROUTES = (
    (0, "files", 0, 30_00, "照片由中心统一报送，费用 30 元，审核通过后到中心交。"),
    (1, "team", 0, 30_00, "拍摄组在期末考试期间到中心，请先预约场次。"),
    (2, "agreed", 1, 25_00, "与浙江的采集单位商定，时间另行通知。"),
)


def load_round(session: Session, *, centres: Sequence[Centre], rules: CaptureRules, now: datetime) -> CaptureRound:
    """One round, open now, for the cohorts that are still to be captured."""
    places = [(centre.id, centre.code) for centre in centres]
    cohorts = list(session.scalars(select(Cohort.id).where(Cohort.capture_by >= day_of(now))))
    units = [
        save_unit(
            session,
            unit_id=None,
            code=code,
            name=name,
            province=province,
            address=address,
            contact=contact,
            unit_format=unit_format,
            rules=rules,
            actor=SYSTEM,
            now=now,
        ).id
        for code, name, province, address, contact, unit_format in (
            ("FJTX", "演示图像采集中心（福建）", "福建", "福州市晋安区测试路 2 号", "0591-00000010", "dbf-basic"),
            ("ZJTX", "演示图像采集中心（浙江）", "浙江", "杭州市上城区测试路 9 号", "0571-00000011", "code-only"),
        )
    ]
    found = save_round(
        session,
        round_id=None,
        code="2027C",
        name="2027 届春季采集",
        opens_on=day_of(now - timedelta(days=15)),
        closes_on=day_of(now + timedelta(days=60)),
        code_needed=True,
        cohort_ids=cohorts,
        actor=SYSTEM,
        now=now,
    )
    for place, route, unit, price, note in ROUTES:
        set_route(
            session,
            scope=ALL_CENTRES,
            round_id=found.id,
            centre_id=places[place][0],
            route=route,
            unit_id=units[unit],
            price_fen=price,
            note=note,
            rules=rules,
            actor=SYSTEM,
            now=now,
        )
    round_id = found.id
    _fees(session, centre_id=places[0][0], round_id=round_id, now=now)
    load_past_session(session, centre_id=places[1][0], round_id=round_id, now=now)
    load_session(session, centre_id=places[1][0], round_id=round_id, now=now)
    return found


def _fees(session: Session, *, centre_id: int, round_id: int, now: datetime) -> None:
    """The first centre has begun to collect: some paid, a part went to the unit."""
    keeper = session.scalars(select(Account).where(Account.centre_id == centre_id).order_by(Account.id)).first()
    if keeper is None:
        return
    actor, scope = Actor(ActorKind.STAFF, keeper.id), Scope(centre_id)
    here: dict[str, Any] = {"scope": scope, "centre_id": centre_id, "round_id": round_id}
    charge_round(session, **here, actor=actor, now=now)
    owed, _ = fees_in(session, **here, state=None, text="", offset=0, limit=9)
    numbers = [fee.id for fee in owed]
    take_payments(session, scope=scope, fee_ids=numbers[:4], method=Method.CASH, actor=actor, now=now)
    remit(
        session,
        **here,
        seen_fees=numbers[:4],
        method=Method.TRANSFER,
        reference="演示-0001",
        remitted_on=day_of(now),
        actor=actor,
        now=now,
    )
    take_payments(session, scope=scope, fee_ids=numbers[4:7], method=Method.TRANSFER, actor=actor, now=now)
