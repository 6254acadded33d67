"""Errata cases as stories: a swap from both students to the confirmation; what is refused, told and reminded of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.rules import Role
from backend.centres.rules import ALL_CENTRES, Scope
from backend.doctor import examine, sweep
from backend.enrollment.operations import Evidence
from backend.enrollment.records import Student
from backend.errata.operations import (
    OtherStudent,
    act_on_case,
    answer_swap,
    attach_evidence,
    attach_photo,
    confirm_case,
    edit_case,
    missing_parts,
    open_case,
    pair_student,
    remind_of_case,
    remove_evidence,
    report_still_wrong,
    send_cases,
    submit_case,
    withdraw_case,
)
from backend.errata.queries import Narrowed, errata_heaps, errata_in, neighbours
from backend.errata.records import ErratumCase
from backend.errata.rules import (
    Action,
    Form,
    NotComplete,
    Origin,
    PairMissing,
    PairRefused,
    Party,
    Reason,
    State,
)
from backend.errors import Invalid, NotAllowed, NotFound, Outdated
from backend.history.records import HistoryEntry
from backend.history.rules import Actor, ActorKind
from backend.jobs.records import Job
from backend.photos.rules import ConsentMissing
from tests.conftest import Clock
from tests.factories import TINY_JPEG, Factory, report

ME = Actor(ActorKind.STUDENT)
SWAP = {"seen": "both"}
CLICK = {"pressed": "photo_wrong", "pressed_on": "2026-10-08"}


class Desk:
    """Lin and Chen of Wang's centre, and the college; every verb with what it needs."""

    def __init__(self, make: Factory) -> None:
        self.make, self.session, self.clock, self.forms = make, make.session, make.clock, make.parts.forms
        self.lin = make.student(name="林小满")
        self.chen = make.student(self.lin.centre, name="陈䶮")
        self.wang = Actor(ActorKind.STAFF, make.staff(centre=self.lin.centre).id)
        self.registry = Actor(ActorKind.STAFF, make.staff(Role.REGISTRY).id)

    def open(self, reason: Reason = Reason.WRONG_CLICK, form: Form = Form.DELETE_CONCLUSION) -> ErratumCase:
        return open_case(
            self.session, student_id=self.lin.id, form=form, reason=reason, values={}, origin=Origin.STUDENT,
            actor=ME, now=self.clock(),
        )  # fmt: skip

    def fill(self, case: ErratumCase, values: dict[str, str], other: Student | None = None) -> ErratumCase:
        case = edit_case(
            self.session, forms=self.forms, student_id=self.lin.id, case_id=case.id, seen_revision=case.revision,
            title="", values=values, statement="当天排队时弄反了。",
            other_student=OtherStudent(other.name, other.student_number) if other else None, actor=ME, now=self.clock(),
        )  # fmt: skip
        for kind in self.forms.of(case.form, case.reason).evidence:
            if kind.required:
                case = self.attach(case, kind.name)
        return case

    def attach(self, case: ErratumCase, kind: str, content: bytes = b"paper") -> ErratumCase:
        evidence = [Evidence(self.make.parts.files.put(content), "image/jpeg", len(content))]
        return attach_evidence(
            self.session, forms=self.forms, student_id=self.lin.id, case_id=case.id, kind=kind, evidence=evidence,
            actor=ME, now=self.clock(),
        )  # fmt: skip

    def submit(self, case: ErratumCase) -> ErratumCase:
        return submit_case(self.session, **self.own(case), seen_revision=case.revision)

    def own(self, case: ErratumCase) -> dict[str, Any]:
        return {
            "forms": self.forms, "student_id": self.lin.id, "case_id": case.id, "actor": ME, "now": self.clock()
        }  # fmt: skip

    def swapped(self) -> ErratumCase:
        case = self.open(Reason.SWAPPED, Form.IMAGE_INFO)
        return self.submit(self.fill(case, SWAP, self.chen))

    def clicked(self) -> ErratumCase:
        return self.submit(self.fill(self.open(), CLICK))

    def pair(self, case: ErratumCase, name: str = "陈 䶮", number: str = "", scope: Scope | None = None) -> ErratumCase:
        return pair_student(
            self.session, scope=scope or Scope(self.lin.centre_id), party=Party.CENTRE, case_id=case.id,
            seen_revision=case.revision, name=name, student_number=number or self.chen.student_number,
            actor=self.wang, now=self.clock(),
        )  # fmt: skip

    def act(
        self, case: ErratumCase, action: Action, party: Party = Party.COLLEGE, text: str = "情况属实"
    ) -> ErratumCase:
        return act_on_case(
            self.session, forms=self.forms, scope=Scope(self.lin.centre_id) if party is Party.CENTRE else ALL_CENTRES,
            party=party, case_id=case.id, seen_revision=case.revision, action=action, text=text,
            actor=self.wang if party is Party.CENTRE else self.registry, now=self.clock(),
        )  # fmt: skip

    def send(self, *cases: ErratumCase, day: date | None = None, name: str = "2026-11") -> tuple[int, int]:
        return send_cases(
            self.session, forms=self.forms, scope=ALL_CENTRES, party=Party.COLLEGE,
            case_ids=[case.id for case in cases],
            handed_over_on=day or date(2026, 11, 2), round_name=name, actor=self.registry, now=self.clock(),
        )  # fmt: skip

    def sent(self) -> ErratumCase:
        case = self.act(self.act(self.clicked(), Action.OPINE, Party.CENTRE), Action.DECIDE)
        assert self.send(case) == (1, 0)
        return self.session.get_one(ErratumCase, case.id)


@pytest.fixture
def desk(make: Factory) -> Desk:
    return Desk(make)


def verbs(session: Session, about: int | None = None) -> list[str]:
    query = select(HistoryEntry.verb).where(HistoryEntry.subject_kind == "erratum").order_by(HistoryEntry.id)
    return list(session.scalars(query.where(HistoryEntry.owner_id == about) if about else query))


def test_a_swap_goes_from_both_students_through_centre_and_college_to_the_confirmation(desk: Desk) -> None:
    case = desk.pair(desk.swapped())
    assert case.other == desk.chen
    case = answer_swap(
        desk.session, student_id=desk.chen.id, case_id=case.id, agrees=True, text="", actor=ME, now=desk.clock()
    )
    case = desk.act(desk.act(case, Action.OPINE, Party.CENTRE), Action.DECIDE)
    assert desk.send(case) == (1, 0)
    case = desk.act(desk.session.get_one(ErratumCase, case.id), Action.CORRECT, text="")
    case = confirm_case(desk.session, **desk.own(case), seen_revision=case.revision)
    assert (case.state, case.due_on, case.look_again_on) == ("confirmed", None, None)
    assert [step.action for step in case.steps] == [
        "open", "submit", "pair", "answer", "opine", "decide", "send", "correct", "confirm",
    ]  # fmt: skip
    assert verbs(desk.session, about=desk.chen.id) == ["erratum.other_asked"]
    assert [
        finding.text for finding in examine(desk.session, desk.make.parts.files, now=desk.clock()) if finding.harm
    ] == []


def test_each_state_says_until_when_whoever_must_act(desk: Desk) -> None:
    case = desk.clicked()
    assert case.due_on == date(2026, 11, 2) + timedelta(days=desk.forms.waits[State.SUBMITTED].days)
    desk.clock.move(days=3)
    case = desk.act(case, Action.OPINE, Party.CENTRE)
    assert case.due_on == date(2026, 11, 5) + timedelta(days=desk.forms.waits[State.WITH_COLLEGE].days)


def test_a_case_is_returned_with_a_reason_and_sent_again(desk: Desk) -> None:
    case = desk.act(desk.clicked(), Action.RETURN, Party.CENTRE, "截图看不清")
    assert (case.state, case.steps[-1].text) == ("returned", "截图看不清")
    case = desk.submit(desk.fill(case, CLICK))
    assert case.state == "submitted"
    assert desk.act(case, Action.OPINE, Party.CENTRE).state == "with_college"


def test_a_form_says_everything_that_is_missing(desk: Desk) -> None:
    case = desk.open(Reason.NOT_ME, Form.PHOTO)
    assert missing_parts(case, desk.forms) == [
        "column:shown", "statement", "photo", "evidence:chsi_page", "evidence:id_card",
    ]  # fmt: skip
    with pytest.raises(NotComplete):
        desk.submit(case)
    swap = desk.open(Reason.SWAPPED, Form.IMAGE_INFO)
    assert "other" in missing_parts(swap, desk.forms)


def test_a_photo_with_a_clear_defect_does_not_complete_the_form(desk: Desk, make: Factory) -> None:
    from backend.compliance.assess import Assessment
    from backend.compliance.findings import PictureVerdict

    case = desk.fill(desk.open(Reason.NOT_ME, Form.PHOTO), {"shown": "别人"})
    keep = {"files": make.parts.files, "student_id": desk.lin.id, "case_id": case.id, "content": TINY_JPEG}
    with pytest.raises(ConsentMissing):
        attach_photo(desk.session, **keep, assessment=Assessment(report(), b"j", None), actor=ME, now=desk.clock())
    make.settle(desk.lin)
    for verdict, missing in ((PictureVerdict.RETAKE, ["photo"]), (PictureVerdict.PASS, [])):
        assessment = Assessment(report(verdict), verdict.value.encode(), None)
        attach_photo(desk.session, **keep, assessment=assessment, actor=ME, now=desk.clock())
        desk.session.expire_all()
        assert missing_parts(desk.session.get_one(ErratumCase, case.id), desk.forms) == missing


def test_opening_the_same_form_twice_gives_the_case_that_is_there(desk: Desk) -> None:
    first = desk.open()
    assert desk.open().id == first.id
    withdraw_case(desk.session, **desk.own(first))
    assert desk.open().id != first.id


def test_a_form_knows_its_own_reasons_only(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        desk.open(Reason.SWAPPED, Form.PHOTO)


def test_a_student_cannot_swap_with_themself(desk: Desk) -> None:
    case = desk.fill(desk.open(Reason.SWAPPED, Form.IMAGE_INFO), SWAP, desk.lin)
    with pytest.raises(Invalid):
        desk.submit(case)


def test_naming_somebody_tells_the_student_nothing_about_who_exists(desk: Desk) -> None:
    """The same case comes of a name on the roster and of one that is not."""
    cases = []
    for other in (desk.chen, Student(name="查无此人", student_number="X1")):
        case = desk.submit(desk.fill(desk.open(Reason.SWAPPED, Form.IMAGE_INFO), SWAP, other))
        cases.append((case.state, case.other_student_id, [step.action for step in case.steps]))
        withdraw_case(desk.session, **desk.own(case))
    assert cases[0] == cases[1]


def test_staff_find_the_other_student_by_name_and_number_together_and_in_their_centre_only(
    desk: Desk, make: Factory
) -> None:
    elsewhere = make.student(name="陈䶮")
    case = desk.swapped()
    for name, number in (("陈䶮", "X1"), ("林大满", desk.chen.student_number), ("陈䶮", elsewhere.student_number)):
        with pytest.raises(Invalid):
            desk.pair(case, name, number)
        desk.session.rollback()
    with pytest.raises(NotFound):
        desk.pair(case, scope=Scope(elsewhere.centre_id))
    found = pair_student(
        desk.session, scope=ALL_CENTRES, party=Party.COLLEGE, case_id=case.id, seen_revision=case.revision,
        name="陈䶮", student_number=elsewhere.student_number, actor=desk.registry, now=desk.clock(),
    )  # fmt: skip
    assert found.other_student_id == elsewhere.id


def test_a_swap_is_not_decided_before_both_are_known_nor_against_the_others_word(desk: Desk) -> None:
    case = desk.act(desk.swapped(), Action.OPINE, Party.CENTRE)
    with pytest.raises(PairMissing):
        desk.act(case, Action.DECIDE)
    desk.session.rollback()
    case = pair_student(
        desk.session, scope=ALL_CENTRES, party=Party.COLLEGE, case_id=case.id, seen_revision=case.revision,
        name=desk.chen.name, student_number=desk.chen.student_number, actor=desk.registry, now=desk.clock(),
    )  # fmt: skip
    case = answer_swap(
        desk.session,
        student_id=desk.chen.id,
        case_id=case.id,
        agrees=False,
        text="是我本人",
        actor=ME,
        now=desk.clock(),
    )
    with pytest.raises(PairRefused):
        desk.act(case, Action.DECIDE)


def test_only_the_paired_student_is_asked(desk: Desk, make: Factory) -> None:
    case = desk.swapped()
    for somebody in (desk.chen, make.student()):
        with pytest.raises(NotFound):
            answer_swap(
                desk.session, student_id=somebody.id, case_id=case.id, agrees=True, text="", actor=ME, now=desk.clock()
            )


def test_a_stale_page_does_nothing(desk: Desk) -> None:
    case = desk.clicked()
    seen = case.revision
    case = desk.act(case, Action.OPINE, Party.CENTRE)
    case.revision = seen
    desk.session.expunge(case)
    with pytest.raises(Outdated):
        desk.act(case, Action.DECIDE)


def test_words_are_needed_where_somebody_reads_them(desk: Desk) -> None:
    case = desk.clicked()
    for words in ("  ", "长" * 501):
        with pytest.raises(Invalid):
            desk.act(case, Action.RETURN, Party.CENTRE, words)


def test_a_draft_and_another_centres_case_are_not_there_for_staff(desk: Desk, make: Factory) -> None:
    draft = desk.open()
    with pytest.raises(NotFound):
        desk.act(draft, Action.CLOSE)
    case = desk.swapped()
    with pytest.raises(NotFound):
        act_on_case(
            desk.session, forms=desk.forms, scope=Scope(make.centre().id), party=Party.CENTRE, case_id=case.id,
            seen_revision=case.revision, action=Action.OPINE, text="好", actor=desk.wang, now=desk.clock(),
        )  # fmt: skip
    _, total = errata_in(desk.session, scope=Scope(desk.lin.centre_id), narrowed=Narrowed())
    assert total == 1
    assert errata_in(desk.session, scope=Scope(make.centre().id), narrowed=Narrowed())[1] == 0


def test_many_are_handed_over_at_once_and_what_moved_on_is_left_out(desk: Desk, make: Factory) -> None:
    first = desk.act(desk.act(desk.clicked(), Action.OPINE, Party.CENTRE), Action.DECIDE)
    second = desk.swapped()
    assert desk.send(first, second) == (1, 1)
    desk.session.expire_all()
    assert (first.state, first.round, first.handed_over_on) == ("sent", "2026-11", date(2026, 11, 2))
    assert second.state == "submitted"
    for day, name in ((date(2026, 11, 3), "2026-11"), (date(2026, 11, 2), " ")):
        with pytest.raises(Invalid):
            desk.send(first, day=day, name=name)


def test_the_day_to_look_again_becomes_a_reminder_that_a_case_that_moved_on_ignores(desk: Desk) -> None:
    case = desk.sent()
    jobs = {job.payload["state"]: job for job in desk.session.scalars(select(Job).where(Job.kind == "remind_of_case"))}
    job = jobs["sent"]
    assert job.run_at.isoformat() == f"{case.look_again_on}T01:00:00+00:00"  # nine in the morning in China
    assert remind_of_case(
        desk.session, case_id=case.id, state="sent", since=case.state_since, now=desk.clock()
    )  # fmt: skip
    assert "erratum.look_again_due" in verbs(desk.session)
    case = desk.act(desk.session.get_one(ErratumCase, case.id), Action.CORRECT, text="")
    assert not remind_of_case(desk.session, case_id=case.id, state="sent", since=case.state_since, now=desk.clock())


def test_a_student_who_looks_and_still_sees_it_wrong_sends_it_back_to_those_who_follow_it_up(desk: Desk) -> None:
    case = desk.act(desk.sent(), Action.CORRECT, text="")
    case = report_still_wrong(desk.session, **desk.own(case), seen_revision=case.revision, text="还是别人的照片")
    assert (case.state, case.steps[-1].text) == ("sent", "还是别人的照片")


def test_evidence_taken_out_goes_with_the_next_sweep_and_the_rest_stays(desk: Desk, clock: Clock) -> None:
    import os

    files = desk.make.parts.files
    case = desk.attach(desk.attach(desk.open(), "other", b"one"), "other", b"two")
    gone, kept = case.evidence
    remove_evidence(
        desk.session, student_id=desk.lin.id, case_id=case.id, evidence_id=gone.id, actor=ME, now=desk.clock()
    )
    for name, _ in list(files.names()):
        os.utime(files._path(name), (0, 0))
    assert sweep(desk.make.parts.sessions, files, now=desk.clock()) == 1
    assert [name for name, _ in files.names()] == [kept.file_name]


def test_a_file_without_a_row_is_an_upload_broken_off_and_does_no_harm(desk: Desk) -> None:
    desk.make.parts.files.put(b"written, and then the power went")
    assert [finding for finding in examine(desk.session, desk.make.parts.files, now=desk.clock()) if finding.harm] == []


@pytest.mark.parametrize("kind", ["signed_by_nobody", ""])
def test_evidence_is_of_a_kind_that_the_form_asks_for(desk: Desk, kind: str) -> None:
    with pytest.raises(Invalid):
        desk.attach(desk.open(), kind)


def test_nothing_is_changed_once_it_is_on_its_way(desk: Desk) -> None:
    case = desk.clicked()
    tries: list[Callable[[], object]] = [lambda: desk.fill(case, CLICK), lambda: desk.attach(case, "other")]
    for attempt in tries:
        with pytest.raises(NotAllowed):
            attempt()
        desk.session.rollback()


def test_the_board_counts_by_state_and_the_next_case_is_the_one_due_next(desk: Desk, clock: Clock) -> None:
    first = desk.clicked()
    clock.move(days=1)
    second = desk.swapped()
    clock.move(days=5)
    heaps = errata_heaps(desk.session, scope=ALL_CENTRES, narrowed=Narrowed(), today=date(2026, 11, 8))
    assert (heaps[State.SUBMITTED].count, heaps[State.SUBMITTED].overdue) == (2, 1)
    assert sum(heap.count for heap in heaps.values()) == 2
    assert neighbours(desk.session, scope=ALL_CENTRES, narrowed=Narrowed(), case=first) == (None, second.id)
    assert neighbours(desk.session, scope=ALL_CENTRES, narrowed=Narrowed(), case=second) == (first.id, None)


def test_personal_words_are_neither_in_the_history_nor_readable_in_the_tables(desk: Desk) -> None:
    from sqlalchemy import text

    desk.swapped()
    facts = str([entry.facts for entry in desk.session.scalars(select(HistoryEntry))])
    raw = bytes(desk.session.scalar(text("SELECT statement FROM erratum")) or b"")
    for words in ("陈䶮", desk.chen.student_number, "弄反"):
        assert words not in facts
        assert words.encode() not in raw
    assert "陈" not in repr(desk.session.scalars(select(ErratumCase)).first())
