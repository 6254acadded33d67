"""The verbs of proofreading: link a photo, record what 学信网 says, conclude, answer the wizard."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.centres.rules import Scope
from backend.days import day_of
from backend.enrollment.queries import student_in_scope
from backend.enrollment.records import Student
from backend.errors import Invalid, NotAllowed, NotFound, Outdated
from backend.history.operations import happened, record_fact
from backend.history.rules import Actor, Fact
from backend.ports import FileStore
from backend.proofreading.queries import (
    conclusions_of,
    known_facts,
    linked_photo_of,
    open_run,
    own_run,
    standing_conclusion,
)
from backend.proofreading.records import (
    ChsiRecord,
    Conclusion,
    ConclusionDeletion,
    LinkedPhoto,
    StageEvidence,
    WizardRun,
)
from backend.proofreading.reminders import drop_reminders, remind_on
from backend.proofreading.rules import (
    Answers,
    ChsiResult,
    ImageKind,
    NothingToConclude,
    Outcome,
    Table,
    WindowOver,
    decide,
    reminder_days,
)
from backend.proofreading.stages import Stage, Witness
from backend.records import begin_write

MAX_SOURCE = 60  # characters, as wide as the columns
MAX_WAIT = timedelta(days=3 * 366)  # a day to look again that is later than this is a slip


def link_photo(
    session: Session,
    *,
    files: FileStore,
    scope: Scope,
    student_id: int,
    content: bytes,
    media_type: str,
    kind: ImageKind,
    witness: Witness,
    source: str,
    as_of: date,
    table: Table,
    actor: Actor,
    now: datetime,
) -> LinkedPhoto:
    """Staff bring the photo that 学信网 shows for one student. Raises NotFound, Invalid."""
    student_in_scope(session, scope=scope, student_id=student_id)
    file_name = files.put(content)
    begin_write(session)
    student_in_scope(session, scope=scope, student_id=student_id)
    photo = add_linked_photo(
        session,
        student_id=student_id,
        file_name=file_name,
        media_type=media_type,
        kind=kind,
        witness=witness,
        source=source,
        as_of=as_of,
        table=table,
        actor=actor,
        now=now,
    )
    session.commit()
    return photo


def add_linked_photo(
    session: Session,
    *,
    student_id: int,
    file_name: str,
    media_type: str,
    kind: ImageKind,
    witness: Witness,
    source: str,
    as_of: date,
    table: Table,
    actor: Actor,
    now: datetime,
) -> LinkedPhoto:
    """The same with a file that is in the store already; the caller commits (an import links many).

    The same picture a second time adds nothing. A new one is told to the student, with the cohort's last day.
    """
    _check_day(as_of, now)
    student = session.get_one(Student, student_id, with_for_update={"of": Student})
    same = select(LinkedPhoto).where(LinkedPhoto.student_id == student_id, LinkedPhoto.kind == kind.value)
    newest = session.scalars(same.order_by(LinkedPhoto.as_of.desc(), LinkedPhoto.id.desc()).limit(1)).one_or_none()
    if newest is not None and newest.file_name == file_name:
        return newest
    photo = LinkedPhoto(
        student_id=student_id,
        kind=kind.value,
        file_name=file_name,
        media_type=media_type,
        witness=witness.value,
        source=source[:MAX_SOURCE],
        as_of=as_of,
        added_at=now,
        added_by=actor.id,
    )
    session.add(photo)
    session.flush()
    fact_name = "linked_photo.added" if kind is ImageKind.REGISTRATION else "linked_photo.entrance_added"
    fact = Fact(fact_name, photo.id, owner_id=student_id, facts={"witness": witness.value})
    happened(session, fact, actor=actor, now=now)
    if kind is ImageKind.REGISTRATION:
        # what was under way for lack of this photo is over: the student looks at it now
        _leave_runs(session, student_id, now)
        drop_reminders(session, student_id, now)
        deadline = student.cohort.proofread_by if student.cohort else None
        for day in reminder_days(deadline, table=table, today=day_of(now)):
            remind_on(session, student_id, None, day, table=table, now=now)
    return photo


def note_linked_photo_seen(session: Session, *, photo: LinkedPhoto, actor: Actor, now: datetime) -> None:
    """A member of staff looked at the linked photo: it is in the student's history."""
    begin_write(session)
    facts = {"purpose": "linked", "linked": photo.id}
    record_fact(session, Fact("photo.seen", None, owner_id=photo.student_id, facts=facts), actor=actor, now=now)
    session.commit()


def record_chsi_result(
    session: Session,
    *,
    scope: Scope,
    student_id: int,
    result: ChsiResult,
    witness: Witness,
    source: str,
    as_of: date,
    actor: Actor,
    now: datetime,
) -> ChsiRecord:
    """Staff write down what 学信网 says of one student. Raises NotFound outside the scope, Invalid."""
    begin_write(session)
    student_in_scope(session, scope=scope, student_id=student_id)
    record = add_chsi_result(
        session, student_id=student_id, result=result, witness=witness, source=source, as_of=as_of, actor=actor, now=now
    )
    session.commit()
    return record


def add_chsi_result(
    session: Session,
    *,
    student_id: int,
    result: ChsiResult,
    witness: Witness,
    source: str,
    as_of: date,
    actor: Actor,
    now: datetime,
) -> ChsiRecord:
    """The same for one line of a list; the caller commits. The line of the newest list counts, whenever it comes."""
    _check_day(as_of, now)
    if result == ChsiResult():
        raise Invalid({"result": "result_empty"})
    record = ChsiRecord(
        student_id=student_id,
        as_of=as_of,
        has_photo=result.has_photo,
        proofreading=result.proofreading.value,
        review=result.review[:60],
        remark=result.remark[:500],
        identity_review=result.identity_review.value,
        witness=witness.value,
        source=source[:MAX_SOURCE],
        recorded_at=now,
        recorded_by=actor.id,
    )
    session.add(record)
    session.flush()
    facts = {"has_photo": result.has_photo, "proofreading": result.proofreading.value, "witness": witness.value}
    happened(session, Fact("chsi_record.added", record.id, owner_id=student_id, facts=facts), actor=actor, now=now)
    return record


def record_evidence(
    session: Session,
    *,
    student_id: int,
    stage: Stage,
    witness: Witness,
    holds: bool,
    since: datetime,
    source: str,
    actor: Actor,
    now: datetime,
) -> StageEvidence:
    """One witness's word on one stage; the caller commits. The newest word of each witness counts."""
    word = StageEvidence(
        student_id=student_id,
        stage=stage.value,
        witness=witness.value,
        holds=holds,
        since=since,
        source=source[:MAX_SOURCE],
        recorded_at=now,
        recorded_by=actor.id,
    )
    session.add(word)
    session.flush()
    facts = {"stage": stage.value, "witness": witness.value, "holds": holds}
    happened(session, Fact("stage_evidence.added", word.id, owner_id=student_id, facts=facts), actor=actor, now=now)
    return word


def conclude(
    session: Session,
    *,
    student_id: int,
    photo_right: bool,
    data_right: bool,
    seen_linked_id: int | None,
    seen_version: int,
    table: Table,
    actor: Actor,
    now: datetime,
) -> Conclusion:
    """The student's answer. Within the window it replaces the answer before; the same answer twice is one.

    Raises Outdated when the photo or the data are others than on the page, WindowOver after the window,
    NothingToConclude without a linked photo.
    """
    begin_write(session)
    student = session.get_one(Student, student_id, with_for_update={"of": Student})
    photo = linked_photo_of(session, student_id)
    if photo is None:
        raise NothingToConclude(student=student_id)
    if photo.id != seen_linked_id or student.data_version != seen_version:
        raise Outdated(student=student_id)
    before = standing_conclusion(session, student)
    if before is not None:
        if (before.photo_right, before.data_right) == (photo_right, data_right):
            session.rollback()
            return before
        if now >= before.window_until:
            raise WindowOver(until=before.window_until)
    _leave_runs(session, student_id, now)
    drop_reminders(session, student_id, now, of_runs=True)
    conclusion = _add_conclusion(
        session,
        student,
        photo,
        before,
        photo_right=photo_right,
        data_right=data_right,
        table=table,
        actor=actor,
        now=now,
    )
    session.commit()
    return conclusion


def _add_conclusion(
    session: Session,
    student: Student,
    photo: LinkedPhoto | None,
    before: Conclusion | None,
    *,
    photo_right: bool,
    data_right: bool,
    table: Table,
    actor: Actor,
    now: datetime,
) -> Conclusion:
    """before: the answer that this one changes, within its window."""
    rounds = max((answer.round for answer in conclusions_of(session, student.id)), default=0)
    conclusion = Conclusion(
        student_id=student.id,
        linked_photo_id=photo.id if photo else None,
        round=before.round if before else rounds + 1,
        photo_right=photo_right,
        data_right=data_right,
        data_version=student.data_version,
        made_at=now,
        window_until=before.window_until if before else now + table.window,
    )
    session.add(conclusion)
    session.flush()
    facts = {"photo_right": photo_right, "data_right": data_right, "round": conclusion.round}
    happened(session, Fact("conclusion.made", conclusion.id, owner_id=student.id, facts=facts), actor=actor, now=now)
    return conclusion


def confirm_click(session: Session, *, student_id: int, clicked: bool, actor: Actor, now: datetime) -> StageEvidence:
    """The student says: I have pressed the button at 学信网 (or not). Their own word is the weakest evidence."""
    begin_write(session)
    student = session.get_one(Student, student_id, with_for_update={"of": Student})
    conclusion = standing_conclusion(session, student)
    if clicked and (conclusion is None or not conclusion.all_right):
        raise NotAllowed(conclusion="not right")
    word = record_evidence(
        session,
        student_id=student_id,
        stage=Stage.PROOFREAD,
        witness=Witness.STUDENT,
        holds=clicked,
        since=now,
        source="",
        actor=actor,
        now=now,
    )
    if clicked:
        drop_reminders(session, student_id, now)
    session.commit()
    return word


def record_deletion(
    session: Session, *, scope: Scope, student_id: int, source: str, actor: Actor, now: datetime
) -> ConclusionDeletion:
    """The college has deleted the conclusion at 学信网: the student is told, and concludes again."""
    begin_write(session)
    student = student_in_scope(session, scope=scope, student_id=student_id)
    session.get_one(Student, student_id, with_for_update={"of": Student})
    conclusion = standing_conclusion(session, student)
    if conclusion is None:
        raise NotAllowed(conclusion="none")
    deletion = ConclusionDeletion(
        student_id=student_id, round=conclusion.round, source=source[:MAX_SOURCE], deleted_at=now
    )
    session.add(deletion)
    session.flush()
    _leave_runs(session, student_id, now)
    # the click went with the conclusion
    record_evidence(
        session,
        student_id=student_id,
        stage=Stage.PROOFREAD,
        witness=Witness.STUDENT,
        holds=False,
        since=now,
        source=source,
        actor=actor,
        now=now,
    )
    fact = Fact("conclusion.deleted", conclusion.id, owner_id=student_id, facts={"round": conclusion.round})
    happened(session, fact, actor=actor, now=now)
    session.commit()
    return deletion


def start_wizard(session: Session, *, student_id: int, given: Answers, actor: Actor, now: datetime) -> WizardRun:
    """Begin the questions, or go on with those that are open. given: what the page that led here knows already.

    A run that began from something else is left: the student came with another matter.
    """
    begin_write(session)
    session.get_one(Student, student_id, with_for_update={"of": Student})
    run = open_run(session, student_id)
    if run is not None and run.given == dict(given):
        session.rollback()
        return run
    if run is not None:
        run.left_at = now
    fresh = WizardRun(student_id=student_id, started_at=now, given=dict(given), answers=dict(given))
    session.add(fresh)
    session.flush()
    record_fact(session, Fact("proofreading.asked", fresh.id, owner_id=student_id), actor=actor, now=now)
    session.commit()
    return fresh


def answer_wizard(
    session: Session, *, student_id: int, run_id: int, question: str, answer: str, table: Table
) -> WizardRun:
    """Keep one answer; a changed one replaces the old. Raises Invalid for no answer, NotAllowed when finished."""
    begin_write(session)
    run = session.get(WizardRun, run_id, with_for_update={"of": WizardRun})
    if run is None or run.student_id != student_id:
        raise NotFound(run=run_id)
    if run.finished_at is not None or run.left_at is not None:
        raise NotAllowed(run="finished")
    if question not in table.inputs or question in run.given:
        raise Outdated(question=question)
    if answer not in table.inputs[question]:
        raise Invalid({question: "answer_needed"})
    run.answers = {**run.answers, question: answer}
    session.commit()
    return run


def finish_wizard(
    session: Session,
    *,
    student_id: int,
    run_id: int,
    table: Table,
    college: str,
    actor: Actor,
    now: datetime,
    case_id: int | None = None,
) -> tuple[WizardRun, Outcome]:
    """The run ends in its one outcome; a date to look again becomes a reminder. Doing it twice is harmless.

    case_id: the errata case that was opened for a form. Raises NotAnswered while a question is open.
    """
    begin_write(session)
    student = session.get_one(Student, student_id, with_for_update={"of": Student})
    run = own_run(session, student_id=student_id, run_id=run_id)
    facts = known_facts(session, student, table=table, college=college, now=now)
    outcome = decide(run.answers, facts, table)
    if run.finished_at is not None:
        session.rollback()
        return run, outcome
    if run.left_at is not None:
        raise NotAllowed(run="left")
    _leave_runs(session, student_id, now, but=run.id)
    drop_reminders(session, student_id, now, of_runs=True)
    run.finished_at, run.outcome, run.case_id = now, outcome.row.id, case_id
    _keep_what_was_seen(session, student, run, outcome, table=table, actor=actor, now=now)
    _look_again(session, run, outcome.look_again_on, table=table, now=now)
    known = {"outcome": outcome.row.id, "case": case_id}
    happened(session, Fact("proofreading.way_found", run.id, owner_id=student_id, facts=known), actor=actor, now=now)
    session.commit()
    return run, outcome


SEEN = {"photo": True, "wrong_button": True, "no_button": True, "no_photo": False}


def _keep_what_was_seen(
    session: Session, student: Student, run: WizardRun, outcome: Outcome, *, table: Table, actor: Actor, now: datetime
) -> None:
    """What the student saw at 学信网 is their own word; all right is a conclusion, also without a photo here."""
    seen = run.answers.get("sees")
    if "sees" not in run.given and seen in SEEN:
        record_evidence(
            session,
            student_id=student.id,
            stage=Stage.LINKED,
            witness=Witness.STUDENT,
            holds=SEEN[seen],
            since=now,
            source="",
            actor=actor,
            now=now,
        )
    if outcome.row.id == "right" and standing_conclusion(session, student) is None:
        photo = linked_photo_of(session, student.id)
        _add_conclusion(
            session, student, photo, None, photo_right=True, data_right=True, table=table, actor=actor, now=now
        )


def set_look_again(
    session: Session, *, student_id: int, run_id: int, day: date, table: Table, actor: Actor, now: datetime
) -> WizardRun:
    """The student names the day to look again, e.g. the one that the capture unit told. Raises Invalid."""
    today = day_of(now)
    if not today < day <= today + MAX_WAIT:
        raise Invalid({"day": "day_wrong"})
    begin_write(session)
    run = session.get(WizardRun, run_id, with_for_update={"of": WizardRun})
    if run is None or run.student_id != student_id:
        raise NotFound(run=run_id)
    if run.finished_at is None or run.left_at is not None:
        raise NotAllowed(run="not standing")
    drop_reminders(session, student_id, now, of_runs=True)
    _look_again(session, run, day, table=table, now=now)
    record_fact(session, Fact("proofreading.day_chosen", run.id, owner_id=student_id), actor=actor, now=now)
    session.commit()
    return run


def _look_again(session: Session, run: WizardRun, day: date | None, *, table: Table, now: datetime) -> None:
    run.look_again_on = day
    if day is not None and day > day_of(now):
        remind_on(session, run.student_id, run.id, day, table=table, now=now)


def _leave_runs(session: Session, student_id: int, now: datetime, *, but: int | None = None) -> None:
    query = select(WizardRun).where(WizardRun.student_id == student_id, WizardRun.left_at.is_(None))
    for run in session.scalars(query):
        if run.id != but:
            run.left_at = now


def _check_day(as_of: date, now: datetime) -> None:
    if not date(2001, 1, 1) <= as_of <= day_of(now):
        raise Invalid({"as_of": "as_of_wrong"})
