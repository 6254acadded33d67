"""Batches, verb by verb: what each refuses by itself, whoever asks and from whichever page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.batches.answers import by_hand
from backend.batches.operations import (
    add_photos,
    begin_batch,
    cancel,
    check_download,
    hand_over,
    receive,
    remove_photo,
    reopen,
    run_sealing,
    seal,
)
from backend.batches.records import Batch, BatchItem
from backend.batches.rules import AgreementWithdrawn, NothingChosen
from backend.capture.records import CaptureRound, CaptureUnit, CentreRoute
from backend.capture.rules import RosterForbidden
from backend.centres.rules import Scope
from backend.consent.operations import withdraw_consent
from backend.errors import Invalid, NotAllowed, NotFound, Outdated
from backend.history.records import HistoryEntry
from backend.history.rules import Actor, ActorKind
from backend.parts import Parts
from backend.photos.rules import Action
from tests.conftest import Clock
from tests.factories import Factory


class Desk:
    """A draft with the accepted photos of Lin and Wu for a unit that may have names."""

    def __init__(self, make: Factory, session: Session, clock: Clock, parts: Parts) -> None:
        self.session, self.clock, self.parts = session, clock, parts
        centre, elsewhere, cohort = make.centre(), make.centre(), make.cohort()
        self.lin, self.wu = (make.student(centre, cohort_id=cohort.id) for _ in range(2))
        today = clock().date()
        self.unit = CaptureUnit(code="U", name="单位", province="福建", format="dbf-basic", rosters_allowed=True)
        found = CaptureRound(
            code="R", name="春季", opens_on=today, closes_on=today, created_at=clock(), cohorts=[cohort]
        )
        session.add_all([self.unit, found])
        session.flush()
        session.add(CentreRoute(round_id=found.id, centre_id=centre.id, route="files", unit_id=self.unit.id))
        session.commit()
        for student in (self.lin, self.wu):
            make.settle(student)
            make.agree(student, "hand_over")
            make.submitted(student)
            make.reviewed(student, Action.ACCEPT)
        clock.move(minutes=5)
        self.scope, self.other = Scope(centre.id), Scope(elsewhere.id)
        self.centre_id, self.elsewhere_id, self.round_id = centre.id, elsewhere.id, found.id
        self.staff = Actor(ActorKind.STAFF, make.staff(centre=centre).id)
        self.id = self.begin()
        assert self.add() == 2

    def begin(self, **change: Any) -> int:
        here = {"scope": self.scope, "centre_id": self.centre_id, "round_id": self.round_id, **change}
        self.session.rollback()
        return begin_batch(self.session, **here, actor=self.staff, now=self.clock()).id

    def given(self, **change: Any) -> dict[str, Any]:
        """What every verb wants, as a fresh page of the own centre would give it."""
        self.session.rollback()
        return {"scope": self.scope, "batch_id": self.id, "actor": self.staff, "now": self.clock()} | change

    def seen(self, **change: Any) -> dict[str, Any]:
        given = self.given()
        return given | {"seen_revision": self.batch().revision} | change

    def add(self, **change: Any) -> int:
        return add_photos(self.session, **self.given(**change), student_ids=None, undo_seconds=60)

    def seal(self) -> None:
        rules = self.parts.capture
        seal(self.session, **self.seen(), rules=rules)
        run_sealing(self.parts.sessions, files=self.parts.files, rules=rules, batch_id=self.id, now=self.clock())
        assert self.batch().state == "sealed"

    def hand_over(self, *, days: int = 0, **change: Any) -> None:
        day = self.clock().date() + timedelta(days=days)
        hand_over(self.session, **self.seen(**change), handed_on=day, reference="")

    def receive(self, refused: dict[int, str], *, days: int = 0, **change: Any) -> None:
        day = self.clock().date() + timedelta(days=days)
        receive(self.session, **self.seen(**change), received_on=day, refused=refused)

    def batch(self) -> Batch:
        return self.session.get_one(Batch, self.id, populate_existing=True)

    def items(self) -> list[BatchItem]:
        self.session.rollback()
        query = select(BatchItem).where(BatchItem.batch_id == self.id).order_by(BatchItem.id)
        return list(self.session.scalars(query.execution_options(populate_existing=True)))

    def entries(self) -> int:
        self.session.rollback()
        return self.session.scalar(select(func.count()).select_from(HistoryEntry)) or 0


@pytest.fixture
def desk(make: Factory, session: Session, clock: Clock, parts: Parts) -> Desk:
    return Desk(make, session, clock, parts)


def test_a_batch_is_begun_by_its_centre_once_its_unit_is_known(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.begin(scope=desk.other)
    with pytest.raises(Invalid) as wrong:
        desk.begin(scope=desk.other, centre_id=desk.elsewhere_id)
    assert wrong.value.problems == {"unit": "unit_unset"}


def test_another_centre_and_a_page_from_before_change_nothing(desk: Desk) -> None:
    entries, item = desk.entries(), desk.items()[0].id
    for change, refused in (({"scope": desk.other}, NotFound), ({"seen_revision": 99}, Outdated)):
        for verb in (reopen, cancel):
            with pytest.raises(refused):
                verb(desk.session, **desk.seen(**change))
        with pytest.raises(refused):
            seal(desk.session, **desk.seen(**change), rules=desk.parts.capture)
        with pytest.raises(refused):
            desk.hand_over(**change)
        with pytest.raises(refused):
            desk.receive({}, **change)
    with pytest.raises(NotFound):
        desk.add(scope=desk.other)
    with pytest.raises(NotFound):
        remove_photo(desk.session, **desk.given(scope=desk.other), item_id=item)
    assert (desk.entries(), desk.batch().state, len(desk.items())) == (entries, "draft", 2)


def test_photos_come_and_go_only_in_a_draft_and_only_in_their_own(desk: Desk) -> None:
    item, first = desk.items()[0].id, desk.id
    desk.id = desk.begin()
    with pytest.raises(NotFound):
        remove_photo(desk.session, **desk.given(), item_id=item)
    with pytest.raises(NothingChosen):
        seal(desk.session, **desk.seen(), rules=desk.parts.capture)
    desk.id = first
    desk.seal()
    with pytest.raises(NotAllowed):
        desk.add()
    with pytest.raises(NotAllowed):
        remove_photo(desk.session, **desk.given(), item_id=item)
    assert len(desk.items()) == 2


def test_without_the_colleges_word_a_list_of_names_is_not_even_sealed(desk: Desk) -> None:
    desk.session.get_one(CaptureUnit, desk.unit.id).rosters_allowed = False
    desk.session.commit()
    with pytest.raises(RosterForbidden):
        seal(desk.session, **desk.seen(), rules=desk.parts.capture)
    assert desk.batch().state == "draft"


def test_what_is_handed_over_is_neither_opened_nor_given_up_and_a_day_to_come_is_none(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        desk.hand_over()
    desk.seal()
    with pytest.raises(NotAllowed):
        desk.receive({})
    with pytest.raises(Invalid) as wrong:
        desk.hand_over(days=1)
    assert wrong.value.problems == {"handed_on": "date_future"}
    desk.hand_over()
    for verb in (reopen, cancel):
        with pytest.raises(NotAllowed):
            verb(desk.session, **desk.seen())
    assert desk.batch().state == "handed_over"


def test_a_receipt_names_photos_of_its_batch_with_a_reason_and_all_stand_written_by_hand(desk: Desk) -> None:
    desk.seal()
    desk.hand_over()
    lin, wu = desk.items()
    entries = desk.entries()
    for refused in ({lin.id: " "}, {lin.id: "x" * 201}):
        with pytest.raises(Invalid):
            desk.receive(refused)
    with pytest.raises(Invalid):
        desk.receive({}, days=1)
    with pytest.raises(NotFound):
        desk.receive({lin.id: "头部过大", 999: "头部过大"})
    assert (desk.entries(), [item.answer for item in desk.items()]) == (entries, [None, None])
    desk.receive({lin.id: "头部过大"})
    today = desk.clock().date()
    assert [(item.answer, item.source, item.said_on) for item in desk.items()] == [
        ("refused", by_hand(desk.id), today),
        ("taken", by_hand(desk.id), today),
    ]
    with pytest.raises(NotAllowed):
        desk.receive({wu.id: "头部过大"})


def test_a_package_with_somebody_who_took_the_agreement_back_stays_here(desk: Desk) -> None:
    desk.seal()
    check_download(desk.session, batch=desk.batch())
    desk.session.rollback()
    actor = Actor(ActorKind.STUDENT)
    withdraw_consent(desk.session, student_id=desk.wu.id, purpose="hand_over", actor=actor, now=desk.clock())
    with pytest.raises(AgreementWithdrawn):
        check_download(desk.session, batch=desk.batch())


def test_one_photo_stands_for_one_record(desk: Desk) -> None:
    lin, wu = desk.items()
    wu.file_name = lin.file_name
    desk.session.commit()
    seal(desk.session, **desk.seen(), rules=desk.parts.capture)
    run_sealing(
        desk.parts.sessions, files=desk.parts.files, rules=desk.parts.capture, batch_id=desk.id, now=desk.clock()
    )
    found = desk.batch()
    assert (found.state, [(row["serial"], row["why"], row["value"]) for row in found.problems]) == (
        "draft",
        [(2, "same_photo", "1")],
    )
