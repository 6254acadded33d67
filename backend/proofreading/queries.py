"""Proofreading for screens: what is linked, what was said, where the student stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.centres.rules import Scope
from backend.days import ZONE, day_of
from backend.enrollment.queries import in_scope, is_meant, status_changes_of, student_in_scope
from backend.enrollment.records import Cohort, Correction, Student
from backend.enrollment.rules import CorrectionState
from backend.enrollment.study_time import over_from
from backend.errata.records import ErratumCase
from backend.errata.rules import WAITS_FOR, Party
from backend.errata.rules import State as CaseState
from backend.errors import NotFound
from backend.proofreading.records import (
    ChsiRecord,
    Conclusion,
    ConclusionDeletion,
    LinkedPhoto,
    Reminder,
    StageEvidence,
    WizardRun,
)
from backend.proofreading.rules import (
    AtChsi,
    Facts,
    Form,
    ImageKind,
    ProofFacts,
    ProofStep,
    Row,
    Table,
    has_graduated,
    pauses_of,
    proof_step,
)
from backend.proofreading.stages import Evidence, Stage, Witness, newest_words, standing

PASSED = ("通过", "审核通过", "已通过")  # words of 原始学历审核状态 for a record that can be registered


def linked_photo_of(session: Session, student_id: int) -> LinkedPhoto | None:
    """The newest linked photo of the registration."""
    return _Loaded(session, [student_id]).photo(student_id)


def linked_photos_of(session: Session, student_id: int) -> Sequence[LinkedPhoto]:
    """All linked photos, newest first."""
    return session.scalars(
        select(LinkedPhoto)
        .where(LinkedPhoto.student_id == student_id)
        .order_by(LinkedPhoto.as_of.desc(), LinkedPhoto.id.desc())
    ).all()


def linked_photo_in_scope(session: Session, *, scope: Scope, student_id: int, linked_id: int) -> LinkedPhoto:
    """A linked photo of a student of the reader's centres. Raises NotFound for any other."""
    student_in_scope(session, scope=scope, student_id=student_id)
    return own_linked_photo(session, student_id=student_id, linked_id=linked_id)


def own_linked_photo(session: Session, *, student_id: int, linked_id: int) -> LinkedPhoto:
    found = session.get(LinkedPhoto, linked_id)
    if found is None or found.student_id != student_id:
        raise NotFound(linked=linked_id)
    return found


def chsi_records_of(session: Session, student_id: int) -> Sequence[ChsiRecord]:
    """What the college's downloads said, newest first."""
    return session.scalars(
        select(ChsiRecord)
        .where(ChsiRecord.student_id == student_id)
        .order_by(ChsiRecord.as_of.desc(), ChsiRecord.id.desc())
    ).all()


def conclusions_of(session: Session, student_id: int) -> Sequence[Conclusion]:
    """Every answer, newest first."""
    return session.scalars(
        select(Conclusion).where(Conclusion.student_id == student_id).order_by(Conclusion.id.desc())
    ).all()


def standing_conclusion(session: Session, student: Student) -> Conclusion | None:
    """The newest answer, while what it speaks of is still there.

    A newer linked photo, newer registered data after an answer that data were wrong, or a deletion by the college
    end it: the student concludes anew.
    """
    return _Loaded(session, [student.id]).conclusion(student)


def open_run(session: Session, student_id: int) -> WizardRun | None:
    """The run that waits for an answer."""
    return session.scalars(
        select(WizardRun).where(
            WizardRun.student_id == student_id, WizardRun.finished_at.is_(None), WizardRun.left_at.is_(None)
        )
    ).first()


def standing_run(session: Session, student_id: int) -> WizardRun | None:
    """The finished run whose outcome stands."""
    return _Loaded(session, [student_id]).run(student_id)


def own_run(session: Session, *, student_id: int, run_id: int) -> WizardRun:
    found = session.get(WizardRun, run_id)
    if found is None or found.student_id != student_id:
        raise NotFound(run=run_id)
    return found


def runs_of(session: Session, student_id: int) -> Sequence[WizardRun]:
    return session.scalars(
        select(WizardRun)
        .where(WizardRun.student_id == student_id, WizardRun.finished_at.is_not(None))
        .order_by(WizardRun.id.desc())
    ).all()


def reminders_of(session: Session, student_id: int) -> Sequence[Reminder]:
    """Reminders that are still to come, the next one first."""
    return session.scalars(
        select(Reminder)
        .where(Reminder.student_id == student_id, Reminder.told_at.is_(None), Reminder.dropped_at.is_(None))
        .order_by(Reminder.due_at)
    ).all()


def await_last_day(session: Session, *, cohort_id: int, after: int, limit: int) -> tuple[Sequence[Student], set[int]]:
    """The next students of a cohort with a linked photo, locked, and which of them have not proofread it at 学信网 yet.

    after: the id of the last student of the part before, 0 for the first part.
    """
    linked = select(LinkedPhoto.student_id).where(LinkedPhoto.kind == ImageKind.REGISTRATION)
    query = select(Student).where(Student.cohort_id == cohort_id, Student.id > after, Student.id.in_(linked))
    students = session.scalars(query.order_by(Student.id).limit(limit).with_for_update(of=Student)).all()
    loaded = _Loaded(session, [student.id for student in students])
    waiting = set()
    for student in students:
        word = standing(word for word in loaded.words(student.id) if word.stage is Stage.PROOFREAD)
        if word is None or not word.holds:
            waiting.add(student.id)
    return students, waiting


def study_passed_on(session: Session, student: Student, *, table: Table) -> date | None:
    """The first day with more than the limit of study time (2.5 years); None while a pause goes on before it."""
    changes = [
        (change.kind, change.first_day, change.last_day, change.counts)
        for change in status_changes_of(session, [student.id])
    ]
    return over_from(student.entry_date, pauses_of(changes, table), months=table.study_months)


def known_facts(session: Session, student: Student, *, table: Table, college: str, now: datetime) -> Facts:
    """What the wizard need not ask. college: the college's name, for the universities that do not ask for it."""
    today = day_of(now)
    words = evidence_of(session, student.id)
    handed_over = standing(word for word in words if word.stage is Stage.HAND_OVER)
    clicked = own_word(words)
    return Facts(
        today=today,
        now=now,
        exempt=college in table.exempt,
        graduated=has_graduated(student.status, student.graduated_on, table=table, today=today),
        over_from=study_passed_on(session, student, table=table),
        pressed_at=clicked.since if clicked is not None and clicked.holds else None,
        captured=True if handed_over is not None and handed_over.holds else None,
    )


def evidence_of(session: Session, student_id: int) -> list[Evidence]:
    """Everybody's newest word on the later stages, the strongest witness first."""
    return _Loaded(session, [student_id]).words(student_id)


def own_word(words: Sequence[Evidence]) -> Evidence | None:
    """The student's own word on the click at 学信网."""
    mine = (word for word in words if word.stage is Stage.PROOFREAD and word.witness is Witness.STUDENT)
    return next(mine, None)


def _told_by(record: ChsiRecord) -> list[Evidence]:
    """What one line of a download says about the stages."""
    since, witness, words = _midnight(record.as_of), Witness(record.witness), []
    if record.has_photo is not None:
        words.append(Evidence(Stage.LINKED, witness, record.has_photo, since, record.source))
    if record.proofreading:
        right = record.proofreading == AtChsi.RIGHT
        words.append(Evidence(Stage.PROOFREAD, witness, right, since, record.source))
    if record.review:
        words.append(Evidence(Stage.REGISTRABLE, witness, record.review in PASSED, since, record.source))
    return words


def _midnight(day: date) -> datetime:
    """The beginning of the day in China: a list of that day says less about its hours."""
    return datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)


class Hands(StrEnum):
    """With whom a form lies."""

    STUDENT = "student"
    OTHERS = "others"
    NOBODY = "nobody"  # it is over: confirmed, withdrawn or closed


@dataclass(frozen=True)
class Proofreading:
    """Everything about one student's proofreading that pages show."""

    step: ProofStep
    photo: LinkedPhoto | None
    conclusion: Conclusion | None
    clicked: Evidence | None  # the student's own word
    run: WizardRun | None  # the outcome that stands
    evidence: Sequence[Evidence]


class _Loaded:
    """The rows of some students, fetched with one question for each table."""

    def __init__(self, session: Session, student_ids: Sequence[int]) -> None:
        self._photos = _by_student(session, LinkedPhoto, student_ids)
        self._lines = _by_student(session, ChsiRecord, student_ids)
        self._evidence = _by_student(session, StageEvidence, student_ids)
        self._conclusions = _by_student(session, Conclusion, student_ids)
        self._deletions = _by_student(session, ConclusionDeletion, student_ids)
        self._runs = _by_student(session, WizardRun, student_ids)
        case_ids = {run.case_id for runs in self._runs.values() for run in runs if run.case_id is not None}
        self._cases = {case.id: case for case in _cases(session, sorted(case_ids))}
        self._reports = _by_student(session, Correction, student_ids)

    def photo(self, student_id: int) -> LinkedPhoto | None:
        """The newest linked photo of the registration."""
        photos = [photo for photo in self._photos[student_id] if photo.kind == ImageKind.REGISTRATION]
        return max(photos, key=lambda photo: (photo.as_of, photo.id), default=None)

    def words(self, student_id: int) -> list[Evidence]:
        words = [
            Evidence(Stage(row.stage), Witness(row.witness), row.holds, row.since, row.source)
            for row in self._evidence[student_id]
        ]
        for line in self._lines[student_id]:
            words += _told_by(line)
        photo = self.photo(student_id)
        if photo is not None:
            since = _midnight(photo.as_of)
            words.append(Evidence(Stage.LINKED, Witness(photo.witness), True, since, photo.source))
        return newest_words(words)

    def conclusion(self, student: Student) -> Conclusion | None:
        newest = next(reversed(self._conclusions[student.id]), None)
        ended = max((deletion.round for deletion in self._deletions[student.id]), default=0)
        if newest is None or newest.round <= ended:
            return None
        photo = self.photo(student.id)
        if photo is not None and photo.id != newest.linked_photo_id:
            return None
        return None if not newest.data_right and newest.data_version != student.data_version else newest

    def hands(self, run: WizardRun, row: Row) -> Hands:
        """With whom the form of an outcome lies."""
        if row.form is Form.DATA:
            began = run.finished_at or run.started_at
            since = [report for report in self._reports[run.student_id] if report.submitted_at >= began]
            state = since[-1].state if since else None
            if state is None:
                return Hands.STUDENT
            return Hands.OTHERS if state in (CorrectionState.SUBMITTED, CorrectionState.ACCEPTED) else Hands.NOBODY
        case = self._cases.get(run.case_id or 0)
        waits_for = WAITS_FOR[CaseState(case.state)] if case is not None else None
        if waits_for is None:
            return Hands.NOBODY
        return Hands.STUDENT if waits_for is Party.STUDENT else Hands.OTHERS

    def run(self, student_id: int) -> WizardRun | None:
        standing_runs = (run for run in self._runs[student_id] if run.finished_at and not run.left_at)
        return next(reversed(list(standing_runs)), None)


def proofreadings_of(
    session: Session, students: Sequence[Student], *, table: Table, college: str, now: datetime
) -> dict[int, Proofreading]:
    """Student id -> where the student stands, for many at a time."""
    loaded, today = _Loaded(session, [student.id for student in students]), day_of(now)
    return {student.id: _standing(loaded, student, table=table, college=college, today=today) for student in students}


def proofreading_of(session: Session, student: Student, *, table: Table, college: str, now: datetime) -> Proofreading:
    return proofreadings_of(session, [student], table=table, college=college, now=now)[student.id]


def _standing(loaded: _Loaded, student: Student, *, table: Table, college: str, today: date) -> Proofreading:
    words, photo, conclusion = loaded.words(student.id), loaded.photo(student.id), loaded.conclusion(student)
    run = loaded.run(student.id)
    row = table.row(run.outcome) if run is not None and run.outcome is not None else None
    graduated = has_graduated(student.status, student.graduated_on, table=table, today=today)
    hands = loaded.hands(run, row) if run is not None and row is not None and row.form is not None else None
    holds = {stage: word.holds for stage in Stage if (word := standing(w for w in words if w.stage is stage))}
    facts = ProofFacts(
        linked=holds.get(Stage.LINKED),
        seen=photo is not None,
        expected=holds.get(Stage.HAND_OVER, False) or graduated is True,
        not_asked=college in table.exempt or (row is not None and row.id == "graduate_linked"),
        all_right=conclusion.all_right if conclusion else None,
        clicked=holds.get(Stage.PROOFREAD),
        kind=row.kind if row else None,
        settled=run is not None and (hands is Hands.NOBODY if hands else is_settled(run, today=today)),
        mine=hands is Hands.STUDENT,
    )
    return Proofreading(proof_step(facts), photo, conclusion, own_word(words), run, words)


def is_settled(run: WizardRun, *, today: date) -> bool:
    """Has the day come on which the student looks again?"""
    return run.look_again_on is not None and run.look_again_on <= today


def students_proofreading(
    session: Session, *, scope: Scope, centre_id: int | None = None, text: str = "", limit: int = 2000
) -> Sequence[Student]:
    """Students of the scope about whom 学信网 has said something, the earliest deadline first."""
    where = in_scope(scope, centre_id)
    told = select(LinkedPhoto.student_id).union(select(ChsiRecord.student_id), select(WizardRun.student_id))
    return session.scalars(
        select(Student)
        .join(Cohort, Cohort.id == Student.cohort_id, isouter=True)
        .where(Student.id.in_(told), *where, *is_meant(session, text, where))
        .order_by(Cohort.proofread_by.is_(None), Cohort.proofread_by, Student.student_number)
        .limit(limit)
    ).all()


Kept = TypeVar("Kept", LinkedPhoto, ChsiRecord, StageEvidence, Conclusion, ConclusionDeletion, WizardRun, Correction)
AT_A_TIME = 500  # students asked for in one statement: databases take a bounded number of values


def _by_student(session: Session, table: type[Kept], student_ids: Sequence[int]) -> dict[int, list[Kept]]:
    """Student id -> rows in the order in which they were added."""
    found: dict[int, list[Kept]] = {student_id: [] for student_id in student_ids}
    for start in range(0, len(student_ids), AT_A_TIME):
        some = student_ids[start : start + AT_A_TIME]
        for row in session.scalars(select(table).where(table.student_id.in_(some)).order_by(table.id)):
            found[row.student_id].append(row)
    return found


def _cases(session: Session, case_ids: Sequence[int]) -> Iterator[ErratumCase]:
    for start in range(0, len(case_ids), AT_A_TIME):
        some = case_ids[start : start + AT_A_TIME]
        yield from session.scalars(select(ErratumCase).where(ErratumCase.id.in_(some)))


def files_in_use(session: Session) -> set[str]:
    """Names of all files that linked photos refer to."""
    return set(session.scalars(select(LinkedPhoto.file_name)))
