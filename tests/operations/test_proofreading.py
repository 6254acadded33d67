"""Linking, recording, concluding, the wizard and its reminders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.centres.rules import ALL_CENTRES, Scope
from backend.enrollment.bulk import change_students
from backend.enrollment.cohorts import save_cohort
from backend.enrollment.operations import record_status_change
from backend.enrollment.records import Cohort, Student
from backend.errors import Invalid, NotAllowed, NotFound, Outdated
from backend.history.records import HistoryEntry
from backend.history.rules import Actor, ActorKind
from backend.jobs.records import Job
from backend.notifications.records import Message
from backend.parts import Parts
from backend.proofreading.operations import (
    answer_wizard,
    conclude,
    confirm_click,
    finish_wizard,
    link_photo,
    record_chsi_result,
    record_deletion,
    record_evidence,
    set_look_again,
    start_wizard,
)
from backend.proofreading.queries import (
    chsi_records_of,
    conclusions_of,
    known_facts,
    linked_photos_of,
    open_run,
    proofreading_of,
    reminders_of,
    standing_conclusion,
    standing_run,
    students_proofreading,
    study_passed_on,
)
from backend.proofreading.records import LinkedPhoto, Reminder
from backend.proofreading.reminders import move_reminders, remind_student
from backend.proofreading.rules import (
    AtChsi,
    ChsiResult,
    ImageKind,
    NotAnswered,
    NothingToConclude,
    ProofStep,
    WindowOver,
)
from backend.proofreading.stages import Stage, Witness
from backend.records import begin_write
from backend.worker import Tools, Worker
from tests.conftest import Clock
from tests.factories import TINY_JPEG, Factory

TODAY = date(2026, 11, 2)


class Way:
    """The verbs of proofreading for one student, with what they always need."""

    def __init__(self, session: Session, parts: Parts, clock: Clock, student: Student) -> None:
        self.session, self.parts, self.clock, self.student = session, parts, clock, student
        self.staff, self.own = Actor(ActorKind.STAFF), Actor(ActorKind.STUDENT)

    def link(self, content: bytes = TINY_JPEG, as_of: date = TODAY, **more: Any) -> LinkedPhoto:
        return link_photo(
            self.session,
            **{
                "files": self.parts.files,
                "scope": ALL_CENTRES,
                "student_id": self.student.id,
                "content": content,
                "media_type": "image/jpeg",
                "kind": ImageKind.REGISTRATION,
                "witness": Witness.COLLEGE,
                "source": "import 1",
                "as_of": as_of,
                "table": self.parts.proofreading,
                "actor": self.staff,
                "now": self.clock(),
                **more,
            },
        )

    def result(self, as_of: date = TODAY, scope: Scope = ALL_CENTRES, **values: Any) -> None:
        record_chsi_result(
            self.session,
            scope=scope,
            student_id=self.student.id,
            result=ChsiResult(**values),
            witness=Witness.COLLEGE,
            source="import 1",
            as_of=as_of,
            actor=self.staff,
            now=self.clock(),
        )

    def conclude(self, photo: bool = True, data: bool = True, **more: Any) -> Any:
        self.session.refresh(self.student)
        newest = linked_photos_of(self.session, self.student.id)
        return conclude(
            self.session,
            **{
                "student_id": self.student.id,
                "photo_right": photo,
                "data_right": data,
                "seen_linked_id": newest[0].id if newest else None,
                "seen_version": self.student.data_version,
                "table": self.parts.proofreading,
                "actor": self.own,
                "now": self.clock(),
                **more,
            },
        )

    def click(self, clicked: bool = True) -> None:
        confirm_click(self.session, student_id=self.student.id, clicked=clicked, actor=self.own, now=self.clock())

    def answer(self, given: dict[str, str] | None = None, **answers: str) -> Any:
        """Start, answer, and end in the outcome."""
        run = start_wizard(
            self.session, student_id=self.student.id, given=given or {}, actor=self.own, now=self.clock()
        )
        for question, said in answers.items():
            answer_wizard(
                self.session,
                student_id=self.student.id,
                run_id=run.id,
                question=question,
                answer=said,
                table=self.parts.proofreading,
            )
        return self.finish(run.id)

    def finish(self, run_id: int) -> Any:
        return finish_wizard(
            self.session,
            student_id=self.student.id,
            run_id=run_id,
            table=self.parts.proofreading,
            college="",
            actor=self.own,
            now=self.clock(),
        )

    @property
    def step(self) -> ProofStep:
        self.session.rollback()
        return proofreading_of(
            self.session, self.student, table=self.parts.proofreading, college="", now=self.clock()
        ).step


@pytest.fixture
def way(session: Session, parts: Parts, clock: Clock, make: Factory) -> Way:
    cohort = make.cohort(proofread_by=date(2027, 3, 31))
    return Way(session, parts, clock, make.student(cohort_id=cohort.id))


@pytest.fixture
def work(parts: Parts, clock: Clock) -> Callable[[], int]:
    """Do all jobs that are due; gives their number."""

    def done() -> int:
        tools = Tools.of(parts)
        worker = Worker(tools)
        return sum(1 for _ in iter(worker.run_one, False))

    return done


def messages(session: Session, student: Student) -> list[str]:
    session.rollback()
    return list(session.scalars(select(Message.kind).where(Message.student_id == student.id).order_by(Message.id)))


def verbs(session: Session, student: Student) -> list[str]:
    query = select(HistoryEntry.verb).where(HistoryEntry.owner_id == student.id).order_by(HistoryEntry.id)
    return list(session.scalars(query))


def test_a_linked_photo_is_kept_encrypted_told_and_in_the_history(way: Way, work: Callable[[], int]) -> None:
    photo = way.link()
    assert way.parts.files.get(photo.file_name) == TINY_JPEG
    assert way.step is ProofStep.TO_CONCLUDE
    work()
    assert messages(way.session, way.student) == ["photo_linked"]
    assert verbs(way.session, way.student)[-1] == "reminder.set"
    assert "linked_photo.added" in verbs(way.session, way.student)


def test_the_same_picture_twice_is_one(way: Way) -> None:
    assert way.link().id == way.link(as_of=TODAY - timedelta(days=1)).id
    assert len(linked_photos_of(way.session, way.student.id)) == 1


def test_an_entrance_photo_asks_for_no_proofreading(way: Way, work: Callable[[], int]) -> None:
    way.link(kind=ImageKind.ENTRANCE)
    assert way.step is ProofStep.NOT_LINKED
    assert work() == 0


@pytest.mark.parametrize("day", [TODAY + timedelta(days=1), date(1999, 1, 1)])
def test_a_day_that_cannot_be_is_refused(way: Way, day: date) -> None:
    with pytest.raises(Invalid):
        way.link(as_of=day)
    with pytest.raises(Invalid):
        way.result(as_of=day, has_photo=True)


def test_staff_of_another_centre_link_and_record_nothing(way: Way, make: Factory) -> None:
    elsewhere = Scope(make.centre().id)
    with pytest.raises(NotFound):
        way.link(scope=elsewhere)
    with pytest.raises(NotFound):
        way.result(scope=elsewhere, has_photo=True)
    with pytest.raises(NotFound):
        record_deletion(
            way.session, scope=elsewhere, student_id=way.student.id, source="", actor=way.staff, now=way.clock()
        )
    assert linked_photos_of(way.session, way.student.id) == []


def test_the_line_of_the_newest_list_counts_whenever_it_comes(way: Way) -> None:
    way.result(as_of=TODAY, has_photo=True)
    way.result(as_of=TODAY - timedelta(days=9), has_photo=False)
    assert way.step is ProofStep.TO_CONCLUDE
    assert [line.has_photo for line in chsi_records_of(way.session, way.student.id)] == [True, False]


def test_an_empty_line_is_refused(way: Way) -> None:
    with pytest.raises(Invalid):
        way.result()


def test_without_a_linked_photo_there_is_nothing_to_conclude(way: Way) -> None:
    with pytest.raises(NothingToConclude):
        way.conclude()


def test_a_stale_page_concludes_nothing(way: Way) -> None:
    first = way.link()
    way.link(TINY_JPEG + b"new")
    with pytest.raises(Outdated):
        way.conclude(seen_linked_id=first.id)
    with pytest.raises(Outdated):
        way.conclude(seen_version=99)


def test_within_24_hours_the_answer_can_be_changed_and_the_old_one_is_kept(way: Way, clock: Clock) -> None:
    way.link()
    first = way.conclude(photo=False)
    clock.move(hours=23, minutes=59, seconds=59)
    second = way.conclude()
    assert second.window_until == first.window_until == first.made_at + timedelta(hours=24)
    assert second.round == first.round == 1
    assert [(found.photo_right, found.data_right) for found in conclusions_of(way.session, way.student.id)] == [
        (True, True),
        (False, True),
    ]
    assert way.step is ProofStep.TO_CLICK


def test_after_24_hours_the_answer_stands(way: Way, clock: Clock) -> None:
    way.link()
    way.conclude(photo=False)
    clock.move(hours=24)
    with pytest.raises(WindowOver):
        way.conclude()
    assert way.conclude(photo=False).photo_right is False  # the same answer again is no change


def test_the_same_answer_twice_is_one(way: Way) -> None:
    way.link()
    assert way.conclude().id == way.conclude().id


def test_when_the_college_has_deleted_the_conclusion_the_student_concludes_again(
    way: Way, clock: Clock, work: Callable[[], int]
) -> None:
    way.link()
    way.conclude()
    way.click()
    clock.move(days=3)
    record_deletion(way.session, scope=ALL_CENTRES, student_id=way.student.id, source="", actor=way.staff, now=clock())
    assert way.step is ProofStep.TO_CONCLUDE
    work()
    assert messages(way.session, way.student)[-1] == "conclusion_deleted"
    fresh = way.conclude(photo=False)
    assert (fresh.round, fresh.window_until) == (2, clock() + timedelta(hours=24))
    with pytest.raises(NotAllowed):  # the new answer is not all right: nothing to press there
        way.click()


def test_a_newer_linked_photo_is_concluded_anew(way: Way, clock: Clock) -> None:
    way.link()
    way.conclude(photo=False)
    way.answer({"sees": "photo", "person": "other"}, swapped="unsure")
    assert way.step is ProofStep.ASK_CENTRE
    clock.move(days=40)
    way.link(TINY_JPEG + b"corrected", as_of=TODAY + timedelta(days=39))
    assert way.step is ProofStep.TO_CONCLUDE
    assert way.conclude().round == 2


def test_corrected_data_are_concluded_anew(way: Way, clock: Clock) -> None:
    way.link()
    way.conclude(data=False)
    assert way.step is ProofStep.FIND_WAY
    begin_write(way.session)
    change_students(way.session, changes=[(way.student, {"programme": "法学"})], actor=way.staff, now=clock())
    way.session.commit()
    assert way.step is ProofStep.TO_CONCLUDE


def test_a_right_answer_survives_new_data_that_it_did_not_complain_of(way: Way, clock: Clock) -> None:
    way.link()
    way.conclude()
    begin_write(way.session)
    change_students(way.session, changes=[(way.student, {"programme": "法学"})], actor=way.staff, now=clock())
    way.session.commit()
    assert standing_conclusion(way.session, way.student) is not None


def test_the_click_is_the_students_word_and_the_colleges_download_is_stronger(way: Way, clock: Clock) -> None:
    way.link()
    with pytest.raises(NotAllowed):
        way.click()  # nothing concluded yet
    way.conclude()
    way.click()
    assert way.step is ProofStep.DONE
    clock.move(days=5)
    way.result(as_of=TODAY + timedelta(days=5), proofreading=AtChsi.PENDING)
    assert way.step is ProofStep.TO_CLICK
    clock.move(days=1)
    way.click()  # saying it again does not outrank the list
    assert way.step is ProofStep.TO_CLICK
    way.result(as_of=TODAY + timedelta(days=6), proofreading=AtChsi.RIGHT)
    assert way.step is ProofStep.DONE


def test_the_last_day_is_called_to_mind_until_the_click(way: Way, clock: Clock, work: Callable[[], int]) -> None:
    way.link()
    way.conclude()
    days = [reminder.due_at.date() for reminder in reminders_of(way.session, way.student.id)]
    assert days == [date(2027, 3, 17), date(2027, 3, 28)]
    clock.move(days=(date(2027, 3, 17) - TODAY).days)
    work()
    assert messages(way.session, way.student)[-1] == "last_day_near"
    way.click()
    clock.move(days=30)
    work()
    assert messages(way.session, way.student).count("last_day_near") == 1


def move_last_day(way: Way, day: date | None) -> None:
    way.session.rollback()
    cohort = way.session.get_one(Cohort, way.student.cohort_id)
    save_cohort(
        way.session,
        cohort_id=cohort.id,
        code=cohort.code,
        name=cohort.name,
        verify_by=cohort.verify_by,
        capture_by=cohort.capture_by,
        proofread_by=day,
        actor=way.staff,
        now=way.clock(),
    )


def to_come(way: Way, student: Student | None = None) -> list[date]:
    way.session.rollback()
    return [reminder.due_at.date() for reminder in reminders_of(way.session, (student or way.student).id)]


def test_reminders_move_with_the_last_day(way: Way, make: Factory, clock: Clock, work: Callable[[], int]) -> None:
    way.link()
    wu = Way(way.session, way.parts, clock, make.student(cohort_id=way.student.cohort_id))
    wu.link()
    wu.conclude()
    wu.click()
    move_last_day(way, date(2027, 4, 30))
    work()
    assert to_come(way) == [date(2027, 4, 16), date(2027, 4, 27)]
    assert to_come(wu) == [], "who has clicked is not asked again"
    entries = len(verbs(way.session, way.student))
    move_reminders(way.parts.sessions, cohort_id=way.student.cohort_id or 0, table=way.parts.proofreading, now=clock())
    way.session.rollback()
    assert len(verbs(way.session, way.student)) == entries, "doing it twice is harmless"
    clock.move(days=(date(2027, 3, 17) - TODAY).days)
    work()
    assert "last_day_near" not in messages(way.session, way.student), "the old day is told to nobody"
    move_last_day(way, date(2027, 3, 25))  # two weeks before it is over by now
    work()
    assert to_come(way) == [date(2027, 3, 22)]
    move_last_day(way, None)
    work()
    assert to_come(way) == []


def test_a_last_day_that_comes_late_is_called_to_mind_too(way: Way, work: Callable[[], int]) -> None:
    move_last_day(way, None)
    way.link()
    assert to_come(way) == []
    move_last_day(way, date(2027, 3, 31))
    work()
    assert to_come(way) == [date(2027, 3, 17), date(2027, 3, 28)]


def test_who_changes_the_cohort_is_not_told_its_last_day(
    way: Way, make: Factory, clock: Clock, work: Callable[[], int]
) -> None:
    way.link()
    way.student.cohort_id = make.cohort(proofread_by=date(2027, 9, 30)).id
    way.session.commit()
    clock.move(days=(date(2027, 3, 29) - TODAY).days)
    work()
    assert "last_day_near" not in messages(way.session, way.student)


def test_the_wizard_asks_for_what_is_missing_and_keeps_the_answers(way: Way) -> None:
    way.link()
    way.conclude(photo=False)
    given = {"sees": "photo", "person": "other", "data": "right"}
    run = start_wizard(way.session, student_id=way.student.id, given=given, actor=way.own, now=way.clock())
    with pytest.raises(NotAnswered):
        way.finish(run.id)
    again = start_wizard(way.session, student_id=way.student.id, given=given, actor=way.own, now=way.clock())
    assert again.id == run.id  # it goes on where it was
    other = start_wizard(
        way.session, student_id=way.student.id, given={"sees": "wrong_button"}, actor=way.own, now=way.clock()
    )
    assert other.id != run.id
    found = open_run(way.session, way.student.id)
    assert found is not None
    assert found.id == other.id
    with pytest.raises(NotAllowed):
        answer_wizard(
            way.session,
            student_id=way.student.id,
            run_id=run.id,
            question="swapped",
            answer="yes",
            table=way.parts.proofreading,
        )


@pytest.mark.parametrize(
    ("question", "answer", "error"),
    [("swapped", "perhaps", Invalid), ("weather", "fine", Outdated), ("sees", "nothing", Outdated)],
)
def test_no_other_answer_is_taken(way: Way, question: str, answer: str, error: type[Exception]) -> None:
    run = start_wizard(way.session, student_id=way.student.id, given={"sees": "photo"}, actor=way.own, now=way.clock())
    with pytest.raises(error):
        answer_wizard(
            way.session,
            student_id=way.student.id,
            run_id=run.id,
            question=question,
            answer=answer,
            table=way.parts.proofreading,
        )


def test_another_students_run_is_not_found(way: Way, make: Factory) -> None:
    run = start_wizard(way.session, student_id=way.student.id, given={}, actor=way.own, now=way.clock())
    way.student = make.student()
    with pytest.raises(NotFound):
        way.finish(run.id)


def test_waiting_for_two_and_a_half_years_becomes_a_reminder_on_that_day(
    way: Way, clock: Clock, work: Callable[[], int], make: Factory
) -> None:
    way.student = make.student(entry_date=date(2025, 3, 1))
    way.link()
    way.conclude(photo=False)
    run, outcome = way.answer({"sees": "photo", "person": "other", "data": "right"}, swapped="no", choice="wait")
    assert (outcome.row.id, run.look_again_on) == ("wait", date(2027, 9, 2))
    assert way.step is ProofStep.LOOK_AGAIN
    clock.move(days=(date(2027, 9, 1) - TODAY).days)
    work()
    assert "look_again" not in messages(way.session, way.student)
    clock.move(days=1)
    work()
    assert messages(way.session, way.student)[-1] == "look_again"
    assert way.step is ProofStep.FIND_WAY  # now more than 2.5 years: the form is open
    _, outcome = way.answer({"sees": "photo", "person": "other", "data": "right"}, swapped="no")
    assert outcome.row.id == "photo_over"


def test_a_changed_day_takes_the_place_of_the_old_one(way: Way, clock: Clock, work: Callable[[], int]) -> None:
    run, outcome = way.answer(sees="no_photo", captured="yes", capture_data="right")
    assert outcome.look_again_on == date(2026, 11, 16)
    set_look_again(
        way.session,
        student_id=way.student.id,
        run_id=run.id,
        day=date(2026, 12, 1),
        table=way.parts.proofreading,
        actor=way.own,
        now=clock(),
    )
    assert [reminder.due_at.date() for reminder in reminders_of(way.session, way.student.id)] == [date(2026, 12, 1)]
    clock.move(days=15)
    work()
    assert messages(way.session, way.student) == []
    clock.move(days=15)
    work()
    assert messages(way.session, way.student) == ["look_again"]


@pytest.mark.parametrize("day", [TODAY, date(2026, 1, 1), date(2036, 1, 1)])
def test_a_day_to_look_again_lies_ahead(way: Way, day: date) -> None:
    run, _ = way.answer(sees="no_photo", captured="no")
    with pytest.raises(Invalid):
        set_look_again(
            way.session,
            student_id=way.student.id,
            run_id=run.id,
            day=day,
            table=way.parts.proofreading,
            actor=way.own,
            now=way.clock(),
        )


def test_a_reminder_is_told_once(way: Way) -> None:
    way.answer(sees="no_photo", captured="no")
    reminder = way.session.scalars(select(Reminder.id)).one()
    assert remind_student(way.session, reminder_id=reminder, table=way.parts.proofreading, now=way.clock()) is True
    assert remind_student(way.session, reminder_id=reminder, table=way.parts.proofreading, now=way.clock()) is False


def test_finishing_twice_is_harmless(way: Way) -> None:
    run, _ = way.answer(sees="no_photo", captured="no")
    before = way.session.scalar(select(func.count(Job.id)))
    again, outcome = way.finish(run.id)
    assert (again.id, outcome.row.id) == (run.id, "not_captured")
    assert way.session.scalar(select(func.count(Job.id))) == before


def test_a_new_outcome_takes_the_place_of_the_old_one(way: Way) -> None:
    way.answer(sees="no_photo", captured="no")
    run, _ = way.answer(sees="nothing", account="same")
    found = standing_run(way.session, way.student.id)
    assert found is not None
    assert found.id == run.id
    assert reminders_of(way.session, way.student.id) == []
    assert way.step is ProofStep.ASK_CENTRE


def test_what_the_student_saw_is_their_word_on_the_photo(way: Way) -> None:
    way.answer(sees="no_photo", captured="no")
    standing = proofreading_of(way.session, way.student, table=way.parts.proofreading, college="", now=way.clock())
    assert [(word.stage, word.witness, word.holds) for word in standing.evidence] == [
        (Stage.LINKED, Witness.STUDENT, False)
    ]


def test_all_right_without_a_photo_here_is_a_conclusion_too(way: Way) -> None:
    way.answer(sees="photo", person="me", data="right")
    assert way.step is ProofStep.TO_CLICK
    way.click()
    assert way.step is ProofStep.DONE


def test_the_graduate_whose_photo_is_linked_has_nothing_to_do(way: Way, make: Factory) -> None:
    way.student = make.student(status="已毕业")
    _, outcome = way.answer(sees="no_button")
    assert outcome.row.id == "graduate_linked"
    assert way.step is ProofStep.DONE


def test_a_receipt_makes_the_missing_photo_a_matter(way: Way, clock: Clock) -> None:
    way.result(has_photo=False)
    assert way.step is ProofStep.NOT_LINKED
    begin_write(way.session)
    record_evidence(
        way.session,
        student_id=way.student.id,
        stage=Stage.HAND_OVER,
        witness=Witness.UNIT,
        holds=True,
        since=clock(),
        source="receipt 3",
        actor=way.staff,
        now=clock(),
    )
    way.session.commit()
    assert way.step is ProofStep.NO_PHOTO
    facts = known_facts(way.session, way.student, table=way.parts.proofreading, college="", now=clock())
    assert facts.captured is True  # so it is not asked


def test_a_pause_moves_the_day_on_which_the_limit_is_passed(way: Way, clock: Clock) -> None:
    def changed(last: date | None, counts: bool | None = None) -> date | None:
        record_status_change(
            way.session,
            scope=ALL_CENTRES,
            student_id=way.student.id,
            kind="suspended",
            first_day=date(2025, 3, 1),
            last_day=last,
            counts=counts,
            source="test",
            actor=way.staff,
            now=clock(),
        )
        return study_passed_on(way.session, way.student, table=way.parts.proofreading)

    assert study_passed_on(way.session, way.student, table=way.parts.proofreading) == date(2026, 9, 2)
    assert changed(None) is None  # it goes on
    assert changed(date(2025, 8, 31)) == date(2027, 3, 5)  # 184 days later
    assert verbs(way.session, way.student)[-1] == "student.status_changed"


def test_a_pause_that_counts_moves_nothing(way: Way, clock: Clock) -> None:
    record_status_change(
        way.session,
        scope=ALL_CENTRES,
        student_id=way.student.id,
        kind="suspended",
        first_day=date(2025, 3, 1),
        last_day=None,
        counts=True,
        source="test",
        actor=way.staff,
        now=clock(),
    )
    assert study_passed_on(way.session, way.student, table=way.parts.proofreading) == date(2026, 9, 2)


def test_the_list_of_a_centre_has_its_own_students_only(way: Way, make: Factory) -> None:
    way.result(has_photo=True)
    own, other = Scope(way.student.centre_id), Scope(make.centre().id)
    assert [found.id for found in students_proofreading(way.session, scope=own)] == [way.student.id]
    assert students_proofreading(way.session, scope=other) == []


def test_the_facts_of_the_history_hold_no_personal_data(way: Way) -> None:
    way.link()
    way.result(has_photo=True, remark="学信网反馈无毕业照片")
    way.conclude()
    texts = [str(facts) for facts in way.session.scalars(select(HistoryEntry.facts))]
    for secret in (way.student.name, way.student.id_number, way.student.student_number, "无毕业照片"):
        assert not any(secret in text for text in texts)
