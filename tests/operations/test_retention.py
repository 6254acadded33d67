"""Evidence of errata cases and identity reviews has an end: on its day, in the history, never before, files too."""

from __future__ import annotations

import copy
import tomllib
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.centres.rules import ALL_CENTRES
from backend.doctor import examine, sweep
from backend.enrollment.operations import Evidence
from backend.errata import retention as errata
from backend.errata.forms import read_forms
from backend.errata.operations import attach_evidence, open_case, withdraw_case
from backend.errata.records import ErratumCase, ErratumEvidence, ErratumPhoto
from backend.errata.rules import Form, Origin, Reason, State
from backend.history.records import HistoryEntry
from backend.history.rules import SYSTEM, Actor, ActorKind
from backend.identity import retention as identity
from backend.identity.operations import act_on_review, add_evidence, open_identity_case
from backend.identity.records import IdentityCase, IdentityEvidence
from backend.identity.rules import Action, Mark, Party, read_rounds
from backend.jobs.records import Job
from backend.settings import PROJECT
from backend.worker import Tools, Worker
from tests.conftest import Clock
from tests.factories import TINY_JPEG, Factory

ME = Actor(ActorKind.STUDENT)


class Desk:
    """A student with one errata case that has a piece of evidence and a photo."""

    def __init__(self, make: Factory) -> None:
        self.make, self.session, self.clock, self.parts = make, make.session, make.clock, make.parts
        self.lin = make.student()
        self.case_id = open_case(
            self.session, student_id=self.lin.id, form=Form.DELETE_CONCLUSION, reason=Reason.WRONG_CLICK, values={},
            origin=Origin.STUDENT, actor=ME, now=self.clock(),
        ).id  # fmt: skip
        self.file = self.parts.files.put(b"paper")
        attach_evidence(
            self.session, forms=self.parts.forms, student_id=self.lin.id, case_id=self.case_id, kind="chsi_page",
            evidence=[Evidence(self.file, "image/jpeg", 5)], actor=ME, now=self.clock(),
        )  # fmt: skip
        name = self.parts.files.put(TINY_JPEG)
        make._keep(
            ErratumPhoto(
                case_id=self.case_id, original_file=name, judged_file=name, verdict="pass", report={},
                added_at=self.clock(),
            )
        )  # fmt: skip

    @property
    def case(self) -> ErratumCase:
        self.session.rollback()
        self.session.expire_all()
        return self.session.get_one(ErratumCase, self.case_id)

    def over(self, state: State) -> None:
        case = self.case
        case.state, case.state_since, case.handed_over_on = state.value, self.clock(), self.clock().date()
        self.session.commit()

    def drop(self) -> int:
        self.session.rollback()
        return errata.drop_due_evidence(self.session, retention=self.parts.forms.retention, now=self.clock())

    def left(self) -> int:
        self.session.rollback()
        return len(self.session.scalars(select(ErratumEvidence)).all()) + len(
            self.session.scalars(select(ErratumPhoto)).all()
        )


@pytest.fixture
def desk(make: Factory) -> Desk:
    return Desk(make)


def test_nothing_goes_while_the_case_is_under_way(desk: Desk, clock: Clock) -> None:
    for state in State:
        if state not in (State.CONFIRMED, State.CLOSED, State.WITHDRAWN, State.DRAFT):
            desk.over(state)
            clock.move(days=400)
            assert desk.drop() == 0, state
    assert desk.left() == 2


@pytest.mark.parametrize("state", [State.CONFIRMED, State.CLOSED])
def test_evidence_and_photo_go_on_their_day_and_not_before(desk: Desk, clock: Clock, state: State) -> None:
    desk.over(state)
    due = errata.delete_on(desk.case, desk.parts.forms.retention)
    assert due == clock() + timedelta(days=desk.parts.forms.retention.after_end_days)
    clock.move(days=desk.parts.forms.retention.after_end_days, seconds=-1)
    assert (desk.drop(), desk.left()) == (0, 2)
    clock.move(seconds=1)
    assert (desk.drop(), desk.left()) == (1, 0)
    assert desk.case.evidence_deleted_at == clock()
    assert errata.delete_on(desk.case, desk.parts.forms.retention) is None
    assert desk.drop() == 0
    entry = desk.session.scalars(select(HistoryEntry).order_by(HistoryEntry.id.desc())).first()
    assert entry is not None
    assert (entry.verb, entry.owner_id, entry.facts) == (
        "erratum.evidence_deleted", desk.lin.id, {"kinds": ["chsi_page", "photo"]},
    )  # fmt: skip


def test_the_files_go_with_the_next_sweep_and_the_doctor_is_content(desk: Desk, clock: Clock) -> None:
    withdraw_case(
        desk.session, forms=desk.parts.forms, student_id=desk.lin.id, case_id=desk.case_id, actor=ME, now=clock()
    )
    desk.drop()
    sweep(desk.parts.sessions, desk.parts.files, now=clock() + timedelta(days=3650))
    assert desk.file not in {name for name, _ in desk.parts.files.names()}
    desk.session.rollback()
    assert [found for found in examine(desk.session, desk.parts.files, now=clock()) if found.harm] == []


def test_what_is_taken_back_goes_at_once_by_the_worker(desk: Desk, clock: Clock) -> None:
    withdraw_case(
        desk.session, forms=desk.parts.forms, student_id=desk.lin.id, case_id=desk.case_id, actor=ME, now=clock()
    )
    clock.move(seconds=6)
    worker = Worker(Tools.of(desk.parts))
    while worker.run_one():
        pass
    assert desk.left() == 0
    assert desk.case.state == State.WITHDRAWN


def test_a_draft_that_was_never_sent_loses_its_evidence_some_time_after_the_newest_piece(
    desk: Desk, clock: Clock
) -> None:
    days = desk.parts.forms.retention.not_submitted_days
    jobs = desk.session.scalars(select(Job).where(Job.kind == "drop_evidence")).all()
    assert [job.run_at for job in jobs] == [clock() + timedelta(days=days, seconds=5)]
    clock.move(days=days, seconds=-1)
    assert desk.drop() == 0
    clock.move(seconds=1)
    assert desk.drop() == 1
    assert desk.case.state == State.DRAFT


def test_days_below_none_stop_the_start() -> None:
    forms = tomllib.loads((PROJECT / "config" / "forms.toml").read_text())
    rounds = tomllib.loads((PROJECT / "config" / "identity.toml").read_text())
    wrong = copy.deepcopy(forms)
    wrong["retention"]["after_end_days"] = -1
    with pytest.raises(ValueError, match="retention"):
        read_forms(wrong)
    rounds["retention"]["evidence_after_end_days"] = -1
    with pytest.raises(ValueError, match="retention"):
        read_rounds(rounds)


def test_papers_of_a_review_go_some_time_after_it_is_over(make: Factory, session: Session, clock: Clock) -> None:
    lin, rounds = make.student(), make.parts.rounds
    case = open_identity_case(
        session, scope=ALL_CENTRES, student_id=lin.id, mark=Mark.FAILED, source="download", rounds=rounds,
        actor=SYSTEM, now=clock(),
    )  # fmt: skip
    add_evidence(
        session, scope=ALL_CENTRES, student_id=None, party=Party.COLLEGE, case_id=case.id, kind="id_card",
        evidence=[Evidence(make.parts.files.put(b"card"), "image/jpeg", 4)], rounds=rounds, actor=SYSTEM, now=clock(),
    )  # fmt: skip
    clock.move(days=400)
    session.rollback()
    assert identity.drop_due_evidence(session, rounds=rounds, now=clock()) == 0
    session.expire_all()
    act_on_review(
        session, scope=ALL_CENTRES, student_id=None, party=Party.COLLEGE, case_id=case.id, action=Action.CLOSE,
        seen_revision=session.get_one(IdentityCase, case.id).revision, text="误标", rounds=rounds, actor=SYSTEM,
        now=clock(),
    )  # fmt: skip
    session.expire_all()
    due = identity.delete_on(session.get_one(IdentityCase, case.id), rounds)
    assert due == clock() + timedelta(days=rounds.evidence_after_end_days)
    session.rollback()
    clock.move(days=rounds.evidence_after_end_days, seconds=6)
    worker = Worker(Tools.of(make.parts))
    while worker.run_one():
        pass
    session.rollback()
    session.expire_all()
    assert session.scalars(select(IdentityEvidence)).all() == []
    assert session.get_one(IdentityCase, case.id).evidence_deleted_at == clock()
    verbs = session.scalars(select(HistoryEntry.verb).where(HistoryEntry.subject_kind == "identity_review")).all()
    assert verbs[-1] == "identity_review.evidence_deleted"
